"""Files of names, one a line, or parted by NUL as ``find -print0`` writes them: a shell's arguments end at 2 MB."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from quantize.errors import InputError
from quantize.records.job import STDIO

_MOST_BYTES = 1 << 28
"""Of a list: the names of a million files are a third of it."""


def read_names(source: str) -> tuple[str, ...]:
    """Read names of files.

    Parameters
    ----------
    source : str
        A path, or "-" for standard input. Where there is a NUL it parts the names, and lines do not: a name may then
        have a line's end in it. Empty names are passed over.

    Raises
    ------
    InputError
        The file cannot be read, or names nothing.
    """
    title = "standard input" if source == STDIO else source
    try:
        with nullcontext(sys.stdin.buffer) if source == STDIO else Path(source).open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{title}: no such file") from None
    except (OSError, ValueError, AttributeError) as error:  # a closed standard input is None
        reason = getattr(error, "strerror", None) or "it is closed, or no name"
        raise InputError(f"{title}: cannot be read ({reason})") from None
    if len(data) > _MOST_BYTES:
        raise InputError(f"{title}: has more than {_MOST_BYTES >> 20} MB, which no list of names needs")
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    found = tuple(os.fsdecode(name) for name in names if name)
    if not found:
        raise InputError(f"{title}: names no picture; write their names into it, one a line")
    return found
