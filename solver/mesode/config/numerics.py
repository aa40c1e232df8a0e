"""Sections ``numerics`` and ``output``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mesode.config.base import Block, entry
from mesode.config.petsc import PetscOptions
from mesode.config.quantities import Quantity, Time

RowVoltage = Annotated[float, Quantity(dimension="voltage", low="0.01 mV", high="1 V")]
RowCharge = Annotated[float, Quantity(dimension="ratio", low="1e-5", high="1")]
Tolerance = Annotated[float, Quantity(dimension="ratio", low="1e-12", high="0.1")]
FrameCount = Annotated[int, Field(ge=0, le=100_000, strict=True)]


class Numerics(Block):
    """Accuracy and solver."""

    tolerance: Tolerance = entry("Relative tolerance of the time integration, per step.", 1e-4)
    max_step: Time | None = entry("Longest time step; default: no limit.", None)
    displacement_degree: int = entry(
        "Degree of the displacement; 1 costs half in two-way coupling, and its largest stresses "
        "are tens of per cent off.",
        2,
        ge=1,
        le=2,
        strict=True,
    )
    petsc: PetscOptions = entry("Options of the linear solver, without their dash.", {})


class Rows(Block):
    """How far two rows of the time series may be apart, within a step of the protocol."""

    voltage: RowVoltage = entry("In voltage.", "2 mV")
    charge: RowCharge = entry("In charge, as a part of the capacity.", "0.5 %")


class Output(Block):
    """What a run writes."""

    rows: Literal["steps"] | Rows = entry(
        "Rows of the time series between the time steps of the solver, from its own polynomial; "
        "`steps`: none.",
        {},
    )

    fields: Literal["auto"] | FrameCount = entry(
        "Frames over each step; 1: only at its ends; 0: no fields; `auto`: 20, fewer in a protocol "
        "of more than 50 steps, about 1000 in the whole run.",
        "auto",
    )
    checkpoint: Time = entry(
        "Longest wall time between two checkpoints; there is one at the end of each step, too.",
        "10 min",
    )
    figures: bool = entry("Draw figures at the end of the run.", default=True)
