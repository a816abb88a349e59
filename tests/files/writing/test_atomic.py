"""Files that belong together appear together, whatever happens between them."""

import errno
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest import mock

import pytest

from quantize.errors import OutputError
from quantize.files.writing import atomic
from quantize.files.writing.atomic import remove_leftovers, save_files

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


def test_read_only_disk_is_told_of_the_file_and_not_of_its_temporary_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    for name in ("open", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(OutputError, match=r"a\.png: cannot be written \(Read-only file system\)"):
        save_files({tmp_path / "a.png": b""})


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


def leave_behind(folder: Path) -> Path:
    """Let a process be killed while it writes; give what it has left."""
    killed = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from quantize.files.writing.atomic import save_files\n"
        "save_files({Path(sys.argv[1]): b'new'}, check=lambda: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    subprocess.run([sys.executable, "-c", killed, str(folder / "a.png")], check=False)
    (left,) = folder.iterdir()
    return left


def rename_writer(left: Path, host: str | None, process: int) -> Path:
    """Give a temporary file to another machine or process."""
    start, own_host, _, rest = left.name.split("-")
    return left.rename(left.with_name(f"{start}-{host or own_host}-{process}-{rest}"))


def test_what_a_killed_run_left_goes_with_the_next_one(tmp_path: Path) -> None:
    leave_behind(tmp_path)
    save_files({tmp_path / "b.png": b"new"})
    assert [path.name for path in tmp_path.iterdir()] == ["b.png"]


def test_what_a_run_that_lives_is_just_writing_stays(tmp_path: Path) -> None:
    living = rename_writer(leave_behind(tmp_path), None, os.getppid())
    save_files({tmp_path / "b.png": b"new"})
    assert living.exists()


def test_what_was_left_under_our_own_number_goes(tmp_path: Path) -> None:
    """In a container, each run may have the same number."""
    left = rename_writer(leave_behind(tmp_path), None, os.getpid())
    remove_leftovers(tmp_path)
    assert left.exists()  # it is newer than this process
    with mock.patch.object(atomic, "_STARTED", time.time() + 1):
        remove_leftovers(tmp_path)
    assert not left.exists()


def test_what_a_process_left_whose_end_nobody_asked_for_goes(tmp_path: Path) -> None:
    left = leave_behind(tmp_path)
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        left = rename_writer(left, None, process.pid)
        remove_leftovers(tmp_path)
        assert not left.exists()


@pytest.mark.parametrize(("n_seconds", "stays"), [(3_600, True), (100_000, False)])
def test_what_another_machine_left_goes_after_a_day(tmp_path: Path, n_seconds: int, stays: bool) -> None:
    left = rename_writer(leave_behind(tmp_path), "0badcafe", 1)
    now = time.time()
    with mock.patch.object(time, "time", lambda: now + n_seconds):
        remove_leftovers(tmp_path)
    assert left.exists() == stays
