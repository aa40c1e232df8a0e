"""If these fail, transport on a deformed section has the wrong lengths, areas or volumes."""

from __future__ import annotations

import numpy as np
import pytest
import ufl

from mesode.physics.kinematics import IDENTITY, LEAST, Deformed
from support.ufl_numbers import number, numbers

F = np.array([[1.3, 0.4], [-0.2, 0.8]])
LAMBDA_Z = 1.25
J = LAMBDA_Z * np.linalg.det(F)
GRADIENT = np.array([0.7, -1.9])
NORMAL = np.array([0.6, 0.8])
TURN = np.array([[0.8, -0.6], [0.6, 0.8]])


def deformed(matrix=F, lambda_z=LAMBDA_Z):
    return Deformed(ufl.as_matrix(matrix.tolist()), ufl.as_ufl(lambda_z))


def vector(values):
    return ufl.as_vector(values.tolist())


def all_of(kin):
    """Return what transport asks a kinematics for, but for the flux as it is now."""
    g, N = vector(GRADIENT), vector(NORMAL)
    return [
        *numbers(kin.conducted(g)),
        *numbers(kin.diffused(g)),
        number(kin.square(g)),
        number(kin.stretch(N)),
        *numbers(kin.along(g, N)),
        number(kin.edge_weight(g, N, ufl.as_ufl(0.3))),
        number(kin.J),
    ]


def test_the_identity_returns_what_it_is_given():
    g = vector(GRADIENT)
    assert IDENTITY.conducted(g) is g
    assert IDENTITY.diffused(g) is g
    assert IDENTITY.present(g) is g
    assert IDENTITY.along(g, g) is g
    assert IDENTITY.stretch(g) == IDENTITY.J == 1


def test_no_deformation_is_the_identity():
    kin, g, N = deformed(np.eye(2), 1.0), vector(GRADIENT), vector(NORMAL)
    assert numbers(kin.conducted(g)) == pytest.approx(GRADIENT)
    assert number(kin.square(g)) == pytest.approx(number(IDENTITY.square(g)))
    one = ufl.as_ufl(0.3)
    expected = number(IDENTITY.edge_weight(g, N, one))
    assert number(kin.edge_weight(g, N, one)) == pytest.approx(expected)


def test_what_is_conducted_is_ohms_law_of_the_present_section():
    """J F^-1 j with j = -grad phi and grad = F^-T Grad, the depth in J."""
    j = np.linalg.solve(F.T, GRADIENT)
    assert number(deformed().J) == pytest.approx(J)
    expected = J * np.linalg.solve(F, j)
    conducted = deformed().conducted(vector(GRADIENT))
    assert numbers(conducted) == pytest.approx(expected)
    assert numbers(deformed().present(conducted)) == pytest.approx(j)
    assert number(deformed().square(conducted)) == pytest.approx(J * j @ j)


def test_what_diffuses_per_reference_volume_has_no_share_of_the_volume():
    expected = np.linalg.solve(F, np.linalg.solve(F.T, GRADIENT))
    assert numbers(deformed().diffused(vector(GRADIENT))) == pytest.approx(expected)


def test_areas_are_those_of_nanson():
    area = J * np.linalg.norm(np.linalg.solve(F.T, NORMAL))
    assert number(deformed().stretch(vector(NORMAL))) == pytest.approx(area)


def test_a_coating_keeps_its_volume():
    """Its conductance sigma t w / l: t falls with the area, w is the depth, l the way."""
    tangent = np.array([-NORMAL[1], NORMAL[0]])
    length = np.linalg.norm(F @ tangent)
    thickness = 1.0 / (length * LAMBDA_Z)
    found = numbers(deformed().along(vector(GRADIENT), vector(NORMAL)))
    assert found == pytest.approx(GRADIENT * thickness * LAMBDA_Z / length)


def test_edges_with_their_weights_make_the_inverse_of_c():
    corners = np.array([[0.1, 0.0], [1.2, 0.3], [0.4, 0.9]])
    edges = [corners[n] - corners[m] for m, n in ((1, 2), (2, 0), (0, 1))]
    area = ufl.as_ufl(0.5 * abs(np.cross(np.append(edges[0], 0), np.append(edges[1], 0))[2]))
    total = sum(
        number(deformed().edge_weight(vector(edges[k - 2]), vector(edges[k - 1]), area))
        * np.outer(edges[k], edges[k])
        for k in range(3)
    )
    assert total == pytest.approx(np.linalg.inv(F.T @ F))


def test_a_section_that_turns_transports_as_before():
    assert all_of(deformed(TURN @ F)) == pytest.approx(all_of(deformed()), rel=1e-12)


@pytest.mark.parametrize("height", [0.01, -0.3])
def test_what_is_closed_or_turned_over_conducts_as_the_least_area_does(height):
    flat = np.array([[1.0, 0.0], [0.0, height]])
    kin, g = deformed(flat, 1.0), vector(np.array([1.0, 0.0]))
    area = number(kin.area)
    assert LEAST / 1.2 <= area <= LEAST
    assert number(kin.J) == area
    # the cofactors of the deformation, over the least area
    assert numbers(kin.conducted(g)) == pytest.approx([height**2 / area, 0.0])
