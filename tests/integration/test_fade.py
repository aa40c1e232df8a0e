"""If these fail, a run in which bodies come off each other over cycles ends early, heals what has
come off, or charges as much as if nothing had been lost.
"""

from __future__ import annotations

import numpy as np
import pytest

from support.sio_bridges import taken_through

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(600)]

# On a coarse mesh, with a binder that lets go.
WEAK = (
    "mesh={size: 1.2 um, interface: 0.5 um}",
    "materials.carbon_binder={preset: CMC_SBR_SuperP, adhesion_strength: 3 MPa,"
    " adhesion_toughness: 0.03 J/m^2}",
    "materials.electrolyte={preset: LiPF6_EC_DMC, concentration: 1 mol/l}",
    "initial.lithiation=0.02",
)
STEPS = 2 * ("Lithiate at 2C until 50 mV", "Delithiate at 2C until 1 V")
DAMAGE, LOST = "Damaged Share Particle to Binder / 1", "Lost Active Area / 1"
CHARGED, THICKNESS = "Specific Capacity / mA.h.g-1", "Thickness Change / 1"


def test_what_comes_off_is_lost_from_then_on(tmp_path):
    balances, record = taken_through(tmp_path, STEPS, *WEAK)
    lost, damage = ([p.row[name] for p in record.points] for name in (LOST, DAMAGE))
    assert (np.diff(lost) >= 0.0).all()
    assert (np.diff(damage) >= -1e-12).all()
    # whole particles, which leaves some
    assert len(set(lost)) < 6
    assert 0.2 < lost[-1] < 0.9
    ends = [end.end for end in record.ends]
    taken = [ends[0][CHARGED], ends[2][CHARGED] - ends[1][CHARGED]]
    assert taken[1] < (1.0 - 0.5 * lost[-1]) * taken[0]
    # what is lost keeps its lithium, and the thickness that goes with it
    assert ends[3]["Max Lithiation / 1"] > 0.2
    assert ends[3][THICKNESS] > 0.05
    assert max(balances[name] for name in ("lithium", "salt", "charge")) < 1e-8
    assert balances["work"] < 1e-3
