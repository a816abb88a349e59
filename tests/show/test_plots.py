"""What `--plot` draws: looked at by eye, held here to what can be measured."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from quantize import Settings, load_picture, quantize_picture
from quantize.color.measure.blur import map_blurred_ciede2000
from quantize.color.measure.metrics import map_ciede2000
from quantize.color.measure.worst_regions import find_regions
from quantize.show.plots import draw_figure, render_plot
from tests.conftest import make_photo

CURVE = [
    {"colors": 4, "sketched": False, "mse": 200.0, "psnr": 24.0, "ssim": None, "delta_e": 6.0, "bytes": None},
    {"colors": 8, "sketched": True, "mse": 90.0, "psnr": 28.0, "ssim": None, "delta_e": 3.9, "bytes": 950},
    {"colors": 8, "sketched": False, "mse": 100.0, "psnr": 27.0, "ssim": None, "delta_e": 4.0, "bytes": 900},
    {"colors": 64, "sketched": False, "mse": 9.0, "psnr": None, "ssim": None, "delta_e": 1.5, "bytes": 2500},
]

TOP = [{"box": {"x": 0, "y": 0, "width": 32, "height": 32, "frame": 0}, "ciede2000": 9.0}]


def draw(image=None, k=8, curve=(), regions=None, render=draw_figure):
    quantized = quantize_picture(load_picture(np.asarray(image or make_photo(128, 96))), Settings(n_colors=k))
    errors = map_ciede2000(quantized)
    return render(quantized, errors, find_regions(errors) if regions is None else regions, 1234, curve)


@pytest.fixture(scope="module")
def drawn():
    return draw(curve=CURVE, regions=TOP)


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def test_every_text_has_contrast_of_at_least_four_and_a_half(drawn):
    texts = [text for text in drawn.findobj(Text) if text.get_visible() and text.get_text().strip()]
    assert len(texts) > 40
    for text in texts:
        box = text.get_bbox_patch()
        behind = luminance(box.get_facecolor() if box else drawn.get_facecolor())
        light, dark = sorted((luminance(text.get_color()), behind), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, text
        assert text.get_fontsize() >= 9, text


def test_no_text_without_a_box_lies_on_a_picture_or_outside(drawn):
    inside = drawn.bbox
    panels = [axes.get_window_extent() for axes in drawn.axes]
    hidden = {
        id(tick.label1) for axes in drawn.axes for axis in (axes.xaxis, axes.yaxis) for tick in _out_of_view(axis)
    }
    for text in drawn.findobj(Text):
        if not text.get_text().strip() or id(text) in hidden or text.get_bbox_patch():
            continue
        place = text.get_window_extent()
        assert inside.x0 <= place.x0 and place.x1 <= inside.x1, text
        assert inside.y0 <= place.y0 and place.y1 <= inside.y1, text
        assert not any(panel.overlaps(place) and _common(panel, place) > 1 for panel in panels), text


def test_label_of_a_region_at_the_top_lies_on_the_map_and_not_above_it(drawn):
    axes = drawn.axes[4]
    [label] = [text for text in axes.texts if text.get_text() == "worst: 9"]
    assert label.get_window_extent().y1 <= axes.get_window_extent().y1


def _out_of_view(axis):
    low, high = sorted(axis.get_view_interval())
    is_off = not axis.axes.axison
    return [tick for tick in axis.get_major_ticks() if is_off or not low <= tick.get_loc() <= high]


def _common(one, other):
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0, width) * max(0, height)


def titles_of(figure):
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    return [axes.get_title(loc="left") for axes in figure.axes] + texts


def test_titles_tell_name_colors_and_bytes(drawn):
    titles = titles_of(drawn)
    assert {"Original", "In 8 colors", "CIEDE2000", "Palette", "picture"} <= set(titles)
    assert "Colors after: 8, each pixel at its place" in titles
    assert "128 x 96, 1.2 kB" in titles
    assert "PSNR in dB: 27 with 8 colors" in titles


def test_pictures_and_errors_stand_in_one_row_at_one_scale(drawn):
    places = [axes.get_position() for axes in drawn.axes[2:5]]
    for place in places[1:]:
        assert place.size.tolist() == pytest.approx(places[0].size.tolist())
        assert place.y0 == pytest.approx(places[0].y0)


def test_portrait_fills_its_row():
    figure = draw(make_photo(40, 64))
    rights = [axes.get_window_extent().x1 for axes in figure.axes[2:6]]
    assert max(rights) > 0.6 * figure.bbox.width


def test_dots_stay_at_their_place_and_take_their_new_color(drawn):
    before, after = (axes.collections[0] for axes in drawn.axes[7:9])
    assert (before.get_offsets() == after.get_offsets()).all()
    assert len(before.get_offsets()) == 8000
    assert len(np.unique(after.get_facecolors(), axis=0)) == 8 < len(np.unique(before.get_facecolors(), axis=0))


def test_rings_are_filled_with_their_color_and_grow_with_its_shares(drawn):
    rings = drawn.axes[8].collections[-1]
    assert len(rings.get_offsets()) == len(np.unique(rings.get_facecolors(), axis=0)) == 8
    assert rings.get_sizes().min() >= 36
    assert rings.get_sizes().max() > rings.get_sizes().min()


def test_transparent_pixels_make_no_ring():
    image = make_photo().convert("RGBA")
    image.putalpha(0)
    image.paste(make_photo(20, 20), (0, 0))
    figure = draw(image, k=4)
    assert len(figure.axes[8].collections[-1].get_offsets()) == 3


def test_large_picture_is_drawn_strip_by_strip_as_at_once(monkeypatch):
    image = make_photo(96, 70).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    whole = draw(image)
    monkeypatch.setattr("quantize.show.plots._STRIP", 96 * 20)
    monkeypatch.setattr("quantize.show.plots._MOST_ERRORS", 1000)
    monkeypatch.setattr("quantize.show.plot_clouds._MOST_PIXELS", 2000)
    strips = draw(image)
    for one, other in zip(whole.axes[2:4], strips.axes[2:4], strict=True):
        assert np.ptp(one.images[0].get_array()) > 100
        assert (one.images[0].get_array() == other.images[0].get_array()).all()
    assert len(whole.axes[7].collections[0].get_offsets()) > len(strips.axes[7].collections[0].get_offsets()) > 1900


def test_gray_picture_gets_histograms():
    figure = draw(make_photo().convert("L"), k=4)
    before, after = figure.axes[7:9]
    assert not before.collections
    assert len(before.patches) == len(after.patches) == 256
    assert len({patch.get_facecolor() for patch in after.patches if patch.get_height()}) == 4


def test_dithered_picture_is_judged_after_the_blur():
    quantized = quantize_picture(make_photo(), Settings(n_colors=4, dither="floyd-steinberg"))
    blurred = map_blurred_ciede2000(quantized)
    assert blurred.shape == quantized.labels.shape
    assert blurred.mean() < 0.8 * map_ciede2000(quantized).mean()
    assert "CIEDE2000, after the eye's blur" in titles_of(draw_figure(quantized, blurred, [], 1))


@pytest.mark.parametrize("size", [(400, 3), (1, 200)])
def test_every_shape_can_be_drawn(size):
    assert draw(make_photo(*size), k=2, render=render_plot).width == 1240


def test_transparent_picture_can_be_drawn():
    image = make_photo().convert("RGBA")
    image.putalpha(0)
    image.paste(make_photo(20, 20), (0, 0))
    assert draw(image, k=4, render=render_plot).mode == "RGB"


def test_drawing_twice_gives_the_same_pixels(drawn):
    again = draw(curve=CURVE, regions=TOP, render=render_plot)
    assert (np.asarray(again) == np.asarray(drawn.canvas.buffer_rgba())[..., :3]).all()


def test_plot_stands_beside_the_other_outputs_and_is_ours(quantize, photo, listing):
    assert quantize("photo.png", "--plot", "-k", "4").code == 0
    assert "photo-k4-plot.png" in listing()
    assert json.loads(Path("photo-k4-report.json").read_text())["outputs"]["plot"] == "photo-k4-plot.png"
    first = Path("photo-k4-plot.png").read_bytes()
    assert len(first) <= 500_000
    assert Image.open("photo-k4-plot.png").mode == "P"
    assert quantize("photo.png", "--plot", "-k", "4").code == 0
    assert Path("photo-k4-plot.png").read_bytes() == first


def test_without_matplotlib_one_sentence_says_how_to_get_it(quantize, photo, listing, monkeypatch):
    monkeypatch.setattr("quantize.command.checks.find_spec", lambda name: None)
    run = quantize("photo.png", "--plot")
    assert run.code == 2
    assert run.err == "quantize: --plot needs matplotlib; install it with: pip install 'quantize[plot]'\n"
    assert listing() == ["photo.png"]


def test_plot_has_nowhere_to_go_beside_standard_output(quantize, photo, listing):
    run = quantize("photo.png", "--plot", "-o", "-")
    assert run.code == 2
    assert "--plot writes beside the picture, which goes to standard output; give -o FILE or -d DIR" in run.err
    assert listing() == ["photo.png"]


def test_command_without_plot_does_not_load_matplotlib_or_scikit_image(photo):
    probe = (
        "import sys; sys.argv = ['quantize', 'photo.png', '-q']\n"
        "from quantize.command.cli import run; run()\n"
        "print(sorted({'matplotlib', 'skimage', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=photo.parent)
    assert done.stdout == "[]\n"


def test_plot_of_an_automatic_number_shows_the_curve(quantize, photo):
    assert quantize("photo.png", "-q", "-k", "8", "--plot").code == 0
    assert quantize("photo.png", "-q", "--target", "psnr=22", "--plot").code == 0
    given, chosen = (Image.open(f"photo-{name}-plot.png").height for name in ("k8", "auto"))
    assert chosen > given


def test_animation_is_reported_in_full_and_drawn(quantize, tmp_path):
    frames = [make_photo(seed=seed) for seed in range(3)]
    frames[0].save("in.gif", save_all=True, append_images=frames[1:], duration=50)
    run = quantize("in.gif", "-k", "6", "--report", "full", "--plot")
    assert run.code == 0, run.err
    assert {path.name for path in tmp_path.iterdir()} >= {"in-k6.gif", "in-k6-plot.png", "in-k6-report.json"}
