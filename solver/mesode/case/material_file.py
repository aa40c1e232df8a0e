"""``materials.yaml`` of a run folder: every value and law that the run was computed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mesode.config.resolve import resolve_materials
from mesode.materials.presets import get_preset
from mesode.materials.properties import HOST_CONTACT_RESISTANCE
from mesode.materials.sheet import material_sheet
from mesode.materials.sheet_text import sheet_text
from mesode.output.ranks import writing
from mesode.section_names import COUNTER_PREFIX, FOIL, OPEN_PHASES, PORE, VOID, without_prefix

if TYPE_CHECKING:
    from pathlib import Path

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.materials.properties import AnyMaterial

HEAD: Final = """\
# What this run was computed with: each value and law in SI units, with its source; assumed: nobody
# measured it. A law is written down over its range. To run again, take config.yaml.
"""


def write_material_file(case: Case, path: Path) -> None:
    """Write the materials of a case.

    Raises:
        OutputError: the file cannot be written.
    """
    with writing(path):
        path.write_text(HEAD + sheet_text(material_sheets(case)), encoding="utf-8")


def material_sheets(case: Case) -> dict[str, Any]:
    """Return a sheet for each phase of a case, its electrolyte, coatings, SEI and interfaces."""
    materials = resolve_materials(case)
    found: dict[str, tuple[str, AnyMaterial]] = {
        phase: (_kind(materials, phase), material)
        for phase, material in materials.phases.items()
        if without_prefix(phase) not in (PORE, VOID)
    }
    found |= materials.beside_phases()
    sheets = {
        name: material_sheet(material, get_preset(kind, material.name))
        for name, (kind, material) in found.items()
    }
    return {**sheets, "interfaces": _interfaces(case, materials)}


def _kind(materials: Materials, phase: str) -> str:
    name = without_prefix(phase)
    if name in OPEN_PHASES:
        return {FOIL: "foil"}.get(name, name)
    return "active" if materials.phases[phase].lithium is not None else "carbon_binder"


def _interfaces(case: Case, materials: Materials) -> dict[str, Any]:
    given = "contact_resistance" in case.materials.collector.model_fields_set
    sheets = {"contact_resistance": _resistance(materials.contact_resistance, given=given)}
    if max(len(materials.hosts()), len(materials.hosts(COUNTER_PREFIX))) > 1:
        given = materials.host_contact_resistance != HOST_CONTACT_RESISTANCE
        sheets["host_contact"] = _resistance(materials.host_contact_resistance, given=given)
    return sheets


def _resistance(value: float, *, given: bool) -> dict[str, Any]:
    source = "given by the user" if given else "default of mesode"
    return {"value": value, "unit": "ohm m^2", "assumed": not given, "source": source}
