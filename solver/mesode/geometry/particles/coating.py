"""Which part of the particle surface is coated. All lengths in micrometres.

A coating is an interface law, not a meshed layer. Its defects are arcs of bare surface, made of
whole edges of the outlines, so that the mesh is the same with and without a coating. Contact
lines of touching particles are neither coated nor bare: they are not a surface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import MultiLineString

from mesode.errors import GeometryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from shapely.geometry import Polygon

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.intp]
    type BoolArray = npt.NDArray[np.bool_]

_SEED = 3  # second word of the seed
_SWEEPS = 200  # over the ends of all defects, to meet the share to half an edge


@dataclass(frozen=True, slots=True, kw_only=True)
class CoatingRequest:
    """Share of the surface that is coated, arc length of one ``defect`` [um], and seed."""

    integrity: float
    defect: float
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CoatedLines:
    """The ``coated`` lines [um], the ``integrity`` achieved, and a JSON-able report."""

    coated: MultiLineString
    integrity: float
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edges:
    """Free edges of all outlines in order: ``ends`` (n, 2, 2), ``length`` (n,), ``owner`` (n,).

    ``following`` (n,): the next edge on the same outline, -1 where a contact line interrupts.
    """

    ends: FloatArray
    length: FloatArray
    owner: IntArray
    following: IntArray


def coat(
    request: CoatingRequest, outlines: Sequence[Polygon], interface_size: float
) -> CoatedLines:
    """Choose the coated edges of all outlines together.

    The coated share of the whole surface is within half an edge of the request. The number of
    defects follows from their length; they are spread over the particles by length.

    Args:
        request: what to coat.
        outlines: of the particles; touching ones share their contact line.
        interface_size: longest edge [um].

    Raises:
        GeometryError: the request is out of range, or defects are shorter than an edge.
    """
    _check_request(request, interface_size)
    edges = _free_edges(outlines)
    total = float(edges.length.sum())
    bare = _bare_edges(request, edges, total)
    integrity = 1 - float(edges.length[bare].sum()) / total
    if not np.any(bare):
        integrity = 1.0
    elif np.all(bare):
        integrity = 0.0
    defects = _count_runs(bare, edges)
    return CoatedLines(
        coated=MultiLineString(_runs(~bare, edges)),
        integrity=integrity,
        report={
            "requested_integrity": request.integrity,
            "integrity": integrity,
            "requested_defect": request.defect,
            "defects": defects,
            "mean_defect": (1 - integrity) * total / defects if defects else 0.0,
            "surface": total,
            "seed": request.seed,
        },
    )


def _check_request(request: CoatingRequest, interface_size: float) -> None:
    if not 0 <= request.integrity <= 1:
        msg = f"coating.integrity: must lie between 0 and 1, got {request.integrity:g}"
        raise GeometryError(msg)
    if 0 < request.integrity < 1 and not request.defect >= interface_size:
        msg = (
            f"coating.defect: holes of {request.defect:g} um are shorter than an edge of the mesh, "
            f"{interface_size:g} um; make them longer or mesh.interface finer"
        )
        raise GeometryError(msg)


def _free_edges(outlines: Sequence[Polygon]) -> _Edges:
    """Return the edges that belong to one outline only."""
    rings = [np.asarray(o.exterior.coords) for o in outlines]
    ends = np.concatenate([np.stack((r[:-1], r[1:]), axis=1) for r in rings])
    owner = np.repeat(np.arange(len(rings)), [len(r) - 1 for r in rings])
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    sorted_ends = np.where(turned[:, None, None], ends[:, ::-1], ends).reshape(-1, 4)
    _, inverse, counts = np.unique(sorted_ends, axis=0, return_inverse=True, return_counts=True)
    free = counts[inverse.ravel()] == 1
    ends, owner = ends[free], owner[free]
    first = np.concatenate(([0], np.flatnonzero(np.diff(owner)) + 1))
    following = np.arange(1, len(owner) + 1)
    last = np.append(first[1:], len(owner)) - 1
    following[last] = first
    joined = np.all(ends[:, 1] == ends[following, 0], axis=1)
    return _Edges(
        ends=ends,
        length=np.hypot(*(ends[:, 1] - ends[:, 0]).T),
        owner=owner,
        following=np.where(joined, following, -1),
    )


def _bare_edges(request: CoatingRequest, edges: _Edges, total: float) -> BoolArray:
    """Return which edges are bare."""
    target = (1 - request.integrity) * total
    if request.integrity in (0.0, 1.0):
        return np.full(len(edges.length), request.integrity == 0.0)
    rng = np.random.default_rng([request.seed, _SEED])
    surface = np.bincount(edges.owner, weights=edges.length)
    # a longer defect is a bare particle
    number = max(1, round(target / min(request.defect, float(surface.mean()))))
    # rounding the sum over particles passes on to the next what one could not take
    reached = np.floor(np.cumsum(surface) / total * number + rng.random()).astype(int)
    counts = np.diff(np.concatenate(([0], np.minimum(reached, number))))
    counts[np.argmax(surface)] += number - counts.sum()
    start = np.concatenate(([0], np.cumsum(np.bincount(edges.owner))))
    bare = np.zeros(len(edges.length), dtype=bool)
    for particle, count in enumerate(counts.tolist()):
        part = slice(start[particle], start[particle + 1])
        bare[part] = _arcs(edges.length[part], count, target / number, rng)
    return _meet(bare, edges, target, rng)


def _arcs(length: FloatArray, count: int, defect: float, rng: np.random.Generator) -> BoolArray:
    """Return which edges of one particle lie in ``count`` arcs at random places."""
    whole = float(length.sum())
    if count == 0:
        return np.zeros(len(length), dtype=bool)
    if count * defect >= whole:
        return np.ones(len(length), dtype=bool)
    share = rng.dirichlet(np.full(count, 2.0)) * (whole - count * defect)
    begins = rng.random() * whole + np.cumsum(share) + defect * np.arange(count)
    middle = np.cumsum(length) - 0.5 * length
    after = (middle[:, None] - begins[None, :]) % whole
    return np.asarray(np.any(after < defect, axis=1))


def _meet(bare: BoolArray, edges: _Edges, target: float, rng: np.random.Generator) -> BoolArray:
    """Move the ends of defects, in random order, until the bare length is met to half an edge."""
    bare = bare.copy()
    longest = float(edges.length.max())
    for _ in range(_SWEEPS):
        missing = target - float(edges.length[bare].sum())
        if abs(missing) <= 0.5 * longest:
            break
        ends = rng.permutation(_defect_ends(bare, edges, grow=missing > 0))
        reach = np.cumsum(edges.length[ends])
        taken = max(1, int(np.searchsorted(reach, abs(missing), side="right")))
        bare[ends[:taken]] = missing > 0
    return bare


def _defect_ends(bare: BoolArray, edges: _Edges, *, grow: bool) -> IntArray:
    """Return coated edges behind defects, or the last bare edges of defects; else any."""
    following = np.maximum(edges.following, 0)
    ends = (edges.following >= 0) & bare & ~bare[following]
    found = following[ends] if grow else np.flatnonzero(ends)
    return found if len(found) else np.flatnonzero(~bare if grow else bare)


def _count_runs(chosen: BoolArray, edges: _Edges) -> int:
    """Return how many lines the chosen edges form."""
    following = np.maximum(edges.following, 0)
    ends = chosen & ((edges.following < 0) | ~chosen[following])
    whole = (
        np.bincount(edges.owner[chosen], minlength=1)
        == np.bincount(edges.owner, minlength=1)[: edges.owner[chosen].max(initial=0) + 1]
    )
    closed = whole & (np.bincount(edges.owner[ends], minlength=len(whole)) == 0)
    return int(ends.sum() + closed.sum())


def _runs(chosen: BoolArray, edges: _Edges) -> list[FloatArray]:
    """Return the chosen edges as lines (k, 2), joined where they follow each other."""
    if not np.any(chosen):
        return []
    lines = shapely.line_merge(MultiLineString(list(edges.ends[chosen])))
    parts = shapely.get_parts(lines)
    return [shapely.get_coordinates(part) for part in parts]
