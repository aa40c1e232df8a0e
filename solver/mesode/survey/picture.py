"""Picture of a section and its mesh: phases, a close look, distributions, requested and achieved.

Drawn from the mesh alone, so packed sections, micrographs and own meshes look alike. matplotlib
is imported when a picture is drawn, not before. Lengths in micrometres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis.phase_colours import ACCENT, METALS, phase_colours, shown_name
from mesode.analysis.style import families, heading
from mesode.geometry.facets import all_facets, outline_rings
from mesode.geometry.parts import electrode_parts
from mesode.section_names import COATING, COUNTER_PREFIX
from mesode.survey.charts import (
    draw_elements,
    draw_gaps,
    draw_numbers,
    draw_sizes,
    table_height,
)
from mesode.survey.measures import is_coated
from mesode.survey.particles import particles_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes

    from mesode.geometry.arrays import MeshArrays

    type BoolArray = npt.NDArray[np.bool_]
    type IntArray = npt.NDArray[np.int64]
    type Window = tuple[float, float, float, float]  # x0, x1, y0, y1 [um]

_STYLE: dict[Any, Any] = {
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.6,
}
_COATED: dict[str, Any] = {"color": "#111111", "linewidth": 0.9}
_WIDTH = 9.5  # [inch]
_COLUMNS = 5  # of the legend
_CHARTS = 2.4  # [inch], least height of the lower row


def draw_geometry(
    mesh: MeshArrays,
    report: Mapping[str, Any],
    path: Path,
    title: str = "",
    isolated: BoolArray | None = None,
) -> None:
    """Draw a mesh and the report on it into a PNG file.

    Args:
        mesh: of the section.
        report: from :func:`mesode.survey.quality.quality_report`; with ``transport``, if
            known.
        path: of the picture, overwritten.
        title: of the figure.
        isolated: cells (m,) to hatch, because they lack a path.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context({**_STYLE, "font.family": list(families())}):
        figure = Figure(
            figsize=(_WIDTH, _upper_height(mesh) + _lower_height(report)), layout="constrained"
        )
        FigureCanvasAgg(figure)
        if shown := heading(title):
            figure.suptitle(shown, fontsize=11, fontweight="bold", x=0.01, ha="left")
        _draw_panels(figure, mesh, report, isolated)
        figure.savefig(path, dpi=200)


def _share_of_section(mesh: MeshArrays) -> float:
    """Return the width of the section's picture relative to the square beside it."""
    width, height = np.ptp(mesh.points, axis=0)
    return float(np.clip(width / (1.1 * height), 0.4, 2.2))


def _upper_height(mesh: MeshArrays) -> float:
    """Return the height [inch] that leaves little white space around both upper panels."""
    legend = 0.2 * -(-len(mesh.phases) // _COLUMNS)
    return 1.0 + legend + 8.4 / (1 + _share_of_section(mesh))


def _lower_height(report: Mapping[str, Any]) -> float:
    return max(_CHARTS, table_height(report))


def _draw_panels(
    figure: Any, mesh: MeshArrays, report: Mapping[str, Any], isolated: BoolArray | None
) -> None:
    inside = np.unique(mesh.cell_phase[mesh.particle >= 0]).tolist()
    colours = phase_colours(mesh.phases, inside)
    window = close_window(mesh)
    heights = (_upper_height(mesh), _lower_height(report))
    above, below = figure.subfigures(2, 1, height_ratios=heights)
    left, right = above.subplots(1, 2, width_ratios=(_share_of_section(mesh), 1.0))
    marked = isolated if isolated is not None and np.any(isolated) else None
    _draw_section(left, mesh, colours, window, marked)
    _draw_close(right, mesh, colours, window)
    _draw_legend(above, mesh, colours, hatched=marked is not None)
    sizes, gaps, elements, text = below.subplots(1, 4, width_ratios=(1, 1, 0.9, 1.75))
    draw_sizes(sizes, report, colours)
    draw_gaps(gaps, report)
    draw_elements(elements, mesh)
    draw_numbers(text, report)


def close_window(mesh: MeshArrays) -> Window:
    """Return a square about the narrowest gap of the working electrode, or at a corner of it."""
    part = electrode_parts(mesh)[0]
    particles = particles_of(mesh, part.cells)
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    side = 1.5 * float(np.median(particles.diameter)) if len(particles) else np.inf
    side = min(side, *(0.45 * (high - low))) if np.isinf(side) else min(side, *(high - low))
    centre = np.array(particles.narrowest or _some_particle(mesh, part.cells))
    x, y = np.clip(centre, low + side / 2, high - side / 2).tolist()
    return x - side / 2, x + side / 2, y - side / 2, y + side / 2


def _some_particle(mesh: MeshArrays, within: BoolArray) -> tuple[float, float]:
    """Return a point on the right rim of the only particle, or the lower left corner."""
    cells = mesh.cells[within & (mesh.particle >= 0)]
    if len(cells) == 0:
        x, y = mesh.points.min(axis=0)
    else:
        points = mesh.points[np.unique(cells)]
        x, y = points[np.argmax(points[:, 0])]
    return float(x), float(y)


def _draw_section(
    axes: Axes,
    mesh: MeshArrays,
    colours: Mapping[str, str],
    window: Window,
    isolated: BoolArray | None,
) -> None:
    from matplotlib.patches import PathPatch, Rectangle

    for name, tag in mesh.phases.items():
        path = _outline(mesh, mesh.cell_phase == tag)
        if path is not None:
            hatch = "....." if name.endswith("void") else None
            # an artist: a patch would be searched for its limits, which takes long
            axes.add_artist(
                PathPatch(path, fc=colours[name], ec="#b5b5b5" if hatch else "none", hatch=hatch,
                          lw=0)
            )  # fmt: skip
    _draw_rims(axes, mesh)
    if isolated is not None:
        path = _outline(mesh, isolated)
        axes.add_artist(PathPatch(path, fc="none", ec=ACCENT, hatch="//////", lw=0.7))
    _draw_coated(axes, mesh)
    _draw_metals(axes, mesh)
    x0, x1, y0, y1 = window
    axes.add_patch(
        Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, ec=ACCENT, lw=1.2, clip_on=False)
    )
    axes.update_datalim([mesh.points.min(axis=0), mesh.points.max(axis=0)])
    axes.autoscale_view()
    axes.margins(0)
    axes.set(aspect="equal", xlabel="x / µm", ylabel="y / µm", title="Section")
    axes.spines[:].set_visible(False)


