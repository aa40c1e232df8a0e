"""What a user may choose beside the sample."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices: the circuit to fit (by BIC where None), electrons of a peak."""

    circuit: str | None = None
    n: int = 1
