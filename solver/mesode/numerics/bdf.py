r"""Variable-step backward differentiation of order one to three for F(t, u, du/dt) = 0.

The rate at the end of a step is that of the polynomial through the new and the last solutions. Of
order one it is a line in time. Of order two it is a parabola, of order three a cubic in the root of
the time since the data jumped last, s = sqrt(t - t_jump): after a jump all that diffuses goes with
powers of s, which no polynomial in t follows. Since s^2 is among them, charge that flows evenly is
exact. What is smooth in t is smooth in s; of equal steps the higher orders then have a logarithm,
because the first ones are long beside the time since the jump. With h the step, d_k = s - s_k the
distance to solution k, and l_k its weight in the polynomial of the last ones at d = 0:

    order 1:  u' = (u - u_0) / h
    order 2:  2s u' = (1/d_0 + 1/d_1) u - d_1/(d_0 (d_1 - d_0)) u_0 + d_0/(d_1 (d_1 - d_0)) u_1
    all:      2s u' = sum over k of (u - l_k u_k) / d_k

so that u' = shift u + known, and the Jacobian is dF/du + shift dF/du'.

A guess is the polynomial through the last (order + 1) solutions, extrapolated. With w = 1/shift,
u' is off by some P, the error of a solution of u' = f(t) is w P and that of the guess -H P, where P
holds the derivative of order (order + 1) and H is the length of the guess, t - t_order or
2s d_order, so that

    P = (u - guess) / (w + H)                                                (Milne's device).

Where the data jump, at a start, the state before the jump still holds for all that is stored
(lithium, salt, the charge of double layers), and the formulas ask for no more than that. The
potentials jump with the data: no polynomial reaches across, and no guess is made with that state.
An order is known once there are (order + 1) solutions on this side of the jump: the first two steps
know nothing of their error, order two begins with the fourth, order three with the fifth.

Order two is stable for ratios of consecutive steps below 1 + sqrt(2), order three below 1.534.
``GROWTH`` keeps them there in s, where the polynomials are; in t, soon after the jump, steps then
grow faster.

Sources: Hairer and Wanner, Solving Ordinary Differential Equations II (1996), sec. III.5, V.1, for
the coefficients; Calvo, Grande and Grigorieff, Numer. Math. 57 (1990) 39, for the ratios; Shampine
and Gordon (1975) for the estimate; Crank, The Mathematics of Diffusion (1975), sec. 2.4, for what
follows the root of time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

ORDERS = (1, 2, 3)
# Largest ratio of two consecutive steps, in the time of the order.
GROWTH = {1: 8.0, 2: 2.0, 3: 1.5}


@dataclass(frozen=True, slots=True)
class Rate:
    """du/dt = shift u + known at the end of a step."""

    shift: float
    known: FloatArray


@dataclass(slots=True)
class History:
    """The last accepted solutions, newest first.

    ``times`` are seconds since the start of the integration, so that short steps keep their digits
    in a long run; the data have jumped at ``origin``. With ``jump`` the oldest solution lies before
    that.
    """

    times: list[float] = field(default_factory=list)
    states: list[FloatArray] = field(default_factory=list)
    jump: bool = False
    origin: float = 0.0

    def begin(self, t: float, state: FloatArray) -> None:
        """Start from a state at which the data jump."""
        self.times, self.states = [t], [state.copy()]
        self.jump, self.origin = True, t

    def accept(self, t: float, state: FloatArray) -> None:
        """Add a solution; what nobody looks back on is dropped."""
        keep = max(ORDERS)  # the newest makes it one more
        self.jump = self.jump and len(self.times) <= keep
        self.times = [t, *self.times[:keep]]
        self.states = [state.copy(), *self.states[:keep]]

    @property
    def smooth(self) -> int:
        """Number of solutions on this side of the jump."""
        return len(self.times) - self.jump

    def known(self, order: int) -> bool:
        """Tell whether the error of an order can be estimated."""
        return self.smooth > order

    def _behind(self, h: float, order: int, times: Sequence[float]) -> list[float]:
        """Return how far times lie before the end of a step of length h, in that of an order."""
        ago = [h + (self.times[0] - t) for t in times]
        if order == 1:
            return ago
        end = self.times[0] - self.origin + h
        return [back / (sqrt(end) + sqrt(end - back)) for back in ago]

    def _pace(self, h: float, order: int) -> float:
        """Return how fast the time of an order goes at the end of a step of length h."""
        return 1.0 if order == 1 else 0.5 / sqrt(self.times[0] - self.origin + h)

    def growth(self, h: float, order: int) -> float:
        """Return the largest ratio of the next step to the last one of length h, by its order."""
        if order == 1:
            return GROWTH[1]
        (last,) = self._behind(0.0, order, [self.times[0] - h])
        beyond = GROWTH[order] * last
        return beyond * (2.0 * sqrt(self.times[0] - self.origin) + beyond) / h

    def shift(self, h: float, order: int) -> float:
        """Return the shift of a step of length h [1/s]."""
        behind = self._behind(h, order, self.times[:order])
        return self._pace(h, order) * sum(1.0 / back for back in behind)

    def rate(self, h: float, order: int) -> Rate:
        """Return du/dt at the end of a step of length h as a function of the solution there."""
        behind, pace = self._behind(h, order, self.times[:order]), self._pace(h, order)
        known = np.zeros_like(self.states[0])
        for weight, back, state in zip(lagrange(behind), behind, self.states, strict=False):
            known -= pace * weight / back * state
        return Rate(self.shift(h, order), known)

    def guess(
        self, h: float, order: int, longer: tuple[float, FloatArray] | None = None
    ) -> FloatArray:
        """Return the extrapolated solution at the end of a step of length h.

        Of a lower order than asked for where less is known. ``longer``: length and solution of a
        step that was not taken; between its ends the guess is interpolated.
        """
        return combined(*self.extrapolation(h, order, longer))

    def extrapolation(
        self, h: float, order: int, longer: tuple[float, FloatArray] | None = None
    ) -> tuple[list[float], list[FloatArray]]:
        """Return the weights and the solutions that a guess is made of."""
        times, states, known = self.times, self.states, self.smooth
        if longer is not None:
            times = [self.times[0] + longer[0], *times]
            states, known = [longer[1], *states], known + 1
        points = max(min(order + 1, known), 1)
        return lagrange(self._behind(h, order, times[:points])), states[:points]

    def weights(self, t: float, times: Sequence[float]) -> list[float]:
        """Return weights of values at ``times`` in their polynomial in the root of time, at t."""
        return lagrange(self._behind(t - self.times[0], 2, times))

    def rate_error(self, state: FloatArray, h: float, order: int, used: int) -> FloatArray:
        """Return what du/dt of an order is off by at the end of a step of length h.

        ``used`` is the order of the solution, ``state``. For the error of a step that was not taken
        it is taken to be exact.
        """
        (reach,) = self._behind(h, order, [self.times[order]])
        length = reach / self._pace(h, order)
        if order == used:
            length += 1.0 / self.shift(h, order)
        return (state - self.guess(h, order)) / length


def combined(weights: Sequence[float], states: Sequence[FloatArray]) -> FloatArray:
    """Return the sum of weights times states."""
    value = weights[0] * states[0]
    for weight, state in zip(weights[1:], states[1:], strict=True):
        value += weight * state
    return value


def lagrange(distances: Sequence[float]) -> list[float]:
    """Return the weights of the values at some distances in their polynomial at distance zero."""
    return [
        float(np.prod([other / (other - own) for k, other in enumerate(distances) if k != j]))
        for j, own in enumerate(distances)
    ]
