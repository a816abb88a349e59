"""The command as people run it: what it writes, what it says, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_flat, make_photo

THREE = ["photo-k16-report.json", "photo-k16-swatch.png", "photo-k16.png"]


def test_writes_picture_swatch_and_report_beside_the_input(quantize, photo, listing):
    run = quantize("photo.png")
    assert run.code == 0
    assert listing() == [*THREE, "photo.png"]
    image = Image.open("photo-k16.png")
    assert (image.mode, image.size) == ("P", (48, 32))
    assert len(image.getcolors()) == 16


@pytest.mark.parametrize(("k", "bits"), [(2, 1), (4, 2), (16, 4), (17, 8)])
def test_labels_are_packed_to_the_fewest_bits(quantize, photo, k, bits):
    quantize("photo.png", "-k", str(k))
    header = Path(f"photo-k{k}.png").read_bytes()[:26]
    assert header[24] == bits


def test_more_than_256_colors_are_written_as_true_color(quantize, photo):
    quantize("photo.png", "-k", "300")
    image = Image.open("photo-k300.png")
    assert image.mode == "RGB"
    assert len(image.getcolors(4096)) == 300


def test_output_dir_is_made_and_holds_everything(quantize, photo, listing):
    assert quantize("photo.png", "-d", "a/b").code == 0
    assert listing() == ["a", "a/b", *(f"a/b/{name}" for name in THREE), "photo.png"]


def test_output_names_the_picture_and_the_others_follow(quantize, photo, listing):
    assert quantize("photo.png", "-o", "x.png").code == 0
    assert listing() == ["photo.png", "x-report.json", "x-swatch.png", "x.png"]


def test_name_template_parts_inputs_that_would_collide(quantize, photo, listing):
    Image.open(photo).save("photo.bmp")
    before = listing()
    run = quantize("photo.png", "photo.bmp")
    assert run.code == 2
    assert "photo.png and photo.bmp would both be written to photo-k16.png" in run.err
    assert listing() == before
    assert "--name '{stem}-{ext}-k{k}'" in run.err
    assert quantize("photo.png", "photo.bmp", "--name", "{stem}-{ext}-k{k}").code == 0
    assert Path("photo-bmp-k16.png").exists()


def test_running_twice_gives_the_same_bytes(quantize, photo):
    quantize("photo.png")
    first = [Path(name).read_bytes() for name in THREE[1:]]
    assert quantize("photo.png").code == 0
    assert [Path(name).read_bytes() for name in THREE[1:]] == first


def test_seed_is_obeyed(quantize, tmp_path):
    make_photo(64, 64).save("photo.png")
    results = set()
    for seed in range(4):
        quantize("photo.png", "-k", "12", "--seed", str(seed), "--effort", "fast")
        results.add(Path("photo-k12.png").read_bytes())
    assert len(results) > 1


def test_no_swatch_and_no_report_leave_the_picture_alone(quantize, photo, listing):
    quantize("photo.png", "--no-swatch", "--report", "none")
    assert listing() == ["photo-k16.png", "photo.png"]


def test_foreign_file_is_not_overwritten_without_force(quantize, photo, listing):
    make_flat([(1, 2, 3)]).save("photo-k16.png")
    foreign, before = Path("photo-k16.png").read_bytes(), listing()
    run = quantize("photo.png")
    assert run.code == 1
    assert run.err == "photo-k16.png: exists and was not written by quantize; use --force to replace it\n"
    assert (Path("photo-k16.png").read_bytes(), listing()) == (foreign, before)
    assert quantize("photo.png", "-f").code == 0
    assert Path("photo-k16.png").read_bytes() != foreign


def test_foreign_report_is_not_overwritten_either(quantize, photo):
    Path("photo-k16-report.json").write_text('{"mine": true}')
    assert quantize("photo.png").code == 1
    assert Path("photo-k16-report.json").read_text() == '{"mine": true}'


def test_explicit_output_overwrites_as_cp_does(quantize, photo):
    Path("x.png").write_text("anything")
    assert quantize("photo.png", "-o", "x.png").code == 0
    assert Image.open("x.png").mode == "P"


def test_own_results_are_not_eaten_when_a_glob_names_them(quantize, photo, listing):
    quantize("photo.png")
    before = listing()
    run = quantize(*sorted(p.name for p in Path().glob("*.png")))
    assert run.code == 0
    assert listing() == before
    assert "2 pictures are results of quantize and left out; -f takes all" in run.err


def test_own_result_given_alone_is_a_picture_like_any_other(quantize, photo):
    quantize("photo.png")
    assert quantize("photo-k16.png", "-k", "4").code == 0
    assert Path("photo-k16-k4.png").exists()


def test_picture_with_few_colors_comes_back_unchanged_and_says_so(quantize, tmp_path):
    make_flat([(200, 30, 40), (0, 0, 0), (7, 8, 9)]).save("flat.png")
    run = quantize("flat.png")
    assert "unchanged: it has only 3 colors" in run.err
    assert (np.asarray(Image.open("flat-k16.png").convert("RGB")) == np.asarray(Image.open("flat.png"))).all()
    report = json.loads(Path("flat-k16-report.json").read_text())
    assert report["error"]["psnr"] is None
    assert report["error"]["mse"] == 0
    assert report["engine"] is None


def test_file_that_grew_is_called_larger(quantize, tmp_path):
    make_flat([(1, 2, 3)]).save("flat.webp", lossless=True)
    run = quantize("flat.webp")
    assert "times LARGER" in run.err


def test_json_prints_one_valid_report_per_line_and_nothing_else(quantize, photo):
    make_photo(seed=1).save("other.png")
    run = quantize("photo.png", "other.png", "--json")
    reports = [json.loads(line) for line in run.out.splitlines()]
    assert [report["input"]["name"] for report in reports] == ["photo.png", "other.png"]


def test_standard_output_carries_the_picture_alone(photo):
    done = subprocess.run(
        [sys.executable, "-m", "quantize", "photo.png", "-o", "-"], capture_output=True, cwd=photo.parent, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"\x89PNG")
    assert done.stdout.endswith(b"IEND\xaeB\x60\x82")
    assert sorted(p.name for p in photo.parent.iterdir()) == ["photo.png"]


def test_standard_input_is_one_picture(photo):
    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "quantize", "-", *arguments]
        return subprocess.run(command, input=photo.read_bytes(), capture_output=True, cwd=photo.parent, check=False)

    assert run().stdout.startswith(b"\x89PNG")
    assert run("-d", "out").returncode == 0
    assert sorted(p.name for p in (photo.parent / "out").iterdir()) == [
        "stdin-k16-report.json", "stdin-k16-swatch.png", "stdin-k16.png",
    ]  # fmt: skip


def test_quiet_says_nothing(quantize, photo):
    assert quantize("photo.png", "-q") == (0, "", "")


def test_verbose_tells_the_stages(quantize, photo):
    err = quantize("photo.png", "-v").err
    assert all(word in err for word in ("passes", "batches", "load", "encode", "RMSE"))


def test_color_never_reaches_a_pipe_or_no_color(quantize, photo, monkeypatch):
    assert "\x1b" not in quantize("photo.png").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in quantize("photo.png").err


def truncate(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


BAD = {
    "missing.png": ("no such file", None),
    "folder": ("is a directory; name the pictures in it, as in folder/*.jpg", Path.mkdir),
    "empty.png": ("is empty", Path.touch),
    "text.jpg": ("not an image that Pillow can read", lambda path: path.write_text("hello")),
    "cut.jpg": ("not a readable image (truncated", lambda path: truncate(path, make_photo(64, 64))),
    "cut.png": ("not a readable image (truncated", lambda path: truncate(path, make_photo(64, 64))),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_the_rest_is_done(quantize, photo, name):
    sentence, make = BAD[name]
    if make:
        make(Path(name))
    run = quantize(name, "photo.png")
    assert run.code == 1
    assert [line for line in run.err.splitlines() if line.startswith(f"{name}:")] == [run.err.splitlines()[0]]
    assert run.err.startswith(f"{name}: {sentence}")
    assert "Traceback" not in run.err
    assert all(Path(output).exists() for output in THREE)
    assert not list(Path().glob(f"{Path(name).stem}-k16*"))


WRONG = {
    ("photo.png", "-k", "0"): "0 is not in the range 1<=x<=4096",
    ("photo.png", "-k", "5000"): "5000 is not in the range 1<=x<=4096",
    ("photo.png", "-k", "ten"): "'ten' is not",
    ("photo.png", "other.png", "-o", "x.png"): "-o names one picture, but 2 are given",
    ("photo.png", "-q", "-v"): "-q and -v contradict each other",
    ("photo.png", "-o", "-", "--json"): "would both write to standard output",
    ("photo.png", "-o", "photo.png"): "its result would replace it",
    ("photo.png", "-o", "nowhere/x.png"): "nowhere: no such folder",
    ("photo.png", "--name", "{nonsense}"): "no field {nonsense}",
    ("photo.png", "--name", "{stem"): "--name '{stem'",
    ("photo.png", "--name", ""): "no file name",
    ("photo.png", "-d", "photo.png/x"): "this output folder cannot be made",
    ("photo.png", "--colour"): "No such option",
    (): "Missing argument",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_command_is_exit_2_and_writes_nothing(quantize, photo, listing, arguments):
    run = quantize(*arguments)
    assert run.code == 2
    assert WRONG[arguments] in run.err
    assert "Traceback" not in run.err
    assert listing() == ["photo.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_unwritable_folder_is_a_sentence(quantize, photo, listing):
    Path("locked").mkdir(mode=0o500)
    run = quantize("photo.png", "-d", "locked")
    assert run.code == 1
    assert "locked/photo-k16-swatch.png: cannot be written (Permission denied)" in run.err
    assert listing() == ["locked", "photo.png"]


@pytest.mark.parametrize("name", ["two words.png", "Grüße 🎨.png", "-dash.png"])
def test_unusual_names_work(quantize, tmp_path, name):
    make_photo().save(tmp_path / name)
    assert quantize("-q", "--", name).code == 0
    assert Path(f"{Path(name).stem}-k16.png").exists()


def test_name_with_escape_codes_is_never_printed_raw(quantize, tmp_path):
    name = "red\x1b[31m\nname.png"
    make_photo().save(tmp_path / name)
    run = quantize(name, "missing\x1b[31m.png")
    assert "\x1b" not in run.err
    assert r"red\x1b[31m\nname.png" in run.err


def test_reader_that_goes_away_is_exit_141_without_a_word(photo):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "quantize", "photo.png", "-o", "-", "-q"],
        stdout=write, stderr=subprocess.PIPE, cwd=photo.parent, check=False,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_interrupt_in_the_middle_of_a_write_leaves_nothing(photo):
    # The writer stops at the second file and waits to be interrupted.
    script = """
