"""A quantized picture with all that people do with one: look at it, save it, see its palette, read its report.

The record itself loads and saves nothing, and stands below the rooms that do. What needs those rooms stands here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PIL import Image

from quantize.records.job import Job, Outputs
from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Quantized

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from quantize.records.report import Report


@dataclass(frozen=True, eq=False, repr=False)
class Result(Quantized):
    """What `quantize_picture` returns.

    Examples
    --------
    >>> import numpy as np
    >>> from quantize import quantize_picture
    >>> result = quantize_picture(np.linspace(0, 1, 64).reshape(8, 8), 4)
    >>> result
    Quantized(8 x 8 in 4 colors)
    >>> result.image.mode
    'P'
    >>> result.report["error"]["psnr"] > 20
    True
    """

    @property
    def image(self) -> Image.Image:
        """The result as Pillow has it: indexed up to 256 colors, else RGB or RGBA; of an animation, its first frame."""
        width, height = self.picture.size
        return _to_image(self.labels.reshape(-1, height, width)[0], self.palette.colors)

    @property
    def swatch(self) -> Image.Image:
        """The palette as the command draws it: indexed, where 256 colors are enough for it."""
        from quantize.color.swatch_order import by_hue
        from quantize.show.swatch import render_swatch

        drawing = render_swatch(self, by_hue(self))
        return _to_image(drawing.labels, drawing.colors)

    @cached_property
    def report(self) -> Report:
        """What was gained and lost, as the command writes it beside a picture; the schema says what each key means."""
        from quantize.color.measure.metrics import LEVELS
        from quantize.files.writing.saving import encode_picture
        from quantize.show.reporting import build_report

        job = Job(self.picture.source.name, Outputs(None))
        timing = {**self.timing, "total": sum(self.timing.values())}
        return build_report(self, encode_picture(self), LEVELS[job.report](self), job, timing)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture in the format that its name ends in, as `save_picture` does."""
        from quantize.files.writing.saving import save_picture

        save_picture(self, path)

    def show(self) -> None:
        """Open the picture in a viewer."""
        self.image.show()


def _to_image(labels: NDArray[Any], colors: NDArray[np.uint8]) -> Image.Image:
    if len(colors) > MAX_INDEXED:
        return Image.fromarray(colors[labels])
    image = Image.fromarray(labels.astype("u1"))
    image.putpalette(colors.tobytes(), "RGB" if colors.shape[1] == 3 else "RGBA")
    return image
