"""The page as a person meets it: with a mouse, with the keyboard alone, and with what reads it aloud."""

import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantize import KMeans, MiniBatchKMeans
from quantize.color.measure.metrics import map_ciede2000
from quantize.records.step import Step
from quantize.show.index_page import Card, draw_thumbnail, write_index
from quantize.show.page import render_steps
from tests.browser.conftest import set_window
from tests.conftest import make_photo
from tests.show.test_page import convert, render

PIXEL = (
    "return [...document.querySelector('#view').getContext('2d').getImageData(arguments[0], arguments[1], 1, 1).data]"
)
DRAWN = "return arguments[0].toDataURL()"
GAME = (
    "return {points: game.points, start: game.start, centers: game.centers, rests: game.rests, history: game.history}"
)


@pytest.fixture(scope="module")
def photo():
    """A smooth picture with a spot of red that two colors cannot keep."""
    pixels = np.asarray(make_photo(64, 48)).copy()
    pixels[40:46, 50:56] = (255, 0, 60)
    return convert(pixels, k=4)


@pytest.fixture(scope="module")
def page(photo):
    centers = np.random.default_rng(0).integers(0, 256, (6, 4, 3), np.uint8)
    centers[-1] = photo.palette.colors
    return render(photo, steps=[Step(stage, c, 0.1) for stage, c in zip(["seed", *["pass"] * 5], centers, strict=True)])


def find(browser, selector):
    return browser.find_element("css selector", selector)


def press(browser, *keys):
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    actions = ActionChains(browser)
    for key in keys:
        actions.send_keys(getattr(Keys, key, key))
    actions.perform()


def pixel(browser, x, y):
    return tuple(browser.execute_script(PIXEL, x, y)[:3])


def colors_at(quantized, x, y):
    return tuple(quantized.picture.pixels[y, x].tolist()), tuple(quantized.pixels[y, x].tolist())


def set_value(browser, selector, value):
    script = "const [e, v] = arguments; e.value = v; for (const t of ['input', 'change']) e.dispatchEvent(new Event(t))"
    browser.execute_script(script, find(browser, selector), value)


def test_slider_parts_before_from_after_by_keys_and_by_mouse(visit, page, photo):
    from selenium.webdriver import ActionChains

    browser = visit(page)
    before, after = colors_at(photo, 40, 10)
    assert pixel(browser, 40, 10) == after
    find(browser, "#slider").click()
    press(browser, "END")
    assert pixel(browser, 40, 10) == before
    press(browser, "HOME")
    assert pixel(browser, 40, 10) == after
    press(browser, *["ARROW_RIGHT"] * 2)
    assert find(browser, "#slider").get_attribute("value") == "1"
    view = find(browser, "#view")
    ActionChains(browser).move_to_element(view).click_and_hold().move_by_offset(
        round(view.size["width"] * 0.4), 0
    ).release().perform()
    assert 85 < float(find(browser, "#slider").get_attribute("value")) < 95
    assert pixel(browser, 40, 10) == before


def test_flick_swaps_the_sides_while_a_key_or_the_button_is_held(visit, page, photo):
    from selenium.webdriver import ActionChains

    browser = visit(page)
    before, after = colors_at(photo, 40, 10)
    ActionChains(browser).key_down("f").perform()
    assert pixel(browser, 40, 10) == before
    ActionChains(browser).key_up("f").perform()
    assert pixel(browser, 40, 10) == after
    ActionChains(browser).click_and_hold(find(browser, "#flick")).perform()
    assert pixel(browser, 40, 10) == before
    ActionChains(browser).release().perform()
    assert pixel(browser, 40, 10) == after


def test_zoom_goes_to_single_pixels_and_back(visit, page):
    browser = visit(page)
    fitting = browser.execute_script("return document.querySelector('#view').clientWidth / 64")
    assert fitting == int(fitting) > 1  # whole screen pixels for each of a small picture
    while find(browser, "#larger").is_enabled():
        find(browser, "#larger").click()
    assert browser.execute_script("return document.querySelector('#view').clientWidth") == 64 * 32
    assert (
        browser.execute_script("return getComputedStyle(document.querySelector('#view')).imageRendering") == "pixelated"
    )
    find(browser, "#fit").click()
    assert browser.execute_script("return document.querySelector('#view').clientWidth / 64") == fitting


