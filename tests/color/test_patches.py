"""Patches: what is too small joins the neighbor that costs least, as a plain loop does it."""

import json

import numpy as np
import pytest

from quantize import Palette, Settings, load_picture
from quantize.color.histogram import count_colors
from quantize.color.patches import despeckle
from quantize.color.remap import exact_points, remap
from quantize.records.picture import Picture
from tests.conftest import make_photo


def list_patches(labels):
    """The patches of one label, as lists of (row, column), in the order of their first pixels."""
    seen, patches = np.zeros(labels.shape, bool), []
    for start in np.ndindex(labels.shape):
        if seen[start]:
            continue
        patch, waiting = [], [start]
        seen[start] = True
        while waiting:
            y, x = waiting.pop()
            patch.append((y, x))
            for place in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                inside = 0 <= place[0] < labels.shape[0] and 0 <= place[1] < labels.shape[1]
                if inside and not seen[place] and labels[place] == labels[start]:
                    seen[place] = True
                    waiting.append(place)
        patches.append(patch)
    return patches


def despeckle_plainly(picture, labels, palette, least, kept=()):
    points = exact_points(palette.colors, "rgb").astype(float)
    sources = exact_points(picture.pixels.reshape(-1, picture.pixels.shape[-1]), "rgb").reshape(*labels.shape, -1)
    alpha = palette.colors[:, 3] if palette.colors.shape[1] == 4 else np.full(len(palette), 255)
    solidity = (alpha > 0).astype(int) + (alpha == 255)
    labels = labels.copy()
    stuck = set()
    while True:
        small = [patch for patch in list_patches(labels) if len(patch) < least and min(patch) not in stuck]
        small = [patch for patch in small if labels[patch[0]] not in kept and solidity[labels[patch[0]]]]
        if not small:
            return labels
        patch = min(small, key=len)
        own, others = labels[patch[0]], set()
        for y, x in patch:
            for place in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= place[0] < labels.shape[0] and 0 <= place[1] < labels.shape[1]:
                    others.add(int(labels[place]))
        others = sorted(other for other in others - {own} if solidity[other] and solidity[other] >= solidity[own])
        if others:
            costs = [sum(np.square(sources[place] - points[other]).sum() for place in patch) for other in others]
            for place in patch:
                labels[place] = others[int(np.argmin(costs))]
            stuck.clear()
        else:
            stuck.add(min(patch))


@pytest.mark.parametrize("least", [2, 5, 30])
@pytest.mark.parametrize("alphas", [None, (0, 255, 255, 255, 255, 255), (0, 90, 120, 255, 255, 255)])
@pytest.mark.parametrize("seed", range(4))
def test_small_patches_go_where_a_plain_loop_gives_them(least, alphas, seed):
    rng = np.random.default_rng(seed)
    image = np.asarray(make_photo(18, 14, seed)).copy()
    colors = rng.integers(0, 256, (6, 4 if alphas else 3), np.uint8)
    if alphas:
        image = np.dstack([image, rng.choice([0, 100, 255, 255], (14, 18)).astype(np.uint8)])
        colors[:, 3] = alphas
        colors[0] = 0
    picture, palette = load_picture(image), Palette(colors)
    labels, _ = remap(picture, count_colors(picture), palette, Settings())
    found = despeckle(picture, labels, palette, Settings(despeckle=least))
    expected = despeckle_plainly(picture, labels, palette, least)
    assert (found.labels == expected).all()
    assert found.n_before == len(list_patches(labels))
    assert found.n_after == len(list_patches(expected)) < found.n_before


@pytest.mark.parametrize("n_pixels", [1, 40, 100])
def test_patches_hang_together_over_the_strips_that_they_are_numbered_in(monkeypatch, n_pixels):
    picture = load_picture(make_photo(20, 16))
    palette = Palette(np.array([[20, 20, 20], [128, 128, 128], [240, 240, 240]], np.uint8))
    labels = remap(picture, count_colors(picture), palette, Settings())[0]
    expected = despeckle(picture, labels, palette, Settings(despeckle=6))
    monkeypatch.setattr("quantize.color.patches._STRIP", n_pixels)
    found = despeckle(picture, labels, palette, Settings(despeckle=6))
    assert (found.labels == expected.labels).all()
    assert found[1:] == expected[1:]


