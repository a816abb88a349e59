"""A PNG made smaller by oxipng, where one of its Python packages is installed: `pip install quantize[optimize]`."""

from __future__ import annotations

from quantize.files.seals import seal

_LEVEL = 4
"""Of oxipng's 0 to 6. Higher ones take three times as long for less than 0.5%."""


def recompress(data: bytes, encoder: str, *, keep_bits: bool = False) -> tuple[bytes, str]:
    """Compress a PNG again, and keep the smaller.

    Parameters
    ----------
    data : bytes
        A PNG.
    encoder : str
        What made it.
    keep_bits : bool
        Whether the bits per pixel stay, even if fewer would do.

    Returns
    -------
    data : bytes
        The smaller of the two; the palette, its order and the labels are the same.
    encoder : str
        What made that.
    """
    try:
        import oxipng
    except ImportError:
        return data, encoder
    # The report names the rows of the palette, and a given palette keeps its order and its unused colors.
    try:
        smaller = oxipng.optimize_from_memory(
            data,
            level=_LEVEL,
            bit_depth_reduction=not keep_bits,
            palette_reduction=False,
            color_type_reduction=False,
            grayscale_reduction=False,
        )
    except oxipng.PngError:
        return data, encoder
    smaller = seal(smaller)
    return (smaller, f"oxipng level {_LEVEL}") if len(smaller) < len(data) else (data, encoder)
