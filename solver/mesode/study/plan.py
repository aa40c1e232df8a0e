"""``mesode check``: what a case amounts to, before anything is meshed or solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.config.geometry import Geometry
from mesode.config.phases import is_full
from mesode.config.resolve import resolve_materials
from mesode.constants import FARADAY
from mesode.geometry.binder.place import PORE
from mesode.geometry.report.parts import COUNTER_PREFIX
from mesode.geometry.request import to_um
from mesode.study.facts import material_facts
from mesode.study.sections import build_case_section
from mesode.study.size_estimate import cells_by_phase, counted_cells, estimate_dofs

if TYPE_CHECKING:
    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Step
    from mesode.geometry.section import Section

_SQUARE_METRE = 1e4  # [cm^2]
_LONG_NUMBER = 100_000  # dofs; from here on a run takes minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """A step with its current as rate, where it is known before the run."""

    text: str
    current: float | None  # [A/m^2]
    c_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Numbers of a case; SI but where the name says otherwise."""

    title: str
    width: float
    electrode_thickness: float
    particles: int
    fraction: float
    active_area: float  # [m^2], of the section
    loading: float  # [kg/m^2] of active material per electrode area
    capacity: float  # [C/m^2] from lithiation 0 to 1
    specific_capacity: float  # [C/kg]
    counter_capacity: float | None  # [C/m^2], of a counter electrode with hosts
    current_1C: float  # [A/m^2]
    cells: int
    dofs: int
    steps: tuple[StepPlan, ...]
    warnings: tuple[str, ...]
    assumed: tuple[str, ...]

    def rows(self) -> list[tuple[str, str]]:
        """Return pairs (name, value with unit) for a table."""
        mAh = 3.6  # [C]
        counter = self.counter_capacity
        return [
            ("section", f"{to_um(self.width):g} um wide, electrode "
                        f"{to_um(self.electrode_thickness):g} um thick"),
            ("particles", f"{self.particles}, area fraction {self.fraction:.4g}, "
                          f"{self.active_area * 1e12:.4g} um^2"),
            ("loading", f"{self.loading * 1e6 / _SQUARE_METRE:.4g} mg/cm^2 of active material"),
            ("capacity", f"{self.capacity / mAh / _SQUARE_METRE:.4g} mAh/cm^2 from lithiation 0 "
                         f"to 1, {self.specific_capacity / mAh / 1e3:.4g} mAh/g"),
            *([] if counter is None else [
                ("counter capacity", f"{counter / mAh / _SQUARE_METRE:.4g} mAh/cm^2, "
                                     f"{counter / self.capacity:.3g} of the electrode's")
            ]),
            ("1C", f"{self.current_1C:.4g} A/m^2 = {self.current_1C * 0.1:.4g} mA/cm^2"),
            ("size", f"about {_rounded(self.cells)} triangles, {_rounded(self.dofs)} unknowns"),
        ]  # fmt: skip


def make_plan(case: Case) -> Plan:
    """Return the plan of a case; packs the particles, meshes and solves nothing.

    Raises:
        GeometryError: the particles cannot be packed as asked, or the image cannot be used.
    """
    built = build_case_section(case)
    section = built.section
    materials = resolve_materials(case)
    width, thickness = section.width * 1e-6, section.electrode_thickness * 1e-6
    area, loading, capacity = _hosts(section, materials, "")
    size, interface = to_um(case.mesh.size), to_um(case.mesh.interface)
    cells = (
        cells_by_phase(section, size, interface)
        if built.mesh is None
        else counted_cells(built.mesh)
    )
    facts = material_facts(case)
    polarity = -1 if is_full(case.geometry) else 1
    dofs = estimate_dofs(case, materials, section, cells, built.mesh)
    return Plan(
        title=case.title,
        width=width,
        electrode_thickness=thickness,
        particles=_particle_number(section),
        fraction=area / (width * thickness),
        active_area=area,
        loading=loading,
        capacity=capacity,
        specific_capacity=capacity / loading,
        counter_capacity=_hosts(section, materials, COUNTER_PREFIX)[2] or None,
        current_1C=capacity / 3600.0,
        cells=round(sum(cells.values())),
        dofs=dofs,
        steps=tuple(
            _step_plan(step, polarity, capacity / 3600.0, loading) for step in case.protocol
        ),
        warnings=(*facts.warnings, *_warnings(case, section, materials, dofs)),
        assumed=facts.assumed,
    )


def _hosts(section: Section, materials: Materials, prefix: str) -> tuple[float, float, float]:
    """Return area [m^2], loading [kg/m^2] and capacity [C/m^2] of an electrode's hosts."""
    width = section.width * 1e-6
    area = loading = capacity = 0.0
    for name in materials.hosts(prefix):
        material, host = materials.phases[name], _phase_area(section, name)
        area += host
        loading += material.density * host / width
        c_max = material.lithium.c_max if material.lithium is not None else 0.0
        capacity += FARADAY * c_max * host / width
    return area, loading, capacity


def _particle_number(section: Section) -> int:
    """Return how many particles the working electrode has."""
    numbers = [
        number
        for phase, numbers in section.particle_of.items()
        if not phase.startswith(COUNTER_PREFIX)
        for number in numbers.tolist()
    ]
    return len(set(numbers) - {-1})


def _phase_area(section: Section, phase: str) -> float:
    return float(sum(polygon.area for polygon in section.phases.get(phase, ()))) * 1e-12  # [m^2]


def _step_plan(step: Step, polarity: int, current_1C: float, loading: float) -> StepPlan:
    factors = {"A/m2": 1.0, "A/kg": loading, "C": current_1C}
    if step.unit not in factors:
        return StepPlan(text=step.text, current=None, c_rate=None)
    current, sign = step.value * factors[step.unit], step.current_sign(polarity)
    return StepPlan(text=step.text, current=sign * current, c_rate=current / current_1C)


def _warnings(case: Case, section: Section, materials: Materials, dofs: int) -> list[str]:
    found = list((section.report.get("image") or {}).get("warnings", ()))
    scale = section.report.get("diameter_scale", 1.0)
    if abs(scale - 1.0) > 0.02:
        found.append(
            f"all diameters are scaled by {scale:.3f} to meet the fraction with a whole number of "
            "particles; a wider section needs less"
        )
    if isinstance(case.geometry, Geometry):  # an image may have any contacts
        found += _no_path(section, materials)
    if dofs > _LONG_NUMBER:
        found.append(f"{_rounded(dofs)} unknowns: consider a coarser mesh, or --ranks 2")
    return found


def _no_path(section: Section, materials: Materials) -> list[str]:
    """Return what keeps electrons or ions from particles that touch neither wall nor pore."""
    names = [name for name in materials.binders() if name in section.phases]
    binders = [materials.phases[name] for name in names]
    if not binders:
        return [
            "without carbon-binder no particle touches the collector: a run will say that there "
            "is no path for electrons"
        ]
    lacking = []
    if not any(binder.electronic for binder in binders):
        lacking.append("electronic conductivity")
    if not any(binder.ionic for binder in binders) and PORE not in section.phases:
        lacking.append("pores")
    who = " and ".join(binder.name for binder in binders)
    return [
        f"the carbon-binder {who} has no {what}: no particle is reached, and a run will say so"
        for what in lacking
    ]


def _rounded(number: float) -> str:
    """Return a count with two digits, thousands set apart."""
    digits = max(len(str(round(number))) - 2, 0)
    return f"{round(number, -digits):,.0f}".replace(",", " ")
