"""What is inside a particle: voids, pores, cores and shells. All lengths in micrometres.

The pieces of a particle partition its outline: neighbours share their vertices. Inner lines
follow the outline at an even distance, so that walls and shells are evenly thick for any shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry import Polygon

from mesode.errors import GeometryError
from mesode.geometry.particles.inner_lines import inner_outline
from mesode.geometry.particles.inner_pores import place_pores
from mesode.geometry.particles.yolk import Yolk, divide_yolk
from mesode.section_names import VOID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.geometry.particles.grains import Grains, Population

_SEED = 2  # second word of the seed of every particle's inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Solid:
    """The material of the population everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hollow:
    """An empty space in the middle, ``void``: its share of the area."""

    void: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Porous:
    """Closed round pores at random places: area ``fraction``, ``diameter`` [um]."""

    fraction: float
    diameter: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreShell:
    """A core of another ``phase``; ``core``: its diameter over that of the particle."""

    core: float
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class YolkShell:
    """A ``shell`` [um] of another ``phase`` around a yolk that touches it over ``contact`` [um].

    ``void``: empty share of the area inside the shell.
    """

    shell: float
    phase: str
    void: float
    contact: float


type Inside = Solid | Hollow | Porous | CoreShell | YolkShell


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A ``polygon`` of a ``phase`` that belongs to particle number ``grain``."""

    phase: str
    polygon: Polygon
    grain: int


def fill_grains(
    grains: Grains, populations: Sequence[Population], seed: int, interface_size: float
) -> list[Piece]:
    """Return the pieces of every grain; they partition its outline exactly.

    Args:
        grains: outlines of all particles.
        populations: that the grains were drawn from.
        seed: of the places of pores and yolks.
        interface_size: longest edge of an inner line [um].

    Raises:
        GeometryError: an inside does not fit into a particle or cannot be meshed; the message
            names the particle.
    """
    pieces = []
    for number, (outline, index) in enumerate(zip(grains.outlines, grains.population, strict=True)):
        population = populations[int(index)]
        rng = np.random.default_rng([seed, _SEED, number])
        try:
            parts = divide_grain(outline, population.inside, population.phase, rng, interface_size)
        except GeometryError as error:
            where = (
                f"particle {number} at ({grains.x[number]:.3g}, {grains.y[number]:.3g}) um, "
                f"{grains.diameter[number]:.3g} um across: {error}"
            )
            raise GeometryError(where) from error
        pieces += [Piece(phase=p, polygon=polygon, grain=number) for p, polygon in parts]
    return pieces


def divide_grain(
    outline: Polygon, inside: Inside, phase: str, rng: np.random.Generator, interface_size: float
) -> list[tuple[str, Polygon]]:
    """Return the parts of one particle with their phases.

    Args:
        outline: convex [um].
        inside: what to put in.
        phase: of the material of the population.
        rng: of places.
        interface_size: longest edge of an inner line [um].

    Raises:
        GeometryError: it does not fit or cannot be meshed.
    """
    if isinstance(inside, Hollow):
        _check_share("void", inside.void)
        hole = inner_outline(outline, inside.void * outline.area, interface_size, "wall")
        return [(phase, Polygon(outline.exterior, [hole.exterior])), (VOID, hole)]
    if isinstance(inside, CoreShell):
        _check_share("core", inside.core)
        area = inside.core**2 * outline.area
        core = inner_outline(outline, area, interface_size, "shell")
        return [(phase, Polygon(outline.exterior, [core.exterior])), (inside.phase, core)]
    if isinstance(inside, Porous):
        _check_share("fraction", inside.fraction)
        pores = place_pores(outline, inside.fraction, inside.diameter, rng, interface_size)
        matrix = Polygon(outline.exterior, [pore.exterior for pore in pores])
        return [(phase, matrix), *((VOID, pore) for pore in pores)]
    if isinstance(inside, YolkShell):
        _check_share("void", inside.void)
        yolk = Yolk(shell=inside.shell, void=inside.void, contact=inside.contact)
        shell, middle, empty = divide_yolk(outline, yolk, rng, interface_size)
        return [(phase, middle), (inside.phase, shell), (VOID, empty)]
    return [(phase, outline)]


def _check_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        msg = f"inside.{name}: must lie between 0 and 1, got {value:g}"
        raise GeometryError(msg)