def test_a_color_in_focus_is_seen_where_it_is_and_nothing_else(visit, page, photo):
    browser = visit(page)
    tiles = browser.find_elements("css selector", "#tiles button")
    shares = [float(tile.find_element("css selector", "small").text.rstrip("%")) for tile in tiles]
    assert shares == sorted(shares, reverse=True)
    row = int(np.argmax(photo.counts))
    set_value(browser, "#slider", 0)
    browser.execute_script("arguments[0].focus()", tiles[0])
    inside, outside = (np.argwhere((photo.labels == row) == wanted)[7] for wanted in (True, False))
    assert pixel(browser, int(inside[1]), int(inside[0])) == tuple(photo.palette.colors[row].tolist())
    faded, plain = (
        np.array(colors)
        for colors in (pixel(browser, int(outside[1]), int(outside[0])), colors_at(photo, *outside[::-1])[1])
    )
    assert np.abs(faded - (250, 248, 244)).sum() < 0.3 * np.abs(plain - (250, 248, 244)).sum()
    browser.execute_script("arguments[0].blur()", tiles[0])
    assert pixel(browser, int(outside[1]), int(outside[0])) == tuple(plain.tolist())


def test_a_click_copies_the_code_and_tiles_sort_by_lightness(visit, page, photo):
    browser = visit(page)
    set_value(browser, "#order", "lightness")
    texts = [tile.text.split()[0] for tile in browser.find_elements("css selector", "#tiles button")]
    sums = [sum(bytes.fromhex(text[1:])) for text in texts]
    assert sorted(texts) == sorted(photo.palette.hex)
    assert sums[0] == min(sums)
    find(browser, "#tiles button").click()
    assert find(browser, "#said").text == f"Copied {texts[0]}"
    browser.execute_script("document.body.append(Object.assign(document.createElement('textarea'), {id: 'paste'}))")
    find(browser, "#paste").send_keys("\ue009v")  # control and v
    assert find(browser, "#paste").get_attribute("value") == texts[0]


def test_a_lost_color_is_framed_at_its_place_and_the_rest_faded(visit, page):
    browser = visit(page)
    button = next(b for b in browser.find_elements("css selector", "#lost button") if b.text.startswith("#ff003c"))
    set_value(browser, "#slider", 100)
    button.click()
    box = browser.execute_script(
        "const [f, v] = ['#frame', '#view'].map((name) => document.querySelector(name).getBoundingClientRect());"
        "return [f.left - v.left, f.top - v.top, f.width, f.height].map((x) => Math.round(x / v.width * 64))"
    )
    assert box == [50, 40, 6, 6]
    assert pixel(browser, 52, 42) == (255, 0, 60)
    assert min(pixel(browser, 5, 5)) > 180
    button.click()
    assert not find(browser, "#frame").is_displayed()


def test_error_map_takes_the_place_of_the_result_with_its_scale(visit, page, photo):
    browser = visit(page)
    find(browser, "#errors").click()
    assert find(browser, "#scale").is_displayed()
    errors = map_ciede2000(photo)[:, 32:]
    for place, shade in ((errors.argmax(), (252, 253, 191)), (errors.argmin(), (0, 0, 4))):
        y, x = np.unravel_index(place, errors.shape)
        assert np.abs(np.subtract(pixel(browser, int(x) + 32, int(y)), shade)).max() < 12
    assert pixel(browser, 5, 5) == colors_at(photo, 5, 5)[0]


def test_steps_are_gone_through_by_buttons_and_slider(visit, page):
    browser = visit(page)
    assert find(browser, "#told").text.startswith("Step 6 of 6. pass")
    cloud = find(browser, "#clouds canvas")
    last = browser.execute_script(DRAWN, cloud)
    find(browser, "#first").click()
    assert find(browser, "#told").text.startswith("Step 1 of 6. seed")
    assert browser.execute_script(DRAWN, cloud) != last
    find(browser, "#on").click()
    press(browser, "TAB", "ARROW_RIGHT")
    assert find(browser, "#told").text.startswith("Step 3 of 6.")
    find(browser, "#run").click()
    time.sleep(0.35)
    find(browser, "#run").click()
    paused = find(browser, "#told").text
    assert paused.startswith(("Step 4 of 6.", "Step 5 of 6."))
    time.sleep(0.3)
    assert find(browser, "#told").text == paused


