"""If these fail, stress that is solved after each step acts otherwise than stress solved with it.

The two-way mechanics, once as a part of the system that is integrated, once as a follower whose
stress is extrapolated: both must come to the same as the steps get shorter.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pytest

from mesode.model.ahead import Ahead
from mesode.model.motion import Motion
from mesode.model.processes.mechanics import Mechanics, MechanicsOptions
from mesode.model.staggered_stress import StaggeredStress
from mesode.numerics.extrapolation import Extrapolated
from support.moved import gradient, moving
from support.protocols import EachCheckpoint, run
from support.small_cell import small_cell

STEPS = ("Lithiate at 1C for 20 minutes", "Delithiate at 1C for 5 minutes")
COLUMNS = ("Voltage / V", "Max Lithiation / 1", "Min Lithiation / 1")
STILL = moving(gradient(((1.0, 0.0), (0.0, 1.0))), phases=("separator",))


class Staggered(Mechanics):
    """Two-way mechanics that follows; nothing moves."""

    follows = True

    @classmethod
    def of(cls, cell):
        return cls(cell, cell.sto, cell.initial, MechanicsOptions())

    @cached_property
    def foreseen(self):
        sources = {"sigma": self.sigma_h["active"].scaled, "sto": self.sto["active"].scaled}
        return Extrapolated("stress ahead", sources)

    @property
    def states(self):
        return (self.foreseen,)

    def motion(self):
        return Motion(u=0.0, phases=())

    def ahead(self):
        return Ahead(at=self.foreseen.at, accept=self.foreseen.accept)

    def stress_on(self, host):
        sigma = self.sigma_h[host].scale * self.foreseen["sigma"]
        return StaggeredStress(
            ahead={host: (sigma, self.foreseen["sto"])},
            sto=self.sto,
            materials=self.materials,
            laws=self,
        )


def course(cell, **options):
    result, record = run(cell, *STEPS, **options)
    assert result.status == "completed"
    return record


def ends(record):
    return np.array([[end.end[name] for name in COLUMNS] for end in record.ends])


@pytest.fixture(scope="module")
def staggered():
    return small_cell(n=2, setup={"further": (Staggered.of,)})


def test_both_schemes_come_to_the_same(staggered):
    together = small_cell(n=2, mechanics=MechanicsOptions(), setup={"further": (STILL,)})
    alone = small_cell(n=2, setup={"further": (STILL,)})
    exact = ends(course(together, tolerance=1e-5, max_step=10.0))
    without = ends(course(alone, tolerance=1e-5, max_step=10.0))
    off = [
        np.abs(ends(course(staggered, tolerance=1e-5, max_step=step)) - exact).max()
        for step in (40.0, 20.0)
    ]
    assert np.abs(without - exact).max() > 1e-2  # the stress counts
    assert off[0] < 1e-4
    assert off[1] < 0.6 * off[0]


def test_a_resumed_run_goes_on_with_the_same_stress(staggered):
    memory = EachCheckpoint()
    whole = course(staggered, tolerance=1e-3, checkpoints=memory)
    staggered.reset()
    snapshot = memory.snapshots[len(whole.points) // 2]
    again = course(staggered, tolerance=1e-3, snapshot=snapshot)
    rest = whole.last(len(again.points))
    found, expected = ([p.row["Voltage / V"] for p in points] for points in (again.points, rest))
    assert found[0] == pytest.approx(expected[0], rel=1e-10)
    # the follower begins from another guess, and its forces are in balance to 1e-7 of the modulus
    assert found == pytest.approx(expected, rel=1e-6)
