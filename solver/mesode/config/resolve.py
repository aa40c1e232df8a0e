"""Materials of a case: presets with what the file changes, as the physics takes them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from mesode.config.laws import (
    BranchedLaw,
    ConstantLaw,
    ExpressionLaw,
    LawSpec,
    NamedLaw,
    TableLaw,
    law_forms,
)
from mesode.config.phases import (
    electrode_specs,
    has_coating,
    has_foil,
    is_full,
    layers,
    mentions,
    open_phases,
    phase_of,
)
from mesode.config.specs import ActiveMaterial, CarbonBinder
from mesode.errors import InputError, Problem
from mesode.materials.ends import potential
from mesode.materials.expressions import expression_law
from mesode.materials.hysteresis import ASSUMED_DECAY, DECAY, Hysteresis
from mesode.materials.law import Law, constant
from mesode.materials.layers import in_layer
from mesode.materials.library import branches_of, get_law
from mesode.materials.names import UnknownNameError
from mesode.materials.override_rules import USER, OverrideError
from mesode.materials.overrides import with_network, with_overrides
from mesode.materials.pore import OPEN_PORE, VOID
from mesode.materials.presets import get_preset
from mesode.materials.properties import HOST_CONTACT_RESISTANCE, Layer
from mesode.materials.property_table import PROPERTIES
from mesode.materials.tables import table_law
from mesode.materials.two_phase import SLOWNESS, Crystalline, Li15Si4
from mesode.section_names import COUNTER_PREFIX, OPEN_PHASES, is_counter, without_prefix
from mesode.units import DIMENSIONS, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mesode.config.base import Block
    from mesode.config.case import Case
    from mesode.config.law_keys import Branch
    from mesode.config.laws import LawForm
    from mesode.config.layer import LayerSpec
    from mesode.config.specs import SeiSpec
    from mesode.materials.properties import (
        AnyMaterial,
        Coating,
        Electrolyte,
        Lithium,
        LithiumMetal,
        Material,
        Sei,
    )

COATING_OF: Final = "coating of "
_ASSUMED_PORES: Final = "pores_take: 0, a layer thickens by all that its particles swell"
_ASSUMED_SLOWNESS: Final = f"crystalline.slowness: {SLOWNESS:g}, so that lithium stays behind it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """The materials of a case.

    ``phases``: material of each phase that the section may have, hosts first; ``coatings``: by the
    host phase that is coated, ``sei`` by the one that it grows on; ``counter``: the lithium metal,
    None where the counter electrode is a part of the section; ``contact_resistance`` of the
    collector and ``host_contact_resistance`` between hosts [ohm m^2].
    """

    phases: Mapping[str, Material]
    coatings: Mapping[str, Coating]
    sei: Mapping[str, Sei]
    electrolyte: Electrolyte
    counter: LithiumMetal | None
    contact_resistance: float
    host_contact_resistance: float

    def hosts(self, prefix: str = "") -> tuple[str, ...]:
        """Return the phases of an electrode that host lithium; ``counter_``: the other one."""
        return tuple(name for name in self._of(prefix) if self.phases[name].lithium is not None)

    def binders(self, prefix: str = "") -> tuple[str, ...]:
        """Return the phases of carbon-binder of an electrode."""
        return tuple(name for name in self._of(prefix) if self.phases[name].lithium is None)

    def beside_phases(self) -> dict[str, tuple[str, AnyMaterial]]:
        """Return kind and material of what is no phase, by what it is called."""
        found: dict[str, tuple[str, AnyMaterial]] = {
            "electrolyte": ("electrolyte", self.electrolyte),
            **{f"{COATING_OF}{host}": ("coating", each) for host, each in self.coatings.items()},
            **{f"SEI on {host}": ("sei", film) for host, film in self.sei.items()},
        }
        return found if self.counter is None else {**found, "counter": ("counter", self.counter)}

    def _of(self, prefix: str) -> Iterator[str]:
        for name in self.phases:
            counter = is_counter(name)
            if counter == bool(prefix) and without_prefix(name) not in OPEN_PHASES:
                yield name


def resolve_materials(case: Case) -> Materials:
    """Return the materials of a case.

    Raises:
        InputError: an unknown preset, or a change that the preset does not take; all of them.
    """
    specs, found = case.materials, _Resolver(case.physics.temperature)
    phases, coatings, films = found.electrode(case, counter=False)
    electrolyte = found.material("electrolyte", specs.electrolyte, "materials.electrolyte")
    separator = found.material("separator", specs.separator, "materials.separator")
    opened = {
        name: OPEN_PORE if name.endswith("pore") else VOID for name in open_phases(case.geometry)
    }
    counter: dict[str, Material] = {}
    metal = None
    if is_full(case.geometry):
        counter, more, further = found.electrode(case, counter=True)
        coatings, films = coatings | more, films | further
    else:
        metal = found.material("counter", specs.counter, "materials.counter")
    if found.problems:
        raise InputError(found.problems)
    return Materials(
        phases={**phases, **opened, "separator": cast("Material", separator), **counter},
        coatings=coatings,
        sei=films,
        electrolyte=cast("Electrolyte", electrolyte),
        counter=cast("LithiumMetal | None", metal),
        contact_resistance=specs.collector.contact_resistance,
        host_contact_resistance=(
            specs.host_contact.resistance if specs.host_contact else HOST_CONTACT_RESISTANCE
        ),
    )


@dataclass(slots=True)
class _Resolver:
    """Resolves presets for a temperature [K]; gathers what is wrong with all of them."""

    temperature: float
    problems: list[Problem] = field(default_factory=list)

    def electrode(
        self, case: Case, *, counter: bool
    ) -> tuple[dict[str, Material], dict[str, Coating], dict[str, Sei]]:
        """Return the materials of an electrode's phases, coatings and SEI of its hosts."""
        specs = electrode_specs(case.materials, counter=counter)
        if specs is None:
            return {}, {}, {}
        prefix, where = (COUNTER_PREFIX, "materials.counter") if counter else ("", "materials")
        used = {
            phase_of(specs, mention.kinds[0], mention.name)
            for mention in mentions(case)
            if mention.counter == counter
        }
        phases: dict[str, Any] = {}
        for kind, named in (("active", specs.hosts()), ("carbon_binder", specs.binders())):
            for name, spec in named.items():
                path = f"{where}.{kind}" if name == kind else f"{where}.{kind}.{name}"
                resolved = (
                    self.host(spec, path)
                    if isinstance(spec, ActiveMaterial)
                    else self.material(kind, spec, path)
                )
                if name in used:
                    phases[f"{prefix}{name}"] = self.placed(case, f"{prefix}{name}", resolved, path)
        if has_foil(case.geometry, counter=counter):
            phases[f"{prefix}collector"] = self.material("foil", specs.foil, f"{where}.foil")
        hosts, coatings, films = [name for name in specs.hosts() if name in used], {}, {}
        if has_coating(case.geometry, counter=counter):
            coating = self.material("coating", specs.coating, f"{where}.coating")
            inside = dict(layers(case))
            coatings = {
                phase: cast("Coating", coating)
                for name in hosts
                if (phase := f"{prefix}{name}") not in inside
            }
        if specs.sei is not None and (film := self.sei(specs.sei, f"{where}.sei")):
            films = dict.fromkeys((f"{prefix}{name}" for name in hosts), film)
        return phases, coatings, films

    def placed(self, case: Case, phase: str, material: Any, path: str) -> Any:
        """Return the material of a phase, homogenised where that is a layer."""
        layer = dict(layers(case)).get(phase)
        if layer is None or material is None:
            return material
        if material.electronic is None and layer.sigma is None:
            hint = "Give it one, or the layer its effective one: sigma of geometry...layer"
            text = "this material has no electronic conductivity"
            self.problems.append(Problem(f"{path}.sigma", "", text, hint))
            return None
        return homogenised(material, layer)

    def host(self, spec: ActiveMaterial, path: str) -> AnyMaterial | None:
        """Return a host, with its hysteresis and as it is before its first lithiation."""
        found = cast("Material | None", self._with_branches(spec, path))
        if found is None or found.lithium is None or spec.crystalline is None:
            return found
        wanted = spec.crystalline
        phase = Crystalline(plateau=wanted.plateau, slowness=wanted.slowness)
        more = () if "slowness" in wanted.model_fields_set else (_ASSUMED_SLOWNESS,)
        lithium = replace(found.lithium, crystalline=phase)
        return replace(found, lithium=lithium, assumed=(*found.assumed, *more))

    def _with_branches(self, spec: ActiveMaterial, path: str) -> AnyMaterial | None:
        """Return a host, with both branches of its potential where it has a hysteresis."""
        found = cast("Material | None", self.material("active", spec, path))
        wanted = spec.hysteresis
        if found is None or found.lithium is None or wanted is None or wanted.model == "none":
            return found
        branches = _branches(spec, found.lithium)
        if branches is None:
            hint = "Give both: ocp: {lithiation: ..., delithiation: ...}"
            text = f"the potential {found.lithium.ocp.name} has one branch alone"
            self.problems.append(Problem(f"{path}.hysteresis", "", text, hint))
            return found
        one_state = wanted.model == "one_state"
        hysteresis = Hysteresis(
            lithiation=potential(branches[0]),
            delithiation=potential(branches[1]),
            model=wanted.model,
            decay=DECAY if wanted.decay is None else wanted.decay,
            initial=wanted.initial if one_state else 0.0,
            li15si4=None
            if (own := wanted.li15si4) is None
            else Li15Si4(below=own.below, plateau=own.plateau),
        )
        lithium = replace(found.lithium, ocp=hysteresis.at_start(), hysteresis=hysteresis)
        more = (ASSUMED_DECAY,) if one_state and wanted.decay is None else ()
        return replace(found, lithium=lithium, assumed=(*found.assumed, *more))

    def sei(self, spec: SeiSpec, path: str) -> Sei | None:
        """Return what grows on the hosts of an electrode, None where something is wrong with it."""
        found = cast("Sei | None", self.material("sei", spec, path))
        if found is None:
            return None
        film = replace(found, law=spec.law or found.law, on_coating=spec.on_coating)
        if film.law == "solvent_diffusion_limited" and film.initial_thickness == 0.0:
            text = "expected a thickness above 0, through none the solvent comes without limit"
            self.problems.append(Problem(f"{path}.initial_thickness", "0", text))
        return film

    def material(self, kind: str, spec: Any, path: str) -> AnyMaterial | None:
        """Return a preset with its changes, None where something is wrong with it."""
        try:
            preset: Any = get_preset(kind, spec.preset)
        except UnknownNameError as error:
            problem = Problem(f"{path}.preset", repr(spec.preset), "unknown preset", error.hint)
            self.problems.append(problem)
            return None
        try:
            if isinstance(spec, CarbonBinder) and spec.network is not None:
                preset = with_network(preset, spec.network.network())
            changed: AnyMaterial = with_overrides(
                preset, temperature=self.temperature, **_changes(spec)
            )
        except OverrideError as error:
            self.problems += [
                Problem(f"{path}.{key}", "", text) for key, text in error.problems.items()
            ]
            return None
        return changed


