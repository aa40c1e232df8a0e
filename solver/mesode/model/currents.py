"""What flows in a half cell, as UFL expressions of its state.

In the phases: ``N_s`` (lithium), ``i_s`` (electrons), ``i_e`` (ions). Through the surfaces: ``i_n``
(charge transfer, Butler-Volmer), ``i_layer`` (into the double layer), ``side_current`` (what else
is reduced there), ``i_metal`` (at the lithium metal), ``outflow`` (into the collector); lithium
from host to host is in ``contact_currents``. The laws stand in ``mesode.physics``, the numbers in
the materials; here they meet the unknowns.

Where the section moves, the fluxes in the phases are per reference area (``mesode.physics.
kinematics``). The laws of the surfaces are per present area, ``stretch`` times the reference; the
double layer, which stores charge, keeps the capacity that its surface has at the start, and so do
the flat surfaces that do not stretch: collectors and lithium metal.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import ufl

from mesode.constants import FARADAY
from mesode.materials.ends import potential
from mesode.materials.ops import ufl_ops
from mesode.physics import (
    conduction,
    diffusion,
    electrolyte,
    heat,
    kinetics,
    moving_pores,
    terminal,
)
from mesode.physics.diffusion import StressFlux
from mesode.physics.stressed_diffusion import stressed_flux
from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.materials.properties import LithiumMetal
    from mesode.model.cell import Cell
    from mesode.model.process import HostStress
    from mesode.model.surfaces import Kinetics, Surface


def N_s(cell: Cell, host: str) -> Any:
    """Lithium flux in a host [mol/m^2/s]."""
    stress = stress_of(cell, host)
    if stress is not None and stress.flux is StressFlux.CHEMICAL_POTENTIAL:
        return _stressed_flux(cell, host, stress)
    lithium, sto = cell.materials.lithium(host), cell.sto[host].value
    D_s = lithium.D_s(sto=sto, T=cell.temperature(), ops=ufl_ops())
    if stress is None:
        slope = _slope(cell, host)
        return diffusion.fick(lithium.c_max * slope, D_s, kin=cell.kinematics(host))
    return _ideal_flux(cell, host, stress, D_s)


def _slope(cell: Cell, host: str) -> Any:
    """Slope of what diffuses in a host [1/m], its lithiation unless a process says otherwise."""
    corners = passable(cell, host, _corners(cell.domain.mesh))
    if corners is None:
        return ufl.grad(cell.sto[host].value)
    return diffusion.corner_slope(corners, cell.domain.mesh)


def passable(cell: Cell, host: str, places: Sequence[Callable[[Any], Any]]) -> list[Any] | None:
    """Return what diffuses in a host at places that take a field; None for its lithiation."""
    found = (process.passable(host, places) for process in cell.processes)
    return next((values for values in found if values is not None), None)


def _stressed_flux(cell: Cell, host: str, stress: HostStress) -> Any:
    """Lithium flux by the potential that the surface shows, constant in each triangle."""
    lithium, mesh, ops = cell.materials.lithium(host), cell.domain.mesh, ufl_ops()
    T = cell.temperature()
    sto = diffusion.corner_values(cell.sto[host].value, mesh)
    # D_s is the mean of those points where a quadrature of degree 2 has them
    inside = [(sum(sto) + 3 * s) / 6 for s in sto]
    D_s = sum(lithium.D_s(sto=s, T=T, ops=ops) for s in inside) / 3
    return stressed_flux(
        mesh,
        sto,
        [stress.stress_at(host, at) / FARADAY for at in _corners(mesh)],
        lambda s: lithium.ocp(sto=s, T=T, ops=ops),
        lambda s: stress.Omega(host, s),
        stiffness=lithium.c_max / FARADAY * stress.layer_stiffness(host, sum(sto) / 3),
        conductance=lithium.c_max * D_s,
        kin=cell.kinematics(host),
    )


def _corners(mesh: Any) -> list[Callable[[Any], Any]]:
    """Return what takes a linear field at each corner of a triangle."""

    def at(corner: int) -> Callable[[Any], Any]:
        return lambda field: diffusion.corner_values(field, mesh)[corner]

    return [at(corner) for corner in range(3)]


def _ideal_flux(cell: Cell, host: str, stress: HostStress, D_s: Any) -> Any:
    """Lithium flux of an ideal solution."""
    lithium, sto = cell.materials.lithium(host), cell.sto[host].value
    c_s, sigma_h = lithium.c_max * sto, stress.stress_at(host, lambda field: field)
    # by all corners of each triangle: an empty one gives nothing, a full one takes nothing. By the
    # least and the largest of them alone the flux would have a kink wherever two are equal.
    ends, ops = potential(lithium.ocp).ends, ufl_ops()
    corners = diffusion.corner_values(sto, cell.domain.mesh)
    left = sum(ends.filled(s, ops=ops) + ends.vacant(s, ops=ops) for s in corners)
    return diffusion.lithium_flux(
        c_s,
        D_s,
        Omega=stress.Omega(host, sto),
        sigma_h=sigma_h,
        T=cell.temperature(),
        mobile=c_s * ops.exp(left),
        kin=cell.kinematics(host),
    )


def flux_measure(cell: Cell, host: str) -> ufl.Measure:
    """Return the measure that integrates the flux in a host: once where it is constant."""
    stress = stress_of(cell, host)
    once = stress is not None and stress.flux is StressFlux.CHEMICAL_POTENTIAL
    return (cell.dx_once if once else cell.dx)(cell.tag(host))


def i_s(cell: Cell, phase: str) -> Any:
    """Electronic current density in a phase [A/m^2]."""
    sigma = cell.materials.electronic(phase).sigma(ops=ufl_ops(), **cell.at(phase))
    return conduction.electronic_current(cell.phi_s.value, sigma, cell.kinematics(phase))


def i_e(cell: Cell, phase: str) -> Any:
    """Ionic current density in a phase [A/m^2]."""
    bulk, kin = electrolyte_transport(cell, phase), cell.kinematics(phase)
    c_e, phi_e = cell.c_e.value, cell.phi_e.value
    return electrolyte.ionic_current(c_e, phi_e, bulk, cell.temperature(), kin)


def N_e(cell: Cell, phase: str) -> Any:
    """Flux of lithium ions in a phase [mol/m^2/s]."""
    bulk = electrolyte_transport(cell, phase)
    return electrolyte.ion_flux(cell.c_e.value, i_e(cell, phase), bulk, cell.kinematics(phase))


def components(cell: Cell, phase: str, flux: Any) -> tuple[Any, Any]:
    """Return the two components of a flux in a phase, per present area."""
    present = cell.kinematics(phase).present(flux)
    return present[0], present[1]


def stretch(cell: Cell, host: str) -> Any:
    """Present over reference area of the interface with a host on its side "+"."""
    return cell.kinematics(host, "+").stretch(ufl.FacetNormal(cell.domain.mesh)("+"))


def surface_stretch(cell: Cell, surface: Surface) -> Any:
    """Present over reference area of a surface; particles of a layer keep theirs."""
    return 1 if surface.spread else stretch(cell, surface.host)


def electrolyte_transport(cell: Cell, phase: str) -> electrolyte.Transport:
    """Electrolyte transport in a phase at the present state."""
    return bulk_transport(cell, cell.c_e.value, macmullin(cell, phase))


def macmullin(cell: Cell, phase: str) -> Any:
    """MacMullin number of a phase."""
    return moving_pores.macmullin(cell.materials.ionic(phase), cell.kinematics(phase))


def pore_volume(cell: Cell, phase: str) -> Any:
    """Volume of the pores of a phase per reference volume."""
    return moving_pores.pore_volume(cell.materials.ionic(phase), cell.kinematics(phase))


def bulk_transport(cell: Cell, c_e: Any, macmullin: Any, side: str = "") -> electrolyte.Transport:
    """Electrolyte transport at a concentration [mol/m^3] and a MacMullin number."""
    bulk, ops = cell.materials.electrolyte, ufl_ops()
    state = {"c_e": c_e, "T": cell.temperature(side)}
    return electrolyte.Transport(
        kappa=bulk.kappa(ops=ops, **state),
        D_e=bulk.D_e(ops=ops, **state),
        t_plus=bulk.t_plus(ops=ops, **state),
        tdf=bulk.tdf(ops=ops, **state),
        macmullin=macmullin,
    )


def U_eq(cell: Cell, host: str, side: str) -> Any:
    """Open-circuit potential of a host under its stress [V], at its surface.

    On one side of an interface; no side in a layer.
    """
    ocp = cell.materials.lithium(host).ocp
    return _under_stress(cell, host, side, ocp(**_surface_state(cell, host, side)))


def corner_potentials(cell: Cell, host: str) -> list[Any]:
    """Open-circuit potential of a host under its stress [V], at the corners of a triangle."""
    mesh, stress = cell.domain.mesh, stress_of(cell, host)
    ocp, state = cell.materials.lithium(host).ocp, {"T": cell.temperature(), "ops": ufl_ops()}
    corners = diffusion.corner_values(cell.sto[host].value, mesh)
    U = [ocp(sto=sto, **state) for sto in corners]
    if stress is None:
        return U
    sigma_h = [stress.stress_at(host, at) for at in _corners(mesh)]
    return [
        kinetics.equilibrium_potential(at, Omega=stress.Omega(host, sto), sigma_h=s)
        for at, sto, s in zip(U, corners, sigma_h, strict=True)
    ]


def has_entropy(cell: Cell, host: str) -> bool:
    """Tell whether the potential of a host is known as a function of the temperature."""
    return "T" in cell.materials.lithium(host).ocp.variables


def entropic(cell: Cell, host: str, side: str) -> Any:
    """T dU/dT of a host [V], on one side of an interface."""
    return _entropic(cell, host, cell.sto[host].value(side), side)


def corner_entropics(cell: Cell, host: str) -> list[Any]:
    """T dU/dT of a host [V], at the corners of a triangle."""
    corners = diffusion.corner_values(cell.sto[host].value, cell.domain.mesh)
    return [_entropic(cell, host, sto, "") for sto in corners]


def _entropic(cell: Cell, host: str, sto: Any, side: str) -> Any:
    ocp, ops = cell.materials.lithium(host).ocp, ufl_ops()
    return heat.entropic(lambda T: ocp(sto=sto, T=T, ops=ops), cell.temperature(side))


def stress_of(cell: Cell, host: str) -> HostStress | None:
    """Return the stress that acts on a host, None where none does."""
    found = (process.stress_on(host) for process in cell.processes)
    return next((stress for stress in found if stress is not None), None)


def _under_stress(cell: Cell, host: str, side: str, U: Any) -> Any:
    stress = stress_of(cell, host)
    if stress is None:
        return U
    Omega = stress.Omega(host, cell.sto[host].value(side))
    sigma_h = stress.stress_at(host, lambda field: field(side))
    return kinetics.equilibrium_potential(U, Omega=Omega, sigma_h=sigma_h)


def _surface_state(cell: Cell, host: str, side: str) -> dict[str, Any]:
    return {"sto": cell.surface_sto(host, side), "T": cell.temperature(side), "ops": ufl_ops()}


def i_n(cell: Cell, surface: Surface) -> Any:
    """Faradaic current density by the law [A/m^2]."""
    host, law = surface.host, surface.kinetics
    lithium, state = cell.materials.lithium(host), _surface_state(cell, host, surface.inside)
    ocp, sto, ops = potential(lithium.ocp), state["sto"], state["ops"]
    ends = ocp.ends
    c_e = surface.at_pores(cell.c_e.value)
    i_0 = law.i_0(**{**state, "sto": ends.inside(sto, ops=ops)}, c_e=c_e)
    passed = _charge_transfer(
        state["T"],
        law,
        electrode_drop(cell, surface)
        - _under_stress(cell, host, surface.inside, ocp.known(**state))
        - surface_potential(cell, surface),
        i_0,
        film=film_resistance(cell, surface),
        filled=ends.filled(sto, ops=ops),
        vacant=ends.vacant(sto, ops=ops),
    )
    passed += kinetics.returned(sto, lithium.c_max)
    return prod(process.touching(surface) for process in cell.processes) * passed


def film_resistance(cell: Cell, surface: Surface) -> Any:
    """Resistance of the films on a surface [ohm m^2], None where there is none."""
    own = surface.kinetics.film_resistance
    grown = [process.film_resistance(surface) for process in cell.processes]
    found = [*([own] if own > 0.0 else []), *(part for part in grown if part is not None)]
    return sum(found[1:], found[0]) if found else None


def surface_potential(cell: Cell, surface: Surface) -> Any:
    """What the potential of a host differs by at a surface [V] from ``U_eq``; 0 for nothing."""
    return sum(process.surface_potential(surface) for process in cell.processes)


def side_current(cell: Cell, surface: Surface) -> Any:
    """Current density beside charge transfer [A/m^2], per reference area; 0 where there is none."""
    return sum(process.side_current(surface) for process in cell.processes)


def electrode_drop(cell: Cell, surface: Surface) -> Any:
    """Potential of a host's surface against the electrolyte there [V]."""
    host = _against_counter(cell, surface, cell.level.value, cell.phi_s.value)
    return host - surface.at_pores(cell.phi_e.value)


