"""If these fail, a run that ends early loses its results, hides why, or says so with a wrong code.

The time loop is replaced: what is tested is what stands around it.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest

from mesode.analysis.xdmf import open_series
from mesode.case import execution as module
from mesode.case.execution import run_case
from mesode.case.prepare import PreparedCell
from mesode.config.load import load_case, parse_case
from mesode.errors import GeometryError, OutputError, SolverError
from mesode.numerics.linear import petsc_options
from support.plain_case import plain_text
from support.small_cell import small_cell

pytestmark = pytest.mark.serial

CASE = parse_case(plain_text("test"))
COMM = MPI.COMM_SELF
DIAGNOSTICS = SimpleNamespace(
    particles=lambda: {"Mean Lithiation / 1": np.array([0.1])},
    balances=lambda: {"lithium": 1e-9, "stress work": 0.034},
    row=dict,
)


@pytest.fixture(scope="module")
def cell():
    return small_cell(comm=COMM)


@pytest.fixture
def around(monkeypatch, cell, tmp_path):
    """Return a function that runs the case around another time loop."""
    monkeypatch.setattr(module, "_mesh", lambda _run: None)
    monkeypatch.setattr(module, "_diagnostics", lambda _cell: DIAGNOSTICS)
    monkeypatch.setattr(
        module,
        "build_cell",
        lambda *_args: PreparedCell(cell=cell, warnings=("particle 3 is out",), isolated_area=1.0),
    )

    def execute(loop, **options):
        monkeypatch.setattr(module, "_protocol", loop)
        return run_case(CASE, tmp_path / "run", COMM, figures=False, **options)

    return execute


FIELDS = {
    f"{end} {name}": value
    for end in ("Min", "Max")
    for name, value in (("Lithiation / 1", 0.1), ("Salt Concentration / mol.m-3", 1000.0))
}


def row(t):
    return {
        **FIELDS,
        "Voltage / V": 0.5 - 0.01 * t,
        "Current Density / A.m-2": 50.0,
        "Specific Capacity / mA.h.g-1": t,
    }


def steps_until(t_end, ending):
    """Return a time loop that accepts steps of 1 s and then ends as told."""

    def loop(run, cell, _diagnostics, stop):
        for observer in run.observers:
            observer.start(cell)
        for t in range(1, t_end + 1):
            point = SimpleNamespace(t=float(t), step=1, dt=1.0, newton=3, row=row(t), between=())
            for observer in run.observers:
                observer.point(point)
        return ending(run, stop)

    return loop


def completed(run, _stop):
    result = SimpleNamespace(
        index=1, text="Lithiate", reason="voltage 10 mV reached", t_start=0.0, t_end=5.0,
        end=row(5), tags=(),
    )  # fmt: skip
    for observer in run.observers:
        observer.step_end(result)
        observer.finish()
    return SimpleNamespace(status="completed", reason="all steps done", counts={"steps": 5})


def failing(error):
    def end(_run, _stop):
        raise error

    return end


def manifest(tmp_path):
    return json.loads((tmp_path / "run" / "manifest.json").read_text())


def rows(tmp_path):
    return len((tmp_path / "run" / "timeseries.bdf.csv").read_text().splitlines()) - 1


def test_a_completed_run_has_everything(around, tmp_path):
    outcome = around(steps_until(5, completed))
    assert outcome.exit_code == 0
    content = manifest(tmp_path)
    assert content["status"] == "completed"
    assert content["steps"][0]["reason"] == "voltage 10 mV reached"
    assert content["balances"]["lithium"] == pytest.approx(1e-9)
    assert any("makes or takes 3.4 % of the energy" in text for text in content["warnings"])
    assert content["solver"] == {"steps": 5}
    assert "particle 3 is out" in content["warnings"]
    assert content["mesh"]["dofs"] == sum(content["mesh"]["dofs_of"].values())
    assert content["ranks"] == 1
    assert len(content["config_hash"]) == 64
    assert any("Zhang" in text for text in content["citations"])
    assert {"geometry", "model", "protocol", "total"} <= set(content["timings"])
    assert rows(tmp_path) == 5
    assert open_series(tmp_path / "run" / "fields" / "active.xdmf").times[-1] == 5.0
    log = (tmp_path / "run" / "log.txt").read_text()
    assert "unknowns" in log
    assert f"fields: 20 frames over each step, {20 * len(CASE.protocol) + 1} in all" in log
    assert load_case(tmp_path / "run" / "config.yaml") == CASE


def test_a_stopped_run_keeps_its_results(around, tmp_path):
    def stopped(_run, _stop):
        return SimpleNamespace(status="stopped", reason="phi_e out of bounds", counts={})

    outcome = around(steps_until(3, stopped))
    assert outcome.exit_code == 3
    assert manifest(tmp_path)["reason"] == "phi_e out of bounds"
    assert rows(tmp_path) == 3
    # the frames of the unfinished step
    assert open_series(tmp_path / "run" / "fields" / "ionic.xdmf").times[-1] == 3.0


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OutputError("no space left on the device"), "stopped", 3),
        (SolverError("out of bounds"), "stopped", 3),
        (ZeroDivisionError("somewhere"), "failed", 1),
    ],
)
def test_whatever_ends_a_run_its_results_and_the_reason_are_kept(
    around, tmp_path, error, status, code
):
    outcome = around(steps_until(4, failing(error)))
    assert outcome.exit_code == code
    content = manifest(tmp_path)
    assert content["status"] == status
    assert str(error) in content["reason"]
    assert content["ended"]
    assert rows(tmp_path) == 4
    assert open_series(tmp_path / "run" / "fields" / "active.xdmf").times[-1] == 4.0


def test_a_fault_of_ours_is_in_the_log(around, tmp_path):
    around(steps_until(1, failing(ZeroDivisionError("somewhere"))))
    text = (tmp_path / "run" / "log.txt").read_text()
    assert "Traceback" in text
    assert "ZeroDivisionError: somewhere" in text


def test_a_case_that_cannot_be_built_leaves_nothing(around, monkeypatch, tmp_path):
    def impossible(_run):
        raise GeometryError("the best fraction is 0.61")

    monkeypatch.setattr(module, "_mesh", impossible)
    with pytest.raises(GeometryError, match="best fraction"):
        around(steps_until(1, completed))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("error", "how"), [(GeometryError("the best fraction is 0.61"), 2), (ZeroDivisionError("x"), 1)]
)
def test_earlier_results_stay_where_the_new_run_does_not_begin(
    around, monkeypatch, tmp_path, error, how
):
    around(steps_until(3, completed))
    before = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}

    def impossible(_run):
        raise error

    monkeypatch.setattr(module, "_mesh", impossible)
    if how == 2:
        with pytest.raises(GeometryError, match="best fraction"):
            around(steps_until(1, completed), force=True)
    else:
        outcome = around(steps_until(1, completed), force=True)
        assert outcome.exit_code == how
        assert "earlier run in this folder are untouched" in outcome.manifest["reason"]
    after = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert after == before


def test_earlier_results_go_when_the_new_run_has_begun(around, tmp_path):
    around(steps_until(5, completed))
    around(steps_until(2, failing(SolverError("no step"))), force=True)
    assert rows(tmp_path) == 2
    assert not (tmp_path / "run" / ".former").exists()


def test_the_folder_is_checked_first(around, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "a.txt").touch()
    with pytest.raises(OutputError, match="not empty"):
        around(steps_until(1, completed))


def test_options_of_petsc_are_set_and_taken_back():
    database = PETSc.Options()
    database["ksp_max_it"] = 7
    given = "{ksp_type: gmres, ksp_max_it: 8, ksp_view: true, ksp_monitor: false}"
    case = parse_case(plain_text("test"), "", [f"numerics.petsc={given}"])
    with petsc_options(case.numerics.petsc.model_dump(exclude_none=True)):
        assert database.getString("ksp_type") == "gmres"
        assert database.getInt("ksp_max_it") == 8
        assert database.getString("ksp_view") == ""
        assert not database.hasName("ksp_monitor")
    assert database.getInt("ksp_max_it") == 7
    assert not any(database.hasName(name) for name in ("ksp_type", "ksp_view"))
    database.delValue("ksp_max_it")
