"""Length and order of the next time step, and whether the last one is good enough."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import floor, log2
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.numerics.bdf import FloatArray

# Of the length at which the error would just meet its tolerance, by order: of order one less is
# known, it follows no curve.
SAFETY = {1: 0.7, 2: 0.9, 3: 0.9}
SHRINK = 0.1  # largest cut at once
HOLD = (0.9, 1.7)  # a step in this ratio to the last is not changed: the factorisation stays exact
# What the length is worth that an order goes: order one has to go twice as far as another.
PREFER = {1: 0.5, 2: 1.0, 3: 1.0}
AGAIN = 0.25  # largest cut of a step that was repeated before
SLOWEST = 0.5  # least power of its length that the error of a step is taken to fall with
FAILURE_CUT = 0.25  # of a step whose equations could not be solved
# From then on each step is at most this times longer than what the one before might have been: the
# error knows nothing of it, and asks for the length that has failed at once.
RECOVERY = 1.1
LEAST = 1e-8  # an error below it counts as this
# Ratios of two steps are powers of the root of two of this degree, rounded down. What rounding
# leaves in a solution is 1 / error times as much in the error: let through to the next step, it
# would be in all that follows, and no two runs on unlike ranks would have the same times.
PARTS_OF_AN_OCTAVE = 64
TOLERANCE = 1e-4  # of the integration, to which limits of steps elsewhere belong, too
LITTLE = 1e-3  # a largest value below it counts as this
FAR = 0.1  # change from which on the error of an unknown no longer counts against its change
NEAR = 0.01  # least share of the tolerance that a change leaves, however small it is
FINEST = 1e-6  # nor is the tolerance ever below this: the equations are not solved so well


class ErrorScale(StrEnum):
    """What the local error of an unknown is measured by."""

    VALUE = "value"  # one plus the value itself, point by point
    CHANGE = "change"  # as before, and by its change since the run began while that is small
    LARGEST = "largest"  # its largest value since the last start


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOptions:
    """Control of the step length.

    ``tolerance`` is both relative and absolute, for unknowns that are scaled to order one.
    ``order`` is the highest where nobody sets another, see ``Stepper.limit_order``. ``first_step``
    [s] is the length of the first two steps, which know nothing of their error: it is to resolve
    what is fastest after a jump. ``smallest`` is the step [s] below which the integration gives up.
    """

    tolerance: float = TOLERANCE
    order: int = 2
    first_step: float = 1e-4
    smallest: float = 1e-9
    largest: float = 1e30


@dataclass(frozen=True, slots=True)
class Proposal:
    """Order of a step, and its ratio to the last one."""

    order: int
    ratio: float


class ErrorNorm:
    """Local errors over their tolerance: the root mean square of each unknown.

    Of an unknown that has come less than ``FAR`` since the run began the error counts against how
    far it has come: a pulse of 1 % of the lithium makes stresses that depend on that alone.

    Args:
        comm: Of the ranks that share the vectors.
        slices: Where each unknown sits in a local vector.
        weights: For each unknown the multiple of ``tolerance`` that its error may have; infinite
            where it is not controlled.
        tolerance: Relative and absolute.
        scales: What the error of each unknown is measured by.
    """

    def __init__(
        self,
        comm: MPI.Intracomm,
        slices: Sequence[slice],
        weights: Sequence[float],
        tolerance: float,
        scales: Sequence[ErrorScale],
    ) -> None:
        self._comm = comm
        controlled = [k for k, weight in enumerate(weights) if np.isfinite(weight)]
        self._places = [slices[k] for k in controlled]
        self._allowed = np.array([tolerance * weights[k] for k in controlled])
        self._by_largest, self._by_change = (
            np.array([scales[k] is scale for k in controlled], dtype=bool)
            for scale in (ErrorScale.LARGEST, ErrorScale.CHANGE)
        )
        sizes = np.array([place.stop - place.start for place in self._places], dtype=np.float64)
        self._sizes = np.maximum(comm.allreduce(sizes), 1.0)
        self.way = self._come = np.zeros(len(self._places))
        self.begin()

    def begin(self) -> None:
        """Forget the largest values."""
        self.largest = self._now = np.zeros(len(self._places))

    def accept(self) -> None:
        """The state seen last is that of an accepted step."""
        self.largest = np.maximum(self.largest, self._now)
        self.way = self._come

    def __call__(
        self, errors: Sequence[FloatArray], state: FloatArray, before: FloatArray
    ) -> FloatArray:
        """Return the norms of some errors beside a state, one row each (collective).

        A column for each unknown whose error is controlled. ``before`` is the state that was
        accepted last.
        """
        squares = np.zeros((len(errors) + 2, len(self._places)))
        for k, place in enumerate(self._places):
            beside = 1.0 if self._by_largest[k] else 1.0 + np.abs(state[place])
            squares[:-2, k] = [_square(error[place] / beside) for error in errors]
            squares[-2, k] = _square(state[place])
            squares[-1, k] = _square(state[place] - before[place])
        self._comm.Allreduce(MPI.IN_PLACE, squares)
        values = np.sqrt(squares / self._sizes)
        self._now, self._come = values[-2], self.way + values[-1]
        norms: FloatArray = values[:-2] / self._tolerances()
        return norms

    def _tolerances(self) -> FloatArray:
        """Return what the error of each unknown may be beside the state seen last."""
        largest = np.maximum(np.maximum(self.largest, self._now), LITTLE)
        small = self._allowed * np.clip(self._come / FAR, NEAR, 1.0)
        small = np.maximum(small, np.minimum(self._allowed, FINEST))
        tolerances: FloatArray = np.where(self._by_change, small, self._allowed)
        return tolerances * np.where(self._by_largest, largest, 1.0)


def _square(values: FloatArray) -> float:
    return float(values @ values)


def propose(
    errors: Mapping[int, float], length: float, largest: float, growth: Mapping[int, float]
) -> Proposal:
    """Return the order that goes farthest from here, order one where it goes much farther.

    The error of order one passes through zero, and is small there by chance.

    Args:
        errors: The error over its tolerance by order, at a step of this length.
        length: Of the step [s].
        largest: Step that may be taken [s].
        growth: Largest ratio by order.
    """
    found = [
        Proposal(order, ratio_for(error, order, growth[order])) for order, error in errors.items()
    ]
    return max(found, key=lambda p: (PREFER[p.order] * min(p.ratio * length, largest), p.order))


def ratio_for(error: float, order: int, growth: float) -> float:
    """Return the ratio, not above ``growth``, to a step with this error over its tolerance."""
    ratio = SAFETY[order] * max(error, LEAST) ** (-1.0 / (order + 1))
    return min(max(rounded_down(ratio), SHRINK), growth)


def ratio_again(errors: tuple[float, float], cut: float, order: int) -> float:
    """Return the ratio to a step that was cut before, and whose error is still too large.

    It does not fall as it should, so that the power of the length with which it does is that of
    the two tries.

    Args:
        errors: Over the tolerance, of the step before and of this one.
        cut: Ratio of this step to the one before.
        order: Of both.
    """
    before, error = errors
    power = log2(max(before, LEAST) / error) / -log2(cut)
    power = min(max(power, SLOWEST), order + 1.0)
    ratio = rounded_down((SAFETY[order] / error) ** (1.0 / power))
    return min(max(ratio, AGAIN), HOLD[0])


def rounded_down(ratio: float) -> float:
    """Return the next smaller ratio of two steps of those that there are."""
    return float(2.0 ** (floor(PARTS_OF_AN_OCTAVE * log2(ratio)) / PARTS_OF_AN_OCTAVE))
