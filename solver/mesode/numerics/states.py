"""States inside the material that follow from the solution: what has flowed, broken or grown.

They are no unknowns of the block system. After each solve they are computed on trial; they become
those of the next step when the step is accepted, and a step that is not leaves nothing behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dolfinx.fem import FunctionSpace

    from mesode.numerics.bdf import FloatArray


class InternalState(Protocol):
    """A state with a trial and a committed value (all methods collective)."""

    def update(self, t: float, dt: float) -> None:
        """Compute the trial value at ``t``, ``dt`` after the committed one.

        The solution at ``t`` is loaded.
        """

    def reset(self) -> None:
        """Take the value at the begin of a run."""

    def commit(self) -> None:
        """Make the trial value the committed one: the step is accepted."""

    def reject(self) -> None:
        """Forget the trial value."""

    def arrays(self) -> dict[str, FloatArray]:
        """Return what this rank owns of the committed value, by name, for a checkpoint."""

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return the space of each array, None for numbers that are the same on all ranks."""

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over a committed value from a checkpoint."""
