"""The straight line from a file to its recolored picture: load, count, find, apply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from quantize.color.dither.names import DITHERS
from quantize.color.dither.strength import settle_strength
from quantize.color.histogram import count_colors, count_labels
from quantize.color.matching import match_palette
from quantize.color.own_labels import find_own_labels, give_own_palette
from quantize.errors import InputError
from quantize.files.formats import refuse_unfit, settle_format, suit_format
from quantize.files.reading.loading import load_picture
from quantize.kmeans.minibatch import Callback
from quantize.parallel.progress import OnStage, Stopwatch
from quantize.pipeline.finding import FINDERS
from quantize.pipeline.result import Result
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.quantized import PatchCounts
from quantize.records.settings import Settings

STAGES = ("load", "count", "find", "apply")
"""What `quantize_picture` goes through, in order."""


def leave_one(picture: Picture, settings: Settings) -> Picture:
    """Cut a logo's stencil, where the palette leaves one color beside what is clear; any other picture stays."""
    if not (picture.has_alpha and settings.leaves_one):
        return picture
    from quantize.color.stencil import cut_stencil

    return cut_stencil(picture)


def find_palette(histogram: Histogram, settings: Settings, callback: Callback | None = None) -> Palette:
    """Find the colors that represent a histogram best.

    Parameters
    ----------
    histogram : Histogram
    settings : Settings
    callback : callable, optional
        Told of each of the engine's steps, as by `MiniBatchKMeans.fit`. Its centers are points of the settings' space.

    Returns
    -------
    Palette
        At most `settings.n_colors` colors, with those of `settings.keep` among them; the histogram's own where it has
        no more. Where there are candidates, the best of those.
    """
    row = settings.transparent_index
    if row is None:
        return FINDERS[settings.finder](histogram, settings, callback)
    from quantize.color.clear_entry import place_clear

    others = replace(settings, n_colors=settings.n_colors - (not histogram.has_clear))
    return place_clear(FINDERS[settings.finder](histogram, others, callback), row)


def pick_palette(picture: Picture, histogram: Histogram, settings: Settings) -> Palette:
    """Take the palette that is given, or find one: of a number of colors, or of as many as reach a target.

    Raises
    ------
    InputError
        The picture has transparent pixels, and there is no entry left for them.
    """
    if settings.palette is not None:
        return settings.palette
    if settings.target is not None:
        from quantize.pipeline.target import reach_target

        return reach_target(picture, histogram, settings, find_palette, apply_palette)
    n_least = max(1, len(settings.keep)) + 1
    if histogram.has_clear and settings.n_colors < n_least and len(histogram) > 1:
        raise InputError(
            f"{picture.source.name}: its transparent pixels take a palette entry of their own, and -k "
            f"{settings.n_colors} leaves none for them; use -k {n_least}, or give a --background"
        )
    return find_palette(histogram, settings)


def apply_palette(picture: Picture, histogram: Histogram, palette: Palette, settings: Settings) -> Result:
    """Give every pixel its palette color.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of this picture.
    palette : Palette
    settings : Settings

    Returns
    -------
    Result
        A `Quantized` that can be shown and saved.
    """
    match = match_palette(picture, histogram, palette, settings)
    settings = settle_strength(match.histogram, match.usable, settings)
    labels, color_labels = find_own_labels(picture, match) or match.label(
        histogram, *DITHERS[settings.dither](match.picture, match.histogram, match.usable, settings)
    )
    patches = None
    if settings.despeckle > 1:
        from quantize.color.patches import despeckle

        (labels, *numbers), color_labels = despeckle(picture, labels, match.palette, settings), None
        patches = PatchCounts(*numbers)
    if color_labels is None:
        counts = count_labels(labels, len(match.palette))
    else:
        counts = np.bincount(color_labels, histogram.counts, len(match.palette)).astype(np.int64)
    palette = replace(match.palette, asked_bits=settings.bits)
    return Result(picture, histogram, palette, labels, color_labels, counts, settings, patches)


def quantize_picture(
    source: Any, settings: Settings | int | str | None = None, on_stage: OnStage | None = None
) -> Result:
    """Reduce one picture to a few colors.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        What `load_picture` takes.
    settings : Settings, int or "auto", optional
        A number is the number of colors, and so is "auto".
    on_stage : callable, optional
        Called with the name of each stage as it begins, with 0 of 1; as it ends, with 1 of 1; and from time to time
        between, with how many frames are done, and how many there are. A still picture is one frame, done in parts.

    Returns
    -------
    Result
        A `Quantized` that can be shown and saved. Its settings' `format` is settled.

    Raises
    ------
    InputError
        The source cannot be read as a picture, or has transparent pixels and no palette entry for them.
    OutputError
        The settings' format holds no picture as large, or knows nothing of what they ask of a palette.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.array([[[250, 0, 0], [252, 0, 0], [0, 0, 90], [0, 0, 90]]], np.uint8)
    >>> result = quantize_picture(pixels, Settings(n_colors=2))
    >>> result.palette.hex
    ['#00005a', '#fb0000']
    >>> result.labels.tolist()
    [[1, 1, 0, 0]]
    >>> result.shares.tolist()
    [0.5, 0.5]
    """
    if not isinstance(settings, Settings):
        settings = Settings() if settings is None else Settings(n_colors=cast("int", settings))
    stopwatch = Stopwatch(on_stage)
    with stopwatch("load"):
        picture = load_picture(source, settings)
        name = settle_format(picture, settings.format)
        settings = replace(settings, format=name)
        seen = suit_format(picture, name)
        picture = leave_one(seen, settings)
        refuse_unfit(picture, settings)
        settings = give_own_palette(picture, settings)
    with stopwatch("count"):
        histogram = count_colors(picture, settings.n_threads)
    with stopwatch("find"):
        palette = pick_palette(picture, histogram, settings)
    with stopwatch("apply"):
        quantized = apply_palette(picture, histogram, palette, settings)
    if picture.keys is not seen.keys:  # errors are those of the logo, and not of the stencil that was cut of it
        seen = replace(seen, source=picture.source)
        quantized = replace(quantized, picture=seen, histogram=count_colors(seen), color_labels=None)
    return replace(quantized, timing=stopwatch.timing)
