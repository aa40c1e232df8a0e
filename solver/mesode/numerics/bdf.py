r"""Variable-step backward differentiation of order one and two for F(t, u, du/dt) = 0.

With h = t_{n+1} - t_n, r = h / (t_n - t_{n-1}), the rate at the new time is that of the polynomial
through the new and the last one or two solutions:

    order 1:  u' = (u_{n+1} - u_n) / h
    order 2:  u' = [ (1 + 2r)/(1 + r) u_{n+1} - (1 + r) u_n + r^2/(1 + r) u_{n-1} ] / h

so that u' = shift u_{n+1} + known, and the Jacobian is dF/du + shift dF/du'.

A guess is the polynomial through the last (order + 1) solutions, extrapolated. With w = 1/shift,
u' is off by some P, the error of a solution of u' = f(t) is w P and that of the guess -H P, where P
holds the derivative of order (order + 1) and H = t_{n+1} - t_{n-order}, the length of the guess. So

    P = (u_{n+1} - guess) / (w + H)                                          (Milne's device).

Where the data jump, at a start, the state before the jump still holds for all that is stored
(lithium, salt, the charge of double layers), and the formulas ask for no more than that. The
potentials jump with the data: no polynomial reaches across, and no guess is made with that state.
An order is known once there are (order + 1) solutions on this side of the jump: the first two steps
know nothing of their error, order two begins with the fourth.

Order two is stable for r below 1 + sqrt(2); ``GROWTH`` keeps it there.

Sources: Hairer and Wanner, Solving Ordinary Differential Equations II (1996), sec. III.5, V.1, for
the coefficients; Shampine and Gordon (1975) for the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

ORDERS = (1, 2)
GROWTH = {1: 8.0, 2: 2.0}  # largest ratio of two consecutive steps


@dataclass(frozen=True, slots=True)
class Rate:
    """du/dt = shift u + known at the end of a step."""

    shift: float
    known: FloatArray


@dataclass(slots=True)
class History:
    """The last accepted solutions, newest first.

    ``times`` are seconds since the start of the integration, so that short steps keep their digits
    in a long run. With ``jump`` the oldest solution lies before a jump of the data.
    """

    times: list[float] = field(default_factory=list)
    states: list[FloatArray] = field(default_factory=list)
    jump: bool = False

    def begin(self, t: float, state: FloatArray) -> None:
        """Start from a state at which the data jump."""
        self.times, self.states, self.jump = [t], [state.copy()], True

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

    def shift(self, h: float, order: int) -> float:
        """Return the shift of a step of length h [1/s]."""
        if order == 1:
            return 1.0 / h
        r = h / (self.times[0] - self.times[1])
        return (1.0 + 2.0 * r) / ((1.0 + r) * h)

    def rate(self, h: float, order: int) -> Rate:
        """Return du/dt at the end of a step of length h as a function of the solution there."""
        shift = self.shift(h, order)
        if order == 1:
            return Rate(shift, -self.states[0] / h)
        r = h / (self.times[0] - self.times[1])
        known = (r * r / (1.0 + r) * self.states[1] - (1.0 + r) * self.states[0]) / h
        return Rate(shift, known)

    def guess(
        self, h: float, order: int, longer: tuple[float, FloatArray] | None = None
    ) -> FloatArray:
        """Return the extrapolated solution at the end of a step of length h.

        Of a lower order than asked for where less is known. ``longer``: length and solution of a
        step that was not taken; between its ends the guess is interpolated.
        """
        times, states, known = self.times, self.states, self.smooth
        if longer is not None:
            times = [self.times[0] + longer[0], *times]
            states, known = [longer[1], *states], known + 1
        points = max(min(order + 1, known), 1)
        weights = lagrange(self.times[0] + h, times[:points])
        value = weights[0] * states[0]
        for weight, state in zip(weights[1:], states[1:points], strict=True):
            value += weight * state
        return value

    def rate_error(self, state: FloatArray, h: float, order: int, used: int) -> FloatArray:
        """Return what du/dt of an order is off by at the end of a step of length h.

        ``used`` is the order of the solution, ``state``. For the error of a step that was not taken
        it is taken to be exact.
        """
        length = h + self.times[0] - self.times[order]
        if order == used:
            length += 1.0 / self.shift(h, order)
        return (state - self.guess(h, order)) / length


def lagrange(t: float, times: list[float]) -> list[float]:
    """Return the weights of the values at ``times`` in their polynomial at t."""
    return [
        float(np.prod([(t - other) / (own - other) for k, other in enumerate(times) if k != j]))
        for j, own in enumerate(times)
    ]
