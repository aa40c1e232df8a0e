"""How a section moves, as a process that knows it tells the others.

The motion is *given* while a step in time is solved: transport reads a displacement that belongs to
the time at which its rows are assembled, and whoever moves the section is solved after the step
(``mesode.model.process.Process.follows``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ufl

from mesode.errors import ModelError
from mesode.physics.kinematics import IDENTITY, Deformed, Kinematics

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from mesode.model.process import Process


def _stay(_: float) -> None:
    return None


def _agrees(_: float, __: float) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A displacement of some phases; the others stay as they are drawn.

    Attributes:
        u: Displacement [m], UFL on the mesh of these phases.
        phases: Those that move.
        lambda_z: Their stretch along z, a number or UFL.
        at: Brings u and lambda_z to a time of the run [s]; called before rows are assembled at it.
        accept: Called when the state of that time [s] is accepted, and what follows is solved.
        mistaken: Solves what follows from a trial state of that time [s], and tells whether it is
            farther from what it was taken for than a tolerance of the integration allows; then
            that is taken back, and u and lambda_z are taken for what was found.
    """

    u: Any
    phases: Collection[str]
    lambda_z: Any = 1
    at: Callable[[float], None] = _stay
    accept: Callable[[float], None] = _stay
    mistaken: Callable[[float, float], bool] = _agrees

    def kinematics(self, phase: str, side: str = "") -> Kinematics:
        """Return the kinematics of a phase, on one side of an interface."""
        if phase not in self.phases:
            return IDENTITY
        F, lambda_z = ufl.Identity(2) + ufl.grad(self.u), self.lambda_z
        if not side:
            return Deformed(F, lambda_z)
        return Deformed(F(side), ufl.as_ufl(lambda_z)(side))


def find_motion(processes: Iterable[Process]) -> Motion | None:
    """Return the motion of the one process that moves the section, None where none does.

    Raises:
        ModelError: there are several.
    """
    found = [motion for process in processes if (motion := process.motion()) is not None]
    if len(found) > 1:
        msg = "internal error: more than one process moves the section"
        raise ModelError(msg)
    return found[0] if found else None
