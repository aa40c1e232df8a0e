"""Cells of homogenised layers: Chen's materials in a strip that is one triangle wide."""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np

from mesode.materials.layers import in_layer
from mesode.materials.presets import get_preset
from mesode.materials.properties import Ionic, Layer, Material
from mesode.mesh.domain import build_domain
from mesode.model.cell import Cell, Setup
from mesode.model.materials import CellMaterials
from support.grids import grid_arrays

T = 298.15
POROSITY = 0.47  # of the separator
#: Preset, layer, porosity, effective conductivity [S/m] of each electrode, as Chen 2020 has them.
NEGATIVE = ("graphite", Layer(fraction=0.75, radius=5.86e-6), 0.25, 215.0)
POSITIVE = ("NMC811", Layer(fraction=0.665, radius=5.22e-6), 0.335, 0.18)


def layer_material(electrode, *, resolved=True, **lithium):
    """Return the material of an electrode without double layer; ``lithium`` changes its host."""
    preset, layer, porosity, sigma = electrode
    material = get_preset("active", preset)
    host = replace(material.lithium, **{"double_layer": 0.0, **lithium})
    layer = replace(layer, resolved=resolved)
    return in_layer(replace(material, lithium=host), layer, porosity=porosity, sigma=sigma)


def separator():
    """Return the material of the separator."""
    ionic = Ionic(porosity=POROSITY, macmullin=POROSITY**-1.5)
    return Material(name="separator", description="", density=900.0, ionic=ionic)


def layer_cell(
    thickness, start, *, size=2.0, resolved=True, sei=None, comm=MPI.COMM_WORLD, **changes
):
    """Return a cell of layers (collective).

    Args:
        thickness: [um] of the phases from the collector up: ``active``, ``separator``, and
            ``counter_active`` of a full cell: graphite against NMC811; in a half cell NMC811.
        start: Lithiation of each electrode.
        size: Edge of the triangles along the strip [um].
        resolved: Whether lithium in the particles has a radial coordinate.
        sei: What grows on the particles, by phase.
        comm: Communicator.
        changes: Of ``Lithium`` of the working electrode, whose double layer the metal has, too.
    """
    full = "counter_active" in thickness
    arrays = grid_arrays(1.0 / size, tuple(thickness.items()), width=size)
    arrays = replace(arrays, particle=np.full(len(arrays.cells), -1, dtype=np.int32))
    if full:
        arrays = _with_counter_top(arrays)
    working = NEGATIVE if full else POSITIVE
    layer = changes.get("double_layer", 0.0)
    metal = replace(get_preset("counter", "lithium_metal"), double_layer=layer)
    phases = {
        "active": layer_material(working, resolved=resolved, **changes),
        "separator": separator(),
        "counter_active": layer_material(POSITIVE, resolved=resolved),
    }
    materials = CellMaterials(
        phases=phases if full else {k: v for k, v in phases.items() if not k.startswith("counter")},
        electrolyte=get_preset("electrolyte", "LiPF6_EC_EMC_Nyman"),
        counter=None if full else metal,
        contact_resistance=0.0,
        sei=sei or {},
    )
    setup = Setup(temperature=T, lithiation=start[0], counter_lithiation=start[1] if full else 0.0)
    return Cell(build_domain(comm, arrays if comm.rank == 0 else None), materials, setup)


def _with_counter_top(arrays):
    """Return arrays in which the upper of the inner lines is that of the counter electrode."""
    tops = arrays.facet_tag == arrays.boundaries["top"]
    level = arrays.points[arrays.facets].mean(axis=1)[:, 1]
    tag = max(arrays.boundaries.values()) + 1
    upper = tops & (level == level[tops].max())
    return replace(
        arrays,
        facet_tag=np.where(upper, tag, arrays.facet_tag).astype(np.int32),
        boundaries={**arrays.boundaries, "counter_top": tag},
    )
