"""Cyclic voltammetry: peaks, Randles-Sevcik, b-values, and the split k1 v + k2 v^0.5.

Peak current I_p of a reversible reaction whose species diffuses in a half space, at the rate v,

    I_p = 0.4463 n F A C sqrt(n F D v/(R T))                          (1)

that is 2.69e5 n^1.5 A D^0.5 v^0.5 C in A, cm^2, mol/cm^3, V/s at 25 degC. Of an irreversible one
0.4958 sqrt(alpha) takes the place of 0.4463 sqrt(n). D comes from the slope of I_p over sqrt(v),
through the origin; A and C are what the user says they are. Powders: the particles have an end, C
is taken from the electrolyte in some papers and from the solid in others.

    b-value     slope of log I_p over log v                           (2)
    split       I(V) = k1(V) v + k2(V) v^0.5 at each potential        (3)

In (3), k1 v is called capacitive. For a share f = k1 v/I the local exponent is b = (1 + f)/2. Both
tell how the current grows with the rate, not why: diffusion alone into bodies of finite size goes
from b = 1 (slow) to 0.5 (fast), with no capacitance.

Sources: A. J. Bard, L. R. Faulkner, Electrochemical Methods (2001), eqs. 6.2.19 and 6.3.8; J. Wang,
J. Polleux, J. Lim, B. Dunn, J. Phys. Chem. C 111, 14925 (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.evaluate.formula import Formula
from mesode.evaluate.lines import Line, line_through_origin, straight_line
from mesode.evaluate.record import Kind, segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from mesode.evaluate.record import Record

    type FloatArray = npt.NDArray[np.float64]

RANDLES_SEVCIK: Final = Formula(
    "I_p = 0.4463 n F A C √(n F D v/(R T))",
    "reversible reaction, diffusion into a half space: peaks proportional to √v, area A and "
    "concentration C of what diffuses known",
    "A. J. Bard, L. R. Faulkner, Electrochemical Methods (2001), eq. 6.2.19",
)
B_VALUE: Final = Formula(
    "I_p = a v^b",
    "no ohmic drop that grows with the rate; b between 0.5 and 1 does not show capacitance: "
    "diffusion in bodies of finite size gives it, too",
    "J. Wang, J. Polleux, J. Lim, B. Dunn, J. Phys. Chem. C 111, 14925 (2007)",
)
SPLIT: Final = Formula(
    "I(V) = k1(V) v + k2(V) √v",
    "the potential of the surface is the applied one at all rates (peaks do not move), and the two "
    "terms are surface and diffusion",
    "J. Wang, J. Polleux, J. Lim, B. Dunn, J. Phys. Chem. C 111, 14925 (2007)",
)
REVERSIBLE, IRREVERSIBLE = 0.4463, 0.4958  # Bard and Faulkner, eqs. 6.2.19 and 6.3.8
_SAME_RATE = 0.02  # of it
_POINTS = 101  # of the potential, for the split
_EDGE = 0.02  # of the window at both ends, where sweeps turn
_LEAST_RATES = 2


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep: rate [V/s], negative where the voltage falls; voltages [V] and currents."""

    rate: float
    V: FloatArray
    I: FloatArray

    @property
    def direction(self) -> int:
        """Return +1 for a discharge (voltage falls), −1 for a charge."""
        return 1 if self.rate < 0.0 else -1

    @property
    def peak(self) -> int:
        """Return the row of the largest current in its direction."""
        return int(np.argmax(self.direction * self.I))


def sweeps(record: Record, direction: int) -> list[Sweep]:
    """Return the last sweep of each rate in a direction, by their rates.

    Args:
        record: The record.
        direction: +1 where the voltage falls, −1 where it rises.
    """
    return last_of_each_rate(
        Sweep(part.rate, record.V[part.rows], record.I[part.rows])
        for part in segments(record)
        if part.kind is Kind.SWEEP and part.rate * direction < 0.0
    )


