"""Logos with clear parts in two colors."""

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, quantize_picture
from quantize.color.spaces import SPACES
from quantize.show.contrast import contrast_of, measure_luminance

BLACK, WHITE, RED, BLUE = (0, 0, 0), (255, 255, 255), (228, 0, 43), (0, 80, 181)


def make_logo(plate, letters, soft=1.0):
    """A plate with a ring on it, both with soft edges, on clear ground; alpha and the ring's cover apart."""
    distances = np.hypot(*(np.mgrid[:48, :48] - 23.5))
    ring = np.clip((4.5 - np.abs(distances - 10)) / soft, 0, 1)[..., np.newaxis]
    alpha = np.clip((22 - distances) / soft, 0, 1)[..., np.newaxis]
    colors = np.array(plate) + ring * (np.array(letters) - plate)
    return np.rint(np.concatenate([colors * (alpha > 0), 255 * alpha], axis=2)).astype(np.uint8), ring[..., 0]


def lay_on(result, page):
    pixels = result.palette.colors[result.labels].astype(float)
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + page * (1 - alpha)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("page", [0, 255])
@pytest.mark.parametrize(("plate", "letters"), [(BLACK, WHITE), (WHITE, BLACK), (RED, WHITE), ((255, 210, 0), BLACK)])
def test_letters_of_a_logo_in_two_colors_can_be_read_on_white_and_on_black(plate, letters, page, space):
    logo, ring = make_logo(plate, letters)
    result = quantize_picture(logo, Settings(n_colors=2, space=space))
    laid = lay_on(result, page)
    parts = ring == 1, (ring == 0) & (logo[..., 3] == 255)
    luminances = [float(measure_luminance(np.median(laid[part], axis=0))) for part in parts]
    assert contrast_of(*luminances) >= 3
    assert len(result.palette) == 2
    assert (result.palette.colors[result.labels][logo[..., 3] == 0] == 0).all()


def test_logo_keeps_the_one_color_that_stands_out_from_white_and_black_as_it_is():
    assert quantize_picture(make_logo(RED, WHITE)[0], 2).palette.hex[1] == "#e4002b"


def test_stencil_is_told_of_with_the_way_out():
    logo, _ = make_logo(BLACK, WHITE)
    (notice,) = quantize_picture(logo, 2).picture.source.notices
    assert "white became clear, too" in notice
    assert "-k 3" in notice
    assert quantize_picture(logo, 3).picture.source.notices == ()
    assert {"#000000", "#ffffff"} < set(quantize_picture(logo, 3).palette.hex)


@pytest.mark.parametrize("name", ["png", "gif"])
def test_errors_are_those_of_the_logo_and_not_of_its_stencil(name):
    logo, _ = make_logo(BLACK, WHITE, soft=0.01)  # no color is partly transparent, which GIF would change first
    result = quantize_picture(logo, Settings(n_colors=2, format=name))
    alpha = logo[..., 3:] / 255
    laid = [
        np.square(logo[..., :3] * alpha + page * (1 - alpha) - lay_on(result, page)).sum(-1).mean() for page in (0, 255)
    ]
    assert result.report["error"]["mse"] == pytest.approx(np.mean(laid), rel=1e-4)
    assert result.report["input"]["unique_colors"] == len(np.unique(logo.reshape(-1, 4), axis=0))


def test_logo_of_colors_that_no_page_has_stays_opaque_and_a_notice_says_what_it_loses():
    logo, _ = make_logo(RED, BLUE)
    result = quantize_picture(logo, 2)
    assert (result.palette.colors[result.labels][logo[..., 3] == 255, 3] == 255).all()
    assert "nothing can be told apart" in result.picture.source.notices[0]


@pytest.mark.parametrize("color", [BLACK, WHITE, RED])
def test_logo_of_one_color_keeps_it_without_a_word(color):
    result = quantize_picture(make_logo(color, color)[0], 2)
    assert result.palette.hex[1] == "#{:02x}{:02x}{:02x}".format(*color)
    assert result.picture.source.notices == ()


def test_shades_are_no_logo_and_stay_opaque():
    pixels = np.full((32, 64, 4), 255, np.uint8)
    pixels[..., :3] = 4 * np.arange(64)[:, np.newaxis]
    pixels[:4] = 0
    result = quantize_picture(pixels, 2)
    assert (result.palette.colors[result.labels][4:, :, 3] == 255).all()


def test_noise_of_black_and_white_is_no_logo_and_stays_opaque():
    rng = np.random.default_rng(0)
    pixels = np.where(rng.random((32, 32, 1)) < 0.5, 0, 255) * np.ones(4)
    pixels[..., 3] = np.where(rng.random((32, 32)) < 0.2, 0, 255)
    result = quantize_picture(pixels.astype(np.uint8), 2)
    assert (result.palette.colors[result.labels][pixels[..., 3] == 255, 3] == 255).all()


def test_specks_are_no_letters():
    logo, _ = make_logo(WHITE, WHITE)
    logo[24, 20:23, :3] = 0
    assert quantize_picture(logo, 2).palette.hex[1] == "#ffffff"


def test_color_that_is_kept_is_that_of_the_stencil():
    logo, ring = make_logo(BLACK, WHITE)
    result = quantize_picture(logo, Settings(n_colors=2, keep=(BLUE,)))
    assert result.palette.hex[1] == "#0050b5"
    assert (result.palette.colors[result.labels][ring == 1, 3] == 0).all()


@pytest.mark.parametrize("options", [["--format", "gif"], ["--shared"], ["--dither", "bayer"]])
def test_stencil_goes_with_other_options(options, quantize, tmp_path):
    for name, colors in (("a.png", (BLACK, WHITE)), ("b.png", (WHITE, BLACK))):
        Image.fromarray(make_logo(*colors)[0]).save(tmp_path / name)
    run = quantize("a.png", "b.png", "-k", "2", *options, "--no-swatch")
    assert run.code == 0
    assert run.err.count("white became clear, too") == 2
