"""Sizes, distances and contacts of the particles of a mesh, whatever their shape. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from mesode.geometry.arrays import MeshArrays, cell_areas
from mesode.geometry.connectivity import label_groups
from mesode.geometry.facets import Facets, all_facets
from mesode.survey.measures import is_coated

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshParticles:
    """Particles as the mesh has them, arrays (n,).

    ``number`` in the mesh; ``area`` [um^2] within the outline, with all that it encloses;
    ``phase``: name of the phase that most of the particle is; ``gap`` [um]: surface distance to
    the nearest other particle, 0 for a contact, infinite for a lone one; ``contacts``: pairs that
    touch, ``contact_length`` [um] of all of them; ``surface`` [um]: length of all outlines without
    contacts and the sides of the section, ``coated_length`` of it; ``narrowest``: the point [um]
    where two are nearest.
    """

    number: IntArray
    area: FloatArray
    phase: tuple[str, ...]
    gap: FloatArray
    contacts: int
    contact_length: float
    surface: float
    coated_length: float
    narrowest: tuple[float, float] | None

    def __len__(self) -> int:
        return len(self.number)

    @property
    def diameter(self) -> FloatArray:
        """Diameter [um] of the disc of equal area."""
        return np.asarray(np.sqrt(4 * self.area / np.pi))


def particles_of(mesh: MeshArrays, within: npt.NDArray[np.bool_] | None = None) -> MeshParticles:
    """Return the particles that have cells in a part of the mesh, by default in all of it."""
    owner = owners(mesh)
    inside = owner >= 0 if within is None else (owner >= 0) & within
    number, row = np.unique(owner[inside], return_inverse=True)
    sides, facets = _rims(mesh, owner, number)
    touching = (sides >= 0).all(axis=1)
    free = ~touching & (facets.cells >= 0).all(axis=1)
    coated = free & is_coated(mesh, facets)
    gap, narrowest = _distances(mesh, facets.ends, sides, number)
    return MeshParticles(
        number=number,
        area=np.bincount(row, weights=cell_areas(mesh)[inside], minlength=len(number)),
        phase=_main_phases(mesh, number),
        gap=gap,
        contacts=len(np.unique(np.sort(sides[touching], axis=1), axis=0)),
        contact_length=float(np.sum(facets.length[touching])),
        surface=float(np.sum(facets.length[free])),
        coated_length=float(np.sum(facets.length[coated])),
        narrowest=narrowest,
    )


def mean_diameter(mesh: MeshArrays, within: npt.NDArray[np.bool_]) -> float:
    """Return the mean, by number, of the diameters [um] in a part of the mesh; 0 without any."""
    owner = owners(mesh)
    inside = (owner >= 0) & within
    area = np.bincount(owner[inside], weights=cell_areas(mesh)[inside])
    diameter = np.sqrt(4 * area[area > 0] / np.pi)
    return float(np.mean(diameter)) if len(diameter) else 0.0


def owners(mesh: MeshArrays) -> IntArray:
    """Return the particle of each cell, or the one that encloses it on all sides, else -1."""
    particle = mesh.particle.astype(np.int64)
    loose = particle < 0
    _, group = label_groups(mesh, loose)
    facets = all_facets(mesh)
    first, second = facets.cells.T
    # two columns of the same length: a loose cell and what is beyond its facet
    cell = np.concatenate((first, second[second >= 0]))
    beyond = np.concatenate((second, first[second >= 0]))
    rim = loose[cell] & ((beyond < 0) | ~loose[beyond])
    of, around = group[cell[rim]], np.where(beyond[rim] < 0, -1, particle[beyond[rim]])
    number = int(group.max(initial=-1)) + 1
    low, high = np.full(number, np.iinfo(np.int64).max), np.full(number, -1)
    np.minimum.at(low, of, around)
    np.maximum.at(high, of, around)
    enclosing = np.where(low == high, high, -1)
    return np.where(loose, enclosing[group], particle)


def _main_phases(mesh: MeshArrays, number: IntArray) -> tuple[str, ...]:
    """Return the phase with the largest area in each particle."""
    names = tuple(mesh.phases)
    areas = np.zeros((len(number), max(len(names), 1)))
    cells = np.isin(mesh.particle, number)
    row = np.searchsorted(number, mesh.particle[cells])
    for column, name in enumerate(names):
        here = mesh.cell_phase[cells] == mesh.phases[name]
        areas[:, column] = np.bincount(
            row[here], weights=cell_areas(mesh)[cells][here], minlength=len(number)
        )
    return tuple(names[k] for k in areas.argmax(axis=1).tolist())


def _rims(mesh: MeshArrays, owner: IntArray, number: IntArray) -> tuple[IntArray, Facets]:
    """Return the facets on the outlines of some particles, and the particle on each side or -1."""
    facets = all_facets(mesh)
    sides = owner[facets.cells]
    sides[facets.cells < 0] = -1
    sides[~np.isin(sides, number)] = -1
    rim = sides[:, 0] != sides[:, 1]
    return sides[rim], facets[rim]


def _distances(
    mesh: MeshArrays, ends: IntArray, sides: IntArray, number: IntArray
) -> tuple[FloatArray, tuple[float, float] | None]:
    """Return the gap of each particle and the place of the narrowest."""
    gap = np.full(len(number), np.inf)
    if len(number) < 2:
        return gap, None
    of = sides.T.ravel()
    lines = np.concatenate((ends, ends))[of >= 0]
    of = np.searchsorted(number, of[of >= 0])
    order = np.argsort(of, kind="stable")
    drawn = shapely.linestrings(mesh.points[lines[order]])
    outlines = shapely.multilinestrings(drawn, indices=of[order])
    (row, other), distance = shapely.STRtree(outlines).query_nearest(
        outlines, exclusive=True, all_matches=False, return_distance=True
    )
    gap[row] = distance
    least = int(np.argmin(distance))
    place = shapely.shortest_line(outlines[row[least]], outlines[other[least]]).centroid
    return gap, (float(place.x), float(place.y))
