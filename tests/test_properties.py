"""What always holds, whatever the picture."""

import numpy as np
import pytest
from PIL import Image

from quantize import Histogram, Palette, Picture, Settings, apply_palette, find_palette, load_picture, quantize_picture
from quantize.color.histogram import count_colors, list_colors
from quantize.color.measure.metrics import measure_error
from quantize.color.remap import is_opaque
from quantize.color.rounding import polish_palette
from quantize.color.spaces import to_colors, to_points
from quantize.kmeans import nearest_center, nearest_label
from tests.conftest import make_flat, make_photo

NOISE = Image.fromarray(np.random.default_rng(7).integers(0, 256, (24, 24, 3), np.uint8))
ALPHA = make_photo(seed=3).convert("RGBA")
ALPHA.putalpha(Image.fromarray(np.tile(np.arange(48, dtype=np.uint8) * 5, (32, 1))))
SOLID = ALPHA.copy()
SOLID.putalpha(Image.fromarray(np.tile(np.linspace(100, 400, 48).clip(0, 255).astype(np.uint8), (32, 1))))
PICTURES = {
    "photo": make_photo(), "noise": NOISE, "gray": make_photo().convert("L"), "alpha": ALPHA,
    "solid": SOLID, "flat": make_flat([(9, 9, 9)]), "column": make_photo(1, 64), "pixel": make_flat([(1, 2, 3)], 1, 1),
}  # fmt: skip

pictures = pytest.mark.parametrize("image", PICTURES.values(), ids=PICTURES)
some_k = pytest.mark.parametrize("k", [2, 3, 16, 200])


@pictures
@some_k
def test_palette_has_at_most_k_colors_and_every_pixel_is_one_of_them(image: Image.Image, k: int) -> None:
    result = quantize_picture(image, Settings(n_colors=k))
    assert 1 <= len(result.palette) <= k
    assert len(np.unique(result.palette.colors, axis=0)) == len(result.palette)
    used = {tuple(row) for row in result.pixels.reshape(-1, result.pixels.shape[-1])}
    assert used <= {tuple(row) for row in result.palette.colors}
    assert result.counts.sum() == image.width * image.height


@pictures
@some_k
def test_every_pixel_has_its_nearest_palette_color(image: Image.Image, k: int) -> None:
    result = quantize_picture(image, Settings(n_colors=k))
    pixels, palette = (lay_out(a) for a in (result.picture.pixels, result.palette.colors))
    distances = ((pixels[:, None] - palette[None]) ** 2).sum(axis=2)
    solid = is_opaque(result.palette.colors)
    if solid.any():  # opaque ones choose among such
        opaque = is_opaque(result.picture.pixels.reshape(len(pixels), -1))
        distances[np.ix_(opaque, ~solid)] = distances.max() + 1
    chosen = distances[np.arange(len(pixels)), result.labels.reshape(-1)]
    assert (chosen == distances.min(axis=1)).all()


@pictures
@some_k
def test_quantizing_twice_changes_nothing(image: Image.Image, k: int) -> None:
    once = quantize_picture(image, Settings(n_colors=k))
    twice = quantize_picture(Image.fromarray(once.pixels), Settings(n_colors=k))
    pixels = twice.pixels
    assert (lay_out(pixels) == lay_out(once.pixels[..., : pixels.shape[-1]])).all()


@pictures
@some_k
def test_error_over_unique_colors_is_error_over_pixels(image: Image.Image, k: int) -> None:
    result = quantize_picture(image, Settings(n_colors=k))
    difference = (lay_out(result.picture.pixels) - lay_out(result.pixels)) / 255
    assert measure_error(result)["mse"] == pytest.approx((difference**2).sum(axis=1).mean() / 2, rel=1e-9)


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.FLIP_LEFT_RIGHT])
def test_palette_does_not_depend_on_where_the_pixels_stand(turn: Image.Transpose) -> None:
    image = make_photo()
    palettes = [quantize_picture(i, Settings(n_colors=9)).palette.hex for i in (image, image.transpose(turn))]
    assert palettes[0] == palettes[1]


def test_palette_does_not_depend_on_the_number_of_threads() -> None:
    palettes = [quantize_picture(make_photo(), Settings(n_colors=9, n_threads=n)).palette.hex for n in (1, 2, 3)]
    assert palettes[0] == palettes[1] == palettes[2]


def test_histograms_of_parts_add_up_to_the_histogram_of_the_whole() -> None:
    image = make_photo()
    whole = count_colors(load_picture(image))
    parts = [count_colors(load_picture(image.crop(box))) for box in ((0, 0, 48, 10), (0, 10, 48, 32))]
    total = parts[0] + parts[1]
    assert (total.keys == whole.keys).all()
    assert (total.counts == whole.counts).all()


