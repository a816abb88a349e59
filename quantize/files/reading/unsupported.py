"""Kinds of files that people take for pictures and Pillow does not read, each with the way to convert it."""

import re
from pathlib import Path

_RAW = (
    *("arw", "cr2", "cr3", "crw", "dng", "erf", "kdc", "mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "raw"),
    *("rw2", "rwl", "sr2", "srf", "srw", "x3f"),
)
"""Endings of camera raw files, as LibRaw's list of cameras has them. Some are TIFFs whose first page is a thumbnail."""

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
"""ISO/IEC 23008-12, annex B, without those of AVIF."""


_LONGEST = 80
"""Characters of a name that is said twice: a sentence has 300 at most."""

_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s/>]")
"""The root of a drawing, with or without a prefix for its namespace."""


def name_unsupported(name: str, head: bytes) -> str | None:
    """Say what a file is that Pillow cannot read, and how to convert it; None if it is nothing known.

    Parameters
    ----------
    name : str
    head : bytes
        How the file begins; some thousands of bytes, as a drawing may have a long preamble.
    """
    name_there = name if len(name) <= _LONGEST else "IN"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "ignore").strip("\ufeff \t\r\n").lower().encode()
    if Path(name).suffix[1:].lower() in _RAW:
        return f"is a camera raw file; develop it first, as with darktable-cli {name_there} out.png"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return f"is HEIC; convert it first, as with heif-convert {name_there} out.png"
    if text.startswith(b"<") and _SVG.search(text):
        return f"is SVG, a drawing without pixels; draw it first, as with rsvg-convert -o out.png {name_there}"
    if text.startswith(b"%pdf"):
        return f"is PDF; draw a page first, as with pdftoppm -png -r 150 {name_there} page"
    # Pillow would have an interpreter run it, which is more trust than a file from a stranger deserves.
    if text.startswith(b"%!ps") or head.startswith(b"\xc5\xd0\xd3\xc6"):
        return f"is PostScript; draw it first, as with gs -sDEVICE=png16m -r150 -o out.png {name_there}"
    return None
