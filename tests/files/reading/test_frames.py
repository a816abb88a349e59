"""Animations: one palette, the same picture at each moment, the same number of plays."""

import io
from bisect import bisect_right
from itertools import accumulate, pairwise

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, load_picture, quantize_picture
from quantize.files.writing.frame_boxes import round_durations
from quantize.files.writing.saving import encode_picture
from tests.conftest import make_photo

SIZE = (24, 16)
KINDS = ["gif", "png", "webp"]


def make_frames(n: int = 5, *, clear: bool = False) -> list[Image.Image]:
    """A square that moves over a background, which is transparent if `clear`."""
    frames = []
    for index in range(n):
        frame = Image.new("RGBA", SIZE, (0, 0, 0, 0)) if clear else make_photo(*SIZE).convert("RGBA")
        frame.paste((250, 40 * index, 10, 255), (3 * index, 2, 3 * index + 6, 9))
        frames.append(frame)
    return frames


def save(frames: list[Image.Image], kind: str, durations: list[int], loop: int | None = 0) -> io.BytesIO:
    stream = io.BytesIO()
    options = {"lossless": True} if kind == "webp" else {"disposal": 2} if kind == "gif" else {}
    if loop is not None:
        options["loop"] = loop
    frames[0].save(stream, kind, save_all=True, append_images=frames[1:], duration=durations, **options)
    stream.seek(0)
    return stream


def convert(stream: io.BytesIO, kind: str, k: int = 8, **settings: object) -> tuple:
    result = quantize_picture(stream, Settings(n_colors=k, format=kind, **settings))
    return result, Image.open(io.BytesIO(encode_picture(result).data))


def read(image: Image.Image) -> tuple[list[np.ndarray], list[float]]:
    frames, durations = [], []
    for index in range(image.n_frames):
        image.seek(index)
        rgba = np.asarray(image.convert("RGBA")).copy()
        rgba[rgba[..., 3] == 0] = 0
        frames.append(rgba)
        durations.append(image.info["duration"])
    return frames, durations


def shown(frames: list[np.ndarray], durations: list[float], moment: float) -> np.ndarray:
    return frames[min(bisect_right(list(accumulate(durations)), moment), len(frames) - 1)]


def rgba(result) -> np.ndarray:
    pixels = result.pixels
    if pixels.shape[-1] == 4:
        return pixels
    return np.concatenate([pixels, np.full((*pixels.shape[:-1], 1), 255, np.uint8)], axis=-1)


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_the_same_picture_is_shown_at_each_moment(source, target, clear):
    durations = [100, 40, 40, 250, 70]
    result, image = convert(save(make_frames(clear=clear), source, durations), target)
    frames, delays = read(image)
    assert sum(delays) == sum(durations)
    for moment in range(5, 500, 10):
        expected = shown(list(rgba(result)), durations, moment)
        assert (shown(frames, delays, moment) == expected).all(), moment


@pytest.mark.parametrize("kind", KINDS)
def test_one_palette_serves_all_frames(kind):
    result, image = convert(save(make_frames(), kind, [50] * 5), kind)
    colors = {tuple(pixel) for frame in read(image)[0] for pixel in frame.reshape(-1, 4)}
    assert len(colors) <= 8
    assert len(result.palette) == 8
    assert result.labels.shape == (5, 16, 24)


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("loop", [0, 1, 3])
def test_the_number_of_plays_is_kept(source, target, loop):
    stream = save(make_frames(), source, [50] * 5, loop)
    plays = load_picture(stream).animation.plays
    assert plays == (loop + 1 if source == "gif" and loop else loop)
    stream.seek(0)
    _, image = convert(stream, target)
    written = io.BytesIO()
    image.fp.seek(0)
    written.write(image.fp.read())
    written.seek(0)
    assert load_picture(written).animation.plays == plays


def test_a_gif_that_plays_once_plays_once():
    stream = save(make_frames(), "gif", [50] * 5, None)
    _, image = convert(stream, "gif")
    assert "loop" not in image.info