import sys, time
from quantize.files.writing import atomic
write, seen = atomic._write, []
def slow(*arguments):
    write(*arguments)
    seen.append(arguments)
    print("writing", flush=True)
    time.sleep(20 if len(seen) == 2 else 0)
atomic._write = slow
sys.argv = ["quantize", "photo.png"]
from quantize.__main__ import main
main()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=photo.parent
    )
    assert process.stdout
    for _ in range(2):
        process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert [p.name for p in photo.parent.iterdir()] == ["photo.png"]


def test_help_ends_with_commands_that_run(quantize, photo):
    run = quantize("--help")
    assert run.code == 0
    examples = run.out.split("Examples:")[1].split("\n")
    assert [line.split()[0] for line in examples if line.strip()] == ["quantize"] * 3


def test_help_loads_neither_numpy_nor_pillow():
    probe = (
        "import sys; sys.argv = ['quantize', '--help']\n"
        "from quantize.command.cli import run; run()\n"
        "print(sorted({'numpy', 'PIL', 'skimage', 'quantize.pipeline.batch'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_a_conversion_loads_nothing_that_it_has_no_use_for(photo):
    probe = (
        "import sys; sys.argv = ['quantize', 'photo.png', '-q']\n"
        "from quantize.command.cli import run; run(); run()\n"
        "idle = 'numpy.ma numpy.random PIL.GifImagePlugin PIL.ImageCms html quantize.records.report'\n"
        "print(sorted(set(idle.split()) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=photo.parent)
    assert done.stdout == "[]\n"
