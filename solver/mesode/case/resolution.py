"""Whether the mesh resolves the layer at the surface of particles in which lithium moves.

Lithium that passes the surface moves sqrt(D_s t) deep in the time t of a step. Elements that are
thicker keep the lithium within bounds (``mesode.model.meshed_section``), but spread it over their
whole thickness, so that the surface fills too late and capacity and voltage depend on the mesh. At
a current, t is the time after which the electrode would be full, or after which the surface would
be (Sand), whichever is shorter.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from mesode.case.contents import capacity_of, electrode_contents
from mesode.case.process_zone import unresolved_zones
from mesode.columns import STRESS_WORK
from mesode.config.geometry import MeshGeometry
from mesode.config.phases import is_full
from mesode.config.quantities import show_length
from mesode.constants import FARADAY
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Step
    from mesode.geometry.section import Section
    from mesode.materials.properties import Lithium

# Elements in a layer. Measured on silicon at 5 C, where the voltage ends the step before the
# surface is full: 6 % too much capacity with 3 elements, 1.4 % with 6, 0.3 % with 11.
ELEMENTS = 4.0
JUMP_ERROR = 2e-3  # [V], right after a jump of the current: from here on a check tells of it
AFTER_LAYERS = 5e-4  # [V], what is left with the layers that it names
MESH_ERROR = 2e-3  # [V], in the mean over the charge: from here on a run warns
# Of the energy: from here on a run warns. A disc of silicon of 1.6 um, triangles of 0.5 to 0.08 um:
# up to 8e-3 its capacity is right to 0.5 %; at 3e-2 it is a fifth too large, at 7e-2 threefold.
MADE_BY_MESH = 1e-2
WHOLE_CURVE = 0.05  # [V] from here on the error bends with the curve and is of no order
_STO = np.linspace(0.1, 0.9, 33)  # over which a diffusion coefficient is taken in the mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The thinnest layer of a host over a protocol: depth [m], time [s], D_s [m^2/s], its step."""

    depth: float
    time: float
    D_s: float
    step: int


def unresolved(case: Case, materials: Materials, section: Section) -> tuple[str, ...]:
    """Return what the mesh does not resolve, and what would: surfaces of hosts, tips of joints.

    A mesh of the user's own is taken as it is: nothing is reported.
    """
    if isinstance(case.geometry, MeshGeometry):
        return ()
    return (
        *unresolved_layers(case, materials, section),
        *unresolved_zones(case, materials, section),
    )


def unresolved_layers(case: Case, materials: Materials, section: Section) -> Iterator[str]:
    """Yield the hosts whose surface the mesh does not resolve, and what would."""
    edge = case.mesh.interface
    for prefix in ("", COUNTER_PREFIX):
        for phase in materials.hosts(prefix):
            layer = thinnest_layer(case, materials, section, phase, prefix)
            if layer is None or ELEMENTS * edge <= layer.depth:
                continue
            text = case.protocol[layer.step - 1].text
            yield (
                f"{phase}: in step {layer.step} ({text}) lithium moves "
                f"{show_length(layer.depth, 2)} deep (sqrt(D_s t) of "
                f"{layer.D_s:.2g} m^2/s and {layer.time:.2g} s), and mesh.interface is "
                f"{show_length(edge)}: capacity and voltage depend on the mesh. mesh.interface: "
                f"{show_length(layer.depth / ELEMENTS, 2)} would do"
            )


def mesh_warnings(error: Mapping[str, float]) -> Iterator[str]:
    """Yield what to do where the mesh moves the voltage of a run too far.

    Args:
        error: estimate of a run [V], see ``mesode.output.mesh_error``.
    """
    mean = error.get("mean", 0.0)
    if mean > MESH_ERROR:
        hosts = 100.0 * error["lithium"] / mean
        remedy = "with half of mesh.size and of mesh.interface it is a quarter"
        if mean > WHOLE_CURVE:
            remedy = "neither voltage nor capacity are to be trusted; refine mesh.interface"
        yield (
            f"the mesh moves the voltage by about {1e3 * mean:.2g} mV in the mean ({hosts:.0f} % "
            f"of that in the hosts, the rest in the electrolyte): {remedy}"
        )


def stress_work_warnings(balances: Mapping[str, float]) -> Iterator[str]:
    """Yield what to do where the mesh makes or takes much of the energy by the work of stress.

    Args:
        balances: of a run, see ``mesode.model.diagnostics``.
    """
    made = balances.get(STRESS_WORK, 0.0)
    if made > MADE_BY_MESH:
        yield (
            f"the mesh makes or takes {100 * made:.1f} % of the energy of the run, as work of "
            "stress on lithium that it does not resolve: voltage and capacity depend on it. Refine "
            "mesh.interface and mesh.size alike until that is below "
            f"{100 * MADE_BY_MESH:g} %; with half of both it is a third, where fronts are resolved"
        )


