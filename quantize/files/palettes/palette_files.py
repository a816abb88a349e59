"""Palette files in and out, by the name of a format: read by what they contain, written as they were asked for."""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from quantize.errors import InputError, OutputError, UsageError
from quantize.files.palettes import binary, picture_colors, stylesheets, text
from quantize.files.palettes.entries import Entry, ExportEntry
from quantize.files.palettes.notation import read_color, split_colors
from quantize.files.palettes.presets import list_presets
from quantize.files.reading.opening import is_picture
from quantize.files.seals import seal_text
from quantize.records.palette import MAX_COLORS, MAX_INDEXED, Palette
from quantize.records.settings import MAX_PIXELS

_MAX_BYTES = 1 << 26
"""Bytes that are read of a palette, which may be a picture: others need a thousandth."""

_MAX_TEXT = 1 << 23
"""Bytes of a text: a report of 4096 colors has one million."""

_SHOWN = 200
"""Characters that a sentence repeats of a name that is none."""


class Format(NamedTuple):
    """How a format is told from others, read and written, and what it has no place for.

    `write` takes what to write and the palette's title; it is None for what is only read. `alpha` is "none", "entry"
    where one color can be marked as transparent, or "full".
    """

    recognizes: Callable[[bytes], bool]
    read: Callable[[bytes], Iterable[Entry]]
    write: Callable[[Sequence[ExportEntry], str], bytes] | None = None
    alpha: str = "none"
    max_colors: int = MAX_COLORS


def _text(
    recognizes: Callable[[str], bool],
    read: Callable[[str], Iterable[Entry]],
    write: Callable[[Sequence[ExportEntry], str], str] | None = None,
    alpha: str = "none",
) -> Format:
    return Format(
        lambda data: b"\0" not in data and recognizes(_decode(data)),
        lambda data: read(_decode(data)),
        write and (lambda entries, title: seal_text(write(entries, title))),
        alpha,
    )


@functools.lru_cache(maxsize=1)  # each format looks at it in turn
def _decode(data: bytes) -> str:
    # Names are the only part that is not ASCII: one in an old encoding should not cost its color.
    return data.decode("utf-8-sig", errors="replace")


# In the order in which a file is tried: what starts with a signature first, and any picture last.
PALETTE_FORMATS: dict[str, Format] = {
    "gpl": _text(text.is_gpl, text.read_gpl, text.write_gpl),
    "pal": _text(text.is_pal, text.read_pal, text.write_pal),
    "riff": Format(binary.is_riff, binary.read_riff),
    "ase": Format(binary.is_ase, binary.read_ase, binary.write_ase),
    "act": Format(
        lambda data: binary.is_act(data) and not is_picture(data),
        binary.read_act,
        binary.write_act,
        "entry",
        max_colors=MAX_INDEXED,
    ),
    "json": _text(text.is_json, text.read_json, text.write_json, "full"),
    "css": _text(stylesheets.is_css, stylesheets.read_css, stylesheets.write_css, "full"),
    "scss": _text(stylesheets.is_scss, stylesheets.read_css, stylesheets.write_scss, "full"),
    "hex": _text(text.is_hex, text.read_hex, text.write_hex),
    "tailwind": _text(stylesheets.is_tailwind, stylesheets.read_tailwind),
    "png": Format(lambda data: True, picture_colors.read_picture_colors, picture_colors.write_png, "full"),
}


class Swatches(NamedTuple):
    """What a palette is called, and its entries as they stand: in order, with duplicates and with names."""

    title: str
    entries: tuple[Entry, ...]


def read_palette(source: str | os.PathLike[str], max_pixels: int = MAX_PIXELS) -> Swatches:
    """Read a palette from a file, by its name among the presets, or from a list of colors.

    Parameters
    ----------
    source : path or str
        A file in one of `PALETTE_FORMATS`, whatever its ending, where png stands for any picture with at most 4096
        colors; or, where there is no such file, the name of a preset or colors parted by commas.
    max_pixels : int
        Refuses pictures with more.

    Returns
    -------
    Swatches
        With the file's stem or the preset's name as the title, or "custom".

    Raises
    ------
    InputError
        The file is broken. The sentence starts with its name, and says in which line.
    UsageError
        There is no such file and no such preset, and it is no list of colors.
    """
    path = Path(source)
    if not os.path.exists(source):  # noqa: PTH110 - a list may be too long a path
        return _read_words(str(source))
    try:
        found = tuple(islice(_read(path, max_pixels), MAX_COLORS + 1))
        refuse_number(len(found))
        return Swatches(path.stem, found)
    except OSError as error:
        raise InputError(f"{path}: this palette cannot be read ({error.strerror or error})") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except Exception as error:  # Pillow's decoders raise nearly anything on broken files
        raise InputError(f"{path}: is not a readable palette ({' '.join(str(error).split())})") from error


