"""If these fail, what lies behind a section has other numbers than the case gives, or a section
that is in one piece is changed by it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.case.facts import material_facts
from mesode.case.prepare import build_cell, phase_materials
from mesode.case.third_dimension import behind
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.errors import GeometryError
from mesode.materials.properties import Material
from mesode.survey.paths import find_paths
from support.grids import grid_arrays, retag
from support.plain_case import plain_text

COMM = MPI.COMM_WORLD
LAYERS = (("pore", 2.0), ("separator", 1.0))
OPEN = ("geometry.electrode.carbon_binder.kind=none", "materials.active.sigma=2 S/m")


def case(third="estimated"):
    text = plain_text("test")
    return parse_case(text, "", (*OPEN, f"geometry.third_dimension={third}"))


def meshed(*squares):
    """Return squares of active material (lower left corner) in open electrolyte."""
    arrays = grid_arrays(4, LAYERS, width=2.0)
    for number, (x, y) in enumerate(squares):
        arrays = retag(arrays, "active", (x, x + 0.5, y, y + 0.5), number)
    return SimpleNamespace(arrays=arrays)


APART, ONE = ((0.0, 0.0), (1.0, 1.0)), ((0.0, 0.0), (0.0, 0.5))


def numbers(third="estimated", squares=APART):
    made = case(third)
    materials = phase_materials(resolve_materials(made))
    arrays = meshed(*squares).arrays
    return behind(made, arrays, materials, find_paths(arrays, materials, third=True))


def test_what_is_not_given_is_estimated():
    (found,) = numbers().values()
    share = 0.5 / 4.0
    assert found.length == pytest.approx(1e-6 * np.sqrt(4 * 0.25 / np.pi))
    assert found.sigma == pytest.approx(2.0 * share**1.5)
    assert found.macmullin == pytest.approx((1 - share) ** -1.5)
    assert (found.electrons, found.ions) == (pytest.approx(0.5), 0.0)
    assert found.touching == pytest.approx(share)
    assumed = [text.split(":")[0] for text in material_facts(case()).assumed]
    assert {f"geometry.third_dimension.{key}" for key in ("length", "sigma", "macmullin")} <= {
        *assumed
    }


def test_what_is_given_counts():
    (found,) = numbers("{length: 5 um, sigma: 7 S/m, macmullin: 9}").values()
    assert (found.length, found.sigma, found.macmullin) == pytest.approx((5e-6, 7.0, 9.0))
    given = case("{length: 5 um, sigma: 7 S/m, macmullin: 9}")
    assert not any("third_dimension" in text for text in material_facts(given).assumed)


def test_a_section_in_one_piece_has_nothing_behind_it():
    assert numbers(squares=ONE) == {}


@pytest.mark.mpi
def test_a_section_in_one_piece_is_the_same_cell():
    mesh = meshed(*ONE) if COMM.rank == 0 else None
    cells = [build_cell(case(third), mesh, COMM).cell for third in ("none", "estimated")]
    keys = [[unknown.key for unknown in cell.unknowns] for cell in cells]
    assert keys[0] == keys[1]
    assert [type(p) for p in cells[1].processes] == [type(p) for p in cells[0].processes]
    assert cells[0].system.n_dofs == cells[1].system.n_dofs


@pytest.mark.mpi
def test_what_is_cut_off_takes_part_with_its_capacity():
    prepared = build_cell(case(), meshed(*APART) if COMM.rank == 0 else None, COMM)
    cell = prepared.cell
    assert cell.area(("active",)) == pytest.approx(0.5e-12, rel=1e-6, abs=0)
    assert prepared.isolated_area == 0.0
    assert [u.key for u in cell.unknowns][-1] == "phi_b"
    (told,) = prepared.behind
    assert told["share_of_electrons"] == pytest.approx(0.5)
    assert told["sigma_S_per_m"] == pytest.approx(2.0 * 0.125**1.5)


def test_phases_of_another_electrode_are_told():
    arrays = retag(meshed(*APART).arrays, "void", (0.0, 2.0, 2.5, 3.0))
    made = case()
    materials = phase_materials(resolve_materials(made))
    materials["void"] = Material(name="void", description="", density=0.0)
    with pytest.raises(GeometryError, match=r"1 regions of the phases .*void.* collector"):
        behind(made, arrays, materials, find_paths(arrays, materials, third=True))


def test_without_numbered_particles_the_length_is_asked_for():
    arrays = meshed(*APART).arrays
    arrays = replace(arrays, particle=np.full_like(arrays.particle, -1))
    made = case()
    materials = phase_materials(resolve_materials(made))
    with pytest.raises(GeometryError, match=r"give geometry\.third_dimension\.length"):
        behind(made, arrays, materials, find_paths(arrays, materials, third=True))
