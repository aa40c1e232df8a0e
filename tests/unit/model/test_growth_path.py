"""If these fail, what is held back moves freely, or rest is held where nothing asks for it."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import mesh

from mesode.model.growth_path import LEAST_GROWTH, LEAST_HELD, GrowthPath
from support.small_cell import small_cell

pytestmark = pytest.mark.serial


def path(sto):
    square = mesh.create_unit_square(MPI.COMM_SELF, 1, 1)
    return GrowthPath(square, sto, lambda _, x: 1.0 + np.asarray(x), 0.0, 1e9, 2e-5)


def rates(way, begin, end, **how):
    way.go(begin, end, **how)
    return float(way.rate.value), float(way.held_rate.value)


def test_friction_is_one_over_the_growth_of_a_piece():
    sto = {"active": small_cell(n=1).sto["active"]}
    way = path(sto)
    way.reset()
    sto["active"].set(float(sto["active"].scaled.x.array[0]) + 0.04)
    assert way.aim(1.0) == pytest.approx(0.04, rel=1e-9)
    assert rates(way, 0.0, 0.5) == pytest.approx((50.0, 0.0), rel=1e-9)
    assert rates(way, 0.0, 0.5, held=True) == pytest.approx((50.0, 50.0), rel=1e-9)
    # in short pieces it magnifies rounding, which is borne where all is held back
    short = LEAST_GROWTH / 0.4
    assert rates(way, 0.0, short)[0] == pytest.approx(1 / LEAST_GROWTH, rel=1e-9)
    assert rates(way, 0.0, short, held=True)[0] == pytest.approx(10 / LEAST_GROWTH, rel=1e-9)
    assert rates(way, 0.0, 1e-9, held=True)[0] == pytest.approx(1 / LEAST_HELD, rel=1e-9)


def test_where_nothing_grows_there_is_friction_only_when_held():
    way = path({})
    way.reset()
    way.aim(1.0)
    assert rates(way, 0.0, 1.0) == (0.0, 0.0)
    found = rates(way, 0.0, 0.5, held=True)
    assert found == pytest.approx((2 / LEAST_GROWTH,) * 2, rel=1e-9)
