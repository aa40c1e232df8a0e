"""Diffusivity from the whole relaxation after a pulse, of whatever length.

A pulse of constant current for tau brings lithium to the surface of a body; afterwards it spreads.
Where the potential is straight over the change of the surface, the voltage of the rest is

    E(t) = E_before + dEs (Theta(x + x_tau) - Theta(x))/(m x_tau),    x = D t/L^2

with Theta of `finite_diffusion`: it falls to E_before + dEs. D/L^2 and dEs are fitted to it by
least squares; dEs enters linearly and is eliminated. The begin of the rest, where double layers
and electrolyte relax, is left out. Unlike the formulas of `gitt` it takes no limit of short pulses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import optimize

from mesode.evaluate.finite_diffusion import SPHERE, relaxing
from mesode.evaluate.formula import Formula

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.evaluate.finite_diffusion import Body
    from mesode.evaluate.gitt import Pulse
    from mesode.evaluate.record import Record

    type FloatArray = npt.NDArray[np.float64]

RELAXATION: Final = Formula(
    "E(t) = E₀ + ΔEs (Θ(x+x_τ) − Θ(x))/(m x_τ), x = D t/L²",
    "all bodies are alike and at equilibrium before the pulse, potential straight over the change "
    "at their surface, nothing but diffusion in them relaxes after the first hundredth of τ",
    "superposition of J. Crank, The Mathematics of Diffusion (1975), eqs. 4.55, 5.45, 6.45",
)

_SKIPPED = 0.01  # of tau, at the begin of the rest
_LEAST_ROWS, _MOST_ROWS = 6, 150
_RANGE = (1e-4, 1e2)  # of D tau/L^2
_GRID = 61


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What a rest tells: D [m^2/s], the change dEs [V], the rms of what is left [V]."""

    D: float
    dEs: float
    rms: float


def fit(record: Record, pulse: Pulse, L: float, body: Body = SPHERE) -> Relaxed | None:
    """Return the diffusivity that fits the rest after a pulse.

    Args:
        record: The record.
        pulse: The pulse.
        L: Thickness of a slab sealed on one side, radius of cylinder or sphere [m].
        body: The body.

    Returns:
        None where the rows are too few, or D tau/L^2 is not between 1e-4 and 100.
    """
    t = record.t[pulse.rest] - record.t[pulse.rest.start]
    rise = record.V[pulse.rest] - pulse.E_before
    kept = _thinned(t, _SKIPPED * pulse.tau)
    if len(kept) < _LEAST_ROWS or not np.any(rise[kept]):
        return None
    return fit_rest(t[kept], rise[kept], pulse.tau, L, body)


def _thinned(t: FloatArray, first: float) -> npt.NDArray[np.intp]:
    """Return rows from a time on, as even in sqrt(t) as they are, at most ``_MOST_ROWS``."""
    rows = np.flatnonzero(t >= first)
    if len(rows) <= _MOST_ROWS:
        return rows
    wanted = np.linspace(np.sqrt(t[rows[0]]), np.sqrt(t[rows[-1]]), _MOST_ROWS)
    places = np.searchsorted(np.sqrt(t[rows]), wanted).clip(0, len(rows) - 1)
    return np.asarray(rows[np.unique(places)])


def fit_rest(
    t: FloatArray, rise: FloatArray, tau: float, L: float, body: Body = SPHERE
) -> Relaxed | None:
    """Return the diffusivity that fits a relaxation.

    Args:
        t: Time since the end of the pulse [s].
        rise: Voltage less that before the pulse [V].
        tau: Length of the pulse [s].
        L: Length of the body [m].
        body: The body.
    """

    def left(log_x_tau: float) -> tuple[FloatArray, float]:
        x_tau = 10.0**log_x_tau
        shape = relaxing(body, x_tau * t / tau, x_tau)
        dEs = float(shape @ rise / (shape @ shape))
        return rise - dEs * shape, dEs

    def cost(log_x_tau: float) -> float:
        residual, _ = left(log_x_tau)
        return float(residual @ residual)

    low, high = np.log10(_RANGE)
    grid = np.linspace(low, high, _GRID)
    best = int(np.argmin([cost(each) for each in grid]))
    if best in (0, _GRID - 1):
        return None
    ends = grid[best - 1], grid[best + 1]
    log = optimize.minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 1e-7}).x
    residual, dEs = left(float(log))
    rms = float(np.sqrt(np.mean(residual**2)))
    return Relaxed(D=10.0 ** float(log) * L**2 / tau, dEs=dEs, rms=rms)
