"""If these fail, `mesode check` is silent of a step that will do nothing, or not end as asked."""

from __future__ import annotations

import pytest

from mesode.case.plan import make_plan
from mesode.config.load import parse_case
from support.tiny_case import TINY

FULL = (
    "geometry.counter={thickness: 4 um, particles: {fraction: 0.25, diameter: 2 um, gap: 0.3 um}, "
    "carbon_binder: {kind: matrix}}",
    "materials.active={preset: silicon_average}",
    "materials.counter={active: {preset: NMC811}, carbon_binder: {preset: carbon_black}}",
)
RANGE = "the law nmc811_chen_2020 is known for sto"


def plan_of(*overrides, protocol=None):
    steps = [] if protocol is None else [f"protocol={protocol}"]
    return make_plan(parse_case(TINY, "", [*overrides, *steps]))


def warned(plan, *words):
    return any(all(word in text for word in words) for text in plan.warnings)


def test_the_range_of_the_counter_electrode_is_held_against_its_own_lithiation():
    inside = plan_of(*FULL, "initial={lithiation: 0.05, counter_lithiation: 0.9}")
    assert not warned(inside, RANGE)
    outside = plan_of(*FULL, "initial={lithiation: 0.5, counter_lithiation: 0.05}")
    assert warned(outside, "counter_active (NMC811)", RANGE, "begins at 0.05")


def warned_of_diffusion(*graphite):
    """Return what a half full blend says of D_s of graphite, known in a range of the lithiation."""
    law = f"{{table: {[[sto, 1e-14] for sto in graphite]}, of: sto, unit: m^2/s}}"
    plan = plan_of(
        f"materials.active={{fine: {{preset: silicon}}, coarse: {{preset: graphite, D_s: {law}}}}}",
        "geometry.electrode.particles=[{fraction: 0.1, diameter: 1.4 um, material: fine}, "
        "{fraction: 0.15, diameter: 2 um, material: coarse}]",
        "mesh.interface=0.2 um",
        "initial.lithiation=0.5",
    )
    return [text for text in plan.warnings if "coarse (graphite), D_s" in text]


def test_the_range_of_a_host_of_a_blend_is_held_against_its_own_lithiation():
    # at one potential with silicon graphite holds less than their mean
    (text,) = warned_of_diffusion(0.4, 0.5, 0.9)
    assert "known for sto from 0.4 to 0.9, the case begins at 0.27" in text
    assert not warned_of_diffusion(0.1, 0.2, 0.4)


