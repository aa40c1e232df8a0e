"""Carbon-binder between the particles: where it is, by shape. All lengths in micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shapely.geometry import Polygon

from mesode.errors import GeometryError
from mesode.geometry.polygons import box

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.geometry.grains import Grains

BINDER = "carbon_binder"
PORE = "pore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All of the space between the particles."""

    phase: str = BINDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """An even coat on each particle and on the collector.

    ``thickness`` [um], or ``fraction``: area share of the electrode.
    """

    thickness: float | None = None
    fraction: float | None = None
    phase: str = BINDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridges:
    """Menisci at the necks between particles, the collector and the mirror walls.

    ``radius`` [um] of the menisci, or ``fraction``: area share of the electrode.
    """

    radius: float | None = None
    fraction: float | None = None
    phase: str = BINDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """Arcs of ``length`` and ``thickness`` [um] that cover a share of the particle surface."""

    coverage: float
    thickness: float
    length: float
    phase: str = BINDER
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Blobs of ``diameter`` [um] in the pore space, ``fraction``: area share of the electrode."""

    fraction: float
    diameter: float
    phase: str = BINDER
    seed: int | None = None


type BinderShape = Matrix | Film | Bridges | Patches | Clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class PoreSpace:
    """Binder phases and ``pore``: a partition of the electrode without its grains."""

    phases: Mapping[str, list[Polygon]]
    report: Mapping[str, Any]


def place_binder(
    shapes: Sequence[BinderShape],
    grains: Grains,
    width: float,
    thickness: float,
    interface_size: float,
    seed: int,
) -> PoreSpace:
    """Fill the space between the grains in [0, width] x [0, thickness] [um].

    Args:
        shapes: later shapes take only what earlier ones left; the rest is ``pore``.
        grains: outlines of the particles.
        width: of the electrode [um].
        thickness: of the electrode [um].
        interface_size: mesh size [um] where phases meet.
        seed: of the shapes without a seed of their own.

    Raises:
        GeometryError: a shape is impossible.
    """
    del interface_size, seed
    free = Polygon(
        box(0, 0, width, thickness).exterior, [outline.exterior for outline in grains.outlines]
    )
    if not shapes:
        return PoreSpace(phases={PORE: [free]}, report={})
    if isinstance(shapes[0], Matrix):
        return PoreSpace(phases={shapes[0].phase: [free]}, report={})
    msg = f"carbon_binder: {type(shapes[0]).__name__.lower()} cannot be placed yet"
    raise GeometryError(msg)