def _against_counter(cell: Cell, surface: Surface, level: Any, phi_s: Any) -> Any:
    """Potential of a host against the counter electrode [V], or its rate, at its surface.

    phi_s is the difference to what an electrode has at its contact, which in the working electrode
    is the level times the polarity, and nothing in the counter electrode.
    """
    difference, level = surface.at_host(phi_s), surface.at_host(level)
    if is_counter(surface.host):
        return difference
    return difference + level if cell.polarity == 1 else difference - level


def i_layer(cell: Cell, surface: Surface) -> Any:
    """Charging current density of the double layer on a surface [A/m^2], per reference area."""
    d_phi_s = _against_counter(cell, surface, cell.level.rate, cell.phi_s.rate)
    d_phi_e = surface.at_pores(cell.phi_e.rate)
    return kinetics.double_layer(d_phi_s, d_phi_e, surface.kinetics.double_layer)


def i_metal(cell: Cell) -> Any:
    """Faradaic current density by the law from the lithium metal, which is at 0 V [A/m^2]."""
    counter = cell.materials.metal
    T = cell.temperature()
    i_0 = counter.i_0(c_e=cell.c_e.value, T=T, ops=ufl_ops())
    film = counter.film_resistance if counter.film_resistance > 0.0 else None
    return _charge_transfer(T, counter, -cell.phi_e.value, i_0, film=film)


