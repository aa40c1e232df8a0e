"""If these fail, a run depends on how many ranks share it.

A small half cell is lithiated to a cut-off on 1, 2 and 3 ranks, each in processes of its own, so
that this also runs within the serial suite.
"""

from __future__ import annotations

import pytest

from support.on_ranks import on_ranks

pytestmark = pytest.mark.serial  # it starts mpirun itself

TOLERANCE = 1e-8


def lithiate(mechanics, ranks):
    """Return what the run prints."""
    return on_ranks("cell_scalars.py", mechanics, ranks=ranks)


@pytest.fixture(
    scope="module",
    params=["none", "two_way", "third", pytest.param("finite", marks=pytest.mark.slow)],
)
def serial(request):
    """The coupling and what one rank gives."""
    return request.param, lithiate(request.param, 1)


def test_one_rank_balances(serial):
    _, values = serial
    assert values["reason"] == "V"
    assert abs(values["interface"] + values["counter"]) < TOLERANCE * abs(values["counter"])


# three ranks on two cores wait for each other at every triangular solve
@pytest.mark.timeout(240)
@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_give_the_same_scalars(serial, ranks):
    mechanics, expected = serial
    values = lithiate(mechanics, ranks)
    assert values["reason"] == expected["reason"]
    assert values["steps"] == expected["steps"]
    numbers = {key: value for key, value in expected.items() if isinstance(value, float)}
    assert len(numbers) >= 8
    for key, value in numbers.items():
        assert values[key] == pytest.approx(value, rel=TOLERANCE), key
