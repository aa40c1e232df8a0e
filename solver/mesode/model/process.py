"""A process: one piece of physics, and everything that it brings to a cell.

A cell is the sum of its processes (``mesode.model.processes.table``). A process brings unknowns,
internal states, terms of the rows of any unknown, constraints, and what is reported of it. Whatever
solves, stops, keeps or shows a cell asks all processes the same questions and knows none by name.

A process is made before the rows are: in its ``__init__`` it makes its unknowns, in ``terms`` it
may use those of all others. Everything has a default: a process says only what it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

from mesode.physics.heat import Carrier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import ufl
    from dolfinx import fem
    from dolfinx.mesh import EntityMap

    from mesode.model.ahead import Ahead
    from mesode.model.field_groups import FieldGroups
    from mesode.model.motion import Motion
    from mesode.model.surfaces import Contact, SpreadMeasure, Surface
    from mesode.model.unknowns import Unknown
    from mesode.numerics.events import Event
    from mesode.numerics.path_follower import PathFollower
    from mesode.numerics.states import InternalState
    from mesode.numerics.system import BlockSystem
    from mesode.physics.diffusion import StressFlux
    from mesode.physics.heat import HeatKind

    type FloatArray = npt.NDArray[np.float64]
    #: The unknown in whose row it stands, and the form.
    type Term = tuple[Unknown, ufl.Form]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the processes asked to be measured, at one state, over all ranks.

    ``integrals`` by name; ``low`` and ``high`` are the smallest and largest nodal values [SI] by
    the key of the unknown.
    """

    integrals: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Heat:
    """What a process turns into heat: ``density`` times ``measure`` is a power [W/m].

    ``side`` of an interface that the density is taken on, empty elsewhere. ``carrier``: what loses
    it on its way, where it is a loss.
    """

    kind: HeatKind
    density: Any
    measure: ufl.Measure | SpreadMeasure
    side: str = ""
    carrier: Carrier = Carrier.OTHER


@dataclass(frozen=True, slots=True)
class Suspect:
    """What a time step may have failed by: a number at each node that should not be above zero.

    ``values`` at the nodes of ``unknown`` that this rank owns; ``tell`` puts the largest in words.
    """

    unknown: Unknown
    values: FloatArray
    tell: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Store:
    """Free energy that a process keeps: an integral over the section [J/m].

    ``kind`` of the heat that what is lost of it becomes.
    """

    kind: HeatKind
    form: ufl.Form


class HostLaws(Protocol):
    """What stress in the hosts means for lithium."""

    @property
    def flux(self) -> StressFlux:
        """Law of the flux under stress."""

    def Omega(self, phase: str, sto: Any) -> Any:
        """Partial molar volume [m^3/mol] at a lithiation."""

    def layer_stiffness(self, phase: str, sto: Any) -> Any:
        """What a layer of other lithiation is held back by, see ``stressed_diffusion`` [Pa]."""


class HostStress(HostLaws, Protocol):
    """Stress in the hosts, as their chemical potential has it: mu = -F U - Omega sigma_h."""

    def stress_at(self, host: str, of: Callable[[Any], Any]) -> Any:
        """Return sigma_h of a host at a place [Pa].

        ``of`` gives the value there of a field that is linear in each triangle of the host.
        """


