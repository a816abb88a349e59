import pytest

from quantize.show.words import judge_difference, judge_psnr


@pytest.mark.parametrize(
    ("psnr", "words"),
    [
        (45, "hard to tell apart"), (37, "hard to tell apart"), (36.9, "visible but not annoying"),
        (31, "visible but not annoying"), (25, "slightly annoying"), (20, "annoying"), (12, "very annoying"),
    ],
)  # fmt: skip
def test_psnr_is_told_by_the_published_scale(psnr, words):
    assert judge_psnr(psnr) == words


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (0, "not visible"), (1, "visible to a trained eye"), (3.4, "visible to any eye"),
        (3.5, "clearly visible"), (9, "like different colors"),
    ],
)  # fmt: skip
def test_color_difference_is_told_by_the_published_scale(difference, words):
    assert judge_difference(difference) == words
