"""A cell: where mesh, materials and physics meet.

A field lives where its property exists: c_s on each lithium host for itself, phi_s on the electron
conductors, c_e and phi_e on the ion conductors, u on the mechanical phases. Where a host meets an
ion conductor there is charge transfer, where it meets another host lithium passes as atoms. The
electron potential is solved as its difference to the level that an electrode has at its contact to
the collector, which is small: the rounding error of the current stays far below the balance that is
checked. The level of the working electrode is an unknown of the whole section, that of a counter
electrode of hosts is where all potentials are counted from.

The counter electrode is lithium metal at 0 V, or a part of the section with hosts and conductors
of its own, whose collector is at 0 V (a full section). Positive current is discharge: the working
electrode takes lithium against the metal, and as an anode gives it to a counter electrode. V is
that of the positive collector against the negative, so that in a full section current and voltage
are the negative of what the working electrode sees (``polarity``).

A cell is the sum of its processes: ``processes.table`` says which there are and when they take
part, each module of ``processes`` what one of them brings. What they have in common stands in
``section`` (phases, measures, sizes), ``surfaces`` (bare, coated, contacts) and ``currents``
(fluxes, Butler-Volmer).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dolfinx import fem

from mesode.model.ahead import find_ahead
from mesode.model.meshed_section import MeshedSection
from mesode.model.motion import find_motion
from mesode.model.processes.charge_transfer import ChargeTransfer
from mesode.model.processes.lithium import Lithium
from mesode.model.processes.solids import Solids
from mesode.model.processes.table import OF_MOTION, TABLE
from mesode.model.processes.terminal import Terminal
from mesode.model.processes.thermal import RISE
from mesode.model.processes.third_dimension import ThirdDimension
from mesode.model.residual import FOLLOWER_OPTIONS, FORCE_SCALE
from mesode.model.rest import Rest
from mesode.model.rows import sum_rows
from mesode.model.surfaces import on_side
from mesode.numerics.follower import Follower
from mesode.numerics.measure import NormMeasure
from mesode.numerics.system import BlockSystem
from mesode.physics.kinematics import IDENTITY
from mesode.physics.stressed_diffusion import STEEP_ENOUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.mesh.domain import Domain
    from mesode.model.ahead import Ahead
    from mesode.model.materials import CellMaterials
    from mesode.model.motion import Motion
    from mesode.model.process import Process
    from mesode.model.processes.solids import SolidsOptions
    from mesode.model.processes.terminal import Voltage
    from mesode.model.processes.thermal import ThermalOptions
    from mesode.model.unknowns import Unknown
    from mesode.numerics.path_follower import PathFollower
    from mesode.numerics.states import InternalState
    from mesode.physics.kinematics import Kinematics


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a cell is to compute: what the processes read when they are made.

    Attributes:
        temperature: [K], uniform; at the start where ``thermal`` is given.
        lithiation: Initial mean lithiation of the hosts, the stress-free state. Hosts of several
            materials share it so that they are in equilibrium with each other.
        counter_lithiation: The same of the counter electrode of a full section.
        mechanics: Options, or None for electrochemistry alone.
        third: What hangs on the electrode behind the section.
        thermal: How the temperature changes, None where it does not.
        further: Make processes beside those of the table.
    """

    temperature: float
    lithiation: float
    counter_lithiation: float = 0.0
    mechanics: SolidsOptions | None = None
    third: ThirdDimension = field(default_factory=ThirdDimension)
    thermal: ThermalOptions | None = None
    further: Sequence[Callable[[Cell], Process]] = ()


def _under_stress(materials: CellMaterials, setup: Setup) -> CellMaterials:
    """Return the materials of a cell; by the potentials of hosts stress may move lithium."""
    options = setup.mechanics
    if options is None or not options.by_potential:
        return materials
    return materials.without_plateaus(STEEP_ENOUGH, setup.temperature)


