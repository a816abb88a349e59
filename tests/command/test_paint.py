import pytest

from quantize.command.paint import count_terminal_colors, find_nearest, paint_behind


@pytest.mark.parametrize(
    ("environment", "n_colors"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 1 << 24), ({"TERM": "xterm-direct"}, 1 << 24),
        ({"TERM": "xterm-256color"}, 256), ({"TERM": "screen-256color"}, 256),
        ({"TERM": "xterm"}, 16), ({"TERM": "linux"}, 16), ({}, 16), ({"WT_SESSION": "1"}, 1 << 24),
        ({"TERM": "dumb"}, 0), ({"TERM": "dumb", "COLORTERM": "truecolor"}, 0),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, 0), ({"TERM": "xterm", "NO_COLOR": ""}, 16),
    ],
)  # fmt: skip
def test_colors_of_a_terminal_are_told_by_its_environment(environment, n_colors):
    assert count_terminal_colors(environment) == n_colors


@pytest.mark.parametrize(
    ("color", "n_colors", "shown"),
    [
        ((1, 2, 3), 1 << 24, (1, 2, 3)), ((255, 0, 0), 256, 196), ((95, 135, 175), 256, 67), ((9, 8, 7), 256, 232),
        ((250, 250, 250), 16, "bright_white"), ((200, 10, 10), 16, "red"), ((0, 0, 0), 16, "black"),
    ],
)  # fmt: skip
def test_nearest_color_is_one_that_the_terminal_has(color, n_colors, shown):
    assert find_nearest(color, n_colors)[0] == shown


@pytest.mark.parametrize(
    ("term", "colorterm", "codes"),
    [
        ("xterm-256color", "truecolor", "\x1b[38;2;255;255;255m\x1b[48;2;200;0;10m x \x1b[0m"),
        ("xterm-256color", "", "\x1b[38;5;231m\x1b[48;5;160m x \x1b[0m"),
        ("xterm", "", "\x1b[97m\x1b[41m x \x1b[0m"), ("dumb", "", " x "),
    ],
)  # fmt: skip
def test_block_is_painted_with_what_the_terminal_has(monkeypatch, term, colorterm, codes):
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert paint_behind(" x ", (200, 0, 10)) == codes
