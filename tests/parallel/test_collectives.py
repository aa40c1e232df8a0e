"""If these fail, something serial has come into the time loop, or more sums over the ranks."""

from __future__ import annotations

from statistics import median

import pytest

from support.on_ranks import on_ranks

pytestmark = pytest.mark.serial  # it starts mpirun itself

# in a time step: one for each iteration, two for a new Jacobian, the rest for what is told
MOST = {"none": 20, "one_way": 30, "two_way": 30}
SYSTEMS = {"none": 1, "one_way": 2, "two_way": 1}


@pytest.mark.parametrize("mechanics", MOST)
def test_a_time_step_has_few_sums_over_the_ranks_and_nothing_serial(mechanics):
    found = on_ranks("count_collectives.py", mechanics, ranks=2)
    assert found["status"] == "completed"
    _, *after_the_first = found["steps"]  # which is tried several times
    assert len(after_the_first) >= 5
    assert 10 <= median(after_the_first) <= MOST[mechanics]
    assert max(after_the_first) <= 2 * MOST[mechanics]
    # sums and exchanges over all, no rank that collects, sends or tells
    assert set(found["names"]) <= {"Allreduce", "allreduce", "allgather"}
    assert found["alike"]
    assert found["analyses"] == SYSTEMS[mechanics] < found["factorisations"]
