"""From an image of labels to polygons that share their lines. Lengths in micrometres.

1. The maps of the phases are smoothed and interpolated (:mod:`.phase_maps`); parts thinner than
   half the mesh size at the interfaces are given to their neighbours, for no sound triangle fits
   into them; with a mesh of up to three pixels, nothing that is a pixel wide. Where a phase touches
   itself in a corner only, it is decided what is joined there (:mod:`.topology`). From here on
   connections are kept.
2. The lines between the phases are found as a network of arcs (:mod:`.contour_network`), areas as
   in the image.
3. Each arc gets vertices about one interface size apart (:mod:`.arc_spacing`), closer where arcs
   come near each other or would cross.
4. The faces of the network are the polygons. The area of each phase is compared with the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.errors import GeometryError
from mesode.geometry.micrograph.arc_clearance import fit_spacing
from mesode.geometry.micrograph.contour_network import contour_arcs
from mesode.geometry.micrograph.phase_maps import (
    balance_areas,
    lift,
    open_phases,
    smooth_maps,
    winner,
)
from mesode.geometry.micrograph.pixels import refine_labels
from mesode.geometry.micrograph.polygon_faces import arc_areas, polygon_faces
from mesode.geometry.micrograph.specks import despeckle
from mesode.geometry.micrograph.topology import decide_corners, follow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    from mesode.geometry.micrograph.arcs import Arcs

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type Labels = npt.NDArray[np.uint8]

THIN = 0.5  # of the interface size: narrower parts are removed
FINE_INTERFACE = 3.0  # [pixels] mesh size up to which what is a pixel wide is kept
_FACTOR = 2  # pixels are halved: a corner contact is decided on parts of them
_MOST_DIVIDED = 1_500_000  # pixels of an image; larger ones are worked on as they are
_FINE_SIGMA = 1.0  # [working pixels] smoothing that keeps connections: takes off the steps
_BALANCE_ROUNDS = 3
_CLOSE_AREA = 1e-4  # relative error of the area of a phase inside the fine lines


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelImage:
    """Pixels by phase: ``labels`` (rows, columns), row 0 at y = 0, numbers into ``names``.

    ``pixel``: edge of a pixel [um]; ``joined``: names in the order in which they are joined where
    phases touch in a corner only, those left out last.
    """

    labels: Labels
    names: tuple[str, ...]
    pixel: float
    joined: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, ...]:
        """Place of each phase in the order of being joined."""
        wanted = [*(name for name in self.joined if name in self.names), *self.names]
        places = {name: place for place, name in enumerate(dict.fromkeys(wanted))}
        return tuple(places[name] for name in self.names)

    def areas(self) -> FloatArray:
        """Return the area [um^2] of each phase."""
        count = np.bincount(self.labels.ravel(), minlength=len(self.names))
        return np.asarray(count * self.pixel**2)

    @property
    def width(self) -> float:
        """Width [um]."""
        return float(self.labels.shape[1] * self.pixel)

    @property
    def height(self) -> float:
        """Height [um]."""
        return float(self.labels.shape[0] * self.pixel)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingLabels:
    """Labels on pixels ``factor`` times smaller; no phase touches itself in a corner only."""

    labels: Labels
    factor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasePolygons:
    """A partition of the image into polygons [um] by phase, and a JSON-able report."""

    phases: Mapping[str, tuple[Polygon, ...]]
    report: Mapping[str, Any]


def label_polygons(
    image: LabelImage,
    interface_size: float,
    smooth: float = 1.0,
    area_error: float = 0.005,
    expected: FloatArray | None = None,
) -> PhasePolygons:
    """Return the phases of an image as polygons with common lines.

    Args:
        image: the labels.
        interface_size: distance of the vertices [um], the mesh size where phases meet.
        smooth: standard deviation [pixels] of the smoothing.
        area_error: largest relative error of the area of a phase.
        expected: areas [um^2] to compare with, (phases,); of ``image`` if not given.

    Raises:
        GeometryError: a phase vanishes, or its area error is above ``area_error``.
    """
    expected = image.areas() if expected is None else expected
    working = working_labels(image, interface_size, smooth)
    _check_present(image, np.bincount(working.labels.ravel(), minlength=len(image.names)), smooth)
    arcs, drawn = _balanced_arcs(working, image, expected)
    size = np.array([image.width, image.height])
    network = fit_spacing(arcs, size, interface_size)
    faces, label = polygon_faces(network, size)
    phases = {name: tuple(faces[label == number]) for number, name in enumerate(image.names)}
    achieved = np.bincount(label, shapely.area(faces), len(image.names))
    error = achieved / expected - 1
    _check_areas(_Areas(image, expected, working, achieved), area_error)
    report = {
        "pixel": image.pixel,
        "smooth": smooth,
        "interface_size": interface_size,
        "image_area": dict(zip(image.names, expected.tolist(), strict=True)),
        "polygon_area": dict(zip(image.names, achieved.tolist(), strict=True)),
        "area_error": dict(zip(image.names, error.tolist(), strict=True)),
        "area_error_limit": area_error,
        "reassigned_share": _reassigned(image, drawn),
        "vertices": len(network.piece),
        "interface_length": _lengths(network, image.names),
    }
    return PhasePolygons(phases=phases, report=report)


def working_labels(image: LabelImage, interface_size: float, smooth: float) -> WorkingLabels:
    """Return the labels, smoothed and without thin parts, whose connections the lines will have.

    Args:
        image: the labels.
        interface_size: mesh size where phases meet [um].
        smooth: standard deviation of the smoothing [pixels].
    """
    number, order = len(image.names), np.array(image.order)
    factor = _FACTOR if image.labels.size <= _MOST_DIVIDED else 1
    fine = decide_corners(refine_labels(image.labels, factor), order)
    if smooth > 0:
        maps = smooth_maps(fine, number, smooth * factor)
        shares = image.areas() / image.areas().sum()
        fine = winner(balance_areas(maps, shares, smooth * factor))
    radius = 0.5 * _thin(interface_size / image.pixel) * factor
    opened = open_phases(fine, number, radius * (1 + 1e-9))  # a whole number is one
    # parts of discs at the borders, which are mirrors, have passed
    whole = 0.5 * THIN * interface_size / image.pixel * factor
    bodies, _ = despeckle(opened, np.pi * whole**2)
    return WorkingLabels(labels=decide_corners(bodies, order), factor=factor)


def _check_present(image: LabelImage, count: IntArray, smooth: float) -> None:
    before = image.areas()
    for name, old, new in zip(image.names, before, count, strict=True):
        if new == 0:
            share = 100 * old / before.sum()
            less = "a smaller image.smooth, " if smooth > 0 else ""
            msg = (
                f"phase {name!r} vanishes: its {old:.4g} um^2 ({share:.2g} % of the image) are in "
                f"parts too small to be kept when the phases are smoothed over {smooth:g} pixels "
                f"and parts thinner than half of mesh.interface are removed. Use {less}a smaller "
                "mesh.interface, or give its grey value to another phase"
            )
            raise GeometryError(msg)


def _thin(interface: float) -> float:
    """Return how wide a part must be to be kept; both lengths in pixels."""
    return min(THIN * interface, 1.0) if keeps_a_pixel(interface) else THIN * interface


def keeps_a_pixel(interface: float) -> bool:
    """Tell whether a mesh of this size [pixels] where phases meet keeps what is a pixel wide."""
    return interface <= FINE_INTERFACE * (1 + 1e-9)


def drawn_labels(working: WorkingLabels, expected: LabelImage) -> Labels:
    """Return the labels inside the lines that would be drawn, with the areas of an image."""
    number = len(expected.names)
    shares = np.bincount(expected.labels.ravel(), minlength=number) / expected.labels.size
    maps = smooth_maps(working.labels, number, _FINE_SIGMA)
    return follow(working.labels, winner(balance_areas(maps, shares, _FINE_SIGMA)))


def _balanced_arcs(
    working: WorkingLabels, image: LabelImage, expected: FloatArray
) -> tuple[Arcs, Labels]:
    """Return the fine arcs [um], connected as the labels, with the right areas; and their labels.

    The maps of the phases get offsets until the areas are right.
    """
    pixel = image.pixel / working.factor
    size = np.array([image.width, image.height])
    maps = smooth_maps(working.labels, len(image.names), _FINE_SIGMA)
    target = expected / expected.sum()
    wanted = target.copy()
    for last in reversed(range(_BALANCE_ROUNDS)):
        balanced = balance_areas(maps, wanted, _FINE_SIGMA)
        labels = follow(working.labels, winner(balanced))
        arcs = contour_arcs(lift(balanced, labels))
        arcs = arcs.with_points(_snap(arcs.points * pixel, size))
        achieved = arc_areas(arcs, size, labels) / float(np.prod(size))
        if last == 0 or np.all(np.abs(achieved - target) < _CLOSE_AREA * target):
            break
        wanted = np.clip(wanted + target - achieved, 0.0, 1.0)
    return arcs, labels


def _snap(points: FloatArray, size: FloatArray) -> FloatArray:
    """Put points that are on the border up to rounding exactly on it."""
    near = np.abs(points - size) < 1e-9 * size
    return np.where(near, size, points)


@dataclass(frozen=True, slots=True)
class _Areas:
    """Areas of the phases [um^2], (phases,), from the pixels of the image to the polygons."""

    image: LabelImage  # without specks
    expected: FloatArray
    working: WorkingLabels
    achieved: FloatArray

    def lost(self, phase: int) -> tuple[float, float]:
        """Return what specks take of a phase, and smoothing and thin parts of the rest."""
        kept = self.image.areas()[phase]
        left = np.mean(self.working.labels == phase) * self.image.width * self.image.height
        return 1.0 - kept / self.expected[phase], 1.0 - left / kept


def _check_areas(areas: _Areas, limit: float) -> None:
    error = areas.achieved / areas.expected - 1
    worst = int(np.argmax(np.abs(error)))
    if abs(error[worst]) <= limit:
        return
    specks, thin = areas.lost(worst)
    less = "use a smaller image.smooth or a smaller mesh.interface"
    rest = " of the rest" if specks > limit else ""
    ways = [
        (specks, f"regions below image.despeckle are {100 * specks:.2g} % of it: lower it"),
        (
            thin,
            "smoothing, and taking out what is thinner than half of mesh.interface, lose "
            f"{100 * thin:.2g} %{rest}: {less}",
        ),
    ]
    told = [text for share, text in sorted(ways, reverse=True) if share > limit]
    msg = (
        f"phase {areas.image.names[worst]!r}: its polygons cover {areas.achieved[worst]:.5g} um^2 "
        f"and its pixels {areas.expected[worst]:.5g} um^2, an error of {100 * error[worst]:+.2f} % "
        f"where image.area_error allows {100 * limit:g} %; {'; '.join(told) or less}"
    )
    raise GeometryError(msg)


def _reassigned(image: LabelImage, drawn: Labels) -> float:
    """Return the share of the pixels that lie in another phase than in the image."""
    return float(np.mean(drawn != refine_labels(image.labels, len(drawn) // len(image.labels))))


def _lengths(arcs: Arcs, names: Sequence[str]) -> dict[str, float]:
    """Return the length [um] of the lines between each pair of phases."""
    number = len(names)
    length = np.bincount(arcs.left * number + arcs.right, arcs.sums(arcs.steps()), number**2)
    return {
        "|".join(sorted((names[pair // number], names[pair % number]))): float(length[pair])
        for pair in np.flatnonzero(length).tolist()
    }
