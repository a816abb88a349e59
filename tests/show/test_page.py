"""The page as text: what it promises of its size, its safety and its words. tests/browser looks at it in a browser."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from quantize import KMeans, MiniBatchKMeans, Settings, load_picture, quantize_picture
from quantize.color.measure.metrics import map_ciede2000, measure_everything
from quantize.files.writing.saving import encode_picture
from quantize.records.job import Job, Outputs
from quantize.records.step import Step
from quantize.show.page import render_steps, write_page
from quantize.show.page_pictures import encode_errors, make_preview
from quantize.show.reporting import build_report
from tests.conftest import make_photo

VOID = {"meta", "link", "input", "img", "br", "option"}  # an option may be left open
STEPS = [Step("seed", np.zeros((8, 3), np.uint8), 0.5), Step("pass", np.full((8, 3), 200, np.uint8), 0.1)]


class Outline(HTMLParser):
    """What a page is made of, and whether each element is closed where it was opened."""

    def __init__(self, page):
        super().__init__()
        self.open, self.elements, self.ids, self.links, self.texts = [], [], [], [], []
        self.feed(page)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        named = dict(attributes)
        self.ids += [named["id"]] if "id" in named else []
        self.links += [named[key] for key in ("src", "href", "action", "poster") if key in named]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def convert(image=None, name="photo.png", k=8, **settings):
    picture = load_picture(np.asarray(image if image is not None else make_photo(64, 48)))
    buffer = io.BytesIO()
    Image.fromarray(picture.pixels.reshape(-1, *picture.pixels.shape[-2:])).save(buffer, "PNG")
    source = picture.source._replace(name=name, n_bytes=len(buffer.getvalue()), format="PNG")
    object.__setattr__(picture, "source", source)
    return quantize_picture(picture, Settings(n_colors=k, **settings))


def report_of(quantized):
    encoded = encode_picture(quantized)
    job = Job("photo.png", Outputs(None))
    return build_report(quantized, encoded, measure_everything(quantized), job, {"total": 1.0}), encoded.data


def render(quantized, **options):
    report, data = report_of(quantized)
    return write_page(quantized, report, map_ciede2000(quantized), encoded=data, **options)


def facts_of(page):
    return json.loads(re.search(r'id="facts">(.*?)</script>', page, re.DOTALL)[1])


def decode(uri):
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def source_of(page, which):
    return decode(re.search(rf'id="{which}"[^>]* src="([^"]+)"', page)[1])


@pytest.fixture(scope="module")
def page():
    return render(convert(), steps=STEPS)


def test_page_is_whole_markup_with_each_id_once_and_no_link_to_anywhere(page):
    outline = Outline(page)
    assert len(set(outline.ids)) == len(outline.ids) > 40
    assert outline.links and all(link.startswith("data:image/") for link in outline.links)
    assert "://" not in page
    assert "default-src 'none'" in page


def test_page_starts_with_the_mark_by_which_our_files_are_known(page):
    assert page.startswith("<!doctype html>\n<!-- quantize ")


def test_pictures_in_the_page_are_the_pixels_themselves(page):
    quantized = convert()
    assert (np.asarray(source_of(page, "before").convert("RGB")) == quantized.picture.pixels).all()
    assert (np.asarray(source_of(page, "after").convert("RGB")) == quantized.pixels).all()


def test_a_dithered_transparent_result_is_shown_pixel_for_pixel():
    pixels = np.dstack([np.asarray(make_photo(32, 32)), np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))])
    quantized = convert(pixels, dither="floyd-steinberg")
    report, _ = report_of(quantized)
    page = write_page(quantized, report, map_ciede2000(quantized))
    assert (np.asarray(source_of(page, "after").convert("RGBA")) == quantized.pixels).all()


@pytest.mark.parametrize("format", ["png", "gif", "webp"])
def test_result_is_shown_as_the_very_file_that_is_written(format):
    quantized = convert(format=format)
    _, data = report_of(quantized)
    assert base64.b64encode(data).decode() in render(quantized)


@pytest.mark.parametrize("k", [2, 256, 400])
def test_page_keeps_to_its_size(k):
    quantized = convert(make_photo(64, 64), k=k)
    steps = [Step("batch", np.random.default_rng(i).integers(0, 256, (k, 3), np.uint8), 0.1) for i in range(60)]
    report, data = report_of(quantized)
    page = write_page(quantized, report, map_ciede2000(quantized), encoded=data, steps=steps)
    assert len(page.encode()) <= 1.4 * (quantized.picture.source.n_bytes + len(data)) + 60_000


def test_original_that_has_few_bytes_is_shown_with_loss_and_the_page_says_so():
    quantized = convert(make_photo(64, 64))
    object.__setattr__(quantized.picture, "source", quantized.picture.source._replace(n_bytes=2000))
    page = render(quantized)
    assert "shown as WebP of quality" in page
    assert source_of(page, "before").size == (64, 64)


def test_large_picture_gets_a_preview_of_its_own_colors_and_the_page_says_so():
    quantized = convert(np.asarray(make_photo(64, 4).resize((2000, 4), Image.Resampling.NEAREST)))
    page = render(quantized)
    after = np.asarray(source_of(page, "after").convert("RGB")).reshape(-1, 3)
    assert source_of(page, "after").size == (1600, 3)
    assert {*map(bytes, after)} <= {*map(bytes, quantized.palette.colors)}
    assert "A preview of 1600 x 3 pixels, at most 1600 a side, of 2,000 x 4" in page


@pytest.mark.parametrize(
    "name", ["</script><script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "&lt;b&gt;"]
)
def test_hostile_names_stay_text(name):
    def outline(name):
        quantized = convert(name=name)
        report, _ = report_of(quantized)
        report["notices"], report["settings"]["palette"] = [name], name
        report["input"]["format"] = report["size"]["encoder"] = name
        return Outline(write_page(quantized, report, map_ciede2000(quantized)))

    plain, hostile = outline("photo.png"), outline(name)
    assert hostile.elements == plain.elements
    assert sum(name in text for text in hostile.texts) >= 6  # title, heading, and four figures


def test_names_of_ten_thousand_characters_or_no_unicode_are_shortened_and_shown():
    assert len(render(convert(name="x" * 10_000))) < len(render(convert(name="x" * 200))) + 100
    render(convert(name="caf\udce9.png")).encode()


def test_hostile_names_of_colors_stay_data():
    quantized = convert()
    report, _ = report_of(quantized)
    report["palette"][0]["name"] = "</script><b>&"
    page = write_page(quantized, report, map_ciede2000(quantized))
    assert "</script><b>" not in page
    assert facts_of(page)["palette"][0][2] == "</script><b>&"


def test_lost_colors_and_regions_have_their_places():
    pixels = np.full((64, 64, 3), (40, 90, 40), np.uint8)
    pixels[32:40, 32:40] = (250, 20, 20)
    pixels[:, :4] = (45, 95, 45)
    page = render(convert(pixels, k=1))
    facts = facts_of(page)
    assert facts["places"][0] == {"hex": "fa1414", "box": [32, 32, 8, 8]}
    assert page.count("<button value=") == len(facts["places"])


def test_error_map_has_the_mean_of_each_cell_and_fits_its_room(monkeypatch):
    errors = np.random.default_rng(0).uniform(0, 10, (64, 96))
    data, cell = encode_errors(errors, 10.0, 1 << 20)
    in_cells = encode_errors(errors, 10.0, 500)
    monkeypatch.setattr("quantize.show.page_pictures._STRIP", 96 * 9)
    assert encode_errors(errors, 10.0, 500) == in_cells
    assert cell == 1
    assert np.abs(np.asarray(decode("," + base64.b64encode(data).decode())) / 255 * 10 - errors).max() <= 10 / 63
    small, cell = encode_errors(errors, 10.0, 500)
    assert 0 < len(small) <= 500
    assert cell > 2
    assert encode_errors(errors, 10.0, 0) == (b"", 0)


def test_steps_are_a_row_of_pixels_each_and_their_section_goes_where_there_are_none(page):
    facts = facts_of(page)
    rows = np.asarray(decode(facts["steps"]["centers"]))
    assert facts["steps"]["stages"] == ["seed", "pass"]
    assert (rows == np.stack([step.centers for step in STEPS])).all()
    assert 'id="steps"' in page
    assert 'id="steps"' not in render(convert())


def test_view_places_boxes_of_its_frame_only():
    view = make_preview((3200, 800), frame=1)
    box = {"x": 100, "y": 50, "width": 10, "height": 20, "frame": 1}
    assert view.place(box) == [50, 25, 5, 10]
    assert view.place({**box, "frame": 0}) is None


def test_figures_say_what_sixteen_million_to_sixteen_is_not():
    assert "2^24 possible colors to 16 is the factor of about a million" in render(convert(k=16))


def test_page_shows_the_curve_of_a_target():
    page = render(convert(target=None, k=8))
    assert "<svg" not in page
    quantized = convert()
    report, _ = report_of(quantized)
    point = {"sketched": False, "mse": 1.0, "psnr": 30.0, "ssim": None, "delta_e": None, "bytes": None}
    curve = [{**point, "colors": 4}, {**point, "colors": 8, "psnr": 34.0}]
    report["search"] = {"measure": "psnr", "target": 33.0, "value": 34.0, "reached": True, "curve": curve}
    assert "Why 8 colors" in write_page(quantized, report, map_ciede2000(quantized))


@pytest.mark.parametrize(("kind", "first"), [(MiniBatchKMeans, "seed"), (KMeans, "E")])
def test_steps_of_any_points_are_those_of_the_estimator_and_show_in_a_notebook(kind, first):
    points = np.random.default_rng(0).normal(size=(3000, 2))
    estimator = kind(3, random_state=0)
    page = render_steps(points, estimator)
    Outline(page)
    facts = facts_of(page)
    assert len(facts["points"]) <= 2000
    assert np.allclose(facts["steps"]["centers"][-1], estimator.cluster_centers_, rtol=1e-4)
    assert facts["steps"]["stages"][0] == first
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!doctype')
    with pytest.raises(ValueError, match="shape"):
        render_steps(points[:, :1], estimator)
