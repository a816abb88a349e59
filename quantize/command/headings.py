"""A help whose options stand under headings, each of which its decorator names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click


class HeadedOption(click.Option):
    """An option that knows the heading it stands under."""

    def __init__(self, *args: Any, heading: str = "Run", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading


Run = Callable[..., int]
"""What the options decorate."""


def option_under(heading: str) -> Callable[..., Callable[[Run], Run]]:
    """Give the decorator of the options under one heading; it takes what `click.option` takes."""
    return partial(click.option, cls=HeadedOption, heading=heading)


class HeadedCommand(click.Command):
    """A command whose help lists its options under headings, in the order in which they were declared."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each under its heading."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                headings.setdefault(getattr(param, "heading", "Run"), []).append(record)
        for heading, records in headings.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, so that they can be pasted."""
        with formatter.section("Examples"):
            for line in (self.epilog or "").strip().splitlines():
                formatter.write_text(line.strip())
