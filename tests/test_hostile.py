"""Files from strangers, folders that fight back: one sentence, and nothing left behind."""

import errno
import os
import random
import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image

from quantize import Settings
from quantize.files.planning import plan_jobs
from quantize.files.writing import atomic
from quantize.files.writing.png_container import join_chunks
from quantize.pipeline.batch import run_jobs
from tests.conftest import make_photo
from tests.hostile import KINDS, flip_bytes, make_file

THREE = ["photo-k16-report.json", "photo-k16-swatch.png", "photo-k16.png"]


def claim(width: int, height: int) -> bytes:
    """A PNG whose header claims a size, with next to nothing in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return join_chunks([("IHDR", header), ("IDAT", zlib.compress(bytes(1000)))])


CLAIMS = {
    (50_000, 50_000): "has 50000x50000 = 2,500,000,000 pixels, more than 178,956,970",
    (2**31 - 1, 1): "has 2147483647x1 = 2,147,483,647 pixels",
    (2**31 - 1, 2**31 - 1): "has 2147483647x2147483647 = 4,611,686,014,132,420,609 pixels",
    (0, 9): "not a",
    (2**32 - 1, 2**32 - 1): "",
}


@pytest.mark.parametrize("size", CLAIMS, ids=str)
def test_a_decompression_bomb_is_refused_in_a_sentence_that_names_its_size(quantize, tmp_path, listing, size):
    (tmp_path / "bomb.png").write_bytes(claim(*size))
    start = time.monotonic()
    run = quantize("bomb.png")
    assert run.code == 1
    assert run.err.startswith(f"bomb.png: {CLAIMS[size]}")
    assert len(run.err.splitlines()) == 1
    assert time.monotonic() - start < 5
    assert listing() == ["bomb.png"]


def test_a_frame_far_outside_of_its_gif_is_refused_before_it_is_made(quantize, tmp_path, listing):
    frames = [make_photo(8, 8, seed) for seed in range(2)]
    frames[0].save(tmp_path / "wide.gif", save_all=True, append_images=frames[1:], duration=50)
    data = bytearray((tmp_path / "wide.gif").read_bytes())
    second = data.index(b",", data.index(b"!\xf9", data.index(b"!\xf9") + 1))
    data[second + 5 : second + 9] = b"\xff\xff\xff\xff"
    (tmp_path / "wide.gif").write_bytes(data)
    run = quantize("wide.gif")
    assert (run.code, listing()) == (1, ["wide.gif"])
    assert run.err.startswith("wide.gif: has 65535x65535 = 4,294,836,225 pixels, more than 178,956,970; if you")


def test_an_animation_that_claims_a_billion_frames_has_those_that_it_holds(quantize, tmp_path):
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    control = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)
    parts = [
        ("IHDR", header),
        ("acTL", struct.pack(">II", 10**9, 0)),
        ("fcTL", control),
        ("IDAT", zlib.compress(b"\0" * 200)),
    ]
    (tmp_path / "many.png").write_bytes(join_chunks(parts))
    run = quantize("many.png")
    assert run.code == 0
    assert run.err.startswith("many.png: announces 1,000,000,000 frames, of which it holds 1\n")


def test_an_animation_of_a_thousand_frames_is_done(quantize, tmp_path):
    frames = [make_photo(8, 8, seed) for seed in range(20)] * 50
    frames[0].save(tmp_path / "long.gif", save_all=True, append_images=frames[1:], duration=20)
    assert quantize("long.gif", "-q").code == 0
    assert Image.open(tmp_path / "long-k16.gif").n_frames == 1000


@pytest.mark.parametrize("part", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("kind", KINDS)
def test_a_truncated_file_of_any_format_is_one_sentence(quantize, tmp_path, listing, kind, part):
    data = make_file(kind)
    name = f"cut.{kind.lower()}"
    (tmp_path / name).write_bytes(data[: int(part * len(data))])
    run = quantize(name, "--no-swatch", "--report", "none", "-q", "-k", "2")
    assert run.code in (0, 1)
    assert len(run.err.splitlines()) == run.code
    assert "fault in quantize" not in run.err
    assert len(listing()) == 2 - run.code


@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bytes_are_a_picture_or_one_sentence(quantize, tmp_path, listing, kind):
    data, rng = make_file(kind), random.Random(kind)
    for number in range(6):
        name = f"{number}.{kind.lower()}"
        (tmp_path / name).write_bytes(flip_bytes(data, rng))
        before = len(listing())
        run = quantize(name, "--no-swatch", "--report", "none", "-q", "-k", "2", "--max-pixels", "1000000")
        assert run.code in (0, 1)
        assert len(run.err.splitlines()) == run.code, run.err
        assert "fault in quantize" not in run.err
        assert len(listing()) == before + 1 - run.code


def test_a_full_disk_is_one_sentence_and_leaves_no_part(photo):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    done = subprocess.run(
        [sys.executable, "-m", "quantize", "photo.png"],
        capture_output=True, text=True, cwd=photo.parent, preexec_fn=limit, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith(": cannot be written (File too large)\n")
    assert [path.name for path in photo.parent.iterdir()] == ["photo.png"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_disk_that_fills_up_at_any_file_leaves_none(quantize, photo, listing, monkeypatch, number):
    write, seen = atomic._write, []

    def fill_up(path: Path, temporary: Path, data: bytes) -> None:
        seen.append(path)
        if len(seen) > number:
            temporary.write_bytes(data[:10])
            from quantize.errors import OutputError

            raise OutputError(f"{path}: cannot be written ({os.strerror(errno.ENOSPC)})")
        write(path, temporary, data)

    monkeypatch.setattr(atomic, "_write", fill_up)
    run = quantize("photo.png")
    assert (run.code, listing()) == (1, ["photo.png"])
    assert "cannot be written (No space left on device)" in run.err


def test_an_output_that_cannot_be_replaced_is_one_sentence(quantize, photo, listing, monkeypatch):
    quantize("photo.png")
    before = {name: (photo.parent / name).read_bytes() for name in THREE}

    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "replace", refuse)
    run = quantize("photo.png", "-f")
    assert run.code == 1
    assert "cannot be replaced (Operation not permitted)" in run.err
    assert listing() == [*THREE, "photo.png"]
    assert {name: (photo.parent / name).read_bytes() for name in THREE} == before


def test_an_input_that_may_not_be_read_is_one_sentence(quantize, photo, listing, monkeypatch):
    def refuse(path: Path, mode: str = "r") -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "open", refuse)
    run = quantize("photo.png")
    assert (run.code, run.err) == (1, "photo.png: cannot be read (Permission denied)\n")
    assert listing() == ["photo.png"]


def test_an_input_that_disappears_after_the_plan_is_one_failure(photo, tmp_path):
    other = tmp_path / "other.png"
    other.write_bytes(photo.read_bytes())
    jobs = plan_jobs([str(photo), str(other)], fields={"k": "16"})
    photo.unlink()
    outcomes = list(run_jobs(jobs, Settings()))
    assert [outcome.failure for outcome in outcomes] == [f"{photo}: no such file", None]


def test_an_output_that_is_a_directory_is_one_sentence(quantize, photo, listing):
    Path("photo-k16.png").mkdir()
    for extra in ([], ["--force"]):
        run = quantize("photo.png", *extra)
        assert run.code == 1
        assert run.err == "photo-k16.png: is a directory; give the picture another name\n"
    assert listing() == ["photo-k16.png", "photo.png"]


def test_an_input_that_points_elsewhere_is_written_beside_the_link(quantize, photo, tmp_path):
    for name in ("far", "near"):
        (tmp_path / name).mkdir()
    photo.rename(tmp_path / "far" / "photo.png")
    (tmp_path / "near" / "photo.png").symlink_to(tmp_path / "far" / "photo.png")
    assert quantize("near/photo.png", "-q").code == 0
    assert sorted(path.name for path in (tmp_path / "near").iterdir()) == [*THREE, "photo.png"]
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["photo.png"]


@pytest.mark.parametrize("exists", [False, True])
def test_a_link_that_nobody_named_is_followed_by_force_alone(quantize, photo, tmp_path, exists):
    target, link = tmp_path / "precious", tmp_path / "photo-k16.png"
    if exists:
        target.write_text("precious")
    link.symlink_to(target)
    assert quantize("photo.png", "-q").code == 1
    assert target.exists() == exists
    assert quantize("photo.png", "-q", "--force").code == 0
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_name_with_a_null_byte_is_one_sentence(quantize, tmp_path):
    run = quantize("photo\0.png")
    assert (run.code, run.err) == (1, "photo\\x00.png: cannot be read (embedded null byte)\n")


def test_a_name_too_long_for_the_disk_is_one_sentence(quantize, tmp_path, listing):
    name = "n" * 250 + ".png"
    make_photo().save(tmp_path / name)
    run = quantize(name)
    assert run.code == 2
    assert "is too long for a file name; give a shorter one" in run.err
    assert "fault" not in run.err
    assert listing() == [name]


def test_two_runs_over_one_folder_at_the_same_time_both_succeed(photo):
    for number in range(4):
        make_photo(seed=number).save(photo.parent / f"{number}.png")
    command = [sys.executable, "-m", "quantize", *(f"{number}.png" for number in range(4)), "-j", "1"]
    runs = [subprocess.Popen(command, cwd=photo.parent, stderr=subprocess.PIPE) for _ in range(2)]
    errors = [run.communicate(timeout=60)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    expected = {f"{number}-k16{end}" for number in range(4) for end in (".png", "-swatch.png", "-report.json")}
    names = {path.name for path in photo.parent.iterdir()}
    assert names == expected | {"photo.png"} | {f"{number}.png" for number in range(4)}
    for name in names - {"photo.png"}:
        if name.endswith(".png"):
            Image.open(photo.parent / name).load()


def test_a_report_that_is_nonsense_vouches_for_nothing(quantize, photo):
    make_photo().save("photo-k16.png")
    for nonsense in ('{"schema": "quantize-report", "outputs": 7}', "[" * 100_000, '"x"'):
        Path("photo-k16-report.json").write_text(nonsense)
        assert quantize("photo.png").code == 1


def test_junk_in_the_exif_of_a_jpeg_is_no_word_on_standard_error(tmp_path):
    make_photo(8, 8).save(tmp_path / "junk.jpg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    words = [sys.executable, "-m", "quantize", "junk.jpg", "-q"]
    run = subprocess.run(words, capture_output=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    assert (run.returncode, run.stderr) == (0, b"")
