"""Palettes in style sheets: custom properties of CSS, variables and maps of SCSS, colors of a Tailwind configuration.

Whatever names a color is taken, by its name; what is no color, such as a length, is none of a palette's business; what
looks like a color and is not understood is an `InputError` that starts with its line. Alias names are left out: they
name a color that is there already.

- CSS: custom properties, https://www.w3.org/TR/css-variables-1/, also as three bare numbers, from which a style sheet
  makes a color where it uses them.
- SCSS: variables and maps, https://sass-lang.com/documentation/variables/; Less has ``@name`` for ``$name``.
- Tailwind: https://v3.tailwindcss.com/docs/customizing-colors; version 4 has custom properties.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PIL import ImageColor

from quantize.errors import InputError, UsageError
from quantize.files.palettes.entries import Color, Entry, ExportEntry
from quantize.files.palettes.notation import read_color, split_colors
from quantize.version import MARK

_PART = re.compile(r"[^;{}]+")
_DECLARATION = re.compile(r"(--|\$|@)([\w-]+)\s*:(.+)", re.DOTALL)
_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_CODE = re.compile(r"#[0-9a-f]{3,8}", re.IGNORECASE)
_CALL = re.compile(r"#|([a-z][a-z.-]{0,40})\(", re.IGNORECASE)
_COLORFUL = (
    "rgb",
    "hsl",
    "hsv",
    "hsb",
    "hwb",
    "lab",
    "lch",
    "cmyk",
    "color",
    "light",
    "dark",
    "mix",
    "satur",
    "transpar",
    "fade",
    "tint",
    "shade",
    "complement",
    "adjust",
)
"""What the functions of CSS, SCSS and Less that make colors have in their names."""
_NUMERIC = frozenset(("clamp", "max", "min", "minmax", "rect", "inset", "hypot", "scale3d", "translate3d", "linear"))
"""Other functions that may have three numbers."""
_VARIABLE = re.compile(r"var\(\s*--([\w-]+)\s*(?:,[^()]*)?\)")
_CONTEXTUAL = frozenset(("currentcolor", "inherit", "initial", "unset", "revert"))
"""Colors that come from elsewhere: there is nothing to take."""

_N = r"\d+(?:\.\d*)?"
_BARE = (
    (re.compile(rf"{_N}(?:deg)?[\s,]+{_N}%[\s,]+{_N}%(?:\s*/\s*{_N}%?)?"), "hsl"),
    (re.compile(rf"{_N}%\s+{_N}\s+{_N}(?:deg)?(?:\s*/\s*{_N}%?)?"), "oklch"),
    (re.compile(r"\d{1,3}(\s*,\s*|\s+)\d{1,3}\1\d{1,3}"), "rgb"),
)
"""What three bare numbers of a custom property are: their percentages tell."""
_THREE_NUMBERS = re.compile(rf"\s*{_N}(?:%|deg)?[\s,]+{_N}%?[\s,]+{_N}(?:%|deg)?(?:\s*/\s*{_N}%?)?\s*\)")
_LONGEST_BARE = 80
_SPACE = re.compile(r"[()]|\s+")

_MOST_STEPS = 1000
"""Variables that one file may put into colors: each may name others, without end."""

_SCRIPT = re.compile(
    r"\bmodule\.exports\b|\bexport\s+(?:default|const)\b|\bcolors['\"]?\s*:\s*\{|^\s*\{\s*(?:['\w]|\})"
)
_QUOTES = ("'", '"', "`")
_TOKEN = re.compile(r"""([{}\[\](),:;])|"[^"\n]*"|'[^'\n]*'|`[^`\n]*`|[^"'`{}\[\](),:;]+|["'`]""")


class Value(NamedTuple):
    """What a style sheet calls by a name, and the line that it stands in."""

    name: str
    text: str
    line: int


def is_css(text: str) -> bool:
    """Tell by a custom property or a variable."""
    return "--" in text and any(sign == "--" for sign, _ in _declarations(text))


def is_scss(text: str) -> bool:
    """Tell by a variable."""
    return any(sign in text for sign in "$@") and any(sign != "--" for sign, _ in _declarations(text))


def read_css(text: str) -> Iterator[Entry]:
    """Read the properties and variables that are colors, and the colors of maps, by their names."""
    read = _Reader(text)
    for _, value in _declarations(text):
        for part in _flatten(value) if value.text.startswith("(") else _split_list(value):
            color = read(_unquote(part) or part)
            if color is not None:
                yield Entry(color, "-".join(filter(None, part.name.split("\0"))))


def is_tailwind(text: str) -> bool:
    """Tell by what a script exports, or by its colors."""
    return bool(_SCRIPT.search(text))


def read_tailwind(text: str) -> Iterator[Entry]:
    """Read the colors of a configuration: all that stands under ``colors`` is one; without such, all of a list are."""
    values = [(value.name.split("\0"), value) for value in _flatten(Value("", _blank_comments(text), 1))]
    inside = [(path[path.index("colors") + 1 :], value) for path, value in values if "colors" in path]
    for path, value in inside or values:
        color = _unquote(value)
        if color is None:
            raise InputError(f"line {value.line}: should be a color in quotes, not {value.text[:40]!r}")
        if found := _VARIABLE.search(color.text):
            raise InputError(f"line {value.line}: refers to --{found[1]}, which is not in this file")
        if color.text.lower() not in _CONTEXTUAL:
            yield Entry(_parse(color), "-".join(part for part in path if part and part != "DEFAULT"))


class _Reader:
    """Reads the value of a property, knowing those of the others."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.n_left = _MOST_STEPS

    @functools.cached_property
    def known(self) -> dict[str, str]:
        return {value.name: value.text for _, value in _declarations(self.text)}

    def __call__(self, value: Value) -> Color | None:
        text = value.text
        if text.lower() in _CONTEXTUAL or _VARIABLE.fullmatch(text) or self._is_alias(value):
            return None
        for shape, function in _BARE:
            if len(text) <= _LONGEST_BARE and shape.fullmatch(text):
                return _parse(value._replace(text=f"{function}({text})"))
        if text.lower() in ImageColor.colormap or text.lower() == "transparent":
            return read_color(text)
        if not _looks_like_color(text):
            return None
        return _parse(value._replace(text=self._fill(value)))

    def _is_alias(self, value: Value) -> bool:
        # Variables of SCSS name one another without more ado; Bootstrap has --red-rgb beside --red.
        if value.text[:1] in "$@" and value.text[1:] in self.known:
            return True
        base = value.name.removesuffix("-rgb")
        return base != value.name and base in self.known and _BARE[2][0].fullmatch(value.text) is not None

    def _fill(self, value: Value) -> str:
        text = value.text
        while found := _VARIABLE.search(text):
            if found[1] not in self.known:
                raise InputError(f"line {value.line}: refers to --{found[1]}, which is not in this file")
            self.n_left -= 1
            text = text[: found.start()] + self.known[found[1]] + text[found.end() :]
            if self.n_left < 0 or len(text) > len(value.text) + 1000:
                raise InputError(f"line {value.line}: refers to variables without end")
        return text


def _looks_like_color(text: str) -> bool:
    call = _CALL.match(text)
    if not call or not call[1]:
        return call is not None
    name = call[1].lower()
    if any(part in name for part in _COLORFUL):
        return True
    # A function of three numbers that no style sheet has is a color with a slip in its name.
    arguments = text[call.end() : call.end() + _LONGEST_BARE]
    return name not in _NUMERIC and _THREE_NUMBERS.fullmatch(arguments) is not None


def _parse(value: Value) -> Color:
    try:
        return read_color(value.text)
    except UsageError as error:
        raise InputError(f"line {value.line}: {error}") from None


def _declarations(text: str) -> Iterator[tuple[str, Value]]:
    """Yield the sign, and name and value, of each property and variable."""
    line = 1
    for found_part in _PART.finditer(_blank_comments(text)):
        part = found_part[0]
        stripped = part.lstrip()
        start = line + part[: len(part) - len(stripped)].count("\n")
        line += part.count("\n")
        if found := _DECLARATION.fullmatch(stripped):
            value = found[3].lstrip()
            below = stripped[: len(stripped) - len(value)].count("\n")
            yield found[1], Value(found[2], _strip_flag(value), start + below)


def _strip_flag(value: str) -> str:
    """Leave out ``!important`` and ``!default``."""
    before, mark, flag = value.rpartition("!")
    return (before if mark and flag.strip().isalpha() else value).strip()


def _blank_comments(text: str) -> str:
    """Leave of comments only the ends of their lines. One that is never closed goes to the end."""
    parts, start = [], 0
    while (begin := text.find("/*", start)) >= 0:
        end = text.find("*/", begin + 2)
        end = len(text) if end < 0 else end + 2
        parts += [text[start:begin], " ", "\n" * text.count("\n", begin, end)]
        start = end
    return re.sub(r"(^|\s)//[^\n]*", r"\1", "".join([*parts, text[start:]]))


def _flatten(value: Value) -> Iterator[Value]:
    """Yield what a map holds, and the maps within it, by all the names on the way, parted by NUL; strings in quotes."""
    path = [value.name]
    name, text, line = "", "", value.line
    depth = 0  # of the brackets within an expression
    for found in _TOKEN.finditer(value.text):
        token, mark = found[0], found[1]
        if mark is None or depth or (mark in "([" and text.strip()):
            text += token
            depth = depth if mark is None else max(0, depth + (mark in "([{") - (mark in ")]}"))
        elif mark == ":":
            name, text = text.strip().strip("\"'"), ""
        else:
            if mark in "([{":
                path.append(name)
            elif text.strip():
                yield Value("\0".join([*path, name]), " ".join(text.split()), line)
            if mark in ")]}" and path:
                path.pop()
            name, text = "", ""
        line += token.count("\n")


def _split_list(value: Value) -> list[Value]:
    """The colors of a list without brackets, parted by commas or spaces; of anything else, itself."""
    for items in (split_colors(value.text), split_colors(value.text, _SPACE)):
        parts = [value._replace(text=item.strip()) for item in items]
        if len(parts) > 1 and all(_is_plain_color((_unquote(part) or part).text) for part in parts):
            return parts
    return [value]


def _is_plain_color(text: str) -> bool:
    return (
        _CODE.fullmatch(text) is not None
        or text.lower() in ImageColor.colormap
        or (text.endswith(")") and _looks_like_color(text))
    )


def _unquote(value: Value) -> Value | None:
    """The value without its quotes, or None where it has none."""
    quote, text = value.text[:1], value.text[1:-1]
    return value._replace(text=text) if quote in _QUOTES and value.text[1:].endswith(quote) else None


def write_css(entries: Sequence[ExportEntry], title: str) -> str:
    lines = [f"/* {MARK} */", ":root {"]
    return "\n".join([*lines, *(f"  --{line}" for line in _write_declarations(entries, title)), "}", ""])


def write_scss(entries: Sequence[ExportEntry], title: str) -> str:
    return "\n".join([f"/* {MARK} */", *(f"${line}" for line in _write_declarations(entries, title)), ""])


def _write_declarations(entries: Sequence[ExportEntry], title: str) -> Iterator[str]:
    taken: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        name = plain = _slug(entry.name, title) or f"color-{number}"
        repeat = 1
        while name in taken:
            repeat += 1
            name = f"{plain}-{repeat}"
        taken.add(name)
        comment = "" if entry.share is None else f" /* {entry.share:.2%} */"
        yield f"{name}: {entry.hex};{comment}"


def _slug(name: str, title: str) -> str:
    """Make an identifier of a name: ``dmc-365`` of 365 in a palette that is called dmc."""
    if _IDENTIFIER.fullmatch(name):
        return name
    slug = "-".join(re.findall(r"\w+", name.lower()))
    if not slug or _IDENTIFIER.fullmatch(slug):
        return slug
    before = "-".join(re.findall(r"\w+", title.lower()))
    return f"{before if _IDENTIFIER.fullmatch(before) else 'color'}-{slug}"