def homogenised(material: Material, spec: LayerSpec) -> Material:
    """Return a host as the material of a layer."""
    layer = Layer(
        fraction=spec.fraction,
        radius=0.5 * spec.diameter,
        shape=spec.shape,
        resolved=spec.inside == "resolved",
        pores_take=spec.pores_take or 0.0,
    )
    made = in_layer(
        material,
        layer,
        porosity=spec.porosity,
        bruggeman=spec.bruggeman,
        macmullin=spec.macmullin,
        sigma=spec.sigma,
    )
    if spec.pores_take is not None or made.swelling is None:
        return made
    return replace(made, assumed=(*made.assumed, _ASSUMED_PORES))


def _changes(spec: Block) -> dict[str, float | Law]:
    """Return the overrides that are given: SI numbers and laws."""
    forms = law_forms(type(spec))
    changes: dict[str, float | Law] = {}
    for key in type(spec).model_fields:
        value = getattr(spec, key)
        if key not in PROPERTIES or value is None:
            continue
        changes[key] = build_law(forms[key], value) if key in forms else value
    return changes


def build_law(form: LawForm, spec: LawSpec) -> float | Law:
    """Return the SI number or the law that a law of the file stands for."""
    unit = DIMENSIONS[form.quantity.dimension].unit or "1"
    match spec:
        case ConstantLaw(value=value):
            return value
        case NamedLaw(name=name):
            return get_law(form.name, name)
        case BranchedLaw(use=branch):
            return _branch(form, spec, branch)
        case TableLaw():
            return _table(form, spec, unit)
        case ExpressionLaw(expression=text):
            factor = parse_quantity(f"1.0 {spec.unit}", form.quantity.dimension)
            scaled = text if factor == 1.0 else f"{factor!r} * ({text})"
            return expression_law(scaled, unit=unit, name=text)


