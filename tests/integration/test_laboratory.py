"""If this fails, tables of a run count cycles, steps or spectra of a laboratory's tests wrongly."""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

from mesode.analysis.run_data import read_timeseries
from mesode.cli.main import main
from mesode.columns import CYCLE, FREQUENCY, STEP, TEMPERATURE, VOLTAGE
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

PROTOCOL = [
    {"gitt": {"current": "1C", "pulse": "10 min", "rest": "1 min", "until": "0.2 V"}},
    {
        "step": "Delithiate at 2C until 0.5 V",
        "impedance": {"every": "100 mV", "from": "1 kHz", "to": "10 Hz", "points_per_decade": 1},
        "temperature": "40 degC",
        "tags": "warm",
    },
    {"cyclic_voltammetry": {"window": ["0.1 V", "0.6 V"], "rates": ["5 mV/s"], "cycles": 2}},
]


def test_the_tables_of_a_run_through_tests_of_the_laboratory(tmp_path):
    case = yaml.safe_load(TINY) | {"protocol": PROTOCOL, "numerics": {"tolerance": 1e-3}}
    (tmp_path / "lab.yaml").write_text(yaml.safe_dump(case))
    out = tmp_path / "run"
    command = ["run", str(tmp_path / "lab.yaml"), "--out", str(out), "--no-figures"]
    # what a study varies
    assert main([*command, "--set", "protocol.0.gitt.pulse=15 min"]) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    steps = {step["index"]: step for step in manifest["steps"]}
    written_out = 2 * 4  # 15 min at 1C fill a quarter
    pulses = [k for k in steps if steps[k].get("tags") == ["gitt"]]
    assert steps[pulses[-1]]["reason"] == "voltage 200 mV reached"
    assert pulses == list(range(1, pulses[-1] + 1))
    assert list(steps)[len(pulses) :] == [written_out + k for k in range(1, 6)]
    assert steps[written_out + 1]["tags"] == ["warm"]
    assert manifest["balances"]["energy"] < 1e-5

    series = read_timeseries(out / "timeseries.bdf.csv")
    cycles = {int(step): int(series[CYCLE][series[STEP] == step][-1]) for step in steps}
    assert {cycles[k] for k in (*pulses, written_out + 1)} == {1}
    assert [cycles[written_out + k] for k in range(2, 6)] == [2, 2, 3, 3]
    assert read_timeseries(out / "cycles.csv")[CYCLE].tolist() == [1, 2, 3]

    spectra = read_timeseries(out / "impedance.csv")
    assert set(spectra[STEP]) == {written_out + 1}
    assert spectra[FREQUENCY] == pytest.approx([1e3, 1e2, 1e1] * 3)
    assert spectra[VOLTAGE][::3] == pytest.approx([0.3, 0.4, 0.5], abs=3e-6)
    assert np.ptp(spectra[TEMPERATURE]) == 0.0
    assert spectra[TEMPERATURE][0] == pytest.approx(40.0)
    assert yaml.safe_load((out / "config.yaml").read_text())["protocol"][0]["gitt"]["pulse"] == (
        "15 min"
    )
