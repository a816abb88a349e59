import numpy as np
import pytest
from PIL import Image

from quantize import Settings, quantize_picture
from quantize.show.swatch import contrasting, format_share, load_glyphs, render_swatch
from tests.conftest import make_flat, make_photo


def swatch_of(image, k):
    result = quantize_picture(image, Settings(n_colors=k))
    return result, render_swatch(result)


@pytest.mark.parametrize("k", [1, 2, 16, 100, 256])
def test_every_color_has_a_block_that_can_be_seen(k):
    result, swatch = swatch_of(make_photo(), k)
    places = np.array([1, 1 << 8, 1 << 16])
    codes, counts = np.unique(swatch @ places, return_counts=True)
    seen = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    for code in (result.palette.colors @ places).tolist():
        assert seen.get(code, 0) > 64 * 30 / 2, "a block, less its text"


def test_blocks_are_as_wide_as_their_shares_and_the_most_frequent_comes_first():
    _, swatch = swatch_of(make_flat([(255, 0, 0), (0, 0, 255), (255, 0, 0), (255, 0, 0)]), 2)
    middle = swatch[5]
    assert swatch.shape == (96, 1024, 3)
    assert (middle[: 1024 * 3 // 4] == (255, 0, 0)).all()
    assert (middle[1024 * 3 // 4 :] == (0, 0, 255)).all()


def test_text_stands_out_on_every_gray():
    def luminance(value):
        c = value / 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    for gray in range(256):
        light, dark = sorted((luminance(gray), luminance(contrasting((gray,) * 3)[0])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_transparent_color_is_shown_on_a_checkerboard():
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 128))
    _, swatch = swatch_of(image, 2)
    assert len(np.unique(swatch[2], axis=0)) == 2


def test_every_character_of_a_code_or_share_can_be_drawn():
    glyphs = load_glyphs()
    texts = [f"#{number:02x}" for number in range(256)] + [format_share(share) for share in (0.0001, 0.123, 1.0)]
    for character in set("".join(texts)):
        assert glyphs[character].shape[0] == 17
        assert glyphs[character].max() > 200
    widest = sum(glyphs["0"].shape[1] for _ in "#rrggbb")
    assert widest < 64, "a code fits into the narrowest block"
