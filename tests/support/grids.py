"""Structured triangle meshes as plain arrays: exact areas and lengths, any size, no mesher."""

from __future__ import annotations

from dataclasses import replace

from mpi4py import MPI

import numpy as np

from mesode.geometry.arrays import MeshArrays
from mesode.mesh.domain import build_domain


def grid_arrays(n, layers=(("active", 1.0),), *, width=1.0, wave=0.0, block=None):
    """Return layers (phase, thickness) from the collector up, lengths in micrometres.

    ``n`` cells per micrometre; ``wave`` bends the inner lines to y + wave sin(2 pi x / width);
    ``block`` is (phase, x0, x1, y0, y1), a rectangle of another phase on grid lines.
    """
    nx = round(n * width)
    rows = [round(n * thickness) for _, thickness in layers]
    levels = np.cumsum([0.0, *[thickness for _, thickness in layers]])
    y = np.concatenate(
        [[0.0]]
        + [
            np.linspace(low, high, count + 1)[1:]
            for low, high, count in zip(levels[:-1], levels[1:], rows, strict=True)
        ]
    )
    x = np.linspace(0.0, width, nx + 1)
    cells = _triangles(nx, len(y) - 1)
    flat = np.array([(a, b) for b in y for a in x])
    names = [name for name, _ in layers]
    phases = {name: tag for tag, name in enumerate(dict.fromkeys(names), start=1)}
    middle = flat[cells].mean(axis=1)
    layer = np.searchsorted(levels[1:-1], middle[:, 1])
    tags = np.array([phases[name] for name in names], dtype=np.int32)[layer]
    if block is not None:
        name, x0, x1, y0, y1 = block
        phases.setdefault(name, len(phases) + 1)
        within = (middle > (x0, y0)).all(axis=1) & (middle < (x1, y1)).all(axis=1)
        tags[within] = phases[name]
    bend = wave * np.sin(2 * np.pi * flat[:, 0] / width) * np.sin(np.pi * flat[:, 1] / y[-1])
    facets, facet_tag, boundaries = _boundary_lines(nx, len(y) - 1, rows)
    return MeshArrays(
        points=flat + np.column_stack([0 * bend, bend]),
        cells=cells,
        cell_phase=tags,
        phases=phases,
        particle=np.where(tags == phases.get("active", -1), 0, -1).astype(np.int32),
        facets=facets,
        facet_tag=facet_tag,
        boundaries=boundaries,
    )


def grid(n, layers=(("active", 1.0),), *, comm=MPI.COMM_WORLD, **shape):
    """Return the distributed domain of :func:`grid_arrays` (collective)."""
    arrays = grid_arrays(n, layers, **shape) if comm.rank == 0 else None
    return build_domain(comm, arrays)


def retag(arrays, phase, corners, particle=-1):
    """Return arrays with another phase in the rectangle x0, x1, y0, y1 [um]."""
    middle = arrays.points[arrays.cells].mean(axis=1)
    x0, x1, y0, y1 = corners
    inside = (middle > (x0, y0)).all(axis=1) & (middle < (x1, y1)).all(axis=1)
    phases = {**arrays.phases}
    phases.setdefault(phase, max(phases.values()) + 1)
    return replace(
        arrays,
        cell_phase=np.where(inside, phases[phase], arrays.cell_phase).astype(np.int32),
        particle=np.where(inside, particle, arrays.particle).astype(np.int32),
        phases=phases,
    )


def _triangles(nx, ny):
    corner = (np.arange(nx)[None, :] + (nx + 1) * np.arange(ny)[:, None]).ravel()
    right, up, across = corner + 1, corner + nx + 1, corner + nx + 2
    lower = np.stack([corner, right, across], axis=1)
    upper = np.stack([corner, across, up], axis=1)
    return np.concatenate([lower, upper]).astype(np.int64)


def _boundary_lines(nx, ny, rows):
    def horizontal(j):
        start = np.arange(nx) + j * (nx + 1)
        return np.stack([start, start + 1], axis=1)

    def vertical(i):
        start = i + (nx + 1) * np.arange(ny)
        return np.stack([start, start + nx + 1], axis=1)

    lines = {
        "collector": horizontal(0),
        "counter": horizontal(ny),
        "left": vertical(0),
        "right": vertical(nx),
    }
    inner = np.cumsum(rows)[:-1]
    if len(inner):
        lines["top"] = np.concatenate([horizontal(j) for j in inner])
    boundaries = {name: tag for tag, name in enumerate(lines, start=1)}
    tag = np.concatenate([np.full(len(v), boundaries[k]) for k, v in lines.items()])
    return np.concatenate(list(lines.values())).astype(np.int64), tag.astype(np.int32), boundaries
