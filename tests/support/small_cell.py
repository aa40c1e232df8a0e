"""A half cell of a few hundred triangles with all couplings, quick to compile and to solve."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from mpi4py import MPI

import numpy as np

from mesode.materials.law import Law, constant
from mesode.materials.pore import VOID
from mesode.materials.properties import (
    Coating,
    Electrolyte,
    Electronic,
    Ionic,
    Lithium,
    LithiumMetal,
    Material,
    Mechanical,
)
from mesode.mesh.domain import build_domain
from mesode.model.cell import Cell, Setup
from mesode.model.materials import CellMaterials
from mesode.model.processes.third_dimension import ThirdDimension
from mesode.survey.paths import find_paths
from support.grids import grid_arrays

LAYERS = (("carbon_binder", 2.0), ("separator", 1.0))
DOUBLE_LAYER = 0.2  # [F/m^2] of the first host
BLOCK = ("active", 0.5, 1.5, 0.5, 1.5)


def law(function, *variables):
    """Return a law of some variables."""
    return Law(name=function.__name__, function=function, variables=variables)


def _active(film, changes=MappingProxyType({})):
    lithium = Lithium(
        c_max=8e4,
        D_s=law(lambda *, sto, ops: 2e-14 * (1 + 2 * sto), "sto"),
        ocp=law(lambda *, sto, ops: 0.6 - 0.5 * sto + 0.05 * ops.tanh(5 - 10 * sto), "sto"),
        i_0=law(lambda *, c_e, sto, ops: 0.02 * c_e * (0.05 + sto) * (1.05 - sto), "c_e", "sto"),
        alpha_a=0.55,
        alpha_c=0.45,
        film_resistance=film,
        double_layer=DOUBLE_LAYER,
    )
    lithium = replace(lithium, **changes)
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


def _binder(sigma=50.0):
    return Material(
        name="carbon_binder",
        description="",
        density=1500.0,
        electronic=Electronic(sigma=constant(sigma, "S/m")),
        ionic=Ionic(porosity=0.6, macmullin=3.0),
        mechanical=Mechanical(
            E=constant(2e9, "Pa"), nu=constant(0.3, "1"), swelling=constant(0.0, "1")
        ),
    )


def _separator():
    return Material(
        name="separator", description="", density=900.0, ionic=Ionic(porosity=0.5, macmullin=4.0)
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


def _second():
    """Another host: what it holds, its potential and its moduli differ."""
    first = _active(0.0)
    lithium = replace(
        first.lithium,
        c_max=3e4,
        ocp=law(lambda *, sto, ops: 0.7 - 0.4 * sto + 0.04 * ops.tanh(3 - 8 * sto), "sto"),
        double_layer=0.1,
    )
    mechanical = replace(
        first.mechanical,
        E=constant(1.5e10, "Pa"),
        swelling=law(lambda *, sto, ops: 0.1 * sto, "sto"),
    )
    return replace(first, name="second", density=2200.0, lithium=lithium, mechanical=mechanical)


def film_coating(**changes):
    """Return a coating with all of its properties; some of them depend on the lithiation."""
    coating = Coating(
        name="film",
        description="",
        thickness=2e-8,
        sigma=law(lambda *, sto, ops: 2e3 * (1 + sto), "sto"),
        E=law(lambda *, sto, ops: 5e10 * (1 - 0.2 * sto), "sto"),
        nu=constant(0.25, "1"),
        film_resistance=3e-4,
        i_0_ref=1.5,
        alpha_a=0.4,
        double_layer=0.05,
    )
    return replace(coating, **changes)


def small_arrays(n):
    """Return the mesh of the small cell: a particle in a binder under a separator."""
    return grid_arrays(n, LAYERS, width=2.0, block=BLOCK)


def split_arrays(n, phase="second", x=1.0):
    """Return the mesh of the small cell with another phase in the particle to the right of x."""
    arrays = small_arrays(n)
    middle = arrays.points[arrays.cells].mean(axis=1)
    number = max(arrays.phases.values()) + 1
    right = (arrays.cell_phase == arrays.phases["active"]) & (middle[:, 0] > x)
    return replace(
        arrays,
        cell_phase=np.where(right, number, arrays.cell_phase).astype(np.int32),
        phases={**arrays.phases, phase: number},
    )


def numbered(arrays, hosts=("active", "second")):
    """Return arrays in which each host is a particle of its own."""
    number = {arrays.phases[host]: k for k, host in enumerate(hosts)}
    particle = [number.get(tag, -1) for tag in arrays.cell_phase.tolist()]
    return replace(arrays, particle=np.array(particle, dtype=np.int32))


def uneven(arrays):
    """Return the mesh with triangles of several sizes in the particle; all its lines stay."""
    x = arrays.points
    inside = ((x > 0.5) & (x < 1.5)).all(axis=1)
    moved = x + 0.06 * np.sin(2.0 * np.pi * (x - 0.5))
    return replace(arrays, points=np.where(inside[:, None], moved, x))


def two_halves(n):
    """Return the mesh of the small cell with two particles of one host, one beside the other."""
    arrays = numbered(split_arrays(n))
    host, other = arrays.phases["active"], arrays.phases["second"]
    same = np.where(arrays.cell_phase == other, host, arrays.cell_phase).astype(np.int32)
    phases = {name: tag for name, tag in arrays.phases.items() if name != "second"}
    return replace(arrays, cell_phase=same, phases=phases)


def with_line(arrays, name, chosen):
    """Return arrays with an internal line: the edges between phases whose middle is chosen.

    ``chosen`` maps middles (k, 2) [um] to booleans.
    """
    sides = np.sort(arrays.cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges, which = np.unique(sides, axis=0, return_inverse=True)
    phase = np.repeat(arrays.cell_phase, 3)
    low, high = np.full(len(edges), phase.max()), np.full(len(edges), phase.min())
    np.minimum.at(low, which, phase)
    np.maximum.at(high, which, phase)
    edges = edges[low < high]
    edges = edges[chosen(arrays.points[edges].mean(axis=1))]
    known = {tuple(edge) for edge in np.sort(arrays.facets, axis=1).tolist()}
    edges = np.array([e for e in edges.tolist() if tuple(e) not in known]).reshape(-1, 2)
    number = max(arrays.boundaries.values()) + 1
    return replace(
        arrays,
        facets=np.concatenate([arrays.facets, edges]),
        facet_tag=np.concatenate([arrays.facet_tag, np.full(len(edges), number, dtype=np.int32)]),
        boundaries={**arrays.boundaries, name: number},
    )


def coated_arrays(n, share=0.5, arrays=None):
    """Return the small mesh with the part of the particle's surface coated that lies to the left.

    ``share`` of the particle's width is to the left.
    """
    edge = 0.5 + share

    def chosen(middle):
        inside = (middle[:, 0] < edge) & (middle[:, 1] < 1.6)
        return inside & ~((middle[:, 0] == 1.0) & (middle[:, 1] > 0.5) & (middle[:, 1] < 1.5))

    return with_line(arrays or small_arrays(n), "coating", chosen)


def small_materials(*, film=0.0, sigma=50.0, **materials):
    """Return the materials of the small cell; arguments as there."""
    lithium, metal = materials.pop("lithium", {}), materials.pop("metal", {})
    solids = materials.pop("solids", {})
    pore = Material(
        name="pore", description="", density=0.0, ionic=Ionic(porosity=1.0, macmullin=1.0)
    )
    materials = CellMaterials(
        phases={
            "void": VOID,
            "active": _active(film, lithium),
            "other_active": _active(film),
            "second": _second(),
            "carbon_binder": _binder(sigma),
            "separator": _separator(),
            "pore": pore,
        },
        electrolyte=_electrolyte(),
        counter=replace(_lithium(film), **metal),
        contact_resistance=1e-6,
        **materials,
    )
    for name, changes in solids.items():
        changed = replace(materials.phases[name].mechanical, **changes)
        phases = {**materials.phases, name: replace(materials.phases[name], mechanical=changed)}
        materials = replace(materials, phases=phases)
    return materials


def small_cell(
    *,
    mechanics=None,
    film=0.0,
    n=4,
    arrays=None,
    behind=None,
    sigma=50.0,
    setup=MappingProxyType({}),
    comm=MPI.COMM_WORLD,
    **materials,
):
    """Return the half cell (collective).

    ``film`` [ohm m^2] on the host and on the lithium; ``arrays`` instead of ``small_arrays(n)``;
    ``sigma`` [S/m] of the binder; ``behind``: what lies behind the section, for what it cuts off;
    ``setup`` of ``Setup`` and ``materials`` of ``CellMaterials``: what else they shall be given;
    ``lithium`` among the latter: of the host; ``metal``: of the counter; ``solids``: changes of
    ``Mechanical`` by phase.
    """
    materials = small_materials(film=film, sigma=sigma, **materials)
    arrays = arrays or small_arrays(n)
    domain = build_domain(comm, arrays if comm.rank == 0 else None)
    third = third_dimension(domain, arrays, materials, behind)
    state = {"temperature": 300.0, "lithiation": 0.1}
    setup = Setup(**{**state, **setup}, mechanics=mechanics, third=third)
    return Cell(domain, materials, setup)


def third_dimension(domain, arrays, materials, behind):
    """Return what hangs on what lies behind the section: nothing where nothing is said of it."""
    if behind is None:
        return ThirdDimension()
    paths = find_paths(arrays, materials.phases, third=True)
    hanging = (paths.hanging_electrons, paths.hanging_ions)
    electrons, ions = (mask[domain.original_cells] for mask in hanging)
    return ThirdDimension(behind=behind, electrons=electrons, ions=ions)


def pass_by_law(cell):
    """Let pass each surface what its law says at the loaded state: solve the rows of i_n."""
    system, keys = cell.system, [unknown.key for unknown in cell.unknowns]
    where = [system.owned_slices()[keys.index(u.key)] for u in cell.charge_transfer.unknowns]
    system.store(system.unknowns, system.x)
    system.load(system.x, system.unknowns)
    off, slope = system.x.duplicate(), system.x.duplicate()
    system.assemble_residual(off)
    system.assemble_jacobian(system.A)
    system.A.getDiagonal(slope)
    values = system.x.getArray()
    for part in where:
        values[part] -= off.getArray()[part] / slope.getArray()[part]
    system.load(system.x, system.unknowns)


FULL = (("carbon_binder", 2.0), ("separator", 1.0), ("counter_binder", 2.0))
OTHER_END = {"collector": "counter", "top": "counter_top", "active": "counter_active",
             "carbon_binder": "counter_binder"}  # fmt: skip


def full_arrays(n):
    """Return the mesh of a full section: an electrode with a square particle at both ends."""
    arrays = grid_arrays(n, FULL, width=2.0, block=BLOCK)
    middle = arrays.points[arrays.cells].mean(axis=1)
    number = max(arrays.phases.values()) + 1
    other = (middle > (0.5, 3.5)).all(axis=1) & (middle < (1.5, 4.5)).all(axis=1)
    tag = max(arrays.boundaries.values()) + 1
    line = (arrays.points[arrays.facets][:, :, 1] == 3.0).all(axis=1)
    return replace(
        arrays,
        cell_phase=np.where(other, number, arrays.cell_phase).astype(np.int32),
        particle=np.where(other, 1, arrays.particle).astype(np.int32),
        phases={**arrays.phases, "counter_active": number},
        facet_tag=np.where(line, tag, arrays.facet_tag).astype(np.int32),
        boundaries={**arrays.boundaries, "counter_top": tag},
    )


def swapped(arrays):
    """Return the same mesh with working and counter electrode exchanged."""
    names = {**OTHER_END, **{b: a for a, b in OTHER_END.items()}}
    return replace(
        arrays,
        phases={names.get(name, name): tag for name, tag in arrays.phases.items()},
        boundaries={names.get(name, name): tag for name, tag in arrays.boundaries.items()},
    )


def cathode():
    """A host with a potential near 4 V."""
    first = _active(0.0)
    ocp = law(lambda *, sto, ops: 4.1 - 0.5 * sto - 0.1 * sto * sto, "sto")
    return replace(first, lithium=replace(first.lithium, ocp=ocp, c_max=5e4))


def full_cell(
    *,
    n=4,
    swap=False,
    mechanics=None,
    contact=1e-6,
    arrays=None,
    behind=None,
    comm=MPI.COMM_WORLD,
    **materials,
):
    """Return an anode against a cathode (collective); ``swap`` makes that the working electrode.

    ``contact`` [ohm m^2] at either collector; ``arrays`` instead of ``full_arrays(n)``; ``behind``:
    what lies behind each electrode; ``materials`` of ``CellMaterials``: what else they are given.
    """
    hosts, start = [_active(0.0), cathode()], [0.8, 0.3]
    if swap:
        hosts, start = hosts[::-1], start[::-1]
    materials = CellMaterials(
        phases={
            "void": VOID,
            "counter_void": VOID,
            "active": hosts[0],
            "carbon_binder": _binder(),
            "separator": _separator(),
            "counter_active": hosts[1],
            "counter_binder": _binder(),
        },
        electrolyte=_electrolyte(),
        counter=None,
        contact_resistance=contact,
        **materials,
    )
    arrays = arrays or full_arrays(n)
    arrays = swapped(arrays) if swap else arrays
    domain = build_domain(comm, arrays if comm.rank == 0 else None)
    setup = Setup(
        temperature=300.0,
        lithiation=start[0],
        counter_lithiation=start[1],
        mechanics=mechanics,
        third=third_dimension(domain, arrays, materials, behind),
    )
    return Cell(domain, materials, setup)
