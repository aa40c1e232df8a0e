"""Clusters of particles: which belong together, how large they are. All lengths in micrometres.

A cluster is a set of particles connected by small surface distances. Its equivalent diameter is
that of the disc with the area of its particles. ``clustering`` is the share of particles that
are joined to another one: n particles form n (1 - clustering) groups, each grown around a random
particle over its neighbours. The centres of fewer groups are among those of more groups, so the
arrangement changes little by little with the parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay

from mesode.errors import GeometryError

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]

_FEW = 12  # particles, below which all pairs are neighbours
_LEAST = 1e-6  # [um] weight of an edge: zero would mean no edge
_NEAR = 4  # numbers of groups tried around the bisected one; growth is not strictly monotone
_ORDERS = 30  # of the particles as centres, tried until one is close
_CLOSE = 0.01
_TOLERANCE = 0.03  # of the mean cluster diameter; more is refused


def neighbour_pairs(points: FloatArray) -> IntArray:
    """Return the pairs (m, 2) of neighbouring points: edges of the Delaunay triangulation."""
    number = len(points)
    if number < _FEW:
        return np.column_stack(np.triu_indices(number, 1)).astype(np.intp)
    corners = Delaunay(points).simplices
    edges = np.sort(corners[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    return np.asarray(np.unique(edges, axis=0), dtype=np.intp)


def grow_groups(points: FloatArray, centres: IntArray) -> IntArray:
    """Return for each point the number of the group it belongs to, 0 to len(centres) - 1.

    Each point joins the centre that is nearest along the edges to its neighbours, so that every
    group is connected.
    """
    pairs = neighbour_pairs(points)
    graph = _graph(pairs, np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T), len(points))
    _, _, source = dijkstra(
        graph, directed=False, indices=centres, min_only=True, return_predecessors=True
    )
    number = np.empty(len(points), dtype=np.intp)
    number[centres] = np.arange(len(centres))
    return np.asarray(number[source])


def group_count(number: int, clustering: float) -> int:
    """Return how many groups ``number`` particles form."""
    return min(number, max(1, round(number * (1 - clustering))))


def spanning_pairs(pairs: IntArray, distance: FloatArray, group: IntArray) -> IntArray:
    """Return the pairs, shortest first chosen, that connect each group without loops."""
    same = group[pairs[:, 0]] == group[pairs[:, 1]]
    pairs, distance = pairs[same], distance[same]
    if len(pairs) == 0:
        return pairs
    shifted = distance - min(0.0, float(distance.min())) + _LEAST
    tree = minimum_spanning_tree(_graph(pairs, shifted, len(group))).tocoo()
    chosen = np.sort(np.column_stack((tree.row, tree.col)), axis=1).astype(np.intp)
    return chosen[np.lexsort((chosen[:, 1], chosen[:, 0]))]


def _graph(pairs: IntArray, weight: FloatArray, number: int) -> Any:
    return coo_array((weight, (pairs[:, 0], pairs[:, 1])), shape=(number, number)).tocsr()


def connected_groups(pairs: IntArray, number: int) -> IntArray:
    """Return the cluster number of each of ``number`` particles joined by ``pairs``."""
    labels: IntArray = connected_components(
        _graph(pairs, np.ones(len(pairs)), number), directed=False
    )[1]
    return labels


def cluster_diameters(areas: FloatArray, group: IntArray) -> FloatArray:
    """Return the equivalent diameter [um] of each cluster from the particle areas [um^2]."""
    return np.asarray(np.sqrt(4 / np.pi * np.bincount(group, weights=areas)))


def centres_for(
    points: FloatArray, areas: FloatArray, rng: np.random.Generator, diameter: float
) -> IntArray:
    """Return the centres of groups with a mean equivalent diameter near ``diameter`` [um].

    The number of groups is found by bisection; where few particles make the steps coarse, other
    centres are tried.

    Args:
        points: of the particles (n, 2) [um].
        areas: of the particles (n,) [um^2].
        rng: for the centres.
        diameter: mean equivalent diameter [um] asked for.

    Raises:
        GeometryError: no number of groups comes within 3 %.
    """
    smallest = float(np.mean(np.sqrt(4 / np.pi * areas)))
    largest = float(np.sqrt(4 / np.pi * areas.sum()))
    if not smallest * (1 - _TOLERANCE) <= diameter <= largest * (1 + _TOLERANCE):
        raise GeometryError(_out_of_reach(diameter, smallest, largest))
    best, nearest = np.empty(0, dtype=np.intp), np.inf
    for _ in range(_ORDERS):
        centres, mean = _bisect(points, areas, rng.permutation(len(points)), diameter)
        if abs(mean - diameter) < abs(nearest - diameter):
            best, nearest = centres, mean
        if abs(nearest - diameter) < _CLOSE * diameter:
            return best
    if abs(nearest - diameter) > _TOLERANCE * diameter:
        msg = (
            f"packing.cluster_diameter: {len(points)} particles are too few for a mean of "
            f"{diameter:.4g} um; the nearest is {nearest:.4g} um. Use a wider electrode"
        )
        raise GeometryError(msg)
    return best


def _bisect(
    points: FloatArray, areas: FloatArray, order: IntArray, diameter: float
) -> tuple[IntArray, float]:
    """Return the first particles of ``order`` that serve best as centres, and their mean."""

    def mean(groups: int) -> float:
        return float(cluster_diameters(areas, grow_groups(points, order[:groups])).mean())

    few, many = 1, len(points)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if mean(middle) > diameter else (few, middle)
    near = range(max(1, many - _NEAR), min(len(points), many + _NEAR) + 1)
    found = min((abs(mean(groups) - diameter), groups) for groups in near)[1]
    return order[:found], mean(found)


def _out_of_reach(diameter: float, smallest: float, largest: float) -> str:
    return (
        f"packing.cluster_diameter: a mean of {diameter:.4g} um is out of reach; these particles "
        f"reach from {smallest:.4g} um (all apart) to {largest:.4g} um (a single cluster). "
        "Change it, or the diameters of the particles"
    )


def is_mean(asked: float | None, found: float) -> bool:
    """Tell whether a mean cluster diameter [um] is within 3 % of what was asked, if anything."""
    return asked is None or abs(found - asked) <= _TOLERANCE * asked


def check_mean(asked: float | None, found: float) -> None:
    """Check the mean cluster diameter [um] that came out.

    Raises:
        GeometryError: it is not within 3 % of what was asked.
    """
    if asked is None or is_mean(asked, found):
        return
    msg = (
        f"packing.cluster_diameter: a mean of {asked:.4g} um was not reached, only {found:.4g} um, "
        "because some particles had to be kept apart; use a smaller fraction, gap or contact"
    )
    raise GeometryError(msg)


def cluster_report(areas: FloatArray, group: IntArray, threshold: float) -> dict[str, Any]:
    """Return number, sizes and equivalent diameters [um] of the clusters, JSON-able."""
    diameters = cluster_diameters(areas, group)
    members = np.bincount(group)
    return {
        "threshold": threshold,
        "clusters": len(diameters),
        "mean_diameter": float(diameters.mean()),
        "median_diameter": float(np.median(diameters)),
        "diameters": np.sort(diameters).tolist(),
        "mean_particles": float(members.mean()),
        "single_share": float(np.mean(members[group] == 1)),
    }
