"""If these fail, a measured CSV is read wrong, or what is wrong with it is not told."""

from __future__ import annotations

import numpy as np
import pytest

import mesode
from mesode.analysis.lab.measured import read_measured
from mesode.analysis.lab.source import Given
from mesode.columns import TEMPERATURE
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.errors import InputError
from mesode.evaluate.circuit import parse
from mesode.evaluate.finite_diffusion import SLAB
from support.impedances import noisy
from support.measured_csv import write_columns, write_record, write_spectrum
from support.titration import titration

HEAD = "Test Time / s,Voltage / V,Current / A"
SPECTRUM = "Frequency / Hz,Real Impedance / ohm,Imaginary Impedance / ohm"


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "cell.bdf.csv"
    path.write_text(text, encoding=encoding)
    return read_measured(path, Given())


def test_a_record_comes_back_with_our_sign(tmp_path):
    record = titration(SLAB, 0.1, rows=20)
    found = read_measured(write_record(tmp_path / "cell.bdf.csv", record), Given())
    assert found.name == "cell"
    for name in ("t", "V", "I", "step"):
        np.testing.assert_array_equal(getattr(found.record, name), getattr(record, name))
    without = read_measured(write_record(tmp_path / "b.csv", record, numbered=False), Given())
    assert without.record.step is None


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of batterydf with pandas 3.1
def test_what_batterydf_writes_is_read(tmp_path):
    import pandas as pd
    from bdf import io

    record = titration(SLAB, 0.1, rows=20)
    written = write_record(tmp_path / "a.bdf.csv", record)
    again = tmp_path / "b.bdf.csv"
    io.save(io.load(written), again)
    found = read_measured(again, Given()).record
    np.testing.assert_allclose(found.V, record.V, rtol=1e-12)
    np.testing.assert_allclose(found.I, record.I)
    machine = {"Test Time / s": "test_time_second", "Voltage / V": "voltage_volt",
               "Current / A": "current_ampere", "Step Count / 1": "step_count"}  # fmt: skip
    pd.read_csv(written).rename(columns=machine).to_csv(again, index=False)
    np.testing.assert_array_equal(read_measured(again, Given()).record.step, record.step)


def test_spectra_are_told_apart_by_their_step(tmp_path):
    f = np.logspace(3, 0, 10)
    Z = parse("R0-p(R1,C1)").impedance(f, (1.0, 2.0, 1e-3))
    (one,) = read_measured(write_spectrum(tmp_path / "a.csv", f, Z), Given(T=310.0)).spectra
    np.testing.assert_array_equal(one.Z, Z)
    assert one.T == 310.0
    columns = {
        "Step Count / 1": np.repeat([3.0, 7.0], 10), "Frequency / Hz": np.tile(f, 2),
        "Real Impedance / ohm": np.tile(Z.real, 2), "Imaginary Impedance / ohm": np.tile(Z.imag, 2),
        "Ambient Temperature / degC": np.full(20, 40.0),
    }  # fmt: skip
    two = read_measured(write_columns(tmp_path / "b.csv", columns), Given()).spectra
    assert [each.name for each in two] == ["step 3", "step 7"]
    assert [each.T for each in two] == [313.15, 313.15]