def i_metal_layer(cell: Cell) -> Any:
    """Charging current density of the double layer on the lithium metal [A/m^2]."""
    return kinetics.double_layer(0.0, cell.phi_e.rate, cell.materials.metal.double_layer)


def outflow(cell: Cell, *, counter: bool = False) -> Any:
    """Current density out of an electrode into its collector [A/m^2]."""
    return into_collector(cell, cell.phi_s.value, counter=counter)


def into_collector(cell: Cell, difference: Any, *, counter: bool) -> Any:
    """Current density into a collector [A/m^2] from what is at a difference to its electrode [V].

    The difference is that to the mean potential of the electrode at its contact.
    """
    mean = _mean_into_collector(cell, counter=counter)
    return terminal.collector_current(difference, mean, cell.materials.contact_resistance)


def contact_heat(cell: Cell, difference: Any, *, counter: bool) -> Any:
    """Heat of the contact to a collector [W/m^2], of what ``into_collector`` takes."""
    drop = cell.materials.contact_resistance * _mean_into_collector(cell, counter=counter)
    return into_collector(cell, difference, counter=counter) * (drop + difference)


def _mean_into_collector(cell: Cell, *, counter: bool) -> Any:
    # what leaves the working electrode is I on discharge against metal, -I in a full section
    sign = -cell.polarity if counter else cell.polarity
    return sign * cell.crowding[counter] * cell.I.value


def _charge_transfer(
    T: Any,
    side: Kinetics | LithiumMetal,
    drop: Any,
    i_0: Any,
    *,
    film: Any = None,
    **activities: Any,
) -> Any:
    """Butler-Volmer behind the surface film, if there is one; ``drop`` is phi_s - phi_e - U_eq.

    ``T`` [K]; ``film`` [ohm m^2] is the resistance of that. ``activities`` of a host, whose share
    U_eq and i_0 are then without.
    """
    law = {"alpha_a": side.alpha_a, "alpha_c": side.alpha_c, **activities}
    eta = drop
    if film is not None:
        eta = kinetics.overpotential_behind_film(drop, i_0, T, film, **law)
    return kinetics.butler_volmer(eta, i_0, T, **law)
