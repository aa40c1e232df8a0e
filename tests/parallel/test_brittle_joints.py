"""If these fail, rounding decides which of brittle joints snap: what comes off differs between
one rank and two, or where a run is resumed.
"""

from __future__ import annotations

import numpy as np
import pytest

from support.on_ranks import on_ranks

# it starts mpirun itself
pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(900)]

# Of times, voltages, shares. The steps of a resumed run end where those of the whole one do to some
# 1e-9; rounding lets both be off by a hundredth once it decides how a joint goes on.
TOLERANCE = 1e-7


def lithiated(ranks, sto=0.02):
    found = on_ranks("brittle_joints.py", str(sto), ranks=ranks, timeout=600)
    assert found["status"] == ["completed", "completed"]
    return found


def assert_same(rows, expected):
    assert len(rows) == len(expected)
    assert np.array(rows) == pytest.approx(np.array(expected), rel=TOLERANCE, abs=TOLERANCE)


@pytest.fixture(scope="module")
def alone():
    """What one rank finds."""
    found = lithiated(1)
    assert found["whole"][-1][4] > 0.8  # most has come off
    return found


def test_a_start_that_is_off_by_rounding_moves_nothing(alone):
    other = lithiated(1, sto=0.02 * (1 + 1e-11))
    assert other["pieces"] == alone["pieces"]
    assert_same(other["whole"], alone["whole"])


def test_a_resumed_run_loses_the_same(alone):
    rest = alone["resumed"]
    assert 0.3 < rest[0][4] < 0.7
    assert_same(rest, alone["whole"][-len(rest) :])


def test_two_ranks_lose_what_one_loses(alone):
    together = lithiated(2)
    assert together["pieces"] == alone["pieces"]
    for run in ("whole", "resumed"):
        assert_same(together[run], alone[run])
