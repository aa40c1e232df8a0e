"""What is known of the materials of a case: sources to cite, assumed values, laws out of range."""

from __future__ import annotations

import dataclasses
import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.config.bpx_file import drops_entropy, note_of
from mesode.config.phases import electrode_specs, is_full
from mesode.config.physics import Lumped
from mesode.config.resolve import COATING_OF, resolve_materials
from mesode.config.third_dimension import ESTIMATES
from mesode.materials.law import Law
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.config.third_dimension import Volume
    from mesode.materials.properties import AnyMaterial

_WORK = re.compile(r"\(\d{4}\)|\bdoi\b|\([^)]*file[^)]*\)")  # a work, not a remark on a value
_UNITS = {"T": "K", "c_e": "mol/m^3", "sto": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialFacts:
    """Texts about the materials of a case, without repetition."""

    citations: tuple[str, ...]
    assumed: tuple[str, ...]
    notes: tuple[str, ...]  # what was done to data, which branch of a hysteresis is taken


def material_facts(case: Case) -> MaterialFacts:
    """Return sources, assumed values, and what was done to data."""
    resolved = resolve_materials(case)
    named = {f"{phase} ({m.name})": m for phase, m in _all_materials(resolved).items()}
    laws = [(f"{who}, {key}", law) for who, m in named.items() for key, law in _laws(m)]
    citations = [text for m in named.values() for text in m.sources]
    citations += [law.source for _, law in laws]
    texts = [f"{who}: {text}" for who, m in named.items() for text in m.assumed]
    return MaterialFacts(
        notes=_once((*_from_bpx(case), *(t for who, law in laws for t in _of_law(who, law)))),
        citations=_once(
            part for text in citations for part in text.split("; ") if _WORK.search(part)
        ),
        assumed=_once(
            itertools.chain(
                _assumed_contact(case, resolved),
                _assumed_volume(case),
                _assumed_thermal(case),
                texts,
            )
        ),
    )


def start_warnings(case: Case, lithiations: Mapping[str, float]) -> tuple[str, ...]:
    """Return the laws that are outside their range where the case begins.

    Args:
        case: The case.
        lithiations: Of each host at the begin; those of a blend differ.
    """
    resolved = resolve_materials(case)
    found: list[str] = []
    for phase, material in _all_materials(resolved).items():
        state = {"T": case.physics.temperature, "c_e": resolved.electrolyte.concentration}
        host = phase.removeprefix(COATING_OF)
        if host in lithiations:
            state["sto"] = lithiations[host]
        for key, law in _laws(material):
            found += _out_of_range(f"{phase} ({material.name}), {key}", law, state)
    return _once(found)


def _all_materials(resolved: Materials) -> dict[str, AnyMaterial]:
    """Return phases, electrolyte, coatings, SEI and lithium metal by what they are called."""
    beside = {name: material for name, (_, material) in resolved.beside_phases().items()}
    return {**resolved.phases, **beside}


def _of_law(who: str, law: Law) -> Iterator[str]:
    if law.branch:
        yield f"{who}: {law.name}, the branch of {law.branch}"
    if law.note:
        yield f"{who}: {law.name}, {law.note}"


def _from_bpx(case: Case) -> Iterator[str]:
    """Yield which materials have values of a BPX file, and what of it they cannot take."""
    specs, other = case.materials, electrode_specs(case.materials, counter=True)
    named: dict[str, Any] = {**specs.hosts(), "electrolyte": specs.electrolyte}
    named |= {"separator": specs.separator}
    named |= {f"{COUNTER_PREFIX}{k}": spec for k, spec in (other.hosts() if other else {}).items()}
    for name, spec in named.items():
        if spec.bpx is not None:
            yield f"{name}: from {note_of(spec.bpx)}; what it lacks is the preset's ({spec.preset})"
            if drops_entropy(spec.bpx):
                yield f"{name}: dU/dT of the BPX file is left out, its potential is a table"


def _assumed_contact(case: Case, resolved: Materials) -> Iterator[str]:
    """Yield the resistance between touching hosts where there may be any and none is given."""
    several = max(len(resolved.hosts()), len(resolved.hosts(COUNTER_PREFIX))) > 1
    if several and case.materials.host_contact is None:
        value = resolved.host_contact_resistance
        yield f"host_contact: {value:g} ohm m^2 against lithium that passes where two hosts touch"


def _assumed_volume(case: Case) -> Iterator[str]:
    """Yield what is estimated of the electrode behind the section."""
    third = case.geometry.third_dimension
    if third == "none":
        return
    volumes: list[tuple[str, Volume | None]] = [("", third)]
    if is_full(case.geometry):
        volumes.append((".counter", third.counter))
    for where, volume in volumes:
        for key, text in ESTIMATES.items():
            if getattr(volume, key, None) is None:
                yield f"geometry.third_dimension{where}.{key}: estimated, {text}"


def _assumed_thermal(case: Case) -> Iterator[str]:
    """Yield what is not given of how the section gets warm and cools."""
    thermal = case.physics.thermal
    if not isinstance(thermal, Lumped):
        return
    if thermal.convection == Lumped().convection:
        yield f"physics.thermal.convection: {thermal.convection:g} W/m^2/K, still air"
    if thermal.heat_capacity is None:
        yield (
            "physics.thermal.heat_capacity: that of the phases of the section, 1000 J/kg/K for "
            "solids and 1.9 MJ/m^3/K for the electrolyte"
        )


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _laws(material: Any) -> Iterator[tuple[str, Law]]:
    """Yield the laws of a material and of its property groups, by name."""
    for item in dataclasses.fields(material):
        value = getattr(material, item.name)
        if isinstance(value, Law):
            yield item.name, value
        elif dataclasses.is_dataclass(value):
            yield from _laws(value)


def _out_of_range(who: str, law: Law, state: dict[str, float]) -> Iterator[str]:
    for variable, (low, high) in law.valid.items():
        value = state.get(variable)
        if value is not None and not low <= value <= high:
            unit = f" {_UNITS[variable]}".rstrip()
            yield (
                f"{who}: the law {law.name} is known for {variable} from {low:g} to {high:g}{unit},"
                f" the case begins at {value:.4g}{unit}"
            )
