"""What carries electrons, ions and lithium through each electrode, and how well.

For ``mesode mesh``: connected groups and tortuosity of each network. The electrolyte counts as
1, a porous phase as 1 over its MacMullin number; electron conductors have their conductivity at
the initial state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np

from mesode.geometry.micrograph.smoothing_choice import KEPT, image_conductivity, relative_change
from mesode.geometry.parts import Axis, electrode_parts, phase_area
from mesode.survey.networks import AXES, isolated_cells, network_report
from mesode.survey.reach import LEAST_REACH, layer_of
from mesode.survey.tortuosity import Transport, effective_conductivity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.micrograph.label_polygons import LabelImage
    from mesode.geometry.parts import Part
    from mesode.materials.properties import Material

ELECTRONS, IONS, HOSTS = "electrons", "ions", "hosts"
_GROUPS = {ELECTRONS: "electronic", IONS: "ionic", HOSTS: "lithium"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Phases of one electrode that carry one thing.

    ``phases``: all of them, also those beyond the electrode on the way to ``root``;
    ``conductivity`` and ``filling`` by phase: share of the phase that the carrier fills.
    """

    name: str
    phases: tuple[str, ...]
    root: str | None
    conductivity: Mapping[str, float]
    filling: Mapping[str, float]


def networks(
    arrays: MeshArrays,
    part: Part,
    materials: Mapping[str, Material],
    sigma: Callable[[str], float],
) -> tuple[Network, ...]:
    """Return the networks of an electrode; ``sigma`` [S/m] by phase name."""
    having = {
        name: tuple(p for p, m in materials.items() if getattr(m, group) and p in arrays.phases)
        for name, group in _GROUPS.items()
    }
    own = {name: tuple(p for p in phases if part.owns(p)) for name, phases in having.items()}
    ionic = {p: m.ionic for p, m in materials.items() if m.ionic is not None and p in having[IONS]}
    return (
        Network(
            name=ELECTRONS,
            phases=own[ELECTRONS],
            root=part.root,
            conductivity={p: sigma(p) for p in own[ELECTRONS]},
            filling=dict.fromkeys(own[ELECTRONS], 1.0),
        ),
        Network(
            name=IONS,
            phases=having[IONS],
            root=part.ionic_root,
            conductivity={p: 1.0 / group.macmullin for p, group in ionic.items()},
            filling={p: group.porosity for p, group in ionic.items()},
        ),
        Network(name=HOSTS, phases=own[HOSTS], root=None, conductivity={}, filling={}),
    )


def transport_report(
    arrays: MeshArrays,
    materials: Mapping[str, Material],
    sigma: Callable[[str], float],
    image: LabelImage | None = None,
) -> dict[str, Any]:
    """Return for each electrode its networks with their connected groups and tortuosities.

    Args:
        arrays: Mesh of the section.
        materials: Of each phase; phases without one carry nothing.
        sigma: Electronic conductivity [S/m] of a phase by its name.
        image: The pixels that the electrode was drawn from, whose conductivity is told as well.

    Raises:
        SolverError: a linear solver failed.
    """
    return {
        part.name: {
            network.name: {
                **network_report(arrays, part, network.phases, network.root),
                **_directions(arrays, part, network, image),
            }
            for network in networks(arrays, part, materials, sigma)
        }
        for part in electrode_parts(arrays)
    }


def isolated_mask(
    arrays: MeshArrays, materials: Mapping[str, Material]
) -> npt.NDArray[np.bool_] | None:
    """Return the cells that lack a path for something they carry, for pictures."""
    found = None
    for part in electrode_parts(arrays):
        for network in networks(arrays, part, materials, lambda _: 1.0):
            if network.root is not None:
                cells = isolated_cells(arrays, part, network.phases, network.root)
                found = cells if found is None else found | cells
    return found


