"""The house of the design: imports run downward only."""

import ast
from pathlib import Path

import pytest

import quantize

ROOT = Path(quantize.__file__).parent
# A module may import what stands at a smaller height, and its own room.
HEIGHTS = {
    "errors": -2, "target": -1, "facts": -1, "records": 0, "progress": 0, "kmeans": 0,
    "color": 1, "files": 1, "show": 1,
    "pool": 0, "search": 2, "request": 3, "pipeline": 3, "sharing": 4, "batch": 5,
    "terminal": 6, "cli": 7, "__main__": 8,
}  # fmt: skip
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path, *, typing_too: bool = True) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write it out"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("quantize.") and name != "quantize.__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward(path: Path) -> None:
    own = room(path)
    if own == "data":
        return
    for other in imported_rooms(path) - {own}:
        assert HEIGHTS[other] < HEIGHTS[own], (
            f"quantize/{path.relative_to(ROOT)} imports {other}, which is not below it"
        )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_click_stays_in_the_command_and_the_terminal(path: Path) -> None:
    if room(path) not in ("cli", "terminal"):
        assert "import click" not in path.read_text(encoding="utf-8"), f"{path.name} imports click"


def test_engine_speaks_of_points_only() -> None:
    for path in (ROOT / "kmeans").glob("*.py"):
        text = path.read_text(encoding="utf-8").lower()
        for word in ("pixel", "color", "palette", "uint8"):
            assert word not in text, f"quantize/kmeans/{path.name} speaks of {word!r}"


def test_no_module_is_a_bag_or_too_long() -> None:
    for path in MODULES:
        assert path.stem not in ("utils", "helpers", "types", "common"), f"{path} has a name that says nothing"
        length = len(path.read_text(encoding="utf-8").splitlines())
        assert length <= 320, f"{path} has {length} lines; split it by idea"
