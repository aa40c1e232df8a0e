"""Particle diameters of a size distribution, drawn by quantiles. All lengths in micrometres.

The n diameters of a packing are the quantiles at (k + 1/2)/n, not n random numbers: the request
is met as closely as n discs can, and two seeds differ in the arrangement only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from mesode.errors import GeometryError

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

_FINE = 20_000  # quantiles that stand for the exact distribution


class SizeDistribution(Protocol):
    """Anything that gives diameters [um] for cumulative number shares in (0, 1)."""

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the diameter [um] below which ``share`` of the particles lie."""
        ...


@dataclass(frozen=True, slots=True)
class Mono:
    """All discs of one ``diameter`` [um]."""

    diameter: float

    def __post_init__(self) -> None:
        _check_positive("diameter", self.diameter)

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the one diameter for every share."""
        return np.full(np.shape(share), self.diameter)


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Number distribution, ``spread`` = standard deviation of ln d, truncated to [min, max] um."""

    median: float
    spread: float
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        _check_positive("median", self.median)
        _check_positive("spread", self.spread)
        low, high = self._limits()
        if not low < high:
            msg = f"particle diameter: min {self.minimum} um must be below max {self.maximum} um"
            raise GeometryError(msg)
        if ndtr(high) - ndtr(low) < 1e-6:
            msg = (
                f"particle diameter: [{self.minimum}, {self.maximum}] um leaves less than 1e-6 of "
                f"a log-normal with median {self.median} um and spread {self.spread}; widen it"
            )
            raise GeometryError(msg)

    def _limits(self) -> tuple[float, float]:
        """Truncation in units of the standard normal."""
        low = -np.inf if self.minimum is None else np.log(self.minimum / self.median) / self.spread
        high = np.inf if self.maximum is None else np.log(self.maximum / self.median) / self.spread
        return float(low), float(high)

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the quantiles of the truncated distribution [um]."""
        low, high = ndtr(self._limits())
        normal = ndtri(low + np.asarray(share) * (high - low))
        return np.asarray(self.median * np.exp(self.spread * normal))


@dataclass(frozen=True, slots=True)
class Histogram:
    """Discrete ``diameters`` [um] with number ``shares`` (normalised here)."""

    diameters: tuple[float, ...]
    shares: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.diameters or len(self.diameters) != len(self.shares):
            msg = "particle histogram: one share is needed for each diameter"
            raise GeometryError(msg)
        for diameter in self.diameters:
            _check_positive("histogram diameter", diameter)
        if min(self.shares) < 0 or sum(self.shares) <= 0:
            msg = f"particle histogram: shares must be >= 0 with a sum > 0, got {self.shares}"
            raise GeometryError(msg)

    def quantile(self, share: FloatArray) -> FloatArray:
        """Return the diameter [um] of the class in which each share falls."""
        order = np.argsort(self.diameters)
        cumulative = np.cumsum(np.asarray(self.shares, dtype=float)[order])
        index = np.searchsorted(cumulative / cumulative[-1], share, side="left")
        return np.asarray(self.diameters, dtype=float)[order][np.minimum(index, len(order) - 1)]


def midpoint_quantiles(sizes: SizeDistribution, number: int) -> FloatArray:
    """Return ``number`` diameters [um], ascending: the quantiles at (k + 1/2)/number."""
    return sizes.quantile((np.arange(number) + 0.5) / number)


def size_statistics(diameters: FloatArray) -> dict[str, float]:
    """Return mean, median, d10 and d90 [um] by number; NaN for an empty set."""
    if len(diameters) == 0:
        return dict.fromkeys(("mean", "median", "d10", "d90"), float("nan"))
    d10, median, d90 = np.quantile(diameters, [0.1, 0.5, 0.9])
    return {
        "mean": float(np.mean(diameters)),
        "median": float(median),
        "d10": float(d10),
        "d90": float(d90),
    }


def requested_statistics(sizes: SizeDistribution) -> dict[str, float]:
    """Return the statistics [um] of the distribution itself, not of a sample."""
    return size_statistics(midpoint_quantiles(sizes, _FINE))


def mean_disc_area(sizes: SizeDistribution) -> float:
    """Return the mean disc area [um^2] of the distribution."""
    return float(np.pi / 4 * np.mean(midpoint_quantiles(sizes, _FINE) ** 2))


def _check_positive(name: str, value: float) -> None:
    if not (np.isfinite(value) and value > 0):
        msg = f"particle {name}: must be a positive length, got {value}"
        raise GeometryError(msg)
