"""Read a PNG or TIFF of one channel, and say clearly what is wrong with any other file."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from PIL.Image import Image

MAX_MEGAPIXELS = 40.0  # two pixels per mesh.interface on a section of more than 1e6 cells
MIN_PIXELS = 16  # on the shorter side
_FORMATS = ("PNG", "TIFF")
_BITS = {"1": 8, "L": 8, "P": 8, "I;16": 16, "I;16B": 16, "I;16L": 16, "I": 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyImage:
    """``values`` (rows, columns), row 0 on top, of ``bits`` 8 or 16, and the file they are from."""

    file: str
    values: npt.NDArray[np.uint16] | npt.NDArray[np.uint8]
    bits: int


def read_grey(file: Path, page: int | None = None) -> GreyImage:
    """Read an image of one channel.

    In a palette image the value of a pixel is its grey colour or, if the palette has colours, its
    index. In an image of one bit the values are 0 and 255. Decimal numbers that are whole, and a
    TIFF of three equal channels, are read as what they are: one value for each pixel.

    Args:
        file: PNG or TIFF.
        page: of a stack, the first is 1.

    Raises:
        GeometryError: absent, no PNG or TIFF, colour, several pages and none of them asked for,
            too large or too small.
    """
    from PIL import Image, UnidentifiedImageError

    if not file.is_file():
        msg = f"{file}: no such image file; image.file is looked for beside the YAML file first"
        raise GeometryError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our limit is lower
            with Image.open(file) as image:
                _check_header(file, image, page)
                image.seek((page or 1) - 1)
                return _values(file, image)
    except UnidentifiedImageError:
        msg = f"{file}: not an image that can be read; save it as PNG or TIFF"
        raise GeometryError(msg) from None
    except Image.DecompressionBombError:
        raise GeometryError(_too_large(file, "far more than 100 megapixels")) from None
    except (OSError, SyntaxError, ValueError) as error:
        msg = f"{file}: the image is damaged ({error}); save it again"
        raise GeometryError(msg) from error


def _check_header(file: Path, image: Image, page: int | None) -> None:
    """Check what the header tells, before the pixels are read."""
    width, height = image.size
    if image.format not in _FORMATS:
        msg = (
            f"{file}: a {image.format} image; save it as PNG or TIFF, which keep the value of each "
            "pixel as it is"
        )
        raise GeometryError(msg)
    if width * height > MAX_MEGAPIXELS * 1e6:
        size = f"{width} x {height} pixels ({width * height / 1e6:.0f} megapixels)"
        raise GeometryError(_too_large(file, size))
    if min(width, height) < MIN_PIXELS:
        msg = (
            f"{file}: {width} x {height} pixels; an electrode needs at least {MIN_PIXELS} pixels "
            "each way"
        )
        raise GeometryError(msg)
    pages = int(getattr(image, "n_frames", 1))
    if page is None and pages > 1:
        msg = f"{file}: {pages} pages; name one of them with image.page, 1 to {pages}"
        raise GeometryError(msg)
    if page is not None and page > pages:
        there = f"{pages} pages" if pages > 1 else "one page"
        msg = f"{file}: image.page is {page}, the file has {there}"
        raise GeometryError(msg)


def _too_large(file: Path, size: str) -> str:
    return (
        f"{file}: {size}, the limit is {MAX_MEGAPIXELS:g} megapixels. Cut out a part, or "
        "downsample it (nearest neighbour for a segmented image) and enlarge image.pixel by the "
        "same factor: mesh.interface of two or more pixels is enough"
    )


def _values(file: Path, image: Image) -> GreyImage:
    mode = image.mode
    if mode == "LA":
        if np.any(np.asarray(image.getchannel("A")) != 255):
            msg = f"{file}: some pixels are transparent; save the image without alpha channel"
            raise GeometryError(msg)
        image, mode = image.getchannel("L"), "L"
    if mode == "F":
        return _whole(file, np.asarray(image))
    if mode in ("RGB", "RGBA") and image.format == "TIFF":
        bands = np.asarray(image)
        opaque = bands.shape[2] == 3 or bool(np.all(bands[..., 3] == 255))
        if opaque and np.all(bands[..., :3] == bands[..., :1]):
            return GreyImage(file=str(file), values=bands[..., 0].copy(), bits=8)
    if mode not in _BITS:
        raise GeometryError(_not_grey(file, image))
    if mode == "P":
        values = _palette_values(image)
    else:
        values = np.asarray(image.convert("L") if mode == "1" else image)
    bits = _BITS[mode]
    if bits == 16 and values.size and (values.min() < 0 or values.max() > 65535):
        msg = f"{file}: values from {values.min()} to {values.max()}; save it with 8 or 16 bits"
        raise GeometryError(msg)
    kept = values.astype(np.uint8) if bits == 8 else values.astype(np.uint16)
    return GreyImage(file=str(file), values=kept, bits=bits)


def _whole(file: Path, values: npt.NDArray[np.float32]) -> GreyImage:
    """Return decimal numbers that are whole, as labels of other programs often are."""
    if not np.all(values == np.round(values)):  # NaN is not equal to itself
        msg = (
            f"{file}: pixels are decimal numbers that are not whole; save the image with 8 or 16 "
            "bits"
        )
        raise GeometryError(msg)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 65535:
        msg = f"{file}: values from {low:g} to {high:g}; save it with 8 or 16 bits"
        raise GeometryError(msg)
    bits = 8 if high <= 255 else 16
    kept = values.astype(np.uint8) if bits == 8 else values.astype(np.uint16)
    return GreyImage(file=str(file), values=kept, bits=bits)


def _palette_values(image: Image) -> npt.NDArray[np.uint8]:
    """Return grey colours if the palette in use has no others, else indices."""
    index = np.asarray(image)
    colours = np.asarray(image.getpalette("RGB"), dtype=np.uint8).reshape(-1, 3)
    used = np.unique(index)
    if used.max() < len(colours) and np.all(colours[used] == colours[used][:, :1]):
        return np.asarray(colours[:, 0][index])
    return index


def _not_grey(file: Path, image: Image) -> str:
    bands = np.asarray(image.convert("RGB")) if image.mode in ("RGB", "RGBA") else None
    equal = bands is not None and bool(np.all(bands == bands[..., :1]))
    hint = "; its channels are equal, nothing is lost by that" if equal else ""
    return (
        f"{file}: a colour image ({image.mode}); one value per pixel is needed: save it as grey "
        f"image (8 or 16 bits){hint}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A part of an image [pixels]; ``left`` and ``top`` are left out, as a viewer counts."""

    left: int
    top: int
    width: int
    height: int


