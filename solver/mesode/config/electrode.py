"""Keys of ``electrode`` and ``counter``: a layer of particles, binder, coating, foil."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import ConfigDict, field_validator, model_validator

from mesode.config.base import Block, Finding, OneOrMany, entry, problem, refuse
from mesode.config.binder import BinderShapes, BridgeBinder, ClusterBinder, FilmBinder
from mesode.config.layer import LayerSpec
from mesode.config.particles import (
    HIGHEST_FRACTION,
    Packing,
    Particles,
    Seed,
    Share,
    settle_packing,
)
from mesode.config.quantities import LayerThickness, Length, show_length
from mesode.config.recipe import Recipe


class CoatingShape(Block):
    """How much of the particles' surface the coating covers; its material: `materials.coating`."""

    integrity: Share = entry("Share of the surface that is coated.")
    defect: Length = entry("Length of one hole along the surface.", "0.5 um")
    seed: Seed = entry("Seed of the places of the holes.", 1)


def _thickness_may_follow(schema: dict[str, Any]) -> None:
    """Tell editors that a recipe takes the place of a thickness."""
    schema["required"] = [key for key in schema["required"] if key != "thickness"]
    schema["anyOf"] = [{"required": ["thickness"]}, {"required": ["recipe"]}]


class ElectrodeShape(Block):
    """An electrode, from its collector to the separator."""

    model_config = ConfigDict(json_schema_extra=_thickness_may_follow)

    recipe: Recipe | None = entry(
        "The electrode by weight; what is left out of thickness, fractions and porosities follows.",
        None,
    )
    thickness: LayerThickness = entry("Thickness of the electrode, without foil.")
    particles: Annotated[tuple[Particles, ...], OneOrMany()] = entry(
        "The packing of the active particles: one population, or a list of them."
    )
    packing: Packing | None = entry("How the particles lie.", None)
    carbon_binder: BinderShapes = entry(
        "Where the carbon-binder is: one shape, or a list of them.", {}
    )
    layer: LayerSpec | None = entry(
        "A homogenised layer around the particles, in all that they and the carbon-binder, by "
        "default none then, leave; of a `material` of its own. Default: no layer.",
        None,
    )
    coating: CoatingShape | None = entry("The coating of the particles; default: none.", None)
    collector: LayerThickness | None = entry(
        "Thickness of a resolved current collector of `materials.foil`; default: none.", None
    )

    @model_validator(mode="before")
    @classmethod
    def _settled(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        if data.get("layer") is not None and not data.get("carbon_binder"):
            data = {**data, "carbon_binder": "none"}
        return settle_packing(data)

    @field_validator("particles", "carbon_binder", mode="after")
    @classmethod
    def _not_empty(cls, items: tuple[Any, ...]) -> tuple[Any, ...]:
        if not items:
            raise problem("expected at least one")
        return items

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = [*self._check_packing(), *self._check_binder(), *self._check_layer()]
        # What follows needs the one gap.
        refuse(found)
        refuse([*self._check_room(), *self._check_sum()])
        return self

    @property
    def gap(self) -> float:
        """The least distance between surfaces [m]."""
        gaps = (self._packing().gap, self.particles[0].gap)
        return next((gap for gap in gaps if gap is not None), 0.0)

    @property
    def seed(self) -> int:
        """The seed of the packing."""
        seeds = (self._packing().seed, self.particles[0].seed)
        return next((seed for seed in seeds if seed is not None), 1)

    def _packing(self) -> Packing:
        return self.packing or Packing()

    def diameters(self) -> tuple[float, float]:
        """Return the smallest and largest diameter [m]."""
        bounds = [population.diameter.bounds() for population in self.particles]
        return min(low for low, _ in bounds), max(high for _, high in bounds)

    def _check_packing(self) -> list[Finding]:
        found = []
        for number, population in enumerate(self.particles):
            for key in ("gap", "seed"):
                if getattr(population, key) is None:
                    continue
                path: tuple[str | int, ...] = ("particles", number, key)
                if getattr(self._packing(), key) is not None:
                    text = f"expected {key} once, it is given in packing already"
                    found.append(Finding(text, path=path))
        return found

    def _check_binder(self) -> list[Finding]:
        found = []
        kinds = [shape.kind for shape in self.carbon_binder]
        for number, kind in enumerate(kinds):
            path = ("carbon_binder", number, "kind")
            if kind == "none" and len(kinds) > 1:
                found.append(Finding("'none' cannot be given beside other shapes", path=path))
            if kind == "matrix" and number < len(kinds) - 1:
                hint = "It fills what the shapes before it have left"
                found.append(Finding("expected 'matrix' as the last shape", hint, path))
        return found

    def _check_layer(self) -> list[Finding]:
        if self.layer is None:
            return []
        found, hint = [], "The layer fills what particles and carbon-binder leave"
        for number, shape in enumerate(self.carbon_binder):
            if shape.kind == "matrix":
                path = ("carbon_binder", number, "kind")
                found.append(Finding("expected no 'matrix' beside a layer", hint, path))
        if self.recipe is not None:
            text = "a recipe does not know what a layer around the particles weighs"
            found.append(Finding(text, "Give fractions and thickness", ("recipe",)))
        return found

    def _check_room(self) -> list[Finding]:
        found, (smallest, largest) = [], self.diameters()
        if self.gap >= smallest:
            text = f"expected a gap below the smallest diameter, {show_length(smallest)}"
            found.append(Finding(text, path=self.gap_path()))
        needed = largest + 2 * self.gap
        if self.thickness < needed:
            text = f"expected at least the largest particle with its gaps, {show_length(needed)}"
            found.append(Finding(text, path=("thickness",)))
        contact = self._packing().contact
        if contact is not None and contact >= smallest:
            text = f"expected a contact below the smallest diameter, {show_length(smallest)}"
            found.append(Finding(text, path=("packing", "contact")))
        for number, shape in enumerate(self.carbon_binder):
            if not isinstance(shape, FilmBinder) or shape.thickness is None or contact is not None:
                continue
            if shape.thickness > self.gap:
                text = f"expected a film of at most the gap, {show_length(self.gap)}"
                place = "packing.gap" if self._packing().gap is not None else "particles.gap"
                hint = f"Make it thinner, or {place} wider"
                found.append(Finding(text, hint, ("carbon_binder", number, "thickness")))
        return found

    def gap_path(self) -> tuple[str | int, ...]:
        """Return where the gap stands, below the electrode."""
        if self._packing().gap is not None:
            return ("packing", "gap")
        return ("particles", 0, "gap")

    def _check_sum(self) -> list[Finding]:
        particles = sum(population.fraction for population in self.particles)
        if particles > HIGHEST_FRACTION * (1 + 1e-12):
            text = (
                f"expected fractions of at most {HIGHEST_FRACTION:g} together, "
                f"they sum to {particles:.4g}"
            )
            return [Finding(text, path=("particles",))]
        binder = sum(
            shape.fraction or 0.0
            for shape in self.carbon_binder
            if isinstance(shape, FilmBinder | BridgeBinder | ClusterBinder)
        )
        if particles + binder > 1.0:
            text = (
                "expected fractions of particles and carbon-binder of at most 1 together, "
                f"they sum to {particles + binder:.4g}"
            )
            return [Finding(text, path=("carbon_binder",))]
        return []


class SeparatorShape(Block):
    """The separator, between electrode and counter electrode."""

    thickness: LayerThickness = entry("Thickness of the separator.")
