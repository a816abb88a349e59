"""Why a file could not be read, in words for a person: Pillow's where they are such, and never Python's."""

from __future__ import annotations

import re

_MOST = 100
"""Characters of a reason: it stands in a sentence of at most 300, beside a file's name."""

_TRUNCATED = re.compile(
    r"truncated|unexpected eo?f|unexpected end|reached eof|not enough image data|buffer.*not large|no more images", re.I
)
_SAYS_WHAT = re.compile(
    r"\b(unsupported|not supported|not yet supported|unknown|unrecognized|unimplemented|cannot handle|too large|"
    r"it is for|it has|profile|decoder \S+ not available)\b",
    re.I,
)
_TECHNICAL = re.compile(r"['\"\[\]{}<>_]|\bobject\b|\btuple\b|\bargument|0x")


def explain(error: BaseException) -> str:
    """Say why a file could not be read.

    Parameters
    ----------
    error : BaseException
        What Pillow raised, nearly anything on broken files.

    Returns
    -------
    str
        A few words.
    """
    text = " ".join(str(error).split())
    if isinstance(error, EOFError) or _TRUNCATED.search(text):
        return "truncated"
    is_ours_or_pillows = isinstance(error, OSError | SyntaxError | ValueError | NotImplementedError)
    if is_ours_or_pillows and _SAYS_WHAT.search(text) and not _TECHNICAL.search(text) and len(text) <= _MOST:
        return text[:1].lower() + text[1:]
    return "broken data"
