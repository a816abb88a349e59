from quantize.show.table import Row, format_table
from quantize.show.totals import describe_totals

ROWS = [
    Row("one.png", "", 16, 4000, 1000, 0.5, {"PSNR": 30.0, "color difference": 2.0}),
    Row("two.png", "", 16, 1000, 1000, 0.5, {"PSNR": 20.0, "color difference": 5.0, "SSIM": 0.5}),
    Row("three.png", "unchanged", 3, None, 500, 0.5, {"color difference": 0.0}),
    Row("four.png", "failed: no such file"),
]


def test_totals_means_and_worst_by_each_measure():
    assert describe_totals(ROWS) == [
        "PSNR: mean 25.0 dB, worst 20.0 dB (two.png)",
        "color difference: mean 2.3, worst 5.0 (two.png)",
        "least gained in bytes: two.png (1.0 times smaller)",
        "3 of 4 pictures, 1 failed, 5.0 kB -> 2.0 kB (2.5 times smaller)",
    ]


def test_one_picture_is_no_batch_to_compare():
    assert describe_totals(ROWS[:1]) == ["1 of 1 pictures, 4.0 kB -> 1.0 kB (4.0 times smaller)"]


def test_table_gives_up_columns_on_a_narrow_terminal():
    for columns in (40, 60, 80):
        assert all(len(line) <= columns for line in format_table(ROWS, columns))
    assert list(format_table(ROWS, 40))[1].split() == ["one.png", "1.0", "kB", "30.0"]
    assert next(format_table(ROWS, 80)).split() == ["picture", "colors", "before", "after", "PSNR", "dB", "time"]


def test_table_of_what_was_not_measured_has_no_psnr():
    assert list(format_table([Row("one.png", "", 16, 4000, 1000, 0.5)], 40))[1].split() == ["one.png", "1.0", "kB"]
