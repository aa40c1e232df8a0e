"""If these fail, a run that stress has made unstable is told another cause, or a sound one this."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import FARADAY
from mesode.materials.law import constant
from mesode.materials.presets.graphite import GRAPHITES
from mesode.materials.properties import Lithium, Mechanical
from mesode.model.unstable_hosts import rise
from mesode.physics.elasticity import SectionKind
from support.small_cell import law

C_MAX, E, NU = 3e4, 1.5e10, 0.3
FALL, LINEAR, BENT = 0.02, 0.1, 0.03  # of U [V], and of the swelling
STO = np.array([0.2, 0.5, 0.8])


def host(linear, bent):
    """U falls evenly, the swelling is a parabola."""
    lithium = Lithium(
        c_max=C_MAX,
        D_s=constant(1e-14, "m^2/s"),
        ocp=law(lambda *, sto, ops: 0.1 - FALL * sto, "sto"),
        i_0=constant(1.0, "A/m^2"),
    )
    mechanical = Mechanical(
        E=constant(E, "Pa"),
        nu=constant(NU, "1"),
        swelling=law(lambda *, sto, ops: linear * sto + bent * sto**2 / 2, "sto"),
    )
    return lithium, mechanical


@pytest.mark.parametrize("sigma_h", [0.0, -2e8, 3e8])
@pytest.mark.parametrize(
    ("kind", "kappa"),
    [
        (SectionKind.PLANE_STRAIN, 2 * E / (9 * (1 - NU))),
        (SectionKind.PLANE_STRESS, E / 9),
    ],
)
def test_slope_of_the_potential_of_a_small_part(sigma_h, kind, kappa):
    found = rise(*host(LINEAR, BENT), STO, np.full(3, sigma_h), kind)
    K = kappa * (LINEAR + BENT * STO) ** 2 / (C_MAX * FARADAY)
    expected = -FALL + sigma_h * BENT / (C_MAX * FARADAY) - K
    assert found == pytest.approx(expected, rel=1e-5)


def test_graphite_under_tension_is_unstable_where_it_is_nearly_full():
    (graphite,) = (material for material in GRAPHITES if material.name == "graphite")
    laws = graphite.lithium, graphite.mechanical
    sto, kind = np.array([0.2, 0.3, 0.75, 0.95]), SectionKind.PLANE_STRAIN
    assert (rise(*laws, sto, np.zeros(4), kind) < 0.0).all()
    assert (rise(*laws, sto, np.full(4, 8e7), kind) > 0.0).tolist() == [False, False, False, True]
