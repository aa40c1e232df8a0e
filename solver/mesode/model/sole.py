"""What one process of a cell at most may tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable


def sole[T](told: Iterable[T | None], what: str) -> T | None:
    """Return what one process tells, None where none does; ``what`` completes the error.

    Raises:
        ModelError: several do.
    """
    found = [each for each in told if each is not None]
    if len(found) > 1:
        msg = f"internal error: more than one process {what}"
        raise ModelError(msg)
    return found[0] if found else None
