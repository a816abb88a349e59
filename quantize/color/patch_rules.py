"""What a patch may become, and at what cost."""

import math
from operator import mul

import numpy as np

from quantize.color.histogram import list_colors, pack_colors
from quantize.color.remap import exact_points, is_opaque
from quantize.records.palette import Palette
from quantize.records.settings import Settings


class Rules:
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