@pytest.mark.parametrize(
    ("overrides", "protocol", "reason"),
    [
        ((), "[Rest for 1 s, Lithiate at C/2 until 5 V]", "which is below 5 V already"),
        ((), "[Delithiate at C/2 until 0.1 V]", "which is above 0.1 V already"),
        ((), "[Lithiate at C/2 until 0.01 lithiation or until 10 mV]", "begins at lithiation 0.02"),
        (FULL, "[Charge at C/2 until 1 V]", "which is above 1 V already"),
        ((), "[Lithiate at C/2 until 10 mV, Rest for 1 s, Delithiate at C/2 until 5 mV]",
         "at 0.01 V then, which is above 0.005 V"),
        ((), "[Lithiate at 2C until 10 mV, Delithiate at C/2 until 1 V, Lithiate at C/2 until 1 V]",
         "at 1 V then, which is at 1 V already"),
        (FULL, "[Delithiate at C/2 until 0.5 lithiation]", "begins at lithiation 0.02"),
        ((), "[Lithiate at C/2 until > 50 mV or until 10 mV]", "which is above 0.05 V already"),
        ((), "[Delithiate at C/2 until < 2.5 V or until 3 V]", "which is below 2.5 V already"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_begin_is_told(overrides, protocol, reason):
    assert warned(plan_of(*overrides, protocol=protocol), "cannot begin", reason)


@pytest.mark.parametrize(
    ("overrides", "protocol"),
    [
        ((), "[Lithiate at C/2 until 10 mV, Delithiate at C/2 until 1 V]"),
        ((), "[Lithiate at 5C until 10 mV, Lithiate at C/20 until 50 mV]"),
        ((), "[Lithiate at 5C for 1 minute or until 0.5 V, Delithiate at C/20 until 0.1 V]"),
        ((), "[Hold at 5 V until C/50, Lithiate at C/2 until 5 V]"),
        (FULL, "[Charge at C/2 until 4.2 V, Discharge at C/2 until 2.8 V]"),
        (FULL, "[Lithiate at C/2 until 0.5 lithiation]"),
        ((), "[Lithiate at C/5 until > 2.5 V or until 10 mV]"),
        ((), "[Delithiate at C/5 until < 50 mV or until 2 V]"),
        ((), "[Lithiate at C/2 until > 2.5 V, Delithiate at C/2 until 1 V]"),
    ],
)
def test_a_step_that_can_begin_is_not(overrides, protocol):
    assert not warned(plan_of(*overrides, protocol=protocol), "cannot begin")


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        ("[Lithiate at 1 C for 2 hours]", ("step 1", "200 %", "98 % left to take up", "10 mV")),
        ("[Lithiate at C/2 for 1 hour, Rest for 1 s, Delithiate at 1 C for 40 minutes]",
         ("step 3", "66.7 %", "52 % left to give", "1 V")),
        ("[Lithiate at 1 C until 3000 mAh/g]", ("step 1", "217 %")),
        ("[Lithiate at 1 C until 10 mV, Delithiate at 1 C for 2 hours]", ("step 2", "200 %")),
    ],
)  # fmt: skip
def test_more_charge_than_there_is_room_for_is_told(protocol, words):
    assert warned(plan_of(protocol=protocol), "asks for", *words)


@pytest.mark.parametrize(
    "protocol",
    [
        "[Lithiate at 1 C for 2 hours or until 10 mV]",
        "[Lithiate at 1 C for 55 minutes, Delithiate at 1 C for 55 minutes]",
        "[Lithiate at 1 C until 10 mV, Delithiate at 1 C for 50 minutes]",
        "[Hold at 10 mV for 10 hours, Rest for 10 hours]",
        # what comes first ends a step
        "[Lithiate at 1 C for 2 hours or until 1000 mAh/g]",
        "[Lithiate at 1 C for 30 minutes or until 3000 mAh/g]",
    ],
)
def test_charge_that_fits_is_not(protocol):
    assert not warned(plan_of(protocol=protocol), "asks for")


def test_steps_that_repeat_themselves_are_told_once():
    block = "{repeat: 30, steps: [Lithiate at C/2 until 10 mV, Delithiate at C/2 until 1 mV]}"
    plan = plan_of("materials.active.ocp=sio_1_average", protocol=f"[{block}]")
    up, down = [text for text in plan.warnings if "cannot begin" in text]
    assert up.startswith("step 2 (Delithiate at C/2 until 1 mV)")
    assert up.endswith("(and 29 more like it)")
    assert down.startswith("step 3 (Lithiate at C/2 until 10 mV)")  # at 1 mV then
    assert down.endswith("(and 28 more like it)")


IMPEDANCE = "{impedance: {from: 1 kHz, to: 10 mHz}}"


@pytest.mark.parametrize(
    ("protocol", "steps"),
    [
        (f"[{IMPEDANCE}]", ()),
        (f"[Lithiate at C/2 for 1 minute, {IMPEDANCE}, {IMPEDANCE}]", ("step 2", "(and 1 more")),
        (f"[Lithiate at C/2 for 1 minute, Rest for 1 hour, {IMPEDANCE}]", ()),
        (f"[Lithiate at C/2 until 0.1 V, Hold at 0.1 V until C/100, {IMPEDANCE}]", ()),
        (f"[Sweep at 1 mV/s until 0.1 V, {IMPEDANCE}]", ("step 2",)),
    ],
)
def test_an_impedance_that_follows_on_a_current_is_told(protocol, steps):
    told = [note for note in plan_of(protocol=protocol).notes if "follows on a current" in note]
    assert len(told) == bool(steps)
    assert all(part in note for note in told for part in steps)


def within(step, every):
    return f"[{{step: {step}, impedance: {{every: {every}, from: 1 kHz, to: 10 mHz}}}}]"


@pytest.mark.parametrize(
    ("step", "every", "told"),
    [
        ("Lithiate at C/2 until 0.1 V", "50 mV", "while a current passes"),
        ("Sweep at 1 mV/s until 0.1 V", "50 mV", "while a current passes"),
        ("Rest for 1 hour", "10 min", ""),
        ("Hold at 0.1 V until C/100", "lithiation 0.1", ""),
        ("Rest for 10 minutes", "10 min", ""),
        ("Hold at 0.1 V until C/100", "50 mV", "no impedance within it: its voltage is held"),
        ("Rest for 1 hour", "lithiation 0.1", "no impedance within it: its lithiation stays"),
        ("Rest for 9 minutes", "10 min", "it is over after 540 s, before the first one at 600 s"),
        ("Lithiate at C/2 for 9 minutes", "10 min", "no impedance within it"),
    ],
)
def test_impedances_within_a_step_are_told_where_they_move_or_never_come(step, every, told):
    notes = [n for n in plan_of(protocol=within(step, every)).notes if "impedance" in n]
    assert len(notes) == bool(told)
    assert all(told in note for note in notes)


def test_the_counter_electrode_has_room_of_its_own():
    begun = (*FULL, "initial.counter_lithiation=0.1")
    plan = plan_of(*begun, protocol="[Charge at 1 C for 1 minute]")
    assert not warned(plan, "asks for")
    plan = plan_of(*begun, protocol="[Charge at 1 C for 50 minutes]")
    assert warned(plan, "capacity of the counter electrode", "10 % left to give", "4.2 V")


def test_the_other_branch_of_a_hysteresis_is_told():
    cycle = "[Lithiate at C/2 until 10 mV, Delithiate at C/2 until 1 V]"
    assert warned(plan_of(protocol=cycle), "sio_1_lithiation is that of lithiation", "step 2")
    average = "materials.active.ocp=sio_1_average"
    assert not warned(plan_of(average, protocol=cycle), "hysteresis")
    back = "materials.active.ocp=sio_1_delithiation"
    assert warned(plan_of(back, protocol=cycle), "that of delithiation", "step 1")
    assert not warned(plan_of(), "hysteresis")
    protocol = "[Charge at C/2 until 4.2 V, Discharge at C/2 until 2.8 V]"
    full = plan_of(*FULL, "materials.active.ocp=si_verbrugge_lithiation", protocol=protocol)
    assert warned(full, "is that of lithiation", "step 2 (Discharge")
