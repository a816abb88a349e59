"""Accents: colors that are small and far from all others, which a palette by area leaves out.

Every pixel has one vote, so the one red roof of a gray town is worth no palette entry. Here a part of the entries goes
to what the others leave farthest behind; these colors are kept exactly, and the other entries are found beside them.
"""

from quantize.color.measure.lost import group_lost
from quantize.color.remap import is_opaque
from quantize.records.palette import Palette
from quantize.records.picture import Histogram

_MOST_PART = 0.5
"""The part of the entries that are accents at full strength: with more, large areas lose what they need."""

_AREA_POWER = 0.2
"""The power of its area that a color's squared difference counts by. At 0.5 mostly shades of large areas are chosen,
as without accents."""

_LEAST_SHARE = 2e-4
"""The part of a picture from which on a color can be an accent: a patch of 9 by 9 pixels in 768 by 512."""

_N_GROUPS = 64
"""Groups of lost colors that are looked at."""

RGB = tuple[int, int, int]


def count_accents(strength: float, n_colors: int) -> int:
    """Tell how many of some entries are accents: one at least, where two entries are left."""
    return min(max(1, round(_MOST_PART * strength * n_colors)), n_colors - 1) if strength and n_colors > 1 else 0


def find_accents(histogram: Histogram, palette: Palette, n_accents: int) -> tuple[RGB, ...]:
    """Find the opaque colors that a palette leaves farthest behind, whatever their area.

    Parameters
    ----------
    histogram : Histogram
    palette : Palette
        Found by area.
    n_accents : int

    Returns
    -------
    tuple of (red, green, blue)
        At most as many.
    """
    opaque = is_opaque(histogram.colors)
    colors, counts = histogram.colors[opaque, :3], histogram.counts[opaque]
    entries = palette.colors[is_opaque(palette.colors), :3]
    if not len(colors) or not len(entries):
        return ()
    groups, _ = group_lost(colors, counts, entries, _N_GROUPS)
    seen = [group for group in groups if group.n_pixels >= _LEAST_SHARE * histogram.total]
    seen.sort(key=lambda group: -(group.n_pixels**_AREA_POWER) * group.difference**2)
    return tuple((int(red), int(green), int(blue)) for red, green, blue in (group.color for group in seen[:n_accents]))
