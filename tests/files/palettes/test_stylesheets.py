"""Palettes in style sheets: what is a color, what is none, and what is not understood."""

import time

import pytest

from quantize.errors import InputError
from quantize.files.palettes.entries import ExportEntry, ModelColor
from quantize.files.palettes.stylesheets import (
    is_css,
    is_scss,
    is_tailwind,
    read_css,
    read_tailwind,
    write_css,
    write_scss,
)

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


def named(entries):
    return {entry.name: entry.color for entry in entries}


def test_css_takes_the_custom_properties_that_are_colors():
    text = """
    :root { --night: #2e3440; --gap: 4px; /* --old: #ffffff; */ --snow: rgb(236 239 244) !important;
      --link: var(--snow); --warm: tomato; --me: currentColor; --clear: transparent; --shadow: 0 1px rgb(0 0 0);
      --wide: clamp(1, 2, 3); --ease: cubic-bezier(0.4, 0, 1, 1); --box: rect(0, 0, 0, 0) }
    a { color: red; transition: --x 1s }
    """
    assert named(read_css(text)) == {
        "night": (46, 52, 64, 255),
        "snow": (236, 239, 244, 255),
        "warm": (255, 99, 71, 255),
        "clear": (0, 0, 0, 0),
    }


def test_bare_numbers_are_what_their_percentages_tell():
    text = "--a: 222.2 84% 4.9%; --b: 0 0% 100% / 50%; --c: 50% 0.3096 275.75; --d: 255, 0, 0; --e: 1 2; --f: 0 0 0 4px"
    assert named(read_css(text)) == {
        "a": ModelColor("hsl", (222.2, 84, 4.9)),
        "b": ModelColor("hsl", (0, 0, 100), 0.5),
        "c": ModelColor("oklch", (0.5, 0.3096, 275.75)),
        "d": RED,
    }


def test_variables_are_put_in_where_a_function_uses_them():
    text = "--h: 0 100% 50%; --half: hsl(var(--h) / 0.5); --red: #f00; --red-rgb: 255, 0, 0"
    assert named(read_css(text)) == {
        "h": ModelColor("hsl", (0, 100, 50)),
        "half": ModelColor("hsl", (0, 100, 50), 0.5),
        "red": RED,
    }


BROKEN = {
    "a {\n--a: #fff;\n--b: #ff }": "line 3: '#ff' is not a color",
    "--a:\n\n  oklch(1 2)": "line 3: 'oklch\\(1 2\\)' is not a color",
    "/*\n\n*/ --a: color-mix(in oklab, red, blue)": "line 3: 'color-mix",
    "--a: rgb(var(--b))": "line 1: refers to --b, which is not in this file",
    "--a: rgb(var(--a))": "line 1: refers to variables without end",
    "$a: #f00;\n$b: lighten($a, 10%);": "line 2: 'lighten",
    "@a: #f00;\n@b: fade(@a, 50%);": "line 2: 'fade",
    "$a: #f00;\n$b: adjust-hue($a, 50deg);": "line 2: 'adjust-hue",
    "$m: (\n 'a': #f00,\n 'b': #f0,\n);": "line 3: '#f0' is not a color",
    "--a: light-dark(#fff, #000)": "line 1: 'light-dark",
    "--a: #fff;\n--b: okclh(0.5 0.1 20)": "line 2: 'okclh",
}


@pytest.mark.parametrize("text", BROKEN)
def test_color_that_is_not_understood_is_an_error_with_its_line(text):
    with pytest.raises(InputError, match=BROKEN[text]):
        list(read_css(text))


def test_scss_has_variables_maps_and_comments():
    text = """
    // $old: #123456;
    $red: #f00 !default; $same: $red; $gap: 4px; $font: "Arial", sans-serif;
    $brand: ("primary": #00f, "dark": ("text": rgb(255, 0, 0), size: 12px));
    @less: #00f;
    """
    assert is_scss(text) and not is_css(text)
    assert named(read_css(text)) == {"red": RED, "brand-primary": BLUE, "brand-dark-text": RED, "less": BLUE}