def test_kmeans_in_the_page_ends_where_ours_does(visit, page):
    browser = visit(page)
    for data, start in [
        ("picture", "points"),
        ("blobs", "plus"),
        ("mouse", "corner"),
        ("moons", "points"),
        ("uniform", "points"),
    ]:
        for selector, value in (("#data", data), ("#start", start), ("#k", 5), ("#seed", 3), ("#stretch", 2)):
            set_value(browser, selector, value)
        assign, move = find(browser, "#assign"), find(browser, "#move")
        browser.execute_script("while (!game.rests) { arguments[0].click(); arguments[1].click(); }", assign, move)
        game = browser.execute_script(GAME)
        assert "Nothing moves any more" in find(browser, "#state").text
        assert game["history"] == sorted(game["history"], reverse=True)
        ours = KMeans(5, init=game["start"], n_init=1, tol=0).fit(game["points"])
        assert np.allclose(game["centers"], ours.cluster_centers_, rtol=0, atol=1e-9), data
        assert np.isclose(game["history"][-1], ours.inertia_)


def test_assign_and_move_take_turns(visit, page):
    browser = visit(page)
    find(browser, "#move").click()
    assert "assign first" in find(browser, "#state").text
    for button, said in (
        ("#assign", "Assigned. Inertia"),
        ("#move", "Moved, the farthest by"),
        ("#restart", "Assign comes first"),
    ):
        find(browser, button).click()
        assert said in find(browser, "#state").text


def test_every_control_is_reached_by_the_tab_key(visit, page):
    browser = visit(page)
    controls = browser.execute_script(
        "return [...document.querySelectorAll('button, input, select, [tabindex]')]"
        ".filter((e) => !e.disabled && e.checkVisibility()).length"
    )
    reached = 0
    for _ in range(controls + 5):
        press(browser, "TAB")
        reached += browser.execute_script(
            "const e = document.activeElement; if (e === document.body || e.seen) return 0; e.seen = true; return 1"
        )
    assert reached >= controls


def test_steps_of_other_points_have_one_plane_and_no_pictures(visit):
    points = np.random.default_rng(0).normal(size=(200, 2))
    browser = visit(render_steps(points, MiniBatchKMeans(3, random_state=0)))
    assert len(browser.find_elements("css selector", "#clouds canvas")) == 1
    assert not browser.find_elements("css selector", "#look")
    assert find(browser, "#told").text.startswith("Step ")


def test_nothing_is_wider_than_the_window(visit, page):
    browser = visit(page, 360)
    for width in (360, 1024, 2560):
        set_window(browser, width)
        assert browser.execute_script(
            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )


def test_automated_check_of_accessibility_finds_nothing(visit, page):
    spec = find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core-python is missing: make test-browser installs it")
    browser = visit(page)
    browser.execute_script(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    for dark in (False, True):
        set_window(browser, 1024, dark=dark)
        found = browser.execute_async_script("axe.run().then((found) => arguments[0](found.violations))")
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def test_without_script_the_page_shows_both_pictures_and_says_what_it_cannot_do(chromium, page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        chromium.get(path.as_uri())
        shown = find(chromium, "body").text
        assert "Without JavaScript" in shown and "PSNR" in shown and "The worst regions" in shown
        assert find(chromium, "#before").is_displayed() and find(chromium, "#after").is_displayed()
        assert not find(chromium, "#play").is_displayed()
    finally:
        chromium.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_index_of_a_batch_is_a_page_of_links_without_script(chromium, photo, tmp_path):
    thumbnail = draw_thumbnail(Image.fromarray(photo.pixels))
    cards = [Card("a", "a b.html", thumbnail, "12 colors", 2.0), Card("broken", remark="no picture")]
    (tmp_path / "index.html").write_text(write_index(cards * 150), encoding="utf-8")
    (tmp_path / "a b.html").write_text("<title>the page</title>", encoding="utf-8")
    started = time.monotonic()
    chromium.get((tmp_path / "index.html").as_uri())
    assert time.monotonic() - started < 5
    assert chromium.execute_script("return document.querySelector('img').naturalWidth") == 64
    find(chromium, "a").click()
    assert chromium.title == "the page"
