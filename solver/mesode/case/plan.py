"""``mesode check``: what a case amounts to, before anything is meshed or solved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.case.branches import branch_warnings
from mesode.case.case_section import build_case_section
from mesode.case.contents import (
    capacity_of,
    electrode_contents,
    hosts_of,
    loading_of,
    pore_area,
    recipe_text,
)
from mesode.case.durations import foresee_steps, known_current
from mesode.case.facts import material_facts, start_warnings
from mesode.case.foresight import foresee, rest_of, spectra_notes
from mesode.case.meshing import surface_layers
from mesode.case.prepare import isolation_options, phase_materials
from mesode.case.press import press_warnings
from mesode.case.resolution import jump_notes, unresolved
from mesode.case.section_kind import section_kind, section_warnings
from mesode.case.size_estimate import cells_by_phase, counted_cells, dofs_behind, estimate_dofs
from mesode.case.small_swelling import linear_notes
from mesode.case.start import asks, settled_on_section
from mesode.case.top_room import check_top, room_warnings
from mesode.case.window import asked_voltages, window_between
from mesode.config.growth import refuse_growth
from mesode.config.phases import is_full
from mesode.config.problems import as_problem
from mesode.config.protocol_checks import pulse_finding, scan_warnings
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError
from mesode.geometry.request import to_um
from mesode.output.frame_plan import plan_frames
from mesode.section_names import COUNTER_PREFIX, is_counter, without_prefix
from mesode.survey.cut_off import check_reached, cut_off_shares, electrode_paths
from mesode.survey.isolation import isolate
from mesode.survey.paths import find_paths, lost_shares, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.case.case_section import CaseSection
    from mesode.case.contents import Content
    from mesode.case.durations import Expected
    from mesode.case.window import Window
    from mesode.config.base import Finding
    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.section import Section
    from mesode.materials.properties import Material
    from mesode.model.rest import Rest
    from mesode.output.frame_plan import FramePlan

_MAH_CM2 = 3.6e4  # [C/m^2]
_SQUARE_METRE = 1e4  # [cm^2]
_LONG_NUMBER = 100_000  # dofs; from here on a run takes minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """A step with its current as rate, where it is known before the run.

    ``time`` [s] is about that which it takes, None where nobody knows; it is ``left_out`` where a
    step before it is expected to end the repetition.
    """

    text: str
    current: float | None  # [A/m^2]
    c_rate: float | None
    time: float | None = None
    left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Numbers of a case; SI but where the name says otherwise."""

    title: str
    width: float
    collector_length: float  # what currents, loading and capacity are per
    electrode_thickness: float
    particles: int
    working: tuple[Content, ...]
    counter: tuple[Content, ...]  # empty for lithium metal
    porosity: float  # electrolyte over electrode, by area
    voltage: float  # [V] at rest, where the case begins
    start: Mapping[str, float]  # lithiations there, where the case does not say them
    window: Window | None  # of a full cell between the voltages that the case speaks of
    recipe: str  # what of it was given and what follows; nothing without one
    cells: int
    dofs: int
    frames: FramePlan
    frames_size: float  # [bytes]
    section_kind: str | None  # out of the plane, None without mechanics
    steps: tuple[StepPlan, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    assumed: tuple[str, ...]

    @property
    def active_area(self) -> float:
        """Area of the hosts in the section [m^2]."""
        return sum(content.area for content in hosts_of(self.working))

    @property
    def fraction(self) -> float:
        """Area of the hosts over that of the electrode."""
        return self.active_area / (self.width * self.electrode_thickness)

    @property
    def loading(self) -> float:
        """Active material per electrode area [kg/m^2]."""
        return loading_of(self.working)

    @property
    def capacity(self) -> float:
        """Charge of the electrode from lithiation 0 to 1 [C/m^2]."""
        return capacity_of(self.working)

    @property
    def specific_capacity(self) -> float:
        """The same per mass of active material [C/kg]."""
        return self.capacity / self.loading

    @property
    def counter_capacity(self) -> float | None:
        """Charge of a counter electrode with hosts [C/m^2]."""
        return capacity_of(self.counter) or None

    @property
    def current_1C(self) -> float:
        """Current of 1C [A/m^2]."""
        return self.capacity / 3600.0

    def rows(self) -> list[tuple[str, str]]:
        """Return pairs (name, value with unit) for a table."""
        mAh = 3.6  # [C]
        counter = self.counter_capacity
        collector = f"collector {to_um(self.collector_length):.4g} um long, the electrode's area"
        straight = abs(self.collector_length / self.width - 1.0) < 1e-6
        return [
            ("section", f"{to_um(self.width):g} um wide, electrode "
                        f"{to_um(self.electrode_thickness):g} um thick"
                        f"{'' if straight else f'; {collector}'}"),
            ("particles", f"{_bodies(self.particles, self.working)}, area fraction "
                          f"{self.fraction:.4g}, {self.active_area * 1e12:.4g} um^2"),
            *([("recipe", self.recipe)] if self.recipe else []),
            ("composition", f"{_by_weight(self.working)}; porosity {self.porosity:.3g}"),
            ("loading", f"{_mg(self.loading)} mg/cm^2 of active material, "
                        f"{_mg(sum(c.mass for c in self.working))} mg/cm^2 dry in all"),
            ("capacity", f"{self.capacity / _MAH_CM2:.4g} mAh/cm^2 from lithiation 0 "
                         f"to 1, {self.specific_capacity / mAh / 1e3:.4g} mAh/g"),
            *_by_material(self.working),
            *([] if counter is None else [
                ("counter electrode", _by_weight(self.counter)),
                ("counter capacity", f"{counter / _MAH_CM2:.4g} mAh/cm^2, "
                                     f"{counter / self.capacity:.3g} of the electrode's"),
                *_by_material(self.counter),
                ("N/P", f"{self.capacity / counter:.3g}, both from lithiation 0 to 1"),
                *([("  in use", self.window.text())] if self.window else []),
            ]),
            ("1C", f"{self.current_1C:.4g} A/m^2 = {self.current_1C * 0.1:.4g} mA/cm^2"),
            ("begins at", f"{self.voltage:.4g} V at rest{_lithiations(self.start)}"),
            *([("mechanics", f"section: {self.section_kind}")] if self.section_kind else []),
            ("size", f"about {_rounded(self.cells)} triangles, {_rounded(self.dofs)} unknowns"),
            ("fields", self.frames.text(self.frames_size)),
        ]  # fmt: skip


def _bodies(particles: int, working: Sequence[Content]) -> str:
    """Return the number of drawn particles, and the homogenised layer that is there or around."""
    layers = [content.name for content in working if content.layer]
    if not particles:
        return "a homogenised layer"
    return f"{particles}" + "".join(f" in a homogenised layer of {name}" for name in layers)


def _lithiations(start: Mapping[str, float]) -> str:
    """Return the lithiations of the hosts, with their names where there are several."""
    names = start if len(start) > 1 else dict.fromkeys(start, "")
    texts = (f"{start[name]:.4g}" + (f" of {name}" if names[name] else "") for name in start)
    return f", lithiation {', '.join(texts)}" if start else ""


def _mg(mass: float) -> str:
    return f"{mass * 1e6 / _SQUARE_METRE:.4g}"


def _by_weight(contents: Sequence[Content]) -> str:
    """Return the materials of an electrode by weight, dry."""
    total = sum(content.mass for content in contents)
    return ", ".join(f"{c.name} {100 * c.mass / total:.3g} wt%" for c in contents)


def _by_material(contents: Sequence[Content]) -> list[tuple[str, str]]:
    """Return the capacity of each host where there are several."""
    hosts, total = hosts_of(contents), capacity_of(contents)
    if len(hosts) < 2:
        return []
    return [
        (f"  {without_prefix(c.phase)}",
         f"{c.capacity / _MAH_CM2:.4g} mAh/cm^2, {100 * c.capacity / total:.3g} %, "
         f"{_mg(c.mass)} mg/cm^2")
        for c in hosts
    ]  # fmt: skip


def make_plan(case: Case) -> Plan:
    """Return the plan of a case; packs the particles, meshes and solves nothing.

    Raises:
        GeometryError: the particles cannot be packed as asked, the image cannot be used, or no
            particle has a path for electrons and ions.
        InputError: a pulse of the protocol is longer than the capacity, or the electrode has no
            room under its top.
    """
    built = build_case_section(case)
    section = built.section
    asked, case = case, settled_on_section(case, built.section)
    check_top(case, section)
    materials = resolve_materials(case)
    width, thickness = section.width * 1e-6, section.electrode_thickness * 1e-6
    working = electrode_contents(section, materials)
    counter = electrode_contents(section, materials, COUNTER_PREFIX)
    cells = _cells(case, built)
    facts = material_facts(case)
    joined = case.geometry.third_dimension != "none"
    lost = _look_for_paths(case, built, phase_materials(materials))
    dofs = estimate_dofs(case, materials, section, cells, built.mesh)
    dofs += dofs_behind(cells, lost) if joined else 0
    frames = plan_frames(case.output.fields, len(case.protocol))
    stresses, triangles = case.physics.mechanics != "none", round(sum(cells.values()))
    rest, loading = rest_of(case, materials, working, counter), loading_of(working)
    refuse_growth(case, materials, rest.lithiations())
    foreseen = foresee_steps(case.protocol, rest, loading)
    steps = _step_plans(case, rest, loading, foreseen)
    _refuse_long_pulses(case, steps, capacity_of(working))
    return Plan(
        title=case.title,
        width=width,
        collector_length=section.electrode_width * 1e-6,
        electrode_thickness=thickness,
        particles=_particle_number(section),
        working=working,
        counter=counter,
        porosity=pore_area(section, working) / (width * thickness),
        voltage=rest.voltage(),
        start=rest.lithiations() if asks(asked) else {},
        window=_window(asked, rest),
        recipe=recipe_text(case),
        cells=triangles,
        dofs=dofs,
        frames=frames,
        frames_size=frames.size(dofs, triangles, stresses=stresses),
        section_kind=_section_kind(case, materials, section),
        steps=steps,
        warnings=(
            *start_warnings(case, rest.lithiations()),
            *branch_warnings(case, materials, rest.polarity, foreseen),
            *section_warnings(case.physics, materials.phases, section.phases),
            *room_warnings(case, section),
            *press_warnings(case, section),
            *foresee(case.protocol, rest, loading, [step.current for step in steps]),
            *(() if joined else suggestion(lost)),
            *scan_warnings(case, materials),
            *unresolved(case, materials, section),
            *_warnings(section, dofs),
        ),
        notes=(
            *facts.notes,
            *linear_notes(case.physics, materials.phases, rest.lithiations()),
            *jump_notes(case, materials, section),
            *spectra_notes(case.protocol),
        ),
        assumed=facts.assumed,
    )


def _cells(case: Case, built: CaseSection) -> dict[str, float]:
    """Return the number of triangles of each phase, counted where there is a mesh."""
    if built.mesh is not None:
        return counted_cells(built.mesh)
    size, interface = to_um(case.mesh.size), to_um(case.mesh.interface)
    return cells_by_phase(built.section, size, interface, surface_layers(case))


def _window(case: Case, rest: Rest) -> Window | None:
    voltages = asked_voltages(case)
    if rest.counter is None or len(voltages) < 2:
        return None
    return window_between(rest, voltages[0], voltages[-1])


def _look_for_paths(
    case: Case, built: CaseSection, materials: Mapping[str, Material]
) -> dict[str, dict[str, float]]:
    """Return the shares of each network that are cut off.

    Raises:
        GeometryError: no particle takes part, and a run would refuse the section.
    """
    options = isolation_options(case)
    if built.mesh is not None:
        isolate(built.mesh, materials, **options)
        return lost_shares(built.mesh, find_paths(built.mesh, materials, third=False))
    paths = electrode_paths(built.section, materials, full=is_full(case.geometry))
    check_reached(paths, third=options["third"])
    return cut_off_shares(paths)


def _section_kind(case: Case, materials: Materials, section: Section) -> str | None:
    if case.physics.mechanics == "none":
        return None
    return section_kind(case.physics, materials.phases, section.phases)


def _particle_number(section: Section) -> int:
    """Return how many particles the working electrode has."""
    numbers = [
        number
        for phase, numbers in section.particle_of.items()
        if not is_counter(phase)
        for number in numbers.tolist()
    ]
    return len(set(numbers) - {-1})


def _step_plans(
    case: Case, rest: Rest, loading: float, foreseen: Sequence[Expected]
) -> tuple[StepPlan, ...]:
    currents = [known_current(step, rest, loading) for step in case.protocol]
    current_1C = rest.working.capacity / 3600.0
    return tuple(
        StepPlan(
            text=step.text,
            current=current,
            c_rate=None if current is None else abs(current) / current_1C,
            time=each.time,
            left_out=each.left_out,
        )
        for step, current, each in zip(case.protocol, currents, foreseen, strict=True)
    )


def _refuse_long_pulses(case: Case, steps: Sequence[StepPlan], capacity: float) -> None:
    """Raise where a pulse of a GITT passes more than the capacity [C/m^2]."""
    found: dict[tuple[str | int, ...], Finding] = {}
    for step, plan in zip(case.protocol, steps, strict=True):
        if "gitt" in step.tags and plan.current is not None and step.duration is not None:
            place = ("protocol", *step.place)
            finding = pulse_finding(step, place, abs(plan.current) * step.duration / capacity)
            if finding is not None:
                found[place] = finding
    if found:
        raise InputError([as_problem(each) for each in found.values()])


def _warnings(section: Section, dofs: int) -> list[str]:
    found = list((section.report.get("image") or {}).get("warnings", ()))
    scale = section.report.get("diameter_scale", 1.0)
    if abs(scale - 1.0) > 0.02:
        found.append(
            f"all diameters are scaled by {scale:.3f} to meet the fraction with a whole number of "
            "particles; a wider section needs less"
        )
    if dofs > _LONG_NUMBER:
        found.append(f"{_rounded(dofs)} unknowns: consider a coarser mesh, or --ranks 2")
    return found


def _rounded(number: float) -> str:
    """Return a count with two digits, thousands set apart."""
    digits = max(len(str(round(number))) - 2, 0)
    return f"{round(number, -digits):,.0f}".replace(",", " ")
