"""A step of a protocol as an object: it begins, or is taken up from a checkpoint, runs and closes.

A kind of step is a class here, a frozen entry of the protocol in ``config`` and a line in the table
of ``kinds``. The runner goes from step to step and knows none of them by name; what it has for all
of them is the ``Stage``. All methods are collective.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mesode.mesh.ordering import BlockOrder
    from mesode.model.cell import Cell
    from mesode.model.diagnostics import Diagnostics
    from mesode.model.residual import CurrentMeasure
    from mesode.numerics.frequency import ComplexArray
    from mesode.numerics.integrator import Integrator
    from mesode.output.snapshot import Snapshot
    from mesode.protocol.dense import DenseRows

    type Row = dict[str, float]
    type Rows = Sequence[tuple[float, Row]]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a step has found at one state: rows of a table of its own, and what to warn of.

    ``map``: a frequency [Hz] and the amplitude of the unknowns that this rank owns, if asked for.
    """

    rows: Sequence[Row]
    warnings: Sequence[str] = ()
    map: tuple[float, ComplexArray] | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How a step ended: the reason, and whether the protocol stops with it.

    ``skips`` is the number of steps that are passed over, those left of a repetition.
    """

    reason: str
    stops: bool = False
    skips: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the steps of a run share.

    Attributes:
        cell: In the state that the step before has left.
        diagnostics: Of the cell.
        measure: Of residuals.
        integrator: Of the system of the cell; its ``t`` is the time of the run.
        order: In which block vectors are kept.
        dense: Makes rows between time steps, None where none are wanted.
        tolerance: Of the time integration.
        longest: Time step [s].
        accepted: Is told time, row and the rows since the last one, with the state loaded; returns
            why the run shall stop now, or None.
        stop_requested: Returns the same where no state is to be shown; the step is then done anew
            when the run goes on.
        measured: Is told what a step has found at the present state.
    """

    cell: Cell
    diagnostics: Diagnostics
    measure: CurrentMeasure
    integrator: Integrator
    order: BlockOrder
    dense: DenseRows | None
    tolerance: float
    longest: float
    accepted: Callable[[float, Row, Rows], str | None]
    stop_requested: Callable[[], str | None]
    measured: Callable[[Measured], None]


class ProtocolStep:
    """A step on its way.

    Either ``begin`` or ``take_up`` comes first, then ``run``, at last ``close``.

    Args:
        stage: What the steps of the run share.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.t_start = stage.integrator.t  # [s]

    def begin(self) -> Ending | None:
        """Begin; return how the step ended where it is over before it has begun."""

    def take_up(self, data: Mapping[str, Any], snapshot: Snapshot) -> None:
        """Be where a step of this kind was when ``save`` returned ``data``."""

    def run(self) -> Ending:
        """Run to the end.

        Raises:
            SolverError: The run cannot continue.
        """
        raise NotImplementedError

    def save(self, snapshot: Snapshot) -> dict[str, Any]:
        """Put vectors into a snapshot; return the rest of what ``take_up`` needs as plain data.

        Asked for while ``accepted`` is told of a state: a kind that shows none needs none.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Leave the cell to the next step."""
