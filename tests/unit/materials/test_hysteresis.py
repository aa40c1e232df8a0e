"""If these fail, a host is on another branch of its potential than its state says."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.ends import potential
from mesode.materials.hysteresis import Hysteresis
from mesode.materials.law import constant
from mesode.materials.library import branches_of, get_law
from mesode.materials.tables import table_law

STO = np.linspace(0.01, 0.99, 33)


def of_silicon(initial):
    lithiation, delithiation = branches_of("si_verbrugge_average")
    return Hysteresis(
        lithiation=lithiation, delithiation=delithiation, model="one_state", initial=initial
    )


@pytest.mark.parametrize(
    ("initial", "name"),
    [
        (-1.0, "si_verbrugge_lithiation"),
        (0.0, "si_verbrugge_average"),
        (1.0, "si_verbrugge_delithiation"),
    ],
)
def test_the_state_of_the_start_is_a_potential_of_its_own(initial, name):
    hysteresis = of_silicon(initial)
    expected = get_law("ocp", name)(sto=STO)
    np.testing.assert_allclose(hysteresis.at_start()(sto=STO), expected, atol=1e-12)
    # whatever it begins with, the other branch is as far away
    other = hysteresis.at_start()(sto=STO) + (1.0 - initial) * hysteresis.half_gap(sto=STO, T=300.0)
    delithiation = get_law("ocp", "si_verbrugge_delithiation")(sto=STO)
    np.testing.assert_allclose(other, delithiation, atol=1e-12)
    assert hysteresis.at_start().branch == ""


def test_branches_are_known_where_both_are():
    low = potential(table_law([[0.05, 0.5], [0.9, 0.1]], unit="V"))
    high = potential(table_law([[0.1, 0.8], [0.95, 0.2]], unit="V"))
    hysteresis = Hysteresis(lithiation=low, delithiation=high, model="instant")
    assert (hysteresis.ends.low, hysteresis.ends.high) == (0.1, 0.9)
    ends, beyond = np.array([0.1, 0.9]), np.array([0.0, 1.0])
    np.testing.assert_allclose(
        hysteresis.half_gap(sto=beyond, T=300.0), hysteresis.half_gap(sto=ends, T=300.0)
    )
    assert np.all(np.diff(hysteresis.at_start()(sto=np.linspace(0.0, 1.0, 200))) < 0.0)


def test_a_branch_may_be_a_number_or_name_the_temperature():
    flat = potential(constant(0.4, "V"))
    silicon = get_law("ocp", "si_verbrugge_lithiation")
    hysteresis = Hysteresis(lithiation=flat, delithiation=silicon, model="one_state")
    assert float(hysteresis.half_gap(sto=0.5, T=300.0)) == pytest.approx(
        0.5 * (float(silicon(sto=0.5)) - 0.4)
    )


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("si_durdel_lithiation", ("si_durdel_lithiation", "si_durdel_delithiation")),
        ("sio_1_average", ("sio_1_lithiation", "sio_1_delithiation")),
        ("si_chan_2007", None),
        ("graphite", None),
    ],
)
def test_the_library_knows_which_branches_belong_together(name, pair):
    found = branches_of(name)
    assert (found and tuple(law.name for law in found)) == pair
