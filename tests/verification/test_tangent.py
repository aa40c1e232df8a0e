"""If these fail, Newton's method iterates with a Jacobian that is not the residual's derivative.

Each block of the assembled matrix of a half cell is compared with central differences of the
assembled residual, at a state far from uniform, for dF/du and for dF/du_dot.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from mesode.materials.presets import get_preset
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.physics.elasticity import SectionKind
from support.branches import with_hysteresis
from support.cut_sections import ALL_BEHIND, cut_off
from support.small_cell import (
    coated_arrays,
    film_coating,
    full_cell,
    numbered,
    small_cell,
    split_arrays,
)

pytestmark = pytest.mark.serial

FILM = 2e-4  # [ohm m^2]
SHIFT = 7.0  # [1/s]
TOLERANCE = 1e-6
STEP = 2.5e-4  # in scaled unknowns; the five-point formula is exact to STEP^4
ROUNDING = 1e-13  # of the row's largest entry, over the step


def perturb(cell):
    """Put a non-uniform state and rate into the cell's functions."""
    rng = np.random.default_rng(3)
    levels = {"sto": 0.4, "phi_s": -0.02, "c_e": 1.0, "phi_e": -0.05, "V": 0.35, "I": 0.5}
    sizes = {"sto": 0.2, "phi_s": 0.01, "c_e": 0.3, "phi_e": 0.04, "u": 0.05, "eps_zz": 0.02}
    levels["i_n"] = 0.1  # the state of a hysteresis has a kink at 0
    levels["v_sei"], sizes["v_sei"] = 1.0, 0.3
    levels["c_b"], sizes["c_b"] = levels["c_e"], sizes["c_e"]
    for unknown in cell.unknowns:
        array = unknown.scaled.x.array
        key = "sto" if unknown.key.startswith("sto") else unknown.key
        size = sizes.get(key, 0.01)
        array[:] = levels.get(key, 0.0) + size * (2 * rng.random(len(array)) - 1)
        unknown.scaled_rate.x.array[:] = 0.1 * (2 * rng.random(len(array)) - 1)
    constrain(cell)


def constrain(cell):
    """Make the state obey the Dirichlet conditions, as the block system presumes."""
    for bc in cell.system.bcs:
        for unknown in cell.unknowns:
            if bc.function_space == unknown.scaled.function_space._cpp_object:
                bc.set(unknown.scaled.x.array)


def residual(cell, state, rate):
    system = cell.system
    system.x.setArray(state)
    system.load(system.x, system.unknowns)
    system.x.setArray(rate)
    system.load(system.x, system.rates)
    out = system.x.duplicate()
    system.assemble_residual(out)
    return out.getArray().copy()


def stored(cell, functions):
    cell.system.store(functions, cell.system.x)
    return cell.system.x.getArray().copy()


def directional(cell, direction, shift):
    """Return dF(u + h v, u_dot + h shift v)/dh by the five-point formula."""
    u, u_dot = stored(cell, cell.system.unknowns), stored(cell, cell.system.rates)

    def at(h):
        return residual(cell, u + h * direction, u_dot + h * shift * direction)

    slope = 8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))
    residual(cell, u, u_dot)
    return slope / (12 * STEP)


def wrong_blocks(cell, matrix, shift):
    """Return (row, column, relative error) of the blocks that differ from finite differences."""
    system, keys = cell.system, [unknown.key for unknown in cell.unknowns]
    rng, slices = np.random.default_rng(5), system.owned_slices()
    magnitude = np.abs(residual(cell, *(stored(cell, f) for f in (system.unknowns, system.rates))))
    fixed = system._fixed
    found = []
    for column, part in zip(keys, slices, strict=True):
        direction = np.zeros(system.x.getLocalSize())
        direction[part] = 2 * rng.random(part.stop - part.start) - 1
        direction[fixed] = 0.0
        expected = directional(cell, direction, shift)
        product = matrix @ direction
        for row, where in zip(keys, slices, strict=True):
            size = np.linalg.norm(expected[where])
            floor = ROUNDING * magnitude[where].max() / STEP
            error = np.linalg.norm(product[where] - expected[where])
            if error > TOLERANCE * size + floor:
                found.append((row, column, error / max(size, floor)))
    return found


