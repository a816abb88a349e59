"""The house of the design: imports run downward only, and every name says one thing."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import quantize

ROOT = Path(quantize.__file__).parent
FLOORS = (
    {"__main__"},
    {"command"},
    {"pipeline"},
    {"color", "files", "show"},
    {"records", "kmeans"},
    {"parallel", "errors", "version", "data"},
)
"""From the top down. A module may import what stands on a lower floor, and other modules of its own room."""

HEIGHTS = {name: -number for number, floor in enumerate(FLOORS) for name in floor}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")
each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))


def name_room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def find_module(name: str) -> Path | None:
    """The file of a dotted name, or of what it is a name in."""
    for dotted in (name, name.rpartition(".")[0]):
        path = ROOT.parent / dotted.replace(".", "/")
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return file
    return None


def list_imports(path: Path) -> Iterator[Path]:
    """The files of the house that a module imports, at its top, inside functions, and for the sake of types."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: has a relative import; write it out"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from filter(None, (find_module(name) for name in names if name.split(".")[0] == "quantize"))


IMPORTS = {path: set(list_imports(path)) - {path} for path in MODULES}


@each_module
def test_imports_run_downward(path: Path) -> None:
    own = name_room(path)
    for other in IMPORTS[path]:
        assert other != ROOT / "__init__.py", f"{path} imports quantize/__init__.py, which stands above all rooms"
        room = name_room(other)
        assert room == own or HEIGHTS[room] < HEIGHTS[own], f"{path} imports {other}, which is not below it"


@each_module
def test_no_two_modules_import_each_other(path: Path) -> None:
    """Along any way: what a module imports never comes back to it."""
    reached: set[Path] = set()
    waiting = [path]
    while waiting:
        for other in IMPORTS[waiting.pop()]:
            assert other != path, f"{path} comes back to itself by way of {sorted(map(str, reached)) or other}"
            if other not in reached:
                reached.add(other)
                waiting.append(other)


@each_module
def test_click_stays_in_the_command(path: Path) -> None:
    if name_room(path) != "command":
        assert "import click" not in path.read_text(encoding="utf-8"), f"{path} imports click"


def test_files_know_no_color_mathematics_and_colors_open_no_file() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        if name_room(path) == "color":
            for word in ("open(", "pathlib", "import Image", "print(", "read_bytes"):
                assert word not in text, f"{path} has {word!r}, although color opens no file and prints nothing"
        if name_room(path) == "kmeans":
            for word in ("pixel", "color", "palette", "uint8"):
                assert word not in text.lower(), f"{path} speaks of {word!r}, although the engine knows points only"


def test_no_module_is_a_bag_or_too_long() -> None:
    for path in MODULES:
        assert path.stem not in ("utils", "helpers", "types", "common"), f"{path} has a name that says nothing"
        length = len(path.read_text(encoding="utf-8").splitlines())
        assert length <= 320, f"{path} has {length} lines; split it by idea"


def test_no_two_modules_or_classes_have_the_same_name() -> None:
    modules = Counter(path.stem for path in MODULES if path.stem != "__init__")
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in MODULES)
    classes = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    twice = [name for names in (modules, classes) for name, number in names.items() if number > 1]
    assert not twice, f"{', '.join(twice)}: two modules or classes of the house have this name"


def test_modules_outside_of_any_room_are_four() -> None:
    outside = {path.stem for path in ROOT.glob("*.py")}
    assert outside == {"__init__", "__main__", "errors", "version"}
