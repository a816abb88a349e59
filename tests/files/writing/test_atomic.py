"""Files that belong together appear together, whatever happens between them."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from quantize.errors import OutputError
from quantize.files.writing.atomic import save_files

NAMES = ("a.png", "a-swatch.png", "a-report.json")


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("place", range(len(NAMES)))
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_interrupt_between_two_files_leaves_no_picture_without_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupt: type[BaseException], place: int, before: bool
) -> None:
    rename, calls = Path.replace, []

    def interrupted(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == place + 1 and before:
            raise interrupt
        result = rename(self, target)
        if len(calls) == place + 1:
            raise interrupt
        return result

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(interrupt):
        save_files({tmp_path / name: name.encode() for name in NAMES})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: name for name in NAMES}


def test_interrupt_while_a_file_is_written_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.utime", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_files({tmp_path / name: b"" for name in NAMES}, modified=0.0)
    assert list(tmp_path.iterdir()) == []


def test_file_that_cannot_be_replaced_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(OutputError, match=r"a\.png: cannot be replaced"):
        save_files({tmp_path / "a.png": b""})
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_rename_that_fails_midway_takes_back_the_ones_before(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("old")
    (tmp_path / "c.png").mkdir()
    with pytest.raises(OutputError, match=r"c\.png: cannot be replaced"):
        save_files({tmp_path / name: b"new" for name in ("a.png", "b.png", "c.png")})
    assert (tmp_path / "a.png").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "c.png"]


def test_links_are_followed_as_cp_does(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "target.png").write_text("old")
    for name in ("target", "dangling"):
        (tmp_path / f"{name}-link.png").symlink_to(tmp_path / "there" / f"{name}.png")
    save_files({tmp_path / f"{name}-link.png": name.encode() for name in ("target", "dangling")})
    for name in ("target", "dangling"):
        assert (tmp_path / f"{name}-link.png").is_symlink()
        assert (tmp_path / "there" / f"{name}.png").read_text() == name


def test_pipes_are_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    save_files({pipe: b"picture"})
    reader.join(10)
    assert read == [b"picture"]
    assert pipe.is_fifo()


def test_a_file_that_may_not_be_replaced_is_told_before_any_is(tmp_path: Path) -> None:
    def refuse() -> None:
        assert len(list(tmp_path.iterdir())) == len(NAMES)  # all of them are complete by now
        raise OutputError("not that one")

    with pytest.raises(OutputError, match="not that one"):
        save_files({tmp_path / name: b"" for name in NAMES}, check=refuse)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes_with_the_next_one(tmp_path: Path) -> None:
    """And what a run that lives is just writing stays."""
    killed = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from quantize.files.writing.atomic import save_files\n"
        "save_files({Path(sys.argv[1]): b'new'}, check=lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    subprocess.run([sys.executable, "-c", killed, str(tmp_path / "a.png")], check=False)
    (left,) = tmp_path.iterdir()
    living = left.name.split("-")
    living[2] = str(os.getppid())
    (tmp_path / "-".join(living)).write_text("being written")
    save_files({tmp_path / "b.png": b"new"})
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["-".join(living), "b.png"])
