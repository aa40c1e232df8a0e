"""If these fail, stresses differ from Hooke's law in 3D and the section kinds by hand."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from mesode.physics import elasticity
from support.ufl_numbers import number, numbers

E, NU = 50e9, 0.25


def tensor(*rows):
    return ufl.as_tensor([[float(v) for v in row] for row in rows])


def stress(strain):
    return numbers(elasticity.hooke(strain, E, NU))


def diagonal(xx, yy, zz):
    return tensor((xx, 0, 0), (0, yy, 0), (0, 0, zz))


def test_uniaxial_stress():
    found = stress(diagonal(1e-3, -NU * 1e-3, -NU * 1e-3))
    np.testing.assert_allclose(found, np.diag([E * 1e-3, 0, 0]), atol=1e-3)


def test_pressure_and_bulk_modulus():
    found = stress(diagonal(1e-3, 1e-3, 1e-3))
    np.testing.assert_allclose(found, E / (1 - 2 * NU) * 1e-3 * np.eye(3), atol=1e-3)


def test_shear_modulus():
    found = stress(tensor((0, 1e-3, 0), (1e-3, 0, 0), (0, 0, 0)))
    assert found[0, 1] == pytest.approx(E / (1 + NU) * 1e-3)
    assert found[1, 0] == found[0, 1]
    assert np.count_nonzero(np.abs(found) > 1e-3) == 2


def test_swelling_held_on_all_sides():
    # free linear strain s held back in 3D: hydrostatic -E s / (1 - 2 nu)
    found = stress(-0.02 * ufl.Identity(3))
    np.testing.assert_allclose(found, -E * 0.02 / (1 - 2 * NU) * np.eye(3), rtol=1e-12)
    assert number(elasticity.von_mises(ufl.as_tensor(found.tolist()))) == pytest.approx(0, abs=1.0)


def test_swelling_held_in_the_plane_only():
    # plane stress: equal biaxial -E s / (1 - nu), nothing across
    free, plane = 0.02, diagonal(0, 0, 0)
    zz = elasticity.plane_stress_strain(plane, free, NU)
    found = stress(plane + elasticity.out_of_plane(zz) - free * ufl.Identity(3))
    biaxial = -E * free / (1 - NU)
    np.testing.assert_allclose(found, np.diag([biaxial, biaxial, 0.0]), atol=1.0)


def test_out_of_plane_strain_alone():
    found = stress(elasticity.out_of_plane(1e-3))
    lame = E * NU / ((1 + NU) * (1 - 2 * NU))
    assert found[0, 0] == pytest.approx(lame * 1e-3)
    assert found[2, 2] == pytest.approx((lame + E / (1 + NU)) * 1e-3)


@pytest.mark.parametrize(
    ("sigma", "mises", "hydrostatic"),
    [
        (np.diag([3e6, 0, 0]), 3e6, 1e6),
        (np.diag([-2e6, -2e6, -2e6]), 0.0, -2e6),
        (np.array([[0, 4e6, 0], [4e6, 0, 0], [0, 0, 0]]), np.sqrt(3) * 4e6, 0.0),
        (np.array([[5e6, 2e6, 0], [2e6, 2e6, 0], [0, 0, 9e6]]), 7e6, 16e6 / 3),
    ],
)
def test_measures_of_stress(sigma, mises, hydrostatic):
    sigma = ufl.as_tensor(sigma.astype(float).tolist())
    assert number(elasticity.von_mises(sigma)) == pytest.approx(mises, abs=1e-3)
    assert number(elasticity.hydrostatic(sigma)) == pytest.approx(hydrostatic)


def test_kinds_have_the_names_of_the_input_file():
    assert {kind.value for kind in elasticity.SectionKind} == {
        "free_particles",
        "generalised_plane_strain",
        "plane_strain",
        "plane_stress",
    }


KINDS = tuple(elasticity.SectionKind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_on_a_body_that_does_not_give_way(kind):
    """Held along its surface by the body, and along z unless the section is free there."""
    swelling, free = 1e-3, 1e-3 / 3
    lame, mu = E * NU / ((1 + NU) * (1 - 2 * NU)), E / (2 * (1 + NU))
    C = 2 * mu * np.eye(3) + lame  # along, normal, z
    loose = [1, 2] if kind is elasticity.SectionKind.PLANE_STRESS else [1]
    elastic = np.full(3, -free)
    elastic[loose] -= np.linalg.solve(C[np.ix_(loose, loose)], (C @ elastic)[loose])
    sigma = C @ elastic
    assert sigma[loose] == pytest.approx(0.0, abs=1.0)
    stiffness = elasticity.layer_stiffness(E, NU, kind)
    assert -sigma.mean() / swelling == pytest.approx(stiffness, rel=1e-12)
