"""A picture, its palette, and the palette row of every pixel: what the straight line ends in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quantize.records.report import ByteParts

_LONGEST_SHOWN = 1600
"""Pixels of the longer side of what a notebook shows."""


@dataclass(frozen=True, eq=False, repr=False)
class Encoded:
    """A quantized picture as the bytes of a file.

    Parameters
    ----------
    data : bytes
        The whole file.
    format : str
        One of `FORMATS`.
    encoder : str
        What compressed it, and how hard.
    parts : ByteParts
        Where its bytes are.
    order : ndarray of shape (n_colors,), or None
        The palette's rows in the order in which they are stored, where that is another one.
    """

    data: bytes
    format: str
    encoder: str
    parts: ByteParts
    order: NDArray[np.intp] | None = None

    def __repr__(self) -> str:
        return f"Encoded({len(self.data):,} bytes of {self.format})"


class PatchCounts(NamedTuple):
    """Patches of one color, in all frames, before and after the small ones were given to their neighbors."""

    before: int
    after: int


@dataclass(frozen=True, eq=False, repr=False)
class Quantized:
    """A picture, its palette, and the palette row of every pixel.

    Parameters
    ----------
    labels : ndarray of the picture's shape, dtype uint8, or uint16 above 256 colors
        Palette row of each pixel.
    color_labels : ndarray of shape (n_unique,), or None
        Palette row of each color of the histogram; None where a dither or its neighbors gave one color several rows.
    counts : ndarray of shape (n_colors,), dtype int64
        Pixels of each palette row.
    patches : PatchCounts or None
        Where small patches were given to their neighbors.
    timing : mapping of str to float
        Milliseconds per stage.
    """

    picture: Picture
    histogram: Histogram
    palette: Palette
    labels: NDArray[Any]
    color_labels: NDArray[Any] | None
    counts: NDArray[np.int64]
    settings: Settings
    patches: PatchCounts | None = None
    timing: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        width, height = self.picture.size
        frames = f", {self.picture.n_frames} frames" if self.picture.n_frames > 1 else ""
        return f"Quantized({width} x {height}{frames} in {len(self.palette):,} colors)"

    @property
    def shares(self) -> NDArray[np.float64]:
        """Fraction of the pixels that each palette row has, 0 to 1."""
        shares: NDArray[np.float64] = self.counts / self.counts.sum()
        return shares

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The recolored pixels: the shape of `labels` and a last axis of 3 channels, or 4 with alpha."""
        pixels: NDArray[np.uint8] = self.palette.colors[self.labels]
        return pixels

    @property
    def is_free(self) -> bool:
        """Whether nobody asked how the palette is stored: it was found, and no entry or depth has been settled."""
        settled = (self.settings.transparent_index, self.settings.bits)
        return self.palette.origin == "found" and settled == (None, None)

    def reorder(self, order: NDArray[np.intp] | None) -> Quantized:
        """Put the palette's rows into another order, and the labels with them; None keeps theirs."""
        if order is None:
            return self
        labels = order.argsort().astype(self.labels.dtype)
        names = self.palette.names and tuple(self.palette.names[row] for row in order)
        return replace(
            self,
            palette=replace(self.palette, colors=self.palette.colors[order], names=names),
            labels=labels[self.labels],
            color_labels=None if self.color_labels is None else labels[self.color_labels],
            counts=self.counts[order],
        )

    def _repr_png_(self) -> bytes:
        """Show the result in a notebook, its first frame; of a large one, every second pixel or fewer."""
        from io import BytesIO

        from PIL import Image

        width, height = self.picture.size
        step = -(-max(width, height) // _LONGEST_SHOWN)
        labels = self.labels.reshape(-1, height, width)[0, ::step, ::step]
        buffer = BytesIO()
        Image.fromarray(self.palette.colors[labels]).save(buffer, "PNG")
        return buffer.getvalue()

    def _repr_html_(self) -> str:
        """Show the result in a notebook with its palette and how it was made."""
        from base64 import b64encode

        source = b64encode(self._repr_png_()).decode()
        said = f"{len(self.palette)} colors, space {self.settings.space}, dither {self.settings.dither}"
        return (
            f'<img alt="{said}" src="data:image/png;base64,{source}"><div>{self.palette._repr_html_()}</div>'
            f"<p>{said}, seed {self.settings.seed}</p>"
        )
