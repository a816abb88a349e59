"""Color spaces: published values, and nothing lost on the way there and back."""

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, quantize_picture
from quantize.color.spaces import SPACES, measure_height, to_colors, to_points
from tests.conftest import make_photo

spaces = pytest.mark.parametrize("space", SPACES)


def rows(*colors):
    return np.array(colors, np.uint8)


def sample_colors() -> np.ndarray:
    """Every value of each channel against a lattice of the others, all grays, and a million others."""
    values, lattice = np.arange(256), np.arange(0, 256, 15)
    planes = [np.stack(np.meshgrid(values, lattice, lattice), axis=-1).reshape(-1, 3)]
    planes += [np.roll(planes[0], shift, axis=1) for shift in (1, 2)]
    noise = np.random.default_rng(0).integers(0, 256, (1 << 20, 3))
    return np.concatenate([*planes, np.repeat(values[:, None], 3, axis=1), noise]).astype(np.uint8)


@spaces
def test_every_color_comes_back_from_every_space(space):
    colors = sample_colors()  # all 2^24 take a minute: python -m tests.bench sample_images spaces
    points = to_points(colors, space)
    assert points.dtype == np.float32
    assert (to_colors(points, space) == colors).all()


# B. Ottosson, https://bottosson.github.io/posts/oklab/, as the converters of CSS Color 4 give it to five digits.
OKLAB = {
    (255, 255, 255): (1, 0, 0),
    (255, 0, 0): (0.62796, 0.22486, 0.12585),
    (0, 255, 0): (0.86644, -0.23389, 0.17950),
    (0, 0, 255): (0.45201, -0.03246, -0.31153),
    (0, 0, 0): (0, 0, 0),
}
# B. Lindbloom's calculator, http://www.brucelindbloom.com, sRGB under D65 without adaptation.
LAB = {
    (255, 255, 255): (100, 0, 0),
    (255, 0, 0): (53.2408, 80.0925, 67.2032),
    (0, 255, 0): (87.7347, -86.1827, 83.1793),
    (0, 0, 255): (32.2970, 79.1875, -107.8602),
    (128, 128, 128): (53.5850, 0, 0),
    (0, 0, 0): (0, 0, 0),
}
# IEC 61966-2-1: the formulas at both sides of its knee, and at its ends.
LINEAR = {
    (0, 10, 11): (0, 10 / 255 / 12.92, ((11 / 255 + 0.055) / 1.055) ** 2.4),
    (128, 188, 255): (0.215861, 0.502886, 1),
}


@pytest.mark.parametrize(("color", "lab"), OKLAB.items())
def test_oklab_is_as_published_with_a_and_b_doubled(color, lab):
    lightness, a, b = to_points(rows(color), "oklab")[0]
    assert (lightness, a / 2, b / 2) == pytest.approx(lab, abs=6e-6)


@pytest.mark.parametrize(("color", "lab"), LAB.items())
def test_lab_is_as_published_in_hundredths(color, lab):
    assert 100 * to_points(rows(color), "lab")[0] == pytest.approx(lab, abs=0.02)


@pytest.mark.parametrize(("color", "light"), LINEAR.items())
def test_linear_is_as_published(color, light):
    assert to_points(rows(color), "linear")[0] == pytest.approx(light, abs=1e-6)


@spaces
def test_opaque_colors_are_as_far_apart_as_without_alpha(space):
    colors = np.random.default_rng(0).integers(0, 256, (50, 3), np.uint8)
    solid = np.column_stack([colors, np.full(50, 255, np.uint8)])
    plain, lifted = to_points(colors, space), to_points(solid, space)
    assert np.linalg.norm(lifted - lifted[0], axis=1) == pytest.approx(
        np.linalg.norm(plain - plain[0], axis=1), abs=1e-6
    )
    assert lifted[:, 3] == pytest.approx(measure_height(space))


def test_distance_of_colors_with_alpha_is_the_mean_of_those_on_black_and_on_white():
    colors = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    points = to_points(colors, "rgb")
    alpha = colors[:, 3:] / 255
    looks = [colors[:, :3] / 255 * alpha + ground * (1 - alpha) for ground in (0, 1)]
    squares = np.mean([np.square(look - look[0]).sum(axis=1) for look in looks], axis=0)
    assert np.square(points - points[0]).sum(axis=1) == pytest.approx(squares, abs=1e-6)


@spaces
def test_what_is_gone_is_the_origin_and_what_is_half_there_half_as_far(space):
    solid, half, clear = to_points(rows((200, 30, 40, 255), (200, 30, 40, 51), (200, 30, 40, 0)), space)
    assert half == pytest.approx(solid / 5)
    assert (clear == 0).all()
    assert to_colors(np.array([solid / 1000]), space).tolist() == [[0, 0, 0, 0]]


@spaces
def test_colors_with_alpha_come_back(space):
    colors = np.random.default_rng(1).integers(0, 256, (1000, 4), np.uint8)
    back = to_colors(to_points(colors, space), space)
    assert (back[:, 3] == colors[:, 3]).all()
    assert (back[colors[:, 3] == 0] == 0).all()
    solid = colors[:, 3] > 127
    assert (back[solid] == colors[solid]).all()


@spaces
@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
def test_what_lies_outside_srgb_is_clipped(space):
    assert to_colors(np.array([[2.0, 0, 0], [-1.0, 0, 0]]), space)[:, 0].tolist() == [255, 0]


@spaces
@pytest.mark.parametrize("k", [2, 16, 200])
def test_every_pixel_has_its_nearest_palette_color_in_the_space(space, k):
    result = quantize_picture(make_photo(), Settings(n_colors=k, space=space))
    pixels, palette = (
        to_points(c, space).astype(float) for c in (result.picture.pixels.reshape(-1, 3), result.palette.colors)
    )
    if space == "rgb":  # in whole numbers, where two colors may be at exactly the same distance
        pixels, palette = np.rint(255 * pixels), np.rint(255 * palette)
    distances = ((pixels[:, None] - palette) ** 2).sum(axis=2)
    assert distances[np.arange(len(pixels)), result.labels.reshape(-1)] == pytest.approx(
        distances.min(axis=1), abs=1e-12
    )


@spaces
def test_neighbors_in_8_bits_are_told_apart(space):
    # Colors whose distance squared is below the rounding of float32, for the darkest and the bluest there are.
    colors = np.concatenate(
        [
            rows(*((r, g, b) for r in range(4) for g in range(4) for b in range(4))),
            rows(*((0, g, b) for g in range(3) for b in range(240, 256)), (255, 255, 254), (255, 255, 255)),
        ]
    )
    image = Image.fromarray(colors[None])
    assert (quantize_picture(image, Settings(n_colors=len(colors), space=space)).pixels == colors[None]).all()


@spaces
def test_gray_between_grays_is_gray(space):
    grays = to_points(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1), space).astype(float)
    weights = np.random.default_rng(2).dirichlet([0.05] * 256, 4000)
    noise = np.random.default_rng(3).normal(0, 1e-6, (4000, 3))
    colors = to_colors(weights @ grays + noise, space)
    assert (colors == colors[:, :1]).all()


def test_oklab_lowers_the_color_difference_and_rgb_the_squared_error():
    from quantize.color.measure.metrics import measure_error
    from quantize.color.measure.quality import delta_e

    results = [quantize_picture(make_photo(64, 64), Settings(n_colors=16, space=space)) for space in ("rgb", "oklab")]
    assert delta_e(results[1]) < delta_e(results[0])
    assert measure_error(results[0])["mse"] < measure_error(results[1])["mse"]