def _branches(spec: ActiveMaterial, lithium: Lithium) -> tuple[Law, Law] | None:
    """Return the laws of lithiation and delithiation of a host, None where there is but one."""
    if not isinstance(spec.ocp, BranchedLaw):
        return branches_of(lithium.ocp.name)
    form, both = law_forms(type(spec))["ocp"], spec.ocp
    return _branch(form, both, "lithiation"), _branch(form, both, "delithiation")


def _branch(form: LawForm, spec: BranchedLaw, branch: Branch) -> Law:
    law = build_law(form, replace(spec, use=branch).used)
    if not isinstance(law, Law):
        law = constant(law, "V", source=USER)
    return replace(law, branch=branch)


def _table(form: LawForm, spec: TableLaw, unit: str) -> Law:
    fit = form.fit(spec)
    law = table_law(
        fit.points,
        of=spec.of,
        unit=unit,
        method=spec.method,
        name=f"table of {spec.of}" if spec.file is None else Path(spec.file).name,
        source=USER,
    )
    if not fit.changed:
        return law
    done = "smoothed" if fit.smoothed else "thinned"
    note = (
        f"{len(spec.table)} points {done} to {len(fit.points)}, at most "
        f"{form.quantity.show(fit.deviation)} (rms {form.quantity.show(fit.rms)}) from them"
    )
    return replace(law, note=note, valid={spec.of: (spec.table[0][0], spec.table[-1][0])})