def test_tailwind_has_its_colors_by_all_their_names():
    text = """
    /** @type {import('tailwindcss').Config} */
    module.exports = {
      content: ['./src/**/*.{html,js}'],
      theme: { extend: { colors: {
        transparent: 'transparent', current: 'currentColor',  // of the text
        red: { 50: '#f00', "900": `rgb(255 0 0)`, DEFAULT: "#f00" },
        'deep-sea': 'oklch(0.5 0.1 200)',
      }, spacing: { 1: '4px' } } },
      plugins: [require('@tailwindcss/forms')({ strategy: 'class' })],
    }
    """
    assert is_tailwind(text)
    assert named(read_tailwind(text)) == {
        "transparent": (0, 0, 0, 0),
        "red-50": RED,
        "red-900": RED,
        "red": RED,
        "deep-sea": ModelColor("oklch", (0.5, 0.1, 200)),
    }


def test_tailwind_list_of_coolors_is_all_colors():
    text = "{ 'space_cadet': { DEFAULT: '#f00', 100: '#00f' } }"
    assert is_tailwind(text)
    assert named(read_tailwind(text)) == {"space_cadet": RED, "space_cadet-100": BLUE}
    with pytest.raises(InputError, match="line 1: '4px' is not a color"):
        list(read_tailwind("{ a: '4px' }"))


def test_tailwind_color_that_is_an_expression_is_an_error():
    for value in ("colors.red[500]", "colors.red", "({ opacity }) => 'red'", "rgb(1, 2, 3)"):
        with pytest.raises(InputError, match=r"line 2: should be a color in quotes"):
            list(read_tailwind(f"export default {{ colors: {{ a: '#fff',\n b: {value} }} }}"))


def test_tailwind_color_of_another_file_is_an_error():
    with pytest.raises(InputError, match="line 1: refers to --border, which is not in this file"):
        list(read_tailwind("export default { colors: { border: 'hsl(var(--border))' } }"))


def test_names_become_identifiers_that_are_unique():
    entries = [ExportEntry(RED, name) for name in ("DMC 365", "Deep-Sea", "365", "", "dmc 365", "grün", "!")]
    names = ["dmc-365", "Deep-Sea", "dmc-365-2", "color-4", "dmc-365-3", "grün", "color-7"]
    assert write_css(entries, "dmc").split("\n")[2:-2] == [f"  --{name}: #ff0000;" for name in names]
    assert write_scss(entries, "dmc").split("\n")[1:-1] == [f"${name}: #ff0000;" for name in names]
    assert "--color-365:" in write_css([ExportEntry(RED, "365")], "")


@pytest.mark.parametrize(
    "text",
    [
        *("/*" * 50_000, "-" * 100_000, "--a" * 30_000, "--a:" + " " * 100_000 + "b;", "--a:" + "lab" * 30_000),
        *("$a:(" * 20_000, "--a:rgb(" + "var(--b)" * 10_000, "--a:" + "1 " * 50_000, "colors:{" * 20_000, "'" * 99_999),
        *("--a: !" * 20_000, "".join(f"--v{i}: rgb(var(--v{i + 1}) var(--v{i + 1}));" for i in range(2_000))),
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_hostile_text_takes_linear_time(text):
    start = time.process_time()
    for read in (read_css, read_tailwind):
        try:
            list(read(text))
        except InputError as error:
            assert len(str(error)) < 300
    assert is_css(text) in (True, False) and is_tailwind(text) in (True, False)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "value",
    ["red, blue", "red blue", "#f00, #00f", "#f00 rgb(0 0 255)", "rgb(255, 0, 0), hsl(240 100% 50%)", "'red', 'blue'"],
)
def test_list_without_brackets_gives_each_of_its_colors(value):
    for text in (f"$brand: {value};", f":root {{ --brand: {value} }}"):
        found = [entry for entry in read_css(text) if entry.name == "brand"]
        assert [ends(entry.color) for entry in found] == [RED, BLUE]


@pytest.mark.parametrize("value", ["Arial, red", "0 0 4px #fff, 1px 1px #000", "10px solid", "1, 2, 3, 4", "'a' 'b'"])
def test_list_of_other_things_is_none_of_colors(value):
    assert not list(read_css(f"$other: {value};"))


def ends(color):
    """Blue in the only way that a list above says it otherwise than in 8 bits."""
    return BLUE if color == ModelColor("hsl", (240, 100, 50)) else color
