"""Histograms in numpy's own format, ``.npz``: what machines that share nothing hand on, instead of pixels."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np

from quantize.errors import InputError
from quantize.files.writing.atomic import save_files
from quantize.records.picture import Histogram


def save_histogram(histogram: Histogram, path: str | os.PathLike[str]) -> None:
    """Write a histogram to a file, whole or not at all.

    Parameters
    ----------
    histogram : Histogram
    path : path
        Its name stays as it is; ``.npz`` is the usual ending. The file has 12 bytes for each color, and the arrays
        `keys`, `counts`, `has_alpha` and `n_bits`, as of `Histogram`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    buffer = io.BytesIO()
    np.savez(
        buffer, keys=histogram.keys, counts=histogram.counts, has_alpha=histogram.has_alpha, n_bits=histogram.n_bits
    )
    save_files({Path(path): buffer.getvalue()})


def load_histogram(path: str | os.PathLike[str]) -> Histogram:
    """Read what `save_histogram` wrote.

    Parameters
    ----------
    path : path

    Raises
    ------
    InputError
        The file is missing or broken, or no histogram.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            keys, counts, has_alpha = (arrays[name] for name in ("keys", "counts", "has_alpha"))
            n_bits = arrays["n_bits"] if "n_bits" in arrays else np.array(8)  # earlier versions knew colors alone
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or 'no histogram'})") from None
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        raise InputError(f"{path}: is no histogram that save_histogram wrote") from None
    is_sound = (
        (keys.dtype, keys.ndim, has_alpha.shape, has_alpha.dtype) == (np.dtype("<u4"), 1, (), np.dtype(bool))
        and (n_bits.shape, n_bits.dtype.kind) == ((), "i")
        and 1 <= int(n_bits) <= 8
        and counts.shape == keys.shape
        and counts.dtype.kind in "iuf"
        and bool(np.isfinite(counts).all() and (counts >= 0).all())
        and bool((keys[1:] > keys[:-1]).all())
        and (bool(has_alpha) or not keys.size or int(keys[-1]) < 1 << 24)
    )
    if not is_sound:
        raise InputError(f"{path}: is a broken histogram")
    return Histogram(keys, counts, bool(has_alpha), int(n_bits))
