"""If these fail, pixels get the wrong phase, or an image that cannot be used is used."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from mesode.errors import GeometryError
from mesode.geometry.micrograph.grey_image import MAX_MEGAPIXELS, Crop, read_grey
from mesode.geometry.micrograph.image_section import image_electrode
from mesode.geometry.micrograph.segmentation import (
    GreyLevel,
    ImageRequest,
    Threshold,
    segment,
)
from mesode.geometry.micrograph.specks import despeckle

TABLE = {(0, 0): "pore", (128, 128): "carbon_binder", (200, 255): "active"}


def _levels(table=TABLE):
    return tuple(GreyLevel(low=a, high=b, phase=p) for (a, b), p in table.items())


def _values():
    values = np.zeros((30, 40), dtype=np.uint8)
    values[:10] = 128  # the top of the picture
    values[12:25, 5:20] = 255
    values[12:25, 25:35] = 210
    return values


def _save(path, values, **options):
    Image.fromarray(values).save(path, **options)
    return path


def _request(path, **changes):
    return ImageRequest(**{"file": path, "pixel": 0.1, "phases": _levels(), **changes})


def _message(path, **changes):
    with pytest.raises(GeometryError) as caught:
        segment(_request(path, **changes))
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("bits", [8, 16])
def test_values_become_phases_and_the_bottom_row_comes_first(tmp_path, suffix, bits):
    values = _values().astype(np.uint16) * (257 if bits == 16 else 1)
    path = _save(tmp_path / f"a.{suffix}", values.astype(np.uint16 if bits == 16 else np.uint8))
    factor = 257 if bits == 16 else 1
    table = {(a * factor, b * factor): p for (a, b), p in TABLE.items()}
    found = segment(_request(path, phases=_levels(table)))
    assert found.grey.bits == bits
    assert found.raw.names == ("pore", "carbon_binder", "active")
    assert np.all(found.raw.labels[-10:] == 1)
    assert np.all(found.raw.labels[:5] == 0)
    assert np.count_nonzero(found.raw.labels == 2) == 13 * 25
    assert found.report["image_fraction"]["carbon_binder"] == pytest.approx(1 / 3)
    assert (found.image.width, found.image.height) == pytest.approx((4.0, 3.0))


def test_palettes_of_greys_and_of_colours(tmp_path):
    index = (_values() > 0).astype(np.uint8) + (_values() > 200).astype(np.uint8)
    image = Image.fromarray(index).convert("P")
    image.putpalette([0, 0, 0, 128, 128, 128, 255, 255, 255])
    image.save(tmp_path / "grey.png")
    assert np.unique(read_grey(tmp_path / "grey.png").values).tolist() == [0, 128, 255]
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 255])
    image.save(tmp_path / "colour.png")
    assert np.unique(read_grey(tmp_path / "colour.png").values).tolist() == [0, 1, 2]


def test_black_and_white_image(tmp_path):
    Image.fromarray(_values() > 200).save(tmp_path / "bits.png")
    assert np.unique(read_grey(tmp_path / "bits.png").values).tolist() == [0, 255]


def test_specks_go_to_the_neighbour_with_most_boundary():
    labels = np.zeros((20, 20), dtype=np.uint8)
    labels[:, 10:] = 1
    labels[5:7, 9:11] = 2  # on the line: equal shares, 3 sides below and above each
    labels[5:7, 8] = 2  # now more of it lies in phase 0
    labels[15, 15] = 0
    cleaned, number = despeckle(labels, 8.0)
    assert number == 2
    assert np.all(cleaned[5:7, 8:11] == 0)
    assert cleaned[15, 15] == 1
    assert np.array_equal(despeckle(labels, 1.0)[0], labels)


def test_threshold_finds_two_and_three_phases(tmp_path):
    rng = np.random.default_rng(3)
    truth = np.zeros((120, 160), dtype=int)
    truth[:, 50:] = 1
    truth[:, 110:] = 2
    grey = np.array([40, 110, 200])[truth] + 8 * rng.standard_normal(truth.shape)
    path = _save(tmp_path / "grey.png", np.clip(grey, 0, 255).astype(np.uint8))
    three = Threshold(method="multi_otsu", phases=("pore", "carbon_binder", "active"))
    found = segment(_request(path, phases=three))
    assert np.mean(found.image.labels != truth[::-1]) < 0.01
    assert len(found.report["thresholds"]) == 2
    two = segment(_request(path, phases=Threshold(method="otsu", phases=("pore", "active"))))
    assert two.raw.names == ("pore", "active")
    assert "2 phases" not in _message(path, phases=Threshold(method="otsu", phases=three.phases))


def test_filter_before_the_threshold_does_not_shrink_discs(tmp_path):
    y, x = np.mgrid[:80, :80] + 0.5
    disc = (x - 40.2) ** 2 + (y - 39.9) ** 2 < 12**2
    path = _save(tmp_path / "disc.png", np.where(disc, 200, 50).astype(np.uint8))
    otsu = Threshold(method="otsu", phases=("pore", "active"))
    found = segment(_request(path, phases=otsu, smooth=2.0))
    assert np.count_nonzero(found.raw.labels) == pytest.approx(disc.sum(), rel=0.015)


def test_unknown_grey_values_are_listed_with_their_number(tmp_path):
    values = _values()
    values[0, :3], values[1, 0] = 77, 90
    message = _message(_save(tmp_path / "a.png", values))
    assert "a.png" in message
    assert "77 (3 pixels), 90 (1 pixels)" in message
    assert "200-255 active" in message


def test_many_unknown_values_are_a_grey_image(tmp_path):
    values = np.arange(1200, dtype=np.uint16).reshape(30, 40).astype(np.uint8)
    assert "image.threshold" in _message(_save(tmp_path / "a.png", values))


def test_table_of_8_bits_for_an_image_of_16(tmp_path):
    path = _save(tmp_path / "a.png", _values().astype(np.uint16) * 257)
    message = _message(path)
    assert "16 bits (values up to 65535)" in message
    assert "by 257" in message


def test_one_phase_only(tmp_path):
    path = _save(tmp_path / "a.png", np.full((30, 40), 255, dtype=np.uint8))
    assert "every pixel is 'active'" in _message(path)
    otsu = Threshold(method="otsu", phases=("pore", "active"))
    assert "all pixels are 255" in _message(path, phases=otsu)


def test_phase_that_the_image_does_not_have(tmp_path):
    values = _values()
    values[values == 128] = 0
    message = _message(_save(tmp_path / "a.png", values))
    assert "no pixel is 'carbon_binder'" in message


def test_no_phase_that_holds_lithium(tmp_path):
    message = _message(_save(tmp_path / "a.png", _values()), hosts=("graphite",))
    assert "holds lithium" in message
    assert "graphite" in message


def test_phase_that_vanishes_with_the_specks(tmp_path):
    values = _values()
    values[values == 128] = 0
    values[2, 2:5] = 128
    message = _message(_save(tmp_path / "a.png", values))
    assert "'carbon_binder' vanishes: all its 0.03 um^2" in message
    assert "image.despeckle" in message


def test_colour_images_are_refused(tmp_path):
    equal = np.repeat(_values()[..., None], 3, axis=2)
    message = _message(_save(tmp_path / "a.png", equal))
    assert "colour image (RGB)" in message
    assert "channels are equal" in message
    equal[0, 0] = (255, 0, 0)
    assert "channels are equal" not in _message(_save(tmp_path / "b.png", equal))


def test_one_pixel_wide(tmp_path):
    path = _save(tmp_path / "a.png", np.zeros((40, 1), dtype=np.uint8))
    assert "1 x 40 pixels; an electrode needs at least 16" in _message(path)


@pytest.mark.parametrize("side", [10_000, 30_000])
def test_too_many_pixels_are_refused_before_they_are_read(tmp_path, side):
    """The file ends after its header: reading on would fail with another message."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    path = tmp_path / "huge.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b""))
    message = _message(path)
    assert f"the limit is {MAX_MEGAPIXELS:g} megapixels" in message
    assert "downsample" in message
    assert "100 megapixels" in message


