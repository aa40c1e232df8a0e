"""Shapes of carbon-binder that can be asked for. All lengths in micrometres."""

from __future__ import annotations

from dataclasses import dataclass

from mesode.errors import GeometryError
from mesode.section_names import CARBON_BINDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All of the space that is left."""

    phase: str = CARBON_BINDER


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """An even coat on each particle and on the collector.

    ``thickness`` [um], or ``fraction``: area share of the electrode.
    """

    thickness: float | None = None
    fraction: float | None = None
    phase: str = CARBON_BINDER

    def __post_init__(self) -> None:
        _check_one("film", thickness=self.thickness, fraction=self.fraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridges:
    """Menisci at the necks between particles, the collector and the mirror walls.

    ``radius`` [um] of the menisci, or ``fraction``: area share of the electrode.
    """

    radius: float | None = None
    fraction: float | None = None
    phase: str = CARBON_BINDER

    def __post_init__(self) -> None:
        _check_one("bridges", radius=self.radius, fraction=self.fraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """Arcs of ``length`` and ``thickness`` [um] that cover a share of the particle surface."""

    coverage: float
    thickness: float
    length: float
    phase: str = CARBON_BINDER
    seed: int | None = None

    def __post_init__(self) -> None:
        _check_share("patches: coverage", self.coverage)
        _check_length("patches: thickness", self.thickness)
        _check_length("patches: length", self.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Blobs of ``diameter`` [um] in the pore space, ``fraction``: area share of the electrode."""

    fraction: float
    diameter: float
    phase: str = CARBON_BINDER
    seed: int | None = None

    def __post_init__(self) -> None:
        _check_share("clusters: fraction", self.fraction)
        _check_length("clusters: diameter", self.diameter)


type BinderShape = Matrix | Film | Bridges | Patches | Clusters


def _check_one(kind: str, **values: float | None) -> None:
    """Check that exactly one of two keys is given, and its range."""
    given = {name: value for name, value in values.items() if value is not None}
    if len(given) != 1:
        msg = f"carbon_binder: {kind} needs either {' or '.join(values)}, got {len(given)} of them"
        raise GeometryError(msg)
    name, value = next(iter(given.items()))
    check = _check_share if name == "fraction" else _check_length
    check(f"{kind}: {name}", value)


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        msg = f"carbon_binder: {name} must lie above 0 and not above 1, got {value:g}"
        raise GeometryError(msg)


def _check_length(name: str, value: float) -> None:
    if not 0 < value < float("inf"):
        msg = f"carbon_binder: {name} must be a positive length, got {value:g} um"
        raise GeometryError(msg)
