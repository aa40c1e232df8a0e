"""If these fail, rounding decides where time steps end: equal runs have other results each time.

After a jump finite mechanics that acts back takes short steps near rounding. One run is compared
with runs that differ from it by rounding alone: by its last digits, or by the ranks that share it.
"""

from __future__ import annotations

import pytest

from parallel.equal_runs import JUMPS, TOLERANCE, scalars
from support.on_ranks import on_ranks

pytestmark = pytest.mark.serial  # it starts mpirun itself

SAME = 1e-8  # relative; absolute in the unit of a column for what is next to nothing
ROUNDING = 1e-13


def assert_equal(found, expected):
    assert tuple(found["steps"]) == tuple(expected["steps"])
    assert found["t"] == pytest.approx(expected["t"], rel=SAME)
    names = [name for name in expected if name not in ("steps", "t")]
    assert len(names) > 20
    for name in names:
        assert found[name] == pytest.approx(expected[name], rel=SAME, abs=SAME), name


@pytest.fixture(scope="module", params=JUMPS)
def jump(request):
    """Which jump, and the run that the others are compared with."""
    return request.param, scalars(request.param)


@pytest.mark.parametrize("seed", [1, *(pytest.param(k, marks=pytest.mark.slow) for k in (2, 3))])
def test_last_digits_decide_nothing(jump, seed):
    which, expected = jump
    assert ROUNDING < SAME < TOLERANCE
    assert_equal(scalars(which, ROUNDING, seed), expected)


@pytest.mark.timeout(400)  # three ranks on two cores wait for each other
@pytest.mark.parametrize(
    ("which", "ranks"),
    [
        ("current", 2),
        pytest.param("current", 3, marks=pytest.mark.slow),
        pytest.param("lithium", 2, marks=pytest.mark.slow),
    ],
)
def test_ranks_decide_nothing(which, ranks):
    assert_equal(on_ranks("equal_runs.py", which, "0", ranks=ranks), scalars(which))