def test_files_that_are_no_grey_png_or_tiff(tmp_path):
    (tmp_path / "text.png").write_text("no image")
    assert "not an image" in _message(tmp_path / "text.png")
    assert "no such image file" in _message(tmp_path / "absent.png")
    jpeg = _save(tmp_path / "a.jpg", _values())
    assert "JPEG" in _message(jpeg)
    whole = _save(tmp_path / "whole.png", _values()).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) - 40])
    assert "damaged" in _message(tmp_path / "cut.png")
    pages = [Image.fromarray(_values()) for _ in range(2)]
    pages[0].save(tmp_path / "stack.tif", save_all=True, append_images=pages[1:])
    assert "2 pages; name one of them with image.page" in _message(tmp_path / "stack.tif")
    assert "image.page is 3, the file has 2 pages" in _message(tmp_path / "stack.tif", page=3)
    for bad in (0.5, np.nan):
        values = _values().astype(np.float32)
        values[3, 4] = bad
        assert "decimal numbers" in _message(_save(tmp_path / "float.tif", values))


def test_labels_of_other_programs_are_read(tmp_path):
    """Whole decimal numbers, a TIFF of three equal channels, one bit, a page of a stack."""
    values = _values()
    _save(tmp_path / "float.tif", values.astype(np.float32))
    Image.fromarray(np.repeat(values[..., None], 3, axis=2)).save(tmp_path / "rgb.tif")
    for name in ("float.tif", "rgb.tif"):
        found = read_grey(tmp_path / name)
        assert found.bits == 8
        assert np.array_equal(found.values, values)
    pages = [Image.fromarray(values > limit) for limit in (100, 200)]
    pages[0].save(tmp_path / "bits.tif", save_all=True, append_images=pages[1:])
    for page, limit in ((1, 100), (2, 200)):
        assert np.array_equal(read_grey(tmp_path / "bits.tif", page).values > 0, values > limit)
    colour = np.repeat(values[..., None], 3, axis=2)
    colour[2, 2] = (255, 0, 0)
    Image.fromarray(colour).save(tmp_path / "colour.tif")
    assert "colour image" in _message(tmp_path / "colour.tif")


