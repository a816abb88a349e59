"""The index of a batch: each picture small, with its bytes and its error, those that came out worst first."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from PIL import Image

from quantize.records.report import Report
from quantize.show.figures import change_of, format_bytes
from quantize.show.measures import CIEDE2000
from quantize.show.page_pictures import to_uri
from quantize.show.page_shell import Page, fill_page, shorten
from quantize.show.widths import tell_shortly
from quantize.show.words import judge_difference

_LONGEST = 128
"""Pixels of a thumbnail's longer side."""

_QUALITIES, _MOST_BYTES = (60, 30, 10, 0), 4500
"""Of WebP: the first that keeps a thumbnail within so many bytes, of which 300 stay within 2 MB."""


class Card(NamedTuple):
    """What the index shows of a picture.

    Parameters
    ----------
    name : str
    page : str
        Where its page is, from the index; empty for a picture that has none, of which `remark` tells why.
    thumbnail : bytes
        As of `draw_thumbnail`.
    facts : str
        Colors, bytes and error in words.
    difference : float or None
        Mean CIEDE2000, by which cards are sorted.
    remark : str
    """

    name: str
    page: str = ""
    thumbnail: bytes = b""
    facts: str = ""
    difference: float | None = None
    remark: str = ""


def draw_thumbnail(picture: Image.Image) -> bytes:
    """Draw a picture, the first frame of an animation, small, as WebP."""
    image = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.BOX)
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "WEBP", quality=quality)
        if buffer.tell() <= _MOST_BYTES:
            break
    return buffer.getvalue()


def make_card(name: str, page: str, report: Report, thumbnail: bytes) -> Card:
    """Keep of a report what the index shows."""
    size, error = report["size"], report["error"]
    before, after = size["bytes_before"], size["bytes_after"]
    change = "" if before is None else f", {change_of(before, after)}"
    difference = error["ciede2000"]["mean"] if error else None
    seen = "" if difference is None else f"; {CIEDE2000} {difference:.2f}, {judge_difference(difference)}"
    facts = f"{len(report['palette']):,} colors; {format_bytes(after)}{change}{seen}"
    return Card(name, page, thumbnail, facts, difference)


def write_index(cards: Sequence[Card]) -> Page:
    """Write the index of a batch, the largest color difference first and what failed at the end.

    Parameters
    ----------
    cards : sequence of Card

    Returns
    -------
    Page
        Without any script.
    """
    ordered = sorted(cards, key=lambda card: (bool(card.remark), -(card.difference or 0)))
    done = sum(not card.remark for card in cards)
    failed = f" Of {len(cards)}, {len(cards) - done} failed or were skipped." if done < len(cards) else ""
    summary = f"{done} pictures, those that came out worst first.{failed}"
    texts = {
        "title": "Pictures of few colors",
        "summary": summary,
        "entries": "\n".join(f"<li>{_write_card(card)}</li>" for card in ordered),
    }
    return fill_page("index.html", texts)


def _write_card(card: Card) -> str:
    name, image = html.escape(shorten(card.name)), ""
    if card.thumbnail:
        image = f'<img src="{to_uri(card.thumbnail)}" alt="" loading="lazy" decoding="async">'
    place = quote(card.page, errors="surrogateescape")  # the bytes of a name that is no text
    title = f'<a href="{html.escape(place)}">{image}{name}</a>' if card.page else f"{image}{name}"
    return f"{title}<p>{html.escape(tell_shortly(card.remark or card.facts))}</p>"
