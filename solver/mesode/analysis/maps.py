"""Draw a field on the section: equal scales, collector at the bottom, particles outlined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from mesode.analysis import section, style
from mesode.fields import Group

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run import Run
    from mesode.analysis.section import Mask
    from mesode.analysis.xdmf import FloatArray, Series, Values
    from mesode.fields import Field

_MAP_WIDTH_MM = 85.0
_MAX_HEIGHT_MM = 110.0
_OUTLIERS = 0.5  # [%] left beyond each end of the colours: corners of cells have no bound
_ARROWS = 14  # along the longer side


@dataclass(frozen=True, slots=True)
class Limits:
    """Ends of a colour scale in shown units, and whether values lie beyond."""

    low: float
    high: float
    extend: str


def color_limits(values: FloatArray, *, signed: bool) -> Limits:
    """Return ends that hold nearly all values; symmetric about zero for a signed field."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Limits(0.0, 1.0, "neither")
    if signed:
        bound = max(float(np.percentile(np.abs(values), 100 - _OUTLIERS)), 1e-300)
        return Limits(-bound, bound, _extend(values, -bound, bound))
    low, high = (float(p) for p in np.percentile(values, [_OUTLIERS, 100 - _OUTLIERS]))
    if high - low < 1e-6 * max(abs(high), abs(low)):  # a uniform field: no colours from round-off
        pad = max(1e-3 * abs(high), 1e-12)
        return Limits(low - pad, high + pad, "neither")
    return Limits(low, high, _extend(values, low, high))


def _extend(values: FloatArray, low: float, high: float) -> str:
    margin = 1e-3 * (high - low)
    below, above = values.min() < low - margin, values.max() > high + margin
    return {(False, False): "neither", (True, False): "min", (False, True): "max"}.get(
        (bool(below), bool(above)), "both"
    )


def panels(count: int, extent: FloatArray) -> tuple[Figure, list[Axes]]:
    """Return a figure with ``count`` maps: stacked for wide sections, side by side for tall ones.

    Args:
        count: number of maps.
        extent: width and height of the section [um].
    """
    aspect = float(extent[1] / extent[0])
    wide = aspect < 0.7
    columns = 1 if wide and count < 4 else min(count, 2 if aspect < 1.5 else 4)
    rows = -(-count // columns)
    width = min(_MAP_WIDTH_MM, _MAX_HEIGHT_MM / aspect) if aspect > 0 else _MAP_WIDTH_MM
    width = max(width, 30.0)
    height = width * aspect
    figure = style.new_figure(columns * (width + 24), rows * (height + 16))
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    axes = list(grid.flat)
    for unused in axes[count:]:
        unused.set_visible(False)
    for index, ax in enumerate(axes[:count]):
        ax.set_aspect("equal")
        ax.set_xlim(0.0, extent[0])
        ax.set_ylim(0.0, extent[1])
        if index % columns == 0:
            ax.set_ylabel("Distance from collector [µm]")
        if index + columns >= count:
            ax.set_xlabel("Width [µm]")
            ax.tick_params(labelbottom=True)
    return figure, axes[:count]


def section_extent(run: Run, *groups: Group) -> FloatArray:
    """Return width and height [um] of what the groups (default: all) cover, from the origin."""
    parts = (run.series(group) for group in groups or Group)
    corners = [part.points.max(axis=0) for part in parts if part is not None]
    return np.max(corners, axis=0) if corners else np.ones(2)


def draw_field(
    ax: Axes,
    series: Series,
    values: Values,
    field: Field,
    *,
    limits: Limits | None = None,
    where: Mask | None = None,
    colorbar: bool = True,
) -> Any:
    """Colour the triangles by a field (of a vector: its length) and return the artist."""
    from matplotlib.tri import Triangulation

    triangles = series.triangles if where is None else series.triangles[where]
    shown = values.magnitude * field.shown_factor
    in_cells = values.on_cells
    if where is not None:
        draw_filled(ax, series, style.MUTED, where=~where)
        shown = shown[where] if in_cells else shown
    used = shown if in_cells else shown[np.unique(triangles)]
    limits = limits or color_limits(used, signed=field.signed)
    mesh = Triangulation(series.points[:, 0], series.points[:, 1], triangles)
    style_of: Any = {"cmap": field.colormap, "vmin": limits.low, "vmax": limits.high}
    artist: Any
    if in_cells:
        artist = ax.tripcolor(mesh, facecolors=shown, **style_of)
        artist.set(edgecolor="face", linewidth=0.2)
    else:
        artist = ax.tripcolor(mesh, shown, shading="gouraud", **style_of)
    if colorbar:
        ax.figure.colorbar(
            artist, ax=ax, extend=limits.extend, label=field.label, shrink=0.9, pad=0.02
        )
    return artist


def draw_filled(
    ax: Axes, series: Series, color: str, *, label: str = "", where: Mask | None = None
) -> None:
    """Fill the triangles with one colour."""
    from matplotlib.collections import PolyCollection

    triangles = series.triangles if where is None else series.triangles[where]
    shapes = list(series.points[triangles])
    ax.add_collection(
        PolyCollection(shapes, facecolors=color, edgecolors=color, linewidths=0.2, label=label)
    )


def draw_outline(ax: Axes, series: Series, *, color: str = style.OUTLINE) -> None:
    """Draw the boundary of a mesh, as the surface of the particles."""
    from matplotlib.collections import LineCollection

    edges, _ = section.outline_edges(series.triangles)
    ax.add_collection(LineCollection(list(series.points[edges]), colors=color, linewidths=0.4))


def draw_on_outline(ax: Axes, series: Series, values: Values, field: Field) -> None:
    """Colour the boundary of a mesh by a field that lives there."""
    from matplotlib.collections import LineCollection

    edges, cells = section.outline_edges(series.triangles)
    on_edge = values.magnitude[cells] if values.on_cells else values.magnitude[edges].mean(axis=1)
    shown = on_edge * field.shown_factor
    limits = color_limits(shown, signed=field.signed)
    lines = LineCollection(list(series.points[edges]), cmap=field.colormap, linewidths=1.6)
    lines.set_array(shown)
    lines.set_clim(limits.low, limits.high)
    ax.add_collection(lines)
    ax.figure.colorbar(lines, ax=ax, extend=limits.extend, label=field.label, shrink=0.9, pad=0.02)


def draw_arrows(ax: Axes, series: Series, values: Values) -> None:
    """Show the direction of a cell-wise vector by arrows of one length on a coarse grid."""
    if not values.on_cells or values.data.ndim != 2:
        return
    low, high = series.points.min(axis=0), series.points.max(axis=0)
    step = float((high - low).max()) / _ARROWS
    axes = [np.arange(a + step / 2, b, step) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    centres = section.centroids(series)
    distance, cell = cKDTree(centres).query(grid)
    inside = distance < step / 2
    cell = np.unique(cell[inside])
    length = values.magnitude[cell]
    moving = length > 1e-3 * max(float(values.magnitude.max()), 1e-300)
    cell, length = cell[moving], length[moving]
    direction = values.data[cell, :2] / length[:, None]
    ax.quiver(
        *centres[cell].T, *direction.T, color=style.ARROW, pivot="mid",
        angles="xy", scale_units="xy", scale=1.6 / step, width=0.004, headwidth=4,
    )  # fmt: skip