def last_of_each_rate(found: Iterable[Sweep]) -> list[Sweep]:
    """Return the last of the sweeps of each rate, by their rates; 2 % apart are the same."""
    kept: list[Sweep] = []
    for sweep in found:
        kept = [each for each in kept if not _same(each.rate, sweep.rate)]
        kept.append(sweep)
    return sorted(kept, key=lambda each: abs(each.rate))


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _SAME_RATE * abs(a)


def peak_currents(found: Sequence[Sweep]) -> tuple[FloatArray, FloatArray]:
    """Return rates [V/s] and sizes of the peak currents of sweeps."""
    rates = np.array([abs(each.rate) for each in found])
    return rates, np.array([abs(each.I[each.peak]) for each in found])


def peak_current(
    v: npt.ArrayLike, D: float, A: float, C: float, T: float = T_REF, n: int = 1
) -> FloatArray:
    """Return I_p [A] by (1) at rates v [V/s]; D [m^2/s], A [m^2], C [mol/m^3]."""
    v = np.asarray(v, dtype=np.float64)
    return np.asarray(
        REVERSIBLE * n * FARADAY * A * C * np.sqrt(n * FARADAY * D * v / (GAS_CONSTANT * T))
    )


def randles_sevcik(
    v: FloatArray, I_p: FloatArray, A: float, C: float, T: float = T_REF, n: int = 1
) -> tuple[float, Line]:
    """Return D [m^2/s] by (1), and the line of I_p over sqrt(v).

    Args:
        v: Rates [V/s].
        I_p: Peak currents [A].
        A: Area [m^2].
        C: Concentration of what diffuses [mol/m^3].
        T: Temperature [K].
        n: Electrons for each.
    """
    line = line_through_origin(np.sqrt(v), I_p)
    unit = float(peak_current(1.0, 1.0, A, C, T, n))
    return (line.slope / unit) ** 2, line


def b_value(v: FloatArray, I: FloatArray) -> Line:
    """Return the line of log10 I over log10 v; its slope is b."""
    return straight_line(np.log10(v), np.log10(I))


@dataclass(frozen=True, slots=True)
class Split:
    """k1 [A s/V] and k2 [A (s/V)^0.5] over the potential [V] of sweeps of one direction."""

    V: FloatArray
    k1: FloatArray
    k2: FloatArray

    def capacitive(self, v: float) -> FloatArray:
        """Return k1 v."""
        return self.k1 * v

    def share(self, v: float) -> float:
        """Return the area of k1 v over that of the current, at a rate [V/s]."""
        whole = self.k1 * v + self.k2 * np.sqrt(v)
        return float(np.trapezoid(self.k1 * v, self.V) / np.trapezoid(whole, self.V))


def split(found: Sequence[Sweep]) -> Split | None:
    """Return the split (3) of sweeps of one direction; None with less than two rates.

    Each potential is fitted by itself: I/sqrt(v) is a straight line over sqrt(v).
    """
    if len(found) < _LEAST_RATES:
        return None
    low = max(float(each.V.min()) for each in found)
    high = min(float(each.V.max()) for each in found)
    edge = _EDGE * (high - low)
    V = np.linspace(low + edge, high - edge, _POINTS)
    root = np.sqrt([abs(each.rate) for each in found])
    I = np.array([np.interp(V, *_rising(each)) for each in found])
    design = np.column_stack([root, np.ones_like(root)])
    (k1, k2), *_ = np.linalg.lstsq(design, I / root[:, None], rcond=None)
    return Split(V, k1, k2)


def _rising(sweep: Sweep) -> tuple[FloatArray, FloatArray]:
    order = np.argsort(sweep.V)
    return sweep.V[order], sweep.I[order]


def exponents(found: Sequence[Sweep], V: FloatArray) -> FloatArray:
    """Return b at potentials [V]: the slope of log I over log v.

    NaN where a current is not in the direction of its sweep.
    """
    v = np.array([abs(each.rate) for each in found])
    I = np.array([each.direction * np.interp(V, *_rising(each)) for each in found])
    log = np.log10(np.where(I > 0.0, I, np.nan))
    deviation = np.log10(v) - np.log10(v).mean()
    return np.asarray(deviation @ log / (deviation @ deviation))
