"""The electrode behind the section, where parts that the section cuts off have their paths.

Equations and signs: ``mesode.physics.third_dimension``. The fields of the backbone are linear on
the area of each electrode that has lost something: ``phi_b`` where electrons have (the foil
included), ``c_b`` and ``phi_eb`` where ions have (without the foil).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import ufl
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.errors import ModelError
from mesode.materials.ops import ufl_ops
from mesode.model import currents
from mesode.model.meshed_section import QUADRATURE
from mesode.model.process import Heat, Process
from mesode.model.surfaces import INTERFACE_QUADRATURE
from mesode.model.unknowns import P1, make_unknown
from mesode.physics import (
    conduction,
    diffusion,
    electrolyte,
    heat,
    terminal,
    third_dimension,
)
from mesode.physics.heat import Carrier, HeatKind
from mesode.section_names import COUNTER_PREFIX, FOILS, SEPARATOR, is_counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    from dolfinx.mesh import EntityMap

    from mesode.model.cell import Cell
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown

    type BoolArray = npt.NDArray[np.bool_]

BOUNDARY = {"": "collector", COUNTER_PREFIX: "counter"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """An electrode behind the section.

    ``length`` [m] of the way out of the plane; ``sigma`` [S/m] and ``macmullin``: effective
    transport of the volume; ``electrons`` and ``ions``: share of each network's area that is cut
    off; ``touching``: share of the collector that conductors touch.
    """

    length: float
    sigma: float
    macmullin: float
    electrons: float
    ions: float
    touching: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdDimension:
    """What lies behind each electrode, by the prefix of its phases, and what hangs on it.

    ``electrons``, ``ions``: the local cells, ghosts included, that leak.
    """

    behind: Mapping[str, Behind] = field(default_factory=dict)
    electrons: BoolArray | None = None
    ions: BoolArray | None = None

    @property
    def cuts_electrons(self) -> bool:
        """Whether some conductors are cut off."""
        return self.electrons is not None and any(b.electrons for b in self.behind.values())

    @property
    def cuts_ions(self) -> bool:
        """Whether some pores are cut off."""
        return self.ions is not None and any(b.ions for b in self.behind.values())


class ElectronBackbone(Process):
    """Electrons behind the section: phi_b, as phi_s the difference to the level at the contact."""

    @classmethod
    def of_cell(cls, cell: Cell) -> Self:
        """Return the backbone of the electrodes whose conductors are cut off."""
        third = cell.setup.third
        behind = {prefix: b for prefix, b in third.behind.items() if b.electrons > 0.0}
        return cls(cell, behind, third.electrons)

    def __init__(self, cell: Cell, behind: Mapping[str, Behind], leaking: BoolArray | None) -> None:
        self._cell, self._behind = cell, behind
        self._phases = {prefix: _phases(cell, prefix, foil=True) for prefix in behind}
        self.domain = cell.domain.subdomain(_all(self._phases))
        self._dx = _leaking(cell, self._phases, leaking)
        self._ds = {
            prefix: cell.domain.ds(BOUNDARY[prefix], phases, quadrature_degree=INTERFACE_QUADRATURE)
            for prefix, phases in self._phases.items()
        }
        self.phi_b = make_unknown("phi_b", fem.functionspace(self.domain.mesh, P1))

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """The potential."""
        return (self.phi_b,)

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """That of the electrodes behind the section."""
        return (self.domain.entity_map,)

    def _leaks(self) -> Iterator[tuple[Any, ufl.Measure]]:
        """Yield the current out of the section by electrode, and where it leaks."""
        phi_s, phi_b = self._cell.phi_s.value, self.phi_b.value
        for prefix, behind in self._behind.items():
            conductance = behind.sigma / behind.length**2
            yield third_dimension.electron_leak(phi_s, phi_b, conductance), self._dx[prefix]

    def _leak(self, v: Any) -> Any:
        """Return the current out of the section, times a test function."""
        return sum(j_s * v * dx for j_s, dx in self._leaks())

    def _ways(self) -> Iterator[tuple[Any, ufl.Measure]]:
        """Yield the current behind the section, by phase."""
        cell = self._cell
        for prefix, behind in self._behind.items():
            for phase in self._phases[prefix]:
                sigma = behind.sigma
                if phase in FOILS:
                    law = cell.materials.electronic(phase).sigma
                    sigma = law(ops=ufl_ops(), **cell.at(phase))
                i_b = conduction.electronic_current(self.phi_b.value, behind.electrons * sigma)
                yield i_b, cell.dx(cell.tag(phase))

    def terms(self) -> Iterator[Term]:
        """Yield the leak out of the conductors, the share in the mean at the contact, the ways."""
        cell, phi_b, v = self._cell, self.phi_b, self.phi_b.test
        yield cell.phi_s, self._leak(cell.phi_s.test)
        if "" in self._behind:
            i = terminal.uneven_current(phi_b.value, cell.materials.contact_resistance)
            yield cell.level, self._touching("") * i * cell.level.test * self._ds[""]
        yield phi_b, -self._leak(v)
        for i_b, dx in self._ways():
            yield phi_b, conduction.divergence_free(i_b, v, dx)
        for prefix in self._behind:
            for form in self.into_collector(prefix, v):
                yield phi_b, form

    def heat(self) -> Iterator[Heat]:
        """Yield what leaks, ways and contacts make."""
        cell, phi_b = self._cell, self.phi_b.value
        for j_s, dx in self._leaks():
            lost = j_s * (cell.phi_s.value - phi_b)
            yield Heat(HeatKind.OHMIC, lost, dx, carrier=Carrier.ELECTRONS)
        for i_b, dx in self._ways():
            lost = -ufl.inner(i_b, ufl.grad(phi_b))
            yield Heat(HeatKind.OHMIC, lost, dx, carrier=Carrier.ELECTRONS)
        for prefix in self._behind:
            lost = self._touching(prefix) * currents.contact_heat(cell, phi_b, counter=bool(prefix))
            yield Heat(HeatKind.CONTACT, lost, self._ds[prefix], carrier=Carrier.CONTACT)

    def into_collector(self, prefix: str, v: Any) -> Sequence[ufl.Form]:
        """Return the current into the collector of an electrode, times a test function."""
        if prefix not in self._behind:
            return ()
        i = currents.into_collector(self._cell, self.phi_b.value, counter=bool(prefix))
        return [self._touching(prefix) * i * v * self._ds[prefix]]

    def contact_length(self, prefix: str) -> float:
        """Return how much of a collector the backbone touches [m] (collective)."""
        if prefix not in self._behind:
            return 0.0
        one = fem.Constant(self._cell.domain.mesh, 1.0)
        return self._touching(prefix) * self._cell.integral(one * self._ds[prefix])

    def _touching(self, prefix: str) -> float:
        """Return the share of the boundary that the backbone touches."""
        behind = self._behind[prefix]
        foil = set(FOILS) & set(self._phases[prefix])
        return behind.electrons * (1.0 if foil else behind.touching)


@dataclass(frozen=True, slots=True)
class _Leak:
    """Arguments of ``third_dimension.ion_leak``, and where it passes: at a foot, or through dx."""

    law: Any
    measure: ufl.Measure
    foot: bool


class IonBackbone(Process):
    """Ions behind the section: c_b and phi_eb, joined to the separator."""

    @classmethod
    def of_cell(cls, cell: Cell) -> Self:
        """Return the backbone of the electrodes whose pores are cut off.

        Raises:
            ModelError: one of them has no separator above it.
        """
        third = cell.setup.third
        behind = {prefix: b for prefix, b in third.behind.items() if b.ions > 0.0}
        return cls(cell, behind, third.ions)

    def __init__(self, cell: Cell, behind: Mapping[str, Behind], leaking: BoolArray | None) -> None:
        self._cell, self._behind = cell, behind
        self._phases = {prefix: _phases(cell, prefix, foil=False) for prefix in behind}
        self.domain = cell.domain.subdomain(_all(self._phases))
        self._dx = _leaking(cell, self._phases, leaking)
        self._dS = {prefix: self._foot(phases) for prefix, phases in self._phases.items()}
        space = fem.functionspace(self.domain.mesh, P1)
        self.c_b = make_unknown("c_b", space, scale=cell.c_e.scale)
        self.phi_eb = make_unknown("phi_eb", space)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Concentration and potential."""
        return (self.c_b, self.phi_eb)

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """That of the electrodes behind the section."""
        return (self.domain.entity_map,)

    def _foot(self, phases: tuple[str, ...]) -> ufl.Measure:
        """Return where the electrode ("+") meets the separator."""
        domain, ends = self._cell.domain, (phases, (SEPARATOR,))
        if domain.comm.allreduce(int(np.size(domain.interface(*ends)))) == 0:
            msg = (
                "the section cuts pores off and the electrode meets no separator, through which "
                "the electrode behind the section would get its ions: name the phase above it "
                "separator, or take out geometry.third_dimension"
            )
            raise ModelError(msg)
        return domain.dS(*ends, quadrature_degree=INTERFACE_QUADRATURE)

    def _exchange(self, c_test: Any, phi_test: Any, side: str) -> tuple[Any, Any]:
        """Return what passes from the section to the backbone: rows of salt and of charge [A/m].

        ``side`` of the foot that the test functions are on, "+" the backbone's.
        """
        salt, charge = 0, 0
        for leak in self._leaks():
            j_e, n_e = third_dimension.ion_leak(*leak.law)
            on = side if leak.foot else ""
            salt += FARADAY * n_e * _on(c_test, on) * leak.measure
            charge += j_e * _on(phi_test, on) * leak.measure
        return salt, charge

    def _leaks(self) -> Iterator[_Leak]:
        """Yield where ions pass between the section and what lies behind it."""
        for prefix, behind in self._behind.items():
            yield self._leak(behind.macmullin, 1.0 / behind.length**2, self._dx[prefix])
            way, macmullin = 1.0 / (third_dimension.FOOT * behind.length), behind.macmullin
            yield self._leak(macmullin / behind.ions, way, self._dS[prefix], foot=True)

    def _leak(
        self, macmullin: float, way: float, measure: ufl.Measure, *, foot: bool = False
    ) -> _Leak:
        cell, (section, backbone) = self._cell, ("-", "+") if foot else ("", "")
        c_e, phi_e = (_on(u.value, section) for u in (cell.c_e, cell.phi_e))
        c_b, phi_eb = (_on(u.value, backbone) for u in (self.c_b, self.phi_eb))
        bulk = currents.bulk_transport(cell, (c_e + c_b) / 2, macmullin, section)
        law = ((c_e, phi_e), (c_b, phi_eb), bulk, cell.temperature(section), way)
        return _Leak(law, measure, foot)

    def terms(self) -> Iterator[Term]:
        """Yield the leak out of the pores and of the separator, and the ways; no storage."""
        cell = self._cell
        salt, charge = self._exchange(cell.c_e.test, cell.phi_e.test, "-")
        yield cell.c_e, salt
        yield cell.phi_e, charge
        v, w = self.c_b.test, self.phi_eb.test
        salt, charge = (-form for form in self._exchange(v, w, "+"))
        for i_eb, bulk, dx in self._ways():
            N_eb = electrolyte.ion_flux(self.c_b.value, i_eb, bulk)
            salt += diffusion.transport(N_eb, v, dx)
            charge += conduction.divergence_free(i_eb, w, dx)
        yield self.c_b, salt
        yield self.phi_eb, charge

    def _ways(self) -> Iterator[tuple[Any, electrolyte.Transport, ufl.Measure]]:
        """Yield the current behind the section and the transport there, by electrode."""
        cell, T = self._cell, self._cell.temperature()
        for prefix, behind in self._behind.items():
            bulk = currents.bulk_transport(cell, self.c_b.value, behind.macmullin / behind.ions)
            i_eb = electrolyte.ionic_current(self.c_b.value, self.phi_eb.value, bulk, T)
            yield i_eb, bulk, cell.dx(cell.domain.tags(self._phases[prefix]))

    def heat(self) -> Iterator[Heat]:
        """Yield what leaks and ways make."""
        T = self._cell.temperature()
        for leak in self._leaks():
            side = "+" if leak.foot else ""
            ohmic, salt = third_dimension.leak_heat(*leak.law)
            yield Heat(HeatKind.OHMIC, ohmic, leak.measure, side, Carrier.IONS)
            yield Heat(HeatKind.DIFFUSION, salt, leak.measure, side, Carrier.SALT)
        for i_eb, bulk, dx in self._ways():
            ohmic = heat.joule(i_eb, bulk.kappa / bulk.macmullin)
            yield Heat(HeatKind.OHMIC, ohmic, dx, carrier=Carrier.IONS)
            salt = heat.salt_diffusion(self.c_b.value, bulk, T)
            yield Heat(HeatKind.DIFFUSION, salt, dx, carrier=Carrier.SALT)

    def reset(self) -> None:
        """Set the state at rest: that of the pores."""
        self.c_b.set(self._cell.materials.electrolyte.concentration)
        self.phi_eb.set(self._cell.phi_e_at_rest())


def _on(value: Any, side: str) -> Any:
    return value(side) if side else value


def _phases(cell: Cell, prefix: str, *, foil: bool) -> tuple[str, ...]:
    """Return the phases of an electrode."""
    return tuple(
        name
        for name in cell.domain.phases
        if is_counter(name) == bool(prefix) and name != SEPARATOR and (foil or name not in FOILS)
    )


def _all(phases: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for names in phases.values() for name in names)


def _leaking(
    cell: Cell, phases: Mapping[str, tuple[str, ...]], leaking: BoolArray | None
) -> dict[str, ufl.Measure]:
    """Return by electrode the measure of the cells that leak."""
    tags = {prefix: cell.domain.tags(names) for prefix, names in phases.items()}
    leaking = np.zeros(0, dtype=bool) if leaking is None else leaking
    return {
        prefix: cell.domain.dx_of(
            leaking & np.isin(cell.domain.cell_tag, own), quadrature_degree=QUADRATURE
        )
        for prefix, own in tags.items()
    }
