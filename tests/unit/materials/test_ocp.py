"""If this fails, the voltage is wrong."""

from __future__ import annotations

import pytest

from mesode.materials.library import get_law

# sto: lithiation, delithiation [V]
SI_1 = {
    0.01: (0.7864, 0.9574),
    0.02: (0.7059, 0.9242),
    0.05: (0.5322, 0.8397),
    0.10: (0.3762, 0.7366),
    0.15: (0.3100, 0.6633),
    0.20: (0.2821, 0.6082),
    0.25: (0.2664, 0.5650),
    0.30: (0.2520, 0.5301),
    0.40: (0.2205, 0.4753),
    0.50: (0.1910, 0.4263),
    0.60: (0.1615, 0.3716),
    0.70: (0.1228, 0.3160),
    0.80: (0.0825, 0.2781),
    0.90: (0.0643, 0.2497),
    0.95: (0.0591, 0.2053),
    0.98: (0.0464, 0.1492),
}
OTHERS = {
    "si_chan_2007": {0.01: 0.7151, 0.1: 0.3018, 0.5: 0.1957, 0.9: 0.0513, 0.99: 0.0086},
    "graphite_lgm50": {
        0.1: 0.4065,
        0.2: 0.2170,
        0.3: 0.1630,
        0.5: 0.1331,
        0.7: 0.0922,
        0.9: 0.0920,
    },
    "nmc811_chen_2020": {
        0.25: 4.3366,
        0.3: 4.2054,
        0.4: 4.1047,
        0.5: 3.9720,
        0.6: 3.8245,
        0.7: 3.7304,
        0.8: 3.6491,
        0.9: 3.5682,
    },
    "si_li_2012": {0.00477: 1.373, 0.0907: 0.511, 0.5215: 0.197, 0.9431: 0.0386},
    "si_durdel_lithiation": {0.03869: 0.994, 0.20060: 0.252, 0.29601: 0.184},
    "si_durdel_delithiation": {0.01748: 0.990, 0.20252: 0.458, 0.30661: 0.206},
}
SIO_1 = {0.002: 0.695, 0.1: 0.35, 0.25: 0.27, 0.5: 0.195, 0.75: 0.115, 0.998: 0.059}


def potential(name: str, sto: float) -> float:
    return float(get_law("ocp", name)(sto=sto))


@pytest.mark.parametrize("sto", SI_1)
def test_both_branches_of_silicon_meet_the_table(sto):
    lithiation, delithiation = SI_1[sto]
    assert potential("si_verbrugge_lithiation", sto) == pytest.approx(lithiation, abs=6e-5)
    assert potential("si_verbrugge_delithiation", sto) == pytest.approx(delithiation, abs=6e-5)
    mean = 0.5 * (lithiation + delithiation)
    assert potential("si_verbrugge_average", sto) == pytest.approx(mean, abs=6e-5)


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_curves_meet_their_tables(name):
    for sto, expected in OTHERS[name].items():
        assert potential(name, sto) == pytest.approx(expected, abs=6e-5)


def test_sio_sees_silicon_through_its_window():
    for sto, expected in SIO_1.items():
        assert potential("sio_1_lithiation", sto) == pytest.approx(expected, abs=0.005)
    silicon = potential("si_verbrugge_delithiation", 0.02 + 0.93 * 0.4)
    assert potential("sio_1_delithiation", 0.4) == pytest.approx(silicon, abs=1e-12)


def test_pure_graphite_has_its_plateaus():
    at = [potential("graphite_mohtat", sto) for sto in (0.3, 0.4, 0.7, 0.8)]
    assert at[0] == pytest.approx(0.120, abs=0.01)
    assert at[2] == pytest.approx(0.088, abs=0.01)
    assert at[2] - at[3] < 0.002
