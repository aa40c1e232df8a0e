"""If these fail, what a process computes depends on how many ranks share the section.

Closed forms and manufactured solutions are met on one rank. Here each process of the table, and
each kind of mechanics, has the same rows on several ranks as on one: what holds on one holds there.
"""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest

from mesode.columns import HEATS, SEI_CHARGE
from mesode.materials.law import constant
from mesode.materials.presets import get_preset
from mesode.materials.two_phase import Crystalline
from mesode.model.impedance import Impedance
from mesode.model.processes.charge_transfer import ChargeTransfer
from mesode.model.processes.electrolyte import Electrolyte
from mesode.model.processes.electrons import Electrons
from mesode.model.processes.energy import Energy
from mesode.model.processes.finite_mechanics import FiniteMechanics, FiniteOptions
from mesode.model.processes.flow_heat import FlowHeat
from mesode.model.processes.host_contact import HostContact
from mesode.model.processes.hysteresis import SurfaceHysteresis
from mesode.model.processes.layer_diffusion import LayerDiffusion
from mesode.model.processes.layer_swelling import LayerSwelling
from mesode.model.processes.lithium import Lithium
from mesode.model.processes.lithium_metal import LithiumMetal
from mesode.model.processes.lost_contact import LostContact
from mesode.model.processes.mechanics import Mechanics, MechanicsOptions
from mesode.model.processes.moving_pores import MovingPores
from mesode.model.processes.sei import SolidElectrolyteInterphase
from mesode.model.processes.silicon_phases import SiliconPhases
from mesode.model.processes.table import OF_MOTION, TABLE
from mesode.model.processes.terminal import Terminal
from mesode.model.processes.thermal import Thermal, ThermalOptions
from mesode.model.processes.third_dimension import ElectronBackbone, IonBackbone
from mesode.model.stretched_foil import Foil
from mesode.model.top_load import Plate
from mesode.physics.elasticity import SectionKind
from support.branches import with_hysteresis
from support.cut_sections import ALL_BEHIND, cut_off
from support.flowing import FLOWS, pore_arrays
from support.layer_cells import layer_cell
from support.protocols import run
from support.small_cell import (
    coated_arrays,
    film_coating,
    full_cell,
    law,
    numbered,
    small_cell,
    split_arrays,
    two_halves,
)

pytestmark = [pytest.mark.mpi, pytest.mark.ranks]

STEPS = ("Lithiate at 2C for 90 s", "Rest for 10 s")
SAME = 1e-8
SEI = replace(get_preset("sei", "EC_Yang_2017"), i_0_sei=0.1, U_sei=0.8, crack_strain=0.02)
WARM = {"thermal": ThermalOptions(convection=0.5, ambient=310.0, heat_capacity=5.0)}
STICKS = {"adhesion_strength": 2e7, "adhesion_toughness": 0.02}
SILICON = {
    "D_s": law(lambda *, ops: 1e-14),
    "crystalline": Crystalline(plateau=0.2, slowness=0.1),
}


def coated(comm):
    """A membrane, and two hosts that touch."""
    options = {"coatings": {"active": film_coating()}, "host_contact_resistance": 1.0}
    arrays = coated_arrays(2, arrays=split_arrays(2))
    return small_cell(arrays=arrays, mechanics=MechanicsOptions(), comm=comm, **options)


def full(comm):
    return full_cell(n=2, contact=1e-3, comm=comm)


def cut(comm):
    return small_cell(arrays=cut_off(2), behind=ALL_BEHIND, setup=WARM, comm=comm)


def filmed(comm):
    return small_cell(n=2, film=1e-3, lithium=with_hysteresis(), sei={"active": SEI}, comm=comm)


def silicon(comm):
    return small_cell(n=2, lithium=SILICON, comm=comm)


def layer(comm):
    thickness = {"active": 20.0, "separator": 10.0}
    film = {"active": replace(SEI, i_0_sei=1e-3, U_sei=4.3)}
    return layer_cell(thickness, (0.3,), size=5.0, double_layer=0.2, sei=film, comm=comm)


def free_particles(comm):
    options = MechanicsOptions(kind=SectionKind.FREE_PARTICLES, pressure=1e6)
    return small_cell(arrays=numbered(split_arrays(2)), mechanics=options, comm=comm)


