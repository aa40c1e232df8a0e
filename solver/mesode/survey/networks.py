"""Connected groups of the phases that carry electrons, ions or lithium. Micrometres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import components, label_groups
from mesode.geometry.parts import Axis, percolating

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.parts import Part

    type BoolArray = npt.NDArray[np.bool_]

AXES = {"through_plane": Axis.THROUGH_PLANE, "in_plane": Axis.IN_PLANE}


def network_report(
    mesh: MeshArrays, part: Part, phases: Sequence[str], root: str | None
) -> dict[str, Any]:
    """Return what of an electrode's network is connected, JSON-able.

    Args:
        mesh: of the whole section.
        part: the electrode.
        phases: all that carry, in the electrode and beyond it on the way to the root.
        root: boundary that feeds the network; None for one that has none.

    Returns:
        ``phases`` and ``area`` within the electrode; ``components``: connected groups there;
        ``largest_share`` of the area in the largest of them; ``percolates``: whether a group
        touches both sides, and ``percolating_share`` of the area that does, through the plane;
        ``isolated``: number, area and share of the groups without a path to the root.
    """
    inside = part.cells & carries(mesh, phases)
    areas = _group_areas(mesh, inside)
    total = float(areas.sum())
    through = {name: percolating(mesh, part, phases, axis) for name, axis in AXES.items()}
    spanning = float(np.sum(cell_areas(mesh)[through["through_plane"]]))
    return {
        "phases": [p for p in phases if np.any(inside & (mesh.cell_phase == mesh.phases[p]))],
        "area": total,
        "components": len(areas),
        "largest_share": _share(float(areas.max(initial=0.0)), total),
        "percolates": {name: bool(np.any(cells)) for name, cells in through.items()},
        "percolating_share": _share(spanning, total),
        "isolated": _isolated_report(mesh, part, phases, root, total),
    }


def carries(mesh: MeshArrays, phases: Sequence[str]) -> BoolArray:
    """Return the cells of some phases."""
    return np.isin(mesh.cell_phase, [mesh.phases[name] for name in phases if name in mesh.phases])


def isolated_cells(mesh: MeshArrays, part: Part, phases: Sequence[str], root: str) -> BoolArray:
    """Return the cells of an electrode's network that have no path to its root."""
    if root not in mesh.boundaries:
        return np.zeros(len(mesh.cells), dtype=bool)
    return part.cells & components(mesh, phases, root).isolated_cells


def _isolated_report(
    mesh: MeshArrays, part: Part, phases: Sequence[str], root: str | None, total: float
) -> dict[str, Any] | None:
    if root is None or root not in mesh.boundaries:
        return None
    found = components(mesh, phases, root)
    loose = part.cells & found.isolated_cells
    area = float(np.sum(cell_areas(mesh)[loose]))
    number = len(np.unique(found.label[loose]))
    return {"root": root, "number": number, "area": area, "share": _share(area, total)}


def _group_areas(mesh: MeshArrays, inside: BoolArray) -> npt.NDArray[np.float64]:
    """Return the area [um^2] of each connected group."""
    _, group = label_groups(mesh, inside)
    area = np.bincount(group[inside], weights=cell_areas(mesh)[inside])
    return area[area > 0]


def _share(area: float, total: float) -> float | None:
    return min(area / total, 1.0) if total > 0 else None
