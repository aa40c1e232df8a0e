"""Collects the presets of all families; finds one by kind and name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mesode.materials.names import UnknownNameError
from mesode.materials.presets import (
    active,
    binders,
    coatings,
    electrolytes,
    foils,
    metals,
    sei,
    separators,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.materials.properties import AnyMaterial

Kind = Literal[
    "active", "carbon_binder", "electrolyte", "separator", "counter", "coating", "sei", "foil"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRow:
    """One line of the list of presets."""

    kind: str
    name: str
    description: str
    sources: tuple[str, ...]
    assumed: tuple[str, ...]


_CATALOGUE: Mapping[str, Mapping[str, AnyMaterial]] = {
    "active": {preset.name: preset for preset in active.PRESETS},
    "carbon_binder": {preset.name: preset for preset in binders.PRESETS},
    "electrolyte": {preset.name: preset for preset in electrolytes.PRESETS},
    "separator": {preset.name: preset for preset in separators.PRESETS},
    "counter": {preset.name: preset for preset in metals.PRESETS},
    "coating": {preset.name: preset for preset in coatings.PRESETS},
    "sei": {preset.name: preset for preset in sei.PRESETS},
    "foil": {preset.name: preset for preset in foils.PRESETS},
}
KINDS = tuple(_CATALOGUE)


def get_preset(kind: str, name: str) -> AnyMaterial:
    """Return a preset: a Material, an Electrolyte, a LithiumMetal (counter), a Coating or an Sei.

    Raises:
        UnknownNameError: if kind or name does not exist; tells the nearest names.
    """
    if kind not in _CATALOGUE:
        raise UnknownNameError("kind of material", kind, _CATALOGUE)
    if name not in _CATALOGUE[kind]:
        raise UnknownNameError(f"{kind} preset", name, _CATALOGUE[kind])
    return _CATALOGUE[kind][name]


def list_presets() -> tuple[PresetRow, ...]:
    """Return all presets, in the order of their families."""
    return tuple(
        PresetRow(
            kind=kind,
            name=preset.name,
            description=preset.description,
            sources=preset.sources,
            assumed=preset.assumed,
        )
        for kind, presets in _CATALOGUE.items()
        for preset in presets.values()
    )
