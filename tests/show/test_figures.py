import pytest

from quantize.show.figures import change_of, format_bytes, format_share


def test_share_of_a_color_in_use_never_reads_as_nothing():
    assert [format_share(share) for share in (0, 0.0004, 0.123)] == ["0.0%", "<0.1%", "12.3%"]


def test_sizes_are_in_decimal_units():
    assert [format_bytes(size) for size in (7, 1234, 2_500_000)] == ["7 bytes", "1.2 kB", "2.5 MB"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (1000, 100, "10.0 times smaller"), (100, 1000, "10.0 times LARGER"), (1000, 1000, "as large"),
        (1040, 1000, "as large"), (1000, 1040, "as large"), (1100, 1000, "1.1 times smaller"),
    ],
)  # fmt: skip
def test_change_is_told_as_a_factor_or_as_none(before, after, words):
    assert change_of(before, after) == words
