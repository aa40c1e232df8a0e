"""What an evaluation rests on: its equation, what that assumes, and who wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """An equation as it is used, what it takes for granted, and its source."""

    equation: str
    assumption: str
    source: str