def assembled(system, shift):
    system.assemble_jacobian(system.A, shift)
    indptr, indices, values = system.A.getValuesCSR()
    return csr_matrix((values, indices, indptr))


def make_full(kind):
    """An anode against a cathode."""
    cell = full_cell(n=2, mechanics=MechanicsOptions(kind=kind, spring=1e15))
    cell.control("power", 3.0)
    perturb(cell)
    return cell


def make_cell(kind=None, film=0.0, **options):
    mechanics = MechanicsOptions(kind=kind, spring=1e15, pressure=1e5) if kind else None
    cell = small_cell(mechanics=mechanics, film=film, n=2, **options)
    cell.control("power", 3.0)
    perturb(cell)
    return cell


CASES = {
    "electrochemistry": (None, 0.0),
    "generalised_plane_strain, film": (SectionKind.GENERALISED_PLANE_STRAIN, FILM),
    "plane_strain": (SectionKind.PLANE_STRAIN, 0.0),
    "plane_stress": (SectionKind.PLANE_STRESS, 0.0),
}


def make_blend(kind):
    """Two hosts that touch, one of them coated in part, with stress that acts back."""
    return make_cell(
        kind,
        arrays=coated_arrays(2, share=0.25, arrays=numbered(split_arrays(2))),
        coatings={"active": film_coating()},
    )


OTHERS = ("blend", "blend, free_particles", "full", "third", "sei", "hysteresis")


@pytest.fixture(scope="module", params=[*CASES, *OTHERS])
def cell(request):
    if request.param in CASES:
        return make_cell(*CASES[request.param])
    if request.param == "sei":
        film = replace(get_preset("sei", "EC_Yang_2017"), i_0_sei=0.1, crack_strain=0.02)
        return make_cell(film=FILM, sei={"active": film})
    if request.param == "hysteresis":
        return make_cell(film=FILM, lithium=with_hysteresis())
    if request.param == "full":
        return make_full(SectionKind.PLANE_STRAIN)
    if request.param == "third":
        return make_cell(arrays=cut_off(2), behind=ALL_BEHIND)
    free = request.param.endswith("free_particles")
    return make_blend(SectionKind.FREE_PARTICLES if free else SectionKind.PLANE_STRESS)


@pytest.mark.parametrize("shift", [0.0, SHIFT])
def test_every_block_is_the_derivative(cell, shift):
    assert wrong_blocks(cell, assembled(cell.system, shift), shift) == []


def test_a_wrong_block_is_found():
    cell = make_cell()
    slices = dict(zip([u.key for u in cell.unknowns], cell.system.owned_slices(), strict=True))
    for row, column in (("i_n", "phi_e"), ("c_e", "c_e"), ("V", "phi_s")):
        matrix = assembled(cell.system, SHIFT).tolil()
        matrix[slices[row], slices[column]] *= 1 + 1e-5
        wrong = wrong_blocks(cell, matrix.tocsr(), SHIFT)
        assert [block[:2] for block in wrong] == [(row, column)]


def test_a_lost_rate_is_found():
    cell = make_cell()
    wrong = wrong_blocks(cell, assembled(cell.system, 0.0), SHIFT)
    assert {("sto", "sto"), ("c_e", "c_e"), ("phi_s", "phi_e"), ("Q", "Q")} <= {
        block[:2] for block in wrong
    }


@pytest.mark.parametrize("kind", ["current", "voltage", "power"])
def test_every_control_has_its_tangent(kind):
    cell = make_cell()
    cell.control(kind, 0.2, rate=0.01)
    assert wrong_blocks(cell, assembled(cell.system, SHIFT), SHIFT) == []


def test_a_blend_has_its_contact_and_its_coating():
    cell = make_blend(SectionKind.PLANE_STRAIN)
    assert [(c.first, c.second) for c in cell.contacts] == [("active", "second")]
    assert [(s.host, s.coated) for s in cell.surfaces] == [
        ("active", False),
        ("active", True),
        ("second", False),
    ]
    assert [host for host, _, _ in cell.coated] == ["active"]