def test_part_of_an_image(tmp_path):
    path = _save(tmp_path / "a.png", _values())
    found = segment(_request(path, crop=Crop(left=5, top=5, width=30, height=20)))
    assert found.image.labels.shape == (20, 30)
    assert np.all(found.raw.labels[-5:] == 1)  # what is left of the binder on top
    assert np.all(found.raw.labels[0, :15] == 2)
    message = _message(path, crop=Crop(left=20, top=0, width=30, height=20))
    assert "image.crop reaches to column 50 and row 20, the image has 40 x 30" in message


def test_scale_joins_pixels(tmp_path):
    """The commonest phase of each block; the size of the section stays."""
    values = np.kron(_values(), np.ones((3, 3), dtype=np.uint8))
    values[::3, ::3] = 0  # one of nine
    path = _save(tmp_path / "a.png", np.pad(values, ((0, 1), (0, 2))))
    found = segment(_request(path, scale=3))
    assert np.array_equal(
        found.raw.labels, segment(_request(_save(tmp_path / "b.png", _values()))).raw.labels
    )
    assert (found.image.width, found.image.height) == pytest.approx((12.0, 9.0))
    assert "13 x 10 pixels after image.crop and image.scale" in _message(path, scale=9)


def test_section_of_metres_is_refused(tmp_path):
    path = _save(tmp_path / "a.png", np.tile(_values(), (1, 30)))
    message = _message(path, pixel=10.0)
    assert "1200 x 30 pixels of 10 um are a section of 12 mm, more than 1 mm" in message
    assert "image.pixel" in message


def _noisy_discs(noise, rim=0.0, side=240):
    """Dark discs under noise that is like from pixel to pixel, perhaps with a bright rim."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:side, :side]
    near = np.min(
        [
            np.hypot(x - a, y - b) - r
            for a in (45, 120, 195)
            for b, r in ((50, 24), (130, 17), (200, 12))
        ],
        axis=0,
    )
    grey = np.where(near < 0, 100.0, 133.0) + rim * np.exp(-(((near - 2) / 2) ** 2)) * (near > 0)
    grain = ndimage.gaussian_filter(rng.standard_normal((side, side)), 0.5)
    return np.clip(np.round(grey + noise * grain / grain.std()), 0, 255).astype(np.uint8), near < 0


@pytest.mark.parametrize("rim", [0.0, 15.0])
def test_noise_of_the_size_of_the_contrast_is_taken_out(tmp_path, rim):
    values, truth = _noisy_discs(25.0, rim)
    path = _save(tmp_path / "a.png", values)
    otsu = Threshold(method="otsu", phases=("active", "carbon_binder"))
    found = segment(_request(path, phases=otsu))
    dark = found.image.labels[::-1] == 0
    assert dark.mean() == pytest.approx(truth.mean(), rel=0.1)
    assert np.mean(dark != truth) < 0.02
    assert ndimage.label(dark)[1] == 9
    assert found.report["denoised"]
    assert found.report["noise"] == pytest.approx(25.0, rel=0.1)
    assert found.report["contrast_over_noise"][0] == pytest.approx(1.3, abs=0.25)


def test_clean_image_keeps_its_edges_and_shares_are_told(tmp_path):
    values, truth = _noisy_discs(0.0)
    otsu = Threshold(method="otsu", phases=("active", "carbon_binder"))
    found = segment(_request(_save(tmp_path / "a.png", values), phases=otsu))
    assert np.array_equal(found.raw.labels[::-1] == 0, truth)
    assert not found.report["denoised"]
    assert found.report["share_change"] == [0.0, 0.0]


def test_phases_that_noise_hides_are_told(tmp_path):
    values, _ = _noisy_discs(70.0)
    otsu = Threshold(method="otsu", phases=("active", "carbon_binder"))
    request = _request(_save(tmp_path / "a.png", values), phases=otsu, smooth=1.0)
    warnings = " ".join(image_electrode(request, 0.2).report["warnings"])
    assert "contrast over noise" in warnings or "change by up to" in warnings


@pytest.mark.parametrize(
    "changes", [{"pixel": 0.0}, {"smooth": -1.0}, {"despeckle": -1.0}, {"area_error": 0.1}]
)
def test_numbers_out_of_range(tmp_path, changes):
    path = _save(tmp_path / "a.png", _values())
    assert f"image.{next(iter(changes))}" in _message(path, **changes)
