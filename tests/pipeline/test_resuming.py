"""An earlier run is kept where its reports vouch for it, and nothing else is."""

import io
import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from quantize.files.marks import hash_file
from tests.conftest import make_photo

NAMES = ("a.png", "b.png", "c.png")


@pytest.fixture
def resume(quantize, tmp_path):
    """Convert three pictures, and give a function that resumes the run and tells how many were kept."""
    for seed, name in enumerate(NAMES):
        make_photo(16, 16, seed=seed).save(tmp_path / name)
    assert quantize(*NAMES, "-d", "out", "-q").code == 0

    def resume(*options):
        run = quantize(*NAMES, "-d", "out", "--resume", "-j", "1", *options)
        assert run.code == 0, run.err
        return int(run.err.split(" of 3 pictures kept")[0].splitlines()[-1])

    return resume


def read_all():
    return {path.name: path.read_bytes() for path in Path("out").iterdir() if path.suffix == ".png"}


def test_nothing_is_done_twice(resume):
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    assert resume() == 3
    assert {path: path.stat().st_mtime_ns for path in Path("out").iterdir()} == before


@pytest.mark.parametrize("what", ["a-k16.png", "a-k16-swatch.png", "a-k16-report.json"])
@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-9])])
def test_what_is_missing_or_half_written_is_done_again(resume, what, harm):
    before = read_all()
    harm(Path("out", what))
    assert resume("-f") == 2
    assert read_all() == before
    assert resume() == 3


def test_changed_input_is_converted_again_even_with_its_old_size_and_time(resume):
    make_photo(16, 16, seed=9).save("b.png")
    assert resume() == 2


def test_file_is_hashed_as_far_as_its_pixels_may_reach(monkeypatch):
    monkeypatch.setattr("quantize.files.marks._HASHED_AT_LEAST", 10)
    data = bytes(10 + 16 * 3)
    assert hash_file(io.BytesIO(data), 3) == sha256(data).hexdigest()
    assert hash_file(io.BytesIO(data), 2) is None


def test_input_too_large_to_be_hashed_is_converted_again(resume):
    os.truncate("a.png", (1 << 28) + 16 * 16 * 16 + 1)  # what follows the picture is not read, and takes no disk
    assert resume() == 2
    assert resume() == 2


def test_changed_settings_convert_everything(resume):
    assert resume("--name", "{stem}-k16", "--seed", "1") == 0
    assert resume("--seed", "1") == 3
    assert resume("--seed", "1", "--sort", "share") == 0
    assert resume("--seed", "1", "--sort", "share", "--export", "gpl") == 0


def test_number_of_processes_and_limits_change_nothing(resume, quantize):
    assert resume("--max-pixels", "1000") == 3
    assert "3 of 3 pictures kept" in quantize(*NAMES, "-d", "out", "--resume", "-j", "2").err


def test_another_version_converts_everything(resume, monkeypatch):
    monkeypatch.setattr("quantize.pipeline.resuming.MARK", "quantize 9.9.9")
    assert resume() == 0


def test_given_palette_counts_by_its_colors(resume):
    Path("mine.hex").write_text("000000\nffffff\n")
    assert resume("-p", "mine.hex") == 0
    assert resume("-p", "mine.hex") == 3
    Path("mine.hex").write_text("000000\nfffffe\n")
    assert resume("-p", "mine.hex") == 0


def test_shared_palette_that_one_picture_changes_is_new_for_all(resume):
    assert resume("--shared") == 0
    assert resume("--shared") == 3
    make_photo(16, 16, seed=9).save("b.png")
    assert resume("--shared") == 0


def test_kept_pictures_are_in_the_table_and_among_the_reports(resume, quantize):
    run = quantize(*NAMES, "-d", "out", "--resume", "--json", "--csv", "table.csv")
    assert [json.loads(line)["input"]["name"] for line in run.out.splitlines()] == list(NAMES)
    assert len(Path("table.csv").read_text().splitlines()) == 4


@pytest.mark.parametrize("report", ["7", "[]", "{", '{"schema": "quantize-report", "input": 7, "sha256": []}'])
def test_broken_report_is_no_report(resume, report):
    Path("out/a-k16-report.json").write_text(report)
    assert resume("-f") == 2


def test_report_without_times_is_kept_and_told(resume, quantize):
    quantize(*NAMES, "-d", "timeless", "--no-timing")
    run = quantize(*NAMES, "-d", "timeless", "--no-timing", "--resume", "-v")
    assert run.code == 0
    assert f"{len(NAMES)} of {len(NAMES)} pictures kept" in run.err


def test_dry_run_tells_what_would_be_kept(resume, quantize):
    Path("out/b-k16.png").unlink()
    lines = quantize(*NAMES, "-d", "out", "--resume", "-n").out.splitlines()
    assert lines[0] == "a.png: would be skipped, as nothing has changed"
    assert lines[1].startswith("b.png -> ")


def test_dry_run_finds_the_shared_palette_to_tell_what_would_be_kept_and_writes_nothing(resume, quantize):
    assert resume("--shared", "--export", "gpl") == 0
    Path("out/shared-k16-swatch.png").unlink()
    words = [*NAMES, "-d", "out", "--resume", "--shared", "--export", "gpl", "-n"]
    assert quantize(*words).out.count("as nothing has changed") == 3
    make_photo(16, 16, seed=9).save("b.png")
    assert "as nothing has changed" not in quantize(*words).out
    assert not Path("out/shared-k16-swatch.png").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--report", "none"], "leave out --report none"),
        (["--in-place"], "leave out --resume"),
        (["-o", "x.css", "--shared"], "leave out --resume"),
    ],
)
def test_what_cannot_be_resumed_is_refused(quantize, photo, options, sentence):
    run = quantize("photo.png", "--resume", *options)
    assert run.code == 2
    assert sentence in run.err


def test_standard_input_cannot_be_resumed(quantize):
    assert "give files" in quantize("-", "--resume", "-d", "out").err
