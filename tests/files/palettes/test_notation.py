"""Colors as people write them: what is read, and what is refused."""

import time

import pytest

from quantize.errors import UsageError
from quantize.files.palettes.entries import ModelColor
from quantize.files.palettes.notation import read_color, split_colors

COLORS = {
    "#e4002b": (228, 0, 43, 255), "e4002b": (228, 0, 43, 255), "#e40": (238, 68, 0, 255), "E40": (238, 68, 0, 255),
    "rgb(228,0,43)": (228, 0, 43, 255), "rgb(228 0 43)": (228, 0, 43, 255), "rgb(100%, 0%, 20%)": (255, 0, 51, 255),
    " Tomato ": (255, 99, 71, 255), "rebeccapurple": (102, 51, 153, 255), "#e4002b80": (228, 0, 43, 128),
    "rgb(10 20 30 / 50%)": (10, 20, 30, 128), "rgba(10, 20, 30, 0.5)": (10, 20, 30, 128), "#e408": (238, 68, 0, 136),
    "RGB(1 none 3/.5)": (1, 0, 3, 128), "transparent": (0, 0, 0, 0),
    "hsl(0,100%,50%)": ModelColor("hsl", (0, 100, 50)), "hsl(233deg 20% 50%)": ModelColor("hsl", (233, 20, 50)),
    "hsla(-90, 20%, 50%, 25%)": ModelColor("hsl", (270, 20, 50), 0.25),
    "hwb(.5turn 1 2)": ModelColor("hwb", (180, 1, 2)),
    "oklch(63.7% 0.237 25.331)": ModelColor("oklch", (0.637, 0.237, 25.331)),
    "oklab(50% 25% -25% / 1)": ModelColor("oklab", (0.5, 0.1, -0.1)),
    "lab(50% 20% -10)": ModelColor("lab", (50, 25, -10)), "lch(50 50% 100grad)": ModelColor("lch", (50, 75, 90)),
    "color(display-p3 1 50% 0)": ModelColor("display-p3", (1, 0.5, 0)),
    "color(xyz 0.1 0.2 0.3 / 0)": ModelColor("xyz-d65", (0.1, 0.2, 0.3), 0),
    "device-cmyk(0 1 100% 0)": ModelColor("cmyk", (0, 1, 1, 0)),
}  # fmt: skip


@pytest.mark.parametrize(("text", "color"), COLORS.items())
def test_color_is_read_as_people_write_it(text, color):
    assert read_color(text) == color


@pytest.mark.parametrize(
    "text",
    [
        *("", "redd", "#12345", "rgb(256,0,0)", "rgb(1,2)", "rgb(1 2 3 4)", "12", "hsl(0,200%,50%)", "tomato;"),
        *("rgb(1 2 3 / 2)", "rgb(1 2 3 /)", "oklch(0.5 -1 0)", "lab(1e999 0 0)", "color(rec709 0 0 0)", "color()"),
        *("hsl(5px 1% 1%)", "rgb(from red r g b)", "color-mix(in oklab, red, blue)", "rgb(calc(1) 2 3)"),
    ],
)  # fmt: skip
def test_what_is_no_color_is_a_sentence(text):
    with pytest.raises(UsageError, match="is not a color; write it as #e4002b"):
        read_color(text)


def test_sentence_repeats_no_more_than_needed():
    with pytest.raises(UsageError) as caught:
        read_color("x" * 10_000)
    assert len(str(caught.value)) < 200


def test_list_is_not_split_inside_brackets():
    assert split_colors("rgb(1,2,3), #fff,hsl(0,0%,0%),tomato") == ["rgb(1,2,3)", " #fff", "hsl(0,0%,0%)", "tomato"]


@pytest.mark.parametrize("text", ["," * 50_000, "(," * 50_000, "rgb(" + "1" * 50_000 + "x,2,3)", "rgb(" * 50_000])
def test_long_nonsense_takes_linear_time(text):
    start = time.process_time()
    split_colors(text)
    with pytest.raises(UsageError):
        read_color(text)
    assert time.process_time() - start < 0.5