def transport_warnings(transport: Mapping[str, Any]) -> list[str]:
    """Return where the mesh conducts otherwise than the pixels that it was made from."""
    found = []
    for networks_ in transport.values():
        for name, network in networks_.items():
            for axis in AXES:
                change = network.get(axis, {}).get("change_to_pixels", 0.0)
                if change is None or abs(change) > KEPT:
                    found.append(_changed(name, axis, network[axis]))
    return found


def _changed(name: str, axis: str, found: Mapping[str, Any]) -> str:
    mesh, (low, high) = found["k_eff"] or 0.0, found["k_pixels"]
    return (
        f"{name} {axis.replace('_', ' ')}: k_eff {mesh:.4g} on the mesh, {low:.4g} to {high:.4g} "
        "on the pixels of the image; image.smooth and mesh.interface (one or two pixels) decide "
        "which connections are kept"
    )


def _directions(
    arrays: MeshArrays, part: Part, network: Network, image: LabelImage | None
) -> dict[str, Any]:
    if not network.conductivity:
        return {}
    found = {name: _direction(arrays, part, network, axis) for name, axis in AXES.items()}
    if image is not None:
        for name, values in found.items():
            values.update(_beside_pixels(image, network, name, values))
    return found


def _beside_pixels(
    image: LabelImage, network: Network, direction: str, found: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the conductivity of the pixels, between two bounds, and how far the mesh is off.

    The change is 0 between the bounds, None where only one of mesh and pixels has a path.
    """
    if found.get("height", 0.0) != found.get("thickness", 0.0):
        return {}  # measured up to where the network ends: the pixels have no such height
    bounds = image_conductivity(image, network.conductivity, direction)
    if bounds is None:
        return {}
    low, high = bounds
    mesh = found["k_eff"] or 0.0
    change = relative_change(min(max(mesh, low), high), mesh)
    return {"k_pixels": [low, high], "change_to_pixels": change if np.isfinite(change) else None}


def _direction(arrays: MeshArrays, part: Part, network: Network, axis: Axis) -> dict[str, Any]:
    """Return the effective transport in one direction, or why there is none."""
    conducting = {
        p: k for p, k in network.conductivity.items() if k > 0 and phase_area(arrays, p, part) > 0
    }
    mesh, where = arrays, part
    measured: dict[str, Any] = {}
    if axis is Axis.THROUGH_PLANE and network.name == ELECTRONS:
        layer = layer_of(arrays, part, tuple(conducting))
        mesh, where = layer.mesh, layer.part
        thickness = part.high[axis] - part.low[axis]
        measured = {"reach": layer.reach, "height": layer.height, "thickness": thickness}
    k_eff = effective_conductivity(MPI.COMM_SELF, mesh, where, conducting, axis)
    if k_eff is None:
        return {"k_eff": None, "reason": _reason(axis, conducting, measured), **measured}
    area = {p: phase_area(mesh, p, where) for p in conducting}
    found = Transport(
        k_eff=k_eff,
        k_0=1.0 if network.name == IONS else _mean(conducting, area),
        share=sum(area[p] * network.filling[p] for p in conducting) / where.area,
    )
    return {
        "k_eff": found.k_eff,
        "k_0": found.k_0,
        "share": found.share,
        "macmullin": found.macmullin,
        "tortuosity": found.tortuosity,
        **measured,
    }


def _reason(axis: Axis, conducting: Mapping[str, float], measured: Mapping[str, Any]) -> str:
    """Return why there is no path."""
    sides = ("left and right", "collector and top")[axis]
    if not conducting:
        return f"no phase conducts between {sides}"
    if not measured.get("reach"):
        return f"no connected group reaches both {sides}"
    return (
        f"what touches the collector ends at {measured['reach']:.4g} of "
        f"{measured['thickness']:.4g} um, below {LEAST_REACH:.0%} of the thickness"
    )


def _mean(conductivity: Mapping[str, float], area: Mapping[str, float]) -> float:
    total = sum(area[p] for p in conductivity)
    return sum(k * area[p] for p, k in conductivity.items()) / total
