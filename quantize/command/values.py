"""Kinds of values that options take beside click's own."""

from __future__ import annotations

import math
from typing import Any

import click
from click.shell_completion import CompletionItem


class NumberOrAuto(click.IntRange):
    """A number within a range, or the word auto."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Leave the word as it is."""
        return value if value == "auto" else super().convert(value, param, ctx)


class FileName(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic from click 8.3 on
    """Any text; a shell completes it as a file, or as a folder where only those serve."""

    name = "file"

    def __init__(self, kind: str = "file") -> None:
        self.kind = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Leave it to the shell, which knows its files."""
        return [CompletionItem(incomplete, type=self.kind)]


class PaletteName(FileName):
    """A preset's name, a file, or a list of colors."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """List the presets that begin so, and leave files to the shell."""
        from quantize.files.palettes.presets import list_presets

        presets = [CompletionItem(name) for name in list_presets() if name.startswith(incomplete)]
        return [*presets, *super().shell_complete(ctx, param, incomplete)]


class FiniteRange(click.FloatRange):
    """A number within a range, and no nan or infinity."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse what compares with nothing."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number", param, ctx)
        return number
