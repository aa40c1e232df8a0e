"""The root of the YAML file."""

from __future__ import annotations

from typing import Any, Self

from pydantic import ValidationInfo, model_validator

from mesode.config.base import Block, entry, problem, refuse
from mesode.config.consistency import find_problems
from mesode.config.geometry import AnyGeometry
from mesode.config.idle_keys import VARIED, refused_keys
from mesode.config.materials import MaterialSpecs
from mesode.config.mesh import UNUSED_MESH, Mesh
from mesode.config.numerics import Numerics, Output
from mesode.config.physics import Initial, Physics
from mesode.config.protocol import ProtocolField
from mesode.config.recipe_data import settle_recipes


class Case(Block):
    """One simulation: a cell, its materials, and what is done to it. All values SI."""

    title: str = entry("One line that says what the case shows.", "")
    geometry: AnyGeometry = entry("What the section looks like.")
    mesh: Mesh = entry("How finely it is resolved; required unless a mesh file is given.")
    materials: MaterialSpecs = entry("What it is made of.")
    physics: Physics = entry("Which physics is solved.", {})
    initial: Initial = entry("The state at the start.", {})
    protocol: ProtocolField = entry("The steps, in order.")
    output: Output = entry("What the run writes.", {})
    numerics: Numerics = entry("Accuracy and solver.", {})

    @model_validator(mode="before")
    @classmethod
    def _recipes(cls, data: Any) -> Any:
        return settle_recipes(data)

    @model_validator(mode="before")
    @classmethod
    def _own_mesh(cls, data: Any) -> Any:
        geometry = data.get("geometry") if isinstance(data, dict) else None
        if not isinstance(geometry, dict) or "mesh" not in geometry:
            return data
        if data.get("mesh") is not None:
            hint = "Take this section out, or geometry.mesh"
            raise problem("the mesh of geometry.mesh has its own sizes", hint, ("mesh",))
        return {**data, "mesh": UNUSED_MESH}

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        varied = (info.context or {}).get(VARIED, ())
        refuse([*refused_keys(self, varied), *find_problems(self)])
        return self