def thinnest_layer(
    case: Case, materials: Materials, section: Section, phase: str, prefix: str
) -> Layer | None:
    """Return the thinnest layer of a host, None where no step tells its current."""
    load = _load(case, materials, section, phase, prefix)
    if load is None:
        return None
    time, number = min((load.time(step, i_n), number) for number, step, i_n in load.currents)
    return Layer(depth=sqrt(load.D_s * time), time=time, D_s=load.D_s, step=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """How far the voltage is off [V] when the current of a step has just begun, and how long [s].

    ``height`` [m] of the triangles at the surface.
    """

    error: float
    time: float
    height: float
    step: int


def jump_notes(case: Case, materials: Materials, section: Section) -> Iterator[str]:
    """Yield the hosts whose voltage is off in the first seconds of a step, and what would help."""
    if isinstance(case.geometry, MeshGeometry):
        return
    for prefix in ("", COUNTER_PREFIX):
        for phase in materials.hosts(prefix):
            jump = worst_jump(case, materials, section, phase, prefix)
            if jump is None or jump.error <= JUMP_ERROR:
                continue
            thin = max(jump.height * AFTER_LAYERS / jump.error, 1e-2 * jump.height)
            yield (
                f"{phase}: when the current of step {jump.step} begins the voltage is off by up to "
                f"about {_one_digit(1e3 * jump.error):g} mV for some {_one_digit(jump.time):g} s, "
                f"in which lithium moves less far than the {show_length(jump.height, 2)} of "
                "a triangle at the surface. Where these seconds count, set mesh.surface: "
                f"{show_length(thin, 2)}"
            )


def worst_jump(
    case: Case, materials: Materials, section: Section, phase: str, prefix: str
) -> Jump | None:
    """Return the jump of a protocol that costs a host most, None where no step tells its current.

    From rest at the lithiation that the case begins with: the surface of a half-infinite host with
    linear elements of height h and storage at the nodes misses most, 0.175 i_n h/(F D_s c_max), at
    0.1 h^2/D_s, where it holds 0.18 of the same unit.
    """
    load = _load(case, materials, section, phase, prefix)
    if load is None:
        return None
    height = case.mesh.surface or sqrt(0.75) * case.mesh.interface
    number, step, i_n = max(load.currents, key=lambda found: found[2])
    begin = case.initial.counter_lithiation if prefix else case.initial.lithiation
    unit = i_n * height / (FARADAY * load.D_s * load.lithium.c_max)
    polarity = -1 if is_full(case.geometry) else 1
    into = step.current_sign(polarity) * polarity * (-1 if prefix else 1)
    T = case.physics.temperature
    seen, true = (
        float(load.lithium.ocp(sto=min(max(begin + into * share * unit, 0.0), 1.0), T=T))
        for share in (0.18, 0.355)
    )
    time = height**2 / load.D_s
    return Jump(error=abs(seen - true), time=time, height=height, step=number)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """What passes the surface of a host.

    ``currents``: number of the step, step, current density [A/m^2] of the surface. ``charge``:
    from lithiation 0 to 1, per surface [C/m^2].
    """

    lithium: Lithium
    D_s: float
    charge: float
    currents: list[tuple[int, Step, float]]

    def time(self, step: Step, i_n: float) -> float:
        """Return how long lithium may move in a step [s]."""
        sand = pi * self.D_s * (FARADAY * self.lithium.c_max / (2.0 * i_n)) ** 2
        return min(self.charge / i_n, sand, step.duration or np.inf)


def _load(
    case: Case, materials: Materials, section: Section, phase: str, prefix: str
) -> _Load | None:
    """Return the load of a host, None where no step tells its current."""
    lithium = materials.phases[phase].lithium
    contents = electrode_contents(section, materials, prefix)
    hosts = [content.phase for content in contents if content.host]
    if lithium is None or phase not in hosts or materials.phases[phase].layer is not None:
        return None
    working = electrode_contents(section, materials)
    mass = sum(content.mass for content in working if content.host)
    unit = {"A/m2": 1.0, "A/kg": mass, "C": capacity_of(working) / 3600.0}
    surface = 1e-6 * sum(p.length for name in hosts for p in section.phases[name])
    per_surface = 1e-6 * section.electrode_width / surface
    currents = [
        (number, step, current * per_surface)
        for number, (step, current) in enumerate(_currents(case.protocol, unit), 1)
        if current > 0.0
    ]
    if not currents:
        return None
    return _Load(
        lithium=lithium,
        D_s=_diffusivity(lithium, case.physics.temperature),
        charge=capacity_of(contents) * per_surface,
        currents=currents,
    )


def _currents(steps: Sequence[Step], unit: dict[str, float]) -> Iterator[tuple[Step, float]]:
    """Yield each step with its current per electrode [A/m^2], 0 where it is not known before."""
    for step in steps:
        known = step.control == "current" and step.unit in unit
        yield step, abs(step.value) * unit[step.unit] if known else 0.0


def _diffusivity(lithium: Lithium, T: float) -> float:
    """Return the geometric mean of D_s [m^2/s] over the lithiation."""
    values = np.asarray(lithium.D_s(sto=_STO, T=T)) + 0.0 * _STO
    return float(np.exp(np.mean(np.log(values))))


def _one_digit(value: float) -> float:
    return float(f"{value:.1g}")
