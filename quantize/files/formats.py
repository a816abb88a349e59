"""In which format a result is written: what was asked for, what its name ends in, or what suits its source."""

from __future__ import annotations

import warnings
from pathlib import Path

from quantize.errors import OutputError, UsageError
from quantize.records.picture import Picture
from quantize.records.settings import FORMATS, Settings

_MAX_SIDES = {"gif": ("GIF", 65_535), "webp": ("WebP", 16_383)}
"""Sixteen bits of GIF 89a, fourteen of the WebP container's specification."""


def choose_format(source: str | None, is_animated: bool) -> str:
    """Choose the format of a result: an animation keeps its own, anything else becomes PNG.

    Parameters
    ----------
    source : str or None
        Pillow's name of the source's format.
    is_animated : bool
    """
    own = (source or "").lower()
    return own if is_animated and own in FORMATS else "png"


def settle_format(picture: Picture, settings: Settings) -> str:
    """Settle the format of a picture's result.

    Raises
    ------
    OutputError
        The format holds no picture as large.
    """
    name = settings.format or choose_format(picture.source.format, picture.animation is not None)
    title, most = _MAX_SIDES.get(name, ("", max(picture.size)))
    if max(picture.size) > most:
        width, height = picture.size
        raise OutputError(
            f"{picture.source.name}: {title} holds at most {most:,} pixels a side, not {width}x{height}; "
            "use --format png"
        )
    return name


def guess_format(source: str) -> str:
    """Choose the format of a file's result by its header, before it is read."""
    path = Path(source)
    # PNG becomes PNG whether it moves or not, and no other format that moves can be written.
    if path.suffix.lower() not in (".gif", ".webp"):
        return "png"
    from PIL import Image

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=("GIF", "WEBP")) as image:
            return choose_format(image.format, getattr(image, "is_animated", False))
    except Exception:  # what is wrong with it is told when it is read
        return "png"


def format_of_name(output: str, asked: str | None) -> str | None:
    """Find the format that the name of a result promises; None if it promises nothing.

    Raises
    ------
    UsageError
        The name ends like a picture that cannot be written, or unlike the one that was asked for.
    """
    suffix = Path(output).suffix[1:].lower()
    promised = "png" if suffix == "apng" else suffix
    if not suffix:
        return asked
    if promised not in FORMATS:
        raise UsageError(f"-o {output}: a result is a png, gif or webp; let the name end so")
    if asked and asked != promised:
        raise UsageError(f"-o {output} --format {asked}: these contradict each other; give one of them")
    return promised
