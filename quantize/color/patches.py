"""Patches of one color: counted, and those too small for thread, vinyl or a screen given to a neighbor.

A patch is all pixels of one label that hang together by their edges. The smallest patch goes first, of equally small
ones the first in the order of rows: it takes the label of the neighbor that costs least, and joins all its neighbors
that have it. So on, until none is too small, or those that are must stay.
"""

import heapq
import math
from itertools import pairwise
from operator import add, mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import list_colors, pack_colors
from quantize.color.remap import exact_points, is_opaque
from quantize.records.palette import Palette
from quantize.records.picture import Picture
from quantize.records.settings import Settings

Labels = NDArray[Any]


class Despeckled(NamedTuple):
    """Labels without small patches, and the number of patches in all frames before and after."""

    labels: Labels
    n_before: int
    n_after: int


def despeckle(picture: Picture, labels: Labels, palette: Palette, settings: Settings) -> Despeckled:
    """Give patches that are too small to the neighbor that costs least.

    The cost is the squared error of the patch's pixels in the color space of the settings. Fully transparent pixels
    stay so, and no others become transparent; opaque pixels stay opaque. Patches of a color that is kept stay.

    Parameters
    ----------
    picture : Picture
        The source. Each frame of an animation is despeckled by itself.
    labels : ndarray of the picture's shape
        Palette row of each pixel.
    palette : Palette
    settings : Settings
        Its `despeckle` is the number of pixels from which a patch stays. Its `space` and `keep` are used.

    Returns
    -------
    Despeckled
    """
    height, width = labels.shape[-2:]
    rules = _Rules(palette, settings)
    frames = np.ascontiguousarray(labels).reshape(-1, height, width)
    sources = picture.pixels.reshape(len(frames), height * width, -1)
    results = [_despeckle_frame(frame, source, rules) for frame, source in zip(frames, sources, strict=True)]
    return Despeckled(
        np.stack([result.labels for result in results]).reshape(labels.shape),
        sum(result.n_before for result in results),
        sum(result.n_after for result in results),
    )


class _Rules:
    """What a patch of each palette row costs, and may become."""

    def __init__(self, palette: Palette, settings: Settings) -> None:
        self.least = settings.despeckle
        self.space = settings.space
        # Lists: there are few entries, and many patches to be looked at one by one.
        points = exact_points(palette.colors, settings.space).astype(np.float64)
        self.doubled: list[list[float]] = (2 * points).tolist()
        self.squares: list[float] = np.square(points).sum(axis=1).tolist()
        alpha = palette.colors[:, 3:].min(axis=1, initial=255)
        # 0 is clear, 1 translucent, 2 opaque. A patch may become what is as solid as it is, or more, and not clear.
        self.solidity: list[int] = ((alpha > 0).astype(int) + is_opaque(palette.colors)).tolist()
        kept = list_colors(settings.keep, palette.colors.shape[1] == 4)
        self.stays = (np.isin(pack_colors(palette.colors), kept.keys) | (alpha == 0)).tolist()

    def find_cheapest(self, label: int, others: set[int], size: int, sums: list[float]) -> int | None:
        """Find the label that costs a patch least, of its neighbors' labels; of equal ones the lowest."""
        cheapest, least = None, math.inf
        for other in sorted(others):
            if self.solidity[other] and self.solidity[other] >= self.solidity[label]:
                cost = size * self.squares[other] - sum(map(mul, self.doubled[other], sums))
                if cost < least:
                    cheapest, least = other, cost
        return cheapest


