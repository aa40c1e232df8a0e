"""Read a micrograph and give each pixel a phase. Lengths in micrometres.

A segmented image has one grey value, or one range of them, for each phase; a grey image is divided
by thresholds between dark and bright. The image is the electrode: its bottom row lies on the
current collector.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.micrograph.grey_image import (
    MIN_PIXELS,
    Crop,
    GreyImage,
    block_majority,
    block_means,
    cropped,
    read_grey,
    whole_blocks,
)
from mesode.geometry.micrograph.label_polygons import LabelImage
from mesode.geometry.micrograph.specks import despeckle
from mesode.geometry.micrograph.thresholds import PATCH, Division, divide
from mesode.section_names import ACTIVE, PORE, VOID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    type Labels = npt.NDArray[np.uint8]

_NONE = 255  # label of a pixel whose grey value is not in the table
MAX_SIZE = 1000.0  # [um] width or height of the electrode, as of one that is drawn
_SHOWN = 8  # unknown grey values named in a message
_SPECK = 4.0  # [pixels] smallest region kept by default: less is noise


@dataclass(frozen=True, slots=True, kw_only=True)
class GreyLevel:
    """Grey values from ``low`` to ``high``, both included, are ``phase``."""

    low: int
    high: int
    phase: str

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """Division of a grey image: ``phases`` from dark to bright; Otsu's method knows two."""

    method: Literal["otsu", "multi_otsu"]
    phases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """An electrode from an image.

    ``pixel``: edge of a pixel [um]; ``phases``: table of grey values, or a threshold; ``hosts``:
    names of the phases that hold lithium, each connected region of them is a particle;
    ``smooth``: standard deviation of the smoothing [pixels], chosen by what it changes if not
    given; ``despeckle``: smallest region kept [um^2], if not given 4 pixels, 49 of a noisy grey
    image; ``area_error``: largest relative error of the area of a phase; ``networks``: by what is
    carried the conductivity of the phases that carry it; ``page`` of a stack, from 1; ``crop``:
    the part that is used; ``scale``: blocks of so many pixels each way become one.
    """

    file: Path
    pixel: float
    phases: tuple[GreyLevel, ...] | Threshold
    hosts: tuple[str, ...] = (ACTIVE,)
    smooth: float | None = None
    despeckle: float | None = None
    area_error: float = 0.005
    networks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    page: int | None = None
    crop: Crop | None = None
    scale: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """A segmented image.

    ``grey`` (rows, columns) as read, row 0 on top; ``raw``: labels before and ``image`` after
    specks were removed, row 0 at the collector; ``report``: JSON-able.
    """

    grey: GreyImage
    raw: LabelImage
    image: LabelImage
    report: Mapping[str, Any]


def segment(request: ImageRequest) -> Segmentation:
    """Read the image of a request and give each pixel its phase.

    Raises:
        GeometryError: the file is absent, no grey image, too large or too small, its grey values
            are not those of the table, or it has one phase only.
    """
    _check_numbers(request)
    grey = read_grey(request.file, request.page)
    if request.crop is not None:
        grey = cropped(grey, request.crop)
    grey = whole_blocks(grey, request.scale)
    _check_size(request, grey)
    pixel = request.pixel * request.scale
    details: dict[str, Any] = {}
    noisy = False
    if isinstance(request.phases, Threshold):
        names = request.phases.phases
        division = _by_threshold(grey, request.phases, request.scale)
        labels, details, noisy = division.labels, division.report, division.noisy
    else:
        names = tuple(dict.fromkeys(level.phase for level in request.phases))
        labels = _by_table(grey, request.phases, names)
        if request.scale > 1:
            labels = block_majority(labels, len(names), request.scale)
    raw = LabelImage(
        labels=np.ascontiguousarray(labels[::-1]),
        names=names,
        pixel=pixel,
        joined=_joined(request, names),
    )
    _check_phases(request, raw)
    speck = request.despeckle
    if speck is None:
        speck = (PATCH**2 if noisy else _SPECK) * pixel**2
    cleaned, specks = despeckle(raw.labels, speck / pixel**2)
    image = replace(raw, labels=cleaned)
    _check_specks(raw, image, speck)
    shares = raw.areas() / raw.areas().sum()
    report = {
        "file": request.file.name,
        "pixels": [int(labels.shape[1]), int(labels.shape[0])],
        "image_fraction": dict(zip(names, shares.tolist(), strict=True)),
        "despeckle": speck,
        "specks_removed": specks,
        **details,
    }
    return Segmentation(grey=grey, raw=raw, image=image, report=report)


def _joined(request: ImageRequest, names: Sequence[str]) -> tuple[str, ...]:
    """Return the order in which phases are joined that touch themselves in a corner only.

    What is open comes first and hosts come last: solids that meet in a point are apart, as they
    are for a current.
    """
    rank = {PORE: 0, VOID: 0, **dict.fromkeys(request.hosts, 2)}
    return tuple(sorted(names, key=lambda name: rank.get(name, 1)))


