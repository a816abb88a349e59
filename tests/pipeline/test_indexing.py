"""`--page`: a page for each picture, and of several an index."""

import json
import re
from pathlib import Path

from tests.conftest import make_flat, make_photo


def test_page_stands_beside_the_result_in_the_report_and_is_replaced_by_the_next_run(quantize, photo, listing):
    for _ in range(2):
        assert quantize("photo.png", "-k", "4", "--page", "--no-swatch", "-q").code == 0
    assert listing() == ["photo-k4-report.json", "photo-k4.html", "photo-k4.png", "photo.png"]
    assert json.loads(Path("photo-k4-report.json").read_text())["outputs"]["page"] == "photo-k4.html"
    assert "photo.png</h1>" in Path("photo-k4.html").read_text()


def test_page_of_somebody_else_is_not_replaced_without_force(quantize, photo):
    Path("photo-k4.html").write_text("<!doctype html><p>mine")
    run = quantize("photo.png", "-k", "4", "--page", "-q")
    assert run.code == 1
    assert "photo-k4.html: exists and was not written by quantize" in run.err
    assert Path("photo-k4.html").read_text() == "<!doctype html><p>mine"


def test_page_measures_in_full_whatever_the_report_and_leaves_the_report_as_it_was(quantize, photo):
    assert quantize("photo.png", "-k", "4", "--page", "-q", "--report", "none").code == 0
    assert "CIEDE2000" in Path("photo-k4.html").read_text()
    assert quantize("photo.png", "-k", "4", "--page", "-q").code == 0
    assert json.loads(Path("photo-k4-report.json").read_text())["error"]["ssim"] is None


def test_page_works_with_every_kind_of_palette_and_dither(quantize, photo):
    for number, options in enumerate(
        [("-p", "#000,#fff"), ("--target", "psnr=20"), ("--keep", "#f00", "--space", "oklab"), ("--dither", "bayer")]
    ):
        assert quantize("photo.png", *options, "--page", "-q", "-d", str(number)).code == 0
        (page,) = Path(str(number)).glob("*.html")
        assert ('id="steps"' in page.read_text()) == ("-p" not in options)


def test_several_pictures_get_an_index_with_the_worst_first_and_failures_last(quantize, photo, tmp_path):
    make_flat([(255, 0, 0), (0, 0, 255)]).save(tmp_path / "flat.png")
    Path("broken.png").write_text("no picture")
    assert quantize("broken.png", "flat.png", "photo.png", "-k", "4", "--page", "-q", "-d", "out").code == 1
    index = Path("out/index.html").read_text()
    assert re.findall(r'<li>(?:<a href="([^"]*)">)?', index) == ["photo-k4.html", "flat-k4.html", ""]
    assert "<p>not an image" in index
    assert index.count("data:image/webp;base64,") == 2


def test_index_leads_to_pages_in_other_folders(quantize, tmp_path):
    for name in ("a b", "c"):
        (tmp_path / name).mkdir()
        make_photo(8, 8).save(tmp_path / name / "x.png")
    assert quantize("a b/x.png", "c/x.png", "-k", "2", "--page", "-q").code == 0
    assert re.findall(r'href="([^"]*)"', Path("index.html").read_text()) == ["a%20b/x-k2.html", "c/x-k2.html"]


def test_index_of_somebody_else_stops_the_run_before_it_starts(quantize, photo, tmp_path, listing):
    make_photo(8, 8).save(tmp_path / "b.png")
    Path("index.html").write_text("<!doctype html><p>mine")
    before = listing()
    run = quantize("photo.png", "b.png", "--page", "-q")
    assert run.code == 2
    assert "index.html: exists and is no index of quantize; use --force to replace it" in run.err
    assert listing() == before
    assert quantize("photo.png", "b.png", "--page", "-q", "--force").code == 0
    assert "worst first" in Path("index.html").read_text()


def test_a_page_that_would_be_the_index_stops_the_run(quantize, photo, tmp_path, listing):
    make_photo(8, 8).save(tmp_path / "index.png")
    run = quantize("photo.png", "index.png", "--name", "{stem}", "-d", "out", "--page", "-q")
    assert run.code == 2
    assert "the index of all pages goes there, too" in run.err
    assert listing() == ["index.png", "photo.png"]
    run = quantize("photo.png", "index.png", "-k", "3", "--csv", "index.html", "--page", "-q")
    assert run.code == 2
    assert "--csv index.html: the index of all pages goes there, too" in run.err


def test_page_does_not_go_with_standard_output_and_a_dry_run_names_the_index(quantize, photo, tmp_path, listing):
    run = quantize("photo.png", "-o", "-", "--page")
    assert run.code == 2
    assert "--page writes beside the picture" in run.err
    make_photo(8, 8).save(tmp_path / "b.png")
    run = quantize("photo.png", "b.png", "--page", "--dry-run")
    assert re.search(r"index of all -> .*index\.html", run.out)
    assert listing() == ["b.png", "photo.png"]