def lay_out(pixels: np.ndarray) -> np.ndarray:
    """Rows of integers, so that equal is equal: 255 times the three channels on black, and those on white."""
    wide = pixels.reshape(-1, pixels.shape[-1]).astype(np.int64)
    alpha = wide[:, 3:] if wide.shape[1] == 4 else 255
    on_black = wide[:, :3] * alpha
    return np.hstack([on_black, on_black + 255 * (255 - alpha)])


def test_best_effort_leaves_no_single_step_that_would_lower_the_error():
    histogram = count_colors(load_picture(make_photo()))
    colors = find_palette(histogram, Settings(n_colors=8, effort="best")).colors.astype(float)

    def error(entries: np.ndarray) -> float:
        return nearest_center(histogram.colors.astype(float), entries)[1] @ histogram.counts

    least = error(colors)
    for row, channel, step in np.ndindex(8, 3, 2):
        moved = colors.copy()
        moved[row, channel] += 2 * step - 1
        assert error(moved) >= least


def test_best_effort_keeps_kept_colors():
    kept = ((100, 100, 100), (1, 2, 3))
    palette = find_palette(count_colors(load_picture(make_photo())), Settings(n_colors=4, effort="best", keep=kept))
    assert {"#646464", "#010203"} < set(palette.hex)


def test_gray_palette_is_polished_in_gray():
    histogram = count_colors(load_picture(make_photo().convert("L")))
    start = Palette(np.full((1, 3), 10, np.uint8))
    assert polish_palette(start, histogram, list_colors(()), n_rounds=3).hex == ["#0c0c0c"]


def make_odd(seed: int) -> Image.Image:
    """Waves or noise, in color, gray or dark, opaque or with alpha that fades, is noise, or has few levels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: rng.integers(3, 20), : rng.integers(3, 20)] / 20
    waves = [127 + 120 * np.sin(a * x + b * y + c) for a, b, c in rng.uniform(-6, 6, (3, 3))]
    color = np.stack(waves, axis=-1) + rng.normal(0, rng.choice([0, 5, 40]), (*x.shape, 1))
    color = (color, rng.integers(0, 256, color.shape), color[..., :1].repeat(3, axis=-1), 0.3 * color)[seed % 4]
    radius = np.hypot(x - 0.5, y - 0.5)
    fades = (
        255 * (1.5 - 3 * radius),
        255 * (1 - radius**2),
        rng.integers(0, 256, x.shape),
        255 * (rng.random(x.shape) < 0.7),
        rng.choice([0, 1, 100, 128, 254, 255], x.shape),
        rng.choice([250, 254, 255], x.shape),
    )
    channels = [color] if seed % 3 == 0 else [color, fades[seed // 4 % 6]]
    return Image.fromarray(np.dstack(channels).clip(0, 255).astype(np.uint8))


def cluster_pillows(picture: Picture, histogram: Histogram, k: int) -> Palette:
    """Pillow's palette by median cut, which knows no alpha, or by its octree, and Lloyd's steps until they end."""
    image = Image.fromarray(picture.pixels)
    mode, method = ("RGBA", Image.Quantize.FASTOCTREE) if picture.has_alpha else ("RGB", Image.Quantize.MEDIANCUT)
    found = image.quantize(k, method)
    colors = np.array(found.getpalette(mode), np.uint8).reshape(-1, len(mode))[np.unique(np.asarray(found))]
    points, centers = (to_points(values, "rgb").astype(float) for values in (histogram.colors, colors))
    centers[np.argmin(np.square(centers).sum(axis=1)) if histogram.has_clear else slice(0)] = 0
    before = None
    while before is None or (centers != before).any():
        before, labels = centers.copy(), nearest_label(points, centers)
        for label in set(labels) if not histogram.has_clear else set(labels[1:]) - {labels[0]}:
            centers[label] = np.average(points[labels == label], axis=0, weights=histogram.counts[labels == label])
    return Palette(to_colors(centers, "rgb"))


@pytest.mark.parametrize("seed", range(100))
def test_no_palette_is_worse_than_pillows_after_k_means(seed: int) -> None:
    picture = load_picture(make_odd(seed))
    histogram = count_colors(picture)
    settings = Settings(n_colors=min((2, 5, 16)[seed // 2 % 3], len(histogram)))
    found = quantize_picture(picture, settings)
    other = cluster_pillows(picture, histogram, settings.n_colors)
    opaque = is_opaque(picture.pixels.reshape(-1, picture.pixels.shape[-1]))
    assert is_opaque(found.pixels.reshape(len(opaque), -1)[opaque]).all()
    if picture.has_alpha and opaque.any():  # opaque pixels choose among such entries, here too
        other.colors[other.colors[:, 3].argmax(), 3] = 255
    errors = [measure_error(one)["mse"] for one in (found, apply_palette(picture, histogram, other, settings))]
    assert errors[0] <= 1.01 * errors[1] + 0.01
