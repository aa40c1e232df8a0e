"""If these fail, bodies come apart where they are one, or stick with the law of something else."""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.mesh.domain import build_domain
from mesode.model.joints import Kind, find_joints
from mesode.model.meshed_section import MeshedSection
from mesode.section_names import FOIL
from support.small_cell import numbered, small_materials, split_arrays, two_halves

pytestmark = pytest.mark.mpi

WEAK, STRONG = (
    {"adhesion_strength": strength, "adhesion_toughness": toughness}
    for strength, toughness in ((3e7, 0.5), (2e7, 2.0))
)


def joints(arrays=None, **solids):
    """Return the lengths of the joints [um] by kind and toughness."""
    comm = MPI.COMM_WORLD
    arrays = numbered(split_arrays(4)) if arrays is None else arrays
    domain = build_domain(comm, arrays if comm.rank == 0 else None)
    materials = small_materials(solids=solids)
    # says nothing of how it sticks
    foil = replace(small_materials().phases["carbon_binder"], name=FOIL, ionic=None)
    section = MeshedSection(domain, replace(materials, phases={**materials.phases, FOIL: foil}))
    found = {}
    for joint in find_joints(section):
        owned = joint.facets < domain.mesh.topology.index_map(1).size_local
        kinds, tough = joint.kind[owned], joint.G_c[owned]
        for k, kind in enumerate(Kind):
            for toughness in (0.5, 2.0):
                here = int(((kinds == k) & (tough == toughness)).sum())
                number = comm.allreduce(here)
                if number:
                    found[kind, toughness] = 0.25 * number
    return found


def test_where_nothing_is_said_all_is_one():
    assert joints() == {}


def test_a_binder_sticks_to_particles_and_to_the_collector():
    # two halves of a square of 1 um: with each other nothing is said
    assert joints(carbon_binder=STRONG) == {(Kind.BINDER, 2.0): 4.0, (Kind.COLLECTOR, 2.0): 2.0}


def test_a_binder_comes_off_a_foil_that_is_drawn():
    """Neither has a number of a particle, and what has none is not one body for that."""
    arrays = numbered(split_arrays(4))
    number = max(arrays.phases.values()) + 1
    below = arrays.points[arrays.cells].mean(axis=1)[:, 1] < 0.25
    arrays = replace(
        arrays,
        cell_phase=np.where(below, number, arrays.cell_phase).astype(np.int32),
        phases={**arrays.phases, FOIL: number},
    )
    found = joints(arrays, carbon_binder=STRONG)
    assert found == {(Kind.BINDER, 2.0): 4.0, (Kind.COLLECTOR, 2.0): 2.0}


def test_what_takes_less_counts():
    found = joints(carbon_binder=STRONG, second=WEAK)
    assert found == {
        (Kind.PARTICLES, 0.5): 1.0,
        (Kind.BINDER, 0.5): 2.0,
        (Kind.BINDER, 2.0): 2.0,
        (Kind.COLLECTOR, 2.0): 2.0,
    }


def test_parts_of_one_particle_are_one():
    arrays = numbered(split_arrays(4))
    arrays = replace(arrays, particle=np.where(arrays.particle >= 0, 0, -1).astype(np.int32))
    assert joints(arrays, second=WEAK) == {(Kind.BINDER, 0.5): 2.0}


def test_particles_of_one_material_are_told_apart_by_their_number():
    found = joints(two_halves(4), active=WEAK)
    assert found == {(Kind.PARTICLES, 0.5): 1.0, (Kind.BINDER, 0.5): 4.0}
