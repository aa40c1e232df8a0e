"""Key ``carbon_binder``: where the carbon-binder is."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from mesode.config.base import Block, OneOrMany, entry, problem
from mesode.config.particles import Seed
from mesode.config.quantities import Coverage, Fraction, Length, ParticleSize

_MATERIAL: Final = "Name in materials.carbon_binder, where that has several; default: the first."
_AREA: Final = "Area over the area of the electrode"
_SEED: Final = "Seed of the random places; default: that of the packing."


class MatrixBinder(Block):
    """Porous carbon-binder everywhere between the particles."""

    kind: Literal["matrix"] = entry("Everywhere between the particles.")
    material: str | None = entry(_MATERIAL, None)


class NoBinder(Block):
    """Open electrolyte between the particles."""

    kind: Literal["none"] = entry("Open electrolyte between the particles.")


class FilmBinder(Block):
    """An even coat on each particle."""

    kind: Literal["film"] = entry("An even coat on each particle, and on the collector.")
    thickness: Length | None = entry("Thickness, at most the gap.", None)
    fraction: Fraction | None = entry(f"{_AREA}, instead of the thickness.", None)
    material: str | None = entry(_MATERIAL, None)

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        _check_one(thickness=self.thickness, fraction=self.fraction)
        return self


class BridgeBinder(Block):
    """Menisci where particles come close: the morphological closing of their union."""

    kind: Literal["bridges"] = entry("Menisci where particles come close.")
    fraction: Fraction | None = entry(f"{_AREA}.", None)
    radius: Length | None = entry("Radius of the menisci, instead of the fraction.", None)
    material: str | None = entry(_MATERIAL, None)

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        _check_one(fraction=self.fraction, radius=self.radius)
        return self


class PatchBinder(Block):
    """Patches on the particles' surfaces, at random places."""

    kind: Literal["patches"] = entry("Patches on the surface.")
    coverage: Coverage = entry("Share of the surface that is covered.")
    thickness: Length = entry("Thickness of a patch.")
    length: Length = entry("Length of a patch along the surface.")
    material: str | None = entry(_MATERIAL, None)
    seed: Seed | None = entry(_SEED, None)


class ClusterBinder(Block):
    """Blobs in the pore space, at random places."""

    kind: Literal["clusters"] = entry("Blobs in the pore space.")
    fraction: Fraction = entry(f"{_AREA}.")
    diameter: ParticleSize = entry("Diameter of a blob.")
    material: str | None = entry(_MATERIAL, None)
    seed: Seed | None = entry(_SEED, None)


def _check_one(**measures: float | None) -> None:
    first, second = measures
    given = [name for name, value in measures.items() if value is not None]
    if len(given) > 1:
        raise problem(f"expected either {first} or {second}, not both", path=(second,))
    if not given:
        raise problem("required key is missing", f"Give {first} or {second}", (first,))


def _default_kind(value: Any) -> Any:
    if value is None or value == {}:
        return {"kind": "matrix"}
    return {"kind": value} if isinstance(value, str) else value


BinderShape = Annotated[
    MatrixBinder | NoBinder | FilmBinder | BridgeBinder | PatchBinder | ClusterBinder,
    Field(discriminator="kind"),
    BeforeValidator(_default_kind),
]
BinderShapes = Annotated[tuple[BinderShape, ...], OneOrMany()]
