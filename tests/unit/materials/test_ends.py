"""If these fail, a host gives lithium that it does not have, or takes more than it can hold."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.materials.ends import Ends, Potential, potential
from mesode.materials.expressions import expression_law
from mesode.materials.library import list_laws
from mesode.materials.ops import ufl_ops
from mesode.materials.presets import get_preset, list_presets
from mesode.materials.tables import table_law
from support.ufl_numbers import number

T = 278.0
THERMAL = GAS_CONSTANT * T / FARADAY  # [V]
TABLE = [[0.01, 0.65289], [0.1, 0.22], [0.5, 0.117], [0.9, 0.078], [0.97, 0.037]]


def own_laws():
    yield "table", potential(table_law(TABLE, unit="V"))
    yield "linear table", potential(table_law(TABLE, unit="V", method="linear"))
    yield "flat table", potential(table_law([[0.0, 0.1], [0.5, 0.1], [1.0, 0.1]], unit="V"))
    yield "expression", potential(expression_law("0.5 - 0.4*sto", unit="V"))
    warm = "0.5 - 0.4*sto + 1e-4*(T - 298.15)*(1 - sto**2)"
    yield "of temperature", potential(expression_law(warm, unit="V"))


POTENTIALS = {**list_laws()["ocp"], **dict(own_laws())}
each_law = pytest.mark.parametrize("law", POTENTIALS.values(), ids=POTENTIALS.keys())


def slope(law, sto, step):
    """Return the slope from a point to one side, of second order."""
    near, mid, far = (float(law(sto=sto + k * step, T=T)) for k in range(3))
    return (-3 * near + 4 * mid - far) / (2 * step)


def test_a_host_has_tails_whatever_its_law():
    hosts = [get_preset(p.kind, p.name) for p in list_presets() if p.kind == "active"]
    assert len(hosts) > 10
    for host in hosts:
        assert isinstance(host.lithium.ocp, Potential)
        assert potential(host.lithium.ocp) is host.lithium.ocp


@each_law
def test_the_known_range_is_left_as_it_is(law):
    assert law.ends.low <= max(law.valid.get("sto", (0, 1))[0], 5e-3)
    sto = np.linspace(law.ends.low, law.ends.high, 1001)
    bare = law.function(**{"sto": sto, "T": T} if "T" in law.variables else {"sto": sto})
    np.testing.assert_array_equal(law(sto=sto, T=T), bare)


@each_law
def test_value_and_slope_go_on_at_both_ends(law):
    for end, out in ((law.ends.low, -1.0), (law.ends.high, 1.0)):
        # inside with the step of a curve, outside with one that the tail is smooth over
        room = min(end, 1.0 - end)
        inside, outside = slope(law, end, -1e-6 * out), slope(law, end, 1e-5 * room * out)
        assert outside == pytest.approx(inside, rel=1e-3, abs=1e-3)
        assert float(law(sto=end + 1e-12 * out, T=T)) == pytest.approx(
            float(law(sto=end, T=T)), abs=1e-9
        )


@each_law
def test_towards_the_ends_the_logarithm_of_what_is_left_remains(law):
    for end, sign in ((0.0, 1.0), (1.0, -1.0)):
        near = [float(law(sto=end + sign * x, T=T)) for x in (1e-7, 2e-7, 1e-6, 2e-6)]
        for k in (0, 2):
            assert near[k] - near[k + 1] == pytest.approx(
                sign * THERMAL * np.log(2), abs=3e-3 * THERMAL
            )


@each_law
def test_it_falls_everywhere_and_reaches_volts_just_outside(law):
    left = np.logspace(-12, np.log10(0.4), 500)
    outside = np.concatenate([np.linspace(-0.2, -1e-6, 100), np.linspace(-1e-6, 0.0, 100)])
    sto = np.concatenate([outside, left, 1.0 - left[::-1], 1.0 - outside[::-1]])
    values = law(sto=sto, T=T)
    assert np.all(np.isfinite(values))
    flat = law.name == "table" and law.function(sto=0.2) == law.function(sto=0.3)
    steps = np.diff(values)
    assert np.all(steps <= 0.0) if flat else np.all(steps[np.diff(sto) > 1e-14] < 0.0)
    ends = law(sto=np.array([-1e-6, law.ends.low, law.ends.high, 1.0 + 1e-6]), T=T)
    assert ends[0] - ends[1] > 2.2
    assert ends[2] - ends[3] > 2.2


@each_law
def test_forms_see_what_numbers_see(law):
    ops = ufl_ops()
    for sto in (-1e-3, 0.0, 5e-9, 1e-5, 0.3, 1 - 1e-5, 1 - 5e-9, 1.0, 1.001):
        ends = law.ends
        pairs = (
            (law(sto=sto, T=T), law(sto=sto, T=T, ops=ops)),
            (law.known(sto=sto, T=T), law.known(sto=sto, T=T, ops=ops)),
            (ends.inside(sto), ends.inside(sto, ops=ops)),
            (ends.filled(sto), ends.filled(sto, ops=ops)),
            (ends.vacant(sto), ends.vacant(sto, ops=ops)),
        )
        for by_numbers, in_form in pairs:
            assert number(in_form) == pytest.approx(float(by_numbers), rel=1e-10, abs=1e-12)


def test_nothing_is_left_on_an_empty_surface_and_no_room_on_a_full_one():
    ends = Ends(0.02, 0.9)
    for law, end, out in ((ends.filled, 0.0, -1.0), (ends.vacant, 1.0, 1.0)):
        few, fewer, none, beyond = (float(law(end - out * x)) for x in (1e-5, 1e-6, 0.0, -1e-6))
        assert few - fewer == pytest.approx(np.log(10.0), abs=1e-3)
        assert np.exp(none) < 1e-6
        assert np.exp(beyond) < 1e-40
        assert law(0.5) == law(0.02) == law(0.9) == 0.0
