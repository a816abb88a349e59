"""In which format a result is written, and what that format cannot hold: settled before the first color is counted.

Options are checked by it before numpy is loaded, for which a picture would have to wait to be decoded.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from quantize.errors import OutputError
from quantize.files.writing.atomic import is_special
from quantize.records.picture import Picture, harden_alpha
from quantize.records.settings import FORMATS, Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_SIDES = {"gif": ("GIF", 65_535), "webp": ("WebP", 16_383)}
"""Sixteen bits of GIF 89a, fourteen of the WebP container's specification."""

_STRIP = 1 << 20
"""Pixels whose alpha is looked at together: bounds what that takes."""

_LONGEST = 1 << 29
"""Bytes of a file that is looked at for a second frame: Pillow goes through zeros one by one, and a longer one is
refused when it is read."""

_ENCODED_AS = {"webp": 3.1}
"""How many pixels' memory the encoders of some formats take for one: up to 43 bytes were measured with libwebp, where a
conversion has 14."""


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


def settle_format(picture: Picture, asked: str | None) -> str:
    """Settle the format of a picture's result.

    Parameters
    ----------
    picture : Picture
    asked : str or None
        One of `FORMATS`; None is what suits the picture.

    Raises
    ------
    OutputError
        The format holds no picture as large.
    """
    name = asked or choose_format(picture.source.format, picture.animation is not None)
    title, most = MAX_SIDES.get(name, ("", max(picture.size)))
    if max(picture.size) > most:
        width, height = picture.size
        raise OutputError(
            f"{picture.source.name}: {title} holds at most {most:,} pixels a side, not {width}x{height}; "
            "use --format png"
        )
    return name


def refuse_unfit(picture: Picture, settings: Settings) -> None:
    """Refuse settings of which a settled format knows nothing.

    Raises
    ------
    OutputError
        A depth is asked for that is not a PNG's, or a place in a palette that WebP makes itself; or the encoder of the
        format takes as much memory as more pixels than are allowed.
    """
    width, height = picture.size
    n_encoded = int(width * height * _ENCODED_AS.get(settings.format or "", 1))
    if n_encoded > settings.max_pixels:
        raise OutputError(
            f"{picture.source.name}: has {width}x{height} = {width * height:,} pixels, which take the encoder of "
            f"{settings.format} as much memory as {n_encoded:,}, more than {settings.max_pixels:,}; allow more with "
            f"--max-pixels {n_encoded}, or use --format png"
        )
    if settings.bits and settings.format != "png":
        raise OutputError(
            f"{picture.source.name}: --bits is the depth of a PNG, and not of a {settings.format}; leave it out"
        )
    if settings.transparent_index is not None and settings.format == "webp":
        raise OutputError(
            f"{picture.source.name}: WebP orders its palette itself, and has no place for --transparent-index; "
            "use --format png or gif"
        )


def suit_format(picture: Picture, name: str) -> Picture:
    """Leave out what a format cannot hold: of GIF, partial transparency, which becomes opaque from one half on."""
    if name != "gif" or not picture.has_alpha:
        return picture
    import numpy as np

    flat = picture.keys.reshape(-1)
    strips = [flat[start : start + _STRIP] for start in range(0, flat.size, _STRIP)]
    if not any(_is_partial(strip).any() for strip in strips):
        return picture
    keys = np.concatenate([harden_alpha(strip) for strip in strips]).reshape(picture.keys.shape)
    has_alpha = not keys.all()
    if not has_alpha:
        keys &= np.uint32(0x00FFFFFF)
    notice = "partly transparent pixels became opaque or transparent, as GIF knows no others"
    source = picture.source._replace(notices=(*picture.source.notices, notice))
    return replace(picture, keys=keys, has_alpha=has_alpha, source=source)


def _is_partial(keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
    alpha = keys.view("u1")[3::4]
    partial: NDArray[np.bool_] = (alpha > 0) & (alpha < 255)
    return partial


def read_format(source: str) -> str | None:
    """Tell the format of a file by its content; None if it is none that can be written."""
    if is_special(Path(source)):
        return None
    from PIL import Image

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(source, formats=("PNG", "GIF", "WEBP")) as image:
            return (image.format or "").lower()
    except Exception:  # what is wrong with it is told when it is read
        return None


def guess_format(source: str) -> str:
    """Choose the format of a file's result by its header, before it is read."""
    # PNG becomes PNG whether it moves or not, and no other format that moves can be written.
    if not source.lower().endswith((".gif", ".webp")) or is_special(Path(source)):  # a pipe is read once
        return "png"
    from PIL import Image

    try:
        if Path(source).stat().st_size > _LONGEST:
            return "png"
        with warnings.catch_warnings(action="ignore"), Image.open(source, formats=("GIF", "WEBP")) as image:
            return choose_format(image.format, getattr(image, "is_animated", False))
    except Exception:  # what is wrong with it is told when it is read
        return "png"


def read_ending(name: str) -> str | None:
    """Tell the format that the name of a result promises; None if its ending promises nothing."""
    suffix = Path(name).suffix[1:].lower()
    return {"apng": "png", "": None}.get(suffix, suffix)