@pytest.mark.parametrize("kept", [(), (1,)])
def test_specks_beside_one_another_go_one_after_the_other(kept):
    """Noise, in which each may join the one before or be joined by it, far from its nearest color, and ties."""
    rng = np.random.default_rng(3)
    image = rng.integers(0, 4, (20, 30, 1)).astype(np.uint8).repeat(3, axis=-1) * 60
    palette = Palette(np.array([[0, 0, 0], [60, 60, 60], [120, 120, 120], [180, 180, 180]], np.uint8))
    picture, labels = load_picture(image), rng.integers(0, 4, (20, 30)).astype(np.uint8)
    settings = Settings(despeckle=2, keep=tuple((60 * row,) * 3 for row in kept))
    found = despeckle(picture, labels, palette, settings)
    assert (found.labels == despeckle_plainly(picture, labels, palette, 2, kept)).all()
    assert (found.labels != labels).mean() > 0.1


def test_kept_color_stays_and_its_neighbors_may_join_it():
    image = np.full((6, 9, 3), 255, np.uint8)
    image[2, 2] = image[4, 4] = (228, 0, 43)
    image[2, 6] = (200, 30, 60)
    palette = Palette(np.array([[255, 255, 255], [228, 0, 43], [200, 30, 60]], np.uint8))
    picture = load_picture(image)
    labels = remap(picture, count_colors(picture), palette, Settings())[0]
    assert despeckle(picture, labels, palette, Settings(despeckle=9)).labels.max() == 0
    kept = despeckle(picture, labels, palette, Settings(despeckle=9, keep=((228, 0, 43),)))
    assert np.argwhere(kept.labels == 1).tolist() == [[2, 2], [4, 4]]
    assert (kept.n_before, kept.n_after) == (4, 3)


def test_transparent_pixels_stay_and_no_others_become_transparent():
    image = np.full((6, 6, 4), (90, 90, 90, 255), np.uint8)
    image[1, 1] = 0
    image[3:, 3:] = 0
    image[4, 4] = (90, 90, 90, 255)
    picture, palette = load_picture(image), Palette(np.array([[0, 0, 0, 0], [90, 90, 90, 255]], np.uint8))
    labels = remap(picture, count_colors(picture), palette, Settings())[0]
    assert (despeckle(picture, labels, palette, Settings(despeckle=20)).labels == labels).all()


def test_patches_are_in_the_report_and_targets_are_met_with_them_gone(quantize, photo):
    run = quantize("photo.png", "-k", "5", "--despeckle", "9", "--json", "-q")
    patches = json.loads(run.out)["patches"]
    assert 1 <= patches["after"] < patches["before"]
    assert json.loads(quantize("photo.png", "-k", "5", "--json", "-q", "-f").out)["patches"] is None
    run = quantize("photo.png", "--target", "psnr=24", "--despeckle", "9", "--json", "-q", "-f")
    report = json.loads(run.out)
    assert report["search"]["reached"]
    assert report["error"]["psnr"] >= 24


def test_own_indices_and_despeckling_exclude_each_other(quantize, photo):
    run = quantize("photo.png", "-p", "-", "--despeckle", "9")
    assert (run.code, run.err) == (2, "quantize: -p - keeps every pixel as it is; leave out --dither and --despeckle\n")


def test_frames_are_despeckled_each_by_itself():
    palette = Palette(np.array([[20, 20, 20], [128, 128, 128], [240, 240, 240]], np.uint8))
    frames = [load_picture(make_photo(20, 16, seed)) for seed in range(3)]
    whole = Picture(np.stack([frame.keys for frame in frames]))
    settings = Settings(despeckle=6)
    labels = remap(whole, count_colors(whole), palette, settings)[0]
    each = [despeckle(frame, part, palette, settings) for frame, part in zip(frames, labels, strict=True)]
    found = despeckle(whole, labels, palette, settings)
    assert (found.labels == np.stack([one.labels for one in each])).all()
    assert found.n_before == sum(one.n_before for one in each)


def test_picture_of_one_color_is_one_patch():
    picture = load_picture(np.zeros((1, 1, 3), np.uint8))
    found = despeckle(picture, np.zeros((1, 1), np.uint8), Palette(np.zeros((1, 3), np.uint8)), Settings(despeckle=9))
    assert (found.labels.tolist(), found.n_before, found.n_after) == ([[0]], 1, 1)