def one_way(comm):
    options = MechanicsOptions(two_way=False, spring=1e14)
    return small_cell(n=2, mechanics=options, comm=comm)


def flowing(comm):
    options = FiniteOptions(
        two_way=True,
        kind=SectionKind.GENERALISED_PLANE_STRAIN,
        plate=Plate(stiffness=1e14),
        foil=Foil(thickness=1e-6, E=5e10, nu=0.3),
    )
    return small_cell(arrays=pore_arrays(2), mechanics=options, solids=FLOWS, comm=comm)


def warming(comm):
    return small_cell(
        n=2,
        setup={"thermal": ThermalOptions(convection=0.0, ambient=300.0, heat_capacity=5.0)},
        mechanics=FiniteOptions(two_way=True),
        solids={"active": {"yield_strength": constant(1e8, "Pa")}},
        lithium={"i_0": law(lambda *, sto, ops: 500.0 + 0.0 * sto, "sto")},
        comm=comm,
    )


def coming_off(comm):
    solids = {"active": STICKS, "carbon_binder": STICKS}
    options = FiniteOptions(two_way=True)
    return small_cell(arrays=two_halves(2), mechanics=options, solids=solids, comm=comm)


#: Each cell, and the processes that it is here for.
CELLS = {
    coated: {HostContact, Mechanics},
    full: {Lithium, Electrons, Electrolyte, ChargeTransfer, Terminal, Energy},
    cut: {ElectronBackbone, IonBackbone, Thermal, LithiumMetal},
    filmed: {SurfaceHysteresis, SolidElectrolyteInterphase},
    silicon: {SiliconPhases},
    layer: {LayerDiffusion, LayerSwelling},
    free_particles: {Mechanics},
    one_way: {Mechanics},
    flowing: {FiniteMechanics, MovingPores},
    warming: {FlowHeat},
    coming_off: {FiniteMechanics, LostContact},
}
#: What shows that films grow, solids flow and bodies come off in that time.
LEAST = {
    filmed: {SEI_CHARGE: 1.0},
    layer: {SEI_CHARGE: 1.0},
    flowing: {"Max Plastic Strain Binder / 1": 1e-3},
    warming: {HEATS["flow"]: 1e-3},
    coming_off: {"Debonding Work / J.m-2": 1e-3},
}


def ran(cell):
    """Run the steps; return times, rows, and what is told at the end."""
    steps = STEPS if not cell.is_full else [step.replace("Lithiate", "Charge") for step in STEPS]
    result, record = run(cell, *steps, tolerance=1e-3)
    assert result.status == "completed"
    times, rows = zip(*((point.t, point.row) for point in record.points), strict=True)
    end = record.diagnostics.particles() | record.diagnostics.balances()
    return times, rows, end


def assert_same(found, expected):
    assert list(found) == list(expected)
    for name, value in expected.items():
        near = SAME * max(np.abs(value).max(initial=0.0), 1e-4)
        np.testing.assert_allclose(found[name], value, rtol=0.0, atol=near, err_msg=name)


@pytest.mark.parametrize("make", CELLS)
def test_several_ranks_find_what_one_finds(make):
    together, alone = make(MPI.COMM_WORLD), make(MPI.COMM_SELF)
    assert CELLS[make] <= {type(process) for process in together.processes}
    (times, rows, end), (t, alone_rows, alone_end) = ran(together), ran(alone)
    assert times == pytest.approx(t, rel=SAME)
    for row, expected in zip(rows, alone_rows, strict=True):
        assert_same(row, expected)
    assert_same(end, alone_end)
    for name, least in LEAST.get(make, {}).items():
        assert rows[-1][name] > least


@pytest.mark.parametrize("make", [coated, full, filmed])
def test_several_ranks_find_the_impedance_of_one(make):
    found = []
    for comm in (MPI.COMM_WORLD, MPI.COMM_SELF):
        impedance = Impedance(make(comm), 1e3)
        found.append([impedance.at(f) for f in (1e3, 1.0, 1e-3)])
        impedance.close()
    assert found[0] == pytest.approx(found[1], rel=SAME)


def test_each_process_is_among_them():
    entries = {getattr(entry.make, "__self__", entry.make) for entry in (*TABLE, *OF_MOTION)}
    assert set().union(*CELLS.values()) == entries
