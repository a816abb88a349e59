"""A batch as a whole: totals, means, and the worst picture by each measure."""

from __future__ import annotations

from collections.abc import Sequence

from quantize.show.figures import change_of, format_bytes
from quantize.show.measures import MEASURES
from quantize.show.table import Row, find_folder


def describe_totals(rows: Sequence[Row]) -> list[str]:
    """Sum up a batch.

    Parameters
    ----------
    rows : sequence of Row

    Returns
    -------
    list of str
        Where at least two pictures can be compared, the mean and the worst by each measure, and the least gain; last,
        what was done.
    """
    folder = find_folder([row.name for row in rows])
    done = [row._replace(name=row.name.removeprefix(folder)) for row in rows if row.after is not None]
    return [*_errors(done), *_least_gain(done), _count(rows, done)]


def _count(rows: Sequence[Row], done: Sequence[Row]) -> str:
    totals = [f"{len(done)} of {len(rows)} pictures"]
    for what in ("skipped", "failed"):
        if number := sum(row.remark.startswith(what) for row in rows):
            totals.append(f"{number} {what}")
    if sizes := [(row.before, row.after) for row in done if row.before is not None and row.after is not None]:
        before, after = (sum(side) for side in zip(*sizes, strict=True))
        totals.append(f"{format_bytes(before)} -> {format_bytes(after)} ({change_of(before, after)})")
    return ", ".join(totals)


def _least_gain(done: Sequence[Row]) -> list[str]:
    sizes = [(row.before / row.after, row) for row in done if row.before is not None and row.after]
    if len(sizes) < 2:
        return []
    row = min(sizes, key=lambda size: size[0])[1]
    return [f"least gained in bytes: {row.name} ({change_of(row.before or 0, row.after or 0)})"]


def _errors(done: Sequence[Row]) -> list[str]:
    lines = []
    for name, measure in MEASURES.items():
        values = [(row.errors[name], row.name) for row in done if name in row.errors]
        if len(values) < 2:
            continue
        worst = (max if measure.larger_is_worse else min)(values)
        mean = sum(value for value, _ in values) / len(values)
        lines.append(f"{name}: mean {measure.write(mean)}, worst {measure.write(worst[0])} ({worst[1]})")
    return lines
