"""A picture of few colors that the program draws, such as a swatch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Drawing(NamedTuple):
    """Pixels as rows of a list of colors.

    `labels` has the shape (height, width) and dtype uint8, or uint16 above 256 colors; `colors` has the shape
    (n_colors, 3), or (n_colors, 4) with alpha, and dtype uint8.
    """

    labels: NDArray[Any]
    colors: NDArray[np.uint8]

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The pixels of shape (height, width, 3 or 4), dtype uint8."""
        pixels: NDArray[np.uint8] = self.colors[self.labels]
        return pixels
