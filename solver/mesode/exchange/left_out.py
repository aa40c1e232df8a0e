"""What other formats cannot hold of a cell: it is said in what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.constants import C_E_REF
from mesode.exchange.curves import exchange_current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.exchange.effective import EffectiveCell, EffectiveHost

_SEEN: Final = 0.01  # of a value: smaller differences are not told


def left_out_of_bpx(cell: EffectiveCell) -> tuple[str, ...]:
    """Return what BPX has no key for."""
    electrolyte, T = cell.materials.electrolyte, cell.temperature
    found = [*_of_mechanics(cell), *_of_interfaces(cell), *_of_temperature(cell)]
    for key, text in (("t_plus", "transference number"), ("tdf", "thermodynamic factor")):
        law = getattr(electrolyte, key)
        if law.variables:
            at = f"{electrolyte.concentration:g} mol/m^3"
            found.append(f"that the {text} varies with the salt; the value is that at {at}")
    if any(host.lithium.double_layer for host in _hosts(cell)):
        found.append("double layers")
    for host in _hosts(cell):
        off = _off_the_root(host, T)
        if off > _SEEN:
            found.append(
                f"the shape of i_0 of {host.name}, which differs by up to {100 * off:.2g} % from "
                "2 sqrt(sto (1 - sto)) between lithiation 0.1 and 0.9"
            )
    return tuple(found)


def left_out_of_pybamm(cell: EffectiveCell) -> tuple[str, ...]:
    """Return what a DFN of PyBaMM does not take from its parameters."""
    found = [*_of_mechanics(cell), *_of_interfaces(cell), *_of_temperature(cell)]
    for host in _hosts(cell):
        off = exchange_current(host.lithium, cell.temperature)[2]
        if off > _SEEN:
            found.append(
                f"i_0 of {host.name} as it is: a function of the lithiation times one of the salt "
                f"is up to {100 * off:.2g} % off"
            )
    return tuple(found)


def _hosts(cell: EffectiveCell) -> tuple[EffectiveHost, ...]:
    return (*cell.working.hosts, *(cell.counter.hosts if cell.counter else ()))


def _of_mechanics(cell: EffectiveCell) -> Iterator[str]:
    if cell.mechanics == "linear":
        yield "swelling, and stress with what it does to flux and voltage"
    if cell.mechanics == "finite":
        yield "swelling, flow, pores that close, contact that is lost, and stress with what it does"


def _of_temperature(cell: EffectiveCell) -> Iterator[str]:
    """Yield the laws whose dependence on the temperature is no activation energy."""
    electrolyte = cell.materials.electrolyte
    laws = {key: getattr(electrolyte, key) for key in ("kappa", "D_e", "t_plus", "tdf")}
    for host in _hosts(cell):
        laws |= {f"{key} of {host.name}": getattr(host.lithium, key) for key in ("D_s", "i_0")}
    named = [key for key, law in laws.items() if "T" in law.variables and not law.E_a]
    if named:
        at = f"{cell.temperature:g} K"
        yield f"how {', '.join(named)} depend on temperature; they are those at {at}"


def _of_interfaces(cell: EffectiveCell) -> Iterator[str]:
    if cell.materials.coatings:
        yield "the coating, its kinetics and its resistance"
    if cell.materials.sei:
        yield "the SEI"
    for host in _hosts(cell):
        lithium = host.lithium
        if lithium.film_resistance:
            yield f"the film resistance of {host.name}, {lithium.film_resistance:g} ohm m^2"
        if (lithium.alpha_a, lithium.alpha_c) != (0.5, 0.5):
            yield f"transfer coefficients of {host.name} other than 0.5"
        if lithium.crystalline is not None:
            yield f"the first lithiation of {host.name}, which begins crystalline"
        if lithium.hysteresis is not None and lithium.hysteresis.li15si4 is not None:
            yield f"Li15Si4 in {host.name}"
        if lithium.hysteresis is not None and lithium.hysteresis.model == "instant":
            yield f"that the hysteresis of {host.name} is instant"
    if cell.materials.counter is not None and cell.materials.counter.film_resistance:
        yield "the film resistance of the lithium metal"


def _off_the_root(host: EffectiveHost, T: float) -> float:
    """Return how far i_0 is from the root of BPX, of it."""
    sto = np.linspace(0.1, 0.9, 17)
    i_0 = host.lithium.i_0(sto=sto, c_e=C_E_REF, T=T) + 0.0 * sto
    root = 2.0 * np.sqrt(sto * (1.0 - sto)) * host.lithium.i_0(sto=0.5, c_e=C_E_REF, T=T)
    return float(np.max(np.abs(root / i_0 - 1.0)))
