"""Distribution of relaxation times (DRT): a spectrum as a sum of RC elements.

    Z(omega) = R_inf + i omega L + 1/(i omega C) + int gamma(ln tau)/(1 + i omega tau) d ln tau

gamma >= 0 [ohm] is straight between points of ln tau, ten a decade, from a decade below the times
of the spectrum to a decade above. The integral is ill-posed; gamma is that of ridge regression
(Tikhonov),

    min  sum |Z_fit - Z|^2/|Z|^2 + lambda int (d^2 gamma/d(ln tau)^2)^2 d ln tau / R^2

R being the span of Re Z, with non-negative least squares. lambda is that of the least generalised
cross-validation (GCV) of the same regression without the condition of sign: no number is chosen by
hand. R_inf, L and 1/C are fitted with it, without a penalty, and not negative either.

A peak of gamma is a process; its resistance is the area between the minima beside it. Peaks with
less than 2 % of the area of all are counted to the one beside them. The penalty lowers a peak that
is as narrow as two or three points and makes it wider; its area stays.

Sources: T. H. Wan, M. Saccoccio, C. Chen, F. Ciucci, Electrochim. Acta 184, 483 (2015); G. H.
Golub, M. Heath, G. Wahba, Technometrics 21, 215 (1979) for GCV.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import linalg, optimize, signal

from mesode.evaluate.formula import Formula

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]

DRT: Final = Formula(
    "Z = R∞ + iωL + 1/(iωC) + ∫ γ/(1 + iωτ) d ln τ, γ ≥ 0, λ by GCV",
    "linear, at rest, causal; peaks less than about half a decade apart are one, and diffusion "
    "is a row of peaks",
    "T. H. Wan, M. Saccoccio, C. Chen, F. Ciucci, Electrochim. Acta 184, 483 (2015)",
)
_PER_DECADE, _BEYOND = 10, 1.0  # points; decades beyond the spectrum
_FINE = 8  # intervals between two points, for the integral
_LAMBDAS = np.logspace(-10.0, 1.0, 56)
_PATIENCE = 100  # iterations of the non-negative least squares for each unknown
_LEAST_PEAK = 0.02  # of the area of all


@dataclass(frozen=True, slots=True)
class Peak:
    """A peak of gamma: tau [s], height and area R [ohm]."""

    tau: float
    gamma: float
    R: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """gamma [ohm] over tau [s]; R_inf [ohm], L [H], 1/C [1/F], lambda, relative rms of the fit."""

    tau: FloatArray
    gamma: FloatArray
    R_inf: float
    L: float
    inverse_C: float
    regularisation: float
    rms: float

    @property
    def R(self) -> float:
        """Return the area under gamma [ohm]."""
        return float(np.trapezoid(self.gamma, np.log(self.tau)))

    def impedance(self, f: FloatArray) -> ComplexArray:
        """Return the impedance [ohm] at frequencies [Hz]."""
        kernel, _ = _kernel(2.0 * np.pi * f, np.log(self.tau))
        return np.asarray(kernel @ np.array([self.R_inf, self.L, self.inverse_C, *self.gamma]))

    def peaks(self) -> list[Peak]:
        """Return the peaks from short to long times."""
        tops = list(signal.find_peaks(np.concatenate([[0.0], self.gamma, [0.0]]))[0] - 1)
        found = self._between(tops)
        while len(found) > 1 and min(each.R for each in found) < _LEAST_PEAK * self.R:
            # the least is noise, or the foot of the one beside it
            del tops[min(range(len(found)), key=lambda k: found[k].R)]
            found = self._between(tops)
        return found

    def _between(self, tops: list[int]) -> list[Peak]:
        """Return peaks with the area from the minimum before to that after each."""
        log, y = np.log(self.tau), self.gamma
        valleys = [a + int(np.argmin(y[a:b])) for a, b in itertools.pairwise(tops)]
        ends = [0, *valleys, len(y) - 1]
        areas = [
            float(np.trapezoid(y[a : b + 1], log[a : b + 1])) for a, b in itertools.pairwise(ends)
        ]
        return [
            Peak(float(self.tau[top]), float(y[top]), area)
            for top, area in zip(tops, areas, strict=False)
        ]


def distribution(f: FloatArray, Z: ComplexArray, strength: float | None = None) -> Distribution:
    """Return the distribution of relaxation times of a spectrum.

    Args:
        f: Frequencies [Hz].
        Z: Impedances [ohm].
        strength: lambda; by GCV where it is None.
    """
    w = 2.0 * np.pi * np.asarray(f)
    log_tau = _points(w)
    kernel, units = _kernel(w, log_tau)
    scale = float(np.ptp(Z.real)) or float(np.abs(Z).max())
    columns = scale * units  # unknowns of about 1
    weighted = kernel * columns / np.abs(Z)[:, None]
    A = np.vstack([weighted.real, weighted.imag])
    b = np.concatenate([(Z / np.abs(Z)).real, (Z / np.abs(Z)).imag])
    penalty = _curvature(len(log_tau), log_tau[1] - log_tau[0])
    found = _least_gcv(A, b, penalty) if strength is None else strength
    both = np.vstack([A, np.sqrt(found) * penalty])
    load = np.concatenate([b, np.zeros(len(penalty))])
    x, _ = optimize.nnls(both, load, maxiter=_PATIENCE * both.shape[1])
    rms = float(np.sqrt(np.mean((A @ x - b) ** 2)))
    x = x * columns
    return Distribution(
        np.exp(log_tau), x[3:], float(x[0]), float(x[1]), float(x[2]), float(found), rms
    )


def _points(w: FloatArray) -> FloatArray:
    low, high = -np.log10(w.max()) - _BEYOND, -np.log10(w.min()) + _BEYOND
    count = round((high - low) * _PER_DECADE) + 1
    return np.asarray(np.linspace(low, high, count) * np.log(10.0))


def _kernel(w: FloatArray, log_tau: FloatArray) -> tuple[ComplexArray, FloatArray]:
    """Return Z for R_inf, L, 1/C and gamma of 1 each, and the size at which each is about 1 ohm."""
    step = log_tau[1] - log_tau[0]
    offsets = np.arange(-_FINE, _FINE + 1) / _FINE
    hat = (1.0 - np.abs(offsets)) * step / _FINE
    fine = np.exp(log_tau[:, None] + step * offsets)  # point, place in its hat
    answer = (hat / (1.0 + 1j * w[:, None, None] * fine)).sum(axis=-1)
    series = np.column_stack([np.ones_like(w) + 0j, 1j * w, 1.0 / (1j * w)])
    units = np.concatenate([[1.0, 1.0 / w.max(), w.min()], np.ones(len(log_tau))])
    return np.hstack([series, answer]), units


def _curvature(points: int, step: float) -> FloatArray:
    """Return what takes the second derivative of gamma, zero beyond its ends, times sqrt(step)."""
    second = np.diff(np.eye(points + 2), 2, axis=0)[:, 1:-1] / step**1.5
    return np.hstack([np.zeros((len(second), 3)), second])


def _least_gcv(A: FloatArray, b: FloatArray, penalty: FloatArray) -> float:
    """Return the lambda with the least GCV, |(1 - H) b|^2/trace(1 - H)^2.

    With Q of the QR decomposition of A above sqrt(lambda) P, H is Q Q^T of the rows of A.
    """

    def gcv(strength: float) -> float:
        Q = linalg.qr(np.vstack([A, np.sqrt(strength) * penalty]), mode="economic")[0][: len(b)]
        left = b - Q @ (Q.T @ b)
        return float(left @ left) / (len(b) - float(np.sum(Q * Q))) ** 2

    return float(min(_LAMBDAS, key=gcv))
