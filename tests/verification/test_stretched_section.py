"""If these fail, transport on a deformed section is not that of the section which it has become.

A section that is drawn and stretched must do what the stretched one does that is drawn so: longer
ways, other areas, lithium spread over more volume, less or more pores in the matrix. The second is
computed without any deformation, from a mesh of that shape, with the properties written here. A
section that turns does what it did.
"""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.materials.law import constant, scaled
from mesode.mesh.domain import build_domain
from mesode.model.cell import Cell, Setup
from mesode.model.processes.energy import Energy
from mesode.physics.heat import HeatKind
from support.mesh_errors import MeshErrors
from support.moved import gradient, moving
from support.protocols import run
from support.small_cell import small_arrays, small_cell

ALONG, ACROSS, DEEP = 1.3, 0.7, 1.25
J = ALONG * ACROSS * DEEP
CURRENT = 5.0  # [A/m^2] of the section as it is drawn
SLOW = 0.02  # of the transport of salt and ions, so that it counts
REST = ((1.0, 0.0), (0.0, 1.0))
KINDS = (HeatKind.OHMIC, HeatKind.REACTION, HeatKind.DIFFUSION, HeatKind.CONTACT)
COLUMNS = (
    "Voltage / V",
    "Max Lithiation / 1",
    "Min Lithiation / 1",
    "Max Salt Concentration / mol.m-3",
)


def drawn(F=REST, lambda_z=1.0, *, arrays=None, change=lambda materials: materials):
    """Return the small cell with a deformation; the double layers, which keep theirs, are none."""
    host = {"double_layer": 0.0, "D_s": constant(5e-16, "m^2/s")}
    cell = small_cell(n=2, film=1e-3, sigma=0.01, lithium=host)
    arrays = arrays or small_arrays(2)
    domain = build_domain(MPI.COMM_WORLD, arrays if MPI.COMM_WORLD.rank == 0 else None)
    further = (moving(gradient(F), lambda_z=lambda_z),)
    setup = Setup(temperature=300.0, lithiation=0.1, further=further)
    return Cell(domain, change(slow(cell.materials)), setup)


def slow(materials):
    bulk = materials.electrolyte
    bulk = replace(bulk, kappa=scaled(bulk.kappa, SLOW), D_e=scaled(bulk.D_e, SLOW))
    return replace(materials, electrolyte=bulk)


def stretched(materials):
    """Return materials of the section as it has become."""

    def one(material):
        if material.lithium is not None:
            lithium = replace(material.lithium, c_max=material.lithium.c_max / J)
            return replace(material, lithium=lithium)
        if material.ionic is not None:
            solid = (1.0 - material.ionic.porosity) / J
            denser = (material.ionic.porosity / (1.0 - solid)) ** 1.5
            N_M = material.ionic.macmullin * denser
            return replace(
                material, ionic=replace(material.ionic, porosity=1.0 - solid, macmullin=N_M)
            )
        return material

    top = ALONG * DEEP  # of metal and collector, which do not stretch
    metal = materials.metal
    metal = replace(
        metal,
        i_0=scaled(metal.i_0, 1.0 / top),
        film_resistance=metal.film_resistance * top,
        double_layer=metal.double_layer / top,
    )
    return replace(
        materials,
        phases={name: one(material) for name, material in materials.phases.items()},
        counter=metal,
        contact_resistance=materials.contact_resistance * top,
    )


def course(cell, current):
    """Return what a run has at some times, and the error of its mesh; what heats it at the end."""
    steps = [f"Lithiate at {current} A/m2 for {seconds} s" for seconds in (10, 110)]
    mesh = MeshErrors()
    result, record = run(cell, *steps, tolerance=1e-3, further=(mesh,))
    assert result.status == "completed"
    rows = [[end.end[name] for name in COLUMNS] for end in record.ends]
    heats = cell.find(Energy).heats()  # [W/m]
    return np.hstack([rows, mesh.at_ends]), np.array([heats[kind] for kind in KINDS])


@pytest.fixture(scope="module")
def at_rest():
    return course(drawn(), CURRENT)


def test_a_stretched_section_is_the_one_that_it_has_become(at_rest):
    found, heats = course(drawn(((ALONG, 0.0), (0.0, ACROSS)), DEEP), CURRENT)
    arrays = small_arrays(2)
    arrays = replace(arrays, points=arrays.points * (ALONG, ACROSS))
    expected, own = course(drawn(arrays=arrays, change=stretched), CURRENT / (ALONG * DEEP))
    # the voltage by the mesh of the lithium is a mean over the surface, by its length as drawn
    by_length = [name == "lithium" for name in (*COLUMNS, "lithium", "electrolyte")]
    np.testing.assert_allclose(found[:, by_length], expected[:, by_length], rtol=2e-3)
    others = np.logical_not(by_length)
    np.testing.assert_allclose(found[:, others], expected[:, others], rtol=1e-7)
    np.testing.assert_allclose(heats, DEEP * own, rtol=1e-6)  # per metre of depth as drawn
    rest, warm = at_rest
    assert np.abs(found / rest - 1.0).max(axis=0).min() > 0.015  # it is another one
    assert np.abs(heats / warm - 1.0).min() > 0.015


def test_a_section_that_turns_does_what_it_did(at_rest):
    c, s = np.cos(0.5), np.sin(0.5)
    found, heats = course(drawn(((c, -s), (s, c))), CURRENT)
    assert found == pytest.approx(at_rest[0], rel=1e-9)
    assert heats == pytest.approx(at_rest[1], rel=1e-7)
