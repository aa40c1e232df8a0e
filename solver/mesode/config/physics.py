"""Sections ``physics`` and ``initial``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Tag

from mesode.config.base import Block, entry, problem
from mesode.config.quantities import Fraction, StackPressure, Stiffness, Temperature


class Pressure(Block):
    """A constant stack pressure on the top of the electrode."""

    pressure: StackPressure = entry("Pressure on the top of the electrode.")


class Spring(Block):
    """A spring foundation on the top of the electrode."""

    spring: Stiffness = entry("Pressure per displacement of the top.")


def _top_kind(value: Any) -> str:
    if isinstance(value, Block):
        return type(value).__name__
    if isinstance(value, dict):
        return "Spring" if "spring" in value else "Pressure"
    return "free"


def _only_free(value: Any) -> Any:
    if value != "free":
        raise problem("expected 'free', {pressure: 0.1 MPa} or {spring: 1 MPa/um}")
    return value


Top = Annotated[
    Annotated[Literal["free"], BeforeValidator(_only_free), Tag("free")]
    | Annotated[Pressure, Tag("Pressure")]
    | Annotated[Spring, Tag("Spring")],
    Discriminator(_top_kind),
]


class Physics(Block):
    """Which physics is solved, and under which conditions."""

    temperature: Temperature = entry("Temperature of the cell, uniform and constant.", "25 degC")
    mechanics: Literal["linear", "none"] = entry(
        "linear: small-strain elasticity with swelling; none: electrochemistry alone.", "none"
    )
    section: Literal[
        "automatic", "generalised_plane_strain", "free_particles", "plane_strain", "plane_stress"
    ] = entry(
        "What the section means out of its plane, for mechanics; automatic: free_particles where "
        "materials of different swelling share the section, else generalised_plane_strain.",
        "automatic",
    )
    stress_coupling: Literal["two_way", "one_way"] = entry(
        "two_way: stress acts on lithium flux and voltage; one_way: it is computed only.",
        "two_way",
    )
    stress_flux: Literal["chemical_potential", "ideal_solution"] = entry(
        "What drives lithium under stress, two_way: chemical_potential: the one that the voltage "
        "shows, so that nothing flows at rest; ideal_solution: RT ln c - Omega sigma_h, whatever "
        "the open-circuit potential is, as closed forms have it.",
        "chemical_potential",
    )
    top: Top = entry("Load on the top of the electrode, for mechanics.", "free")


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
