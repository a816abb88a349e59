"""The index of a batch: gathered while outcomes pass, from the files that were written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from quantize.errors import OutputError
from quantize.files.marks import is_ours
from quantize.files.seals import seal_text
from quantize.files.writing.atomic import save_files
from quantize.records.job import Outcome
from quantize.show.index_page import Card, draw_thumbnail, make_card, write_index


def index_outcomes(outcomes: Iterable[Outcome], index: Path, *, may_replace: bool = False) -> Iterator[Outcome]:
    """Pass outcomes on, and in the end write the index of their pages.

    Raises
    ------
    OutputError
        It cannot be written, or one that is not ours has appeared in its place, and may not be replaced.
    """

    def refuse() -> None:
        if not may_replace and os.path.lexists(index) and not is_ours(index):
            raise OutputError(f"{index}: exists and is no index of quantize; use --force to replace it")

    cards = []
    for outcome in outcomes:
        cards.append(_make_card(outcome, index.parent))
        yield outcome
    save_files({index: seal_text(write_index(cards))}, None, refuse)


def _make_card(outcome: Outcome, folder: Path) -> Card:
    name, outputs = outcome.job.source, outcome.job.outputs
    if outcome.report is None or outputs.page is None or outputs.picture is None:
        remark = outcome.failure or outcome.skipped or "was not converted"
        return Card(name, remark=remark.removeprefix(f"{name}: "))
    page = Path(os.path.relpath(outputs.page, folder)).as_posix()
    with Image.open(outputs.picture) as picture:
        return make_card(name, page, outcome.report, draw_thumbnail(picture))
