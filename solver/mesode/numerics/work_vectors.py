"""Vectors that are used again, in place of new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petsc4py import PETSc


class WorkVectors:
    """Vectors of a solve, used again in the next.

    On several ranks PETSc keeps what Python lets go of until its end: a vector made in each step
    would be memory that grows with the steps.
    """

    def __init__(self) -> None:
        self._vectors: list[PETSc.Vec] = []
        self._taken = 0

    def __len__(self) -> int:
        return len(self._vectors)

    def take(self, like: PETSc.Vec) -> PETSc.Vec:
        """Return a vector of the same shape, of any content."""
        if self._taken == len(self._vectors):
            self._vectors.append(like.duplicate())
        self._taken += 1
        return self._vectors[self._taken - 1]

    def give_back(self) -> None:
        """All are free again."""
        self._taken = 0
