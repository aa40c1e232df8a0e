"""Draw a field on the section: equal scales, collector at the bottom, particles outlined."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from mesode.analysis import style, triangle_sets
from mesode.fields import Group, tex_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.triangle_sets import Mask
    from mesode.analysis.xdmf import FloatArray, IndexArray, Series, Values
    from mesode.fields import Field

SOLID = (Group.ACTIVE, Group.ELECTRONIC, Group.MECHANICAL)  # without electrolyte
_PAGE_MM = 180.0  # two columns of a journal
_PAGE_HEIGHT_MM = 235.0
_MAX_WIDTH_MM = 70.0
_MAX_HEIGHT_MM = 90.0
_MIN_WIDTH_MM = 20.0
_TALLEST_MM = 150.0  # a map that would be higher is as high as this, and wider than true to scale
_BAR_MM = 2.2  # thickness of a colour bar
_NUMBERS_MM = 17.0  # numbers and label of a colour bar
_GAP_MM = 1.6  # between a map and its bar
_BESIDE_MM = _GAP_MM + _BAR_MM + _NUMBERS_MM
BETWEEN_MM = 3.0  # two maps that share a bar
_LEFT_MM = 11.0  # numbers and label of the left axis
_TITLE_MM = 11.0  # of two lines
_LINE_MM = 3.2
_LETTER_MM = 1.3  # of a title, in the mean
_BOTTOM_MM = 10.0
_NARROW_MM = 32.0  # from a map to the next: with less there is no room for a long label below it
_SHORT_MM = 34.0  # a map lower than this has no room for a long label
_OUTLIERS = 0.5  # [%] left beyond each end of the colours: corners of cells have no bound
_UNIFORM = 1e-4  # relative spread below which a field counts as uniform
_ARROWS = 14  # along the longer side


@dataclass(frozen=True, slots=True)
class Limits:
    """Ends of a colour scale in shown units, and whether values lie beyond."""

    low: float
    high: float
    extend: str


def color_limits(values: FloatArray, *, signed: bool, outliers: float = _OUTLIERS) -> Limits:
    """Return ends that hold nearly all values; symmetric about zero for a signed field.

    Args:
        values: Shown values.
        signed: Whether zero is the middle of the colours.
        outliers: Percentage of the values that may lie beyond each end.
    """
    values = values[np.isfinite(values)]
    if values.size == 0:
        return Limits(0.0, 1.0, "neither")
    if signed:
        bound = max(float(np.percentile(np.abs(values), 100 - outliers)), 1e-300)
        return Limits(-bound, bound, _extend(values, -bound, bound))
    low, high = (float(p) for p in np.percentile(values, [outliers, 100 - outliers]))
    if high - low < _UNIFORM * float(np.ptp(values)):  # few are not zero: they are the picture
        low, high = float(values.min()), float(values.max())
    if high - low < _UNIFORM * max(abs(high), abs(low)):  # no colours from next to nothing
        pad = max(1e-3 * abs(high), 1e-12)
        return Limits(low - pad, high + pad, "neither")
    return Limits(low, high, _extend(values, low, high))


def _extend(values: FloatArray, low: float, high: float) -> str:
    margin = 1e-3 * (high - low)
    below, above = values.min() < low - margin, values.max() > high + margin
    return {(False, False): "neither", (True, False): "min", (False, True): "max"}.get(
        (bool(below), bool(above)), "both"
    )


def panels(
    count: int,
    extent: FloatArray,
    *,
    columns: int | None = None,
    below: float = 0.0,
) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many maps, each with a bar of its own.

    Args:
        count: number of maps.
        extent: width and height of the section [um].
        columns: maps in a row, where they are of more than one moment.
        below: height [mm] that is left free under the maps.
    """
    columns = columns or in_a_row(count, extent)
    grid = Grid(columns=columns, below=below, titles=(_TITLE_MM,) * -(-count // columns))
    return _laid_out(grid, count, extent)


def rows_of_panels(
    rows: int, columns: int, extent: FloatArray, *, lines: int
) -> tuple[Figure, list[Axes]]:
    """Return a figure with rows of maps that share the bar at the end of their row.

    Args:
        rows: Number of rows, with a title of one line.
        columns: Maps in each row.
        extent: Width and height of the section [um].
        lines: Of the titles of the first row, besides that of the row.
    """
    title = _TITLE_MM - _LINE_MM
    titles = (title + lines * _LINE_MM, *(title,) * (rows - 1))
    grid = Grid(columns=columns, titles=titles, between=BETWEEN_MM)
    return _laid_out(grid, rows * columns, extent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """How maps lie on a page [mm]: ``titles`` above each row; ``between`` two maps of a row.

    The bar of the last map is within ``_BESIDE_MM``.
    """

    columns: int
    titles: tuple[float, ...]
    between: float = _BESIDE_MM
    below: float = 0.0

    def map_size(self, aspect: float) -> tuple[float, float, bool]:
        """Return width and height of a map so high over its width, and whether it is stretched."""
        free = _PAGE_MM - _LEFT_MM - _BESIDE_MM - (self.columns - 1) * self.between
        high = (_PAGE_HEIGHT_MM - self.below - _BOTTOM_MM - sum(self.titles)) / len(self.titles)
        width = min(free / self.columns, _MAX_WIDTH_MM, min(_MAX_HEIGHT_MM, high) / aspect)
        width, tallest = max(width, _MIN_WIDTH_MM), min(_TALLEST_MM, high)
        return width, min(width * aspect, tallest), width * aspect > tallest

    def size(self, width: float, height: float) -> FloatArray:
        """Return width and height of the page for such maps."""
        wide = _LEFT_MM + self.columns * (width + self.between) - self.between + _BESIDE_MM
        return np.array([wide, self.corner(0, 0, width, height)[1] + height + self.titles[0]])

    def corner(self, row: int, column: int, width: float, height: float) -> tuple[float, float]:
        """Return where a map begins, from the lower left of the page."""
        under = self.titles[row + 1 :]
        return (
            _LEFT_MM + column * (width + self.between),
            self.below + _BOTTOM_MM + len(under) * height + sum(under),
        )


def _laid_out(grid: Grid, count: int, extent: FloatArray) -> tuple[Figure, list[Axes]]:
    from matplotlib.ticker import MaxNLocator

    rows = len(grid.titles)
    width, height, stretched = grid.map_size(float(extent[1] / extent[0]))
    size = grid.size(width, height)
    figure, axes = style.new_figure(*size, arrange=False), []
    for index in range(count):
        row, column = divmod(index, grid.columns)
        corner = grid.corner(row, column, width, height)
        ax = figure.add_axes((*(corner / size), *((width, height) / size)))
        ax.set(xlim=(0.0, extent[0]), ylim=(0.0, extent[1]))
        ax.set_aspect("auto" if stretched else "equal")
        ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ax.tick_params(left=column == 0, labelleft=column == 0, labelbottom=row == rows - 1)
        long = height > _SHORT_MM
        ax.set_ylabel(("Distance from collector [µm]" if long else "Height [µm]") * (column == 0))
        ax.set_xlabel(_width_label(width + grid.between, stretched=stretched) * (row == rows - 1))
        axes.append(ax)
    return figure, axes


def _width_label(room: float, *, stretched: bool) -> str:
    """Return the label below a map, in lines that have room before the next begins [mm]."""
    if not stretched:
        return "Width [µm]"
    return f"Width [µm],{' ' if room > _NARROW_MM else chr(10)}stretched"


def in_lines(ax: Axes, text: str, between: float = _BESIDE_MM) -> str:
    """Return the title of a map in lines that end before the next map begins.

    Args:
        ax: The map.
        text: Its title.
        between: Room beside the map [mm].
    """
    figure = ax.figure.get_figure(root=True)
    width = ax.get_position().width * figure.get_figwidth() / style.MM
    return fill(text, int((width + between) / _LETTER_MM))


def in_a_row(count: int, extent: FloatArray) -> int:
    """Return how many of some maps stand in a row: four of a section that is not tall in two."""
    return 2 if count == 4 and extent[1] < 1.5 * extent[0] else count


def section_extent(run: Run, *groups: Group) -> FloatArray:
    """Return width of the section and height [um] of what the groups (default: all) cover."""
    every = {group: series for group in Group if (series := run.series(group)) is not None}
    width = max((series.points[:, 0].max() for series in every.values()), default=1.0)
    shown = (every[group] for group in groups or Group if group in every)
    return np.array([width, max((series.points[:, 1].max() for series in shown), default=1.0)])


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
    """Colour the triangles by a field (of a vector: its length) and return the artist.

    Values at nodes set the ends of the colours by their extremes. Values in cells leave out the
    few that are largest: they grow without bound in corners as the mesh gets finer.
    """
    triangles = series.triangles if where is None else series.triangles[where]
    shown = values.magnitude * field.shown_factor
    in_cells = values.on_cells
    if where is not None:
        draw_filled(ax, series, style.MUTED, where=~where)
        shown = shown[where] if in_cells else shown
    used = shown if in_cells else shown[np.unique(triangles)]
    if limits is None:
        outliers = _OUTLIERS if in_cells else 0.0
        limits = color_limits(used, signed=field.signed, outliers=outliers)
    artist = shade(ax, series, triangles, shown, in_cells=in_cells)
    artist.set(cmap=field.colormap, clim=(limits.low, limits.high))
    if colorbar:
        draw_bar(ax, artist, limits, field)
    return artist


def draw_bar(
    ax: Axes, artist: Any, limits: Limits, field: Field, *, mark: float | None = None
) -> None:
    """Draw the colour bar of a map beside it, as high as the map.

    Args:
        ax: Of the map.
        artist: What is coloured.
        limits: Ends of the colours.
        field: What the colours stand for.
        mark: Strength of the material [SI], told and, where it is among the colours, marked.
    """
    from matplotlib.ticker import MaxNLocator

    figure = ax.figure.get_figure(root=True)
    part = style.MM / (ax.get_position().width * figure.get_figwidth())
    high = ax.get_position().height * figure.get_figheight() / style.MM
    place = ax.inset_axes((1.0 + _GAP_MM * part, 0.0, _BAR_MM * part, 1.0))
    bar = ax.figure.colorbar(artist, cax=place, extend=limits.extend)
    bar.set_label(bar_label(field))
    if mark is not None:
        strength = mark * field.shown_factor
        between = "\n" if high < _SHORT_MM else ", "
        bar.set_label(f"{bar_label(field)}{between}strength {strength:.4g}", fontsize=6)
        if limits.low < strength < limits.high:
            bar.ax.axhline(strength, color="w", lw=2.0)
            bar.ax.axhline(strength, color="k", lw=1.0)
    bar.locator = MaxNLocator(5)
    bar.update_ticks()
    _fit_numbers(bar.ax, (_NUMBERS_MM - 1.0) * style.MM * ax.figure.dpi)


def _fit_numbers(bar: Axes, room: float) -> None:
    """Make the numbers of a bar small enough to leave, with its label, the next map free.

    Args:
        bar: The bar.
        room: Pixels beside it.
    """
    numbers = bar.get_yticklabels()
    box = bar.get_tightbbox()
    excess = 0.0 if box is None else box.x1 - bar.bbox.x1 - room
    if excess > 0.0:
        wide = max(number.get_window_extent().width for number in numbers)
        smaller = max(1.0 - excess / wide, 0.5)
        bar.tick_params(labelsize=float(numbers[0].get_fontsize()) * smaller)


def bar_label(field: Field) -> str:
    """Return symbol and unit of a field, its name where it has no unit.

    With a symbol the name stands in the title of the map.
    """
    unit = field.shown_unit or field.unit
    if unit == "1":
        return field.name
    return f"${field.symbol}$ [{tex_unit(unit)}]"


def shade(
    ax: Axes, series: Series, triangles: IndexArray, shown: FloatArray, *, in_cells: bool
) -> Any:
    """Colour triangles by values at points or in cells; the same fast artist serves both."""
    from matplotlib.tri import Triangulation

    points = series.points
    if in_cells:  # three points for each triangle, all with its value
        points = points[triangles].reshape(-1, 2)
        shown = np.repeat(shown, 3)
        triangles = np.arange(len(points)).reshape(-1, 3)
    mesh = Triangulation(points[:, 0], points[:, 1], triangles)
    return ax.tripcolor(mesh, shown, shading="gouraud")


def draw_filled(ax: Axes, series: Series, color: str, *, where: Mask | None = None) -> None:
    """Fill the triangles with one colour; none of them is nothing to draw."""
    from matplotlib.colors import ListedColormap

    triangles = series.triangles if where is None else series.triangles[where]
    if not triangles.size:
        return
    artist = shade(ax, series, triangles, np.zeros(len(series.points)), in_cells=False)
    artist.set(cmap=ListedColormap([color]), clim=(-1.0, 1.0))


def draw_outline(ax: Axes, series: Series, *, color: str = style.OUTLINE) -> None:
    """Draw the boundary of a mesh, as the surface of the particles."""
    from matplotlib.collections import LineCollection

    edges, _ = triangle_sets.outline_edges(series.triangles)
    ax.add_collection(LineCollection(list(series.points[edges]), colors=color, linewidths=0.4))


def draw_arrows(ax: Axes, series: Series, values: Values) -> None:
    """Show the direction of a cell-wise vector by arrows of one length on a coarse grid."""
    if not values.on_cells or values.data.ndim != 2:
        return
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    step = max(right - left, top - bottom) / _ARROWS
    grid = np.stack(
        np.meshgrid(
            np.arange(left + step / 2, right, step), np.arange(bottom + step / 2, top, step)
        ),
        axis=-1,
    ).reshape(-1, 2)
    centres = triangle_sets.centroids(series)
    distance, cell = cKDTree(centres).query(grid)
    cell = np.unique(
        cell[distance < np.sqrt(triangle_sets.areas(series)[cell])]
    )  # in the mesh, not by it
    length = values.magnitude[cell]
    moving = length > 1e-3 * max(float(values.magnitude.max()), 1e-300)
    cell, length = cell[moving], length[moving]
    direction = values.data[cell, :2] / length[:, None]
    ax.quiver(
        *centres[cell].T, *direction.T, color=style.ARROW, pivot="mid",
        angles="xy", scale_units="xy", scale=1.6 / step, width=0.006, headwidth=4,
    )  # fmt: skip
