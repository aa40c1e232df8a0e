"""Sections that a plane cuts apart, beside the same in one piece."""

from __future__ import annotations

from mpi4py import MPI

from mesode.geometry.arrays import cell_areas
from mesode.geometry.parts import Axis, electrode_parts
from mesode.model.processes.third_dimension import Behind
from mesode.survey.paths import cells_of, find_paths
from mesode.survey.tortuosity import effective_conductivity
from support.grids import grid_arrays, retag
from support.small_cell import small_arrays

HEIGHT, PERIOD = 40, 10  # [um] of the electrode, of its particles
CONDUCTORS, PORES = ("active", "carbon_binder"), ("carbon_binder",)


#: Of a section that is cut off from collector and separator.
ALL_BEHIND = {
    "": Behind(length=1e-6, sigma=20.0, macmullin=5.0, electrons=1.0, ions=1.0, touching=0.8)
}


def cut_off(n):
    """Return the small section with empty space below its particle and above."""
    arrays = small_arrays(n)
    for y in (0.0, 2.0 - 1.0 / n):
        arrays = retag(arrays, "void", (0.0, 2.0, y, y + 1.0 / n))
    return arrays


def columns(*, cut):
    """Return two columns of binder with particles; ``cut``: the right one in four pieces.

    ``cut`` "right" cuts it from the collector and the separator too, "both" the left one as well.
    """
    layers = (("carbon_binder", float(HEIGHT)), ("separator", 5.0))
    arrays = retag(grid_arrays(1, layers, width=7.0), "void", (3, 4, 0, HEIGHT))
    hurt = {"": (), "right": (4,), "both": (0, 4)}[cut]
    for number, y in enumerate(range(0, HEIGHT, PERIOD)):
        for x in (0, 4):
            beside = (x + 1, x + 2, y + 1, y + PERIOD - 1)
            arrays = retag(arrays, "active", beside, 2 * number + x // 4)
        for x in hurt:
            arrays = retag(arrays, "void", (x, x + 3, y + PERIOD - 1, y + PERIOD))
    for x in hurt:
        arrays = retag(arrays, "void", (x, x + 3, 0, 1))
    return arrays


def behind(whole, cut, materials, sigma, *, length=1e-6):
    """Return what lies behind a cut section: the transport of the whole one.

    Args:
        whole: Arrays of the section in one piece.
        cut: Arrays of the section in pieces.
        materials: Of the phases.
        sigma: Conductivity [S/m] of each conductor.
        length: [m] of the way out of the plane.
    """
    (part,) = electrode_parts(whole)
    open_share = {"carbon_binder": 1.0 / materials["carbon_binder"].ionic.macmullin}
    electrons, ions = (
        effective_conductivity(MPI.COMM_SELF, whole, part, k, Axis.THROUGH_PLANE)
        for k in (sigma, open_share)
    )
    paths, area = find_paths(cut, materials, third=True), cell_areas(cut)

    def share(hanging, phases):
        network = cells_of(cut, phases)
        return float(area[hanging & network].sum() / area[network].sum())

    return Behind(
        length=length,
        sigma=electrons,
        macmullin=1.0 / ions,
        electrons=share(paths.hanging_electrons, CONDUCTORS),
        ions=share(paths.hanging_ions, PORES),
        touching=float(area[cells_of(whole, CONDUCTORS)].sum() / part.area),
    )