def _read_words(words: str) -> Swatches:
    if preset := list_presets().get(words):
        named = zip(preset.colors, preset.names, strict=True)
        return Swatches(words, tuple(Entry((*color, 255), name) for color, name in named))
    items = split_colors(words)
    try:
        found = tuple(Entry(read_color(item)) for item in items[: MAX_COLORS + 1])
    except UsageError:
        if len(items) > 1:
            raise
        near = difflib.get_close_matches(words.lower(), list_presets(), n=1)
        meant = f"did you mean the preset {near[0]}?" if near else "quantize --palettes lists the presets"
        raise UsageError(f"{words[:_SHOWN]!r} is neither a file nor a color; {meant}") from None
    refuse_number(len(found))
    return Swatches("custom", found)


def refuse_number(n_colors: int) -> None:
    """Refuse an empty palette, and one that is too large."""
    if not n_colors:
        raise InputError("has no colors")
    if n_colors > MAX_COLORS:
        raise InputError(f"has more than {MAX_COLORS:,} colors, which a palette holds")


def _read(path: Path, max_pixels: int) -> Iterable[Entry]:
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES + 1)
    if not data:
        raise InputError("is empty; give a palette")
    if len(data) > _MAX_BYTES:
        raise InputError(f"has more than {_MAX_BYTES >> 20} MB, which no palette needs")
    if len(data) > _MAX_TEXT and b"\0" not in data:
        raise InputError(f"has more than {_MAX_TEXT >> 20} MB of text, which no palette needs")
    named = PALETTE_FORMATS.get(path.suffix.lower()[1:])
    name, found = next((name, one) for name, one in PALETTE_FORMATS.items() if one.recognizes(data))
    if name != "png":
        return found.read(data)
    if named is PALETTE_FORMATS["act"] and not is_picture(data):
        return named.read(data)
    try:
        return picture_colors.read_picture_colors(data, max_pixels)
    except UnidentifiedImageError:
        # Nothing in it tells what it should have been, but its ending may: then that reader says what is wrong.
        if named and named is not found:
            return named.read(data)
        known = ", ".join(PALETTE_FORMATS)
        raise InputError(
            f"is not a palette that we can read; give one of {known}, or a picture with few colors"
        ) from None


def encode_palettes(
    paths: Mapping[str, Path], palette: Palette, shares: NDArray[Any], *, only_used: bool = False
) -> dict[Path, bytes]:
    """Encode a palette for several files, by the names of their formats; without its unused entries, if asked.

    Raises
    ------
    OutputError
        As `encode_palette`, after the file's name.
    """
    if only_used:
        rows = np.flatnonzero(shares)
        palette, shares = palette.take(rows), shares[rows]
    contents: dict[Path, bytes] = {}
    for name, path in paths.items():
        try:
            contents[path] = encode_palette(palette, name, shares)
        except OutputError as error:
            raise OutputError(f"{path}: {error}") from None
    return contents


def encode_palette(palette: Palette, name: str, shares: NDArray[Any] | None = None) -> bytes:
    """Encode a palette.

    Parameters
    ----------
    palette : Palette
    name : str
        A format in `PALETTE_FORMATS` that can be written.
    shares : ndarray of shape (n_colors,), optional
        Fraction of the pixels that each color has, for formats that have a place for it.

    Returns
    -------
    bytes
        The same colors in the same order. A format without alpha leaves out the fully transparent entry, which is no
        color to it; ACT marks it.

    Raises
    ------
    OutputError
        The format has no place for so many colors, or for colors that are partly transparent.
    """
    one = PALETTE_FORMATS[name]
    if one.write is None:
        raise OutputError(f"{name} palettes are only read; export another format")
    rgba = np.full((len(palette), 4), 255, np.uint8)
    rgba[:, : palette.colors.shape[1]] = palette.colors
    if one.alpha != "full" and ((rgba[:, 3] > 0) & (rgba[:, 3] < 255)).any():
        able = ", ".join(
            other for other, format_ in PALETTE_FORMATS.items() if format_.alpha == "full" and format_.write
        )
        raise OutputError(f"{name} holds no partly transparent colors; export one of {able}, or give a --background")
    rows = np.flatnonzero(rgba[:, 3]) if one.alpha == "none" else range(len(rgba))
    if len(rows) > one.max_colors:
        raise OutputError(f"{name} holds {one.max_colors} colors, not {len(rows)}; export another format")
    names = palette.names or [""] * len(palette)
    given = [None] * len(palette) if shares is None else shares.tolist()
    return one.write([ExportEntry((*rgba[row].tolist(),), names[row], given[row]) for row in rows], palette.title)
