"""If these fail, a cycle that destroyed its binder ends without a word, or shows no picture of it.

A lithiation and a delithiation of silicon in a soft binder: at the end nothing is stressed.
"""

from __future__ import annotations

import csv
import json

from mpi4py import MPI

import pytest

from mesode.analysis.xdmf import open_series
from mesode.case.execution import run_case
from mesode.columns import File, find
from mesode.config.load import parse_case

pytestmark = pytest.mark.serial

CASE = """
title: there and back
geometry:
  width: 3 um
  electrode:
    thickness: 3 um
    particles: {fraction: 0.3, diameter: 2 um, gap: 0.2 um}
    carbon_binder: {kind: matrix}
  separator: {thickness: 4 um}
mesh: {size: 1 um, interface: 0.7 um}
materials:
  active: {preset: silicon_average, D_s: 1e-14 m^2/s, i_0_ref: 2 A/m^2}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_EMC}
  separator: {preset: Celgard_2400}
physics: {mechanics: linear, stress_coupling: one_way}
initial: {lithiation: 0.05}
protocol:
  - Lithiate at C/2 until lithiation 0.5
  - Delithiate at C/2 until lithiation 0.05
output: {fields: 2, figures: false}
"""
BINDER, SWELLING = "Max von Mises Binder / Pa", "Max Swelling / 1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("cycle") / "run"
    outcome = run_case(parse_case(CASE), path, MPI.COMM_SELF)
    assert outcome.exit_code == 0
    return path


@pytest.fixture(scope="module")
def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


@pytest.mark.parametrize("file", [file for file in File if file is not File.IMPEDANCE])
def test_each_column_of_a_run_is_in_the_table(folder, file):
    with (folder / file).open() as stream:
        written = next(csv.reader(stream))
    assert len(written) > 10
    assert [name for name in written if find(name, file) is None] == []


def columns(folder):
    with (folder / "timeseries.bdf.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def test_extremes_are_those_of_all_rows(folder, manifest):
    found, table = manifest["extremes"], columns(folder)
    for name in (BINDER, SWELLING, "Voltage / V", "Thickness Change / 1", "Mean Lithiation / 1"):
        for end, chosen in (("min", min(table[name])), ("max", max(table[name]))):
            assert found[name][end] == pytest.approx(chosen, rel=1e-8), name
            where = table["Test Time / s"].index(found[name][f"t_{end}"])
            assert table[name][where] == found[name][end]
    assert found[BINDER]["step_max"] == 1
    # the swelling of the preset is linear in the lithiation
    expected = 2.8 * (max(table["Max Lithiation / 1"]) - 0.05)
    assert found[SWELLING]["max"] == pytest.approx(expected, rel=1e-6)


def test_the_end_of_the_run_is_harmless_but_its_middle_is_told(folder, manifest):
    table, text = columns(folder), "\n".join(manifest["warnings"])
    assert table[BINDER][-1] < 2e6 < 5e7 < manifest["extremes"][BINDER]["max"]
    swelling = 100 * manifest["extremes"][SWELLING]["max"]
    t = manifest["steps"][0]["t_end"]
    assert f"active swells by {swelling:.0f} % of its volume (at {t:.6g} s, in step 1)" in text
    stress = manifest["extremes"][BINDER]["max"] / 1e6
    assert f"the von Mises stress in carbon_binder reaches {stress:.0f} MPa (at {t:.6g} s" in text


def test_there_is_a_frame_of_the_worst_moment(folder, manifest):
    times = open_series(folder / "fields" / "mechanical.xdmf").times
    for name in (BINDER, "Max von Mises Active / Pa", SWELLING):
        assert manifest["extremes"][name]["t_max"] in [pytest.approx(t, rel=1e-9) for t in times]
