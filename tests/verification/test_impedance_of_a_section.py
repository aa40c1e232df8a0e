"""If these fail, a section of particles has another impedance than its own states in time tell."""

from __future__ import annotations

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx.fem import petsc as fem_petsc

from mesode.model.impedance import Impedance
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.residual import CurrentMeasure
from mesode.numerics.bdf import Rate
from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions
from mesode.numerics.step_equations import StepEquations
from support.small_cell import DOUBLE_LAYER, full_cell, small_cell

SURFACE, WIDTH = 4e-6, 2e-6  # of the particle, of the section [m]
CONTACT = 1e-6


@pytest.fixture(scope="module")
def cell():
    return small_cell(n=4)


def spectrum(cell, *frequencies):
    impedance = Impedance(cell, max(frequencies))
    found = np.array([impedance.at(f) for f in frequencies])
    impedance.close()
    return found


# --- the ends of the spectrum


def ohmic_resistance(cell):
    """Return the resistance of contact, electrons and ions where the surfaces are shorted.

    By conduction alone, one potential of the electrons and one of the ions on the whole mesh; the
    metal is at one volt.
    """
    mesh, kappa = cell.domain.mesh, float(cell.materials.electrolyte.kappa(c_e=1e3))
    V = fem.functionspace(mesh, ("Lagrange", 1))
    W = ufl.MixedFunctionSpace(V, V)
    (s, e), (v, w) = ufl.TrialFunctions(W), ufl.TestFunctions(W)
    faint, shorted = 1e-9, 1e12
    form = faint * (ufl.inner(ufl.grad(s), ufl.grad(v)) + s * v) * cell.domain.dx
    form += faint * (ufl.inner(ufl.grad(e), ufl.grad(w)) + e * w) * cell.domain.dx
    for phase, material in cell.materials.phases.items():
        if phase not in cell.domain.phases:
            continue
        dx = cell.dx(cell.tag(phase))
        if material.electronic is not None:
            sigma = float(material.electronic.sigma(sto=0.1))
            form += sigma * ufl.inner(ufl.grad(s), ufl.grad(v)) * dx
        if material.ionic is not None:
            form += kappa / material.ionic.macmullin * ufl.inner(ufl.grad(e), ufl.grad(w)) * dx
    for surface in cell.surfaces:
        form += shorted * (s("+") - e("+")) * (v("+") - w("+")) * surface.dS
    form += s / CONTACT * v * cell.ds_contact + shorted * e * w * cell.ds_counter
    right = shorted * w * cell.ds_counter + fem.Constant(mesh, 0.0) * v * cell.ds_contact
    A = fem_petsc.assemble_matrix(fem.form(ufl.extract_blocks(form)), kind="mpi")
    A.assemble()
    b = fem_petsc.assemble_vector(fem.form(ufl.extract_blocks(right)), kind="mpi")
    b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    ksp, x = PETSc.KSP().create(mesh.comm), b.duplicate()
    configure_direct(ksp)
    ksp.setOperators(A)
    ksp.solve(b, x)
    phi = fem.Function(V)
    owned = V.dofmap.index_map.size_local
    phi.x.array[:owned] = x.getArray()[:owned]
    phi.x.scatter_forward()
    current = mesh.comm.allreduce(fem.assemble_scalar(fem.form(phi / CONTACT * cell.ds_contact)))
    return WIDTH / current


def test_at_high_frequency_it_is_the_resistance_of_electrons_and_ions(cell):
    (found,) = spectrum(cell, 1e11)
    assert found.real == pytest.approx(ohmic_resistance(cell), rel=1e-5)
    assert abs(found.imag) < 1e-4 * found.real


def test_at_low_frequency_a_full_section_stores_in_both_electrodes():
    """Positive current is discharge there too; the double layers hold 1e-5 of the charge."""
    full, frequency, x, counter, d = full_cell(n=4), 1e-6, 0.8, 0.3, 1e-5
    capacity, other = (
        sum(full.host_capacities[host] for host in hosts)
        for hosts in (full.working, full.counter_hosts)
    )
    up, down = (
        full.equilibrium_voltage(x - s * d, counter + s * d * capacity / other) for s in (-1, 1)
    )
    slope = (up - down) / (2 * d * capacity)
    (found,) = spectrum(full, frequency)
    assert found.real > 0.0
    assert -found.imag * 2 * np.pi * frequency == pytest.approx(slope, rel=1e-4)


def test_at_low_frequency_it_is_what_the_host_and_its_double_layer_hold(cell):
    """-1/(omega Im Z) = dQ/dV, from the curve of the voltage at rest."""
    frequency, x, d = 1e-6, 0.1, 1e-5
    (found,) = spectrum(cell, frequency)
    slope = (cell.equilibrium_voltage(x + d) - cell.equilibrium_voltage(x - d)) / (2 * d)
    held = -cell.charge_capacity / slope + DOUBLE_LAYER * SURFACE / WIDTH
    assert -1.0 / (2 * np.pi * frequency * found.imag) == pytest.approx(held, rel=1e-6)


# --- in time


