"""What must hold for any set of grains, by brute force and by shapely alone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from shapely.geometry import Polygon

    from mesode.geometry.particles.grains import GrainRequest, Grains


def shared_edges(outlines: list[Polygon]) -> dict[tuple[int, int], list[np.ndarray]]:
    """Return the edges that two outlines have in common, bit for bit, by pair."""
    owner: dict[tuple, int] = {}
    shared: dict[tuple[int, int], list[np.ndarray]] = {}
    for number, outline in enumerate(outlines):
        ring = [tuple(p) for p in outline.exterior.coords]
        for edge in itertools.pairwise(ring):
            key = tuple(sorted(edge))
            if key in owner:
                shared.setdefault((owner[key], number), []).append(np.array(edge))
            owner[key] = number
    return shared


def check_grains(
    grains: Grains, request: GrainRequest, width: float, height: float, interface_size: float
) -> None:
    """Compare areas, gaps, necks and edges with the request, every pair and every wall."""
    outlines = list(grains.outlines)
    area = np.array([o.area for o in outlines])
    np.testing.assert_allclose(area, np.pi / 4 * grains.diameter**2, rtol=1e-9)
    for number, population in enumerate(request.populations):
        share = area[grains.population == number].sum() / (width * height)
        assert abs(share - population.fraction) < 1e-9
    check_gaps(grains, request, width, height, interface_size)
    for outline in outlines:
        assert outline.is_valid
        edges = np.hypot(*np.diff(np.asarray(outline.exterior.coords), axis=0).T)
        # scaling to the exact area stretches chords by a few per cent of few, coarse edges
        assert edges.max() <= 1.05 * interface_size


def check_gaps(
    grains: Grains, request: GrainRequest, width: float, height: float, interface_size: float
) -> None:
    """Check that pairs touch over the contact width or keep the gap, and that walls keep it."""
    outlines = np.array(grains.outlines)
    # alone, discs keep the gap between the circles; the vertices of a polygon lie just outside
    discs = all(type(p.shape).__name__ == "Disc" for p in request.populations)
    outside = 0.0
    if discs and request.contact is None:
        angle = 2 * np.pi / np.array([len(o.exterior.coords) - 1 for o in outlines])
        reach = 0.5 * grains.diameter * (np.sqrt(angle / np.sin(angle)) - 1)
        outside = float(2 * reach.max())
    least = request.gap - outside - 1e-8
    bounds = shapely.bounds(outlines)
    assert bounds[:, :2].min() >= least
    assert (np.array([width, height]) - bounds[:, 2:]).min() >= least
    touching = shared_edges(list(outlines))
    if request.contact is None:
        assert not touching
    for edges in touching.values():
        length = sum(float(np.hypot(*(e[1] - e[0]))) for e in edges)
        assert abs(length / request.contact - 1) < 0.05
    first, second = np.triu_indices(len(outlines), 1)
    distance = shapely.distance(outlines[first], outlines[second])
    apart = np.array([(i, j) not in touching for i, j in zip(first, second, strict=True)], bool)
    assert np.min(distance[apart], initial=np.inf) >= least
    overlap = shapely.area(shapely.intersection(outlines[first], outlines[second]))
    assert np.max(overlap, initial=0.0) < 1e-9
