"""Single figures as people write them."""

from __future__ import annotations


def format_bytes(n_bytes: float) -> str:
    """Write a size in decimal units, as disks and pngquant's own documentation count."""
    for unit in ("bytes", "kB", "MB"):
        if n_bytes < 1000 or unit == "MB":
            break
        n_bytes /= 1000
    return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"


def change_of(before: float, after: float) -> str:
    """Say how many times smaller or larger a file became."""
    if f"{max(before, after) / min(before, after):.1f}" == "1.0":
        return "as large"
    return f"{before / after:.1f} times smaller" if after <= before else f"{after / before:.1f} times LARGER"


def format_share(share: float) -> str:
    """Write a share of the pixels, 0 to 1, so that a color in use never reads as 0%."""
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"
