"""If these fail, a staggered scheme reads values of another time than that of its rows."""

from __future__ import annotations

from mpi4py import MPI

import pytest
from dolfinx import fem, mesh

from mesode.numerics.extrapolation import Extrapolated

pytestmark = pytest.mark.mpi


@pytest.fixture
def source():
    square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
    return fem.Function(fem.functionspace(square, ("Lagrange", 1)))


def followed(source, *values):
    """Return what has followed values at 0, 1, 2, ... s."""
    ahead = Extrapolated("ahead", {"u": source})
    for t, value in enumerate(values):
        source.x.array[:] = value
        ahead.accept(float(t))
    return ahead


def given(ahead, t):
    ahead.at(t)
    values = ahead["u"].x.array
    assert values == pytest.approx(values[0])
    return values[0]


def test_a_line_through_the_last_two_values(source):
    ahead = followed(source, 7.0, 1.0, 3.0)
    assert given(ahead, 3.5) == pytest.approx(6.0)
    assert given(ahead, 2.0) == pytest.approx(3.0)


def test_what_is_added_goes_no_further_than_it_may(source):
    """Ahead of the last value alone: a value on trial and those between are what they are."""
    ahead, least = Extrapolated("ahead", {}), lambda line, last: line.clip(min=last / 2)
    found = ahead.add("u", source, least)
    assert found is ahead["u"]
    for t, value in enumerate((8.0, 6.0)):
        source.x.array[:] = value
        ahead.accept(float(t))
    assert [given(ahead, t) for t in (0.5, 1.5, 9.0)] == pytest.approx([7.0, 5.0, 3.0])
    source.x.array[:] = 1.0
    ahead.expect(2.0)
    assert given(ahead, 2.0) == pytest.approx(1.0)


def test_one_value_stays(source):
    assert given(followed(source, 4.0), 9.0) == pytest.approx(4.0)


def test_between_the_last_two_values_it_is_the_line_and_before_them_the_first(source):
    ahead = followed(source, 7.0, 1.0, 3.0)
    assert given(ahead, 1.25) == pytest.approx(1.5)
    assert given(ahead, 0.5) == pytest.approx(1.0)


def test_a_second_solution_of_the_same_time_changes_nothing(source):
    ahead = followed(source, 1.0, 3.0)
    source.x.array[:] = 100.0
    ahead.accept(1.0)
    assert given(ahead, 2.0) == pytest.approx(5.0)


def test_what_a_step_on_trial_has_found_is_given_until_values_are_accepted(source):
    ahead = followed(source, 1.0, 3.0)
    kept = ahead.arrays()
    source.x.array[:] = 9.0
    ahead.expect(3.0)
    assert given(ahead, 3.0) == pytest.approx(9.0)
    assert given(ahead, 2.0) == pytest.approx(6.0)  # half of the way from the last values
    assert given(ahead, 5.0) == pytest.approx(15.0)
    assert ahead.arrays()["ahead u last"] == pytest.approx(kept["ahead u last"])
    source.x.array[:] = 5.0
    ahead.accept(2.0)
    assert given(ahead, 3.0) == pytest.approx(7.0)


def test_a_history_is_kept_with_what_is_given(source):
    ahead = followed(source, 1.0, 3.0)
    ahead.at(1.5)
    kept = ahead.arrays()
    assert kept.keys() == ahead.spaces().keys()
    other = Extrapolated("ahead", {"u": source})
    other.restore(kept)
    assert other["u"].x.array == pytest.approx(4.0)
    assert given(other, 2.0) == pytest.approx(5.0)
    ahead.reset()
    assert given(ahead, 5.0) == pytest.approx(3.0)  # that of the source
