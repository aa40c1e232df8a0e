"""If these fail, what grows on a surface takes charge or energy that nobody books, or is lost."""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np
import pytest
from dolfinx import fem

from mesode.columns import (
    HOST_CHARGE,
    LAYER_CHARGE,
    LOST_TO_SEI,
    MAX_SEI,
    MEAN_SEI,
    SEI_CHARGE,
    VOLTAGE,
    of_part,
)
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.fields import Group
from mesode.materials.presets import get_preset
from mesode.model.diagnostics import Diagnostics
from mesode.model.impedance import Impedance
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.sei import SolidElectrolyteInterphase
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.physics.heat import Carrier
from support.branches import with_hysteresis
from support.layer_cells import layer_cell
from support.moved import gradient, moving
from support.protocols import EachCheckpoint, assert_rows, run
from support.shown import shown
from support.small_cell import coated_arrays, film_coating, full_cell, small_cell, split_arrays

#: Grows by tens of nanometres in minutes, cracks, and resists.
FILM = replace(
    get_preset("sei", "EC_Yang_2017"),
    i_0_sei=0.1, U_sei=0.8, D_solvent=1e-16, kappa_sei=2e-5, crack_strain=0.02,
)  # fmt: skip
STEPS = ("Lithiate at 1C for 10 minutes", "Rest for 2 minutes", "Delithiate at 1C for 4 minutes")
BOOKS = (HOST_CHARGE, SEI_CHARGE, LAYER_CHARGE)


def grown(**options):
    return small_cell(n=2, sei={"active": FILM}, **options)


def layer():
    """Return a half cell of NMC811 particles on which something grows that is reduced there."""
    film = replace(FILM, i_0_sei=1e-3, U_sei=4.3)
    return layer_cell(LAYERS, (0.3,), size=5.0, sei={"active": film})


LAYERS = {"active": 20.0, "separator": 10.0}
SECTIONS = {
    "bare": grown,
    "layer": layer,
    "coated": lambda: grown(arrays=coated_arrays(2), coatings={"active": film_coating()}),
    "two hosts": lambda: small_cell(
        n=2, arrays=split_arrays(2), sei={"active": FILM, "second": replace(FILM, U_sei=0.6)}
    ),
    "moving": lambda: grown(mechanics=FiniteOptions(degree=1)),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_charge_is_in_the_host_in_the_film_or_in_the_double_layer(name):
    cell = SECTIONS[name]()
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *STEPS, diagnostics=diagnostics, tolerance=1e-3)
    assert diagnostics.balances()["lithium"] < 1e-8
    assert diagnostics.balances()["charge"] < 1e-8
    row = record.points[-1].row
    passed, film = cell.Q.number(), row[SEI_CHARGE]
    assert sum(row[name] for name in BOOKS) == pytest.approx(passed, rel=1e-8)
    assert film > 0.05 * passed
    assert row[LOST_TO_SEI] == pytest.approx(film / cell.charge_capacity)


def test_on_a_section_that_moves_a_film_cracks_where_its_surface_is_stretched():
    """Two sides of the square by 1.3 x 1.25, the others by less than one."""
    further = (moving(gradient(((1.3, 0.0), (0.0, 0.7))), lambda_z=1.25),)
    cell = grown(setup={"further": further})
    cell.reset()
    length = cell.find(SolidElectrolyteInterphase).integrals()["sei length active"]
    whole = 2e-6 + 2e-6 * 1.3 * 1.25 / (1 + FILM.crack_strain)
    assert cell.integral(length) == pytest.approx(whole, rel=1e-9)


def test_each_of_several_hosts_tells_its_own_film():
    cell = SECTIONS["two hosts"]()
    _, record = run(cell, STEPS[0], tolerance=1e-3)
    row = record.points[-1].row
    means = [row[of_part(MEAN_SEI, host)] for host in cell.hosts]
    assert means[0] > 1.1 * means[1]  # forms at a higher potential
    assert means[1] < row[MEAN_SEI] < means[0]
    _, record = run(grown(), STEPS[0], tolerance=1e-3)
    names = [name for name in record.points[-1].row if name.startswith("Mean SEI")]
    assert names == [MEAN_SEI]


def test_the_mean_of_several_films_is_that_along_all_of_them():
    """On a quarter and three quarters of a square, of which 1.5 and 2.5 um meet the pores."""
    cell = small_cell(arrays=split_arrays(4, x=0.75), sei={"active": FILM, "second": FILM})
    cell.reset()
    thickness = {"active": 1e-8, "second": 3e-8}
    for surface, film in cell.find(SolidElectrolyteInterphase)._films.items():
        film.v.set(thickness[surface.host])
    row = Diagnostics(cell).row()
    assert row[MEAN_SEI] == pytest.approx((1.5 * 1e-8 + 2.5 * 3e-8) / 4.0, rel=1e-9)


def test_a_film_that_nobody_books_is_missed():
    cell = grown()
    diagnostics = Diagnostics(cell)
    del diagnostics._forms["sei"]
    cell.find(SolidElectrolyteInterphase).changes = lambda seen, start: {}
    run(cell, STEPS[0], diagnostics=diagnostics, tolerance=1e-3)
    assert diagnostics.balances()["lithium"] > 0.01


def test_the_energy_of_a_run_is_in_balance():
    """At each instant: test_energy. A tenth of the charge makes the film, U_sei of it is kept."""
    film = replace(FILM, i_0_sei=1e-2, D_solvent=1e-17)
    cell = small_cell(n=2, sei={"active": film})
    diagnostics = Diagnostics(cell)
    _, record = run(cell, *STEPS, diagnostics=diagnostics, tolerance=1e-5)
    assert diagnostics.balances()["energy"] < 1e-4
    assert record.points[-1].row[SEI_CHARGE] > 0.05 * cell.Q.number()


