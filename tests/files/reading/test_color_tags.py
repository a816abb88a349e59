"""What a file says of its color in numbers, against colors computed by the standards' own formulas."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from quantize import Settings, load_picture
from tests.conftest import make_flat, make_photo
from tests.files.reading.test_loading import reload

PHOTO = make_photo(20, 12)
GRAYS = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
SRGB_CHROMATICITIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
WIDE_CHROMATICITIES = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)

P3_TO_SRGB = np.array([[1.2249, -0.2247, 0], [-0.0420, 1.0419, 0], [-0.0197, -0.0786, 1.0979]])
"""Display P3 to sRGB in linear light, as CSS Color 4 has it through XYZ."""


def with_chunks(image: Image.Image, *chunks: tuple[bytes, bytes]) -> io.BytesIO:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, data in chunks:
        info.add(name, data)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=info)
    stream.seek(0)
    return stream


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(100_000 * value))


def chromaticities(values: tuple[int, ...]) -> tuple[bytes, bytes]:
    return b"cHRM", struct.pack(">8I", *values)


def linearize(levels: np.ndarray) -> np.ndarray:
    values = levels / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def encode(light: np.ndarray) -> np.ndarray:
    light = light.clip(0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("value", [1.0, 0.55, 0.7, 2.0])
@pytest.mark.parametrize("mode", ["L", "RGB", "P", "RGBA"])
def test_a_gamma_is_applied_with_a_notice(mode, value):
    picture = load_picture(with_chunks(GRAYS.convert(mode), gamma(value)))
    expected = encode((np.arange(256) / 255) ** (1 / value))
    assert np.abs(picture.pixels[..., 0].ravel() - expected).max() <= 1
    assert picture.source.notices == (f"has gamma {value:g}, and was converted to sRGB",)


@pytest.mark.parametrize("value", [0.45455, 0.4545, 0.46, 0.44])
def test_the_usual_gamma_with_usual_primaries_changes_nothing(value):
    picture = load_picture(with_chunks(PHOTO, gamma(value), chromaticities(SRGB_CHROMATICITIES)))
    assert (picture.pixels == np.asarray(PHOTO)).all()
    assert picture.source.notices == ()


def test_primaries_are_applied_with_a_notice():
    picture = load_picture(with_chunks(PHOTO, gamma(0.45455), chromaticities(WIDE_CHROMATICITIES)))
    expected = encode(linearize(np.asarray(PHOTO)) @ P3_TO_SRGB.T)
    assert np.abs(picture.pixels - expected).max() <= 1.5
    assert picture.source.notices == ("has primaries of its own, and was converted to sRGB",)


@pytest.mark.parametrize("first", [(b"sRGB", b"\0"), (b"iCCP", None)])
def test_srgb_and_profiles_come_before_gamma(first):
    name, data = first
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = io.BytesIO()
    if data is None:
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add(*gamma(1.0))
        PHOTO.save(stream, "PNG", icc_profile=profile, pnginfo=info)
    else:
        stream = with_chunks(PHOTO, (name, data), gamma(1.0))
    picture = load_picture(io.BytesIO(stream.getvalue()), Settings(keep_metadata=True))
    assert (picture.pixels == np.asarray(PHOTO)).all()
    assert picture.source.notices == ()


@pytest.mark.parametrize("chunk", [gamma(0), gamma(300), chromaticities((0,) * 8), chromaticities((31270, 32900) * 4)])
def test_what_cannot_be_is_ignored_with_a_notice(chunk):
    picture = load_picture(with_chunks(PHOTO, chunk))
    assert (picture.pixels == np.asarray(PHOTO)).all()
    assert "is ignored" in picture.source.notices[0]


def test_display_p3_by_its_codes_is_converted():
    picture = load_picture(with_chunks(PHOTO, (b"cICP", bytes([12, 13, 0, 1])), (b"sRGB", b"\0")))
    expected = encode(linearize(np.asarray(PHOTO)) @ P3_TO_SRGB.T)
    assert np.abs(picture.pixels - expected).max() <= 1.5


@pytest.mark.parametrize(("codes", "exponent"), [((1, 8), 1.0), ((1, 4), 2.2), ((1, 5), 2.8)])
def test_other_curves_by_their_codes_are_converted(codes, exponent):
    picture = load_picture(with_chunks(GRAYS, (b"cICP", bytes([*codes, 0, 1]))))
    assert np.abs(picture.pixels[..., 0].ravel() - encode((np.arange(256) / 255) ** exponent)).max() <= 1.1


@pytest.mark.parametrize("codes", [(1, 13), (1, 1), (2, 2)])
def test_codes_of_srgb_change_nothing(codes):
    picture = load_picture(with_chunks(PHOTO, (b"cICP", bytes([*codes, 0, 1]))))
    assert (picture.pixels == np.asarray(PHOTO)).all()
    assert picture.source.notices == ()


@pytest.mark.parametrize(("codes", "words"), [((9, 16), "PQ"), ((9, 18), "HLG"), ((10, 17), "no conversion")])
def test_what_has_no_place_in_srgb_is_a_notice(codes, words):
    picture = load_picture(with_chunks(PHOTO, (b"cICP", bytes([*codes, 0, 1]))))
    assert words in picture.source.notices[0]


def test_avif_says_the_same_in_its_box():
    stream = io.BytesIO()
    PHOTO.save(stream, "AVIF", quality=100, subsampling="4:4:4")
    data = stream.getvalue()
    plain = load_picture(io.BytesIO(data))
    at = data.index(b"colrnclx") + 8
    wide = data[:at] + struct.pack(">2H", 12, 13) + data[at + 4 :]
    picture = load_picture(io.BytesIO(wide))
    assert np.abs(picture.pixels - encode(linearize(plain.pixels) @ P3_TO_SRGB.T)).max() <= 1.5
    bright = data[:at] + struct.pack(">2H", 9, 16) + data[at + 4 :]
    assert "PQ, of high dynamic range" in load_picture(io.BytesIO(bright)).source.notices[0]


@pytest.mark.parametrize("intent", [b"\1\0\0\0", b"\0\0\0\1", b"\3\0\0\0", b"\0\0\0\xff", b"\xff\xff\xff\xff"])
def test_a_profile_with_an_unusual_intent_is_used(intent):
    from tests.files.reading.test_loading import wide_profile

    profile = wide_profile()
    picture = reload(make_flat([(255, 0, 0)]), "PNG", icc_profile=profile[:64] + intent + profile[68:])
    assert np.abs(picture.pixels[0, 0] - [0.0, 255, 0]).max() <= 2
    assert picture.source.notices == ()


@pytest.mark.parametrize("transfer", [13, 8, 4])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_values_of_video_are_brought_to_the_full_range(mode, transfer):
    picture = load_picture(with_chunks(GRAYS.convert(mode), (b"cICP", bytes([1, transfer, 0, 0]))))
    full = ((np.arange(256) - 16) / 219).clip(0, 1)
    expected = {13: 255 * full, 8: encode(full), 4: encode(full**2.2)}[transfer]
    assert np.abs(picture.pixels[..., 0].ravel() - expected).max() <= 1
