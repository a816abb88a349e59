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
    report["error"]["psnr"], report["error"]["ciede2000"]["mean"] = 38.25, 0.5
    text = " ".join(lines_of(report))
    assert "PSNR 38.25 dB: hard to tell apart" in text
    assert "color difference (CIEDE2000) 0.50: not visible" in text


def test_full_report_tells_the_standard_measures():
    text = " ".join(lines_of(report_of(make_photo(), 4, "full")))
    assert "SSIM 0." in text
    assert "worst at" in text


def test_names_stand_beside_their_codes_and_never_in_their_place():
    report = report_of(make_photo(), 4)
    report["palette"][0]["name"] = "DMC 365\x1b"
    report["palette"][1]["name"] = "a name of more letters than there is any room for"
    for columns in (40, 80, 200):
        lines = lines_of(report, columns)
        assert any(f"{report['palette'][0]['hex']} DMC 365\\x1b " in line for line in lines)
        assert any(f"{report['palette'][1]['hex']} a name of more le..." in line for line in lines)
        assert all(len(line) <= columns for line in lines)


def lost(*colors):
    report = report_of(make_photo(), 2)
    keys = ("hex", "became", "ciede2000", "share")
    report["error"]["lost"]["colors"] = [dict(zip(keys, color, strict=True)) for color in colors]
    return list(summarize_report(report))


def test_lost_colors_are_shown_with_what_they_became_and_how_to_keep_them():
    *_, title, line, first, last = lost(("#53338c", "#55454c", 24.1, 0.007))
    assert "".join(span.text for span in title) == "  colors that became others:"
    assert [span.text.strip() for span in line[1:]] == ["#53338c", "became", "#55454c", "0.7%"]
    assert (line[1].color, line[3].color) == ((0x53, 0x33, 0x8C), (0x55, 0x45, 0x4C))
    assert first[0].text == "  to keep the first: --keep '#53338c'; some of them: --accents 0.5"
    assert last[0].text == "  more hues: --space oklab"


def test_lost_color_is_kept_in_a_given_palette_by_writing_it_there():
    report = report_of(make_photo(), 2)
    report["settings"]["palette"] = "nord"
    report["error"]["lost"]["colors"] = [{"hex": "#53338c", "became": "#55454c", "ciede2000": 24.1, "share": 0.007}]
    assert lines_of(report)[-1] == "  to keep the first: write #53338c into the palette"


@pytest.mark.parametrize(
    ("had", "ways"),
    [
        ({"accents": 0.5}, "to keep the first: --keep '#53338c'; more hues: --space oklab"),
        ({"space": "lab"}, "to keep the first: --keep '#53338c'; some of them: --accents 0.5"),
        ({"candidates": "dmc"}, "to keep the first: --keep '#53338c'"),
    ],
)
def test_only_ways_that_the_run_has_not_had_and_could_have_are_named(had, ways):
    report = report_of(make_photo(), 2)
    report["settings"] |= had
    report["error"]["lost"]["colors"] = [{"hex": "#53338c", "became": "#55454c", "ciede2000": 24.1, "share": 0.007}]
    assert lines_of(report)[-1] == f"  {ways}"


def test_color_that_is_not_opaque_cannot_be_kept_by_its_code():
    report = report_of(make_photo(), 2)
    report["settings"] |= {"candidates": "dmc"}
    report["error"]["lost"]["colors"] = [{"hex": "#53338c80", "became": "#55454c", "ciede2000": 24.1, "share": 0.007}]
    assert "#53338c80" in lines_of(report)[-1]


def test_dithered_picture_is_judged_after_the_blur_too():
    report = report_of(make_photo(), 4)
    spread = {"mean": 0.6, "p95": 1.0, "max": 2.0}
    report["error"]["blurred"] = {"psnr": 37.4, "ciede2000": spread}
    text = " ".join(lines_of(report, 100))
    assert "PSNR after the eye's blur 37.40 dB: hard to tell apart" in text
    assert "color difference after the eye's blur 0.60: not visible" in text


@pytest.mark.parametrize(("columns", "n_lines", "per_line"), [(40, 8, 2), (80, 4, 4), (130, 2, 8), (200, 2, 8)])
def test_sixteen_colors_fill_their_lines_with_a_space_between(columns, n_lines, per_line):
    lines = [line for line in summarize_report(report_of(make_photo()), columns) if line[1:] and "%" in line[1].text]
    assert len(lines) == n_lines
    for line in lines:
        assert [bool(span.color) for span in line[1:]] == [True, False] * (per_line - 1) + [True]


def test_colors_that_are_not_shown_are_said_to_be_where_they_are():
    report = report_of(make_photo(), 64)
    for outputs, where in (
        (["picture"], "more"),
        (["swatch"], "more, all of them in the swatch"),
        (["shared-swatch", "report"], "more, all of them in the swatch and the report"),
    ):
        report["outputs"] = dict.fromkeys(outputs, "x")
        [line] = [line for line in lines_of(report, 80) if line.startswith("  and ")]
        assert line.endswith(where)


def test_colors_that_no_pixel_has_are_counted_and_not_shown():
    report = report_of(make_photo(), 4)
    report["palette"] += [{**report["palette"][0], "hex": "#123456", "count": 0, "share": 0.0}] * 100
    text = "\n".join(lines_of(report))
    assert "+100 unused" in text
    assert "#123456" not in text


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        (("delta-e", 2, 1.98, True), "color difference (CIEDE2000) 1.98, 2.00 wanted: visible to a trained eye"),
        (("psnr", 60, 41.24, False), "PSNR 41.24 dB is the nearest to 60.00 dB: hard to tell apart"),
        (("ssim", 0.95, 0.9512, True), "SSIM 0.9512, 0.9500 wanted"),
        (("size", 40_000, 39_200, True), "size 39.2 kB, 40.0 kB wanted"),
        (("psnr", 34, None, True), "PSNR without error, 34.00 dB wanted"),
    ],
)
def test_target_is_told_once_as_reached_and_wanted(search, sentence):
    report = report_of(make_photo(), 4)
    report["error"]["psnr"] = search[1] if search[0] == "psnr" else 20.0
    if search[2] is None:
        report["error"]["psnr"] = None
    report["search"] = {**dict(zip(("measure", "target", "value", "reached"), search, strict=True)), "curve": []}
    text = " ".join(lines_of(report, 100))
    assert sentence in text
    assert text.count("PSNR") == 1
    assert text.count("CIEDE2000") == 1


def test_file_of_nearly_the_same_size_is_as_large_as_the_input():
    assert "as large as the input" in "\n".join(lines_of(report_of(make_photo(), n_before=900)))


def test_opaque_color_of_a_transparent_picture_has_six_digits():
    image = np.zeros((4, 4, 4), np.uint8)
    image[0], image[1] = (0xE4, 0, 0x2B, 255), (0xE4, 0, 0x2B, 128)
    text = "\n".join(lines_of(report_of(image)))
    assert " #e4002b   " in text
    assert " #e4002b80 " in text


def test_transparent_entry_is_called_clear_and_has_no_color():
    image = np.zeros((4, 4, 4), np.uint8)
    image[0] = (255, 0, 0, 255)
    spans = [span for line in summarize_report(report_of(image)) for span in line]
    [clear] = [span for span in spans if "clear" in span.text]
    assert clear.color is None


def test_picture_that_came_back_unchanged_is_told_so():
    assert "unchanged: it has only 2 colors" in " ".join(lines_of(report_of(make_flat([(1, 2, 3), (4, 5, 6)]))))
