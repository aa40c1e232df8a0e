"""Ideal outlines of binder shapes, before they are fitted to the mesh. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import Polygon

from mesode.geometry.polygons import box

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.geometry.binder.shapes import Patches

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where binder goes: particle ``outlines`` in [0, width] x [0, thickness] [um]."""

    outlines: tuple[Polygon, ...]
    width: float
    thickness: float
    size: float

    @property
    def area(self) -> float:
        """Area [um^2] of the electrode."""
        return self.width * self.thickness

    def frame(self) -> Polygon:
        """Return the electrode as a polygon."""
        return box(0.0, 0.0, self.width, self.thickness)

    def segments(self, radius: float) -> int:
        """Return how many chords a quarter circle needs to look round at this mesh size."""
        return int(np.clip(np.ceil(2 * np.pi * radius / self.size), 4, 48))


def film(site: Site, thickness: float) -> shapely.Geometry:
    """Return particles and collector with their coat."""
    quarter = site.segments(thickness)
    coats = shapely.buffer(np.array(site.outlines, dtype=object), thickness, quad_segs=quarter)
    floor = box(-thickness, -thickness, site.width + thickness, thickness)
    return shapely.union_all([*coats, floor])


def bridges(site: Site, radius: float) -> shapely.Geometry:
    """Return the morphological closing of particles, collector and mirror images by a disc."""
    solids = shapely.union_all([*site.outlines, *_mirrored(site, 2 * radius), _floor(site, radius)])
    quarter = site.segments(radius)
    return shapely.buffer(
        shapely.buffer(solids, radius, quad_segs=quarter), -radius, quad_segs=quarter
    )


def _floor(site: Site, radius: float) -> Polygon:
    """Return the collector, wide and deep enough for its closing."""
    return box(-4 * radius, -3 * radius, site.width + 4 * radius, 0.0)


def _mirrored(site: Site, reach: float) -> list[Polygon]:
    """Return the mirror images of the particles within ``reach`` of the sides."""
    outlines = np.array(site.outlines, dtype=object)
    if len(outlines) == 0:
        return []
    x0, _, x1, _ = shapely.bounds(outlines).T
    images = []
    for near, wall in ((x0 < reach, 0.0), (x1 > site.width - reach, site.width)):
        turned = shapely.transform(outlines[near], lambda xy, w=wall: xy * [-1, 1] + [2 * w, 0])
        images += list(turned)
    return images


def patches(site: Site, asked: Patches, rng: np.random.Generator) -> shapely.Geometry:
    """Return bands on whole edges of the outlines that cover the share of the surface asked for."""
    rings = [shapely.get_coordinates(o.exterior)[:-1] for o in site.outlines]
    lengths = [np.hypot(*(np.roll(r, -1, axis=0) - r).T) for r in rings]
    arcs = [
        (ring, first, last)
        for ring, length in enumerate(lengths)
        for first, last in _arcs(length, asked.length, rng)
    ]
    target = asked.coverage * sum(float(length.sum()) for length in lengths)
    covered = [np.zeros(len(r), dtype=bool) for r in rings]
    for place in rng.permutation(len(arcs)):
        ring, first, last = arcs[place]
        edges = np.arange(first, last) % len(rings[ring])
        along = np.cumsum(lengths[ring][edges])
        number = len(along) if along[-1] <= target else int(np.sum(along - along[0] / 2 < target))
        covered[ring][edges[:number]] = True
        target -= float(along[number - 1]) if number else 0.0
        if number < len(along):
            break
    bands = [_bands(r, c, asked.thickness) for r, c in zip(rings, covered, strict=True)]
    return shapely.union_all([band for group in bands for band in group])


def _arcs(length: FloatArray, asked: float, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Divide a closed outline into arcs of about the length asked for, from a random edge on."""
    number = max(1, round(float(length.sum()) / asked))
    number = min(number, len(length) // 2)
    bounds = np.round(np.linspace(0, len(length), number + 1)).astype(int)
    bounds += int(rng.integers(len(length)))
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))


def _bands(ring: FloatArray, covered: npt.NDArray[np.bool_], thickness: float) -> list[Polygon]:
    """Return a band of the given thickness outside each covered run of edges."""
    if not covered.any():
        return []
    outline = Polygon(ring)
    if covered.all():
        return [outline.buffer(thickness, join_style="mitre").difference(outline)]
    outward = _corner_offsets(ring) * (1 if outline.exterior.is_ccw else -1)
    turn = int(np.argmin(covered))
    state = np.roll(covered, -turn).astype(np.int8)
    change = np.flatnonzero(np.diff(np.concatenate((state, [0])))) + 1
    bands = []
    for first, last in change.reshape(-1, 2).tolist():
        corners = (np.arange(first, last + 1) + turn) % len(ring)
        outer = ring[corners] + thickness * outward[corners]
        band = Polygon(np.concatenate((ring[corners], outer[::-1])))
        bands.append(band if band.is_valid else shapely.make_valid(band))
    return bands


def _corner_offsets(ring: FloatArray) -> FloatArray:
    """Return for each corner of a ccw ring how it moves when the sides move out by one."""
    edge = np.roll(ring, -1, axis=0) - ring
    edge /= np.hypot(*edge.T)[:, None]
    normal = np.column_stack((edge[:, 1], -edge[:, 0]))
    total = normal + np.roll(normal, 1, axis=0)
    # at sharp corners the mitre is cut
    return np.asarray(total / np.maximum(0.5 * np.sum(total**2, axis=1), 0.5)[:, None])
