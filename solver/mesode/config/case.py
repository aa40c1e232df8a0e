"""The root of the YAML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import field_validator, model_validator

from mesode.config.base import Section, entry, problem
from mesode.config.fragments import EXAMPLES
from mesode.config.geometry import Geometry
from mesode.config.materials import MaterialSpecs
from mesode.config.mesh import Mesh
from mesode.config.numerics import Numerics, Output
from mesode.config.physics import Initial, Physics
from mesode.config.protocol import StepField
from mesode.config.quantities import Quantity

if TYPE_CHECKING:
    from mesode.config.steps import Step


class Case(Section):
    """One simulation: a half cell, its materials, and what is done to it. All values SI."""

    title: str = entry("One line that says what the case shows.", "")
    geometry: Geometry = entry("What the section looks like.")
    mesh: Mesh = entry("How finely it is resolved.")
    materials: MaterialSpecs = entry("What it is made of.")
    physics: Physics = entry("Which physics is solved.", {})
    initial: Initial = entry("The state at the start.", {})
    protocol: tuple[StepField, ...] = entry("The steps, in order.")
    output: Output = entry("What the run writes.", {})
    numerics: Numerics = entry("Accuracy and solver.", {})

    # Not by a least length: that counts the valid steps only.
    @field_validator("protocol", mode="after")
    @classmethod
    def _has_steps(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if not steps:
            raise problem("expected at least one step", f"Examples: {EXAMPLES}")
        return steps

    @model_validator(mode="after")
    def _mesh_resolves_particles(self) -> Self:
        smallest, _ = self.geometry.electrode.particles.diameter.bounds()
        if self.mesh.size >= smallest:
            text = Quantity(dimension="length").show(smallest)
            expected = f"expected an edge below the smallest particle diameter, {text}"
            raise problem(expected, path=("mesh", "size"))
        return self

    @model_validator(mode="after")
    def _binder_has_material(self) -> Self:
        kind = self.geometry.electrode.carbon_binder.kind
        if kind == "matrix" and self.materials.carbon_binder is None:
            hint = "Give a preset, or set geometry.electrode.carbon_binder.kind to none"
            raise problem("required key is missing", hint, ("materials", "carbon_binder"))
        return self
