"""Patches of one color: counted, and those too small for thread, vinyl or a screen given to a neighbor.

A patch is all pixels of one label that hang together by their edges. The smallest patch goes first, of equally small
ones the first in the order of rows: it takes the label of the neighbor that costs least, and joins all its neighbors
that have it. So on, until none is too small, or those that are must stay.
"""

import heapq
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import count_labels
from quantize.color.patch_rules import Rules
from quantize.color.remap import exact_points
from quantize.color.specks import join_specks
from quantize.records.palette import Palette
from quantize.records.picture import Picture
from quantize.records.settings import Settings

Labels = NDArray[Any]

_STRIP = 1 << 18
"""Pixels whose patches are numbered, and whose points are summed up, at a time."""

_NUMBER_BITS = 32
"""Of an integer that holds the size of a patch and its number."""


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
    rules = Rules(palette, settings)
    frames = np.ascontiguousarray(labels).reshape(-1, height, width)
    sources = picture.pixels.reshape(len(frames), height * width, -1)
    results = [_despeckle_frame(frame, source, rules) for frame, source in zip(frames, sources, strict=True)]
    return Despeckled(
        np.stack([result.labels for result in results]).reshape(labels.shape),
        sum(result.n_before for result in results),
        sum(result.n_after for result in results),
    )


def _despeckle_frame(labels: Labels, colors: NDArray[np.uint8], rules: Rules) -> Despeckled:
    n_before = _Patches(labels).count()
    labels = join_specks(labels, colors, rules)
    patches = _Patches(labels)
    patches.sum_up(colors, rules.space)
    queue = _Queue(patches.sizes, rules.least)
    n_after = patches.count()
    stuck: dict[int, list[int]] = {}  # what waits for a neighbor to become what it may be, by the neighbor
    for size, patch in queue:
        label = patches.labels[patch]
        if patches.parents[patch] != patch or patches.sizes[patch] != size or rules.stays[label]:
            continue  # it is another's by now, or has grown, and is in the queue again if it has to
        beside = patches.find_neighbors(patch)
        others = {patches.labels[other] for other in beside}
        chosen = rules.find_cheapest(label, others, size, [sums[patch] for sums in patches.sums])
        if chosen is None:
            for other in beside:
                stuck.setdefault(other, []).append(patch)
            continue
        joined = [other for other in beside if patches.labels[other] == chosen]
        heir = patches.join(patch, joined, chosen)
        n_after -= len(joined)
        for other in (heir, *stuck.pop(patch, ())):
            queue.add(patches.sizes[other], other)
        if stuck and (waiting := [one for other in joined for one in stuck.pop(other, ())]):
            stuck[heir] = waiting
    return Despeckled(patches.paint(labels.dtype), n_before, n_after)


class _Queue:
    """Sizes and numbers of patches of fewer pixels than `least`: the smallest first, of equally small ones the first.

    Both are one integer. Those that are there from the beginning are sorted as an array: as objects, millions would
    take hundreds of megabytes.
    """

    def __init__(self, sizes: Sequence[int], least: int) -> None:
        counts = np.asarray(sizes, np.int64)
        small = np.flatnonzero((counts > 0) & (counts < least))
        self._given = np.sort(counts[small] << _NUMBER_BITS | small)
        self._added: list[int] = []
        self._least = least

    def add(self, size: int, patch: int) -> None:
        """Add a patch, if it is small."""
        if size < self._least:
            heapq.heappush(self._added, size << _NUMBER_BITS | patch)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for given in self._given.data:
            while self._added and self._added[0] < given:
                yield divmod(heapq.heappop(self._added), 1 << _NUMBER_BITS)
            yield divmod(given, 1 << _NUMBER_BITS)
        while self._added:
            yield divmod(heapq.heappop(self._added), 1 << _NUMBER_BITS)


