"""What a report says, as HTML: its figures in words with their units, what was lost, and the curve of a search."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from quantize.records.report import CurvePoint, LossFacts, Report, Spread
from quantize.show.figures import change_of, format_bytes, format_share
from quantize.show.measures import BLURRED_CIEDE2000, BLURRED_PSNR, CIEDE2000, PSNR, SSIM
from quantize.show.words import DIFFERENCE_LIMITS, judge_difference, judge_psnr

_WIDTH, _HEIGHT, _MARGIN = 260, 170, 28
"""Of a curve, in CSS pixels."""

POSSIBLE = 1 << 24
"""Colors that 8 bits for each of three channels can name."""


def write_summary(report: Report) -> str:
    """Say in a sentence what became of the picture."""
    size = report["size"]
    before, after = size["bytes_before"], size["bytes_after"]
    change = "" if before is None else f", {change_of(before, after)}"
    if before is not None:
        change += f" {'as' if change.endswith('large') else 'than'} {format_bytes(before)}"
    n_unique, n_colors = report["input"]["unique_colors"], len(report["palette"])
    return escape(f"{n_colors:,} of {n_unique:,} colors; {format_bytes(after)}{change}.")


def write_figures(report: Report) -> str:
    """Write the figures as a definition list, and the curve where a target chose the number of colors."""
    rows = "\n".join(
        f"<div><dt>{escape(term)}</dt><dd>{escape(text)}</dd></div>" for term, text in _list_figures(report)
    )
    search = report["search"]
    curve = write_curve(search["curve"], len(report["palette"])) if search else ""
    return f"<dl>\n{rows}\n</dl>\n{curve}"


def _list_figures(report: Report) -> Iterator[tuple[str, str]]:
    given, size, settings = report["input"], report["size"], report["settings"]
    frames = f", {given['frames']:,} frames" if given["frames"] > 1 else ""
    yield "Picture", f"{given['width']:,} x {given['height']:,} pixels{frames}, {given['format'] or 'from memory'}"
    if report["error"]:
        yield from _list_errors(report["error"])
    yield "File", f"{size['file_bits_per_pixel']:.2f} bits per pixel; by {size['encoder']}"
    yield (
        "Labels",
        f"{size['packed_label_bits_per_pixel']:.2f} bits per pixel as packed; {size['label_bits_per_pixel']} unpacked; "
        f"{size['label_entropy_bits_per_pixel']:.2f} were each independent of its neighbors",
    )
    for name, factor in report["factors"].items():
        if factor["factor"] is not None:
            yield f"Factor, {name}", f"{factor['factor']:,.{1 if factor['factor'] < 100 else 0}f}: {factor['of']}"
    n_colors = len(report["palette"])
    quoted = "is the factor of about a million that is sometimes quoted"
    claim = quoted if n_colors == 16 else f"is a factor of about {POSSIBLE / n_colors:,.0f}"
    yield "The 16 million", f"2^24 possible colors to {n_colors:,} {claim}; it says nothing of bytes"
    if report["engine"]:
        engine = report["engine"]
        inertia = "" if engine["inertia"] is None else f"; inertia {engine['inertia']:,.5g}, in sRGB from 0 to 1"
        yield "Engine", f"{engine['passes']} passes, {engine['batches']} mini-batches{inertia}"
    chosen = ("space", "effort", "seed", "dither", "dither_strength", "palette", "target", "shared", "background")
    said = [f"{name.replace('_', ' ')} {settings[name]}" for name in chosen if settings.get(name) is not None]
    yield "Settings", "; ".join(said)
    if report["patches"]:
        patches = report["patches"]
        yield "Patches", f"{patches['before']:,} before small ones joined a neighbor, {patches['after']:,} after"
    if report["sharing"] and report["sharing"]["factor"] is not None:
        yield "Shared palette", f"{report['sharing']['factor']:.3g} times the MSE of a palette of its own"
    for notice in report["notices"]:
        yield "Notice", notice


def _list_errors(error: LossFacts) -> Iterator[tuple[str, str]]:
    if error["psnr"] is None:
        yield "Error", "none: every pixel is as it was"
        return
    yield PSNR, f"{error['psnr']:.2f} dB, {judge_psnr(error['psnr'])}"
    yield "MSE", f"{error['mse']:,.4g} in squared steps of 8 bits, summed over the channels"
    yield CIEDE2000, _write_spread(error["ciede2000"])
    if blurred := error["blurred"]:
        if blurred["psnr"] is not None:
            yield BLURRED_PSNR, f"{blurred['psnr']:.2f} dB, {judge_psnr(blurred['psnr'])}"
        if blurred["ciede2000"]:
            yield BLURRED_CIEDE2000, _write_spread(blurred["ciede2000"])
    if error["ssim"] is not None:
        yield SSIM, f"{error['ssim']:.4f} of 1"


def _write_spread(spread: Spread) -> str:
    mean = f"{spread['mean']:.2f} in the mean, {judge_difference(spread['mean'])}"
    return f"{mean}; 95% of the pixels at most {spread['p95']:.1f}, the worst {spread['max']:.1f}"


def write_lost(error: LossFacts | None) -> str:
    """Write what was lost and the worst regions as buttons, which the page's script finds by their numbers."""
    if error is None:
        return "<p>It was not measured.</p>"
    lost, regions = error["lost"]["colors"], error["regions"] or []
    if not lost and not regions:
        return "<p>Nothing: every color has one near it in the palette.</p>"
    colors = [
        f'<li><button value="{number}"><span class="chip" style="background:{escape(color["hex"])}"></span>'
        f'{escape(color["hex"])} became <span class="chip" style="background:{escape(color["became"])}"></span>'
        f"{escape(color['became'])}, {format_share(color['share'])}</button></li>"
        for number, color in enumerate(lost)
    ]
    places = [
        f'<li><button value="{number}">{region["box"]["x"]}, {region["box"]["y"]}: {region["box"]["width"]} x '
        f"{region['box']['height']}, CIEDE2000 {region['ciede2000']:.1f}</button></li>"
        for number, region in enumerate(regions, len(lost))
    ]
    share = format_share(error["lost"]["share"])
    none = "<p>No color of the picture is far from all of the palette.</p>"
    head = f"<p>{share} of the pixels have no color near theirs in the palette. Choose one to see where.</p>"
    parts = [head + _list_items(colors) if colors else none]
    parts += ["<h3>The worst regions</h3>" + _list_items(places)] if places else []
    return "\n".join(parts)


