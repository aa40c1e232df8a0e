"""From an image of labels to polygons that share their lines. Lengths in micrometres.

1. The maps of the phases are smoothed and interpolated (:mod:`.phase_maps`); parts thinner than
   half the mesh size at the interfaces are given to their neighbours, for no sound triangle fits
   into them.
2. The lines between the phases are found as a network of arcs (:mod:`.contour_network`).
3. Each arc gets vertices about one interface size apart (:mod:`.arc_spacing`), closer where arcs
   come near each other or would cross.
4. The faces of the network are the polygons. The area of each phase is compared with the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.micrograph.arc_clearance import fit_spacing
from mesode.geometry.micrograph.contour_network import Arc, contour_arcs
from mesode.geometry.micrograph.phase_maps import (
    balance_areas,
    open_phases,
    refine_maps,
    smooth_maps,
    winner,
)
from mesode.geometry.micrograph.polygon_faces import arc_areas, polygon_faces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type Labels = npt.NDArray[np.uint8]
    type Maps = npt.NDArray[np.float32]

THIN = 0.5  # of the interface size: narrower parts are removed
_PIXELS_PER_SIZE = 6  # of the working array in one interface size
_MAX_FACTOR = 4  # a finer array shows nothing that the image has
_MAX_WORKING_PIXELS = 30e6
_FINE_SIGMA = 1.5  # [working pixels] smoothing after the opening
_BALANCE_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelImage:
    """Pixels by phase: ``labels`` (rows, columns), row 0 at y = 0, numbers into ``names``.

    ``pixel``: edge of a pixel [um].
    """

    labels: Labels
    names: tuple[str, ...]
    pixel: float

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
    maps, factor, sigma = _working_maps(image, interface_size, smooth)
    _check_present(image, np.bincount(winner(maps).ravel(), minlength=len(image.names)), smooth)
    arcs = _balanced_arcs(maps, image, expected, factor, sigma)
    size = np.array([image.width, image.height])
    network = fit_spacing(arcs, size, interface_size)
    faces = polygon_faces(network, size)
    phases = {
        name: tuple(face for face, label in faces if label == number)
        for number, name in enumerate(image.names)
    }
    achieved = np.array([sum(p.area for p in phases[name]) for name in image.names])
    error = achieved / expected - 1
    _check_areas(image.names, expected, achieved, area_error)
    report = {
        "pixel": image.pixel,
        "smooth": smooth,
        "interface_size": interface_size,
        "image_area": dict(zip(image.names, expected.tolist(), strict=True)),
        "polygon_area": dict(zip(image.names, achieved.tolist(), strict=True)),
        "area_error": dict(zip(image.names, error.tolist(), strict=True)),
        "area_error_limit": area_error,
        "reassigned_share": _reassigned(image, maps, factor),
        "vertices": int(sum(len(a.points) - 1 for a in network)),
        "interface_length": _lengths(network, image.names),
    }
    return PhasePolygons(phases=phases, report=report)


def _working_maps(
    image: LabelImage, interface_size: float, smooth: float
) -> tuple[Maps, int, float]:
    """Return smooth maps without thin parts, their pixels per image pixel, their smoothing."""
    number, labels = len(image.names), image.labels
    wanted = np.ceil(_PIXELS_PER_SIZE * image.pixel / interface_size)
    allowed = np.sqrt(_MAX_WORKING_PIXELS / labels.size)
    factor = int(max(1, min(wanted, allowed, _MAX_FACTOR)))
    maps = refine_maps(smooth_maps(labels, number, smooth), factor)
    shares = np.bincount(labels.ravel(), minlength=number) / labels.size
    maps = balance_areas(maps, shares, max(smooth, 0.5) * factor)
    radius = 0.5 * THIN * interface_size / image.pixel * factor
    opened = open_phases(winner(maps), number, radius)
    if np.array_equal(opened, winner(maps)) and smooth * factor >= _FINE_SIGMA:
        return maps, factor, smooth * factor
    return smooth_maps(opened, number, _FINE_SIGMA), factor, _FINE_SIGMA


def _check_present(image: LabelImage, count: IntArray, smooth: float) -> None:
    before = image.areas()
    for name, old, new in zip(image.names, before, count, strict=True):
        if new == 0:
            share = 100 * old / before.sum()
            msg = (
                f"phase {name!r} vanishes: its {old:.4g} um^2 ({share:.2g} % of the image) are in "
                f"parts too small to be kept when the phases are smoothed over {smooth:g} pixels "
                "and parts thinner than half of mesh.interface are removed. Use a smaller "
                "image.smooth, a smaller mesh.interface, or give its grey value to another phase"
            )
            raise GeometryError(msg)


def _balanced_arcs(
    maps: Maps, image: LabelImage, expected: FloatArray, factor: int, sigma: float
) -> list[Arc]:
    """Return the fine arcs [um], the offsets of the maps chosen so that the areas are right."""
    pixel = image.pixel / factor
    size = np.array([image.width, image.height])
    target = expected / expected.sum()
    wanted, arcs = target.copy(), list[Arc]()
    for _ in range(_BALANCE_ROUNDS):
        balanced = balance_areas(maps, wanted, sigma)
        arcs = [
            Arc(points=_snap(a.points * pixel, size), left=a.left, right=a.right)
            for a in contour_arcs(balanced)
        ]
        achieved = arc_areas(arcs, size, winner(balanced)) / float(np.prod(size))
        if np.all(np.abs(achieved - target) < 1e-5 * target):
            break
        wanted = np.clip(wanted + target - achieved, 0.0, 1.0)
    return arcs


def _snap(points: FloatArray, size: FloatArray) -> FloatArray:
    """Put points that are on the border up to rounding exactly on it."""
    for axis in (0, 1):
        near = np.abs(points[:, axis] - size[axis]) < 1e-9 * size[axis]
        points[near, axis] = size[axis]
    return points


def _check_areas(
    names: Sequence[str], expected: FloatArray, achieved: FloatArray, limit: float
) -> None:
    error = achieved / expected - 1
    worst = int(np.argmax(np.abs(error)))
    if abs(error[worst]) <= limit:
        return
    msg = (
        f"phase {names[worst]!r}: its polygons cover {achieved[worst]:.5g} um^2 and its pixels "
        f"{expected[worst]:.5g} um^2, an error of {100 * error[worst]:+.2f} % where "
        f"image.area_error allows {100 * limit:g} %. Its parts are too small for the smoothing or "
        "the mesh: use a smaller image.smooth, a smaller image.despeckle or a smaller "
        "mesh.interface"
    )
    raise GeometryError(msg)


def _reassigned(image: LabelImage, maps: Maps, factor: int) -> float:
    """Return the share of the pixels that lie in another phase than in the image."""
    fine = np.repeat(np.repeat(image.labels, factor, axis=0), factor, axis=1)
    return float(np.mean(winner(maps) != fine))


def _lengths(arcs: Sequence[Arc], names: Sequence[str]) -> dict[str, float]:
    """Return the length [um] of the lines between each pair of phases."""
    lengths: dict[str, float] = {}
    for arc in arcs:
        pair = "|".join(sorted((names[arc.left], names[arc.right])))
        lengths[pair] = lengths.get(pair, 0.0) + arc.length
    return lengths