FAULTS = {
    "empty": ("", "at least 2 rows"),
    "header alone": (f"{HEAD}\n", "at least 2 rows"),
    "semicolons": (
        f"{HEAD.replace(',', ';')}\n0;3,7;0,1\n1;3,6;0,1\n", "semicolons.*'.' in numbers",
    ),
    "tabs": (f"{HEAD.replace(',', chr(9))}\n0\t1\t2\n1\t1\t2\n", "tabs"),
    "quoted decimal commas": (f'{HEAD}\n0,"3,7",0\n1,"3,6",0\n', "'3,7'.*decimal point"),
    "decimal commas": (f"{HEAD}\n0,3,7,0\n1,3,6,0\n", "4 cells in line 2.*Decimal commas"),
    "no unit": (f"{HEAD.replace(' / V', '')}\n0,1,2\n1,1,2\n", "'Voltage'.*unit is missing.*in V"),
    "other unit": (
        f"{HEAD.replace('Current / A', 'Current / mA')}\n0,1,2\n1,1,2\n",
        "expected 'Current / A', got 'Current / mA'. Convert",
    ),
    "wrong column": (
        f"{HEAD.replace('Voltage / V', 'Ewe / V')}\n0,1,2\n1,1,2\n", "'Voltage / V' is missing",
    ),
    "twice": (f"{HEAD},Voltage / V\n0,1,2,1\n1,1,2,1\n", "is there 2 times"),
    "unsorted": (f"{HEAD}\n0,1,2\n5,1,2\n3,1,2\n", "goes back in 1 row, first in line 4.*Sort"),
    "repeated": (f"{HEAD}\n0,1,2\n5,1,2\n5,1,2\n", "time of the row before, first in line 4"),
    "unsorted after blank lines": (
        f"\n{HEAD}\n\n0,1,2\n \n5,1,2\n\n3,1,2\n", "first in line 8"
    ),
    "repeated after blank lines": (f"\n\n{HEAD}\n0,1,2\n\n5,1,2\n5,1,2\n", "first in line 7"),
    "no number after a blank line": (f"{HEAD}\n\n0,1,2\n1,OVF,2\n", "first in line 4"),
    "a row too short after blank lines": (f"{HEAD}\n\n\n0,1,2\n1,1\n", "2 cells in line 5"),
    "blank lines above the names": (
        f"Cycler: A\n\nCell: 7\n{HEAD}\n0,1,2\n1,1,2\n",
        "come only in line 4. Leave out the 3 lines above",
    ),
    "a row too short": (f"{HEAD}\n0,1,2\n1,1\n", "2 cells in line 3. Complete such rows"),
    "a cell without end": (f"{HEAD}\n0,1,{'9' * 200_000}\n1,1,2\n", "no table: field larger"),
    "thousands": (f'{HEAD}\n0,1,2\n"1,000.5",1,2\n', "nothing between thousands"),
    "dates": (
        f"{HEAD}\n2026-01-01 10:00:00,1,2\n2026-01-01 10:00:05,1,2\n",
        "no number in 2 cells.*Write the seconds since the begin",
    ),
    "lines above the names": (
        f"Cycler: A\nCell: 7\n{HEAD}\n0,1,2\n1,1,2\n",
        "come only in line 3. Leave out the 2 lines above",
    ),
    "unit in brackets": (
        "Test Time (s),Voltage (V),Current (A)\n0,1,2\n1,1,2\n",
        r"Is it 'Voltage \(V\)'\? Name it 'Voltage / V' if its numbers are in V",
    ),
    "other names": (
        "freq/Hz,Re(Z)/Ohm,-Im(Z)/Ohm\n9,1,2\n1,1,2\n", "or 'Frequency / Hz', 'Real",
    ),
    "one of a spectrum": (
        "Frequency / Hz,Real Impedance / ohm\n9,1\n1,1\n",
        "'Imaginary Impedance / ohm' is missing. A file has",
    ),
    "no number": (f"{HEAD}\n0,1,2\n1,OVF,2\n", "'OVF'.*Leave out|no numbers.*'OVF'"),
    "not positive": (
        f"{SPECTRUM}\n0,1,-2\n1,1,-2\n", "above 0",
    ),
    "minus Im Z": (
        f"{SPECTRUM}\n9,1,2\n1,1,2\n",
        "not −Im Z",
    ),
    "mixed spectra": (
        f"{SPECTRUM}\n9,1,-2\n9,1,-2\n", "Step Count",
    ),
    "no resistance": ("Temperature / degC,Resistance / ohm\n0,1\n20,0\n", "above 0"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_has_its_message(tmp_path, text, message):
    with pytest.raises(InputError, match=f"(?s){message}"):
        read(tmp_path, text)


def test_another_encoding_is_told(tmp_path):
    with pytest.raises(InputError, match=r"not UTF-8.*Save it as UTF-8"):
        read(tmp_path, f"{HEAD},T / °C\n0,1,2,3\n1,1,2,3\n", "latin-1")
    with pytest.raises(InputError, match="not UTF-8"):
        read(tmp_path, f"{HEAD}\n0,1,2\n1,1,2\n", "utf-16")


def test_all_faults_are_told_at_once(tmp_path):
    with pytest.raises(InputError) as error:
        read(tmp_path, "Test Time / min,Voltage,Current / A\n0,1,x\n1,1,2\n")
    assert len(error.value.problems) == 3
    with pytest.raises(InputError) as error:
        read(tmp_path, f"{HEAD}\n0,1,2\n5,1,2\n5,1,2\n3,1,2\n")
    assert len(error.value.problems) == 2


def test_two_rows_at_a_switch_may_have_one_time(tmp_path):
    found = read(tmp_path, f"{HEAD},Step Count / 1\n0,1,0,1\n5,1,0,1\n5,1.1,2,2\n9,1.2,2,2\n")
    assert len(found.record.t) == 4


def test_marks_of_windows_and_other_columns_do_no_harm(tmp_path):
    text = f"{HEAD},Comment\r\n0,1,2,a\r\n1,1,2,\r\n"
    assert len(read(tmp_path, text, "utf-8-sig").record.t) == 2


def test_a_value_of_a_circuit_has_its_error(tmp_path):
    """One resistance from the real parts of ten frequencies: rms/sqrt(10) of it, but for 20/19."""
    f = np.logspace(3, -1, 10)
    path = write_spectrum(tmp_path / "R.csv", f, noisy(np.full(10, 50.0 + 0.0j), 0.02))
    R, rms = mesode.analyse(path, what=["circuits"], circuit="R0")["circuits"].findings
    assert R.error == pytest.approx(R.value * rms.value * np.sqrt(20.0 / 19.0 / 10.0), rel=0.02)


def test_an_ideal_solution_has_the_slope_of_its_temperature(tmp_path):
    f, T, sigma = np.logspace(3, -2, 51), 333.15, 20.0
    Z = parse("R0-W1").impedance(f, (1.0, sigma))
    columns = {"Frequency / Hz": f, "Real Impedance / ohm": Z.real,
               "Imaginary Impedance / ohm": Z.imag, TEMPERATURE: 0.0 * f + T - 273.15}  # fmt: skip
    path = write_columns(tmp_path / "warm.csv", columns)
    given = {"area": "1 cm2", "concentration": "1 mol/l"}
    found = mesode.analyse(path, what=["arcs"], **given)["arcs"].findings
    (D,) = [each.value for each in found if each.unit == "m2/s"]
    # R^2 T^2/(2 A^2 F^4 C^2 sigma^2)
    root = GAS_CONSTANT * T / (2.0**0.5 * 1e-4 * FARADAY**2 * 1000.0 * sigma)
    assert pytest.approx(root**2, rel=1e-6) == D
