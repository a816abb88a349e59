"""Files that belong together appear together, whatever happens between them."""

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
