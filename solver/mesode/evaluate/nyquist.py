"""What is read off a Nyquist plot: resistances of arcs, and the slope of Warburg.

An arc is a part of a circle, its centre on the real axis or below. Around each maximum of -Im Z a
circle is fitted; its chord on the real axis is the resistance, and the frequency of the maximum
gives a capacitance, C = 1/(2 pi f R).

Where diffusion into a half space leads, Z = R + sigma (1 - i)/sqrt(omega):

    sigma   slope of Re Z over omega^-0.5                                    (1)
    D       (( -dU/dc)/(sqrt(2) F A sigma))^2                                (2)

and with the slope of an ideal solution, -dU/dc = R T/(n F C), the form that papers use,

    D       R^2 T^2/(2 A^2 n^4 F^4 C^2 sigma^2)                              (3)

The window of (1) is the longest of consecutive frequencies in which -Im Z grows over omega^-0.5
as Re Z does, to 15 %, along a line with R^2 of 0.99, and which spans half a decade or more. It lies
below the frequency of the largest arc: the foot of an arc, and what lies between two, look alike.

Sources: A. J. Bard, L. R. Faulkner, Electrochemical Methods (2001), ch. 10; C. Ho, I. D. Raistrick,
R. A. Huggins, J. Electrochem. Soc. 127, 343 (1980); (3) as eq. 5 of T. He et al., ACS Sustainable
Chem. Eng. (2025), doi 10.1021/acssuschemeng.4c10154.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import signal

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.evaluate.formula import Formula
from mesode.evaluate.lines import straight_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]

ARC: Final = Formula(
    "R = chord of a circle through an arc of the Nyquist plot",
    "arcs apart by more than a decade of frequency; one arc is one process",
    "A. J. Bard, L. R. Faulkner, Electrochemical Methods (2001), ch. 10",
)
WARBURG: Final = Formula(
    "D = ((−dU/dc)/(√2 F A σ))², Re Z = R + σ ω^−½",
    "diffusion into a half space, all of the area A alike, slope dU/dc of the potential known",
    "C. Ho, I. D. Raistrick, R. A. Huggins, J. Electrochem. Soc. 127, 343 (1980)",
)
WARBURG_IDEAL: Final = Formula(
    "D = R² T²/(2 A² n⁴ F⁴ C² σ²)",
    "as before, and dU/dc = R T/(n F C), that of an ideal solution of the concentration C",
    "T. He et al., ACS Sustainable Chem. Eng. (2025), doi 10.1021/acssuschemeng.4c10154, eq. 5",
)

_HEIGHT = 0.5  # of the top: points of the arc beside it
_PROMINENCE = 0.02  # of |Z|: a lower maximum is noise
_LEAST_ARC = 5
_ALIKE, _STRAIGHT = 0.15, 0.99  # slopes of both parts; R^2
_MOST_TO_SEARCH = 80  # frequencies that a window begins and ends at
_LEAST_LINE, _SPAN = 5, 10**0.249  # points; of omega^-0.5, half a decade of frequency


@dataclass(frozen=True, slots=True)
class Arc:
    """An arc: frequency of its top [Hz], chord R and where it begins [ohm], capacitance [F]."""

    f: float
    R: float
    begin: float
    C: float


@dataclass(frozen=True, slots=True)
class Warburg:
    """A Warburg line: sigma and its error [ohm/s^0.5], R at its foot [ohm], frequencies [Hz]."""

    sigma: float
    error: float
    R: float
    f_low: float
    f_high: float


def arcs(f: FloatArray, Z: ComplexArray) -> list[Arc]:
    """Return the arcs of a spectrum from high to low frequency."""
    order = np.argsort(-f)
    f, Z = f[order], Z[order]
    height = -Z.imag
    tops, _ = signal.find_peaks(height, prominence=_PROMINENCE * float(np.abs(Z).min()))
    found = [_arc(f, Z, int(top)) for top in tops]
    return [arc for arc in found if arc is not None]


def largest_arc(found: Sequence[Arc]) -> Arc | None:
    """Return the arc with the largest chord; None where there is no arc."""
    return max(found, key=lambda arc: arc.R, default=None)


def _arc(f: FloatArray, Z: ComplexArray, top: int) -> Arc | None:
    """Fit a circle to the points around a top, down to a part of its height on both sides."""
    height = -Z.imag
    low = _HEIGHT * height[top]
    start, end = top, top
    while start > 0 and low < height[start - 1] < height[start]:
        start -= 1
    while end < len(f) - 1 and low < height[end + 1] < height[end]:
        end += 1
    x, y = Z.real[start : end + 1], height[start : end + 1]
    if len(x) < _LEAST_ARC:
        return None
    # (x - a)^2 + (y - b)^2 = r^2 is linear in a, b and r^2 - a^2 - b^2 (I. Kasa, 1976)
    design = np.column_stack([2.0 * x, 2.0 * y, np.ones_like(x)])
    (a, _b, c), *_ = np.linalg.lstsq(design, x**2 + y**2, rcond=None)
    half = c + a**2  # square of half the chord on the real axis
    if half <= 0.0:
        return None
    R = 2.0 * float(np.sqrt(half))
    return Arc(float(f[top]), R, float(a - 0.5 * R), 1.0 / (2.0 * np.pi * float(f[top]) * R))


def warburg(f: FloatArray, Z: ComplexArray) -> Warburg | None:
    """Return the Warburg line of a spectrum; None where it has none."""
    top = largest_arc(arcs(f, Z))
    order = np.argsort(-f)
    below = order if top is None else order[f[order] < top.f]
    f, Z = f[below], Z[below]
    x = (2.0 * np.pi * f) ** -0.5
    stride = 1 + len(f) // _MOST_TO_SEARCH
    window = _longest_window(x[::stride], Z[::stride])
    if window is None:
        return None
    start, end = window[0] * stride, (window[1] - 1) * stride + 1
    line = straight_line(x[start:end], Z.real[start:end])
    return Warburg(line.slope, line.error, line.intercept, float(f[end - 1]), float(f[start]))


def _longest_window(x: FloatArray, Z: ComplexArray) -> tuple[int, int] | None:
    """Return first row and row after the last of the longest window that is a Warburg line."""
    longest, best = _SPAN, None
    for start in range(len(x) - _LEAST_LINE + 1):
        for end in range(len(x), start + _LEAST_LINE - 1, -1):
            span = float(x[end - 1] / x[start])
            if span < longest:
                break
            if _is_warburg(x[start:end], Z[start:end]):
                longest, best = span, (start, end)
                break
    return best


def _is_warburg(x: FloatArray, Z: ComplexArray) -> bool:
    real, imaginary = straight_line(x, Z.real), straight_line(x, -Z.imag)
    if real.slope <= 0.0 or min(real.r2, imaginary.r2) < _STRAIGHT:
        return False
    return abs(imaginary.slope / real.slope - 1.0) <= _ALIKE


def diffusivity(sigma: float, A: float, slope: float) -> float:
    """Return D [m^2/s] by (2).

    Args:
        sigma: Of the line [ohm/s^0.5].
        A: Area through which lithium diffuses [m^2].
        slope: -dU/dc [V m^3/mol].
    """
    return float((slope / (2.0**0.5 * FARADAY * A * sigma)) ** 2)


def ideal_slope(C: float, T: float = T_REF, n: int = 1) -> float:
    """Return -dU/dc [V m^3/mol] of an ideal solution, with which (2) is (3)."""
    return GAS_CONSTANT * T / (n * n * FARADAY * C)
