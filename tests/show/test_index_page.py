"""The index of a batch as text."""

import io
import re

import numpy as np
from PIL import Image

from quantize.show.index_page import Card, draw_thumbnail, make_card, write_index
from tests.conftest import make_photo
from tests.show.test_page import Outline, convert, report_of


def card(name, difference, page="a.html", **more):
    return Card(name, page, b"", f"difference {difference}", difference, **more)


def test_worst_pictures_come_first_and_failures_last_with_their_remark():
    cards = [card("good", 0.5), Card("broken", remark="not a readable image"), card("bad", 4.0)]
    page = write_index(cards)
    assert re.findall(r"<li>(?:<a [^>]*>)?(\w+)", page) == ["bad", "good", "broken"]
    assert "2 pictures, those that came out worst first. Of 3, 1 failed or were skipped." in page
    assert "<p>not a readable image</p>" in page


def test_three_hundred_pictures_stay_under_two_megabytes():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    thumbnail = draw_thumbnail(Image.fromarray(noise))
    assert max(Image.open(io.BytesIO(thumbnail)).size) == 128
    cards = [card("x" * 60, 1.0)._replace(thumbnail=thumbnail) for _ in range(300)]
    assert len(write_index(cards).encode()) < 2_000_000


def test_hostile_names_stay_text_and_their_links_lead_to_them():
    name = '"><script>alert(1)</script>.html'
    outline = Outline(write_index([card(name, 1.0, page=name), Card("b", remark=name)]))
    assert "script" not in outline.elements
    assert any(name in text for text in outline.texts)
    assert outline.links == ["%22%3E%3Cscript%3Ealert%281%29%3C/script%3E.html"]


def test_card_says_colors_bytes_and_difference_in_words():
    report, data = report_of(convert(make_photo(64, 48)))
    made = make_card("a.png", "a-k8.html", report, b"")
    assert made.facts.startswith(f"8 colors; {len(data)} bytes, ")
    assert made.difference == report["error"]["ciede2000"]["mean"]


def test_name_that_is_no_text_is_spelled_out_and_linked_by_its_bytes(quantize, tmp_path):
    for name in ("a\udcff.png", "b\x1b.png"):
        make_photo().save(tmp_path / name)
    assert quantize("a\udcff.png", "b\x1b.png", "--page", "-q").code == 0
    index = (tmp_path / "index.html").read_text("utf-8")
    assert 'href="a%FF-k16.html"' in index
    assert "a\\udcff.png" in index
    page = (tmp_path / "b\x1b-k16.html").read_text("utf-8")
    assert "\x1b" not in index + page
