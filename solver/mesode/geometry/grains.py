"""Particles of an electrode: outlines in a box, from one or more populations. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.grain_shapes import Disc, Shape
from mesode.geometry.inside import Inside, Solid
from mesode.geometry.packing import Packing, PackingRequest, pack
from mesode.geometry.polygons import disc_polygon
from mesode.geometry.sizes import SizeDistribution, midpoint_quantiles, requested_statistics

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_QUANTILES = 200  # of the requested diameters, kept for pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Particles of one material: area ``fraction`` of the electrode, sizes, shape, inside."""

    fraction: float
    sizes: SizeDistribution
    shape: Shape = field(default_factory=Disc)
    inside: Inside = field(default_factory=Solid)
    phase: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrainRequest:
    """What to pack: populations, smallest ``gap`` [um], seed.

    ``contact``: width [um] of the neck of touching particles, instead of a gap between them;
    ``clustering``: 0 even to 1 clustered; ``cluster_diameter``: mean equivalent diameter [um]
    that the clustering is fitted to.
    """

    populations: tuple[Population, ...]
    gap: float = 0.1
    seed: int = 1
    contact: float | None = None
    clustering: float = 0.0
    cluster_diameter: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grains:
    """Outlines of all particles; touching ones share their line exactly, others are disjoint.

    ``population`` (n,) index of each; ``x``, ``y``, ``diameter`` (n,) [um], the diameter of the
    disc of equal area; ``clearance`` [um] smallest distance of lines that do not touch.
    """

    outlines: tuple[Polygon, ...]
    population: IntArray
    x: FloatArray
    y: FloatArray
    diameter: FloatArray
    clearance: float
    report: Mapping[str, Any]


def make_grains(
    request: GrainRequest, width: float, height: float, interface_size: float
) -> Grains:
    """Pack the particles into the box [0, width] x [0, height] [um].

    Raises:
        GeometryError: the request cannot be met.
    """
    if len(request.populations) != 1 or request.contact is not None or request.clustering > 0:
        msg = "particles: one population of discs without contact and clustering is expected"
        raise GeometryError(msg)
    population = request.populations[0]
    asked = PackingRequest(
        fraction=population.fraction, sizes=population.sizes, gap=request.gap, seed=request.seed
    )
    packing = pack(asked, width, height)
    discs = zip(packing.x, packing.y, packing.diameter, strict=True)
    return Grains(
        outlines=tuple(disc_polygon(x, y, d / 2, interface_size) for x, y, d in discs),
        population=np.zeros(len(packing.x), dtype=np.int64),
        x=packing.x,
        y=packing.y,
        diameter=packing.diameter,
        clearance=packing.clearance(),
        report=packing_report(asked, packing, interface_size),
    )


def packing_report(
    asked: PackingRequest, packing: Packing, interface_size: float
) -> dict[str, Any]:
    """Return what was asked of the packing and what came out, JSON-able, lengths in um."""
    return {
        "seed": asked.seed,
        "requested_fraction": asked.fraction,
        "achieved_fraction": packing.fraction,
        "requested_gap": asked.gap,
        "achieved_gap": packing.clearance(),
        "requested_diameter": requested_statistics(asked.sizes),
        "requested_quantiles": midpoint_quantiles(asked.sizes, _QUANTILES).tolist(),
        "diameter_scale": packing.diameter_scale,
        "interface_size": interface_size,
    }
