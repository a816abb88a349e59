import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from quantize.show.reporting import to_json
from tests.conftest import make_flat, make_glow, make_photo

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


@pytest.mark.parametrize("level", ["none", "basic", "full"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "tiny"])
def test_every_level_is_valid_for_every_kind_of_picture(quantize, level, mode):
    image = make_photo(5, 3) if mode == "tiny" else make_photo().convert(mode)
    if mode == "RGBA":
        image.putalpha(make_photo(seed=1).convert("L"))
    report = report_of(quantize, image, "-k", "4", "--report", level)
    assert (report["error"] is None) == (level == "none")
    if level != "none":
        assert (report["error"]["ssim"] is None) == (level == "basic" or mode == "tiny")


def test_level_none_measures_nothing_and_writes_no_report(quantize, listing, monkeypatch):
    def fail(*arguments):
        raise AssertionError("measured")

    monkeypatch.setattr("quantize.color.measure.metrics.pair_colors", fail)
    report = report_of(quantize, make_photo(), "--report", "none")
    assert listing() == ["in-k16-swatch.png", "in-k16.png", "in.png"]
    assert report["engine"]["inertia"] is None


def test_keys_of_a_level_are_those_of_every_other(quantize):
    def keys(value, path=""):
        if isinstance(value, dict):
            return {f"{path}/{key}" for key in value} | set().union(*(keys(v, f"{path}/{k}") for k, v in value.items()))
        return set()

    basic, full = (report_of(quantize, make_photo(), "--report", level) for level in ("basic", "full"))
    assert keys(full) == keys(basic)


def test_parts_of_the_file_sum_up_and_entropy_stands_beside_what_they_take(quantize, tmp_path):
    stripes = make_flat([(0, 0, 0), (255, 255, 255)], 64, 64)
    size = report_of(quantize, stripes)["size"]
    data = (tmp_path / "in-k16.png").read_bytes()
    start = data.index(b"IDAT")
    assert size["parts"]["labels"] == int.from_bytes(data[start - 4 : start])
    assert size["parts"]["palette"] == 6
    assert sum(size["parts"].values()) == size["bytes_after"] == len(data)
    assert size["label_entropy_bits_per_pixel"] == 1  # two labels, equally frequent
    assert size["packed_label_bits_per_pixel"] == 8 * size["parts"]["labels"] / 64**2
    assert size["entropy_over_packed"] == 1 / size["packed_label_bits_per_pixel"] > 5  # stripes are structure


def test_entropy_of_one_color_is_nothing(quantize):
    size = report_of(quantize, make_flat([(1, 2, 3)]))["size"]
    assert (size["label_entropy_bits_per_pixel"], size["entropy_over_packed"]) == (0, None)


def test_every_key_of_the_schema_is_described():
    def undescribed(schema, path):
        for name, child in schema.get("properties", {}).items():
            target = child
            while "$ref" in target and "description" not in target:
                target = SCHEMA["$defs"][target["$ref"].rsplit("/", 1)[1]]
            if "description" not in target and "const" not in target:
                yield f"{path}/{name}"
            yield from undescribed(child, f"{path}/{name}")
        for child in (schema.get("items"), schema.get("additionalProperties")):
            if isinstance(child, dict):
                yield from undescribed(child, path)

    parts = {"": SCHEMA, **SCHEMA["$defs"]}
    assert [path for name, schema in parts.items() for path in undescribed(schema, name)] == []


def test_schema_itself_is_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("character", ["\x07", "\x1b", "\x7f", "\x9b", "\u2028", "\udcff"])
def test_json_holds_no_character_that_a_terminal_obeys_or_utf_8_lacks(character):
    report = {"input": {"name": f"a{character}b"}}
    text = to_json(report)
    assert text.isascii()
    assert json.loads(text.encode()) == report


def test_json_keeps_letters_as_they_are():
    assert "東京 é" in to_json({"name": "東京 é"})


def test_given_palette_that_grows_by_a_transparent_entry_is_told_with_the_way_out(quantize):
    report = report_of(quantize, make_glow(), "-p", "bw")
    assert len(report["palette"]) == 3
    assert report["notices"] == [
        "the 2 colors of the palette became 3: transparent pixels take an entry of their own; --transparent-index N "
        "makes one of the palette's that, -k 2 leaves one out, and --background COLOR needs none"
    ]
    assert not report_of(quantize, make_photo(), "-p", "bw", "-f")["notices"]


def test_what_was_measured_has_the_digits_that_are_meant(quantize, photo):
    quantize("photo.png", "-q", "--report", "full")
    error = json.loads(Path("photo-k16-report.json").read_text())["error"]
    for value in (error["mse"], error["psnr"], error["ssim"], error["ciede2000"]["mean"], error["ciede2000"]["p95"]):
        assert value == float(f"{value:.6g}")
