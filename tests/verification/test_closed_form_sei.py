"""If these fail, a film on a surface grows otherwise than its law, or leaves a crack open.

The host hardly changes its potential, so that at rest the surface stays at U; the charge of the
film is the host's. Volumes are per area as drawn: V/(z F) of the charge that passed.
"""

from __future__ import annotations

from dataclasses import replace
from math import exp, sqrt

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

from mesode.columns import HOST_CHARGE, MAX_SEI, MEAN_SEI, SEI_CHARGE
from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.materials.presets import get_preset
from support.layer_cells import layer_cell
from support.protocols import run
from support.small_cell import law, small_cell

U, T = 0.2, 300.0  # [V], [K] of the small cell
FLAT = {
    "ocp": law(lambda *, sto, ops: U - 1e-6 * sto, "sto"),
    "D_s": law(lambda *, sto, ops: 1e-10 + 0.0 * sto, "sto"),
    "i_0": law(lambda *, sto, ops: 1e6 + 0.0 * sto, "sto"),
    "c_max": 8e5,
}
FILM = replace(
    get_preset("sei", "EC_Yang_2017"), i_0_sei=2e-3, D_solvent=1e-18, E_a_sei=3e4, kappa_sei=1.0
)
TIME = 7200.0
WARM = exp(3e4 / GAS_CONSTANT * (1 / T_REF - 1 / T))
VOLUME = FILM.V_sei / (FILM.z_sei * FARADAY)  # [m^3/C]
REACTION = FILM.i_0_sei * exp(-0.5 * FARADAY * (U - FILM.U_sei) / (GAS_CONSTANT * T))  # [A/m^2]
DIFFUSION = FARADAY * FILM.c_solvent * FILM.D_solvent  # [A/m], over the thickness a current
RESISTED = REACTION / (2 * DIFFUSION)  # [1/m]
L_0 = FILM.initial_thickness


def series(t):
    """Return L of L + r L^2/(2 F c D) = L_0 + r L_0^2/(2 F c D) + k r V t/(z F)."""
    right = L_0 + RESISTED * L_0**2 + WARM * REACTION * VOLUME * t
    return (sqrt(1 + 4 * RESISTED * right) - 1) / (2 * RESISTED)


GROWN = {
    "reaction_limited": lambda t: L_0 + WARM * REACTION * VOLUME * t,
    "solvent_diffusion_limited": lambda t: sqrt(L_0**2 + 2 * WARM * DIFFUSION * VOLUME * t),
    "ec_reaction_limited": series,
}


@pytest.mark.parametrize("name", GROWN)
def test_a_film_grows_at_rest_as_its_law_says(name):
    cell = small_cell(n=2, lithium=FLAT, sei={"active": replace(FILM, law=name)})
    _, record = run(cell, f"Rest for {TIME} s", tolerance=1e-5)
    for point in record.points[1:]:
        assert point.row[MEAN_SEI] == pytest.approx(GROWN[name](point.t), rel=2e-4)
    end = record.points[-1].row
    assert end[MEAN_SEI] > 2 * L_0
    assert end[MAX_SEI] == pytest.approx(end[MEAN_SEI], rel=1e-5)
    # nothing passed the terminal: the host has paid for the film, two micrometres wide
    surface = 2.0  # perimeter over the width of the section
    assert end[SEI_CHARGE] == pytest.approx((end[MEAN_SEI] - L_0) / VOLUME * surface, rel=1e-9)
    assert end[HOST_CHARGE] == pytest.approx(-end[SEI_CHARGE], rel=1e-3)  # of the double layer


def covered(sto, strain, start=0.1):
    """Area of the film on the small cell's host over that at the start."""
    swelling = [0.5 * x + 0.1 * x * x for x in (sto, start)]
    return max(1.0, (1 + swelling[0] - swelling[1]) ** (2 / 3) / (1 + strain))


@pytest.mark.parametrize("strain", [0.0, 0.1])
def test_a_film_that_cracks_grows_on_the_new_surface_too(strain):
    """Per area as drawn the charge is A F c D A/v: v^2 = v_0^2 + 2 k c D V/z int A^2 dt."""
    film = replace(FILM, law="solvent_diffusion_limited", crack_strain=strain)
    lithium = {"D_s": FLAT["D_s"]}
    cell = small_cell(n=2, lithium=lithium, sei={"active": film})
    steps = ("Lithiate at C/2 for 1 hour", "Delithiate at C/2 for 30 minutes")
    _, record = run(cell, *steps, tolerance=1e-5, max_step=50.0)
    last = {point.t: point.row for point in record.points}
    times = np.array(sorted(last))
    sto = np.array([last[t]["Mean Lithiation / 1"] for t in times])
    largest = np.maximum.accumulate([covered(s, strain) for s in sto])
    growth = cumulative_trapezoid(largest**2, times, initial=0.0)
    v = np.sqrt(L_0**2 + 2 * WARM * DIFFUSION * VOLUME * growth)
    found = [last[t][MEAN_SEI] for t in times]
    np.testing.assert_allclose(found, v / largest, rtol=3e-4)
    np.testing.assert_allclose([last[t][MAX_SEI] for t in times], found, rtol=1e-3)  # it is even
    # it does not close when the host shrinks
    assert largest[-1] > max(1.05, covered(sto[-1], strain) + 0.04)


def test_particles_of_a_layer_crack_their_film_by_their_mean_lithiation():
    """As above, with the linear swelling of NMC811, 8 %; the layer is thin, so that it is even."""
    film = replace(FILM, law="solvent_diffusion_limited", crack_strain=0.0)
    layers = {"active": 4.0, "separator": 4.0}
    cell = layer_cell(layers, (0.3,), size=2.0, sei={"active": film})
    steps = ("Lithiate at C/2 for 1 hour", "Delithiate at C/2 for 30 minutes")
    _, record = run(cell, *steps, tolerance=1e-5, max_step=50.0)
    last = {point.t: point.row for point in record.points}
    times = np.array(sorted(last))
    sto = np.array([last[t]["Mean Lithiation / 1"] for t in times])
    largest = np.maximum.accumulate((1 + 0.08 * (sto - 0.3)) ** (2 / 3))
    growth = cumulative_trapezoid(largest**2, times, initial=0.0)
    warm = exp(3e4 / GAS_CONSTANT * (1 / T_REF - 1 / cell.setup.temperature))
    v = np.sqrt(L_0**2 + 2 * warm * DIFFUSION * VOLUME * growth)
    found = [last[t][MEAN_SEI] for t in times]
    np.testing.assert_allclose(found, v / largest, rtol=3e-4)
    assert largest[-1] > 1.02