def _by_table(grey: GreyImage, levels: Sequence[GreyLevel], names: tuple[str, ...]) -> Labels:
    labels = np.full(grey.values.shape, _NONE, dtype=np.uint8)
    for level in levels:
        inside = (grey.values >= level.low) & (grey.values <= level.high)
        labels[inside] = names.index(level.phase)
    missing = labels == _NONE
    if np.any(missing):
        raise GeometryError(_unknown(grey, grey.values[missing], levels))
    return labels


def _unknown(grey: GreyImage, missing: npt.NDArray[Any], levels: Sequence[GreyLevel]) -> str:
    values, counts = np.unique(missing, return_counts=True)
    order = np.argsort(-counts)[:_SHOWN]
    shown = ", ".join(f"{values[k]} ({counts[k]} pixels)" for k in order.tolist())
    more = f" and {len(values) - _SHOWN} more values" if len(values) > _SHOWN else ""
    table = ", ".join(f"{level} {level.phase}" for level in levels)
    msg = (
        f"{grey.file}: grey values that are not in image.phases: {shown}{more}; the table has "
        f"{table}. "
    )
    highest = max(level.high for level in levels)
    if grey.bits == 16 and highest <= 255 and grey.values.max() > 255:
        return (
            f"{msg}The image has 16 bits (values up to {int(grey.values.max())}) and the table "
            "ends at 8 bits: multiply the values of the table by 257, or save the image with 8 bits"
        )
    if len(values) > _SHOWN:
        return (
            f"{msg}So many values are a grey image, not a segmented one: use image.threshold, or "
            "save the segmentation without interpolation or lossy compression"
        )
    return f'{msg}Add them, or give ranges such as "100-150"'


def _by_threshold(grey: GreyImage, threshold: Threshold, scale: int) -> Division:
    number = len(threshold.phases)
    if number < 2 or (threshold.method == "otsu" and number != 2):
        msg = (
            f"image.threshold.phases: {number} phases for the method {threshold.method}; "
            "otsu divides into two, multi_otsu into two or more (dark to bright)"
        )
        raise GeometryError(msg)
    values = grey.values.astype(np.float32)
    return divide(block_means(values, scale) if scale > 1 else values, number, grey.file)


def _check_numbers(request: ImageRequest) -> None:
    rules = {
        "pixel": (request.pixel, request.pixel > 0, "a positive length in um"),
        "smooth": (request.smooth, (request.smooth or 0) >= 0, "0 or more pixels"),
        "despeckle": (request.despeckle, (request.despeckle or 0) >= 0, "an area of 0 or more"),
        "area_error": (request.area_error, 0 < request.area_error <= 0.005, "at most 0.005"),
    }
    for name, (value, good, expected) in rules.items():
        if not good:
            msg = f"image.{name}: expected {expected}, got {value:g}"
            raise GeometryError(msg)


def _check_size(request: ImageRequest, grey: GreyImage) -> None:
    """Check the part that is used: its pixels, and the size of the section that they make."""
    rows, columns = grey.values.shape
    across, up = columns // request.scale, rows // request.scale
    if min(across, up) < MIN_PIXELS:
        msg = (
            f"{request.file}: {across} x {up} pixels after image.crop and image.scale; an "
            f"electrode needs at least {MIN_PIXELS} pixels each way"
        )
        raise GeometryError(msg)
    size = max(across, up) * request.scale * request.pixel
    if size > MAX_SIZE:
        msg = (
            f"image.pixel: {columns} x {rows} pixels of {request.pixel:g} um are a section of "
            f"{size / 1e3:.4g} mm, more than {MAX_SIZE / 1e3:g} mm: give the edge of one pixel, "
            "or cut out a part with image.crop"
        )
        raise GeometryError(msg)


def _check_phases(request: ImageRequest, image: LabelImage) -> None:
    count = np.bincount(image.labels.ravel(), minlength=len(image.names))
    there = [name for name, n in zip(image.names, count, strict=True) if n]
    if len(there) == 1:
        msg = (
            f"{request.file}: every pixel is {there[0]!r}; an electrode needs particles and, "
            "between them, a phase that conducts ions. Is this the segmented image?"
        )
        raise GeometryError(msg)
    absent = sorted(set(image.names) - set(there))
    if absent:
        msg = (
            f"{request.file}: no pixel is {' or '.join(map(repr, absent))}; remove it from the "
            f"phases of the image, or correct its grey value. The image has {', '.join(there)}"
        )
        raise GeometryError(msg)
    if not set(request.hosts) & set(image.names):
        msg = (
            f"{request.file}: none of its phases ({', '.join(image.names)}) holds lithium; name "
            f"one of them {' or '.join(request.hosts)}"
        )
        raise GeometryError(msg)


def _check_specks(raw: LabelImage, image: LabelImage, speck: float) -> None:
    for name, old, new in zip(raw.names, raw.areas(), image.areas(), strict=True):
        if new == 0:
            msg = (
                f"phase {name!r} vanishes: all its {old:.4g} um^2 are in regions smaller than "
                f"image.despeckle, {speck:.3g} um^2. Use a smaller one, or give its grey value to "
                "another phase"
            )
            raise GeometryError(msg)