def oscillate(cell, frequency, *, amplitude, per_period, periods):
    """Return times and voltages under I = amplitude cos, by BDF 2 in equal steps from rest."""
    cell.reset()
    system, h = cell.system, 1.0 / (frequency * per_period)
    newton = KeptNewton(NewtonOptions(), CurrentMeasure(cell), configure_direct)
    equations, x = StepEquations(system), system.x.copy()
    past = [x.getArray().copy()] * 2
    times = h * np.arange(1, per_period * periods + 1)
    voltages = []
    for t in times:
        cell.control("current", amplitude * np.cos(2 * np.pi * frequency * t))
        equations.begin(t, h, Rate(1.5 / h, (-2.0 * past[0] + 0.5 * past[1]) / h))
        assert newton.solve(equations, x)
        past = [x.getArray().copy(), past[0]]
        system.load(x, system.unknowns)
        voltages.append(cell.V.number())
    cell.reset()
    return times, np.array(voltages)


def amplitude_of(times, values, frequency):
    """Return the amplitude of exp(i omega t) in values that drift, by least squares."""
    phase = 2 * np.pi * frequency * times
    drifts = [np.ones_like(times), times, times**2]
    basis = np.column_stack([np.cos(phase), np.sin(phase), *drifts])
    a, b, *_ = np.linalg.lstsq(basis, values, rcond=None)[0]
    return a - 1j * b


CELLS = {
    "plain": lambda: small_cell(n=4),
    "film": lambda: small_cell(n=4, film=1e-3),
    "two-way": lambda: small_cell(n=2, mechanics=MechanicsOptions(two_way=True, degree=1)),
    "full": lambda: full_cell(n=2),
}


@pytest.mark.parametrize(
    ("kind", "frequency"),
    [("plain", 2.0), ("plain", 200.0), ("film", 20.0), ("two-way", 2.0), ("full", 20.0)],
)
def test_a_small_current_that_oscillates_in_time_finds_the_same(kind, frequency):
    """BDF 2 in 200 steps a period is off by 3e-4 of i omega."""
    cell = CELLS[kind]()
    amplitude = 1e-3 * cell.current_1C
    times, voltages = oscillate(cell, frequency, amplitude=amplitude, per_period=200, periods=2)
    last = times > times[-1] - 1.0 / frequency
    found = -amplitude_of(times[last], voltages[last], frequency) / amplitude
    (Z,) = spectrum(cell, frequency)
    assert abs(found / Z - 1.0) < 2e-3
    assert abs(np.angle(found / Z, deg=True)) < 0.1


# --- what holds for all


def kramers_kronig(omega, Z):
    """Return what a resistance, a capacity and RC elements miss of a spectrum, relative.

    Their real and imaginary parts belong together: what they can follow obeys Kramers and Kronig.
    """
    tau = 1.0 / np.geomspace(omega[-1], omega[0], 36)
    elements = 1.0 / (1.0 + 1j * omega[:, None] * tau)
    parts = np.column_stack([np.ones_like(omega), 1.0 / (1j * omega), elements])
    parts /= np.abs(Z)[:, None]
    both, wanted = (np.concatenate([a.real, a.imag]) for a in (parts, Z / np.abs(Z)))
    found = np.linalg.lstsq(both, wanted, rcond=1e-12)[0]
    return np.abs(both @ found - wanted).max()


def test_real_and_imaginary_part_belong_together(cell):
    """The linear test of Schoenleber, Klotz and Ivers-Tiffee, Electrochim. Acta 131 (2014) 20."""
    frequencies = np.logspace(5, -2, 71)
    Z, omega = spectrum(cell, *frequencies), 2 * np.pi * frequencies
    assert kramers_kronig(omega, Z) < 1e-3
    assert kramers_kronig(omega, Z.real + 1.1j * Z.imag) > 1e-2


@pytest.mark.parametrize("kind", ["plain", "film", "full"])
def test_what_is_lost_on_the_ways_is_the_real_part(kind):
    """The first law, frequency by frequency."""
    impedance = Impedance(CELLS[kind](), 1e5)
    for frequency in np.logspace(5, -2, 8):
        Z, parts = impedance.shared(frequency)
        assert impedance.at(frequency) == Z
        assert min(parts.values()) > -1e-12 * Z.real
        assert sum(parts.values()) == pytest.approx(Z.real, rel=1e-5)
    impedance.close()


def test_the_state_is_what_it_was(cell):
    cell.reset()
    for rate in cell.system.rates:
        rate.x.array[:] = 0.5
    cell.system.store(cell.system.unknowns, cell.system.x)
    before = [f.x.array.copy() for f in (*cell.system.unknowns, *cell.system.rates)]
    impedance = Impedance(cell, 1.0)
    impedance.shared(1.0)
    impedance.close()
    after = [f.x.array for f in (*cell.system.unknowns, *cell.system.rates)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    cell.reset()


@pytest.mark.mpi
@pytest.mark.ranks
def test_it_does_not_depend_on_the_number_of_ranks(cell):
    frequencies = np.logspace(5, -2, 8)
    Z = spectrum(cell, *frequencies)
    alone = spectrum(small_cell(n=4, comm=MPI.COMM_SELF), *frequencies)
    assert np.abs(Z / alone - 1.0).max() < 1e-8
