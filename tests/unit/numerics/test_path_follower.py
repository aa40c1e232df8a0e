"""If these fail, a way ends where a shape loses its balance, or is held back where nothing asks."""

from __future__ import annotations

from math import exp, inf

from petsc4py import PETSc

import pytest

from mesode.errors import SolverError
from mesode.numerics.full_newton import FullNewtonOptions
from mesode.numerics.path_follower import (
    EASY,
    LONGEST,
    MOST_FAILURES,
    MOST_IN_A_STEP,
    PathFollower,
)

pytestmark = pytest.mark.serial

LIMIT = exp(-1)  # load that it bears on its first side, at 1
FAR = 1e-6  # of what stops it on the other side, beyond 12
FRICTION = 1e-3


def borne(x):
    return x * exp(-x) + FAR * exp(x)


class Snapping:
    """One number under a load, x exp(-x) + FAR exp(x) = load, that a friction may hold back.

    It is block system and path in one.
    """

    def __init__(self, friction=FRICTION):
        self.A = PETSc.Mat().createAIJ([1, 1], nnz=1, comm=PETSc.COMM_SELF)
        self.A.setUp()
        self.x, _ = self.A.createVecs()
        self.unknowns, self.friction = [], friction
        self.begin = self.before = self.end = self.load_now = self.old = self.rate = 0.0
        self.held = []

    # --- a block system

    def store(self, unknowns, x):
        pass

    def load(self, x, unknowns):
        pass

    @property
    def value(self):
        return float(self.x.getArray(readonly=True)[0])

    def assemble_residual(self, f):
        x = self.value
        f.setArray([borne(x) - self.load_now + self.friction * self.rate * (x - self.old)])

    def assemble_jacobian(self, A):
        x = self.value
        A.setValue(0, 0, (1 - x) * exp(-x) + FAR * exp(x) + self.friction * self.rate)
        A.assemble()

    # --- a path: the load is the time

    def aim(self, t):
        self.end = t
        return abs(t - self.begin)

    def go(self, begin, end, *, again=False, held=False):
        way = self.end - self.begin
        if not again:
            self.old = self.value
        self.load_now = self.begin + end * way
        self.rate = 1 / abs((end - begin) * way) if held else 0.0
        self.held.append(held)
        return (end - begin) * way

    def arrive(self, t):
        self.before, self.begin = self.begin, t

    def go_back(self):
        self.begin = self.before

    def tell(self):
        return "It has snapped."

    def follower(self):
        self.x.setArray([0.0])
        return PathFollower(self, self, [], FullNewtonOptions(tolerance=1e-12))


def test_what_snaps_is_held_back_until_it_has_come_to_its_other_side():
    shape = Snapping()
    follower = shape.follower()
    follower.follow(LIMIT - 1e-3)
    assert shape.value < 1.0
    assert follower.held == 0
    follower.follow(LIMIT + 0.1)
    assert shape.value > 10.0
    assert follower.held == 1
    assert shape.held.index(True) > MOST_FAILURES
    # what friction has left behind goes with the next way, which needs none
    follower.follow(LIMIT + 0.11)
    assert shape.held[-1] is False
    assert borne(shape.value) == pytest.approx(LIMIT + 0.11, rel=1e-11)


def test_a_way_on_which_all_was_held_back_is_so_to_a_new_end():
    shape = Snapping()
    follower = shape.follower()
    follower.follow(LIMIT - 1e-3)
    follower.follow(LIMIT + 0.1)
    there = shape.value
    follower.go_back()
    assert shape.value < 1.0
    shape.held.clear()
    follower.follow(LIMIT + 0.1)
    assert shape.held == [True]
    assert shape.value == pytest.approx(there, rel=1e-9)


def test_no_piece_is_longer_than_the_longest_however_easily_all_are_solved():
    follower = Snapping().follower()
    follower.follow(6 * LONGEST)
    follower.follow(7 * LONGEST)
    assert (follower.counts.pieces, follower.counts.most_pieces) == (7, 6)
    assert follower.newton.iterations <= EASY


def test_a_time_step_is_not_longer_than_the_pace_of_the_last_way_allows():
    path = Snapping()
    follower = PathFollower(path, path, [], FullNewtonOptions(tolerance=1e-12))
    assert follower.longest_step(1e-4) == inf
    follower.follow(0.0)
    assert follower.longest_step(1e-4) == inf
    follower.follow(0.2)  # the load is the time
    assert follower.longest_step(1e-4) == pytest.approx(MOST_IN_A_STEP)
    follower.path.begin = 0.15  # so that the next is three times as far
    follower.follow(0.225)
    assert follower.longest_step(1e-3) == pytest.approx(MOST_IN_A_STEP / 3)
    assert follower.longest_step(1e-6) == pytest.approx(MOST_IN_A_STEP / 30)


def test_without_friction_it_finds_no_balance():
    shape = Snapping(friction=0.0)
    follower = shape.follower()
    follower.follow(LIMIT - 1e-3)
    there = shape.value
    with pytest.raises(SolverError, match="no balance of forces"):
        follower.follow(LIMIT + 0.1)
    assert shape.value == there
