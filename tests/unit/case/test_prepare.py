"""If these fail, a case becomes another cell than its file says, or an isolated part is solved."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest

from mesode.case.facts import material_facts
from mesode.case.prepare import (
    build_cell,
    coatings_of,
    mechanics_options,
    phase_materials,
    thermal_options,
)
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.errors import GeometryError
from mesode.materials.presets import get_preset
from mesode.physics.elasticity import SectionKind
from support.grids import grid_arrays
from support.plain_case import plain_text

COMM = MPI.COMM_WORLD
LAYERS = (("pore", 2.0), ("separator", 1.0))


def case(*overrides):
    return parse_case(plain_text("test"), "", overrides)


OPEN = case("geometry.electrode.carbon_binder.kind=none", "materials.active.sigma=1 S/m")


def meshed(*squares):
    """Return squares of active material (x, y of the lower left corner) in open electrolyte."""
    arrays = grid_arrays(4, LAYERS, width=2.0)
    middle = arrays.points[arrays.cells].mean(axis=1)
    phase, particle = arrays.cell_phase.copy(), arrays.particle.copy()
    for number, (x, y) in enumerate(squares):
        inside = (middle > (x, y)).all(axis=1) & (middle < (x + 0.5, y + 0.5)).all(axis=1)
        phase[inside], particle[inside] = 9, number
    phases = {**arrays.phases, "active": 9}
    return SimpleNamespace(
        arrays=replace(arrays, cell_phase=phase, particle=particle, phases=phases)
    )


@pytest.fixture(scope="module")
def prepared():
    return build_cell(OPEN, meshed((0.0, 0.0), (1.0, 1.0)) if COMM.rank == 0 else None, COMM)


@pytest.mark.mpi
def test_an_isolated_particle_is_reported_and_not_in_the_electrochemistry(prepared):
    cell = prepared.cell
    assert prepared.isolated_area == pytest.approx(0.25)
    assert prepared.warnings[0].startswith("particle 1 of 0.25 um^2, 50 % of what is active, ")
    assert cell.hosts == ("active",)
    assert cell.area(cell.hosts) == pytest.approx(0.25e-12, rel=1e-6, abs=0)
    assert cell.area(("active_isolated",)) == pytest.approx(0.25e-12, rel=1e-6, abs=0)


@pytest.mark.mpi
def test_the_matrix_is_not_singular(prepared):
    system = prepared.cell.system
    prepared.cell.control("current", 1.0)
    residual, step = system.x.duplicate(), system.x.duplicate()
    system.assemble_residual(residual)
    system.assemble_jacobian(system.A, 1.0)
    ksp = PETSc.KSP().create(COMM)
    ksp.setOperators(system.A)
    ksp.setType("preonly")
    ksp.getPC().setType("lu")
    ksp.getPC().setFactorSolverType("mumps")
    ksp.solve(residual, step)
    assert ksp.getConvergedReason() > 0
    assert np.isfinite(step.norm())
    assert 0.0 < step.norm() < 1e6
    ksp.destroy()


@pytest.mark.mpi
def test_no_particle_left_is_an_error_on_all_ranks():
    with pytest.raises(GeometryError, match="no particle has a path"):
        build_cell(OPEN, meshed((1.0, 1.0)) if COMM.rank == 0 else None, COMM)


def test_the_filling_is_the_binder_or_open_electrolyte():
    assert list(phase_materials(resolve_materials(case()))) == [
        "active", "carbon_binder", "separator",
    ]  # fmt: skip
    pore = phase_materials(resolve_materials(OPEN))["pore"].ionic
    assert (pore.porosity, pore.macmullin) == (1.0, 1.0)


def test_mechanics_as_the_file_says():
    assert mechanics_options(case().physics, "plane_stress", 2) is None
    options = mechanics_options(
        case("physics={mechanics: linear, stress_coupling: one_way, "
             "top: {pressure: 0.1 MPa}}").physics, "plane_stress", 1,
    )  # fmt: skip
    assert options.kind is SectionKind.PLANE_STRESS
    assert not options.two_way
    assert options.pressure == pytest.approx(1e5)
    assert (options.spring, options.degree) == (0.0, 1)
    spring = case("physics={mechanics: linear, top: {spring: 1 MPa/um}}").physics
    assert mechanics_options(spring, "plane_stress", 2).spring == pytest.approx(1e12)
    assert mechanics_options(spring, "plane_stress", 2).two_way


@pytest.mark.parametrize("coupling", ["one_way", "two_way"])
def test_the_displacement_is_quadratic_unless_the_file_says_otherwise(coupling):
    physics = f"physics={{mechanics: linear, stress_coupling: {coupling}}}"
    assert case(physics).numerics.displacement_degree == 2
    assert case(physics, "numerics.displacement_degree=1").numerics.displacement_degree == 1


def test_what_lost_its_path_is_still_held_by_its_coating():
    film = get_preset("coating", "carbon_coating")
    found = coatings_of({"active": film}, {"active_isolated": ("active", ("lithium",))})
    assert found == {"active": film, "active_isolated": film}


def test_the_temperature_stays_unless_it_shall_change():
    assert thermal_options(case().physics) is None
    assert thermal_options(case("physics.thermal=isothermal").physics) is None


def test_a_section_that_warms_has_defaults_which_are_told():
    lumped = case("physics.temperature=30 degC", "physics.thermal=lumped")
    options = thermal_options(lumped.physics)
    assert (options.convection, options.ambient) == pytest.approx((10.0, 303.15))
    assert options.heat_capacity is None
    told = [text for text in material_facts(lumped).assumed if text.startswith("physics.thermal")]
    assert ["convection" in told[0], "heat_capacity" in told[1], len(told)] == [True, True, 2]


def test_what_is_given_of_it_is_not_assumed():
    given = "{convection: 5 W/m2/K, ambient: 20 degC, heat_capacity: 400 J/m2/K}"
    lumped = case(f"physics.thermal={given}")
    options = thermal_options(lumped.physics)
    found = (options.convection, options.ambient, options.heat_capacity)
    assert found == pytest.approx((5.0, 293.15, 400.0))
    assert not [text for text in material_facts(lumped).assumed if "thermal" in text]
