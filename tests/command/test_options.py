"""The options of the palette, through the command: given, kept, shared, exported, and as large as it has to be."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from PIL import Image

from quantize import Palette, Settings, load_picture, quantize_picture
from quantize.color.measure.metrics import measure_error
from quantize.files.planning import plan_jobs
from quantize.pipeline.convert import convert_file
from quantize.pipeline.given_palette import load_palette
from tests.conftest import make_flat, make_glow, make_photo
from tests.show.test_reporting import SCHEMA

NORD = """GIMP Palette
Name: Nord
#
 46  52  64	polar
255 255 255	snow
 46  52  64
  0 255   1	never
200  60  70	red
"""


@pytest.fixture
def nord(tmp_path: Path) -> Path:
    path = tmp_path / "nord.gpl"
    path.write_text(NORD)
    return path


def read_report(name: str) -> dict:
    report = json.loads(Path(name).read_text())
    jsonschema.validate(report, SCHEMA)
    return report


def stored(name: str) -> list[tuple[int, ...]]:
    """The palette as it stands in an indexed file."""
    levels = Image.open(name).getpalette()
    return [tuple(levels[i : i + 3]) for i in range(0, len(levels), 3)]


def test_given_palette_is_stored_as_its_file_has_it(quantize, photo, nord, listing):
    assert quantize("photo.png", "-p", "nord.gpl").code == 0
    assert listing() == ["nord.gpl", "photo-nord-report.json", "photo-nord-swatch.png", "photo-nord.png", "photo.png"]
    assert stored("photo-nord.png") == [(46, 52, 64), (255, 255, 255), (46, 52, 64), (0, 255, 1), (200, 60, 70)]
    report = read_report("photo-nord-report.json")
    entries = sorted(report["palette"], key=lambda entry: entry["index"])
    assert [entry["name"] for entry in entries] == ["polar", "snow", None, "never", "red"]
    assert [entry["count"] for entry in entries][2] == 0
    assert report["settings"]["palette"] == "nord"
    assert report["engine"] is None


def test_every_pixel_gets_the_nearest_of_the_given_colors(quantize, photo):
    quantize("photo.png", "-p", "#000,rgb(128,128,128),#fff,tomato")
    palette = np.array([(0, 0, 0), (128, 128, 128), (255, 255, 255), (255, 99, 71)])
    pixels = np.asarray(Image.open("photo.png")).astype(int)
    nearest = ((pixels[:, :, None] - palette) ** 2).sum(axis=3).argmin(axis=2)
    assert (np.asarray(Image.open("photo-custom.png").convert("RGB")) == palette[nearest]).all()


def test_given_palette_is_applied_to_a_picture_with_few_colors_too(quantize, tmp_path):
    make_flat([(10, 10, 10), (250, 250, 250)]).save("flat.png")
    quantize("flat.png", "-p", "#000,#fff")
    assert sorted(Image.open("flat-custom.png").convert("RGB").getcolors()) == [(32, (0, 0, 0)), (32, (255, 255, 255))]


def test_report_and_swatch_less_export_of_one_run_are_the_palette_of_the_next(quantize, photo):
    quantize("photo.png", "-k", "9", "--export", "json")
    for number, source in enumerate(["photo-k9-report.json", "photo-k9-palette.json", "photo-k9.png"]):
        quantize("photo.png", "-p", source, "-o", f"again{number}.png")
        assert stored(f"again{number}.png") == stored("photo-k9.png")
        assert (np.asarray(Image.open(f"again{number}.png")) == np.asarray(Image.open("photo-k9.png"))).all()


def test_given_palette_above_256_colors_is_true_color(quantize, photo):
    colors = np.random.default_rng(0).integers(0, 256, (300, 3))
    Path("many.hex").write_text("\n".join(bytes(row.tolist()).hex() for row in colors))
    assert quantize("photo.png", "-p", "many.hex").code == 0
    image = Image.open("photo-many.png")
    assert image.mode == "RGB"
    assert {color for _, color in image.getcolors(4096)} <= {tuple(row) for row in colors.tolist()}


def test_transparent_picture_gets_an_entry_of_its_own_after_the_given_ones(quantize, tmp_path):
    make_glow().save("glow.png")
    assert quantize("glow.png", "-p", "#000,#fff").code == 0
    image = Image.open("glow-custom.png")
    assert stored("glow-custom.png") == [(0, 0, 0), (255, 255, 255), (0, 0, 0)]
    alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert (alpha == np.where(np.asarray(Image.open("glow.png"))[..., 3] >= 128, 255, 0)).all()


def test_white_edge_does_not_turn_gray_where_it_fades(quantize, tmp_path):
    pixels = np.full((4, 8, 4), 255, np.uint8)
    pixels[..., 3] = [255, 255, 220, 160, 100, 40, 0, 0]
    Image.fromarray(pixels).save("edge.png")
    quantize("edge.png", "-p", "#808080,#fff")
    row = np.asarray(Image.open("edge-custom.png").convert("RGBA"))[0]
    assert [tuple(pixel) for pixel in row.tolist()] == [(255, 255, 255, 255)] * 4 + [(0, 0, 0, 0)] * 4


def test_256_given_colors_leave_no_place_for_transparency(quantize, tmp_path, listing):
    make_glow().save("glow.png")
    Path("full.hex").write_text("\n".join(f"{i:02x}{i:02x}00" for i in range(256)))
    before = listing()
    run = quantize("glow.png", "-p", "full.hex")
    assert run.code == 1
    assert "glow.png: its transparent pixels take a palette entry of their own, and the palette has 256" in run.err
    assert listing() == before


def test_transparent_entry_of_a_given_palette_serves_and_opaque_pictures_do_not_get_it(quantize, photo):
    make_glow().save("glow.png")
    palette = Image.new("P", (1, 1))
    palette.putpalette([0, 0, 0, 255, 255, 255, 200, 60, 70])
    palette.save("three.png", transparency=0)
    assert quantize("glow.png", "photo.png", "-p", "three.png").code == 0
    assert len(stored("glow-three.png")) == 3
    assert Image.open("photo-three.png").convert("RGB").getcolors()[0][1] != (0, 0, 0)
    assert not Image.open("photo-three.png").has_transparency_data


def test_kept_colors_are_in_the_palette_exactly(quantize, photo):
    run = quantize("photo.png", "-k", "6", "--keep", "#e4002b", "--keep", "rgb(1,2,3)", "--keep", "E4002B")
    assert run.code == 0
    assert {(228, 0, 43), (1, 2, 3)} < set(stored("photo-k6.png"))
    assert len(stored("photo-k6.png")) == 6


@pytest.mark.parametrize("space", ["rgb", "linear", "oklab", "lab"])
def test_kept_colors_come_out_exactly_of_every_space(space):
    rng = np.random.default_rng(0)
    keep = tuple(tuple(row) for row in rng.integers(0, 256, (8, 3)).tolist())
    result = quantize_picture(make_photo(), Settings(n_colors=20, keep=keep, space=space, effort="fast"))
    assert set(keep) <= {tuple(row) for row in result.palette.colors.tolist()}


def test_others_are_found_knowing_what_is_kept():
    # Two clusters; one is kept, so that the one color left goes to the other, where without it both would.
    image = make_flat([(10, 10, 10)] * 5 + [(12, 12, 12)] * 5 + [(200, 200, 200), (204, 204, 204)], height=12)
    result = quantize_picture(image, Settings(n_colors=2, keep=((11, 11, 11),)))
    assert result.palette.hex == ["#0b0b0b", "#cacaca"]


@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_kept_colors_stay_where_the_picture_has_few(k):
    image = make_flat([(10, 0, 0), (0, 20, 0), (0, 0, 30), (40, 40, 40)])
    keep = ((9, 9, 9), (250, 0, 250))
    result = quantize_picture(image, Settings(n_colors=k, keep=keep))
    colors = {tuple(row) for row in result.palette.colors.tolist()}
    assert set(keep) <= colors
    assert len(colors) == k
    if k == 6:
        assert (result.pixels == np.asarray(image)).all()


def test_kept_color_counts_in_a_picture_with_alpha():
    result = quantize_picture(make_glow(), Settings(n_colors=5, keep=((228, 0, 43),)))
    assert [228, 0, 43, 255] in result.palette.colors.tolist()


@pytest.mark.parametrize("name", ["gpl", "hex", "pal", "act", "ase", "css", "json", "png"])
def test_exported_palette_is_the_one_in_the_file(quantize, photo, name):
    assert quantize("photo.png", "--export", name).code == 0
    path = f"photo-k16-palette.{name}"
    assert [tuple(row) for row in load_palette(path).colors.tolist()] == stored("photo-k16.png")
    assert read_report("photo-k16-report.json")["outputs"][f"palette-{name}"] == path
    assert quantize("photo.png", "--export", name).code == 0  # what the report names is ours to replace


@pytest.mark.parametrize("name", ["gpl", "ase", "css", "json", "png"])
def test_exported_palette_carries_our_mark_where_it_can(quantize, photo, name):
    assert quantize("photo.png", "--export", name, "--report", "none").code == 0
    assert quantize("photo.png", "--export", name, "--report", "none").code == 0


def test_foreign_palette_is_not_overwritten(quantize, photo, nord):
    nord.rename("photo-k16-palette.gpl")
    run = quantize("photo.png", "--export", "gpl")
    assert run.code == 1
    assert "photo-k16-palette.gpl: exists and was not written by quantize" in run.err
    assert Path("photo-k16-palette.gpl").read_text() == NORD


def test_palette_that_a_format_cannot_hold_writes_nothing(quantize, photo, listing):
    before = listing()
    run = quantize("photo.png", "-k", "300", "--export", "act")
    assert run.code == 2
    assert "--export act holds at most 256 colors, not 300; use -k 256, or another format" in run.err
    make_glow().save("glow.png")
    before = listing()
    run = quantize("glow.png", "--export", "hex")
    assert run.code == 1
    assert "glow-k16-palette.hex: hex holds no partly transparent colors; export one of json, css, scss, png" in run.err
    assert listing() == before


def test_shared_palette_is_the_same_in_every_file(quantize, photo, listing):
    make_photo(64, 20, seed=5).save("other.png")
    run = quantize("photo.png", "other.png", "--shared", "-k", "7")
    assert run.code == 0
    assert stored("photo-k7.png") == stored("other-k7.png")
    assert "photo-k7-report.json" in listing()
    assert read_report("photo-k7-report.json")["settings"]["palette"] == "shared"


def test_shared_palette_does_not_depend_on_the_number_of_jobs(quantize, photo):
    for seed in (1, 2):
        make_photo(seed=seed).save(f"p{seed}.png")
    results = []
    for jobs in ("1", "2"):
        quantize("photo.png", "p1.png", "p2.png", "--shared", "-j", jobs)
        results.append([Path(name).read_bytes() for name in ("photo-k16.png", "p1-k16.png", "p2-k16.png")])
    assert results[0] == results[1]


def test_shared_pictures_count_alike_or_by_their_pixels(quantize, tmp_path):
    Image.new("RGB", (40, 40), (200, 0, 0)).save("large.png")
    Image.new("RGB", (2, 2), (0, 0, 0)).save("small.png")
    found = {}
    for weight in ("equal", "pixels"):
        quantize("large.png", "small.png", "--shared", "--shared-weight", weight, "-k", "1")
        found[weight] = stored("large-k1.png")[0][0]
    assert found == {"equal": 100, "pixels": 200}


def test_bad_picture_among_the_shared_costs_one_line(quantize, photo):
    Path("text.png").write_text("hello")
    run = quantize("photo.png", "text.png", "missing.png", "--shared", "-q")
    assert run.code == 1
    assert len(run.err.splitlines()) == 2
    assert Path("photo-k16.png").exists()


def test_shared_palette_reaches_a_target_over_all_pictures(quantize, photo):
    make_photo(seed=1).save("other.png")
    assert quantize("photo.png", "other.png", "--shared", "--target", "psnr=28", "--effort", "fast").code == 0
    reports = [read_report(f"{stem}-auto-report.json") for stem in ("photo", "other")]
    assert reports[0]["search"] == reports[1]["search"]
    assert reports[0]["search"]["reached"]
    mse = np.mean([report["error"]["mse"] for report in reports])
    assert 10 * np.log10(3 * 255**2 / mse) == pytest.approx(reports[0]["search"]["value"], rel=1e-5)


def test_full_report_says_what_sharing_cost(tmp_path):
    pictures = [make_photo(), make_photo(seed=1)]
    for number, image in enumerate(pictures):
        image.save(tmp_path / f"{number}.png")
    palette = Palette(np.array([[0, 0, 0], [99, 99, 99], [255, 255, 255]], np.uint8), title="shared")
    (job,) = plan_jobs([str(tmp_path / "0.png")], fields={"k": "3"})
    job = job._replace(sharing="equal", report="full")
    report, _ = convert_file(job, Settings(palette=palette))
    own = measure_error(quantize_picture(load_picture(pictures[0]), Settings(n_colors=3)))["mse"]
    sharing = report["sharing"]
    assert sharing["weight"] == "equal"
    assert sharing["own_mse"] == pytest.approx(own, rel=1e-5)
    assert sharing["factor"] == pytest.approx(report["error"]["mse"] / own, rel=1e-5)
    assert report["sharing"]["factor"] > 1


def test_number_of_colors_found_is_called_auto(quantize, tmp_path):
    make_photo(24, 16).save("photo.png")
    assert quantize("photo.png", "-k", "auto", "--effort", "fast").code == 0
    report = read_report("photo-auto-report.json")
    assert report["search"]["measure"] == "delta-e"
    assert report["search"]["target"] == 2
    assert report["search"]["value"] <= 2
    assert report["settings"]["target"] == "delta-e=2"


def test_target_out_of_reach_is_written_with_256_colors_and_a_warning(quantize, photo):
    run = quantize("photo.png", "--target", "psnr=60", "--effort", "fast")
    assert run.code == 0
    assert "photo.png: psnr=60 is out of reach: it is " in run.err
    assert len(stored("photo-auto.png")) == 256
    assert not read_report("photo-auto-report.json")["search"]["reached"]
    assert quantize("photo.png", "--target", "psnr=60", "--effort", "fast", "--strict").code == 1


def test_size_is_kept_on_disk(quantize, photo):
    assert quantize("photo.png", "--target", "size=1.2KB", "--effort", "fast").code == 0
    assert 900 < Path("photo-auto.png").stat().st_size <= 1200


def test_size_out_of_reach_is_written_with_two_colors(quantize, photo):
    run = quantize("photo.png", "--target", "size=50")
    assert "photo.png: size=50 is out of reach: it is " in run.err
    assert len(stored("photo-auto.png")) == 2


def test_word_in_a_template_takes_the_place_of_the_k_before_it(quantize, photo, nord):
    quantize("photo.png", "-p", "nord.gpl", "--name", "{k}/{stem}-k{k}-{ext}", "-d", ".")
    quantize("photo.png", "-p", "nord.gpl", "--name", "{stem}-pack{k}")
    assert Path("photo-packnord.png").exists()


WRONG = {
    ("-p", "-", "-k", "4"): "-p - keeps the palette that each picture came with; leave out --colors",
    ("-p", "-", "--dither", "bayer"): "-p - keeps every pixel as it is; leave out --dither and --despeckle",
    ("-p", "nord.gpl", "-k", "2", "--effort", "best"): "nothing is searched for; leave out --effort",
    ("-p", "nord.gpl", "--transparent-index", "9"): "the rows of 5 colors are 0 to 4",
    ("-k", "4", "--transparent-index", "4"): "the rows of 4 colors are 0 to 3; it counts among them",
    ("-k", "1", "--transparent-index", "0"): "takes one of the 1 colors, and leaves too few; give a larger -k",
    ("-k", "300", "--transparent-index", "0"): "an indexed picture, which holds 256 colors, not 300",
    ("--transparent-index", "0", "--format", "webp"): "has no place for --transparent-index; use --format png or gif",
    ("-k", "5", "--bits", "2"): "--bits 2 is 4 colors, not 5; give it more bits, or a smaller -k",
    ("--bits", "4", "--format", "gif"): "--bits is the depth of a PNG; leave it out, or give --format png",
    ("--bits", "3"): "'3' is not one of '1', '2', '4', '8'",
    ("--used",): "--used leaves entries out of written palettes; give --export",
    ("-p", "nord.gpl", "--keep", "red"): "write the color of --keep into it",
    ("-p", "nord.gpl", "--shared"): "leave out --shared",
    ("-p", "missing.gpl"): "'missing.gpl' is neither a file nor a color",
    ("-p", "#fff,redd"): "'redd' is not a color; write it as #e4002b",
    ("--keep", "#ff"): "'#ff' is not a color",
    ("--keep", "#ff000080"): "is not opaque itself",
    ("--keep", "red", "--keep", "blue", "-k", "1"): "--keep names 2 colors, but the palette has place for 1",
    ("--target", "psnr=30", "-k", "4"): "--target chooses the number of colors; leave out -k",
    ("--target", "psnr"): "should be like psnr=34, ssim=0.95, delta-e=2 or size=40KB",
    ("--target", "psnr=34KB"): "should be like psnr=34",
    ("--target", "size=40 pounds"): "should be like psnr=34",
    ("--target", "ssim=1.5"): "should be above 0, and below 1",
    ("--target", "delta-e=0"): "should be above 0",
    ("--shared-weight", "pixels"): "give --shared, too",
    ("--shared", "--target", "size=4KB"): "cannot reach size=4KB; give --target psnr or delta-e",
    ("--shared", "-"): "--shared reads each picture twice",
    ("--export", "gpl", "-o", "-"): "--export writes beside the picture",
    ("--export", "aco"): "'aco' is not one of",
    ("-k", "automatic"): "'automatic' is not a valid integer range",
}  # fmt: skip


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_contradiction_is_exit_2_and_writes_nothing(quantize, photo, nord, listing, arguments):
    before = listing()
    run = quantize("photo.png", *arguments)
    assert run.code == 2
    assert WRONG[arguments] in run.err
    assert listing() == before


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [("40KB", 40_000), ("40k", 40_000), ("40 kib", 40_960), ("1.5MB", 1_500_000), ("123", 123), ("123b", 123)],
)
def test_bytes_are_read_in_decimal_units_unless_told(text, n_bytes):
    from quantize.records.settings import parse_target

    assert parse_target(f"size={text}") == ("size", n_bytes)


def test_gif_takes_translucent_entries_for_what_it_can_show(quantize, tmp_path):
    pixels = np.full((16, 16, 4), (0, 0, 255, 255), np.uint8)
    pixels[:8, :8] = 0, 0, 0, 60
    Image.fromarray(pixels).save("a.png")
    Path("p.gpl").write_text("GIMP Palette\nChannels: RGBA\n0 0 0 255 ink\n0 0 0 64 shadow\n0 0 255 255 blue\n")
    assert quantize("a.png", "-p", "p.gpl", "-o", "x.gif").code == 0
    assert np.count_nonzero(np.asarray(Image.open("x.gif").convert("RGBA"))[..., 3] == 0) == 64
