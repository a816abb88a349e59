"""The README is held to the live command."""

import re
from pathlib import Path

from quantize.command.cli import command
from tests.write_readme import read_help

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str, after: str) -> str:
    return README.split(after, 1)[1].split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_option_list_is_the_live_help():
    assert block("text", "## Options").strip() == read_help()


def test_every_option_is_in_the_readme():
    for parameter in command.params:
        for name in parameter.opts:
            if name.startswith("-"):
                assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", README), name


def test_library_example_runs(photo, monkeypatch):
    monkeypatch.chdir(photo.parent)
    example = block("python", "## Library")
    assert len([line for line in example.splitlines() if line]) == 6
    exec(compile(example.replace("photo.jpg", "photo.png"), "README.md", "exec"), {})
    assert Path("small.png").exists()


def test_both_set_up_commands_are_named():
    assert "make demo" in README
    assert "make test" in README
