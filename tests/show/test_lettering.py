import numpy as np
import pytest

from quantize.show import lettering
from quantize.show.lettering import Lettering, spell_plainly


def write(text, size=13):
    canvas = np.zeros((30, 200), np.uint8)
    Lettering(size, [text]).write(canvas, 10, 5, text)
    return canvas


@pytest.mark.parametrize("size", [11, 13])
def test_every_printable_character_leaves_ink_within_its_own_width_and_line(size):
    characters = "".join(map(chr, range(33, 127)))
    font = Lettering(size, [characters])
    for character in characters:
        canvas = write(character, size)
        assert canvas.max() > 100, character
        rows, columns = np.nonzero(canvas)
        assert 10 <= columns.min() <= columns.max() < 10 + font.measure(character), character
        assert 5 <= rows.min() <= rows.max() < 5 + font.height, character


def test_text_is_as_wide_as_it_is_measured():
    canvas = write("#b48ead")
    width = Lettering(13, ["#b48ead"]).measure("#b48ead")
    assert 0 < np.nonzero(canvas)[1].max() - 10 < width <= 60


def test_text_that_is_too_wide_is_cut_and_says_so():
    font = Lettering(13, ["Light goldenrod yellow"])
    assert font.shorten("Light goldenrod yellow", 300) == "Light goldenrod yellow"
    cut = font.shorten("Light goldenrod yellow", 90)
    assert cut.startswith("Light gold")
    assert cut.endswith("...")
    assert font.measure(cut) <= 90


def test_characters_are_drawn_once(monkeypatch):
    write("#123abc")

    def refuse(size):
        raise AssertionError("the font was asked again")

    monkeypatch.setattr(lettering, "_load_font", refuse)
    write("#cab321")


def test_names_are_spelled_in_letters_that_the_font_has():
    assert [spell_plainly(name) for name in ("Türkis", "Rosé\n", "東京")] == ["Turkis", "Rose", ""]
