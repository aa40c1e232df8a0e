"""If this fails, other programs get other kinetics where a host is nearly empty or full."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mesode.exchange.curves import exchange_current
from mesode.materials.ends import Ends, potential
from mesode.materials.exchange_current import insertion_law
from mesode.materials.law import Law

ALPHA_A, ALPHA_C = 0.3, 0.6


def test_the_exchange_current_at_the_ends_is_what_passes_either_way_at_rest():
    """Of i_0 (A_filled^n exp(alpha_a x) - A_vacant^n exp(-alpha_c x)), where that is zero."""
    ends = Ends(low=0.05, high=0.9)
    ocp = potential(Law(name="U", function=lambda *, sto, ops: 1.0 - sto, variables=("sto",)), ends)
    law = insertion_law("i_0", 2.0, "", alpha_a=ALPHA_A, alpha_c=ALPHA_C)
    lithium = SimpleNamespace(i_0=law, ocp=ocp, alpha_a=ALPHA_A, alpha_c=ALPHA_C)
    curve, _, off = exchange_current(lithium, 298.15)
    assert off < 1e-9
    n = ALPHA_A + ALPHA_C
    for sto in (0.002, 0.02, 0.5, 0.95, 0.995):
        filled, vacant = float(ends.filled(sto)), float(ends.vacant(sto))
        i_0 = float(law(sto=ends.inside(sto), c_e=1000.0))
        x = vacant - filled  # F eta/(R T) of no current
        leaves, enters = np.exp(n * filled + ALPHA_A * x), np.exp(n * vacant - ALPHA_C * x)
        assert leaves == pytest.approx(enters, rel=1e-12)
        assert np.interp(sto, curve.x, curve.y) == pytest.approx(i_0 * leaves, abs=1e-3)
