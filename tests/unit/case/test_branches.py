"""If these fail, nobody is told that a potential of one branch is used on the way of the other."""

from __future__ import annotations

import pytest

from mesode.case.branches import branch_warnings
from mesode.case.durations import foresee_steps
from mesode.case.foresight import rest_between
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.config.starter import starter_text

LITHIATION, DELITHIATION = "silicon", "silicon_delithiation"
OCPS = {
    LITHIATION: "materials.active.preset=silicon",
    DELITHIATION: "materials.active={preset: silicon, ocp: si_verbrugge_delithiation}",
}
BOTH = "materials.active.hysteresis={}"


def told(*overrides, kind="silicon"):
    case = parse_case(starter_text("test", kind), overrides=list(overrides))
    materials = resolve_materials(case)
    capacities = dict.fromkeys((*materials.hosts(), *materials.hosts("counter_")), 3600.0)
    rest = rest_between(case, materials, capacities)
    foreseen = foresee_steps(case.protocol, rest, 0.01)
    return list(branch_warnings(case, materials, rest.polarity, foreseen))


def step_of(host, protocol, lithiation=0.02):
    """Return the number of the step that the warning tells, 0 without one."""
    found = told(OCPS[host], f"protocol={protocol}", f"initial.lithiation={lithiation}")
    if not found:
        return 0
    (text,) = found
    assert "lacks the hysteresis" in text
    return int(text.partition("and step ")[2].split()[0])


@pytest.mark.parametrize(
    ("host", "protocol", "number"),
    [
        (LITHIATION, "[Lithiate at C/5 until 10 mV, Delithiate at C/5 until 1 V]", 2),
        (LITHIATION, "[Lithiate at C/5 until 10 mV, Rest for 1 h]", 0),
        (DELITHIATION, "[Lithiate at C/5 until 10 mV, Delithiate at C/5 until 1 V]", 1),
        # scans: from about 0.5 V at rest down, and up again
        (LITHIATION, "[Sweep at 0.1 mV/s until 50 mV, Sweep at 0.1 mV/s until 0.9 V]", 2),
        (LITHIATION, "[Sweep at 0.1 mV/s until 50 mV]", 0),
        (DELITHIATION, "[Sweep at 0.1 mV/s until 50 mV]", 1),
        # holds
        (LITHIATION, "[Lithiate at C/5 until 10 mV, Hold at 10 mV until C/50]", 0),
        (LITHIATION, "[Hold at 10 mV until C/50, Hold at 0.6 V until C/50]", 2),
        (LITHIATION, "[Lithiate at C/5 for 2 h, Rest for 1 h, Hold at 0.7 V for 1 h]", 3),
        (DELITHIATION, "[Lithiate at C/5 for 2 h, Rest for 1 h, Hold at 0.7 V for 1 h]", 1),
        # drive cycles: by the sign of what they ask for, by the way of a voltage
        (LITHIATION, "[{profile: {table: [[0, 0.2], [60, 0.1]], unit: C}}]", 0),
        (LITHIATION, "[{profile: {table: [[0, 0.2], [60, -0.1]], unit: C}}]", 1),
        (LITHIATION, "[{profile: {table: [[0, 0.2], [60, -0.1]], unit: C}, for: 30 s}]", 0),
        (LITHIATION, "[{profile: {table: [[0, 0.4], [9, 0.1], [60, 0.5]], unit: V}}]", 1),
        (LITHIATION, "[{profile: {table: [[0, 0.4], [9, 0.1], [60, 0.05]], unit: V}}]", 0),
        # where the charge of a drive cycle has moved the voltage nobody knows the way of a hold
        (
            LITHIATION,
            "[{profile: {table: [[0, 0.2], [9999, 0.1]], unit: C}}, Hold at 0.5 V for 1 h]",
            0,
        ),
    ],
)
def test_the_step_that_goes_the_other_way_is_told(host, protocol, number):
    assert step_of(host, protocol) == number


@pytest.mark.parametrize("host", [LITHIATION, DELITHIATION])
def test_a_hold_at_the_voltage_of_the_start_goes_no_way(host):
    case = parse_case(starter_text("test", "silicon"), overrides=[OCPS[host]])
    lithium = resolve_materials(case).phases["active"].lithium
    voltage = float(lithium.ocp(sto=0.02, T=case.physics.temperature))
    assert step_of(host, f"[Hold at {voltage:.4f} V for 1 h]") == 0
    assert step_of(host, "[Hold at 0.1 V for 1 h, Hold at 0.7 V for 1 h]") > 0


def test_a_hysteresis_has_both_branches():
    cycle = "protocol=[Lithiate at C/5 until 10 mV, Delithiate at C/5 until 1 V]"
    assert told(OCPS[LITHIATION], BOTH, cycle) == []


def test_an_anode_is_lithiated_on_charge():
    silicon = ("materials.active={preset: silicon}", "initial.lithiation=0.05")
    assert told(*silicon, "protocol=[Charge at C/5 until 4 V]", kind="fullcell") == []
    (text,) = told(*silicon, "protocol=[Charge at C/5 until 4 V, Discharge at C/5 until 3 V]",
                   kind="fullcell")  # fmt: skip
    assert "step 2 (Discharge at C/5 until 3 V) delithiates it" in text