def _list_items(items: Sequence[str]) -> str:
    return '<ul class="places">\n' + "\n".join(items) + "\n</ul>"


def write_ticks(most: float) -> str:
    """Write the marks of the error map's scale, which ends at `most`."""
    limits = [limit for limit in (0, *DIFFERENCE_LIMITS[1:], 10, 20, 40) if limit < 0.9 * most]
    marks = [f'<span style="left:{100 * limit / most:.1f}%">{limit:g}</span>' for limit in limits]
    return "".join(marks) + f'<span class="end">{most:.3g} and more</span>'


def write_scale(cell: int) -> str:
    """Say what the error map's scale means; `cell` is the side of its cells in pixels."""
    each = "each pixel" if cell == 1 else f"each {cell} x {cell} pixels, their mean"
    words = ", ".join(f"from {limit:g} {judge_difference(limit)}" for limit in DIFFERENCE_LIMITS[1:])
    return f"CIEDE2000 of {each}: {words}"


def write_curve(curve: Sequence[CurvePoint], chosen: int) -> str:
    """Draw what a search measured, each measure against the number of colors, as inline SVG."""
    measures = {"CIEDE2000": "delta_e", "SSIM": "ssim", "PSNR in dB": "psnr", "bytes": "bytes"}
    drawn = []
    for name, key in measures.items():
        values = [(point["colors"], point[key], point["sketched"]) for point in curve]  # type: ignore[literal-required]
        seen = [(k, float(value)) for k, value, sketched in sorted(values) if value is not None and not sketched]
        if len(seen) > 1:
            drawn.append(_draw_curve(name, seen, chosen))
    return f'<h3>Why {chosen} colors</h3>\n<div class="curves">\n{"".join(drawn)}</div>' if drawn else ""


def _draw_curve(name: str, values: Sequence[tuple[int, float]], chosen: int) -> str:
    xs, ys = [math.log2(k) for k, _ in values], [value for _, value in values]

    def place(value: float, all_values: Sequence[float], start: float, end: float) -> float:
        least, most = min(all_values), max(all_values)
        return start + (value - least) / ((most - least) or 1) * (end - start)

    dots = [
        (place(x, xs, _MARGIN, _WIDTH - _MARGIN), place(y, ys, _HEIGHT - _MARGIN, _MARGIN))
        for x, y in zip(xs, ys, strict=True)
    ]
    nearest = min(values, key=lambda value: abs(value[0] - chosen))
    large, small = 'r="6" class="chosen"', 'r="3"'
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" {large if value == nearest else small}>'
        f"<title>{value[0]} colors: {value[1]:,.4g}</title></circle>"
        for (x, y), value in zip(dots, values, strict=True)
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    title = f"{name}: {nearest[1]:,.4g} with {nearest[0]} colors"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}"><text x="4" y="14">{title}</text>'
        f'<polyline points="{line}"/>{circles}<text x="4" y="{_HEIGHT - 6}">{values[0][0]}</text>'
        f'<text x="{_WIDTH - 4}" y="{_HEIGHT - 6}" text-anchor="end">{values[-1][0]} colors</text></svg>\n'
    )
