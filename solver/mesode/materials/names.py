"""A name that is not known, and the ones nearest to it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(
    name: str, known: Iterable[str], count: int = 3, cutoff: float = 0.4
) -> tuple[str, ...]:
    """Return up to ``count`` known names that look like the given one, best first."""
    by_lower = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.lower(), by_lower, n=count, cutoff=cutoff)
    return tuple(by_lower[each] for each in close)


class UnknownNameError(KeyError):
    """A preset or law of this name does not exist; ``nearest`` are the names to offer."""

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        self.nearest = nearest(name, self.known)
        self.hint = (
            f"did you mean {' or '.join(self.nearest)}?"
            if self.nearest
            else f"there are {', '.join(self.known)}"
        )
        super().__init__(f"unknown {what} {name!r}: {self.hint}")

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the repr
