"""The Tab key in real shells, those that there are."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

if sys.platform == "win32":
    pytest.skip("Windows has no terminals of this kind", allow_module_level=True)

from tests.command.shells import SHELLS, Shell  # noqa: E402

CASES = {
    "quantize pict": ["picture.png"],
    "quantize photos/a": ["photos/a.jpg"],
    "quantize with": ["with space.png"],
    "quantize --dith": ["--dither"],
    "quantize --dither ba": ["--dither", "bayer"],
    "quantize --dither=ba": ["--dither=bayer"],
    "quantize -p nor": ["-p", "nord"],
    "quantize -p min": ["-p", "mine.gpl"],
    "quantize --palette=min": ["--palette=mine.gpl"],
}


@pytest.fixture(scope="module", params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    for name in ("photos", "out"):
        (folder / name).mkdir()
    for name in ("picture.png", "with space.png", "pixels.gpl", "mine.gpl", "outline.txt", "photos/a.jpg"):
        (folder / name).touch()
    shell = Shell(request.param, folder)
    yield shell
    shell.close()


@pytest.mark.parametrize("line", CASES)
def test_word_is_completed(shell: Shell, line: str) -> None:
    assert shell.complete(line) == CASES[line]


def test_home_folder_is_known(shell: Shell) -> None:
    [path] = shell.complete("quantize ~/pict")
    assert Path(path).name == "picture.png"


def test_where_a_folder_is_wanted_no_file_is_taken(shell: Shell) -> None:
    [_, folder] = shell.complete("quantize -d ou")
    assert folder.rstrip("/") == "out"


def test_presets_and_files_are_shown_together(shell: Shell) -> None:
    shell.wait_for_choices("quantize -p pi", "pico-8", "pixels.gpl", "picture.png")


@pytest.mark.parametrize("name", SHELLS)
def test_line_that_sets_it_up_is_in_the_readme(name: str) -> None:
    assert SHELLS[name][1] in README
