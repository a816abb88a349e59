"""The summary of one picture: one screen, at 80 and at 40 columns."""

from pathlib import Path

import numpy as np
import pytest

from quantize import Settings, load_picture, quantize_picture
from quantize.color.measure.metrics import LEVELS
from quantize.records.job import Job, Outputs
from quantize.records.picture import Source
from quantize.records.quantized import Encoded
from quantize.show.reporting import build_report
from quantize.show.summary import summarize_report
from tests.conftest import make_flat, make_photo


def report_of(image, k=16, level="basic", n_before=4000, parts=(48, 800, 69)):
    picture = load_picture(np.asarray(image))
    object.__setattr__(picture, "source", Source("photo.png", "PNG", n_before))
    quantized = quantize_picture(picture, Settings(n_colors=k))
    named = dict(zip(("palette", "labels", "container"), parts, strict=True))
    encoded = Encoded(b"", "png", "zlib level 6", named)
    job = Job("photo.png", Outputs(Path("x.png")), report=level)
    return build_report(quantized, encoded, LEVELS[level](quantized), job, {"find": 1.0, "total": 7000.0})


def lines_of(report, columns=80):
    return ["".join(span.text for span in line) for line in summarize_report(report, columns)]


@pytest.mark.parametrize("level", ["none", "basic", "full"])
@pytest.mark.parametrize("k", [1, 16, 256])
def test_summary_is_one_screen_and_no_wider_than_the_terminal(level, k):
    report = report_of(make_photo(), k, level)
    for columns in (40, 80, 200):
        lines = lines_of(report, columns)
        assert len(lines) <= 24
        assert all(len(line) <= columns for line in lines)


def test_palette_of_the_default_is_shown_whole_even_at_40_columns():
    text = "\n".join(lines_of(report_of(make_photo()), 40))
    assert all(entry["hex"] in text for entry in report_of(make_photo())["palette"])


def test_palette_blocks_have_their_color_behind_hex_and_share():
    [line, *_] = summarize_report(report_of(make_flat([(255, 0, 0)])))
    assert [(span.text.split(), span.color) for span in line[1:]] == [(["#ff0000", "100.0%"], (255, 0, 0))]


def test_bytes_are_bars_of_one_scale():
    before, after = [line for line in lines_of(report_of(make_photo(), n_before=9170)) if "#" * 5 in line]
    assert before.split()[0] == "before"
    assert before.count("#") == 60
    assert after.count("#") == 6
    assert "10.0 times smaller" in "\n".join(lines_of(report_of(make_photo(), n_before=9170)))


def test_file_that_grew_has_the_longer_bar_and_says_so():
    lines = lines_of(report_of(make_photo(), n_before=100))
    before, after = [line for line in lines if line.strip().startswith(("before", "after"))]
    assert before.count("#") < after.count("#")
    assert any("9.2 times LARGER than the input" in line for line in lines)


def test_losses_are_told_in_words_with_their_figures():
    report = report_of(make_photo(), 4)
    report["error"]["psnr"], report["error"]["oklab"]["mean"] = 38.25, 0.5
    text = " ".join(lines_of(report))
    assert "PSNR 38.2 dB: hard to tell apart" in text
    assert "color difference 0.5: not visible" in text


def test_full_report_tells_the_standard_measures():
    text = " ".join(lines_of(report_of(make_photo(), 4, "full")))
    assert "color difference (CIEDE2000)" in text
    assert "SSIM 0." in text
    assert "worst at" in text


def test_lost_colors_are_shown_with_what_they_became():
    report = report_of(make_photo(), 2)
    lost = [line for line in summarize_report(report) if len(line) == 5 and line[2].text == " became "]
    first = report["error"]["lost"]["colors"][0]
    assert len(lost) == 3
    assert (lost[0][1].text.strip(), lost[0][3].text.strip()) == (first["hex"], first["became"])
    assert all(span.color for span in (lost[0][1], lost[0][3]))


def test_transparent_entry_is_called_clear_and_has_no_color():
    image = np.zeros((4, 4, 4), np.uint8)
    image[0] = (255, 0, 0, 255)
    spans = [span for line in summarize_report(report_of(image)) for span in line]
    [clear] = [span for span in spans if "clear" in span.text]
    assert clear.color is None


def test_picture_that_came_back_unchanged_is_told_so():
    assert "unchanged: it has only 2 colors" in " ".join(lines_of(report_of(make_flat([(1, 2, 3), (4, 5, 6)]))))
