"""Solid electrolyte interphase: grows on the surfaces of hosts, takes charge and lithium ions.

The law stands in ``mesode.physics.sei``. Two unknowns live on each surface that has a film: its
volume per area as drawn, ``v``, and the current density of its growth, ``i_sei`` per area of the
film. The row of ``v`` is a balance of charge, so that the books close as those of lithium do.
In a homogenised layer that is one film for the particles at each point.

The largest area that the surface has had is a state of its points: that of the section where this
moves, else what the swelling law of the host makes of the lithiation at the surface, or of the mean
in a particle of a layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import (
    HOST_CHARGE,
    LAYER_CHARGE,
    LOST_TO_SEI,
    MAX_SEI,
    MEAN_SEI,
    SEI_CHARGE,
    of_part,
)
from mesode.fields import Group
from mesode.materials.ops import ufl_ops
from mesode.model import currents
from mesode.model.averages import SurfaceMeans
from mesode.model.point_states import PointState
from mesode.model.process import Heat, Process, Seen, Store
from mesode.model.quantiles import all_ends
from mesode.model.unknowns import P1, RowKind, make_unknown, order_of_magnitude, surface_key
from mesode.numerics.step_control import ErrorScale
from mesode.physics import sei
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from mesode.materials.properties import Sei
    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.process import Term
    from mesode.model.surfaces import Surface
    from mesode.model.unknowns import Unknown
    from mesode.numerics.states import InternalState

THICKNESS = 1e-8  # [m], the scale of the volume
# The row of a current is measured in parts of 1C. Growth is slower by orders of magnitude, and is
# to be known as well: it counts in parts of what it is at a low potential through a thin film.
LOW, THINNEST, SLOWEST = 0.1, 1e-9, 1e-5  # [V], [m], part of 1C


@dataclass(frozen=True, slots=True, eq=False)
class _Film:
    """The film on one surface; ``a_max`` is None where it never cracks."""

    material: Sei
    v: Unknown
    i_sei: Unknown
    a_max: PointState | None

    @property
    def charge(self) -> float:
        """Charge in its volume [C/m^3]."""
        return sei.charge_per_volume(self.material)

    def nodal(self) -> npt.NDArray[np.float64]:
        """Return its thickness at the nodes that this rank owns [m]."""
        v, strain = self.v.owned(), self.material.crack_strain
        if self.a_max is None or strain is None:
            return v
        thickness: npt.NDArray[np.float64] = v / np.maximum(
            1.0, self.a_max.value.x.array[: len(v)] / (1.0 + strain)
        )
        return thickness


class SolidElectrolyteInterphase(Process):
    """Films on all surfaces of hosts that have a material for them."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._films = {surface: self._make(surface) for surface in surfaces_with_sei(cell)}

    def _make(self, surface: Surface) -> _Film:
        cell, host = self._cell, surface.host
        material, space = cell.materials.sei[host], fem.functionspace(surface.line.mesh, P1)
        v, i_sei, a_max = (
            surface_key(name, surface, cell.hosts) for name in ("v_sei", "i_sei", "a_max")
        )
        return _Film(
            material=material,
            v=make_unknown(
                v, space, scale=THICKNESS, error_weight=1.0, error_scale=ErrorScale.LARGEST
            ),
            i_sei=make_unknown(i_sei, space, scale=self._typical(material), row=RowKind.LAW),
            a_max=None if material.crack_strain is None else PointState(
                a_max,
                space,
                lambda old, dt: ufl.max_value(old, self._area(surface)),
                surface.dS,
                cell.entity_maps,
                side=surface.inside,
                start=1.0,
            ),
        )  # fmt: skip

    def _typical(self, material: Sei) -> float:
        """Return the order of magnitude of a growth [A/m^2]."""
        L = max(material.initial_thickness, THINNEST)
        growth = -float(sei.sei_current(material, LOW, L, self._cell.setup.temperature))
        return order_of_magnitude(max(growth, SLOWEST * self._cell.current_1C))

    # --- unknowns and equations

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Volume and growth of each film."""
        return tuple(u for film in self._films.values() for u in (film.v, film.i_sei))

    @property
    def states(self) -> Sequence[InternalState]:
        """The largest areas so far."""
        return tuple(film.a_max for film in self._films.values() if film.a_max is not None)

    def reset(self) -> None:
        """Begin with the films that the materials have."""
        for film in self._films.values():
            film.v.set(film.material.initial_thickness)

    def _area(self, surface: Surface) -> Any:
        """Area of a surface over that at the start."""
        cell, host = self._cell, surface.host
        if cell.motion is not None and not surface.spread:
            return currents.stretch(cell, host)
        swelling = cell.materials.phases[host].swelling
        if swelling is None:
            return 1
        now = swelling(sto=surface.at_host(cell.sto[host].value), ops=ufl_ops())
        return sei.swollen_area(now - float(swelling(sto=cell.initial[host])))

    def _film_area(self, surface: Surface) -> Any:
        """Area of the film on a surface over that of the surface as drawn."""
        film = self._films[surface]
        if film.a_max is None or film.material.crack_strain is None:
            return 1
        largest = ufl.max_value(film.a_max.here, self._area(surface))
        return sei.film_area(largest, film.material.crack_strain)

    def thickness(self, surface: Surface) -> Any:
        """Return the thickness of the film on a surface [m]."""
        return surface.at_host(self._films[surface].v.value) / self._film_area(surface)

    def terms(self) -> Iterator[Term]:
        """Yield the law of each film, and what it gains."""
        cell = self._cell
        for surface, film in self._films.items():
            dS, i_sei, v, host = surface.dS, film.i_sei, film.v, surface.at_host
            i_n = cell.charge_transfer.passed(surface)
            resistance = self.film_resistance(surface)
            drop = currents.electrode_drop(cell, surface) - i_n * resistance
            T = cell.temperature(surface.inside)
            law = sei.sei_current(film.material, drop, self.thickness(surface), T)
            weight = order_of_magnitude(cell.current_1C) / i_sei.scale
            yield i_sei, weight * (host(i_sei.value) - law) * host(i_sei.test) * dS
            gained = film.charge * host(v.rate) + self.side_current(surface)
            yield v, gained * host(v.test) * dS

    # --- what it adds to the laws of others

    def film_resistance(self, surface: Surface) -> Any:
        """Return what the film adds to the resistance of a surface [ohm m^2]."""
        film = self._films.get(surface)
        return None if film is None else self.thickness(surface) / film.material.kappa_sei

    def side_current(self, surface: Surface) -> Any:
        """Return what grows the film on a surface [A/m^2]."""
        film = self._films.get(surface)
        if film is None:
            return 0
        return surface.at_host(film.i_sei.value) * self._film_area(surface)

    # --- energy

    def heat(self) -> Iterator[Heat]:
        """Yield what the reaction and the way of the solvent take."""
        for surface, film in self._films.items():
            drop = currents.electrode_drop(self._cell, surface) - film.material.U_sei
            lost = self.side_current(surface) * drop
            yield Heat(HeatKind.REACTION, lost, surface.dS, surface.inside)

    def stored(self) -> Sequence[Store]:
        """Return the free energy of the films: U_sei is their potential."""
        energies = [
            -film.material.U_sei * film.charge * surface.at_host(film.v.value) * surface.dS
            for surface, film in self._films.items()
        ]
        return [Store(HeatKind.REACTION, energy) for energy in energies]

    # --- reports

    @property
    def _hosts(self) -> Sequence[str]:
        """The hosts that have a film."""
        return tuple(dict.fromkeys(surface.host for surface in self._films))

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return charge [C/m] in the films of an electrode, volume [m^2] and length [m] by host."""
        cell, films = self._cell, self._films.items()
        one = fem.Constant(cell.domain.mesh, 1.0)
        found = {
            f"{prefix}sei": sum(
                (f.charge * s.at_host(f.v.value) * s.dS for s, f in films if s.host in hosts),
                fem.Constant(cell.domain.mesh, 0.0) * cell.ds_collector,
            )
            for prefix, hosts in cell.electrodes.items()
        }
        for host in self._hosts:
            of = [(s, f) for s, f in films if s.host == host]
            found[f"sei volume {host}"] = sum(s.at_host(f.v.value) * s.dS for s, f in of)
            found[f"sei length {host}"] = sum(
                s.at_host(one) * self._film_area(s) * s.dS for s, _ in of
            )
        return found

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the mean thickness, where there are several hosts of each too, and the largest."""
        values = [film.nodal() for film in self._films.values()]
        ((_, largest),) = all_ends(self._cell.domain.comm, [np.concatenate(values)])
        volume, length = (
            {host: seen.integrals[f"sei {what} {host}"] for host in self._hosts}
            for what in ("volume", "length")
        )
        means = {of_part(MEAN_SEI, host): volume[host] / length[host] for host in self._hosts}
        mean = sum(volume.values()) / sum(length.values())
        return {MEAN_SEI: mean, **(means if len(means) > 1 else {}), MAX_SEI: largest}

    def changes(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return where the charge of the working electrode went, per area of the electrode."""
        width = self._cell.width
        host, film, layer = (
            (seen.integrals[name] - start.integrals[name]) / width
            for name in ("lithium", "sei", "layer")
        )
        lost = film / self._cell.charge_capacity
        return {HOST_CHARGE: host, SEI_CHARGE: film, LAYER_CHARGE: -layer, LOST_TO_SEI: lost}

    def show(self, groups: FieldGroups) -> None:
        """Add the thickness along the surfaces."""
        cell = self._cell
        thickness = {surface: (self.thickness(surface),) for surface in self._films}
        means = SurfaceMeans(cell.host_domain, thickness, cell.entity_maps)
        groups.of(Group.ACTIVE, cell.host_domain).on_cells(means, L_sei=lambda v: v[:, 0])


def surfaces_with_sei(cell: Cell) -> list[Surface]:
    """Return the surfaces of a cell on which a film grows."""
    films = cell.materials.sei
    return [
        surface
        for surface in cell.surfaces
        if surface.host in films and (films[surface.host].on_coating or not surface.coated)
    ]
