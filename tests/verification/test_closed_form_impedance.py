"""If these fail, the impedance of a cell is not that of its own equations.

A planar half cell: host, separator, lithium metal. Per area, with every transport in series::

    Z = R_contact + L/sigma + interface + N L_s/kappa + Z_salt + metal
    interface = 1/(i w C + 1/(R_ct + R_film + Z_W)),     R_ct = R T/(F i_0)
    Z_W    = -(dU/dx)/(F c_max D s) coth(s L),           s = sqrt(i w/D)            (sealed slab)
    Z_salt = 4 R T (1 - t_plus)^2 tdf N tanh(k L_s/2)/(F^2 D_e c_0 k),  k = sqrt(i w eps N/D_e)

What passes by charge transfer is interface/(R_ct + R_film + Z_W) of the current of the cell.

Sources: Ho, Raistrick and Huggins, J. Electrochem. Soc. 127 (1980) 343 (slab); Newman and
Thomas-Alyea, Electrochemical Systems (2004), ch. 12 (salt between two electrodes of its cation).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.model.impedance import Impedance
from mesode.model.impedance_map import ImpedanceMap
from support.grids import grid_arrays
from support.small_cell import DOUBLE_LAYER, small_cell

L, L_S, FILM, CONTACT, T = 1e-6, 1e-6, 2e-4, 1e-6, 300.0
FREQUENCIES = np.logspace(5, -3, 17)


def planar_arrays(n):
    """Return host and separator, 1 um each, with elements that grow from surface and metal."""
    arrays = grid_arrays(n, (("active", 1.0), ("separator", 1.0)), width=1.0 / n)
    t = arrays.points[:, 1] - 1.0
    graded = 1.0 + np.where(t < 0.0, -(np.abs(t) ** 2.5), t**2 * (3.0 - 2.0 * t))
    return replace(arrays, points=np.column_stack([arrays.points[:, 0], graded]))


def spectrum(cell, frequencies=FREQUENCIES):
    impedance = Impedance(cell, float(np.max(frequencies)))
    found = np.array([impedance.at(f) for f in frequencies])
    impedance.close()
    return found


def value(law, **state):
    return float(law(**state))


def ohmic(cell):
    """Return the resistance of contact, host and separator."""
    host, separator = (cell.materials.phases[name] for name in ("active", "separator"))
    sigma = value(host.electronic.sigma, sto=0.1)
    kappa = value(cell.materials.electrolyte.kappa, c_e=1e3)
    return CONTACT + L / sigma + separator.ionic.macmullin * L_S / kappa


def interface(cell, frequencies=FREQUENCIES):
    """Return the impedance of the surface, and that of its charge transfer alone."""
    omega, kT = 2j * np.pi * frequencies, GAS_CONSTANT * T / FARADAY
    host = cell.materials.phases["active"].lithium
    D = value(host.D_s, sto=0.1)
    step = 1e-6
    slope = (value(host.ocp, sto=0.1 + step) - value(host.ocp, sto=0.1 - step)) / (2 * step)
    s = np.sqrt(omega / D)
    warburg = -slope / (FARADAY * host.c_max * D * s * np.tanh(s * L))
    transfer = kT / value(host.i_0, c_e=1e3, sto=0.1)
    reaction = transfer + FILM + warburg
    return 1 / (omega * DOUBLE_LAYER + 1 / reaction), reaction


def closed_form(cell, frequencies=FREQUENCIES):
    omega, kT = 2j * np.pi * frequencies, GAS_CONSTANT * T / FARADAY
    metal = cell.materials.metal
    metal_transfer = kT / value(metal.i_0, c_e=1e3) + FILM
    counter = 1 / (omega * metal.double_layer + 1 / metal_transfer)
    salt = cell.materials.electrolyte
    D_e, t_plus, tdf = (value(law, c_e=1e3) for law in (salt.D_e, salt.t_plus, salt.tdf))
    ionic = cell.materials.phases["separator"].ionic
    k = np.sqrt(omega * ionic.porosity * ionic.macmullin / D_e)
    polarised = 4 * kT / FARADAY * (1 - t_plus) ** 2 * tdf * ionic.macmullin
    polarised = polarised * np.tanh(k * L_S / 2) / (D_e * 1e3 * k)
    return ohmic(cell) + interface(cell, frequencies)[0] + polarised + counter


@pytest.fixture(scope="module")
def planar():
    return small_cell(arrays=planar_arrays(64), film=FILM)


def test_a_planar_half_cell_has_the_impedance_of_its_elements(planar):
    error = np.abs(spectrum(planar) / closed_form(planar) - 1.0)
    assert error.max() < 6e-5


def test_it_is_approached_with_order_two():
    cells = [small_cell(arrays=planar_arrays(n), film=FILM) for n in (16, 32)]
    errors = [np.abs(spectrum(cell) / closed_form(cell) - 1.0).max() for cell in cells]
    assert errors[0] / errors[1] > 3.8


def test_only_resistances_are_left_at_high_frequency(planar):
    (found,) = spectrum(planar, np.array([1e10]))
    assert found.real == pytest.approx(ohmic(planar), rel=2e-6)
    assert abs(found.imag) < 1e-4 * found.real


@pytest.mark.parametrize("frequency", [0.01, 30.0, 3000.0])
def test_the_map_has_what_passes_by_charge_transfer(planar, frequency):
    impedance = Impedance(planar, frequency)
    found = ImpedanceMap(planar)
    found.load(frequency, impedance.amplitude(frequency))
    impedance.close()
    found.group.update()
    amplitude, phase, asked = (function.x.array for function in found.group.functions)
    whole, reaction = interface(planar, np.array([frequency]))
    (expected,) = whole / reaction
    here = amplitude > 0.0  # the triangles at the surface; the section is one element wide
    assert amplitude[here] == pytest.approx(abs(expected), rel=1e-4)
    assert phase[here] == pytest.approx(np.angle(expected, deg=True), abs=0.01)
    assert asked == pytest.approx(frequency)