def test_the_film_takes_its_share_of_the_voltage():
    found = {}
    for kappa in (FILM.kappa_sei, 1.0):
        # the solvent alone limits it: it grows alike
        film = replace(FILM, law="solvent_diffusion_limited", kappa_sei=kappa, D_solvent=1e-18)
        cell = small_cell(n=2, sei={"active": film})
        _, record = run(cell, STEPS[0], tolerance=1e-4)
        found[kappa] = record.points[-1].row
    rows = list(found.values())
    assert rows[0][MEAN_SEI] == pytest.approx(rows[1][MEAN_SEI], rel=1e-4)
    (surface,) = cell.surfaces
    i_n = cell.integral(cell.charge_transfer.passed(surface) * surface.dS) / 4e-6
    lost = -i_n * rows[0][MEAN_SEI] / FILM.kappa_sei
    assert lost > 1e-4
    assert rows[1][VOLTAGE] - rows[0][VOLTAGE] == pytest.approx(lost, rel=0.01)


def test_what_the_current_of_the_host_loses_in_the_film_drives_no_growth():
    """-i_n L/kappa less of a drop: by exp(alpha F i_n L/(kappa R T)) of it where i_n enters."""
    film = replace(FILM, law="reaction_limited", crack_strain=None, kappa_sei=1e-6)
    cell = small_cell(n=2, sei={"active": film})
    cell.reset()
    process = cell.find(SolidElectrolyteInterphase)
    row = next(row for unknown, row in process.terms() if unknown.key == "i_sei")
    (form,) = compile_forms([with_constants(row)], cell.entity_maps)

    def growth(i_n):
        for unknown in cell.charge_transfer.unknowns:
            unknown.set(i_n)
        return cell.domain.comm.allreduce(fem.assemble_vector(form).array.sum())

    lost = -2.0 * film.initial_thickness / film.kappa_sei  # [V]
    expected = np.exp(film.alpha_sei * FARADAY * lost / (GAS_CONSTANT * 300.0))
    assert expected < 0.95
    assert growth(-2.0) / growth(0.0) == pytest.approx(expected, rel=1e-9)


def test_an_impedance_sees_the_film_and_its_parts_add_up():
    """A hysteresis is in it, too: its state stores, and loses nothing to first order."""
    found = {}
    for kappa in (1e-6, 1e-3):
        film = replace(FILM, i_0_sei=1e-12, kappa_sei=kappa, crack_strain=None)
        impedance = Impedance(
            small_cell(n=2, lithium=with_hysteresis(), sei={"active": film}), 10.0
        )
        found[kappa] = impedance.shared(1.0)
        impedance.close()
    (Z, parts), (without, others) = found.values()
    assert sum(parts.values()) == pytest.approx(Z.real, rel=1e-5)
    # the surface is twice as long as the section is wide
    expected = FILM.initial_thickness * (1e6 - 1e3) / 2
    assert parts[Carrier.FILM] - others[Carrier.FILM] == pytest.approx(expected, rel=0.01)
    assert (Z - without).real == pytest.approx(expected, rel=0.01)


def test_a_coating_may_keep_the_film_away():
    arrays = coated_arrays(2)
    cell = small_cell(
        n=2,
        arrays=arrays,
        coatings={"active": film_coating()},
        sei={"active": replace(FILM, on_coating=False)},
    )
    keys = [unknown.key for unknown in cell.unknowns]
    assert "v_sei" in keys
    assert "v_sei_coated" not in keys
    assert "v_sei_coated" in [unknown.key for unknown in SECTIONS["coated"]().unknowns]


def test_both_electrodes_of_a_full_section_may_have_one():
    cell = full_cell(n=2, sei={"active": FILM, "counter_active": replace(FILM, U_sei=4.5)})
    diagnostics = Diagnostics(cell)
    # after 281 s the cathode would be empty, and time steps so short that the charge rounds by 3e-7
    result, _ = run(cell, "Charge at 1C for 4 minutes", diagnostics=diagnostics)
    assert result.status == "completed"
    assert diagnostics.balances()["lithium"] < 1e-8
    assert diagnostics.balances()["charge"] < 1e-8
    films = cell.find(SolidElectrolyteInterphase)._films.values()
    for film in films:
        volumes = cell.domain.comm.allgather(film.v.owned().max(initial=0.0))
        assert max(volumes) > 1.1 * FILM.initial_thickness


def test_the_thickness_has_a_map():
    cell = grown()
    _, record = run(cell, STEPS[0], tolerance=1e-3)
    thickness = shown(cell, Group.ACTIVE, "L_sei").x.array
    highest = cell.domain.comm.allreduce(thickness.max(initial=0.0), op=MPI.MAX)
    row = record.points[-1].row
    assert highest == pytest.approx(row[MAX_SEI], rel=0.05)
    assert row[MEAN_SEI] <= row[MAX_SEI] < 2 * row[MEAN_SEI]
    assert cell.domain.comm.allreduce(thickness.min(initial=1.0), op=MPI.MIN) == 0.0


@pytest.mark.parametrize("name", ["bare", "layer"])
def test_a_resumed_run_has_the_same_film(name):
    cell, memory = SECTIONS[name](), EachCheckpoint()
    _, whole = run(cell, *STEPS, checkpoints=memory)
    for at in (5, len(whole.points) - 3):
        _, again = run(cell, *STEPS, snapshot=memory.snapshots[at])
        names = (VOLTAGE, MEAN_SEI, MAX_SEI, *BOOKS)
        assert_rows(again.points, whole.last(len(again.points)), names)