def _despeckle_frame(labels: Labels, colors: NDArray[np.uint8], rules: _Rules) -> Despeckled:
    patches = _Patches(labels, exact_points(np.ascontiguousarray(colors), rules.space))
    n_before = len(patches.sizes)
    waiting = [(size, patches.order[patch], patch) for patch, size in enumerate(patches.sizes) if size < rules.least]
    heapq.heapify(waiting)
    stuck: set[int] = set()  # until a neighbor becomes what they may be
    n_after = n_before
    while waiting:
        size, _, patch = heapq.heappop(waiting)
        label = patches.labels[patch]
        if patches.joins[patch] != patch or patches.sizes[patch] != size or rules.stays[label]:
            continue  # it is another's by now, or has grown, and stands in the heap again if it has to
        others = {patches.labels[other] for other in patches.neighbors[patch]}
        chosen = rules.find_cheapest(label, others, size, patches.sums[patch])
        if chosen is None:
            stuck.add(patch)
            continue
        heir, n_joined = patches.join(patch, chosen)
        n_after -= n_joined
        freed = stuck & patches.neighbors[heir] if stuck else ()
        stuck.difference_update(freed)
        for other in (heir, *freed):
            if patches.sizes[other] < rules.least:
                heapq.heappush(waiting, (patches.sizes[other], patches.order[other], other))
    return Despeckled(patches.paint(labels.dtype), n_before, n_after)


class _Patches:
    """The patches of a frame: their labels, sizes, sums of points, neighbors, and which of them took which others in.

    `order` is where the first pixel of a patch stands, so that of equal patches the upper one comes first.
    """

    def __init__(self, labels: Labels, points: NDArray[Any]) -> None:
        from skimage.measure import label as label_patches

        # It takes 0 for the background.
        patches, n_patches = label_patches(labels.astype(np.int32) + 1, connectivity=1, return_num=True)
        self._patches = patches - 1
        patch_of = self._patches.reshape(-1)
        _, firsts, sizes = np.unique(patch_of, return_index=True, return_counts=True)
        self.labels: list[int] = labels.reshape(-1)[firsts].tolist()
        self.sizes: list[int] = sizes.tolist()
        self.order: list[int] = firsts.tolist()
        sums = np.column_stack([np.bincount(patch_of, plane, n_patches) for plane in points.T])
        self.sums: list[list[float]] = sums.tolist()
        self.neighbors = _list_neighbors(self._patches, n_patches)
        self.joins = list(range(n_patches))

    def join(self, patch: int, label: int) -> tuple[int, int]:
        """Give a patch the label of some neighbors; tell which of them all is the heir, and how many joined."""
        neighbors, labels = self.neighbors, self.labels
        joined = [other for other in neighbors[patch] if labels[other] == label]
        labels[patch] = label
        # What has the most neighbors takes the others in.
        heir = patch
        for other in joined:
            if len(neighbors[other]) > len(neighbors[heir]):
                heir = other
        for other in {patch, *joined} - {heir}:
            for beside in neighbors[other]:
                neighbors[beside].discard(other)
                neighbors[beside].add(heir)
            neighbors[heir] |= neighbors[other]
            neighbors[other] = set()
            self.joins[other] = heir
            self.sizes[heir] += self.sizes[other]
            self.sums[heir] = list(map(add, self.sums[heir], self.sums[other]))
            self.order[heir] = min(self.order[heir], self.order[other])
        neighbors[heir] -= {patch, *joined}
        return heir, len(joined)

    def paint(self, dtype: Any) -> Labels:
        """Give each pixel the label of the patch that it ended in."""
        heirs = np.array(self.joins)
        while (heirs[heirs] != heirs).any():
            heirs = heirs[heirs]
        painted: Labels = np.array(self.labels, dtype)[heirs][self._patches]
        return painted


def _list_neighbors(patches: NDArray[Any], n_patches: int) -> list[set[int]]:
    pairs = [
        np.column_stack([one.reshape(-1), other.reshape(-1)])[one.reshape(-1) != other.reshape(-1)]
        for one, other in ((patches[:, 1:], patches[:, :-1]), (patches[1:], patches[:-1]))
    ]
    both = np.concatenate(pairs).astype(np.int64)
    codes = np.unique(np.concatenate([both[:, 0] * n_patches + both[:, 1], both[:, 1] * n_patches + both[:, 0]]))
    first, second = codes // n_patches, codes % n_patches
    ends = np.searchsorted(first, np.arange(n_patches + 1)).tolist()
    beside = second.tolist()
    return [set(beside[start:end]) for start, end in pairwise(ends)]
