from quantize.show.widths import measure_width, pad, shorten, tell_shortly


def test_ideograms_take_two_cells_and_combining_accents_none():
    assert [measure_width(text) for text in ("abc", "東京", "e\u0301")] == [3, 4, 1]


def test_end_of_a_long_name_is_kept():
    assert shorten("sample_images/coffee.jpg", 13) == "...coffee.jpg"
    assert shorten("東京の写真.png", 11) == "...写真.png"
    assert shorten("photo.png", 9) == "photo.png"
    assert shorten("photo.png", 2) == ".g"
    assert shorten("x" * 1_000_000, 10) == "...xxxxxxx"  # at once


def test_text_is_filled_up_to_its_width():
    assert pad("東京", 6) == "東京  "
    assert pad("abcdef", 4) == "...f"


def test_message_is_at_most_300_characters_and_keeps_its_words_and_both_ends_of_its_paths():
    message = f"/home/{'x' * 500}/photo.jpg: not a readable image (truncated JPEG)"
    told = tell_shortly(message)
    assert len(told) == 300
    assert told.startswith("/home/xxx")
    assert told.endswith("xxx/photo.jpg: not a readable image (truncated JPEG)")
    assert tell_shortly("photo.jpg: no such file") == "photo.jpg: no such file"


def test_two_long_names_and_control_characters_are_told_shortly_too():
    assert len(tell_shortly("\x1b" * 400 + " would become " + "y" * 400)) <= 300
    assert len(tell_shortly("a b " * 200)) <= 300
