import json
from importlib.resources import files

import jsonschema
import pytest

from quantize.show.swatch import format_share
from tests.conftest import make_flat, make_photo

SCHEMA = json.loads((files("quantize") / "data/report.schema.json").read_text(encoding="utf-8"))


def report_of(quantize, image, *arguments):
    image.save("in.png")
    run = quantize("in.png", "--json", "-q", *arguments)
    assert run.code == 0
    report = json.loads(run.out)
    jsonschema.validate(report, SCHEMA)
    return report


@pytest.mark.parametrize("k", ["1", "2", "16", "256", "300"])
def test_every_report_is_valid(quantize, k):
    report_of(quantize, make_photo(), "-k", k)


def test_figures_of_a_hand_made_picture(quantize):
    # Two blacks of 0 and 2, two whites of 253 and 255: centers 1 and 254, every channel off by one.
    report = report_of(quantize, make_flat([(0, 0, 0), (2, 2, 2), (253, 253, 253), (255, 255, 255)]), "-k", "2")
    assert [entry["hex"] for entry in report["palette"]] == ["#010101", "#fefefe"]
    assert report["error"]["mse"] == 3
    assert report["error"]["psnr"] == pytest.approx(48.1308, abs=1e-4)  # 20 log10(255)
    assert report["engine"]["inertia"] == pytest.approx(64 * 3 / 255**2)
    assert report["factors"]["colors"]["factor"] == 2
    assert report["factors"]["bits"] == {
        "of": "bits per pixel, uncompressed true color over uncompressed labels",
        "before": 24,
        "after": 1,
        "factor": 24,
    }


def test_palette_is_told_by_share_with_its_rows_in_the_file(quantize):
    report = report_of(quantize, make_flat([(255, 255, 255), (0, 0, 0), (255, 255, 255), (255, 255, 255)]))
    rows = [(entry["hex"], entry["index"], entry["count"], entry["share"]) for entry in report["palette"]]
    assert rows == [("#ffffff", 1, 48, 0.75), ("#000000", 0, 16, 0.25)]


def test_bytes_are_those_on_disk(quantize, tmp_path):
    report = report_of(quantize, make_photo())
    assert report["size"]["bytes_before"] == (tmp_path / "in.png").stat().st_size
    assert report["size"]["bytes_after"] == (tmp_path / "in-k16.png").stat().st_size
    assert report["size"]["file_bits_per_pixel"] == report["size"]["bytes_after"] * 8 / (48 * 32)
    assert report["outputs"] == {"picture": "in-k16.png", "swatch": "in-k16-swatch.png", "report": "in-k16-report.json"}


def test_settings_tell_how_to_repeat_it(quantize):
    settings = report_of(quantize, make_photo(), "-k", "5", "--seed", "3", "--max-iter", "1")["settings"]
    assert (settings["n_colors"], settings["seed"], settings["engine"]) == (5, 3, {"max_iter": 1})


def test_share_of_a_color_in_use_never_reads_as_nothing():
    assert [format_share(share) for share in (0, 0.0004, 0.123)] == ["0.0%", "<0.1%", "12.3%"]
