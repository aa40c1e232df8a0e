"""If these fail, the benchmark measures another case than it says, or its table misleads."""

from __future__ import annotations

import time

from mpi4py import MPI

import pytest

from mesode.bench.measure import Measured, bench_case, estimated_dofs, measure
from mesode.bench.tables import cost_table
from mesode.cli.main import main
from mesode.geometry.request import section_request
from mesode.geometry.section import build_section

pytestmark = pytest.mark.serial


def test_the_case_has_about_the_unknowns_asked_for():
    case = bench_case(40_000)
    section = build_section(section_request(case))
    edge = 1e6 * case.mesh.interface
    assert estimated_dofs(section, edge) == pytest.approx(40_000, rel=0.03)
    assert edge < 0.2


def test_mechanics_leaves_the_mesh_as_it_is():
    alone, coupled = bench_case(5_000), bench_case(5_000, "two_way", 2)
    assert (coupled.mesh, coupled.geometry) == (alone.mesh, alone.geometry)
    assert coupled.physics.stress_coupling == "two_way"
    assert coupled.numerics.displacement_degree == 2


def test_a_measurement_of_the_start_is_complete():
    began = time.time()
    found = measure(bench_case(2_000), MPI.COMM_SELF, began, startup=True)
    assert 1 <= found.counts["time_steps"] < 10  # those after a jump are shown together
    assert found.costs is None
    assert 0.0 < found.first_step < found.to_first_step < time.time() - began + 1e-3
    assert Measured.from_dict(found.to_dict()) == found
    assert any("unknowns" in line for line in cost_table([found]))


def test_a_number_that_makes_no_sense(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["bench", "--dofs", "-5"])
    assert stop.value.code == 2
    assert "--dofs" in capsys.readouterr().err


@pytest.mark.parametrize(("protocol", "steps"), [("cv", 3), ("cycles", 100), ("gitt", 60)])
def test_other_protocols_run_on_the_same_section(protocol, steps):
    case = bench_case(5_000, protocol=protocol)
    assert len(case.protocol) == steps
    assert case.geometry == bench_case(5_000).geometry
