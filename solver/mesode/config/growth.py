"""Growth of a case's hosts that finite mechanics can follow: a volume stays above zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.materials.properties import Lithium

LEAST = 0.1  # volume of a host over that at the initial lithiation, at any lithiation
_SAMPLES = 101


def growth_problems(case: Case, materials: Materials) -> Iterator[Problem]:
    """Yield the host that would shrink to nothing where it is the only one.

    Several begin at one potential, and at which lithiations their areas tell: ``refuse_growth``.
    """
    hosts = materials.hosts()
    if len(hosts) == 1:
        starts = {host: _start(case, materials.phases[host].lithium) for host in hosts}
        yield from _shrunken(case, materials, starts)


def refuse_growth(case: Case, materials: Materials, starts: Mapping[str, float]) -> None:
    """Refuse hosts that would shrink to nothing from the lithiations at which they begin.

    Raises:
        InputError: there are some.
    """
    if found := list(_shrunken(case, materials, starts)):
        raise InputError(found)


def _shrunken(case: Case, materials: Materials, starts: Mapping[str, float]) -> Iterator[Problem]:
    """Yield hosts that would shrink to nothing, J_g = 1 + s(x) - s(x_0) from 0 to 1."""
    if case.physics.mechanics != "finite":
        return
    sto = np.linspace(0.0, 1.0, _SAMPLES)
    for host, start in starts.items():
        mechanical = materials.phases[host].mechanical
        if mechanical is None:
            continue
        growth = 1.0 + mechanical.swelling_since(start, sto)
        least = int(np.argmin(growth))
        if growth[least] < LEAST:
            yield Problem(
                "initial.lithiation",
                f"{start:.3g}",
                f"{host}, which begins there, would have {100 * growth[least]:.0f} % of its volume "
                f"at lithiation {sto[least]:g}, expected at least {100 * LEAST:.0f} %",
                "Finite mechanics draws the section at the initial lithiation and counts its "
                "swelling from there: begin at less lithiation",
            )


def _start(case: Case, lithium: Lithium | None) -> float:
    """Return the lithiation at which a host begins."""
    initial, T = case.initial, case.physics.temperature
    if lithium is None:
        return initial.lithiation
    if initial.voltage is not None:
        return _lithiation_at(lithium, initial.voltage, T)
    if initial.soc is not None and initial.window is not None:
        low, high = (_lithiation_at(lithium, voltage, T) for voltage in initial.window)
        return low + initial.soc * (high - low)
    return initial.lithiation


def _lithiation_at(lithium: Lithium, voltage: float, T: float) -> float:
    """Return the lithiation at which a potential has a value, 0 or 1 beyond its curve."""
    sto = np.linspace(0.0, 1.0, 10 * _SAMPLES)
    falling = np.minimum.accumulate(np.asarray(lithium.ocp(sto=sto, T=T), dtype=float))
    return float(np.interp(voltage, falling[::-1], sto[::-1]))
