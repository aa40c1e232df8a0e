"""If these fail, the stress of a particle or of a material is not that of its triangles."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.stress import hydrostatic, max_principal, von_mises
from mesode.physics.elasticity import SectionKind
from support.small_cell import numbered, small_cell, split_arrays, uneven

pytestmark = pytest.mark.mpi

COMM = MPI.COMM_WORLD
HOSTS = ("active", "second")
TOUGHNESS = {"second": 1.0}  # [J/m^2] where it is known
ALMOST = 1 - 1e-9


@pytest.fixture(scope="module")
def cell():
    options = MechanicsOptions(kind=SectionKind.FREE_PARTICLES, two_way=False)
    tough = {host: {"toughness": value} for host, value in TOUGHNESS.items()}
    cell = small_cell(arrays=uneven(numbered(split_arrays(4))), mechanics=options, solids=tough)
    for host, gained in zip(HOSTS, (0.3, 0.1), strict=True):
        cell.sto[host].set(cell.initial[host] + gained)
    cell.follow(1.0)
    return cell


@pytest.fixture(scope="module")
def report(cell):
    diagnostics = Diagnostics(cell)
    return diagnostics.row(), diagnostics.particles()


def triangles(cell, phases):
    """Return stress and area of the triangles of phases, of all ranks."""
    mechanics = cell.mechanics
    owned = mechanics.domain.mesh.topology.index_map(2).size_local
    tags = cell.domain.cell_tag[mechanics.domain.cells][:owned]
    mine = np.isin(tags, cell.domain.tags(phases))
    parts = (mechanics.stress.compute()[:owned][mine], mechanics.stress.sizes[:owned][mine])
    stress, area = (np.concatenate(COMM.allgather(part)) for part in parts)
    return stress, area


@pytest.mark.parametrize(("kind", "phases"), [("Active", HOSTS), ("Binder", ("carbon_binder",))])
def test_columns_of_a_kind(cell, report, kind, phases):
    row, (stress, area) = report[0], triangles(cell, phases)
    values = von_mises(stress)
    assert row[f"Max von Mises {kind} / Pa"] == pytest.approx(values.max())
    assert row[f"Max Principal {kind} / Pa"] == pytest.approx(max_principal(stress).max())
    assert row[f"Mean von Mises {kind} / Pa"] == pytest.approx(np.average(values, weights=area))
    upper = row[f"95th Percentile von Mises {kind} / Pa"]
    assert area[values <= upper].sum() >= 0.95 * area.sum() * (1 - 1e-8)
    assert area[values < upper].sum() < 0.95 * area.sum()


def test_each_particle_has_its_own_stress(cell, report):
    table = report[1]
    assert table["Particle / 1"].tolist() == [0.0, 1.0]
    for k, host in enumerate(HOSTS):
        stress, area = triangles(cell, (host,))
        expected = {
            "Mean von Mises / Pa": np.average(von_mises(stress), weights=area),
            "Max von Mises / Pa": von_mises(stress).max(),
            "Max Principal / Pa": max_principal(stress).max(),
            "Mean Hydrostatic Stress / Pa": np.average(hydrostatic(stress), weights=area),
        }
        assert {name: table[name][k] for name in expected} == pytest.approx(expected)
    # what swells more is held back by what it is bonded to, and pulls it along
    pressed, pulled = table["Mean Hydrostatic Stress / Pa"]
    assert pressed < 0.0 < pulled


def test_what_a_crack_would_release_goes_with_tension_and_size(cell, report):
    row, table = report
    for k, host in enumerate(HOSTS):
        stress, area = triangles(cell, (host,))
        mechanical, sto = cell.materials.mechanical(host), cell.sto[host].scaled.x.array[0]
        order = np.argsort(tension := np.maximum(max_principal(stress), 0.0))
        upper = tension[order][np.searchsorted(np.cumsum(area[order]), 0.95 * area.sum() * ALMOST)]
        E, nu = float(mechanical.E(sto=sto)), float(mechanical.nu(sto=sto))
        d = np.sqrt(4e-12 * table["Area / um2"][k] / np.pi)
        G = upper**2 * d * (1 - nu**2) / E
        assert table["Energy Release Rate / J.m-2"][k] == pytest.approx(G)
        ratio = G / TOUGHNESS[host] if host in TOUGHNESS else 0.0
        assert table["Energy Release over Toughness / 1"][k] == pytest.approx(ratio)
    assert table["Energy Release Rate / J.m-2"].max() > 0.0
    assert row["Particles above Toughness / 1"] == np.mean(
        table["Energy Release over Toughness / 1"] >= 1.0
    )


def test_swelling_of_each_host(cell, report):
    row = report[0]
    for host in HOSTS:
        law, sto = cell.materials.mechanical(host).swelling, cell.initial[host]
        gained = {"active": 0.3, "second": 0.1}[host]
        expected = float(law(sto=sto + gained) - law(sto=sto))
        assert row[f"Min Swelling {host} / 1"] == pytest.approx(expected)
        assert row[f"Max Swelling {host} / 1"] == pytest.approx(expected)
    assert row["Max Swelling / 1"] == row["Max Swelling active / 1"]
    assert row["Min Swelling / 1"] == row["Min Swelling second / 1"]


def test_without_mechanics_there_is_no_stress():
    diagnostics = Diagnostics(small_cell(n=2))
    assert not any("von Mises" in name for name in (*diagnostics.row(), *diagnostics.particles()))
