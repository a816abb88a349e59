"""GIF as its specification says and browsers show it, from blocks made by hand."""

import io
import struct

import numpy as np
import pytest

from quantize import InputError, load_picture

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
COLORS = bytes([*RED, *GREEN, *BLUE, *WHITE])
CLEAR = (0, 0, 0, 0)


def compress(indices: np.ndarray) -> bytes:
    """Codes of 3 bits, cleared before the table grows: LZW that packs nothing."""
    bits = ""
    for start in range(0, indices.size, 2):
        for code in (4, *indices.ravel()[start : start + 2]):
            bits = f"{code:03b}" + bits
    bits = "101" + bits
    data = int(bits, 2).to_bytes(-(-len(bits) // 8), "little")
    blocks = b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255))
    return b"\2" + blocks + b"\0"


def image(
    box: tuple[int, int, int, int], index: int | np.ndarray, disposal: int = 0, clear: int | None = None
) -> bytes:
    flags = disposal << 2 | (clear is not None)
    control = b"!\xf9\4" + struct.pack("<BHBB", flags, 5, clear or 0, 0)
    indices = np.broadcast_to(index, (box[3], box[2]))
    return control + b"," + struct.pack("<4HB", *box, 0) + compress(indices)


def gif(*images: bytes, size: tuple[int, int] = (6, 4), background: int = 3) -> io.BytesIO:
    screen = struct.pack("<HHBBB", *size, 0x81, background, 0)
    return io.BytesIO(b"GIF89a" + screen + COLORS + b"".join(images) + b";")


def frames(stream: io.BytesIO) -> list[np.ndarray]:
    picture = load_picture(stream)
    pixels = picture.pixels if picture.animation else picture.pixels[None]
    return list(pixels if picture.has_alpha else np.insert(pixels, 3, 255, axis=-1))


def opaque(color: tuple[int, int, int]) -> list[int]:
    return [*color, 255]


WHOLE = (0, 0, 6, 4)


@pytest.mark.parametrize("clear", [None, 3])
def test_what_is_disposed_of_to_the_background_is_clear(clear):
    first, second = frames(gif(image((1, 1, 3, 2), 0, 2, clear), image((5, 0, 1, 1), 2)))
    assert (first[1:3, 1:4] == opaque(RED)).all()
    assert (second[1:3, 1:4] == CLEAR).all()
    assert second[0, 5].tolist() == opaque(BLUE)


def test_what_no_frame_covers_is_clear():
    (only,) = frames(gif(image((1, 1, 2, 2), 0)))
    assert (only[1:3, 1:3] == opaque(RED)).all()
    assert np.count_nonzero(only[..., 3]) == 4


def test_what_is_disposed_of_to_the_previous_is_restored():
    shown = frames(gif(image(WHOLE, 0), image((1, 1, 3, 2), 1, 3), image((0, 0, 1, 1), 2)))
    assert (shown[1][1:3, 1:4] == opaque(GREEN)).all()
    assert (shown[2].reshape(-1, 4)[1:] == opaque(RED)).all()


def test_frames_are_cut_to_the_canvas_wherever_they_lie():
    shown = frames(gif(image(WHOLE, 0), image((4, 2, 9, 9), 1), image((600, 600, 2, 2), 2), image((0, 0, 9, 1), 3)))
    assert (shown[1][2:, 4:] == opaque(GREEN)).all()
    assert np.count_nonzero((shown[1] == opaque(GREEN)).all(-1)) == 4
    assert (shown[2] == shown[1]).all()
    assert (shown[3][0] == opaque(WHITE)).all()


def test_only_pixels_of_the_transparent_index_are_left_out():
    indices = np.arange(24).reshape(4, 6) % 4
    second = frames(gif(image(WHOLE, 0), image(WHOLE, indices, 0, 2)))[1]
    expected = np.array([opaque(color) for color in (RED, GREEN, RED, WHITE)])[indices]
    assert (second == expected).all()


def test_a_transparent_index_that_no_pixel_has_paints_nothing():
    (only,) = frames(gif(image(WHOLE, 1, 2, 0)))
    assert (only == opaque(GREEN)).all()


def test_without_a_canvas_the_first_frame_is_it():
    assert [frame.shape for frame in frames(gif(image((0, 0, 5, 3), 0), size=(0, 0)))] == [(3, 5, 4)]


def test_a_broken_frame_ends_the_animation_before_it():
    data = gif(image(WHOLE, 0), image(WHOLE, 1), image(WHOLE, 2)).getvalue()
    for cut, words in (
        (12, "frame 3 of 3 is broken (truncated); it is left out"),
        (20, "breaks off after its frame 2"),
    ):
        picture = load_picture(io.BytesIO(data[:-cut]))
        assert picture.n_frames == 2
        assert picture.source.notices == (words,)


def test_a_broken_first_frame_is_one_sentence():
    with pytest.raises(InputError, match=r"not a readable image \(truncated\)"):
        load_picture(io.BytesIO(gif(image(WHOLE, 0)).getvalue()[:-9]))


def test_a_missing_end_costs_nothing():
    picture = load_picture(io.BytesIO(gif(image(WHOLE, 0), image(WHOLE, 1)).getvalue()[:-1]))
    assert (picture.n_frames, picture.source.notices) == (2, ())


@pytest.mark.parametrize("disposal", range(8))
def test_times_and_every_disposal_are_read(disposal):
    stream = gif(image(WHOLE, 0, disposal), image((0, 0, 1, 1), 2))
    assert load_picture(stream).animation.durations == (50, 50)
    stream.seek(0)
    assert frames(stream)[1][3, 5].tolist() == ([0, 0, 0, 0] if disposal in (2, 3, 4) else opaque(RED))


def test_frames_of_two_million_are_refused_soon():
    one = b"!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    with pytest.raises(InputError, match="more than 50,000 frames"):
        load_picture(gif(one * 60_000))
