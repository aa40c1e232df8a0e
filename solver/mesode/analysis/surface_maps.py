"""Draw what lives on the surfaces of hosts, on the section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis import maps, style, triangle_sets
from mesode.fields import PARTICLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mesode.analysis.triangle_sets import Mask
    from mesode.analysis.xdmf import FloatArray, Series, Values
    from mesode.fields import Field


def draw_on_surfaces(ax: Axes, series: Series, values: Values, field: Field) -> None:
    """Colour the surfaces of particles by a field that lives there.

    A homogenised layer has surfaces everywhere and is filled. A signed field of one sign is shown
    without zero, so that differences are seen. Where no surface has the field (a side of the
    section, a host without that property) files hold an exact zero: it is no value, and grey.
    """
    from matplotlib.collections import LineCollection

    layer = _in_layers(series)
    edges, cells = triangle_sets.outline_edges(series.triangles[~layer])
    of_triangles = triangle_sets.cell_values(series, values) * field.shown_factor
    if values.on_cells:
        on_edge = of_triangles[~layer][cells]
    else:
        on_edge = values.magnitude[edges].mean(axis=1) * field.shown_factor
    there, filled = _known(on_edge, of_triangles, layer)
    maps.draw_filled(ax, series, style.MUTED, where=layer & ~filled)
    if not there.all():
        none = list(series.points[edges[~there]])
        ax.add_collection(LineCollection(none, linewidths=1.6, colors=style.MUTED))
    lines = LineCollection(list(series.points[edges[there]]), linewidths=1.6, array=on_edge[there])
    artists: list[Any] = [ax.add_collection(lines)]
    if filled.any():
        shown = of_triangles[filled]
        artists.append(maps.shade(ax, series, series.triangles[filled], shown, in_cells=True))
    _colour(ax, artists, np.concatenate([on_edge[there], of_triangles[filled]]), field)


def _known(on_edge: FloatArray, of_triangles: FloatArray, layer: Mask) -> tuple[Mask, Mask]:
    """Return which edges of particles and which triangles of layers have a value.

    A field that is zero everywhere, as at the start, is one.
    """
    there, filled = on_edge != 0.0, layer & (of_triangles != 0.0)
    if there.any() or filled.any():
        return there, filled
    return np.ones_like(there), layer


def _colour(ax: Axes, artists: list[Any], shown: FloatArray, field: Field) -> None:
    signed = field.signed and bool(shown.min() < 0.0 < shown.max())
    limits = maps.color_limits(shown, signed=signed)
    colormap = field.colormap if signed or not field.signed else "viridis"
    for artist in artists:
        artist.set(cmap=colormap, clim=(limits.low, limits.high))
    maps.draw_bar(ax, artists[-1], limits, field)


def _in_layers(series: Series) -> Mask:
    """Return which triangles of hosts are no particles but a homogenised layer."""
    if PARTICLE not in series.names:
        return np.zeros(len(series.triangles), dtype=np.bool_)
    return np.asarray(series.read(PARTICLE).data.ravel() < 0)