def test_an_animation_keeps_its_format(quantize, tmp_path):
    for kind in KINDS:
        (tmp_path / f"{kind}-in.{kind}").write_bytes(save(make_frames(), kind, [50] * 5).getvalue())
    make_photo().save(tmp_path / "still.gif")
    assert (
        quantize("gif-in.gif", "png-in.png", "webp-in.webp", "still.gif", "--no-swatch", "--report", "none").code == 0
    )
    results = {path.name: Image.open(path) for path in tmp_path.glob("*-k16.*")}
    assert {name: (image.format, image.n_frames if "in" in name else 1) for name, image in results.items()} == {
        "gif-in-k16.gif": ("GIF", 5), "png-in-k16.png": ("PNG", 5), "webp-in-k16.webp": ("WEBP", 5),
        "still-k16.png": ("PNG", 1),
    }  # fmt: skip


def test_true_color_apng_holds_more_than_256_colors():
    result, image = convert(save(make_frames(), "png", [50] * 5), "png", 300)
    assert [frame.tolist() for frame in read(image)[0]] == rgba(result).tolist()


def test_a_default_image_outside_of_the_animation_is_left_out():
    frames = make_frames(3)
    stream = io.BytesIO()
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:], default_image=True, duration=50)
    picture = load_picture(io.BytesIO(stream.getvalue()))
    assert (picture.n_frames, len(picture.animation.durations)) == (2, 2)


def test_one_frame_is_a_picture_that_stands_still():
    assert load_picture(save(make_frames(1), "gif", [50])).animation is None


def test_equal_and_too_short_frames_merge_in_gif():
    frames = make_frames(4)
    _, image = convert(save([frames[0], frames[1], frames[1], frames[2], frames[3]], "webp", [50, 30, 3, 1, 56]), "gif")
    _, durations = read(image)
    assert sum(durations) == 140
    assert image.n_frames == 3


def test_a_frame_longer_than_gif_can_say_is_repeated():
    frames = make_frames(2)
    result, image = convert(save(frames, "webp", [700_000, 50]), "gif")
    shown_frames, durations = read(image)
    assert sum(durations) == 700_050
    assert (shown_frames[1] == rgba(result)[0]).all()


def test_a_frame_longer_than_apng_can_say_in_milliseconds_is_said_in_longer_units():
    _, image = convert(save(make_frames(2), "webp", [700_000, 50]), "png")
    assert read(image)[1] == [700_000, 50]


def test_a_gif_without_durations_stays_so():
    _, image = convert(save(make_frames(), "gif", [0] * 5), "gif")
    assert image.n_frames == 5


@pytest.mark.parametrize("unit", [1, 10])
def test_rounded_moments_never_drift(unit):
    durations = [16.6667] * 300
    rounded = round_durations(durations, unit)
    for exact, written in zip(accumulate(durations), accumulate(rounded), strict=True):
        assert abs(exact - written * unit) <= unit / 2
    assert all(later >= earlier for earlier, later in pairwise(accumulate(rounded)))


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_optimize_keeps_every_pixel_of_every_frame(kind, optimize):
    result, image = convert(save(make_frames(), "png", [50] * 5), kind, optimize=optimize)
    assert [frame.tolist() for frame in read(image)[0]] == rgba(result).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_turned_animations_come_in_upright(kind):
    if kind == "gif":
        pytest.skip("GIF knows no orientation")
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = make_frames(3)
    stream = io.BytesIO()
    turned = [frame.transpose(Image.Transpose.ROTATE_90) for frame in frames]
    turned[0].save(stream, kind, save_all=True, append_images=turned[1:], exif=exif, lossless=True)
    picture = load_picture(io.BytesIO(stream.getvalue()))
    assert picture.size == SIZE
    assert (picture.pixels[1][..., :3] == np.asarray(frames[1])[..., :3]).all()
