"""Key ``diameter``: one size, a log-normal distribution or a histogram."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Discriminator, Tag, field_validator, model_serializer, model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.quantities import ParticleSize, Quantity

Spread = Annotated[float, Quantity(dimension="ratio", above="0", high="2")]
Share = Annotated[float, Quantity(dimension="ratio", above="0")]


class MonoDiameter(Block):
    """All particles have the same diameter; in the file, the quantity alone."""

    diameter: ParticleSize = entry("Diameter of every particle.")

    @model_validator(mode="before")
    @classmethod
    def _bare_quantity(cls, data: Any) -> Any:
        return data if isinstance(data, dict) else {"diameter": data}

    @model_serializer
    def _as_quantity(self) -> str:
        return Quantity(dimension="length").format(self.diameter)

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and largest diameter [m]."""
        return self.diameter, self.diameter


class LogNormalDiameter(Block):
    """Log-normal by number, cut at ``min`` and ``max``."""

    median: ParticleSize = entry("Median diameter, by number.")
    spread: Spread = entry("Standard deviation of the natural logarithm of the diameter.")
    min: ParticleSize | None = entry(
        "Smallest diameter; default: two spreads below the median.", None
    )
    max: ParticleSize | None = entry(
        "Largest diameter; default: two spreads above the median.", None
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.min > self.median:
            raise problem("expected a diameter at most the median", path=("min",))
        if self.max is not None and self.max < self.median:
            raise problem("expected a diameter at least the median", path=("max",))
        return self

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and largest diameter [m]; the default cut is at two spreads."""
        from math import exp

        low = self.min if self.min is not None else self.median * exp(-2.0 * self.spread)
        high = self.max if self.max is not None else self.median * exp(2.0 * self.spread)
        return low, high


class HistogramDiameter(Block):
    """Diameters with their shares by number; the shares are normalised."""

    histogram: tuple[tuple[ParticleSize, Share], ...] = entry(
        "Pairs of diameter and share of the number of particles.",
        examples=[[["2 um", 0.2], ["3 um", 0.8]]],
    )

    @field_validator("histogram", mode="after")
    @classmethod
    def _has_pairs(cls, pairs: tuple[Any, ...]) -> tuple[Any, ...]:
        if not pairs:
            raise problem("expected at least one pair [diameter, share]")
        return pairs

    def bounds(self) -> tuple[float, float]:
        """Return the smallest and largest diameter [m]."""
        diameters = [diameter for diameter, _ in self.histogram]
        return min(diameters), max(diameters)


def _diameter_kind(value: Any) -> str:
    if isinstance(value, Block):
        return type(value).__name__
    if isinstance(value, dict) and "histogram" in value:
        return "HistogramDiameter"
    if isinstance(value, dict) and "diameter" not in value:
        return "LogNormalDiameter"
    return "MonoDiameter"


Diameter = Annotated[
    Annotated[MonoDiameter, Tag("MonoDiameter")]
    | Annotated[LogNormalDiameter, Tag("LogNormalDiameter")]
    | Annotated[HistogramDiameter, Tag("HistogramDiameter")],
    Discriminator(_diameter_kind),
]
