"""Section ``geometry``: what the section of the cell looks like."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Tag,
    field_validator,
    model_serializer,
    model_validator,
)

from mesode.config.base import Section, entry, problem
from mesode.config.quantities import Gap, LayerThickness, ParticleSize, Quantity

AreaFraction = Annotated[float, Quantity(dimension="ratio", above="0", high="0.65")]
Spread = Annotated[float, Quantity(dimension="ratio", above="0", high="2")]
Share = Annotated[float, Quantity(dimension="ratio", above="0")]


class MonoDiameter(Section):
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


class LogNormalDiameter(Section):
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


class HistogramDiameter(Section):
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
    if isinstance(value, Section):
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


class Particles(Section):
    """A random packing of discs, reproducible by its seed."""

    fraction: AreaFraction = entry("Area of the particles over the area of the electrode.")
    diameter: Diameter = entry(
        "One diameter, {median, spread, min, max} (log-normal), or {histogram: [[d, share], ...]}."
    )
    gap: Gap = entry(
        "Least distance between surfaces: of particles, to the walls, collector and top.", "0.1 um"
    )
    seed: int = entry("Seed of the random packing.", 1, ge=0, le=2**32 - 1, strict=True)

    @model_validator(mode="after")
    def _gap_below_diameter(self) -> Self:
        smallest, _ = self.diameter.bounds()
        if self.gap >= smallest:
            text = Quantity(dimension="length").show(smallest)
            raise problem(f"expected a gap below the smallest diameter, {text}", path=("gap",))
        return self


_BINDER_KINDS = ("matrix", "none")


def _known_binder(value: Any) -> Any:
    if value not in _BINDER_KINDS:
        raise problem("expected 'matrix' or 'none'", "Other kinds of binder are not available yet")
    return value


class CarbonBinderShape(Section):
    """Where the carbon-binder is."""

    kind: Annotated[Literal["matrix", "none"], BeforeValidator(_known_binder)] = entry(
        "matrix: porous carbon-binder everywhere between the particles; none: open electrolyte.",
        "matrix",
    )


class ElectrodeShape(Section):
    """The working electrode, from the collector (y = 0) to the separator."""

    thickness: LayerThickness = entry("Thickness of the electrode.")
    particles: Particles = entry("The packing of the active particles.")
    carbon_binder: CarbonBinderShape = entry("Where the carbon-binder is.", {})

    @model_validator(mode="after")
    def _holds_particles(self) -> Self:
        _, largest = self.particles.diameter.bounds()
        needed = largest + 2 * self.particles.gap
        if self.thickness < needed:
            text = Quantity(dimension="length").show(needed)
            expected = f"expected at least the largest particle with its gaps, {text}"
            raise problem(expected, path=("thickness",))
        return self


class SeparatorShape(Section):
    """The separator, between electrode and counter electrode."""

    thickness: LayerThickness = entry("Thickness of the separator.")


class Geometry(Section):
    """The section: width across, layers from the collector to the counter electrode."""

    width: LayerThickness = entry("Width of the section; its sides are mirrors.")
    electrode: ElectrodeShape = entry("The working electrode.")
    separator: SeparatorShape = entry("The separator.")
    counter: Literal["lithium"] = entry("The counter electrode: lithium metal.", "lithium")

    @model_validator(mode="after")
    def _wide_enough(self) -> Self:
        particles = self.electrode.particles
        needed = particles.diameter.bounds()[1] + 2 * particles.gap
        if self.width < needed:
            text = Quantity(dimension="length").show(needed)
            expected = f"expected at least the largest particle with its gaps, {text}"
            raise problem(expected, path=("width",))
        return self
