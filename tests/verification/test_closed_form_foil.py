"""If these fail, an elastic foil stretches otherwise than the electrode on it pulls."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.stretched_foil import Foil
from mesode.physics.elasticity import SectionKind
from support.growing_film import GROWTH, NU, E, T, grown
from support.protocols import run
from support.small_cell import small_cell

FREE = GROWTH / 3  # strain of a free film
PLANE, GENERALISED = SectionKind.PLANE_STRAIN, SectionKind.GENERALISED_PLANE_STRAIN


def stretched(foil, kind, **options):
    """Let a film grow on a foil; return the row, lambda_z - 1 and the error of the work."""
    return grown(FiniteOptions(foil=foil, kind=kind, **options))


@pytest.mark.parametrize("t", [1e-7, 1e-6])
def test_in_plane_strain_film_and_foil_share_the_force(t):
    """h E/(1 - nu^2) (kappa - (1 + nu) FREE) + t E_f/(1 - nu_f^2) kappa = 0."""
    foil = Foil(thickness=t, E=5e10, nu=0.3)
    row, mechanics, missing = stretched(foil, PLANE)
    film, metal = T * E / (1 - NU**2), t * foil.E / (1 - foil.nu**2)
    kappa = film * (1 + NU) * FREE / (film + metal)
    assert row["Foil Strain / 1"] == pytest.approx(kappa, rel=1e-3)
    assert row["Foil Stress / Pa"] == pytest.approx(metal / t * kappa, rel=1e-3)
    assert missing < 1e-4
    # the section widens as it is drawn, the top rises
    moved = mechanics.nodal_displacement().reshape(-1, 2)
    x = mechanics.domain.mesh.geometry.x[:, 0]
    np.testing.assert_allclose(np.abs(moved[:, 0]).max(initial=0.0), kappa * x.max(), rtol=2e-3)


def test_where_both_directions_are_free_foil_and_film_stretch_alike():
    """Equibiaxial: h E/(1 - nu) (kappa - FREE) + t E_f/(1 - nu_f) kappa = 0."""
    foil = Foil(thickness=1e-6, E=5e10, nu=0.3)
    row, mechanics, missing = stretched(foil, GENERALISED)
    film, metal = T * E / (1 - NU), 1e-6 * foil.E / (1 - foil.nu)
    kappa = film * FREE / (film + metal)
    assert row["Foil Strain / 1"] == pytest.approx(kappa, rel=1e-3)
    assert row["Foil Stress / Pa"] == pytest.approx(metal / 1e-6 * kappa, rel=1e-3)
    assert mechanics.extension.number() == pytest.approx(kappa, rel=1e-3)
    assert missing < 1e-4


def test_a_thick_foil_is_rigid():
    thick, _, _ = stretched(Foil(thickness=1.0, E=5e10, nu=0.3), PLANE)
    rigid, _, _ = stretched(None, PLANE)
    assert "Foil Strain / 1" not in rigid
    name = "Thickness Change / 1"
    assert thick[name] == pytest.approx(rigid[name], rel=1e-5)


def test_transport_knows_the_widening():
    foil = Foil(thickness=1e-7, E=5e10, nu=0.3)
    cell = small_cell(n=2, mechanics=FiniteOptions(foil=foil, two_way=True))
    diagnostics = Diagnostics(cell)
    result, record = run(cell, "Lithiate at 1C for 5 minutes", diagnostics=diagnostics)
    assert result.status == "completed"
    row = record.points[-1].row
    assert row["Foil Strain / 1"] > 1e-3
    assert diagnostics.balances()["salt"] < 1e-12
    # the volume of the section as transport has it is that which mechanics has found
    cell.mechanics.coupling.recall()
    moving = cell.kinematics("active").J
    sums = [cell.integral(J * cell.dx(cell.tag("active"))) for J in (moving, cell.mechanics.at.J)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-10, abs=0)
    assert sums[0] > 1.001 * cell.area(("active",))
