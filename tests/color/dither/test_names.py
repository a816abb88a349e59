"""Dithers: each keeps its rule to the last pixel, and what is in the palette stays as it is."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from quantize import Palette, Settings, Target, load_picture, quantize_picture
from quantize.color.dither import diffusion, ordered
from quantize.color.dither.diffusion import measure_steps, strength_of_steps
from quantize.color.dither.names import DITHERS
from quantize.color.dither.ordered import bayer_mask, blue_noise_mask
from quantize.color.histogram import count_colors
from quantize.color.measure.quality import psnr
from quantize.color.remap import exact_points, remap
from quantize.color.rounding import measure_spacing
from quantize.color.sketch import draw_sketch
from quantize.color.spaces import premultiply
from quantize.data.blue_noise import rank_pixels
from quantize.kmeans import nearest_label
from quantize.records.picture import Picture
from tests.conftest import make_photo
from tests.files.reading.test_frames import make_frames, save

# As their authors give them: steps to the right, steps down, and the part of 16, 8 and 4.
RULES = {
    "floyd-steinberg": (16, [(1, 0, 7), (-1, 1, 3), (0, 1, 5), (1, 1, 1)]),
    "atkinson": (8, [(1, 0, 1), (2, 0, 1), (-1, 1, 1), (0, 1, 1), (1, 1, 1), (0, 2, 1)]),
    "sierra-lite": (4, [(1, 0, 2), (-1, 1, 1), (0, 1, 1)]),
}
REAL_DITHERS = [name for name in DITHERS if name != "none"]


def dither(name: str, image, colors, **settings) -> np.ndarray:
    picture = image if isinstance(image, Picture) else load_picture(image)
    return DITHERS[name](picture, count_colors(picture), Palette(np.array(colors, np.uint8)), Settings(**settings))[0]


def diffuse_plainly(name: str, picture: Picture, palette: Palette, settings: Settings) -> np.ndarray:
    """The rule, in two loops over the pixels."""
    divisor, kernel = RULES[name]
    steps = measure_steps(picture, count_colors(picture), palette)
    strengths = strength_of_steps(settings.dither_strength)
    colors, entries = premultiply(picture.pixels).astype(np.float32), premultiply(palette.colors).astype(np.float32)
    points = exact_points(palette.colors, settings.space)
    height, width, n_channels = colors.shape
    handed = np.zeros((height + 2, width + 3, n_channels), np.float32)
    labels = np.zeros((height, width), int)
    for y in range(height):
        for x in range(width):
            taken = np.rint(strengths[steps[y, x]] * handed[y, x + 1])
            if n_channels == 4 and picture.pixels[y, x, 3] == 255:
                taken[3] = 0
            wanted = colors[y, x] + taken
            if n_channels == 4:
                wanted[3] = min(max(wanted[3], 0), 255)
                wanted = wanted.clip(0, wanted[3])
                straight = wanted[:3] * 255 / wanted[3] if wanted[3] else np.zeros(3)
                color = np.rint([*straight, wanted[3]]).astype(np.uint8)
            else:
                wanted = wanted.clip(0, 255)
                color = wanted.astype(np.uint8)
            label = nearest_label(exact_points(color[np.newaxis], settings.space), points)[0]
            distances = [np.sqrt(np.square(entries[label] - entry).sum()) for entry in entries]
            reach = np.rint(2 * min((distance for distance in distances if distance), default=0))
            error = np.rint(wanted - entries[label]).clip(-reach, reach)
            for right, down, part in kernel:
                if x + right >= 0:
                    handed[y + down, x + 1 + right] += error * part / divisor
            labels[y, x] = label
    return labels


@pytest.mark.parametrize("shape", [(13, 17), (1, 9), (9, 1), (2, 2), (1, 1), (11, 2), (2, 11), (16, 3)])
@pytest.mark.parametrize("name", RULES)
def test_error_diffusion_is_its_rule_in_two_loops(name, shape):
    rng = np.random.default_rng(shape[0])
    picture = load_picture(np.repeat(rng.integers(90, 200, (*shape, 1), np.uint8), 3, -1) + np.uint8([0, 9, 30]))
    palette = Palette(rng.integers(0, 256, (6, 3), np.uint8))
    settings = Settings(dither_strength=0.9)
    assert (dither(name, picture, palette.colors, dither_strength=0.9) == diffuse_plainly(
        name, picture, palette, settings)).all()  # fmt: skip


@pytest.mark.parametrize("n_channels", [3, 4])
@pytest.mark.parametrize("space", ["rgb", "oklab"])
@pytest.mark.parametrize("name", RULES)
def test_error_diffusion_is_its_rule_in_any_space_and_with_alpha(name, space, n_channels):
    rng = np.random.default_rng(5)
    image = np.asarray(make_photo(18, 14)).copy()
    image[3:6, 4:9] = (10, 200, 30)
    if n_channels == 4:
        image = np.dstack([image, np.tile(np.linspace(0, 270, 18).clip(0, 255).astype(np.uint8), (14, 1))])
    picture = load_picture(image)
    colors = rng.integers(0, 256, (7, n_channels), np.uint8)
    colors[0], colors[1] = (10, 200, 30, 255)[:n_channels], colors[2]  # one of the picture's, and one twice
    if n_channels == 4:
        colors[3] = 0
        colors[4:, 3] = 255
    settings = Settings(space=space, dither_strength=1)
    expected = diffuse_plainly(name, picture, Palette(colors), settings)
    assert len(np.unique(expected)) > 3
    assert (dither(name, picture, colors, space=space, dither_strength=1) == expected).all()


def test_frames_are_dithered_each_by_itself(monkeypatch):
    frames = [np.asarray(make_photo(20, 15, seed)) for seed in range(3)]
    alone = np.stack([dither("atkinson", frame, [[0, 0, 0], [255, 255, 255]]) for frame in frames])
    keys = np.stack([load_picture(frame).keys for frame in frames])
    for rows in (1, 30, 1 << 13):
        monkeypatch.setattr(diffusion, "_FRONT", rows)
        assert (dither("atkinson", Picture(keys), [[0, 0, 0], [255, 255, 255]]) == alone).all()


def test_steps_are_the_largest_difference_to_a_neighbor():
    image = np.full((4, 5, 3), 100, np.uint8)
    image[1, 2] = 130
    image[3, 0] = 0
    picture = load_picture(image)
    steps = measure_steps(picture, count_colors(picture), Palette(np.array([[0, 0, 0]], np.uint8)))
    assert steps.tolist() == [[0, 0, 30, 0, 0], [0, 30, 30, 30, 0], [100, 0, 30, 0, 0], [255, 100, 0, 0, 0]]


def test_strength_falls_from_calm_to_busy_unless_it_is_full():
    strengths = strength_of_steps(0.95)
    assert strengths[0] == pytest.approx(0.95)
    assert strengths[2] == pytest.approx(0.95**7)
    assert strengths[254] == pytest.approx(0.95**13, abs=1e-4)
    assert (strength_of_steps(1)[:255] == 1).all()
    assert strength_of_steps(1)[255] == 0


def test_spacing_is_the_distance_to_the_nearest_other_color():
    rows = np.array([[0, 0], [3, 4], [0, 0], [3, 5]], np.float32)
    assert measure_spacing(rows).tolist() == [5, 1, 5, 1]
    assert measure_spacing(rows[:1]).tolist() == [0]


@pytest.mark.parametrize("space", ["rgb", "linear", "oklab", "lab"])
@pytest.mark.parametrize("name", REAL_DITHERS)
def test_picture_of_palette_colors_comes_out_unchanged(name, space):
    colors = np.array([[0, 0, 0], [200, 10, 10], [200, 11, 10], [90, 90, 255], [255, 255, 255]], np.uint8)
    image = colors[np.random.default_rng(0).integers(0, 5, (12, 18))]
    assert (colors[dither(name, image, colors, space=space, dither_strength=1)] == image).all()


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_transparent_picture_of_palette_colors_comes_out_unchanged(name):
    colors = np.array([[0, 0, 0, 0], [200, 10, 10, 3], [10, 200, 10, 3], [90, 90, 255, 128], [9, 9, 9, 255]], np.uint8)
    image = colors[np.random.default_rng(0).integers(0, 5, (12, 18))]
    assert (colors[dither(name, image, colors, dither_strength=1)] == image).all()


@pytest.mark.parametrize("wall", [(40, 200, 7), (0, 0, 0, 0)], ids=["kept", "transparent"])
def test_kept_and_transparent_pixels_take_no_error_and_pass_none_on(wall):
    image = np.dstack([np.asarray(make_photo(16, 12)), np.full((12, 16), 255, np.uint8)])[..., : len(wall)]
    image[:, 7] = wall
    picture = load_picture(image)
    left, right = (replace(picture, keys=picture.keys[:, part].copy()) for part in (slice(7), slice(8, None)))
    colors = [wall, *([value] * 3 + [255] * (len(wall) - 3) for value in (0, 128, 255))]
    whole = dither("floyd-steinberg", picture, colors, dither_strength=1)
    assert (whole[:, 7] == 0).all()
    assert (whole[:, 8:] == dither("floyd-steinberg", right, colors, dither_strength=1)).all()
    assert not (whole[:, :7] == dither("none", left, colors)).all()


def test_kept_color_stays_in_a_dithered_picture():
    image = make_photo(32, 24)
    image.paste((228, 0, 43), (5, 5, 12, 12))
    for name in REAL_DITHERS:
        result = quantize_picture(image, Settings(n_colors=4, keep=((228, 0, 43),), dither=name, dither_strength=1))
        assert (result.pixels[5:12, 5:12] == (228, 0, 43)).all()


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_at_strength_zero_nothing_is_dithered(name):
    picture = load_picture(make_photo())
    histogram, palette = count_colors(picture), Palette(np.array([[0, 0, 0], [90, 99, 200], [255, 255, 255]], np.uint8))
    settings = Settings(dither=name, dither_strength=0, space="oklab")
    plain, found = (function(picture, histogram, palette, settings) for function in (remap, DITHERS[name]))
    assert all((one == other).all() for one, other in zip(plain, found, strict=True))


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_gray_stays_gray(name):
    result = quantize_picture(make_photo(64, 48).convert("L"), Settings(n_colors=5, dither=name, space="oklab"))
    assert (np.ptp(result.pixels.astype(int), axis=-1) == 0).all()
    assert len(np.unique(result.labels)) == 5


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_opaque_pixels_stay_opaque(name):
    image = np.dstack([np.asarray(make_photo(24, 16)), np.full((16, 24), 255, np.uint8)])
    image[:, :8, 3] = np.arange(0, 256, 32)
    colors = [[0, 0, 0, 0], [20, 20, 20, 128], [200, 190, 190, 160], [40, 40, 40, 255], [120, 120, 120, 255]]
    labels = dither(name, image, colors, dither_strength=1)
    assert (dither("none", image, colors)[:, 8:] >= 3).all()
    assert (labels[:, 8:] >= 3).all()
    assert set(labels[:, :8].flat) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_many_colors_and_few(name):
    many = quantize_picture(make_photo(), Settings(n_colors=300, dither=name))
    assert many.labels.dtype == np.uint16
    assert len(np.unique(many.labels)) > 256
    assert (dither(name, make_photo(), [[7, 8, 9]]) == 0).all()
    assert set(np.unique(dither(name, make_photo(), [[0, 0, 0], [255, 255, 255]]))) == {0, 1}


def test_dithers_come_closer_once_the_eye_has_mixed_the_dots():
    ramp = np.repeat(np.tile(np.linspace(0, 255, 64), (48, 1)).astype(np.uint8)[..., np.newaxis], 3, axis=-1)
    grays = np.repeat(np.linspace(0, 255, 4).astype(np.uint8)[:, np.newaxis], 3, axis=1)

    def error(name: str, **settings: float) -> float:
        shown = grays[dither(name, ramp, grays, **settings)].astype(float)
        return float(np.square(gaussian_filter(shown - ramp, (1.5, 1.5, 0))).sum(-1).mean())

    bands = error("none")
    assert bands > 900
    for name in REAL_DITHERS:
        assert error(name) < bands / (2 if name == "atkinson" else 5)


def test_mask_mixes_a_flat_color_to_its_mean():
    for name, tolerance in (("bayer", 255 / 64), ("blue-noise", 1.5)):
        for level in (17, 127, 201):
            flat = np.full((64, 64, 3), level, np.uint8)
            labels = dither(name, flat, [[0, 0, 0], [255, 255, 255]], dither_strength=1)
            assert 255 * labels.mean() == pytest.approx(level, abs=tolerance)


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_lighter_color_keeps_the_dots_of_a_darker_one(name):
    levels = np.repeat(np.arange(0, 256, 5, dtype=np.uint8), 64 * 64).reshape(-1, 64, 64)
    keys = levels.astype("<u4") * 0x010101
    dots = dither(name, Picture(keys), [[0, 0, 0], [255, 255, 255]]).astype(int)
    assert (np.diff(dots, axis=0) >= 0).all()


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_what_stands_still_does_not_flicker_under_an_ordered_dither(name):
    result = quantize_picture(save(make_frames(), "png", [50] * 5), Settings(n_colors=6, dither=name))
    still = (result.picture.keys == result.picture.keys[0]).all(axis=0)
    assert 50 < still.sum() < still.size
    assert (result.labels[:, still] == result.labels[0, still]).all()


def test_ordered_dither_is_the_same_in_strips_and_on_two_threads(monkeypatch):
    picture = load_picture(make_photo(50, 70))
    colors = [[0, 0, 0], [90, 160, 90], [255, 255, 255]]
    whole = dither("bayer", picture, colors)
    monkeypatch.setattr(ordered, "_STRIP", 300)
    assert (dither("bayer", picture, colors, n_threads=2) == whole).all()


def test_masks_have_every_threshold_once():
    assert sorted(64 * bayer_mask().reshape(-1) - 0.5) == pytest.approx(range(64))
    assert (bayer_mask()[:2, :2] * 4).astype(int).tolist() == [[0, 2], [3, 1]]
    assert sorted(4096 * blue_noise_mask().reshape(-1) - 0.5) == pytest.approx(range(4096))


def test_blue_noise_mask_is_what_its_script_makes():
    assert (rank_pixels() == 4096 * blue_noise_mask() - 0.5).all()


def test_blue_noise_has_no_low_frequencies():
    spectrum = np.abs(np.fft.fft2(blue_noise_mask() - 0.5)) ** 2
    frequencies = np.fft.fftfreq(64)
    radius = np.hypot(frequencies[:, np.newaxis], frequencies)
    assert spectrum[radius < 0.2].mean() < spectrum[radius > 0.3].mean() / 20


def test_dither_is_in_picture_and_report(quantize, photo, listing):
    assert quantize("photo.png", "-k", "3", "--dither", "floyd-steinberg").code == 0
    assert listing() == ["photo-k3-report.json", "photo-k3-swatch.png", "photo-k3.png", "photo.png"]
    result = quantize_picture("photo.png", Settings(n_colors=3, dither="floyd-steinberg"))
    assert (load_picture("photo-k3.png").pixels == result.pixels).all()
    assert not (result.pixels == quantize_picture("photo.png", Settings(n_colors=3)).pixels).all()
    run = quantize("photo.png", "-k", "3", "--dither", "bayer", "--dither-strength", "0.5", "--json", "-q")
    assert '"dither": "bayer", "dither_strength": 0.5' in run.out


@pytest.mark.parametrize("strength", ["0", "0.5"])
def test_strength_without_a_dither_is_refused(quantize, photo, listing, strength):
    run = quantize("photo.png", "--dither-strength", strength)
    assert run.code == 2
    assert run.err == "quantize: --dither-strength says how much to dither; give --dither, too\n"
    assert listing() == ["photo.png"]


def test_sketch_for_a_dither_keeps_pixels_beside_each_other():
    picture = load_picture(make_photo(300, 900))
    histogram = count_colors(picture)
    assert draw_sketch("psnr", "none", picture, histogram).picture.size[1] == 1
    assert draw_sketch("psnr", "bayer", picture, histogram).picture.size == (300, 224)


@pytest.mark.parametrize("name", ["floyd-steinberg", "blue-noise"])
def test_target_is_reached_by_what_is_written(name):
    result = quantize_picture(make_photo(64, 64), Settings(dither=name, target=Target("psnr", 27)))
    assert result.palette.search["reached"]
    assert psnr(result) >= 27
