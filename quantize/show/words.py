"""Figures of a report in words that a person understands. Plain text, which the terminal colors."""

from __future__ import annotations

from bisect import bisect_right

# From one opinion score to the next, in dB, by J. Klaue, B. Rathke and A. Wolisz: EvalVid, a framework for video
# transmission and quality evaluation (TOOLS 2003, LNCS 2794, table 2). The words are those of the impairment scale of
# ITU-R BT.500, which the scores stand for.
_PSNR_LIMITS = (20, 25, 31, 37)
_PSNR_WORDS = ("very annoying", "annoying", "slightly annoying", "visible but not annoying", "hard to tell apart")

# W. Mokrzycki and M. Tatol: Color difference Delta E, a survey (Machine Graphics and Vision 20:383, 2011).
DIFFERENCE_LIMITS = (1, 2, 3.5, 5)
_DIFFERENCE_WORDS = (
    "not visible",
    "visible to a trained eye",
    "visible to any eye",
    "clearly visible",
    "like different colors",
)


def judge_psnr(psnr: float) -> str:
    """Say what people think of a picture of this PSNR in dB."""
    return _PSNR_WORDS[bisect_right(_PSNR_LIMITS, psnr)]


def judge_difference(difference: float) -> str:
    """Say how visible a color difference is, in units of CIEDE2000."""
    return _DIFFERENCE_WORDS[bisect_right(DIFFERENCE_LIMITS, difference)]
