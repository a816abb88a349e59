from quantize.show.measures import CIEDE2000, PSNR, SSIM
from quantize.show.table import Row, find_folder, format_table
from quantize.show.totals import describe_totals
from quantize.show.widths import measure_width

ROWS = [
    Row("one.png", "", 16, 4000, 1000, 0.5, {PSNR: 30.0, CIEDE2000: 2.0}),
    Row("two.png", "", 16, 1000, 1000, 0.5, {PSNR: 20.0, CIEDE2000: 5.0, SSIM: 0.5}),
    Row("three.png", "unchanged", 3, None, 500, 0.5, {CIEDE2000: 0.0}),
    Row("four.png", "failed: no such file"),
]


def test_totals_means_and_worst_by_each_measure():
    assert describe_totals(ROWS) == [
        "PSNR: mean 25.00 dB, worst 20.00 dB (two.png)",
        "color difference (CIEDE2000): mean 2.33, worst 5.00 (two.png)",
        "least gained in bytes: two.png (as large)",
        "3 of 4 pictures, 1 failed, 5.0 kB -> 2.0 kB (2.5 times smaller)",
    ]


def test_one_picture_is_no_batch_to_compare():
    assert describe_totals(ROWS[:1]) == ["1 of 1 pictures, 4.0 kB -> 1.0 kB (4.0 times smaller)"]


def test_table_gives_up_columns_on_a_narrow_terminal():
    for columns in (20, 40, 60, 80):
        assert all(len(line) <= columns for line in format_table(ROWS[:3], columns))
    assert list(format_table(ROWS, 40))[1].split() == ["one.png", "1.0", "kB", "30.00", "dB"]
    assert next(format_table(ROWS, 80)).split() == ["picture", "colors", "before", "after", "PSNR", "time"]


def test_table_of_what_was_not_measured_has_no_psnr():
    assert list(format_table([Row("one.png", "", 16, 4000, 1000, 0.5)], 40))[1].split() == ["one.png", "1.0", "kB"]


def test_folder_that_all_share_is_named_once_and_the_column_goes_to_what_differs():
    rows = [row._replace(name=f"holidays/2024/{row.name}") for row in ROWS]
    head, *lines = format_table(rows, 80)
    assert head.startswith("picture in holidays/2024/ ")
    assert [line.split()[0] for line in lines] == ["one.png", "two.png", "three.png", "four.png"]
    assert not any("holidays" in line for line in describe_totals(rows))


def test_folder_is_whole_or_not_at_all():
    assert find_folder(["a/bc/1.png", "a/bd/2.png"]) == "a/"
    assert find_folder(["abc.png", "abd.png"]) == ""
    assert find_folder(["a/1.png"]) == ""
    assert find_folder(["/1.png", "/2.png"]) == "/"


def test_names_of_ideograms_keep_the_columns_in_line():
    rows = [Row("東京.png", "", 16, 4000, 1000), Row("a.png", "", 16, 4000, 1000), Row("x" * 90, "", 16, 4000, 1000)]
    head, tokyo, plain, long = format_table(rows, 60)
    assert len(tokyo) + 2 == len(plain) == len(head) == len(long) <= 60


def test_what_went_wrong_is_told_on_as_many_lines_as_it_takes():
    remark = "failed: not a readable image (unrecognized), and what can be done about it is said at length"
    [_, line] = format_table([Row("東京.png", remark)], 40)
    assert len(line.splitlines()) > 2
    assert all(measure_width(part) <= 40 for part in line.splitlines())
    assert " ".join(line.split()) == f"東京.png {remark}"


def test_column_is_of_the_measure_that_was_asked_for():
    rows = [Row("failed.png", "failed: x"), Row("a.png", "", 40, 400, 100, 1, {PSNR: 30, CIEDE2000: 1.96}, CIEDE2000)]
    head, _, line = format_table(rows, 80)
    assert "CIEDE2000" in head
    assert line.split()[-3:] == ["1.96", "1.0", "s"]
    assert "PSNR" not in head
