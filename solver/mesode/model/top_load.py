r"""What holds a section at finite strain down: a flat plate, or nothing.

The plate stays flat and touches from above what comes near it, solids and the pores between them;
nothing holds it to them. It lies ``gap`` g above the top as that is drawn, and moves by w::

    push k <u_y - g - w>_+ per reference length,   k = E_b / (0.01 t)
    mean push over the width = p_0 + K w

k is a number of the method: at the yield stress of the softest solid, E_b/100, the plate is off by
1e-4 of the thickness t. Under a pressure p_0 alone K = 0, a spring is K alone; a lid does not move,
w = 0. The plate of a stack of n such electrodes in a clamped fixture, with pads of stiffness k_i in
series and the preload p_0, moves as ::

    n w = (p - p_0) sum_i 1/k_i,   so that   K = n / sum_i 1/k_i

A pressure at each point of the top would act on nothing where particles lie below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

import ufl
from dolfinx import fem

from mesode.model.processes.solids import MICROMETRE
from mesode.model.unknowns import RowKind, make_unknown, number_space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.process import Term
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.model.unknowns import Unknown

PENETRATION = 0.01  # of the thickness, at the modulus of the softest solid
QUADRATURE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A flat plate above an electrode.

    ``gap`` [m] between them at the start, or its ``height`` over the collector [m]; ``stiffness``
    of what holds it per electrode [Pa/m], infinite for a lid, none under a pressure alone.
    """

    gap: float = 0.0
    height: float | None = None
    stiffness: float = inf


class TopLoad(Protocol):
    """What pushes on the top of an electrode; all forms are per metre of depth."""

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """What it brings."""

    def rows(self) -> Iterator[Term]:
        """Yield virtual works [J/m]."""

    def stored(self) -> Any:
        """Return the energy that it keeps [J/m]."""

    def rise(self) -> Any:
        """Return the area that the pressure, or the preload, is pushed over [m^2]."""

    def risen(self) -> float:
        """Return how far what pushes on the top has risen, over the thickness (collective)."""

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the force on the top [N/m], where something pushes."""


def top_load(section: MeshedSection, mechanics: FiniteMechanics) -> TopLoad:
    """Return what the options of a mechanics ask for (collective)."""
    plate = mechanics.options.plate
    return FreeTop() if plate is None else PlateLoad(section, mechanics, plate)


class FreeTop:
    """Nothing pushes on the top."""

    unknowns: Sequence[Unknown] = ()

    def rows(self) -> Iterator[Term]:
        """Yield nothing."""
        yield from ()

    def stored(self) -> Any:
        """Return no energy."""
        return 0

    def rise(self) -> Any:
        """Return no area."""
        return 0

    def risen(self) -> float:
        """Return 0: nothing pushes."""
        return 0.0

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return nothing."""
        return {}


class PlateLoad:
    """A flat plate that touches from above (collective).

    Args:
        section: The section, whose top is flat.
        mechanics: Its mechanics.
        plate: How it is held.
    """

    def __init__(self, section: MeshedSection, mechanics: FiniteMechanics, plate: Plate) -> None:
        self._section, self._mechanics, self._plate = section, mechanics, plate
        phases = mechanics.domain.phases
        self._top = mechanics.parent.ds("top", phases, quadrature_degree=QUADRATURE)
        space = number_space(mechanics.parent.mesh)
        self._w = make_unknown("plate", space, scale=MICROMETRE, row=RowKind.FORCE)
        self._moves = plate.stiffness < inf

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Displacement of the plate, where it moves."""
        return (self._w,) if self._moves else ()

    @cached_property
    def thickness(self) -> float:
        """Height of the top over the collector [m] (collective)."""
        section = self._section
        mesh = section.domain.mesh
        one, y = fem.Constant(mesh, 1.0), ufl.SpatialCoordinate(mesh)[1]
        places = [
            section.integral(y * line) / section.integral(one * line)
            for line in (self._top, section.ds_collector)
        ]
        return float(places[0] - places[1])

    @cached_property
    def _gap(self) -> float:
        plate = self._plate
        return plate.gap if plate.height is None else max(plate.height - self.thickness, 0.0)

    @property
    def _overlap(self) -> Any:
        moved = self._w.value if self._moves else 0
        off = self._mechanics.u.value[1] - self._gap - moved
        return ufl.conditional(ufl.ge(off, 0.0), off, 0.0)

    @property
    def _k(self) -> float:
        return self._mechanics.modulus / (PENETRATION * self.thickness)

    def rows(self) -> Iterator[Term]:
        """Yield the work of the push, and the balance of the plate."""
        u, w, top = self._mechanics.u, self._w, self._top
        yield u, self._k * self._overlap * u.test[1] * top
        if self._moves:
            held = self._mechanics.growth_path.pressure + self._plate.stiffness * w.value
            yield w, (held - self._k * self._overlap) * w.test * top

    def stored(self) -> Any:
        """Return the energy of contact and pads."""
        energy = self._k / 2 * self._overlap**2 * self._top
        if self._moves:
            energy += self._plate.stiffness / 2 * self._w.value**2 * self._top
        return energy

    def rise(self) -> Any:
        """Return the rise of the plate, none of a lid."""
        return self._w.value * self._top if self._moves else 0

    def risen(self) -> float:
        """Return how far the plate has risen, over the thickness (collective)."""
        if not self._moves:
            return 0.0
        section, one = self._section, fem.Constant(self._section.domain.mesh, 1.0)
        width = section.integral(one * self._top)
        return section.integral(self.rise()) / (width * self.thickness)

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the force on the electrode."""
        return {"push": self._k * self._overlap * self._top}
