"""Kinds of files that people take for pictures and Pillow does not read, each with the way to convert it."""

from pathlib import Path

_RAW = (
    *("arw", "cr2", "cr3", "crw", "dng", "erf", "kdc", "mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "raw"),
    *("rw2", "rwl", "sr2", "srf", "srw", "x3f"),
)
"""Endings of camera raw files, as LibRaw's list of cameras has them. Some are TIFFs whose first page is a thumbnail."""

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
"""ISO/IEC 23008-12, annex B, without those of AVIF."""


def name_foreign(name: str, data: bytes) -> str | None:
    """Say what a file is that Pillow cannot read, and how to convert it; None if it is nothing known."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if Path(name).suffix[1:].lower() in _RAW:
        return f"is a camera raw file; develop it first, as with darktable-cli {name} out.png"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return f"is HEIC; convert it first, as with heif-convert {name} out.png"
    if head.startswith((b"<svg", b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head:
        return f"is SVG, a drawing without pixels; draw it first, as with rsvg-convert -o out.png {name}"
    if head.startswith(b"%pdf"):
        return f"is PDF; draw a page first, as with pdftoppm -png -r 150 {name} page"
    # Pillow would have an interpreter run it, which is more trust than a file from a stranger deserves.
    if head.startswith(b"%!ps") or data.startswith(b"\xc5\xd0\xd3\xc6"):
        return f"is PostScript; draw it first, as with gs -sDEVICE=png16m -r150 -o out.png {name}"
    return None
