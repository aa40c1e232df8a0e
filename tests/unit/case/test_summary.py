"""If these fail, the user is not told why a step ended, or where the results are."""

from __future__ import annotations

from pathlib import Path

from mesode.case.resolution import mesh_warnings, stress_work_warnings
from mesode.case.summary import summary_lines
from mesode.columns import COULOMBIC_EFFICIENCY, SEI_CHARGE, SPLIT_SHAPE, SPLIT_VOLTAGE

MANIFEST = {
    "status": "stopped",
    "reason": "SIGINT received",
    "steps": [
        {
            "index": 1,
            "text": "Lithiate at 5 mA/cm2 until 10 mV",
            "reason": "voltage 10 mV reached",
            "t_end": 851.234,
            "end": {"Specific Capacity / mA.h.g-1": 737.21, "Voltage / V": 0.01},
        }
    ],
    "balances": {"lithium": 3.1e-9},
    "mesh": {"voltage_error": {"mean": 4.2e-4, "largest": 7e-3, "t_largest": 0.3}},
    "timings": {"geometry": 1.0, "total": 42.0},
    "warnings": ["particle 3 is isolated"],
    "assumed": ["a", "b"],
    "figures": ["voltage_curve.png"],
}


def test_the_summary_says_what_a_person_asks():
    text = "\n".join(summary_lines(MANIFEST, Path("runs/a")))
    for part in (
        "voltage 10 mV reached", "851.2", "737.2", "0.0100", "lithium 3.1e-09",
        "about 0.42 mV in the mean, at most 7 mV at 0.3 s", "total 42.0 s",
        "warning: particle 3", "2 parameters are assumed", "1 figures in runs/a/figures",
        "stopped: SIGINT received. Results in runs/a",
    ):  # fmt: skip
        assert part in text


def test_a_run_that_failed_early_has_a_summary_too():
    lines = summary_lines({"status": "failed", "reason": "x", "steps": []}, Path("a"))
    assert lines[-1] == "failed. Results in a"


def test_the_first_cycle_has_an_efficiency_and_what_it_is_an_outcome_of(tmp_path):
    (tmp_path / "cycles.csv").write_text(f"a,{COULOMBIC_EFFICIENCY}\n1,0.7451\n2,0.9\n")
    text = "\n".join(summary_lines(MANIFEST, tmp_path))
    assert "efficiency 74.51%, an outcome of kinetics and limits, without an SEI" in text
    (step,) = MANIFEST["steps"]
    grown = {**MANIFEST, "steps": [{**step, "end": {**step["end"], SEI_CHARGE: 1.0}}]}
    assert "an outcome of SEI, kinetics and limits" in "\n".join(summary_lines(grown, tmp_path))
    (tmp_path / "cycles.csv").write_text(f"a,{COULOMBIC_EFFICIENCY}\n1,\n")
    assert "efficiency" not in "\n".join(summary_lines(MANIFEST, tmp_path))


def test_a_mesh_that_moves_the_voltage_along_its_curve_is_no_matter_of_orders():
    (small,) = mesh_warnings({"mean": 4e-3, "lithium": 3e-3})
    assert "75 % of that in the hosts" in small
    assert "it is a quarter" in small
    (large,) = mesh_warnings({"mean": 0.4, "lithium": 0.4})
    assert "neither voltage nor capacity" in large
    assert "a quarter" not in large


def test_a_mesh_that_makes_much_of_the_work_of_stress_is_to_be_refined():
    """Silicon at 8e-3: its capacity is right to 0.5 %; at 3e-2 it is a fifth too large."""
    assert list(stress_work_warnings({"energy": 1e-2, "stress work": 8e-3})) == []
    (told,) = stress_work_warnings({"energy": 1e-7, "stress work": 1.2e-2})
    assert "makes or takes 1.2 % of the energy" in told
    assert "Refine mesh.interface and mesh.size alike until that is below 1 %" in told


def test_of_mechanics_it_tells_what_converges_with_the_mesh():
    (step,) = MANIFEST["steps"]
    stress = {
        "Thickness Change / 1": 0.2823,
        "Max von Mises Binder / Pa": 7.2453e6,
        "Mean von Mises Binder / Pa": 5.1981e6,
        "95th Percentile von Mises Binder / Pa": 6.3379e6,
    }
    after = {**step, "index": 2, "end": {**step["end"], "Thickness Change / 1": 0.02}}
    most = {**step, "end": {**step["end"], **stress}}
    text = "\n".join(summary_lines({**MANIFEST, "steps": [most, after]}, Path("a")))
    said = "von Mises stress: 95 % of the binder below 6.34 MPa (mean 5.2 MPa)"
    assert f"mechanics, end of step 1: thickness +28.2%; {said}" in text
    assert "7.25" not in text
    layer = "\n".join(summary_lines({**MANIFEST, "steps": [after]}, Path("a")))
    assert "swelling, end of step 2: thickness +2.0%\n" in layer


def test_it_says_what_was_foreseen_wrongly_where_stress_acts_back():
    found = {SPLIT_VOLTAGE: {"max": 2.13e-3, "t_max": 1234.5}, SPLIT_SHAPE: {"max": 1.8e-3}}
    solver = {"repeated": 17, "time_steps": 90}
    told = "off by at most 2.1 mV, at 1.23e+03 s, and 1.8e-03 of the volume"
    ended = {**MANIFEST, "extremes": found, "solver": solver}
    again = f"{told}; time steps solved again for that: 17\n"
    assert again in "\n".join(summary_lines(ended, Path("a")))
    failed = {**MANIFEST, "extremes": found}
    assert f"{told}\n" in "\n".join(summary_lines(failed, Path("a")))
    assert "foreseen" not in "\n".join(summary_lines(MANIFEST, Path("a")))


def test_it_says_how_often_a_section_snapped():
    told = "\n".join(summary_lines({**MANIFEST, "solver": {"snapped": 2}}, Path("a")))
    assert "the section snapped, 2 times: its shape had no balance nearby" in told
    assert "snapped" not in "\n".join(
        summary_lines({**MANIFEST, "solver": {"snapped": 0}}, Path("a"))
    )