class Process:
    """One piece of physics.

    ``follows``: its unknowns do not act back on those of the other processes; they are solved
    after each step of the time integration, from its solution (a staggered scheme). ``settles``:
    at rest its unknowns are not known beforehand, but solve its own rows.
    """

    follows: bool = False
    settles: bool = False

    def follower(self, system: BlockSystem) -> PathFollower | None:
        """Return what solves the rows of what follows along a path; None: a solve at its end."""

    # --- unknowns and equations

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Fields and numbers that the process brings, in the order of their rows."""
        return ()

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """Maps of the sub-meshes that the process has made."""
        return ()

    @property
    def states(self) -> Sequence[InternalState]:
        """Internal states: what the solution leaves behind at each accepted step."""
        return ()

    def terms(self) -> Iterable[Term]:
        """Yield the terms of the rows, weak forms [A/m, or as the kind of row says]."""
        return ()

    def constraints(self) -> Sequence[fem.DirichletBC]:
        """Return what holds some of the unknowns; the values must hold from the beginning."""
        return ()

    def reset(self) -> None:
        """Set the unknowns to the state at rest; they are zero before (collective)."""

    def at_rest(self) -> None:
        """Take note of the state at rest of all processes, which is loaded (collective)."""

    def take_shape(self) -> None:
        """Begin with the shape that the section has at rest, where it moves (collective)."""

    # --- what it adds to the laws of others

    def stress_on(self, host: str) -> HostStress | None:
        """Return the stress that moves the potential of a host, None where there is none."""

    def motion(self) -> Motion | None:
        """Return how the section moves, None where the process does not move it.

        One process of a cell at most does; it is asked once, when all are made.
        """

    def ahead(self) -> Ahead | None:
        """Return what tells beforehand what follows a time step, None where nothing acts back.

        One process of a cell at most does; it is asked once, when all are made.
        """

    def touching(self, where: Surface | Contact) -> Any:
        """Return the share at which charge passes a surface, or lithium a contact; 1 for all."""
        return 1

    def film_resistance(self, surface: Surface) -> Any:
        """Return what is added to the resistance of a surface's film [ohm m^2], None for none."""

    def surface_lithiation(self, host: str) -> Any:
        """Return what the lithiation of a host is more at its surface than where it is solved for.

        0 where it is solved for at the surface itself.
        """
        return 0

    def surface_potential(self, surface: Surface) -> Any:
        """Return what is added to the potential of the host at a surface [V], 0 for nothing."""
        return 0

    def passable(self, host: str, places: Sequence[Callable[[Any], Any]]) -> list[Any] | None:
        """Return what diffuses in a host instead of its lithiation, at places that take a field.

        Its slope times D_s is the flux; None where that is the lithiation itself.
        """

    def side_current(self, surface: Surface) -> Any:
        """Return what passes a surface beside lithium of its host and the double layer [A/m^2].

        Per area as drawn, from solid to electrolyte; 0 for nothing.
        """
        return 0

    def into_collector(self, prefix: str, v: Any) -> Sequence[ufl.Form]:
        """Return currents into the collector of an electrode, times a test function [A/m]."""
        return ()

    def contact_length(self, prefix: str) -> float:
        """Return how much of a collector is touched, beside the section's part [m] (collective)."""
        return 0.0

    def answers(self) -> Iterable[Term]:
        """Yield further unknowns, with their rows, of a cell that oscillates about its state.

        Of what follows a step in time but acts back: there it answers at once. Functions that are
        given in time may be among the unknowns. The loaded state has been accepted (collective).
        """
        return ()

    # --- energy

    def heat(self) -> Iterable[Heat]:
        """Yield what becomes heat; none where it follows, and does not act back."""
        return ()

    def stored(self) -> Sequence[Store]:
        """Return free energies that are integrals."""
        return ()

    def nodal_energy(self, T: float) -> float:
        """Return this rank's part of the free energy that is kept at nodes [J/m], at T [K].

        What is lost of it counts as the heat of diffusion.
        """
        return 0.0

    def nodal_power(self, T: float) -> float:
        """Return the slope in time of ``nodal_energy`` at the loaded rates [W/m]."""
        return 0.0

    # --- what is measured and reported; the same on all ranks

    def integrals(self) -> Mapping[str, ufl.Form | fem.Form]:
        """Return integrals that columns and balances are made of, by name.

        One that is needed elsewhere, too, may be compiled already.
        """
        return {}

    def ranged(self) -> Sequence[Unknown]:
        """Return the unknowns whose smallest and largest values are measured."""
        return ()

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return columns of the time series, names with units (collective)."""
        return {}

    def changes(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return columns of what has come since the start of the run (collective)."""
        return {}

    def balances(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return relative errors of what must be conserved since the start of the run."""
        return {}

    def particle_columns(self, count: int) -> Mapping[str, FloatArray]:
        """Return a column for each so many particles (collective)."""
        return {}

    def show(self, groups: FieldGroups) -> None:
        """Add fields to the groups that are drawn and written (collective)."""

    # --- where it ends

    def limits(self) -> Sequence[Event]:
        """Return what each step in time shall keep above zero."""
        return ()

    def longest_step(self, tolerance: float) -> float:
        """Return how long the next time step may be [s], for what follows the accepted one.

        ``tolerance`` is that of the integration in time.
        """
        return inf

    def guards(self) -> Sequence[Event]:
        """Return at what the run ends: the state leaves what the model describes."""
        return ()

    def over(self) -> str | None:
        """Return why no run goes on from the accepted state, None where one can (collective)."""

    def suspects(self) -> Iterable[Suspect]:
        """Yield what a time step may fail by, in the loaded state (collective)."""
        return ()