def _outline(mesh: MeshArrays, cells: BoolArray) -> Any:
    """Return one path around a set of cells, None around nothing; holes stay empty."""
    from matplotlib.path import Path as DrawnPath

    sides = mesh.cells[cells][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    forward = sides[:, 0] * len(mesh.points) + sides[:, 1]
    backward = sides[:, 1] * len(mesh.points) + sides[:, 0]
    rings = outline_rings(sides[~np.isin(forward, backward)])
    if not rings:
        return None
    closed = [DrawnPath(mesh.points[np.append(ring, ring[0])], closed=True) for ring in rings]
    return DrawnPath.make_compound_path(*closed)


def _draw_rims(axes: Axes, mesh: MeshArrays) -> None:
    """Set particles apart by a white line, also from those that they touch."""
    facets = all_facets(mesh)
    sides = mesh.particle[facets.cells]
    sides[facets.cells < 0] = -1
    _draw_lines(axes, mesh, facets.ends[sides[:, 0] != sides[:, 1]], color="white", linewidth=0.3)


def _draw_coated(axes: Axes, mesh: MeshArrays) -> None:
    facets = all_facets(mesh)
    _draw_lines(axes, mesh, facets.ends[is_coated(mesh, facets)], **_COATED)


def _draw_lines(axes: Axes, mesh: MeshArrays, ends: IntArray, **style: Any) -> None:
    from matplotlib.collections import LineCollection

    axes.add_collection(LineCollection(list(mesh.points[ends]), capstyle="round", **style))


def _draw_metals(axes: Axes, mesh: MeshArrays) -> None:
    """Draw the electrodes that are lines only as strips outside the section."""
    from matplotlib.patches import Rectangle

    (x0, y0), (x1, y1) = mesh.points.min(axis=0), mesh.points.max(axis=0)
    strip = max(0.035 * (y1 - y0), 0.02 * (x1 - x0))
    foils = {"collector": "collector", "counter": "counter_collector"}
    for name, low in (("collector", y0 - strip), ("counter", y1)):
        if name not in mesh.boundaries or foils[name] in mesh.phases:
            continue
        colour, label = METALS[name]
        axes.add_patch(Rectangle((x0, low), x1 - x0, strip, fc=colour, lw=0))
        axes.text((x0 + x1) / 2, low + strip / 2, label, ha="center", va="center", fontsize=6.5)


def _draw_close(axes: Axes, mesh: MeshArrays, colours: Mapping[str, str], window: Window) -> None:
    from matplotlib.collections import PolyCollection

    x0, x1, y0, y1 = window
    corners = mesh.points[mesh.cells]
    low, high = corners.min(axis=1), corners.max(axis=1)
    seen = (high[:, 0] >= x0) & (low[:, 0] <= x1) & (high[:, 1] >= y0) & (low[:, 1] <= y1)
    particle = mesh.particle >= 0
    for name, tag in mesh.phases.items():
        here = seen & (mesh.cell_phase == tag)
        dark = bool(np.any(here & particle))
        cells = PolyCollection(
            corners[here],
            facecolors=colours[name],
            edgecolors="white" if dark else "#20262c",
            linewidths=0.3,
        )
        axes.add_collection(cells)
    _draw_coated(axes, mesh)
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xlabel="x / µm", ylabel="y / µm")
    axes.set_title("Mesh in the frame")
    for spine in axes.spines.values():
        spine.set(visible=True, edgecolor=ACCENT, linewidth=1.2)


def _draw_legend(
    figure: Any, mesh: MeshArrays, colours: Mapping[str, str], *, hatched: bool
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    rim: dict[str, Any] = {"edgecolor": "#888888", "linewidth": 0.4}
    handles: list[Any] = [
        Patch(facecolor=colour, label=shown_name(name),
              hatch="....." if name.endswith("void") else None, **rim)
        for name, colour in colours.items()
    ]  # fmt: skip
    if COATING in mesh.boundaries or COUNTER_PREFIX + COATING in mesh.boundaries:
        handles.append(Line2D([], [], label="coating", **_COATED))
    if hatched:
        handles.append(Patch(fc="none", ec=ACCENT, hatch="//////", label="isolated"))
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), _COLUMNS))
