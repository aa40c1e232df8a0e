"""If these fail, pixels get the wrong phase, or an image that cannot be used is used."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mesode.errors import GeometryError
from mesode.geometry.micrograph.grey_image import MAX_MEGAPIXELS, read_grey
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
    assert "2 pages" in _message(tmp_path / "stack.tif")
    _save(tmp_path / "float.tif", _values().astype(np.float32))
    assert "decimal numbers" in _message(tmp_path / "float.tif")


@pytest.mark.parametrize(
    "changes", [{"pixel": 0.0}, {"smooth": -1.0}, {"despeckle": -1.0}, {"area_error": 0.1}]
)
def test_numbers_out_of_range(tmp_path, changes):
    path = _save(tmp_path / "a.png", _values())
    assert f"image.{next(iter(changes))}" in _message(path, **changes)
