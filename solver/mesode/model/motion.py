"""How a section moves, as a process that knows it tells the others.

The motion is *given* while a step in time is solved: transport reads a displacement that belongs to
the time at which its rows are assembled (``mesode.model.ahead``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ufl

from mesode.model.sole import sole
from mesode.physics.kinematics import IDENTITY, Deformed, Kinematics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from mesode.model.process import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A displacement of some phases; the others stay as they are drawn.

    Attributes:
        u: Displacement [m], UFL on the mesh of these phases.
        phases: Those that move.
        lambda_z: Their stretch along z, a number or UFL.
    """

    u: Any
    phases: Collection[str]
    lambda_z: Any = 1

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
    return sole((process.motion() for process in processes), "moves the section")
