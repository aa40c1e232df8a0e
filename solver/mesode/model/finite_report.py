"""What finite mechanics reports beside stress: flow, pores, where a section is squeezed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np

from mesode.columns import STACK_PRESSURE
from mesode.model.quantiles import ends
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.physics.solid.law import PLASTIC_WORK, RELAXATION_WORK

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from dolfinx import fem

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.process import Seen
    from mesode.model.processes.finite_mechanics import FiniteMechanics

    type FloatArray = npt.NDArray[np.float64]
    type BoolArray = npt.NDArray[np.bool_]


MOST = 0.5  # of the pores that are closed, from which on a section is jammed
CRUSHED = 0.1  # of the thickness: so far down a plate has crushed a section
TURNS = 0.05  # volume ratio of a triangle that is about to turn over


class FiniteReport:
    """Scalars of a section at finite strain (all methods collective)."""

    def __init__(self, section: MeshedSection, mechanics: FiniteMechanics) -> None:
        self._section, self._mechanics = section, mechanics
        self._domain, self._binders = section.domain, section.binders
        self._comm, self._width = section.domain.comm, section.width
        self._owned = mechanics.domain.mesh.topology.index_map(2).size_local
        self._tags = section.domain.cell_tag[mechanics.domain.cells][: self._owned]

    @cached_property
    def lost(self) -> Mapping[str, fem.Form]:
        """Work lost since the start [J/m], by what it is lost in; compiled, for all who ask."""
        mechanics = self._mechanics
        found: dict[str, Any] = {}
        for phase in mechanics.phases:
            solid = mechanics.solid(phase)
            if solid.remembers:
                form = solid.lost(mechanics.state(phase)) * mechanics.dx_in(phase)
                found[solid.LOST_IN] = found.get(solid.LOST_IN, 0) + form
        found |= mechanics.cohesions.lost()
        forms = [with_constants(form) for form in found.values()]
        return dict(zip(found, compile_forms(forms, self._section.entity_maps), strict=True))

    def row(self, seen: Seen) -> dict[str, float]:
        """Return the scalars of the loaded state."""
        mechanics, owned = self._mechanics, self._owned
        J, p, _ = mechanics.local.compute()[:owned].T
        row = {
            "Max Plastic Strain Active / 1": self._max(p, mechanics.hosts),
            "Max Plastic Strain Binder / 1": self._max(p, self._binders),
            "Min Volume Ratio / 1": ends(self._comm, J)[0],
            "Plastic Work / J.m-2": seen.integrals.get(PLASTIC_WORK, 0.0) / self._width,
        }
        row |= mechanics.foil.columns()
        if mechanics.options.plate:
            row[STACK_PRESSURE] = seen.integrals["push"] / self._width
        if RELAXATION_WORK in seen.integrals:
            row["Relaxation Work / J.m-2"] = seen.integrals[RELAXATION_WORK] / self._width
        row |= mechanics.cohesions.columns(seen)
        if not mechanics.media:
            return row
        pores = self._of(mechanics.media)
        areas = mechanics.local.sizes[:owned]
        now = self._sum((areas * J)[pores]) / self._sum(areas[pores])
        is_open, borne = mechanics.medium.borne.compute()[:owned].T
        room = max(self._sum(areas * is_open), 1e-300)
        return row | {
            "Pore Volume over Initial / 1": now,
            "Mean von Mises Open Pores / Pa": self._sum(areas * borne) / room,
        }

    def most_squeezed(self) -> str:
        """Say which triangle is squeezed the most, where, and what seems to have happened."""
        J = self._mechanics.local.compute()[: self._owned, 0]
        least = int(np.argmin(J)) if len(J) else -1
        own = (float(J[least]), self._comm.rank) if len(J) else (np.inf, self._comm.rank)
        value, rank = self._comm.allreduce(own, op=MPI.MINLOC)
        place = self._comm.bcast(self._place(least) if self._comm.rank == rank else None, rank)
        x, y, phase = place
        return (
            f"The triangle of {phase} at x = {x:.4g} um, y = {y:.4g} um is squeezed the most, to "
            f"{100 * value:.3g} % of its volume: {self._verdict(value, J)}"
        )

    def _verdict(self, least: float, J: FloatArray) -> str:
        """Say whether the section is crushed, jammed, inverted or has snapped."""
        sunk = -self._mechanics.load.risen()
        if sunk > CRUSHED:
            return (
                f"crushed, what pushes on its top has made it {100 * sunk:.0f} % thinner, since "
                "binder or joints give way under it. Push less, or let them bear more"
            )
        pores, areas = self._of(self._mechanics.media), self._mechanics.local.sizes[: self._owned]
        closed = pores & (self._mechanics.options.medium.closed >= J)
        room, shut = self._sum(areas[pores]), self._sum(areas[closed])
        if shut > MOST * room or (not room and least < MOST):
            return (
                f"jammed, {100 * shut / room if room else 100:.0f} % of its pores are closed and "
                "what grows has no room. Let the top give way, or leave more pores"
            )
        if least < TURNS:
            return (
                "inverted, it is about to turn over there while other pores are open. Refine the "
                "mesh between what meets there, or make it rounder"
            )
        return (
            "snapped, nothing is near to turning over and there is room, so that the shape has "
            "lost its balance at once. A binder with hardening or a flow_rate goes on"
        )

    def _place(self, cell: int) -> tuple[float, float, str]:
        """Return the middle of a cell [um] and its phase."""
        geometry = self._mechanics.domain.mesh.geometry
        x, y = 1e6 * geometry.x[geometry.dofmaps[0][cell]].mean(axis=0)[:2]
        return float(x), float(y), self._names[int(self._tags[cell])]

    @cached_property
    def _names(self) -> dict[int, str]:
        return {tag: name for name, tag in self._domain.phases.items()}

    def _of(self, phases: tuple[str, ...]) -> BoolArray:
        return np.isin(self._tags, self._domain.tags(phases))

    def _max(self, values: FloatArray, phases: tuple[str, ...]) -> float:
        high = ends(self._comm, values[self._of(phases)])[1]
        return high if np.isfinite(high) else 0.0

    def _sum(self, values: FloatArray) -> float:
        return float(self._comm.allreduce(float(values.sum())))
