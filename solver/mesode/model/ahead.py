"""What is solved after a time step and acts back, as the step sees it: told beforehand.

While a step in time is solved its rows read what follows from it as it was foreseen for their time.
Whoever solves that after the step (``mesode.model.process.Process.follows``) tells it, and whether
it was told so badly that the step is to be solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.model.sole import sole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mesode.model.process import Process


def _stay(_: float) -> None:
    return None


def _agrees(_: float, __: float) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How what follows is told beforehand (all collective).

    Attributes:
        at: Brings it to a time of the run [s]; called before rows are assembled at it.
        accept: Called when the state of that time [s] is accepted, and what follows is solved.
        mistaken: Solves what follows from a trial state of that time [s], and tells whether it is
            farther from what it was taken for than a tolerance of the integration allows; then
            that is taken back, and it is taken for what was found.
    """

    at: Callable[[float], None] = _stay
    accept: Callable[[float], None] = _stay
    mistaken: Callable[[float, float], bool] = _agrees


def find_ahead(processes: Iterable[Process]) -> Ahead | None:
    """Return what the one process tells that is solved after a step, None where none does.

    Raises:
        ModelError: there are several.
    """
    told = (process.ahead() for process in processes)
    return sole(told, "tells beforehand what follows a time step")
