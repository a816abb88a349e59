"""Error diffusion keeps its rule to the last pixel."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageStat

from quantize import Palette, Settings, load_picture
from quantize.color.dither import diffusion
from quantize.color.dither.light import light_of, place_light, to_light, to_nearest_colors
from quantize.color.dither.strength import measure_steps, strength_of_steps
from quantize.color.histogram import count_colors
from quantize.color.remap import exact_points
from quantize.kmeans import nearest_label
from quantize.records.picture import Picture
from tests.color.dither.conftest import SPARSE, dither, make_ramp, make_vignette, measure_blocks
from tests.conftest import make_photo

# As their authors give them: steps to the right, steps down, and the part of 16, 8 and 4.
RULES = {
    "floyd-steinberg": (16, [(1, 0, 7), (-1, 1, 3), (0, 1, 5), (1, 1, 1)]),
    "atkinson": (8, [(1, 0, 1), (2, 0, 1), (-1, 1, 1), (0, 1, 1), (1, 1, 1), (0, 2, 1)]),
    "sierra-lite": (4, [(1, 0, 2), (-1, 1, 1), (0, 1, 1)]),
}


def diffuse_plainly(name: str, picture: Picture, palette: Palette, settings: Settings) -> np.ndarray:
    """The rule, in two loops over the pixels."""
    divisor, kernel = RULES[name]
    steps = measure_steps(picture, count_colors(picture), palette)
    strengths = strength_of_steps(settings.dither_strength)
    colors, entries = to_light(picture.pixels, settings.space), to_light(palette.colors, settings.space)
    white = light_of(settings.space)[-1]
    points = exact_points(palette.colors, settings.space)
    is_solid = palette.colors[:, 3:].min(axis=1, initial=255) == 255
    height, width, n_channels = colors.shape
    handed = np.zeros((height + 2, width + 3, n_channels), np.float32)
    labels = np.zeros((height, width), int)
    for y in range(height):
        for x in range(width):
            taken = np.rint(strengths[steps[y, x]] * handed[y, x + 1])
            rows = np.arange(len(entries))
            if n_channels == 4 and picture.pixels[y, x, 3] == 255:
                taken[3], rows = 0, np.flatnonzero(is_solid)
            wanted = taken + colors[y, x]
            wanted[3:] = wanted[3:].clip(-white, 2 * white)
            wanted[:3] = wanted[:3].clip(-np.rint(white / 2), white + np.rint(white / 2))
            most = min([*wanted[3:], white])
            inside = wanted[:3].min() > -0.5 and wanted[:3].max() < most + 0.5 and wanted[-1] < white + 0.5
            if inside and settings.space not in ("rgb", "linear"):
                color = to_nearest_colors(wanted, settings.space)
                label = rows[nearest_label(exact_points(color, settings.space), points[rows])[0]]
            else:
                pair = (place_light(light).astype(float) for light in (wanted[np.newaxis], entries[rows]))
                label = rows[nearest_label(*pair)[0]]
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
@pytest.mark.parametrize("space", ["rgb", "linear", "oklab"])
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
        colors[5:, 3] = 255
    settings = Settings(space=space, dither_strength=1)
    expected = diffuse_plainly(name, picture, Palette(colors), settings)
    assert len(np.unique(expected)) > 3
    assert (dither(name, picture, colors, space=space, dither_strength=1) == expected).all()


def test_frames_are_dithered_each_by_itself(monkeypatch):
    frames = [np.asarray(make_photo(20, 15, seed)) for seed in range(3)]
    alone = np.stack([dither("atkinson", frame, [[0, 0, 0], [255, 255, 255]]) for frame in frames])
    keys = np.stack([load_picture(frame).keys for frame in frames])
    for rows in (1, 30, 1 << 13):
        monkeypatch.setattr(diffusion, "_ROWS_AT_ONCE", rows)
        assert (dither("atkinson", Picture(keys), [[0, 0, 0], [255, 255, 255]]) == alone).all()


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


@pytest.mark.parametrize("colors", SPARSE.values(), ids=SPARSE)
@pytest.mark.parametrize("name", ["floyd-steinberg", "sierra-lite"])
def test_gray_keeps_its_level_where_colors_are_few_and_far(name, colors):
    ramp = make_ramp(512, 128)
    difference = np.array(colors)[dither(name, ramp, colors)] - ramp.astype(float)
    blocks = difference.reshape(16, 8, 64, 8, 3).mean(axis=(0, 1, 3))  # those of the same level together
    assert np.abs(blocks).mean() < 1


@pytest.mark.parametrize("colors", SPARSE.values(), ids=SPARSE)
@pytest.mark.parametrize("name", ["floyd-steinberg", "sierra-lite"])
def test_photograph_keeps_its_brightness_where_colors_are_few_and_far(name, colors):
    photo = make_photo(64, 64)
    shown = Image.fromarray(np.uint8(colors)[dither(name, photo, colors)])
    assert ImageStat.Stat(shown.convert("L")).mean == pytest.approx(ImageStat.Stat(photo.convert("L")).mean, abs=2)


@pytest.mark.parametrize("space", ["rgb", "oklab", "lab"])
@pytest.mark.parametrize("name", ["floyd-steinberg", "sierra-lite"])
def test_skin_keeps_its_hue_although_the_red_it_lacks_is_beyond_white(name, space):
    """Gray is nearest, and only with more red than there is another color is nearer: it came out gray."""
    skin = np.full((48, 48, 3), (225, 185, 172), np.uint8)
    shown = np.array(SPARSE["CGA"])[dither(name, skin, SPARSE["CGA"], space=space)]
    assert shown[8:, 8:].mean(axis=(0, 1)) == pytest.approx([225, 185, 172], abs=4)


@pytest.mark.parametrize(("space", "share"), [("rgb", 128 / 255), ("linear", 0.2158)])
def test_half_gray_is_half_the_dots_in_srgb_and_a_fifth_of_the_light(space, share):
    flat = np.full((64, 64, 3), 128, np.uint8)
    assert dither("floyd-steinberg", flat, [[0, 0, 0], [255, 255, 255]], space=space).mean() == pytest.approx(
        share, abs=0.01
    )


@pytest.mark.parametrize("name", RULES)
def test_fade_with_one_dark_opaque_color_keeps_its_light_on_any_ground(name):
    """What errors had made opaque had to have the one opaque color, and errors of alpha were lost at both ends."""
    fade = make_vignette(64)
    colors = [(25, 25, 25, 255), (230, 200, 140, 216), (90, 150, 200, 150), (140, 130, 120, 80), (0, 0, 0, 0)]
    plain, shown = (np.uint8(colors)[dither(kind, fade, colors)] for kind in ("none", name))
    for ground in (0, 128, 255):
        assert measure_blocks(fade, shown, ground) < 0.8 * measure_blocks(fade, plain, ground)
