"""Galvanostatic intermittent titration (GITT): diffusivity from pulses and rests.

A pulse of constant current lasts tau; the rest after it brings the voltage to a new equilibrium.

    dEs    change of the equilibrium voltage, from rest to rest
    dEt    change of the voltage during the pulse, without the jump at its begin (IR)

Diffusion into a half space makes the voltage of the pulse a straight line over sqrt(t), so that,
with L the volume of the active material over the surface through which it reacts,

    by ends     D = 4 L^2/(pi tau) (dEs/dEt)^2                     (1)
    by slope    D = 4 L^2/(pi tau^2) (dEs/(dE/d sqrt(t)))^2        (2)

(1) takes the voltage to be straight over sqrt(t) up to tau, which needs tau << L^2/D; (2) only
near the begin. In molar quantities L = n_M V_M/S. What the papers take for L is another matter:
the thickness of the electrode, or the volume over the area of the electrode. D is then an apparent
one: (L_taken/L)^2 times as large.

The jump: the voltage over s = sqrt(t) is fitted by a + b s + c s^2 between tau/100, when double
layers have followed, and tau/10; a is the voltage after the jump and b the slope of (2). With too
few rows there, the first row of the pulse is the voltage after the jump.

A rest has ended at equilibrium where in its second half the voltage moved by at most 1 % of dEs;
where the rest is shorter than the pulse, where it would at that pace within half a pulse. In
closed form (slab and sphere, D tau/L^2 of 0.01 to 0.5, rests cut off anywhere) D by (1) is then
at most 2 % from that of a rest without end.

Sources: W. Weppner and R. A. Huggins, J. Electrochem. Soc. 124, 1569 (1977); (1) as eq. 6 of
T. He et al., ACS Sustainable Chem. Eng. (2025), doi 10.1021/acssuschemeng.4c10154, and as eq. 2 of
L. He et al., J. Energy Storage (2026) 120607.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.evaluate.formula import Formula
from mesode.evaluate.record import Kind, segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.evaluate.record import Record, Segment

    type FloatArray = npt.NDArray[np.float64]

_WEPPNER = "W. Weppner, R. A. Huggins, J. Electrochem. Soc. 124, 1569 (1977)"
BY_ENDS: Final = Formula(
    "D = 4 L²/(π τ) (ΔEs/ΔEt)²",
    "pulse much shorter than L²/D, potential straight over the pulse, no current at the end of the "
    "rests, nothing but diffusion in the particles moves the voltage after the jump",
    _WEPPNER,
)
BY_SLOPE: Final = Formula(
    "D = 4 L²/(π τ²) (ΔEs/(dE/d√t))²",
    "potential straight over the pulse; of the pulse only its begin is diffusion into a half space",
    _WEPPNER,
)

_FROM, _TO = 0.01, 0.1  # of tau: where the voltage is fitted over sqrt(t)
_LEAST_ROWS = 6  # in it
_FLAT = 1e-6  # [V]: a smaller change of the voltage tells nothing
_SETTLED = 0.01  # of dEs: a rest in which the voltage moves less at the end is at equilibrium
_SHORTER = 0.99  # of the rest before: a last one is as long, but for rounding


@dataclass(frozen=True, slots=True)
class Pulse:
    """A pulse and its rest; voltages in V, time in s, current as in the record.

    Args:
        number: Of the pulse, from 1.
        before: Row of the equilibrium before.
        rest: Rows of the rest after it.
        tau: Length of the pulse.
        tau_rest: Length of the rest.
        I: Mean current.
        E_before: Voltage at rest before.
        E_jump: Voltage after the jump at the begin.
        E_end: Voltage at the end of the pulse.
        E_after: Voltage at the end of the rest.
        slope: dE/d sqrt(t) at the begin [V/s^0.5]; None where the rows are too few.
        drift: Change of the voltage in the second half of the rest, which has few rows where it is
            None.
    """

    number: int
    before: int
    rest: slice
    tau: float
    tau_rest: float
    I: float
    E_before: float
    E_jump: float
    E_end: float
    E_after: float
    slope: float | None
    drift: float | None

    @property
    def dEs(self) -> float:
        """Return the change of the equilibrium voltage [V]."""
        return self.E_after - self.E_before

    @property
    def dEt(self) -> float:
        """Return the change of the voltage during the pulse, without the jump [V]."""
        return self.E_end - self.E_jump

    @property
    def resistance(self) -> float:
        """Return the jump over the current [ohm]."""
        return (self.E_before - self.E_jump) / self.I

    @property
    def moving(self) -> float | None:
        """Return the share of dEs by which the voltage still moves after the pulse, else None."""
        if self.drift is None or abs(self.dEs) < _FLAT:
            return None
        share = abs(self.drift / self.dEs) * max(1.0, self.tau / self.tau_rest)
        return share if share > _SETTLED else None


def pulses(record: Record) -> list[Pulse]:
    """Return the pulses of a record: parts at constant current between two at rest."""
    parts = segments(record)
    found: list[Pulse] = []
    for before, pulse, rest in zip(parts, parts[1:], parts[2:], strict=False):
        if (before.kind, pulse.kind, rest.kind) == (Kind.REST, Kind.CONSTANT, Kind.REST):
            found.append(_pulse(record, len(found) + 1, pulse, rest))
    return found


def cut_off(record: Record, found: Sequence[Pulse]) -> Pulse | None:
    """Return the last pulse if the record ends early in its rest, whose end is no equilibrium."""
    if len(found) < 2 or found[-1].rest.stop < len(record.t):
        return None
    last = found[-1]
    shorter = last.tau_rest < _SHORTER * found[-2].tau_rest
    return last if shorter and (last.drift is None or last.moving is not None) else None


def _pulse(record: Record, number: int, pulse: Segment, rest: Segment) -> Pulse:
    t, V = record.t, record.V
    begin = t[pulse.before]
    tau = float(t[pulse.last] - begin)
    jump, slope = _begin(t[pulse.rows] - begin, V[pulse.rows], tau)
    return Pulse(
        number=number,
        before=pulse.before,
        rest=slice(rest.before, rest.end),
        tau=tau,
        tau_rest=float(t[rest.last] - t[rest.before]),
        I=pulse.I,
        E_before=float(V[pulse.before]),
        E_jump=jump,
        E_end=float(V[pulse.last]),
        E_after=float(V[rest.last]),
        slope=slope,
        drift=_drift(t[rest.rows], V[rest.rows], float(t[rest.before])),
    )


def _drift(t: FloatArray, V: FloatArray, begin: float) -> float | None:
    """Return the change of the voltage in the second half of a rest; None of a single row there."""
    middle = 0.5 * (begin + t[-1])
    if np.count_nonzero(t >= middle) < 2:
        return None
    return float(V[-1] - np.interp(middle, t, V))


def _begin(t: FloatArray, V: FloatArray, tau: float) -> tuple[float, float | None]:
    """Return the voltage after the jump and its slope over sqrt(t)."""
    within = (t >= _FROM * tau) & (t <= _TO * tau)
    if within.sum() < _LEAST_ROWS:
        return float(V[0]), None
    _c, b, a = np.polyfit(np.sqrt(t[within]), V[within], 2)
    return float(a), float(b)


def by_ends(pulse: Pulse, L: float, tau: float | None = None) -> float | None:
    """Return D [m^2/s] by (1); None where the voltage hardly changes.

    Args:
        pulse: The pulse.
        L: Length [m].
        tau: Time [s], the length of the pulse where it is None; papers also write that of the rest.
    """
    if min(abs(pulse.dEs), abs(pulse.dEt)) < _FLAT:
        return None
    tau = pulse.tau if tau is None else tau
    return 4.0 * L**2 / (np.pi * tau) * (pulse.dEs / pulse.dEt) ** 2


def by_moles(pulse: Pulse, n_M: float, V_M: float, S: float) -> float | None:
    """Return D [m^2/s] by (1) in molar quantities: eq. 2 of He et al. 2026.

    Args:
        pulse: The pulse.
        n_M: Amount of active material [mol].
        V_M: Its molar volume [m^3/mol].
        S: Area between electrode and electrolyte [m^2].
    """
    return by_ends(pulse, n_M * V_M / S)


def by_slope(pulse: Pulse, L: float) -> float | None:
    """Return D [m^2/s] by (2); None where the rows of the pulse are too few."""
    if pulse.slope is None or min(abs(pulse.dEs), abs(pulse.slope) * pulse.tau**0.5) < _FLAT:
        return None
    return 4.0 * L**2 / (np.pi * pulse.tau**2) * (pulse.dEs / pulse.slope) ** 2


def is_titration(found: Sequence[Pulse]) -> bool:
    """Tell whether pulses are a titration: at least two, one after the other."""
    return len(found) > 1
