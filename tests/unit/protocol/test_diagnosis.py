"""If these fail, a run that cannot continue names the wrong field, place or remedy."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.materials.presets import get_preset
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.residual import CurrentMeasure
from mesode.physics.elasticity import SectionKind
from mesode.protocol.controls import Terminal
from mesode.protocol.diagnosis import agree, diagnose, name_of, place, suspects, too_fast
from support.layer_cells import layer_cell
from support.small_cell import small_cell, split_arrays

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def shared():
    return small_cell(n=2)


@pytest.fixture
def cell(shared):
    shared.reset()
    return shared


def set_at(unknown, x, y, value):
    """Set a field at the node at (x, y) um."""
    function = unknown.scaled
    points = function.function_space.tabulate_dof_coordinates()[:, :2] * 1e6
    function.x.array[np.hypot(*(points - (x, y)).T) < 1e-6] = value / unknown.scale


def test_place_of_the_extremes(cell):
    set_at(cell.c_e, 0.5, 0.0, 20.0)
    set_at(cell.c_e, 2.0, 3.0, 1900.0)
    low, where = place(cell.c_e, largest=False)
    assert (low, *where) == pytest.approx((20.0, 0.5, 0.0))
    high, where = place(cell.c_e, largest=True)
    assert (high, *where) == pytest.approx((1900.0, 2.0, 3.0))


def test_nothing_is_suspect_in_the_middle(cell):
    assert suspects(cell) == []


def test_suspects_by_name_number_and_place(cell):
    set_at(cell.c_e, 0.5, 0.0, 20.0)
    set_at(cell.sto["active"], 1.0, 1.0, 0.995)
    set_at(cell.sto["active"], 0.5, 0.5, 0.001)
    salt, full, empty = suspects(cell)
    assert "c_e = 20 mol/m3 at x = 0.50 um, y = 0.00 um" in salt
    assert "full: lithiation 0.9950 at x = 1.00 um, y = 1.00 um" in full
    assert "empty: lithiation 0.0010 at x = 0.50 um, y = 0.50 um" in empty


def residual_with(cell, *wrong):
    """Measure a residual that is large in some equations, each as much in all."""
    measure = CurrentMeasure(cell)
    residual = cell.system.x.duplicate()
    keys = [unknown.key for unknown in cell.unknowns]
    for key in wrong:
        where = cell.system.owned_slices()[keys.index(key)]
        rows = MPI.COMM_WORLD.allreduce(where.stop - where.start)
        residual.getArray()[where] = 1.0 / rows
    measure(residual)
    return measure


def current(cell, rate):
    return Terminal("current", rate * cell.current_1C)


def test_the_field_that_did_not_converge_is_named_and_what_was_tried(cell):
    # the loaded state is that of the step before, of another current
    text = diagnose(cell, residual_with(cell, "phi_e"), current(cell, -2.0), 1e-9)
    assert "failed down to 1.0e-09 s, at " in text
    assert "(2 C); no solution was found for the potential of the electrolyte." in text
    assert "No field is near a bound" in text
    assert "lower current" in text
    assert "tolerance" not in text


@pytest.mark.parametrize(
    ("key", "named"),
    [("i_n", "charge transfer of the hosts"), ("c_e", "salt concentration"), ("Q", "charge"),
     ("i_n_metal", "charge transfer of the lithium metal")],
)  # fmt: skip
def test_an_equation_of_a_surface_is_not_taken_for_one_of_stress(cell, key, named):
    text = diagnose(cell, residual_with(cell, key), current(cell, 1.0), 1e-9)
    assert f"no solution was found for the {named}." in text


def test_each_equation_of_a_cell_has_a_name():
    film = get_preset("sei", "EC_Yang_2017")
    stress = MechanicsOptions(kind=SectionKind.FREE_PARTICLES, two_way=True, degree=1)
    cells = [
        small_cell(n=2, arrays=split_arrays(2), sei=dict.fromkeys(("active", "second"), film)),
        small_cell(n=2, mechanics=stress),
        layer_cell({"active": 20.0, "separator": 10.0}, (0.3,), size=5.0),
    ]
    keys = {unknown.key for each in cells for unknown in each.unknowns}
    assert {"i_n_second", "v_sei_active", "sigma_h", "sto_profile"} < keys
    assert [key for key in keys if name_of(key) == key] == []
    assert name_of("T") == "temperature"
    assert name_of("sto_profile_second").startswith("lithiation within the particles")
    assert name_of("of my own") == "of my own"


@pytest.mark.parametrize(
    ("held", "asked", "remedy"),
    [
        (Terminal("current", 0.0), "at rest", "smooth it"),
        (Terminal("voltage", 0.06), "at 0.06 V", "smooth it"),
        (Terminal("voltage", 0.06, rate=1e-3), "in a sweep", "smooth it"),
        (Terminal("power", 3.0), "at 3 W/m2", "lower the power"),
    ],
)
def test_what_was_asked_for_and_what_helps(cell, held, asked, remedy):
    text = diagnose(cell, residual_with(cell, "sto"), held, 1e-9)
    assert f"s, {asked};" in text
    assert remedy in text
    assert "finer mesh" not in text


def test_equations_that_are_as_wrong_are_told_together(cell):
    measure = residual_with(cell, "sto", "phi_s")
    text = diagnose(cell, measure, current(cell, 1.0), 1e-9)
    for name in ("lithiation of the hosts", "potential of the solid"):
        assert name in text
    assert "salt" not in text


def test_a_bound_is_told_instead_of_a_general_hint(cell):
    set_at(cell.sto["active"], 1.0, 1.0, 0.995)
    text = diagnose(cell, residual_with(cell, "sto"), current(cell, 1.0), 1e-9)
    assert "lithiation of the hosts. Near a bound: a host is full" in text


def test_stress_that_makes_a_host_unstable_is_told_with_its_place():
    options = MechanicsOptions(kind=SectionKind.FREE_PARTICLES, two_way=True, degree=1)
    cell = small_cell(mechanics=options, n=2)
    cell.reset()
    sigma_h = next(u for u in cell.unknowns if u.key.startswith("sigma_h"))
    measure = residual_with(cell, "sto")
    assert "unstable" not in diagnose(cell, measure, current(cell, 1.0), 1e-9)
    set_at(sigma_h, 1.0, 1.0, 1e11)  # Omega rises with the lithiation
    text = diagnose(cell, measure, current(cell, 1.0), 1e-9)
    assert "stress makes active unstable" in text
    assert "first of all at x = 1.00 um, y = 1.00 um" in text
    assert "No field is near a bound" not in text


def test_the_linear_solver_speaks_for_itself(cell):
    text = diagnose(
        cell, residual_with(cell, "sto"), current(cell, 1.0), 1e-9, "MUMPS could not factor it"
    )
    assert "(1 C); MUMPS could not factor it" in text
    assert "no solution" not in text


def test_too_fast_tells_current_and_remedy(cell):
    cell.I.set(-50.0 * cell.current_1C)
    text = too_fast(cell, "voltage 1000 mV reached", 0.02)
    assert text.startswith("voltage 1000 mV reached within 0.02 s: ")
    assert "(50 C) is more than this section carries" in text
    assert "Lower the current" in text
    # without a double layer
    assert too_fast(cell, "voltage 10 mV reached", 2e-43).startswith(
        "voltage 10 mV reached at once: "
    )


def test_ranks_agree_on_the_first_text():
    comm = MPI.COMM_WORLD
    assert agree(comm, None) is None
    last = comm.size - 1
    assert agree(comm, "stop" if comm.rank == last else None) == "stop"