class Cell(MeshedSection):
    """Equations of a cell (collective).

    ``unknowns``, ``rows`` and ``system`` go together: what is integrated in time. ``follower``
    solves what follows from that, None where nothing does. ``initial`` is the lithiation of each
    host at rest before the run. ``polarity`` is 1 where V and I are those of the working electrode,
    -1 where of the counter. ``reference`` is the temperature [K]; the rise counts from it, where
    that is solved for. ``rest_at_start`` is the cell at rest at that of the start.

    Args:
        domain: The meshed section with boundaries ``collector`` and ``counter``.
        materials: One material for each phase of the section.
        setup: See ``Setup``.
    """

    setup: Setup
    system: BlockSystem
    motion: Motion | None
    ahead: Ahead | None

    def __init__(self, domain: Domain, materials: CellMaterials, setup: Setup) -> None:
        tears = setup.mechanics is not None and setup.mechanics.tears
        super().__init__(domain, _under_stress(materials, setup), may_tear=tears)
        self.setup = setup
        self.polarity = -1 if self.is_full else 1
        self.reference = fem.Constant(domain.mesh, float(setup.temperature))
        self.time = fem.Constant(domain.mesh, 0.0)
        self._rest = self.rest_at_start = Rest.of_cell(self, setup.temperature)
        self.initial = self._rest.lithiations()
        self.processes: list[Process] = []
        self.fields: dict[str, Unknown] = {}
        self._add(*(entry.make for entry in TABLE if entry.when(self)), *setup.further)
        self.motion, self.ahead = find_motion(self.processes), find_ahead(self.processes)
        self._add(*(entry.make for entry in OF_MOTION if entry.when(self)))
        leading = [p for p in self.processes if not p.follows]
        following = [p for p in self.processes if p.follows]
        self.unknowns = _unknowns_of(leading)
        self.rows = sum_rows(self.unknowns, leading)
        self.system = self._make_system(leading, self.rows)
        self.follower = self._make_follower(following) if following else None
        self.reset()

    def _add(self, *makers: Callable[[Cell], Process]) -> None:
        for process in (make(self) for make in makers):
            self.processes.append(process)
            self.fields |= {unknown.key: unknown for unknown in process.unknowns}
            self.entity_maps.extend(process.entity_maps)

    def _make_system(self, processes: Sequence[Process], rows: Sequence[Any]) -> BlockSystem:
        unknowns = _unknowns_of(processes)
        steady = all(p.follows for p in processes)
        return BlockSystem(
            self.domain.mesh,
            rows,
            [u.scaled for u in unknowns],
            None if steady else [u.scaled_rate for u in unknowns],
            entity_maps=self.entity_maps,
            bcs=[bc for p in processes for bc in p.constraints()],
            time=None if steady else self.time,
            moving=self.ahead.at if self.ahead and not steady else None,
        )

    def _make_follower(self, processes: Sequence[Process]) -> Follower | PathFollower:
        system = self._make_system(processes, sum_rows(_unknowns_of(processes), processes))
        own = (process.follower(system) for process in processes if process.follows)
        found = next((follower for follower in own if follower is not None), None)
        return found or Follower(system, NormMeasure(FORCE_SCALE), FOLLOWER_OPTIONS)

    @property
    def states(self) -> list[InternalState]:
        """The internal states of all processes."""
        return [state for process in self.processes for state in process.states]

    @property
    def leading_states(self) -> list[InternalState]:
        """Those that a step of the time integration computes; what follows has its own way."""
        return [s for process in self.processes if not process.follows for s in process.states]

    @property
    def systems(self) -> list[BlockSystem]:
        """The block systems of a time step, in the order in which they are solved."""
        return [self.system, *([self.follower.system] if self.follower else [])]

    def follow(self, t: float) -> None:
        """Solve what follows from the loaded state, that of time ``t`` [s] (collective).

        Raises:
            SolverError: there is no solution.
        """
        if self.follower is not None:
            self.follower.follow(t)
        if self.ahead is not None:
            self.ahead.accept(t)

    def mistaken(self, t: float, tolerance: float) -> bool:
        """Tell whether a trial step up to ``t`` [s] is to be solved again (collective).

        With what follows from it, where that was foreseen worse than a tolerance allows.

        Raises:
            SolverError: what follows has no solution.
        """
        return self.ahead is not None and self.ahead.mistaken(t, tolerance)

    # --- processes and unknowns by name

    def find[P: Process](self, kind: type[P]) -> P | None:
        """Return the process of a kind, None where it takes no part."""
        return next((p for p in self.processes if isinstance(p, kind)), None)

    def _always[P: Process](self, kind: type[P]) -> P:
        """Return the process of a kind that takes part in every cell."""
        return next(p for p in self.processes if isinstance(p, kind))

    @cached_property
    def lithium(self) -> Lithium:
        """Lithium in the hosts."""
        return self._always(Lithium)

    @cached_property
    def charge_transfer(self) -> ChargeTransfer:
        """Charge transfer on the surfaces of the hosts."""
        return self._always(ChargeTransfer)

    @cached_property
    def terminal(self) -> Terminal:
        """The terminal."""
        return self._always(Terminal)

    @property
    def mechanics(self) -> Solids | None:
        """The mechanics, None for electrochemistry alone."""
        return next((p for p in self.processes if isinstance(p, Solids)), None)

    @property
    def sto(self) -> dict[str, Unknown]:
        """Lithiation of each host."""
        return self.lithium.sto

    @property
    def phi_s(self) -> Unknown:
        """Potential of the electrons, the difference to the level of their electrode [V]."""
        return self.fields["phi_s"]

    @property
    def c_e(self) -> Unknown:
        """Salt concentration [mol/m^3]."""
        return self.fields["c_e"]

    @property
    def phi_e(self) -> Unknown:
        """Potential of the ions [V]."""
        return self.fields["phi_e"]

    @property
    def level(self) -> Unknown:
        """Level of the working electrode at its contact [V]."""
        return self.terminal.level

    @property
    def V(self) -> Voltage:
        """Voltage of the cell."""
        return self.terminal.V

    @property
    def I(self) -> Unknown:  # noqa: E743
        """Current density [A/m^2]."""
        return self.terminal.I

    @property
    def Q(self) -> Unknown:
        """Charge passed [C/m^2]."""
        return self.terminal.Q

    def control(self, kind: str, target: float, *, rate: float = 0.0) -> None:
        """Set what the terminal holds, see ``Terminal.hold``."""
        self.terminal.hold(kind, target, rate=rate)

    # --- the state at rest

    def hold_temperature(self, T: float) -> None:
        """Hold a temperature [K], where none is solved for; see ``surroundings``."""
        if float(self.reference) == T:
            return
        self.reference.value = T
        at_start = self.setup.temperature == T
        self._rest = self.rest_at_start if at_start else Rest.of_cell(self, T)

    def reset(self) -> None:
        """Set the state at rest: even lithiation, no current, potentials and forces in balance."""
        self.hold_temperature(self.setup.temperature)
        for process in self.processes:
            for unknown in process.unknowns:
                unknown.set(0.0)
                unknown.scaled_rate.x.array[:] = 0.0
            process.reset()
            for state in process.states:
                state.reset()
        settling = [p for p in self.processes if p.settles and not p.follows]
        if settling:
            self._settle(self._make_follower(settling))
        if self.follower is not None:
            self._settle(self.follower)
        if self.ahead is not None:
            self.ahead.accept(0.0)
            self.ahead.at(0.0)
        if self.motion is not None:
            for process in self.processes:
                process.take_shape()
        self.system.store(self.system.unknowns, self.system.x)
        for process in self.processes:
            process.at_rest()

    def _settle(self, follower: Follower | PathFollower) -> None:
        follower.restart()
        follower.follow(0.0)

    @cached_property
    def crowding(self) -> tuple[float, ...]:
        """How much denser the current is where it leaves an electrode than over all of its area.

        At the collector and, in a full section, at that of the counter electrode; the electrode
        behind the section shares in it.
        """
        one = fem.Constant(self.domain.mesh, 1.0)
        return tuple(
            self.width
            / (self.integral(one * ds) + sum(p.contact_length(prefix) for p in self.processes))
            for prefix, ds in self.contact_lines.items()
        )

    def references(self) -> tuple[float, float]:
        """Return what phi_s of the working electrode, and all other potentials, are counted from.

        In volts against the collector of the counter electrode; the same on all ranks.
        """
        if not self.is_full:
            return self.level.number(), 0.0
        counter = self.materials.contact_resistance * self.crowding[1] * self.I.number()
        return counter - self.level.number(), counter

    def equilibrium_voltage(
        self, sto: float | None = None, counter_sto: float | None = None
    ) -> float:
        """Open-circuit voltage [V] at mean lithiations, each electrode in equilibrium.

        At the temperature that it is held at; where that is solved for, at that of the start.
        """
        return self._rest.voltage(sto, counter_sto)

    def equilibrium_energy(self, Q: float) -> tuple[float, float]:
        """Return the voltage at rest [V] that a charge [C/m^2] leaves, and its integral [J/m^2].

        At the temperature of the start, see ``Rest.energy``.
        """
        return self.rest_at_start.energy(Q)

    def phi_e_at_rest(self) -> float:
        """Potential of the ions before the run [V]."""
        return -self.rest_at_start.counter_potential()

    # --- what a law may depend on

    def temperature(self, side: str = "") -> Any:
        """Return the temperature [K], on one side of an interface."""
        rise = self.fields.get(RISE)
        return self.reference if rise is None else self.reference + on_side(rise.value, side)

    @property
    def kelvins(self) -> float:
        """The temperature of the loaded state [K]; the same on all ranks."""
        rise = self.fields.get(RISE)
        return float(self.reference) + (0.0 if rise is None else rise.number())

    def kinematics(self, phase: str, side: str = "") -> Kinematics:
        """Return the kinematics of a phase, on one side of an interface."""
        return IDENTITY if self.motion is None else self.motion.kinematics(phase, side)

    def surface_sto(self, host: str, side: str = "") -> Any:
        """Return the lithiation at the surface of a host, on one side of an interface."""
        beyond = sum(process.surface_lithiation(host) for process in self.processes)
        return on_side(self.sto[host].value + beyond, side)

    def at(self, phase: str, side: str = "") -> dict[str, Any]:
        """Return the state that a law may ask for in a phase, on one side of an interface.

        ``sto`` where the phase is a host, else that of the electrode in the mean; ``c_e`` where it
        conducts ions; ``T``.
        """
        state: dict[str, Any] = {"T": self.temperature(side), "sto": self.setup.lithiation}
        if phase in self.hosts:
            state["sto"] = on_side(self.sto[phase].value, side)
        if phase in self.pores:
            state["c_e"] = on_side(self.c_e.value, side)
        return state


def _unknowns_of(processes: Sequence[Process]) -> list[Unknown]:
    return [unknown for process in processes for unknown in process.unknowns]
