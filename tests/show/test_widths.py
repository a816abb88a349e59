from quantize.show.widths import measure_width, pad, shorten


def test_ideograms_take_two_cells_and_combining_accents_none():
    assert [measure_width(text) for text in ("abc", "東京", "e\u0301")] == [3, 4, 1]


def test_end_of_a_long_name_is_kept():
    assert shorten("sample_images/coffee.jpg", 13) == "...coffee.jpg"
    assert shorten("東京の写真.png", 11) == "...写真.png"
    assert shorten("photo.png", 9) == "photo.png"
    assert shorten("photo.png", 2) == ".g"


def test_text_is_filled_up_to_its_width():
    assert pad("東京", 6) == "東京  "
    assert pad("abcdef", 4) == "...f"
