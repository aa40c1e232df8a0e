"""Section ``materials``: one material of a kind, or several with names."""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Discriminator, Tag, model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.laws import law_forms
from mesode.config.specs import (
    ActiveMaterial,
    CarbonBinder,
    CoatingSpec,
    Collector,
    CounterElectrode,
    ElectrolyteSpec,
    FoilSpec,
    HostContact,
    SeiSpec,
    SeparatorSpec,
)
from mesode.section_names import ACTIVE, CARBON_BINDER, OPEN_PHASES, is_counter

ONE, NAMED = "(one)", "(named)"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise problem("expected a name of letters, digits and underscores, at most 60")
    if name in OPEN_PHASES or is_counter(name) or "_without_" in name:
        raise problem("this name has a meaning of its own", "Choose another one, e.g. 'silicon'")
    return name


Name = Annotated[str, AfterValidator(_check_name)]


def _one_or_named(value: Any) -> str:
    if not isinstance(value, dict) or "preset" in value or not value:
        return ONE
    named = all(isinstance(spec, dict | Block) for spec in value.values())
    # laws are mappings as well
    return NAMED if named and not set(law_forms(ActiveMaterial)) & set(value) else ONE


ActiveSpecs = Annotated[
    Annotated[ActiveMaterial, Tag(ONE)] | Annotated[dict[Name, ActiveMaterial], Tag(NAMED)],
    Discriminator(_one_or_named),
]
BinderSpecs = Annotated[
    Annotated[CarbonBinder, Tag(ONE)] | Annotated[dict[Name, CarbonBinder], Tag(NAMED)],
    Discriminator(_one_or_named),
]


class ElectrodeMaterials(Block):
    """The materials of an electrode."""

    active: ActiveSpecs = entry("The lithium host, or several: {name: {preset: ...}, ...}.")
    carbon_binder: BinderSpecs | None = entry(
        "The carbon-binder, or several by name; required where the geometry has one.", None
    )
    coating: CoatingSpec | None = entry("The coating of the particles.", None)
    sei: SeiSpec | None = entry(
        "The solid electrolyte interphase on the active material; without it none grows.", None
    )
    foil: FoilSpec | None = entry("The resolved current collector.", None)

    def hosts(self) -> dict[str, ActiveMaterial]:
        """Return the lithium hosts by the name of their phase."""
        return {ACTIVE: self.active} if isinstance(self.active, Block) else dict(self.active)

    def binders(self) -> dict[str, CarbonBinder]:
        """Return the carbon-binders by the name of their phase."""
        if self.carbon_binder is None:
            return {}
        if isinstance(self.carbon_binder, Block):
            return {CARBON_BINDER: self.carbon_binder}
        return dict(self.carbon_binder)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        for name in self.binders():
            if name in self.hosts():
                text = "this is the name of an active material already"
                raise problem(text, path=("carbon_binder", name))
        return self


def _counter_kind(value: Any) -> str:
    if isinstance(value, Block):
        return type(value).__name__
    keys = {"active", "carbon_binder", "foil"}
    return (
        "ElectrodeMaterials"
        if isinstance(value, dict) and keys & set(value)
        else "CounterElectrode"
    )


CounterSpec = Annotated[
    Annotated[CounterElectrode, Tag("CounterElectrode")]
    | Annotated[ElectrodeMaterials, Tag("ElectrodeMaterials")],
    Discriminator(_counter_kind),
]


class MaterialSpecs(ElectrodeMaterials):
    """A material for each phase of the section."""

    electrolyte: ElectrolyteSpec = entry("The electrolyte.")
    separator: SeparatorSpec = entry("The separator.")
    counter: CounterSpec = entry(
        "The counter electrode: lithium metal, or {active, carbon_binder, coating, sei, foil} of "
        "the counter electrode of a full section.",
        {},
    )
    collector: Collector = entry("The current collector.", {})
    host_contact: HostContact | None = entry(
        "Where two lithium hosts touch; default: 1e-3 ohm*m^2, assumed.", None
    )
