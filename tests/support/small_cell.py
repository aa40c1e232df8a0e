"""A half cell of a few hundred triangles with all couplings, quick to compile and to solve."""

from __future__ import annotations

from mpi4py import MPI

from mesode.materials.law import Law, constant
from mesode.materials.properties import (
    Electrolyte,
    Electronic,
    Ionic,
    Lithium,
    LithiumMetal,
    Material,
    Mechanical,
)
from mesode.mesh.domain import build_domain
from mesode.model.half_cell import HalfCell
from mesode.model.materials import CellMaterials
from support.grids import grid_arrays

LAYERS = (("carbon_binder", 2.0), ("separator", 1.0))
BLOCK = ("active", 0.5, 1.5, 0.5, 1.5)


def law(function, *variables):
    """Return a law of some variables."""
    return Law(name=function.__name__, function=function, variables=variables)


def _active(film):
    lithium = Lithium(
        c_max=8e4,
        D_s=law(lambda *, sto, ops: 2e-14 * (1 + 2 * sto), "sto"),
        ocp=law(lambda *, sto, ops: 0.6 - 0.5 * sto + 0.05 * ops.tanh(5 - 10 * sto), "sto"),
        i_0=law(lambda *, c_e, sto, ops: 0.02 * c_e * (0.05 + sto) * (1.05 - sto), "c_e", "sto"),
        alpha_a=0.55,
        alpha_c=0.45,
        film_resistance=film,
        double_layer=0.2,
    )
    mechanical = Mechanical(
        E=law(lambda *, sto, ops: 8e10 - 4e10 * sto, "sto"),
        nu=law(lambda *, sto, ops: 0.2 + 0.05 * sto, "sto"),
        swelling=law(lambda *, sto, ops: 0.5 * sto + 0.1 * sto * sto, "sto"),
    )
    sigma = law(lambda *, sto, ops: 10.0 * (1 + sto), "sto")
    return Material(
        name="active",
        description="",
        density=2000.0,
        lithium=lithium,
        electronic=Electronic(sigma=sigma),
        mechanical=mechanical,
    )


def _binder():
    return Material(
        name="carbon_binder",
        description="",
        density=1500.0,
        electronic=Electronic(sigma=constant(50.0, "S/m")),
        ionic=Ionic(porosity=0.6, macmullin=3.0),
        mechanical=Mechanical(
            E=constant(2e9, "Pa"), nu=constant(0.3, "1"), swelling=constant(0.0, "1")
        ),
    )


def _electrolyte():
    return Electrolyte(
        name="electrolyte",
        description="",
        concentration=1000.0,
        kappa=law(lambda *, c_e, ops: 1.0 * (0.4 + c_e / 1e3 - 0.3 * (c_e / 1e3) ** 2), "c_e"),
        D_e=law(lambda *, c_e, ops: 3e-10 * ops.exp(-0.3 * c_e / 1e3), "c_e"),
        t_plus=law(lambda *, c_e, ops: 0.3 - 0.05 * c_e / 1e3, "c_e"),
        tdf=law(lambda *, c_e, ops: 1 + 0.5 * (c_e / 1e3) ** 2, "c_e"),
    )


def _lithium(film):
    return LithiumMetal(
        name="lithium",
        description="",
        i_0=law(lambda *, c_e, ops: 50.0 * c_e / (500.0 + c_e), "c_e"),
        alpha_a=0.45,
        alpha_c=0.55,
        film_resistance=film,
    )


def small_arrays(n):
    """Return the mesh of the small cell: a particle in a binder under a separator."""
    return grid_arrays(n, LAYERS, width=2.0, block=BLOCK)


def small_cell(*, mechanics=None, film=0.0, n=4, arrays=None, comm=MPI.COMM_WORLD):
    """Return the half cell (collective).

    ``film`` [ohm m^2] on the host and on the lithium; ``arrays`` instead of ``small_arrays(n)``.
    """
    separator = Material(
        name="separator", description="", density=900.0, ionic=Ionic(porosity=0.5, macmullin=4.0)
    )
    pore = Material(
        name="pore", description="", density=0.0, ionic=Ionic(porosity=1.0, macmullin=1.0)
    )
    materials = CellMaterials(
        phases={
            "active": _active(film),
            "other_active": _active(film),
            "carbon_binder": _binder(),
            "separator": separator,
            "pore": pore,
        },
        electrolyte=_electrolyte(),
        counter=_lithium(film),
        contact_resistance=1e-6,
    )
    domain = build_domain(comm, (arrays or small_arrays(n)) if comm.rank == 0 else None)
    return HalfCell(domain, materials, temperature=300.0, lithiation=0.1, mechanics=mechanics)
