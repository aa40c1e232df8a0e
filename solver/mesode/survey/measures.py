"""Lengths, contacts and element shapes of a mesh. Micrometres, degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.geometry.arrays import MeshArrays, cell_areas
from mesode.geometry.facets import Facets, all_facets, tagged
from mesode.section_names import COATING, COLLECTOR, COUNTER, COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]

#: Outer lines that a host can touch; the mirror sides are not a surface.
_ENDS = {COLLECTOR: -1, COUNTER: -2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surfaces:
    """Where phases meet: facets with the phase tag on both sides and whether they are coated.

    ``phase`` (k, 2): tags; negative outside the mesh, where an electrode's outer line is.
    """

    facets: Facets
    phase: IntArray
    coated: BoolArray

    def length(self, chosen: BoolArray) -> float:
        """Return the length [um] of some of the facets."""
        return float(np.sum(self.facets.length[chosen]))


def surfaces(mesh: MeshArrays) -> Surfaces:
    """Return the facets between different phases, and those on the electrodes' outer lines."""
    facets = all_facets(mesh)
    outside = facets.cells[:, 1] < 0
    phase = mesh.cell_phase[facets.cells].astype(np.int64)
    phase[outside, 1] = 0
    for name, number in _ENDS.items():
        phase[outside & tagged(mesh, facets, name), 1] = number
    kept = np.where(outside, phase[:, 1] < 0, phase[:, 0] != phase[:, 1])
    facets, phase = facets[kept], phase[kept]
    return Surfaces(facets=facets, phase=phase, coated=is_coated(mesh, facets))


def is_coated(mesh: MeshArrays, facets: Facets) -> BoolArray:
    """Return which facets carry a coating."""
    coated = tagged(mesh, facets, COATING) | tagged(mesh, facets, COUNTER_PREFIX + COATING)
    return np.asarray(coated)


def interface_lengths(mesh: MeshArrays, found: Surfaces) -> list[dict[str, Any]]:
    """Return the length of the interface of each pair of phases, the longest first."""
    names = {tag: name for name, tag in mesh.phases.items()}
    pairs = np.sort(found.phase, axis=1)
    rows = []
    for low, high in np.unique(pairs[pairs[:, 0] > 0], axis=0).tolist():
        here = (pairs[:, 0] == low) & (pairs[:, 1] == high)
        rows.append(
            {
                "phases": sorted((names[low], names[high])),
                "length": found.length(here),
                "coated_length": found.length(here & found.coated),
            }
        )
    return sorted(rows, key=lambda row: (-row["length"], row["phases"]))


def coverage(mesh: MeshArrays, found: Surfaces, hosts: Iterable[str]) -> dict[str, Any]:
    """Return what the surface of each host touches, as shares of its length.

    Contacts of particles of one and the same phase are not a surface. An electrode without foil
    ends at the line ``collector`` or ``counter``, which counts by that name.
    """
    names = {tag: name for name, tag in mesh.phases.items()}
    names |= {number: name for name, number in _ENDS.items()}
    report = {}
    for host in hosts:
        tag = mesh.phases[host]
        here = (found.phase == tag).any(axis=1)
        length = found.length(here)
        if length == 0:
            continue
        other = np.where(found.phase[:, 0] == tag, found.phase[:, 1], found.phase[:, 0])
        shares = {
            names[t]: found.length(here & (other == t)) / length
            for t in np.unique(other[here]).tolist()
        }
        report[host] = {
            "length": length,
            "touches": dict(sorted(shares.items(), key=lambda item: -item[1])),
            "coated": found.length(here & found.coated) / length,
        }
    return report


def radius_ratio(mesh: MeshArrays) -> FloatArray:
    """Return for each cell 2 r_in / r_out: 1 for an equilateral triangle, 0 for a sliver."""
    a, b, c = _side_lengths(mesh)
    ratio: FloatArray = 16 * cell_areas(mesh) ** 2 / (a * b * c * (a + b + c))
    return np.minimum(ratio, 1.0)  # rounding of equilateral triangles


def minimum_angle(mesh: MeshArrays) -> FloatArray:
    """Return the smallest angle [degree] of each cell."""
    shortest, middle, longest = np.sort(_side_lengths(mesh), axis=0)
    # the sine from the area keeps small angles exact
    sine = 2 * cell_areas(mesh) / (middle * longest)
    cosine = (middle**2 + longest**2 - shortest**2) / (2 * middle * longest)
    return np.asarray(np.degrees(np.arctan2(sine, cosine)))


def largest_angle(mesh: MeshArrays) -> FloatArray:
    """Return the largest angle [degree] of each cell."""
    shortest, middle, longest = np.sort(_side_lengths(mesh), axis=0)
    cosine = (shortest**2 + middle**2 - longest**2) / (2 * shortest * middle)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def _side_lengths(mesh: MeshArrays) -> FloatArray:
    """Return the sides (3, m) [um] of each cell."""
    corners = mesh.points[mesh.cells]
    return np.asarray(np.hypot(*(corners - np.roll(corners, 1, axis=1)).transpose(2, 1, 0)))
