"""Keys ``particles`` and ``packing``: populations of particles, their shape, and their inside."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from mesode.config.base import Block, Finding, entry, kind_from_word, problem, refuse
from mesode.config.quantities import Fraction, Gap, Length, ParticleSize, Quantity, show_length
from mesode.config.sizes import Diameter

HIGHEST_FRACTION: Final = 0.65

AreaFraction = Annotated[float, Quantity(dimension="ratio", above="0", high="0.65")]
Aspect = Annotated[float, Quantity(dimension="ratio", low="1", high="5")]
Share = Annotated[float, Quantity(dimension="ratio", low="0", high="1")]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1, strict=True)]


class Disc(Block):
    """A disc."""

    kind: Literal["disc"] = entry("A disc.")


class EllipseShape(Block):
    """An ellipse, turned at random; the diameter is that of the disc of equal area."""

    kind: Literal["ellipse"] = entry("An ellipse.")
    aspect: Aspect = entry("Long axis over short axis.", 1.5)


class PolygonShape(Block):
    """A random polygon with round corners; the diameter is that of the disc of equal area."""

    kind: Literal["polygon"] = entry("A polygon with round corners.")
    corners: int = entry("Number of corners.", 7, ge=3, le=30, strict=True)
    rounding: Share = entry("0: sharp corners, 1: as round as the edges allow.", 0.3)


Shape = Annotated[
    Disc | EllipseShape | PolygonShape,
    Field(discriminator="kind"),
    BeforeValidator(kind_from_word),
]


class SolidInside(Block):
    """Nothing but the material of the population."""

    kind: Literal["solid"] = entry("Solid.")


class HollowInside(Block):
    """An empty core."""

    kind: Literal["hollow"] = entry("Hollow.")
    void: Fraction = entry("Area of the empty core over the area of the particle.")


class PorousInside(Block):
    """Round inner pores at random places."""

    kind: Literal["porous"] = entry("With inner pores.")
    fraction: Annotated[float, Quantity(dimension="ratio", above="0", high="0.5")] = entry(
        "Area of the pores over the area of the particle."
    )
    diameter: ParticleSize = entry("Diameter of a pore.")


class CoreShellInside(Block):
    """A core of another material; the shell is of the population's material."""

    kind: Literal["core_shell"] = entry("A core of another material.")
    core: Fraction = entry("Diameter of the core over the diameter of the particle.")
    material: str = entry("Name of the material of the core.")


class YolkShellInside(Block):
    """A yolk of the population's material that lies loose in a shell."""

    kind: Literal["yolk_shell"] = entry("A yolk in a shell.")
    shell: Length = entry("Thickness of the shell.")
    material: str = entry("Name of the material of the shell.")
    void: Fraction = entry("Share of the inside of the shell that is empty.")
    contact: Length = entry("Width over which the yolk touches the shell.")


Inside = Annotated[
    SolidInside | HollowInside | PorousInside | CoreShellInside | YolkShellInside,
    Field(discriminator="kind"),
    BeforeValidator(kind_from_word),
]


def _fraction_may_follow(schema: dict[str, Any]) -> None:
    """Tell editors that a fraction may be left out; without a recipe its absence is told later."""
    schema["required"] = [key for key in schema["required"] if key != "fraction"]


class Particles(Block):
    """A population of particles in a random packing, reproducible by its seed."""

    model_config = ConfigDict(json_schema_extra=_fraction_may_follow)

    fraction: AreaFraction = entry(
        "Area of these particles over the area of the electrode; it follows from a recipe."
    )
    diameter: Diameter = entry(
        "One diameter, {median, spread, min, max} (log-normal), or {histogram: [[d, share], ...]}."
    )
    shape: Shape = entry(
        "disc, {kind: ellipse, aspect} or {kind: polygon, corners, rounding}.",
        "disc",
        exclude_if=lambda shape: isinstance(shape, Disc),
    )
    material: str | None = entry(
        "Name in materials.active, where that has several; default: the first.", None
    )
    inside: Inside = entry(
        "solid, {kind: hollow, ...}, {kind: porous, ...}, {kind: core_shell, ...} or "
        "{kind: yolk_shell, ...}.",
        "solid",
        exclude_if=lambda inside: isinstance(inside, SolidInside),
    )
    gap: Gap | None = entry(
        "Least distance between surfaces: of particles, to the walls, collector and top; "
        "0.1 um where nothing is given. In a blend it is given in `packing`.",
        None,
    )
    seed: Seed | None = entry(
        "Seed of the random packing; default: 1. In a blend it is given in `packing`.",
        None,
    )

    @model_validator(mode="after")
    def _fits_inside(self) -> Self:
        smallest, _ = self.diameter.bounds()
        inside, found = self.inside, []
        below = f"expected a length below the smallest diameter, {show_length(smallest)}"
        if isinstance(inside, PorousInside) and inside.diameter >= smallest:
            found.append(Finding(below, path=("inside", "diameter")))
        if isinstance(inside, YolkShellInside):
            if 2 * inside.shell >= smallest:
                text = f"expected a shell below the smallest radius, {show_length(smallest / 2)}"
                found.append(Finding(text, path=("inside", "shell")))
            if inside.contact >= smallest:
                found.append(Finding(below, path=("inside", "contact")))
        refuse(found)
        return self


class Packing(Block):
    """How the particles lie; where there is one population, gap and seed may stand with it."""

    gap: Gap | None = entry(
        "Least distance between surfaces: of particles, to the walls, collector and top; "
        "0.1 um where nothing is given.",
        None,
    )
    seed: Seed | None = entry("Seed of the random packing; 1 where nothing is given.", None)
    clustering: Share | None = entry("From 0 (even) to 1 (clustered); default 0.", None)
    cluster_diameter: ParticleSize | None = entry(
        "Mean equivalent diameter of the clusters that `clustering` is fitted to, instead of it.",
        None,
    )
    contact: Length | None = entry(
        "Particles that come close touch, over a neck of this width; walls keep the gap.", None
    )

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if self.clustering is not None and self.cluster_diameter is not None:
            expected = "expected either clustering or cluster_diameter, not both"
            raise problem(expected, path=("cluster_diameter",))
        return self


_DEFAULTS: Final = {"gap": "0.1 um", "seed": 1}


def settle_packing(data: dict[str, Any]) -> dict[str, Any]:
    """Return an electrode with gap and seed written where they belong.

    That is with the population where it is a single one, in ``packing`` where there are several.
    """
    particles, packing = data.get("particles"), data.get("packing")
    if isinstance(particles, list | tuple) and len(particles) == 1:
        particles = particles[0]
    if not isinstance(packing, dict | None) or not isinstance(particles, dict | list | tuple):
        return data
    missing = {k: v for k, v in _DEFAULTS.items() if (packing or {}).get(k) is None}
    if isinstance(particles, dict):
        given = {k: v for k, v in particles.items() if v is not None}
        return {**data, "particles": {**missing, **given}}
    return {**data, "packing": {**(packing or {}), **missing}}
