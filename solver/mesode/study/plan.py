"""``mesode check``: what a case amounts to, before anything is meshed or solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.config.resolve import resolve_materials
from mesode.constants import FARADAY
from mesode.geometry.request import section_request, to_um
from mesode.geometry.section import ACTIVE, Section, build_section
from mesode.study.facts import material_facts
from mesode.study.prepare import displacement_degree, phase_materials

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.steps import Step

_SAMPLES = 40_000  # points at which the mesh size is asked for
_GROWTH = 0.3  # of the mesh size per length away from an interface
_SQUARE_METRE = 1e4  # [cm^2]
_FINER = 1.12  # triangles over those of the size asked for: gmsh makes edges a little shorter
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
    current_1C: float  # [A/m^2]
    cells: int
    dofs: int
    steps: tuple[StepPlan, ...]
    warnings: tuple[str, ...]
    assumed: tuple[str, ...]

    def rows(self) -> list[tuple[str, str]]:
        """Return pairs (name, value with unit) for a table."""
        mAh = 3.6  # [C]
        return [
            ("section", f"{to_um(self.width):g} um wide, electrode "
                        f"{to_um(self.electrode_thickness):g} um thick"),
            ("particles", f"{self.particles}, area fraction {self.fraction:.4g}, "
                          f"{self.active_area * 1e12:.4g} um^2"),
            ("loading", f"{self.loading * 1e6 / _SQUARE_METRE:.4g} mg/cm^2 of active material"),
            ("capacity", f"{self.capacity / mAh / _SQUARE_METRE:.4g} mAh/cm^2 from lithiation 0 "
                         f"to 1, {self.specific_capacity / mAh / 1e3:.4g} mAh/g"),
            ("1C", f"{self.current_1C:.4g} A/m^2 = {self.current_1C * 0.1:.4g} mA/cm^2"),
            ("size", f"about {_rounded(self.cells)} triangles, {_rounded(self.dofs)} unknowns"),
        ]  # fmt: skip


def make_plan(case: Case) -> Plan:
    """Return the plan of a case; packs the particles, meshes and solves nothing.

    Raises:
        GeometryError: the particles cannot be packed as asked.
    """
    section = build_section(section_request(case))
    materials = resolve_materials(case)
    width, thickness = section.width * 1e-6, section.electrode_thickness * 1e-6
    area = loading = capacity = 0.0
    for name in materials.hosts():
        lithium, host = materials.phases[name].lithium, _phase_area(section, name)
        area += host
        loading += materials.phases[name].density * host / width
        capacity += FARADAY * (lithium.c_max if lithium is not None else 0.0) * host / width
    cells = cells_by_phase(section, to_um(case.mesh.size), to_um(case.mesh.interface))
    facts = material_facts(case)
    dofs = estimate_dofs(case, materials, section, cells)
    return Plan(
        title=case.title,
        width=width,
        electrode_thickness=thickness,
        particles=len(section.particles),
        fraction=area / (width * thickness),
        active_area=area,
        loading=loading,
        capacity=capacity,
        specific_capacity=capacity / loading,
        current_1C=capacity / 3600.0,
        cells=round(sum(cells.values())),
        dofs=dofs,
        steps=tuple(_step_plan(step, capacity / 3600.0, loading) for step in case.protocol),
        warnings=(*facts.warnings, *_warnings(section, materials, dofs)),
        assumed=facts.assumed,
    )


def _phase_area(section: Section, phase: str) -> float:
    return float(sum(polygon.area for polygon in section.phases.get(phase, ()))) * 1e-12  # [m^2]


def _step_plan(step: Step, current_1C: float, loading: float) -> StepPlan:
    factors = {"A/m2": 1.0, "A/kg": loading, "C": current_1C}
    if step.unit not in factors:
        return StepPlan(text=step.text, current=None, c_rate=None)
    current = step.value * factors[step.unit]
    return StepPlan(text=step.text, current=step.sign * current, c_rate=current / current_1C)


def _warnings(section: Section, materials: Materials, dofs: int) -> list[str]:
    found = []
    scale = section.report["diameter_scale"]
    if abs(scale - 1.0) > 0.02:
        found.append(
            f"all diameters are scaled by {scale:.3f} to meet the fraction with a whole number of "
            "particles; a wider section needs less"
        )
    binder = next((materials.phases[name] for name in materials.binders()), None)
    if binder is None:
        found.append(
            "without carbon-binder no particle touches the collector: a run will say that there "
            "is no path for electrons"
        )
    elif binder.ionic is None or binder.electronic is None:
        lacking = "pores" if binder.ionic is None else "electronic conductivity"
        found.append(
            f"the carbon-binder {binder.name} has no {lacking}: no particle is reached, and a run "
            "will say so"
        )
    if dofs > _LONG_NUMBER:
        found.append(f"{_rounded(dofs)} unknowns: consider a coarser mesh, or --ranks 2")
    return found


def cells_by_phase(section: Section, size: float, interface: float) -> dict[str, float]:
    """Estimate the number of triangles of each phase from the mesh size at sampled points [um]."""
    side = np.sqrt(section.width * section.height / _SAMPLES)
    x, y = (np.arange(0.5 * side, length, side) for length in (section.width, section.height))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    distance = _distance_to_interfaces(section, points)
    edge = np.clip(interface + _GROWTH * (distance - interface), interface, size)
    triangles = _FINER * 4.0 / np.sqrt(3.0) / edge**2 * side**2
    inside = _inside_particles(section, points)
    filling = next(name for name in section.phases if name not in (ACTIVE, "separator"))
    below = points[:, 1] < section.electrode_thickness
    masks = {ACTIVE: inside, filling: below & ~inside, "separator": ~below}
    return {name: float(triangles[mask].sum()) for name, mask in masks.items()}


def _distance_to_interfaces(
    section: Section, points: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    discs = section.particles
    if len(discs) == 0:
        return np.full(len(points), np.inf)
    rings = np.array([p.exterior for p in section.phases[ACTIVE]], dtype=object)
    _, found = shapely.STRtree(rings).query_nearest(
        shapely.points(points), all_matches=False, return_distance=True
    )
    return np.asarray(found)


def _inside_particles(section: Section, points: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    polygons = np.array(section.phases[ACTIVE], dtype=object)
    hits = shapely.STRtree(polygons).query(shapely.points(points), predicate="within")[0]
    inside = np.zeros(len(points), dtype=bool)
    inside[hits] = True
    return inside


def estimate_dofs(
    case: Case, materials: Materials, section: Section, cells: dict[str, float]
) -> int:
    """Estimate the number of unknowns that are solved together: what each phase has at its nodes.

    One-way mechanics is solved on its own and not counted.
    """
    total = 0.0
    two_way = case.physics.mechanics != "none" and case.physics.stress_coupling == "two_way"
    surface = float(np.pi * np.sum(section.particles.diameter)) / to_um(case.mesh.interface)
    for name, material in phase_materials(materials).items():
        per_node = (
            (material.lithium is not None)
            + (material.electronic is not None)
            + 2 * (material.ionic is not None)
        )
        if two_way and material.mechanical is not None:
            per_node += 2 * (4 if displacement_degree(case) == 2 else 1)
        # Euler: twice the nodes of a triangulation are its triangles and its boundary edges.
        rim = surface if name != "separator" else 0.0
        total += per_node * 0.5 * (cells.get(name, 0.0) + rim)
    return round(total)


def _rounded(number: float) -> str:
    """Return a count with two digits, thousands set apart."""
    digits = max(len(str(round(number))) - 2, 0)
    return f"{round(number, -digits):,.0f}".replace(",", " ")
