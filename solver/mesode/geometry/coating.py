"""Which part of the particle surface is coated. All lengths in micrometres."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CoatingRequest:
    """Share of the surface that is coated, arc length of one ``defect`` [um], and seed."""

    integrity: float
    defect: float
    seed: int = 1