class _Patches:
    """The patches of a frame, by numbers in the order of their first pixels: labels, sizes and sums of their points.

    Patches that became one are a tree of `parents`; its root is the first of them, and stands for all. What lies beside
    a patch is found from its pixels when it is asked for: only small ones are asked, and a set for each would take a
    hundred times the memory of the picture.
    """

    def __init__(self, labels: Labels) -> None:
        height, width = labels.shape
        self._step = width + 1
        grid = np.empty((height + 2, self._step), np.int32)
        self._inside = grid[1:-1, :-1]
        firsts = _number_patches(labels, self._inside)
        # A patch without pixels lies around the frame, so that each pixel has four neighbors.
        self._outside = n = len(firsts)
        grid[0], grid[-1], grid[:, -1] = n, n, n
        self._firsts = ((firsts // width + 1) * self._step + firsts % width).data
        self.parents = np.arange(n + 1, dtype=np.int32).data
        self._join_strips(labels)
        self._numbers = grid.reshape(-1).data
        sizes = count_labels(grid, n + 1)
        sizes[n] = 0
        self.sizes = sizes.data
        self.labels = labels.reshape(-1)[firsts].data
        self.sums: list[memoryview] = []

    def count(self) -> int:
        """Count the patches."""
        return int(np.count_nonzero(self.sizes))

    def sum_up(self, colors: NDArray[np.uint8], space: str) -> None:
        """Sum up the points of each patch."""
        self.sums = [sums.data for sums in _sum_up(self._inside, colors, space, self._outside)]

    def _join_strips(self, labels: Labels) -> None:
        """Make one of the patches that hang together over the border of two strips."""
        step = _rows_at_once(labels)
        for row in range(step, len(labels), step):
            alike = labels[row - 1] == labels[row]
            for above, below in zip(*self._inside[row - 1 : row + 1, alike].tolist(), strict=True):
                one, other = sorted((self._find(above), self._find(below)))
                self.parents[other] = one
        roots = self._find_roots()
        for numbers in self._inside:
            numbers[:] = roots[numbers]

    def find_neighbors(self, patch: int) -> set[int]:
        """Find the patches beside one, pixel by pixel from its first on."""
        numbers, parents, step = self._numbers, self.parents, self._step
        waiting = [self._firsts[patch]]
        seen, found = set(waiting), set()
        for pixel in waiting:
            for beside in (pixel - step, pixel - 1, pixel + 1, pixel + step):
                number = numbers[beside]
                if parents[number] != number:
                    number = self._find(number)
                if number != patch:
                    found.add(number)
                elif beside not in seen:
                    seen.add(beside)
                    waiting.append(beside)
        found.discard(self._outside)
        return found

    def join(self, patch: int, joined: list[int], label: int) -> int:
        """Make one patch of a label of several, and tell which is its root."""
        heir = min(patch, *joined)
        for other in (patch, *joined):
            if other != heir:
                self.parents[other] = heir
                self.sizes[heir] += self.sizes[other]
                for sums in self.sums:
                    sums[heir] += sums[other]
        self.labels[heir] = label
        return heir

    def paint(self, dtype: Any) -> Labels:
        """Give each pixel the label of the patch that it ended in."""
        labels = np.asarray(self.labels, dtype)[self._find_roots()[:-1]]
        return np.stack([labels[numbers] for numbers in self._inside])

    def _find(self, patch: int) -> int:
        parents = self.parents
        while parents[patch] != patch:
            parents[patch] = patch = parents[parents[patch]]
        return patch

    def _find_roots(self) -> NDArray[np.int32]:
        roots = np.array(self.parents, np.int32)
        while (roots[roots] != roots).any():
            roots = roots[roots]
        return roots


def _number_patches(labels: Labels, numbers: NDArray[np.int32]) -> NDArray[np.intp]:
    """Number the patches of each strip by itself, in the order of rows; return where each begins."""
    from skimage.measure import label as label_patches

    step, width, n, firsts = _rows_at_once(labels), labels.shape[1], 0, []
    for top in range(0, len(labels), step):
        # It takes 0 for the background.
        found = label_patches(labels[top : top + step].astype(np.int32) + 1, connectivity=1)
        numbers[top : top + step] = found + (n - 1)
        first = np.flatnonzero(np.diff(np.maximum.accumulate(found.reshape(-1)), prepend=0))
        firsts.append(first + top * width)
        n += len(first)
    return np.concatenate(firsts)


def _sum_up(numbers: NDArray[np.int32], colors: NDArray[np.uint8], space: str, n: int) -> NDArray[np.float64]:
    """Sum up the points of each patch: of shape (n_coordinates, n)."""
    step, width = _rows_at_once(numbers), numbers.shape[1]
    totals = np.zeros((exact_points(colors[:1], space).shape[1], n))
    for top in range(0, len(numbers), step):
        strip = numbers[top : top + step].reshape(-1)
        points = exact_points(np.ascontiguousarray(colors[top * width : (top + step) * width]), space)
        for total, plane in zip(totals, points.T, strict=True):
            total += np.bincount(strip, plane, n)
    return totals


def _rows_at_once(frame: NDArray[Any]) -> int:
    width: int = frame.shape[1]
    return max(1, _STRIP // width)
