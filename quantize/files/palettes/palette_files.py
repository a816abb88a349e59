"""Palette files in and out, by the name of a format: read by what they contain, written as they were asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from quantize.errors import InputError, OutputError
from quantize.files.palettes import binary as binary_palettes
from quantize.files.palettes import text as text_palettes
from quantize.files.palettes.entries import Entry, parse_colors
from quantize.records.palette import MAX_COLORS, MAX_INDEXED, Palette


class Format(NamedTuple):
    """How a format is told from others, read and written, and what it has no place for.

    `alpha` is "none", "entry" where one color can be marked as transparent, or "full".
    """

    recognizes: Callable[[bytes], bool]
    read: Callable[[bytes], list[Entry]]
    write: Callable[[Sequence[Entry]], bytes]
    alpha: str = "none"
    max_colors: int = MAX_COLORS


def _text(
    recognizes: Callable[[str], bool],
    read: Callable[[str], list[Entry]],
    write: Callable[[Sequence[Entry]], str],
    alpha: str = "none",
) -> Format:
    return Format(
        lambda data: b"\0" not in data and recognizes(_decode(data)),
        lambda data: read(_decode(data)),
        lambda entries: write(entries).encode(),
        alpha,
    )


def _decode(data: bytes) -> str:
    # Names are the only part that is not ASCII: one in an old encoding should not cost its color.
    return data.decode("utf-8-sig", errors="replace")


# In the order in which a file is tried: what starts with a signature first, and any picture last.
PALETTE_FORMATS: dict[str, Format] = {
    "gpl": _text(text_palettes.is_gpl, text_palettes.read_gpl, text_palettes.write_gpl),
    "pal": _text(text_palettes.is_pal, text_palettes.read_pal, text_palettes.write_pal),
    "ase": Format(binary_palettes.is_ase, binary_palettes.read_ase, binary_palettes.write_ase),
    "act": Format(
        binary_palettes.is_act, binary_palettes.read_act, binary_palettes.write_act, "entry", max_colors=MAX_INDEXED
    ),
    "json": _text(text_palettes.is_json, text_palettes.read_json, text_palettes.write_json, "full"),
    "css": _text(text_palettes.is_css, text_palettes.read_css, text_palettes.write_css, "full"),
    "hex": _text(text_palettes.is_hex, text_palettes.read_hex, text_palettes.write_hex),
    "png": Format(lambda data: True, binary_palettes.read_picture_colors, binary_palettes.write_png, "full"),
}


def load_palette(source: str | os.PathLike[str]) -> Palette:
    """Load a palette as it stands in a file or in a list of colors: in order, with duplicates and with names.

    Parameters
    ----------
    source : path or str
        A file in one of `PALETTE_FORMATS`, whatever its ending, where png stands for any picture with at most 4096
        colors; or, where there is no such file, colors parted by commas.

    Returns
    -------
    Palette
        With alpha if a color has any, with names if one has one, and with the file's stem as its title, or "custom".

    Raises
    ------
    InputError
        The file is missing or broken. The sentence starts with its name, and says in which line.
    UsageError
        A list names something that is no color.
    """
    path = Path(source)
    if not os.path.exists(source) and not _looks_like_file(str(source)):  # noqa: PTH110 - a list may be too long a path
        return _to_palette([Entry(color) for color in parse_colors(str(source))], "custom")
    try:
        return _to_palette(_read(path), path.stem)
    except OSError as error:
        raise InputError(f"{path}: this palette cannot be read ({error.strerror or error})") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _looks_like_file(text: str) -> bool:
    return "," not in text and ("/" in text or Path(text).suffix[1:].isalnum())


def _read(path: Path) -> list[Entry]:
    data = path.read_bytes()
    if not data:
        raise InputError("is empty; give a palette")
    found = next(one for one in PALETTE_FORMATS.values() if one.recognizes(data))
    try:
        return found.read(data)
    except UnidentifiedImageError:
        # Nothing in it tells what it should have been, but its ending may: then that reader says what is wrong.
        if named := PALETTE_FORMATS.get(path.suffix.lower()[1:]):
            return named.read(data)
        known = ", ".join(PALETTE_FORMATS)
        raise InputError(
            f"is not a palette that we can read; give one of {known}, or a picture with few colors"
        ) from None
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders raise nearly anything on broken files
        raise InputError(f"is not a readable palette ({' '.join(str(error).split())})") from error


def _to_palette(entries: Sequence[Entry], title: str) -> Palette:
    if not entries:
        raise InputError("has no colors")
    if len(entries) > MAX_COLORS:
        raise InputError(f"has {len(entries):,} colors, but a palette holds {MAX_COLORS:,}")
    colors = np.array([entry.color for entry in entries], np.uint8)
    names = tuple(entry.name for entry in entries)
    n_channels = 4 if (colors[:, 3] < 255).any() else 3
    return Palette(colors[:, :n_channels].copy(), names=names if any(names) else (), title=title)


def encode_palettes(paths: Mapping[str, Path], palette: Palette, shares: NDArray[Any]) -> dict[Path, bytes]:
    """Encode a palette for several files, by the names of their formats.

    Raises
    ------
    OutputError
        As `encode_palette`, after the file's name.
    """
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
        A format in `PALETTE_FORMATS`.
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
    rgba = np.full((len(palette), 4), 255, np.uint8)
    rgba[:, : palette.colors.shape[1]] = palette.colors
    if one.alpha != "full" and ((rgba[:, 3] > 0) & (rgba[:, 3] < 255)).any():
        able = ", ".join(other for other, format_ in PALETTE_FORMATS.items() if format_.alpha == "full")
        raise OutputError(f"{name} holds no partly transparent colors; export one of {able}, or give a --background")
    rows = np.flatnonzero(rgba[:, 3]) if one.alpha == "none" else range(len(rgba))
    if len(rows) > one.max_colors:
        raise OutputError(f"{name} holds {one.max_colors} colors, not {len(rows)}; export another format")
    names = palette.names or [""] * len(palette)
    given = [None] * len(palette) if shares is None else shares.tolist()
    return one.write([Entry((*rgba[row].tolist(),), names[row], given[row]) for row in rows])
