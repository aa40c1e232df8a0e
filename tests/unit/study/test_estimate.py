"""If these fail, `mesode check` promises a study in minutes that takes days, or the reverse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mesode.cli.check_study import cost_lines
from mesode.cli.main import main
from mesode.config.load import parse_case
from mesode.errors import GeometryError, InputError
from mesode.study import estimate as module
from mesode.study.estimate import (
    Estimate,
    check_columns,
    estimate,
    impossible_sections,
    share_of_case,
)
from mesode.study.expand import expand_file
from mesode.study.store import CaseStatus, prepare_store
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

STUDIES = Path(__file__).parents[3] / "configs" / "studies"

HEADER = "Test Time / s,Voltage / V,Step Count / 1,Mean Lithiation / 1\n"


@pytest.fixture
def expansion(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    path = tmp_path / "study.yaml"
    path.write_text("""
base: tiny.yaml
set: {mesh.interface: 0.5 um}
vary:
  initial.lithiation: [0.1, 0.2]
  geometry.width: [4 um, 5 um]
""")
    return expand_file(path)


# Megabytes that the first case of each shipped study wrote on a disk.
@pytest.mark.parametrize(
    ("name", "written"),
    [("rate_map", 10.8), ("binder_stiffness", 11.3), ("coating_integrity", 14.0)],
)
def test_planned_size_is_what_a_case_writes(name, written):
    case = expand_file(STUDIES / f"{name}.yaml").cases[0].case
    assert module.planned_size(case) / 1e6 == pytest.approx(written, rel=0.35)
    assert module.planned_size(case, fields=False) < 0.4 * module.planned_size(case)


def test_cost_is_the_mean_of_the_cases_that_are_done(expansion, tmp_path):
    store = prepare_store(tmp_path / "out", expansion)
    for record, wall in zip(store.records[:2], (10.0, 20.0), strict=True):
        folder = store.folder(record)
        manifest = {"status": "completed", "config_hash": record.hash}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        (folder / "attempt.json").write_text(json.dumps({"hash": record.hash, "wall": wall}))
        (folder / "data").write_bytes(b"x" * 1_000_000)
    found = estimate(expansion, tmp_path / "out")
    assert found.seconds == 15.0
    assert found.size == pytest.approx(1e6, rel=0.01)
    assert found.basis == "the mean of 2 cases that are done"


def finished(folder, number, expansion):
    """Leave a time series in the folder of a case."""
    store = prepare_store(folder, expansion)
    record = store.records[number]
    manifest = {"status": "completed", "config_hash": record.hash}
    (store.folder(record) / "manifest.json").write_text(json.dumps(manifest))
    (store.folder(record) / "timeseries.bdf.csv").write_text(HEADER + "0,0.5,1,0.1\n")
    return store


def test_a_column_that_no_case_will_have_is_refused(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    path = tmp_path / "study.yaml"
    path.write_text("""
base: tiny.yaml
vary: {initial.lithiation: [0.1, 0.2]}
collect:
  stress: {column: Max Stress Binder / Pa, take: max}
  q: {column: Voltage / V, at: {column: SOC, value: 1}}
  v: {column: Voltage / V}
""")
    expansion = expand_file(path)
    with pytest.raises(InputError) as caught:
        check_columns(finished(tmp_path / "out", 0, expansion), expansion)
    first, second = caught.value.problems
    assert first.path == "collect.stress.column"
    assert (
        first.hint
        == "'Max von Mises Binder / Pa' is there with physics.mechanics: finite or linear"
    )
    assert second.path == "collect.q.at.column"
    assert second.hint == "Did you mean 'Mean Lithiation / 1'?"


def test_a_column_of_cases_of_another_kind_is_not_refused(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    path = tmp_path / "study.yaml"
    path.write_text("""
base: tiny.yaml
vary: {physics.mechanics: [none, linear]}
collect: {stress: {column: Max von Mises Binder / Pa}}
""")
    expansion = expand_file(path)
    check_columns(finished(tmp_path / "out", 0, expansion), expansion)


def test_share_of_a_protocol_that_was_cut_short(tmp_path):
    text = TINY.replace("Lithiate at 1 C for 5 minutes or until 10 mV", "Rest for 100 s")
    case = parse_case(text + "numerics: {}\n", overrides=["protocol.1=Rest for 300 s"])
    rows = "0,0.5,1,0.1\n100,0.5,1,0.1\n100,0.5,2,0.1\n250,0.5,2,0.1\n"
    (tmp_path / "timeseries.bdf.csv").write_text(HEADER + rows)
    assert share_of_case(tmp_path, case, CaseStatus.TIMEOUT) == pytest.approx(0.75)
    assert share_of_case(tmp_path, case, CaseStatus.COMPLETED) == 1.0
    assert share_of_case(tmp_path / "nothing", case, CaseStatus.FAILED) == 0.0


def test_each_section_is_built_once_and_what_is_impossible_is_told(expansion):
    built = []

    def build(case):
        built.append(case.geometry.width)
        if case.geometry.width > 4.5e-6:
            raise GeometryError("too wide")

    assert impossible_sections(expansion, build) == ({2: "too wide", 4: "too wide"}, 2)
    assert built == [4e-6, 5e-6]


def test_cost_in_words(monkeypatch):
    monkeypatch.setattr("mesode.study.workers.cores", lambda: 2)
    lines = cost_lines(Estimate(seconds=60.0, size=5e6, basis="a guess"), 5)
    assert lines[0] == "time: about 60 s for a case, 3 min for 5 of them, 2 at once"
    assert lines[1].startswith("disk: about 25 MB")
    assert "did not get far enough" in cost_lines(None, 5)[0]


def test_check_prints_the_study(expansion, tmp_path, monkeypatch, capsys):
    guess = Estimate(seconds=1.0, size=1e6, basis="a guess")
    monkeypatch.setattr(module, "estimate", lambda *_: guess)
    assert main(["check", str(tmp_path / "study.yaml")]) == 0
    said = capsys.readouterr().out
    assert "geometry.width / um: 4.0, 5.0" in said
    assert "4 cases, all valid" in said
    assert main(["check", str(tmp_path / "study.yaml"), "--set", "title=x"]) == 2


def test_check_warns_of_what_a_case_is_warned_of(tmp_path, monkeypatch, capsys):
    (tmp_path / "tiny.yaml").write_text(TINY)
    path = tmp_path / "study.yaml"
    path.write_text("""
base: tiny.yaml
vary: {protocol.0: {values: [0.01, 5], into: 'Lithiate at 1 C until {} V'}}
""")
    monkeypatch.setattr(module, "estimate", lambda *_: None)
    assert main(["check", str(path)]) == 0
    (line,) = [x for x in capsys.readouterr().out.splitlines() if "cannot begin" in x]
    assert line.startswith("warning: case 0002: step 1 (Lithiate at 1 C until 5 V)")


def test_status_lists_every_case(expansion, tmp_path, capsys):
    store = prepare_store(tmp_path / "out", expansion)
    attempt = {"hash": store.records[0].hash, "outcome": "failed", "reason": "no\nspace"}
    (store.folder(store.records[0]) / "attempt.json").write_text(json.dumps(attempt))
    assert main(["study", "status", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "1 failed, 3 pending" in said
    assert main(["study", "collect", str(tmp_path / "out")]) == 3
    assert (tmp_path / "out" / "results.parquet").is_file()
