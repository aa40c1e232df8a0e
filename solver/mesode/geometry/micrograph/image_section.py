"""The section of a cell whose electrode is a micrograph. Lengths in micrometres."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.errors import GeometryError
from mesode.geometry.micrograph.label_polygons import (
    FINE_INTERFACE,
    PhasePolygons,
    keeps_a_pixel,
    label_polygons,
)
from mesode.geometry.micrograph.segmentation import ImageRequest, Segmentation, segment
from mesode.geometry.micrograph.smoothing_choice import (
    KEPT,
    REACHED,
    REACHED_KEPT,
    SMOOTHINGS,
    choose_smoothing,
    deviation,
)
from mesode.geometry.section import Particles, Section, box, cell_boundaries
from mesode.section_names import SEPARATOR, TOP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type IntArray = npt.NDArray[np.int64]

logger = logging.getLogger(__name__)

_LARGE_IMAGE = 250_000  # [pixels] from here on it takes seconds, and is told
_SENSITIVE = 0.05  # change of a share of the image with the threshold that is worth a warning
_MOVED = 0.03  # share of the pixels in another phase than in the image that is worth a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodePieces:
    """The electrode of an image, its lower left corner at 0, 0.

    ``phases``: polygons by phase; ``particle_of``: for each host the particle of each polygon, a
    row of ``particles`` (discs of equal area); ``segmentation``: the image it comes from;
    ``report``: JSON-able.
    """

    phases: Mapping[str, tuple[Polygon, ...]]
    particle_of: Mapping[str, IntArray]
    particles: Particles
    width: float
    thickness: float
    segmentation: Segmentation
    report: Mapping[str, Any]


def image_electrode(request: ImageRequest, interface_size: float) -> ElectrodePieces:
    """Build an electrode from an image.

    Args:
        request: image, pixel size [um], phases.
        interface_size: mesh size where phases meet [um].

    Raises:
        GeometryError: the image cannot be used, or a phase is not met within its area error.
    """
    segmentation = segment(request)
    image = segmentation.image
    if image.labels.size > _LARGE_IMAGE:
        rows, columns = image.labels.shape
        logger.info("%s: %d x %d pixels, drawing the phases", request.file.name, columns, rows)
    found, choice = _draw(request, segmentation, interface_size)
    hosts = [name for name in image.names if name in request.hosts]
    particle_of, bodies = number_particles(found.phases, hosts)
    report = {**segmentation.report, **found.report, **choice, "particles": len(bodies)}
    return ElectrodePieces(
        phases=found.phases,
        particle_of=particle_of,
        particles=equal_discs(bodies),
        width=image.width,
        thickness=image.height,
        segmentation=segmentation,
        report={**report, "warnings": _warnings(report)},
    )


def _draw(
    request: ImageRequest, segmentation: Segmentation, interface_size: float
) -> tuple[PhasePolygons, dict[str, Any]]:
    """Return the polygons, and what was found out about the smoothing if it was not given."""
    tried: tuple[float, ...] = () if request.smooth is None else (request.smooth,)
    report: dict[str, Any] = {}
    if request.smooth is None:
        choice = choose_smoothing(
            segmentation.raw, segmentation.image, interface_size, request.networks
        )
        tried = tuple(s for s in SMOOTHINGS if s <= choice["smooth"])
        report = {"smoothing": choice}
    for number, smooth in enumerate(tried, 1):
        try:
            found = label_polygons(
                segmentation.image,
                interface_size,
                smooth=smooth,
                area_error=request.area_error,
                expected=segmentation.raw.areas(),
            )
        except GeometryError:
            if number == len(tried):
                raise
        else:
            return found, report
    msg = "no smoothing to try"
    raise RuntimeError(msg)


def image_section(electrode: ElectrodePieces, separator_thickness: float) -> Section:
    """Put separator and boundary lines on top of an electrode."""
    width, thickness = electrode.width, electrode.thickness
    height = thickness + separator_thickness
    return Section(
        width=width,
        height=height,
        electrode_thickness=thickness,
        phases={**electrode.phases, SEPARATOR: (box(0, thickness, width, height),)},
        boundaries=cell_boundaries(width, height, thickness),
        particles=electrode.particles,
        particle_of=electrode.particle_of,
        unrefined=frozenset({TOP}),
        report={"image": electrode.report},
    )


def number_particles(
    phases: Mapping[str, Sequence[Polygon]], hosts: Sequence[str]
) -> tuple[dict[str, IntArray], list[Polygon]]:
    """Number the polygons of the hosts, each a connected region, on from phase to phase."""
    numbers: dict[str, IntArray] = {}
    bodies: list[Polygon] = []
    for name in hosts:
        numbers[name] = np.arange(len(bodies), len(bodies) + len(phases[name]), dtype=np.int64)
        bodies += phases[name]
    return numbers, bodies


def equal_discs(bodies: Sequence[Polygon]) -> Particles:
    """Return the discs of equal area and centre."""
    centres = shapely.get_coordinates(shapely.centroid(np.array(bodies, dtype=object)))
    diameter = np.sqrt(4 / np.pi * np.array([body.area for body in bodies]))
    return Particles(x=centres[:, 0], y=centres[:, 1], diameter=diameter)


def _warnings(report: Mapping[str, Any]) -> list[str]:
    found = []
    moved = float(report["reassigned_share"])
    if moved > _MOVED:
        found.append(
            f"{100 * moved:.1f} % of the pixels of {report['file']} are in another phase after "
            "smoothing and removing thin parts, with areas kept; a smaller image.smooth or "
            "mesh.interface follows the image more closely"
        )
    found += _not_kept(report)
    found += _unsure(report)
    pixels = report["interface_size"] / report["pixel"]
    if pixels < 1:
        found.append(
            f"mesh.interface is {pixels:.2g} pixels: the mesh resolves what the image does not "
            "show; one to three pixels are enough"
        )
    return found


def _not_kept(report: Mapping[str, Any]) -> list[str]:
    """Tell which networks conduct otherwise as drawn than in the pixels, at the best smoothing."""
    choice = report.get("smoothing")
    if choice is None or choice["kept"]:
        return []
    changed = [
        f"{network} {what.replace('_', ' ')} {_show_change(what, value)}"
        for network, values in choice["networks"].items()
        for what, value in values.items()
        if deviation(what, value["pixels"], value["drawn"]) > 1
    ]
    return [
        f"no smoothing of {report['file']} keeps what its pixels conduct within {KEPT:.0%}, "
        f"and what of a network is reached within {REACHED_KEPT:.0%}; the "
        f"least change is with image.smooth {choice['smooth']:g}: {', '.join(changed)}. "
        + _why_not_kept(report)
    ]


def _why_not_kept(report: Mapping[str, Any]) -> str:
    """Return what takes or makes connections at any smoothing."""
    pixel, interface = report["pixel"], report["interface_size"]
    if keeps_a_pixel(interface / pixel):
        return (
            "The mesh keeps what is one pixel wide, so it is regions below image.despeckle, which "
            "are given away, or pixels that touch in corners only, which leave open what is "
            "joined: pores are, particles are not. A finer image would tell"
        )
    return (
        f"Parts thinner than half of mesh.interface, {interface:g} um, are lost: up to "
        f"{FINE_INTERFACE * pixel:.4g} um it keeps what is one pixel wide"
    )


def _unsure(report: Mapping[str, Any]) -> list[str]:
    """Tell of grey values that do not tell the phases apart."""
    if "thresholds" not in report:
        return []
    found = []
    change = max(report["share_change"])
    if report["overlap"]:
        ratios = ", ".join(f"{value:.1f}" for value in report["contrast_over_noise"])
        found.append(
            f"the grey values of the phases of {report['file']} overlap: contrast over noise "
            f"{ratios}, also after the noise is taken out; segment the image with a trained "
            "classifier, or take a better one"
        )
    if change > _SENSITIVE:
        found.append(
            f"the shares of the phases of {report['file']} change by up to {100 * change:.1f} % of "
            "the image when the thresholds move by a tenth of the contrast to either side: look "
            "at segmentation.png"
        )
    return found


def _show_change(what: str, value: Mapping[str, float]) -> str:
    """Return how far a conductivity, or the reached share of a network, is off."""
    before, after = value["pixels"], value["drawn"]
    if what == REACHED:
        return f"{100 * (after - before):+.1f} % of the network"
    if before == 0:
        return "joined, though no path of pixels crosses"
    if after == 0:
        return "cut, though a path of pixels crosses"
    return f"{100 * (after / before - 1):+.1f} %"
