import pytest

from quantize import Settings, Target, UsageError


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"dither": "fs"}, "dither='fs': there is none; there are none, floyd-steinberg, "),
        ({"space": "hsv"}, "space='hsv': there is none; there are rgb, linear, oklab, lab"),
        ({"format": "jpg"}, "format='jpg': there is none; there are png, gif, webp"),
        ({"n_colors": 0}, "n_colors=0: should be from 1 to 4096"),
        ({"keep": ("red", "nocolor")}, "'nocolor' is not a color; write it as '#e4002b', (228, 0, 43) or 'tomato'"),
        ({"keep": ("#ff000080",)}, "'#ff000080': is not opaque, as it should be here; leave its alpha out"),
        ({"target": "psnr=34"}, "target='psnr=34': should be like Target('psnr', 34)"),
    ],
)
def test_mistakes_get_a_sentence(values, sentence):
    with pytest.raises(UsageError) as caught:
        Settings(**values)
    assert str(caught.value).startswith(sentence)


def test_kept_colors_are_read_as_people_write_them():
    assert Settings(keep=("#e4002b", "tomato", (1, 2, 3))).keep == ((228, 0, 43), (255, 99, 71), (1, 2, 3))
    assert Settings(keep="#e4002b").keep == ((228, 0, 43),)


def test_only_what_was_changed_is_shown():
    assert repr(Settings()) == "Settings()"
    settings = Settings(n_colors=8, target=Target("psnr", 34.0))
    assert repr(settings) == "Settings(n_colors=8, target=Target(measure='psnr', value=34.0))"


@pytest.mark.parametrize("color", ["white", "#fff", "#ffffff", "rgb(255, 255, 255)"])
def test_background_is_any_opaque_color(color: str) -> None:
    assert Settings(background=color).background == "#ffffff"


def test_background_that_is_no_color_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="'whitish' is not a color"):
        Settings(background="whitish")
