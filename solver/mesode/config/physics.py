"""Sections ``physics`` and ``initial``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from mesode.config.base import Block, Finding, entry, problem, refuse
from mesode.config.quantities import (
    CellVoltage,
    Charge,
    FoilModulus,
    Fraction,
    Gap,
    HeatCapacity,
    HeatTransfer,
    LayerThickness,
    Poisson,
    StackPressure,
    Stiffness,
    Temperature,
)


class Pressure(Block):
    """A constant stack pressure on the top of the electrode."""

    pressure: StackPressure = entry(
        "Pressure on the top of the electrode; in finite mechanics a flat plate carries it."
    )


class Spring(Block):
    """A spring foundation on the top of the electrode."""

    spring: Stiffness = entry(
        "Pressure per displacement of the top; in finite mechanics that of a flat plate."
    )


class Lid(Block):
    """A flat lid that stays; the electrode may rise up to it."""

    height: LayerThickness = entry("Height of the lid over the collector.")


class Stack(Block):
    """Electrodes on one another in a clamped fixture, each under a flat plate."""

    springs: Annotated[list[Stiffness], Field(min_length=1)] = entry(
        "Pressure per compression of each pad in the fixture; they stand in series."
    )
    cells: Annotated[int, Field(ge=1, le=10_000)] = entry(
        "Electrodes like this one on one another; the pads give way to all of them.", 1
    )
    preload: StackPressure = entry("Pressure when the fixture is clamped.", "0 MPa")
    gap: Gap = entry("Way of the plate above the electrode before it touches.", "0 um")

    @model_validator(mode="after")
    def _touches(self) -> Self:
        if self.preload > 0.0 and self.gap > 0.0:
            raise problem("expected no gap under a preload", "Leave one of them out", ("gap",))
        return self

    @property
    def stiffness(self) -> float:
        """Rise of the pressure per displacement of the plate [Pa/m]."""
        return self.cells / sum(1.0 / spring for spring in self.springs)


class Stacked(Block):
    """A stack of electrodes on the top."""

    stack: Stack = entry("Electrodes on one another in a clamped fixture, in finite mechanics.")


_BY_KEY = {"pressure": "Pressure", "spring": "Spring", "height": "Lid", "stack": "Stacked"}


def _top_kind(value: Any) -> str:
    if isinstance(value, Block):
        return type(value).__name__
    if not isinstance(value, dict):
        return "word"
    keys = [key for key in _BY_KEY if key in value]
    # what is written wrongly is told of the block that it is meant for
    keys = keys or [near for key in value for near in get_close_matches(str(key), _BY_KEY, n=1)]
    kinds = [_BY_KEY[key] for key in keys]
    return kinds[0] if len(kinds) == 1 else "word"


def _only_words(value: Any) -> Any:
    if value not in ("free", "fixed"):
        examples = "{pressure: 0.1 MPa}, {spring: 1 MPa/um}, {height: 20 um}"
        text = f"expected 'free', 'fixed', {examples} or {{stack: {{springs: [...]}}}}"
        several = isinstance(value, dict) and value
        together = "{stack: {springs: [1 MPa/um], preload: 0.1 MPa}}"
        hint = f"Take one of them; springs that are under a pressure are {together}"
        raise problem(text, hint if several else "")
    return value


Top = Annotated[
    Annotated[Literal["free", "fixed"], BeforeValidator(_only_words), Tag("word")]
    | Annotated[Pressure, Tag("Pressure")]
    | Annotated[Spring, Tag("Spring")]
    | Annotated[Lid, Tag("Lid")]
    | Annotated[Stacked, Tag("Stacked")],
    Discriminator(_top_kind),
]


def pressure_at_start(top: Top) -> float:
    """Return the pressure on the electrode as it is drawn [Pa], 0 for none."""
    if isinstance(top, Stacked):
        return top.stack.preload
    return top.pressure if isinstance(top, Pressure) else 0.0


class Lumped(Block):
    """One temperature of the whole section, which changes with what becomes heat."""

    convection: HeatTransfer = entry(
        "Heat that leaves the section, per area of the electrode and kelvin; the default is that "
        "of still air, 0 is an insulated section.",
        "10 W/m^2/K",
    )
    ambient: Temperature | None = entry(
        "Temperature of the surroundings; default: `temperature`, that at the start.", None
    )
    heat_capacity: HeatCapacity | None = entry(
        "Heat capacity of the section, with all that warms with it, per area of the electrode; "
        "default: that of the phases of the section, 1000 J/kg/K for solids and 1.9 MJ/m^3/K for "
        "the electrolyte, assumed.",
        None,
    )


def _thermal_block(value: Any) -> Any:
    """Return the block of what has defaults."""
    return {} if value in ("lumped", None) else value


def _thermal_kind(value: Any) -> str:
    return "Lumped" if isinstance(value, dict | Lumped) else "isothermal"


def _only_isothermal(value: Any) -> Any:
    if value != "isothermal":
        hint = "The keys of the block are convection, ambient and heat_capacity"
        raise problem("expected 'isothermal', 'lumped' or a block", hint)
    return value


Thermal = Annotated[
    Annotated[
        Literal["isothermal"],
        BeforeValidator(_only_isothermal),
        WithJsonSchema({"type": "string", "enum": ["isothermal", "lumped"]}),
        Tag("isothermal"),
    ]
    | Annotated[Lumped, Tag("Lumped")],
    Discriminator(_thermal_kind),
    BeforeValidator(_thermal_block),
]


class ElasticFoil(Block):
    """A collector that stretches with the electrode."""

    thickness: LayerThickness = entry(
        "Of the foil; of one that is coated on both sides the half of it."
    )
    E: FoilModulus = entry("Young's modulus.", "120 GPa")
    nu: Poisson = entry("Poisson's ratio.", 0.34)


def _collector_kind(value: Any) -> str:
    return "ElasticFoil" if isinstance(value, dict | ElasticFoil) else "rigid"


def _only_rigid(value: Any) -> Any:
    if value != "rigid":
        raise problem("expected 'rigid' or a block such as {thickness: 10 um, E: 120 GPa}")
    return value


Collector = Annotated[
    Annotated[Literal["rigid"], BeforeValidator(_only_rigid), Tag("rigid")]
    | Annotated[ElasticFoil, Tag("ElasticFoil")],
    Discriminator(_collector_kind),
]


class Physics(Block):
    """Which physics is solved, and under which conditions."""

    temperature: Temperature = entry(
        "Temperature of the cell, uniform; with `thermal` that at the start.", "25 degC"
    )
    thermal: Thermal = entry(
        "isothermal: the temperature stays; lumped or a block: one number for the whole section "
        "that follows its heat, with all laws.",
        "isothermal",
    )
    mechanics: Literal["linear", "finite", "none"] = entry(
        "linear: small-strain elasticity with swelling; finite: any strain, with solids that flow "
        "and pores that close; none: electrochemistry alone.",
        "none",
    )
    section: Literal[
        "automatic", "generalised_plane_strain", "free_particles", "plane_strain", "plane_stress"
    ] = entry(
        "What the section means out of its plane, for mechanics; automatic: free_particles where "
        "materials of different swelling share the section, else generalised_plane_strain. Finite "
        "mechanics has plane_strain, its automatic choice, and generalised_plane_strain.",
        "automatic",
    )
    stress_coupling: Literal["two_way", "one_way"] = entry(
        "two_way: stress acts on lithium flux and voltage, and in finite mechanics transport "
        "follows the shape; one_way: stress and shape are computed only.",
        "two_way",
    )
    stress_flux: Literal["chemical_potential", "ideal_solution"] = entry(
        "What drives lithium under stress, two_way: chemical_potential: the one that the voltage "
        "shows, so that nothing flows at rest; ideal_solution: RT ln c - Omega sigma_h, whatever "
        "the open-circuit potential is, as closed forms have it.",
        "chemical_potential",
    )
    top: Top = entry(
        "Load on the top of the electrode, for mechanics. In finite mechanics also fixed: the top "
        "stays where it is; {height: ...}: a flat lid above it; {stack: ...}: electrodes on one "
        "another in a clamped fixture.",
        "free",
    )

    collector: Collector = entry(
        "What holds the electrode, for mechanics. rigid: it keeps its length; a block, in finite "
        "mechanics: a foil that stretches as a whole under the pull of the electrode; the default "
        "modulus is that of copper.",
        "rigid",
    )

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.mechanics == "finite" and self.section in ("free_particles", "plane_stress"):
            text = "expected 'plane_strain' or 'generalised_plane_strain' in finite mechanics"
            raise problem(text, path=("section",))
        return self


class Initial(Block):
    """The state at the start, in equilibrium."""

    lithiation: Fraction = entry(
        "Lithium over its maximum in the working electrode; several active materials share it so "
        "that they are in equilibrium.",
        0.02,
    )
    counter_lithiation: Fraction = entry(
        "The same in the counter electrode of a full section; lithium metal has none.", 0.9
    )
    voltage: CellVoltage | None = entry(
        "Voltage at rest, instead of a lithiation. In a full section lithium then moves between "
        "both electrodes, which hold together what both lithiations say.",
        None,
    )
    soc: Charge | None = entry(
        "State of charge, instead of a lithiation: the share of the charge between the two "
        "voltages of `window`, 0 at the lower one.",
        None,
    )
    window: tuple[CellVoltage, CellVoltage] | None = entry(
        "The lower and the higher voltage of `soc`.", None
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        found = []
        if self.voltage is not None and self.soc is not None:
            found.append(Finding("expected either voltage or soc, not both", path=("soc",)))
        if (self.soc is None) != (self.window is None):
            needs = "a state of charge lies between the two voltages of initial.window"
            hint = "e.g. {soc: 0.5, window: [2.8 V, 4.2 V]}"
            missing = "soc" if self.soc is None else "window"
            found.append(Finding(f"required key is missing: {needs}", hint, (missing,)))
        if self.window is not None and not self.window[0] < self.window[1]:
            found.append(Finding("expected the lower voltage first", path=("window",)))
        refuse(found)
        return self
