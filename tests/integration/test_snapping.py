"""If these fail, a run at finite strain stops where a shape loses its balance and finds another."""

from __future__ import annotations

import pytest

from support.decks import assert_in_balance, run_deck

pytestmark = pytest.mark.serial

# A particle that grows and shrinks back in a matrix without pores. The binder about it is drawn out
# by more than its hardening bears: from there on it softens.
DRAWN_OUT = """\
geometry:
  width: 0.62 um
  electrode:
    thickness: 0.74 um
    particles: {fraction: 0.308, diameter: 0.4 um}
    packing: {gap: 0.0388 um, seed: 19}
    carbon_binder: {kind: matrix}
  separator: {thickness: 2 um}
mesh: {size: 0.2 um, interface: 0.0705 um}
materials:
  active: {preset: silicon, hysteresis: {initial: -1}}
  carbon_binder: {preset: CMC_SBR_SuperP, yield_strength: 68.4 MPa, hardening: 100 MPa}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: finite, stress_coupling: one_way}
initial: {lithiation: 0.15}
protocol: [Lithiate at 3C until 10 mV, Delithiate at 3C until 1 V]
output: {fields: 0, figures: false}
"""


@pytest.mark.slow
def test_a_binder_without_pores_that_softens_is_held_back():
    result, record, balances = run_deck(text=DRAWN_OUT)
    assert result.status == "completed", result.reason
    assert_in_balance(balances)
    assert balances["work"] < 3e-4  # 1.2e-4 before it softens
    grown, shrunk = (end.end["Thickness Change / 1"] for end in record.ends)
    assert grown > 0.35
    assert shrunk < 0.5 * grown
