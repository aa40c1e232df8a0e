"""One electrode of a section: particles, binder, pores, coated lines, foil. Micrometres.

An electrode is built with its collector side at y = 0 and then moved to its place; the counter
electrode of a full section is mirrored, so that its collector is at the top.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.errors import GeometryError
from mesode.geometry.binder.place import BinderShape, Matrix, place_binder
from mesode.geometry.particles import coating
from mesode.geometry.particles.grains import Grains, make_grains
from mesode.geometry.particles.inside import fill_grains
from mesode.geometry.polygons import box
from mesode.section_names import FOIL, VOID

if TYPE_CHECKING:
    import numpy.typing as npt
    from shapely.geometry import Polygon

    from mesode.geometry.particles.coating import CoatingRequest
    from mesode.geometry.particles.grains import GrainRequest

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

type Placement = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodeRequest:
    """One electrode, lengths in um.

    ``binder``: shapes in order, what they leave is open electrolyte, the phase ``pore``;
    ``foil``: thickness of the resolved collector, 0 for none.
    """

    thickness: float
    grains: GrainRequest
    binder: tuple[BinderShape, ...] = (Matrix(),)
    coating: CoatingRequest | None = None
    foil: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRequest:
    """An electrode that is one phase, lengths in um; ``foil`` as of ``ElectrodeRequest``."""

    thickness: float
    phase: str
    foil: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A polygon of a phase; ``particle`` is -1 where it belongs to none."""

    phase: str
    polygon: Polygon
    particle: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Electrode:
    """All polygons of an electrode; ``coated``: its coated lines, None without a coating."""

    parts: list[Part]
    x: FloatArray
    y: FloatArray
    diameter: FloatArray
    clearance: float
    coated: shapely.Geometry | None
    report: dict[str, Any]


def build_electrode(
    request: ElectrodeRequest | LayerRequest, width: float, interface_size: float
) -> Electrode:
    """Build an electrode over its foil, which begins at y = 0.

    Raises:
        GeometryError: particles, binder or coating are impossible as asked.
    """
    if isinstance(request, LayerRequest):
        electrode = _layer(request, width)
    else:
        electrode = _packed(request, width, interface_size)
    if request.foil == 0:
        return electrode
    raised = placed(electrode, lambda points: points + np.array([0.0, request.foil]), "", 0)
    raised.parts.append(Part(phase=FOIL, polygon=box(0.0, 0.0, width, request.foil)))
    return raised


def _layer(request: LayerRequest, width: float) -> Electrode:
    none = np.empty(0)
    return Electrode(
        parts=[Part(phase=request.phase, polygon=box(0.0, 0.0, width, request.thickness))],
        x=none,
        y=none,
        diameter=none,
        clearance=float("inf"),
        coated=None,
        report={},
    )


def _packed(request: ElectrodeRequest, width: float, interface_size: float) -> Electrode:
    asked, thickness = request.grains, request.thickness
    grains = make_grains(asked, width, thickness, interface_size)
    check_clearance(grains.clearance, interface_size)
    pieces = fill_grains(grains, asked.populations, asked.seed, interface_size)
    pores = place_binder(request.binder, grains, width, thickness, interface_size, asked.seed)
    parts = [
        Part(phase=p.phase, polygon=p.polygon, particle=-1 if p.phase == VOID else p.grain)
        for p in pieces
    ]
    parts += [Part(phase=n, polygon=p) for n, group in pores.phases.items() for p in group]
    report = {**grains.report, "binder": dict(pores.report)}
    coated = None
    if request.coating is not None:
        coated, report["coating"] = _coated(request.coating, grains, interface_size)
    return Electrode(
        parts=parts,
        x=grains.x,
        y=grains.y,
        diameter=grains.diameter,
        clearance=grains.clearance,
        coated=coated,
        report=report,
    )


def _coated(
    asked: CoatingRequest, grains: Grains, interface_size: float
) -> tuple[shapely.Geometry, dict[str, Any]]:
    lines = coating.coat(asked, grains.outlines, interface_size)
    return lines.coated, dict(lines.report)


def placed(electrode: Electrode, move: Placement, prefix: str, first: int) -> Electrode:
    """Return an electrode at another place, phases renamed and particles numbered on.

    Args:
        electrode: as built.
        move: takes and returns points (n, 2) [um].
        prefix: of the names of its phases.
        first: number of its first particle.
    """
    moved = shapely.transform(np.array([p.polygon for p in electrode.parts], dtype=object), move)
    parts = [
        Part(
            phase=prefix + part.phase,
            polygon=polygon,
            particle=part.particle + first if part.particle >= 0 else -1,
        )
        for part, polygon in zip(electrode.parts, moved, strict=True)
    ]
    x, y = move(np.column_stack((electrode.x, electrode.y))).T
    coated = electrode.coated
    return Electrode(
        parts=parts,
        x=x,
        y=y,
        diameter=electrode.diameter,
        clearance=electrode.clearance,
        coated=None if coated is None else shapely.transform(coated, move),
        report=electrode.report,
    )


def phases_of(parts: list[Part]) -> tuple[dict[str, tuple[Polygon, ...]], dict[str, IntArray]]:
    """Return the polygons of each phase, and the particles of those phases that have any."""
    polygons: dict[str, list[Polygon]] = {}
    numbers: dict[str, list[int]] = {}
    for part in parts:
        polygons.setdefault(part.phase, []).append(part.polygon)
        numbers.setdefault(part.phase, []).append(part.particle)
    particle_of = {name: np.array(n) for name, n in numbers.items() if max(n) >= 0}
    return {name: tuple(group) for name, group in polygons.items()}, particle_of


def check_clearance(clearance: float, interface_size: float) -> None:
    """Check that a gap is wide enough for one row of elements of sound shape.

    Raises:
        GeometryError: the clearance is below half the mesh size at the interface.
    """
    if clearance >= 0.5 * interface_size:
        return
    msg = (
        f"particles.gap: the smallest gap is {clearance:.4g} um, too narrow for mesh.interface "
        f"{interface_size:.4g} um: a gap carries at least one row of elements and must be half of "
        f"mesh.interface or more. Set the gap to {0.5 * interface_size:.4g} um or more, or "
        f"mesh.interface to {2 * max(clearance, 0.0):.4g} um or less"
    )
    raise GeometryError(msg)