def cropped(grey: GreyImage, crop: Crop) -> GreyImage:
    """Return a part of an image.

    Raises:
        GeometryError: the part lies beyond the image, or is too small.
    """
    rows, columns = grey.values.shape
    right, bottom = crop.left + crop.width, crop.top + crop.height
    if right > columns or bottom > rows:
        msg = (
            f"{grey.file}: image.crop reaches to column {right} and row {bottom}, the image has "
            f"{columns} x {rows} pixels"
        )
        raise GeometryError(msg)
    return replace(grey, values=grey.values[crop.top : bottom, crop.left : right].copy())


def whole_blocks(grey: GreyImage, scale: int) -> GreyImage:
    """Return an image without what fills no block of pixels at its right and lower border."""
    rows, columns = (n - n % scale for n in grey.values.shape)
    return replace(grey, values=grey.values[:rows, :columns])


def block_means(values: npt.NDArray[np.float32], scale: int) -> npt.NDArray[np.float32]:
    """Return the mean of each block of pixels."""
    return np.asarray(_blocks(values, scale).mean(axis=(1, 3)), dtype=np.float32)


def block_majority(labels: npt.NDArray[np.uint8], number: int, scale: int) -> Any:
    """Return the commonest label of each block of pixels; of equal ones the first."""
    counts = [np.sum(_blocks(labels == k, scale), axis=(1, 3)) for k in range(number)]
    return np.argmax(counts, axis=0).astype(np.uint8)


def _blocks(values: npt.NDArray[Any], scale: int) -> npt.NDArray[Any]:
    rows, columns = (n // scale for n in values.shape)
    return values.reshape(rows, scale, columns, scale)
