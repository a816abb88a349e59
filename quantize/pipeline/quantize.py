"""The straight line from a file to its recolored picture: load, count, find, apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.accents import count_accents, find_accents
from quantize.color.clear_entry import mark_clear, place_clear
from quantize.color.dither.names import DITHERS
from quantize.color.dither.strength import settle_strength
from quantize.color.exact import settle_exact
from quantize.color.histogram import count_colors, draw_colors, list_colors
from quantize.color.opacity import keep_opaque
from quantize.color.own_labels import find_own_labels, give_own_palette
from quantize.color.rounding import make_palette, polish_palette, take_colors
from quantize.color.spaces import to_points
from quantize.color.transparency import harden_palette, match_transparency
from quantize.errors import InputError
from quantize.files.formats import refuse_unfit, settle_format, suit_format
from quantize.files.reading.loading import load_picture
from quantize.kmeans import EFFORTS, GRID_ROUNDS, MiniBatchKMeans
from quantize.kmeans.minibatch import Callback
from quantize.parallel.progress import OnStage, Stopwatch
from quantize.pipeline.result import Result
from quantize.records.palette import Fit, Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.quantized import PatchCounts
from quantize.records.settings import Settings

_MOST_POINTS = 1 << 21
"""Colors that a palette is found from. Of more, a systematic sample of the pixels costs k / 2^21 of the error: 0.01% at
256 colors."""

STAGES = ("load", "count", "find", "apply")
"""What `quantize_picture` goes through, in order."""


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
    if settings.transparent_index is None:
        return _find(histogram, settings, callback)
    n_colors = settings.n_colors - (not histogram.has_clear)
    palette = _find(histogram, replace(settings, n_colors=n_colors), callback)
    return place_clear(palette, settings.transparent_index)


def _find(histogram: Histogram, settings: Settings, callback: Callback | None) -> Palette:
    kept = list_colors(settings.keep, histogram.has_alpha)
    if settings.candidates is not None:
        from quantize.color.palette_choice import choose_entries

        return choose_entries(histogram, settings.candidates, settings.n_colors, kept, settings.space)
    if settings.accents and len(histogram) > settings.n_colors:
        settings = _keep_accents(histogram, settings)
        kept = list_colors(settings.keep, histogram.has_alpha)
    histogram = histogram + kept if len(kept) else histogram
    if len(histogram) <= settings.n_colors:
        return take_colors(histogram)
    # Fully transparent pixels have no vote. They have an entry of their own, which the others are found beside.
    n_clear = int(histogram.has_clear)
    voting = replace(histogram, keys=histogram.keys[n_clear:], counts=histogram.counts[n_clear:])
    voting = draw_colors(voting, _MOST_POINTS)
    points = to_points(voting.colors, settings.space)
    # On one thread: its looks at a batch are too short to be worth sharing out.
    engine = MiniBatchKMeans(
        settings.n_colors,
        random_state=settings.seed,
        compute_labels=histogram.has_alpha,
        **_read_effort(settings),
    )
    held = np.vstack([histogram.colors[:n_clear], kept.colors])
    fixed = to_points(held, settings.space) if len(held) else None
    engine.fit(points, sample_weight=voting.counts, fixed=fixed, callback=callback)
    fit = Fit(engine.n_iter_, engine.n_steps_)
    centers = engine.cluster_centers_
    if histogram.has_alpha:
        centers = keep_opaque(centers, engine.labels_, points, voting, len(held), settings.n_threads)
    palette = make_palette(centers, settings.space, fit, gray=histogram.is_gray)
    palette, settled = settle_exact(palette, histogram, kept, settings.space, settings.n_threads)
    if settings.space == "rgb" and not histogram.has_alpha:
        palette = polish_palette(palette, voting, settled, GRID_ROUNDS[settings.effort], settings.n_threads)
    return palette


def _keep_accents(histogram: Histogram, settings: Settings) -> Settings:
    """Keep the colors, too, that a palette by area leaves behind."""
    n_accents = count_accents(settings.accents, settings.n_colors - len(settings.keep) - histogram.has_clear)
    if not n_accents:
        return settings
    by_area = _find(histogram, replace(settings, n_colors=settings.n_colors - n_accents, accents=0.0), None)
    found = find_accents(histogram, by_area, n_accents)
    return replace(settings, keep=tuple(dict.fromkeys(settings.keep + found)))


def _read_effort(settings: Settings) -> Mapping[str, Any]:
    return {**EFFORTS[settings.effort], **settings.engine}


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
    if palette.origin == "found" and palette.colors.shape[1] == histogram.colors.shape[1]:
        settings = settle_strength(histogram, palette, settings)
        labels, color_labels = DITHERS[settings.dither](picture, histogram, palette, settings)
    else:
        palette, settings, labels, color_labels = _match(picture, histogram, palette, settings)
    patches = None
    if settings.despeckle > 1:
        from quantize.color.patches import despeckle

        (labels, *numbers), color_labels = despeckle(picture, labels, palette, settings), None
        patches = PatchCounts(*numbers)
    if color_labels is None:
        counts = np.bincount(labels.reshape(-1), minlength=len(palette))
    else:
        counts = np.bincount(color_labels, histogram.counts, len(palette)).astype(np.int64)
    palette = replace(palette, asked_bits=settings.bits)
    return Result(picture, histogram, palette, labels, color_labels, counts, settings, patches)


def _match(
    picture: Picture, histogram: Histogram, palette: Palette, settings: Settings
) -> tuple[Palette, Settings, NDArray[Any], NDArray[Any] | None]:
    """Give every pixel its color of a palette that was not made for its picture's transparency."""
    if palette is settings.palette and palette.origin == "given" and settings.transparent_index is not None:
        palette = mark_clear(palette, settings.transparent_index)
    palette = harden_palette(palette) if settings.format == "gif" else palette
    match = match_transparency(picture, histogram, palette)
    settings = settle_strength(match.histogram, match.usable, settings)
    own = find_own_labels(picture, match.palette)
    if own is not None:
        return match.palette, settings, own, None
    labels = DITHERS[settings.dither](match.picture, match.histogram, match.usable, settings)
    return match.palette, settings, *match.label(histogram, *labels)


def quantize_picture(source: Any, settings: Settings | int | None = None, on_stage: OnStage | None = None) -> Result:
    """Reduce one picture to a few colors.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        What `load_picture` takes.
    settings : Settings or int, optional
        A number is the number of colors.
    on_stage : callable, optional
        Called with the name of each stage as it begins, with 0 of 1; and from time to time in a stage that goes
        through the frames of an animation, with how many of them are done, and how many there are.

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
    settings = Settings(n_colors=int(settings)) if isinstance(settings, int | np.integer) else settings or Settings()
    stopwatch = Stopwatch(on_stage)
    with stopwatch("load"):
        picture = load_picture(source, settings)
        name = settle_format(picture, settings.format)
        picture, settings = suit_format(picture, name), replace(settings, format=name)
        refuse_unfit(picture, settings)
        settings = give_own_palette(picture, settings) if settings.own_palette else settings
    with stopwatch("count"):
        histogram = count_colors(picture, settings.n_threads)
    with stopwatch("find"):
        palette = pick_palette(picture, histogram, settings)
    with stopwatch("apply"):
        quantized = apply_palette(picture, histogram, palette, settings)
    return replace(quantized, timing=stopwatch.timing)
