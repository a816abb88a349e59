"""Options of other programs, and what stands for them here."""

from __future__ import annotations

from collections.abc import Sequence

from quantize.errors import UsageError

PEERS = {
    "--quality": "give the number of colors with -k, or what to reach, as in --target ssim=0.95",
    "--nofs": "nothing is dithered unless --dither asks for it",
    "-nofs": "nothing is dithered unless --dither asks for it",
    "--floyd": "give --dither floyd-steinberg",
    "--speed": "give --effort fast, balanced or best",
    "--ext": "give --name, as in --name '{stem}-small', or --in-place",
    "--strip": "nothing but pixels is kept unless --keep-metadata asks for it",
    "--posterize": "give the number of colors with -k",
    "-colors": "give the number of colors with -k",
    "--colors-used": "give the number of colors with -k",
    "-remap": "give the palette with -p",
    "--use-colormap": "give the palette with -p",
    "--use-col": "give the palette with -p",
    "--lossy": "give --dither-strength or fewer colors with -k",
    "-O3": "give --optimize",
    "--delay": "an animation keeps its times",
}
"""Options of pngquant, ImageMagick and gifsicle, and what stands for them here."""


def check_words(words: Sequence[str]) -> None:
    """Refuse options of other programs, before they are read as something else.

    Raises
    ------
    UsageError
        The sentence names the option to use.
    """
    for word in words:
        if word == "--":
            return
        name = word.partition("=")[0]
        if name in PEERS:
            raise UsageError(f"{name} is another program's option: {PEERS[name]}")
