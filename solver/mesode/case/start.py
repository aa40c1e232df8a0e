"""Where a case begins that says it by a voltage or a state of charge: its lithiations.

Of a half cell that is the lithiation at which its hosts, in equilibrium, show the voltage. A full
section moves lithium from one electrode to the other until it does; how much there is in both is
what ``initial.lithiation`` and ``initial.counter_lithiation`` say. A state of charge s lies between
the voltages of ``initial.window``, by charge: 0 at the lower and 1 at the higher one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.case.contents import electrode_contents, hosts_of
from mesode.case.durations import RestCurve
from mesode.case.foresight import rest_between
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError, Problem
from mesode.geometry.arrays import cell_areas
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.section import Section
    from mesode.model.rest import Rest

_HALVINGS: Final = 60
_MET: Final = 1e-6  # [V]


def settled_on_section(case: Case, section: Section) -> Case:
    """Return a case with its first lithiations as numbers, those of a drawn section.

    Raises:
        InputError: no lithiation has the voltage.
    """
    if not asks(case):
        return case
    materials = resolve_materials(case)
    return settled(case, materials, _capacities(section, materials))


def lithiations_on_section(case: Case, section: Section) -> dict[str, float]:
    """Return the first lithiation of each host of a section, of a case that has settled on it."""
    materials = resolve_materials(case)
    return rest_between(case, materials, _capacities(section, materials)).lithiations()


def _capacities(section: Section, materials: Materials) -> dict[str, float]:
    """Return the capacity of each host [C/m^2]."""
    return {
        content.phase: content.capacity
        for prefix in ("", COUNTER_PREFIX)
        for content in hosts_of(electrode_contents(section, materials, prefix))
    }


def settled_on_mesh(case: Case, arrays: MeshArrays) -> Case:
    """Return a case with its first lithiations as numbers, those of the hosts of a mesh.

    Raises:
        InputError: no lithiation has the voltage.
    """
    if not asks(case):
        return case
    materials, areas, capacities = resolve_materials(case), cell_areas(arrays), {}
    for name in (*materials.hosts(), *materials.hosts(COUNTER_PREFIX)):
        material = materials.phases[name]
        if material.lithium is not None and name in arrays.phases:
            area = float(np.sum(areas[arrays.cell_phase == arrays.phases[name]]))
            capacities[name] = material.share * material.lithium.c_max * area
    return settled(case, materials, {host: c for host, c in capacities.items() if c > 0.0})


def asks(case: Case) -> bool:
    """Tell whether a case begins at a voltage or a state of charge."""
    return case.initial.voltage is not None or case.initial.soc is not None


def settled(case: Case, materials: Materials, capacities: Mapping[str, float]) -> Case:
    """Return the case for the capacities of its hosts, in any unit."""
    rest = rest_between(case, materials, capacities)
    initial = case.initial
    if initial.voltage is not None:
        charge = charge_at(rest, initial.voltage, "initial.voltage")
    else:
        low, high = (
            charge_at(rest, voltage, f"initial.window[{k}]")
            for k, voltage in enumerate(initial.window or ())
        )
        charge = low + (initial.soc or 0.0) * (high - low)
    starts = map(float, rest.means_after(charge))
    found = dict(zip(("lithiation", "counter_lithiation"), starts, strict=False))
    start = initial.model_copy(update={**found, "voltage": None, "soc": None, "window": None})
    return case.model_copy(update={"initial": start})


def charge_at(rest: Rest, voltage: float, key: str = "") -> float:
    """Return the charge since the start, positive on discharge, at which a voltage is there.

    Raises:
        InputError: it is never there; ``key`` says where it was asked for.
    """
    curve = RestCurve(rest)
    if not curve.V[-1] <= voltage <= curve.V[0]:
        have = "the lithium of both electrodes" if rest.counter else "any lithiation"
        text = f"with {have} the voltage at rest is {curve.V[-1]:.4g} to {curve.V[0]:.4g} V"
        raise InputError([Problem(key, f"{voltage:g} V", text)])
    low, high = float(curve.Q[0]), float(curve.Q[-1])
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        now = rest.voltage(*rest.means_after(middle))
        if abs(now - voltage) < _MET:
            break
        low, high = (middle, high) if now > voltage else (low, middle)
    return 0.5 * (low + high)
