"""The frame of every page: one HTML file with its pictures, script and style inside, that asks no network for anything.

Names, codes and texts come from strangers' files. Whatever is written into the markup is escaped, the data stand where
no script is run, and the page's policy lets no script run but its own (W3C, Content Security Policy Level 3).
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Collection, Mapping
from string import Template
from typing import Any

from quantize.data import read_data
from quantize.show.widths import printable
from quantize.version import MARK

_LONGEST_NAME = 200
"""Characters of a name that are shown, its end among them."""

_SCRIPTS = ("shared.js", "viewer.js", "pictures.js", "clouds.js", "kmeans.js", "page.js")


class Page(str):
    """The text of a page, which shows itself in a notebook."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        source = html.escape(self, quote=True)
        return f'<iframe srcdoc="{source}" style="width:100%;height:800px;border:0" title="quantize"></iframe>'


def shorten(name: str) -> str:
    """Spell out what is no text in a name, and leave out the middle where it is longer than 200 characters."""
    name = printable(name)
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]} … {name[-half:]}"


def fill_page(
    body: str, texts: Mapping[str, str], facts: Mapping[str, Any] | None = None, sections: Collection[str] = ()
) -> Page:
    """Put everything in its place.

    Parameters
    ----------
    body : str
        A file of `quantize.data`, with a ``$name`` for each text.
    texts : mapping of str to str
        HTML, escaped where it holds what is not ours.
    facts : mapping, optional
        What the script reads.
    sections : collection of str
        The ids of those that stay.
    """
    kept = re.sub(
        r'<section id="(\w+)".*?</section>\n',
        lambda section: section[0] if section[1] in sections else "",
        read_data(body).decode(),
        flags=re.DOTALL,
    )
    script = "".join(read_data(name).decode() for name in _SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode()
    everything = {
        "mark": MARK,
        "trusted": f"'sha256-{digest}'" if "$script" in kept else "'none'",
        "style": read_data("page.css").decode(),
        "script": script,
        "facts": json.dumps(facts or {}, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        **texts,
    }
    page = Template(read_data("head.html").decode() + kept).substitute(everything)
    return Page(page.encode(errors="replace").decode())  # names need not be Unicode
