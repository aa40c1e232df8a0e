"""Picture of a section and its mesh: the phases, a close look, requested against achieved.

matplotlib is imported when a picture is drawn, not before. Lengths in micrometres.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from mesode.geometry.quality import particle_gaps, radius_ratio
from mesode.geometry.section import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.section import Section

    type FloatArray = npt.NDArray[np.float64]
    type Window = tuple[float, float, float, float]  # x0, x1, y0, y1 [um]

COLOURS = {
    "active": "#3b5b7a",
    "carbon_binder": "#d9c9a5",
    "pore": "#cfe5ee",
    "separator": "#e8ecef",
}
_OTHERS = ("#a3b899", "#c7a6bd", "#b7a58f", "#9fb7c4")
_METALS = {"collector": ("#b87445", "current collector"), "counter": ("#a9adb5", "counter")}
_ACCENT = "#c2452d"
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
}


def draw_geometry(
    section: Section, mesh: MeshArrays, report: Mapping[str, Any], path: Path, title: str = ""
) -> None:
    """Draw the section, its mesh and the quality report into a PNG file.

    Args:
        section: as built.
        mesh: of the section.
        report: from :func:`mesode.geometry.quality.quality_report`.
        path: of the picture, overwritten.
        title: of the figure.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9.5, _figure_height(section)), layout="constrained")
        FigureCanvasAgg(figure)
        if title:
            figure.suptitle(title, fontsize=11, fontweight="bold", x=0.01, ha="left")
        _draw_panels(figure, section, mesh, report)
        figure.savefig(path, dpi=200)


def _share_of_section(section: Section) -> float:
    """Return the width of the section's picture relative to the square beside it."""
    return float(np.clip(section.width / (1.1 * section.height), 0.4, 2.2))


def _figure_height(section: Section) -> float:
    """Return the height [inch] that leaves little white space around both upper panels."""
    share = _share_of_section(section)
    return 3.45 + 8.4 / (1 + share)


def _draw_panels(
    figure: Figure, section: Section, mesh: MeshArrays, report: Mapping[str, Any]
) -> None:
    colours = phase_colours(section.phases)
    window = close_window(section)
    height = figure.get_figheight()
    halves: Any = figure.subfigures(2, 1, height_ratios=(height - 2.3, 2.3))
    above, below = halves
    left, right = above.subplots(1, 2, width_ratios=(_share_of_section(section), 1.0))
    _draw_section(left, section, colours, window)
    _draw_close(right, mesh, colours, window)
    _draw_legend(above, colours)
    sizes, gaps, elements, text = below.subplots(1, 4, width_ratios=(1, 1, 1, 1.35))
    _draw_sizes(sizes, section)
    _draw_gaps(gaps, section)
    _draw_elements(elements, mesh)
    _draw_text(text, report)


def phase_colours(phases: Iterable[str]) -> dict[str, str]:
    """Return a colour for each phase; the known phases always have the same."""
    others = (name for name in phases if name not in COLOURS)
    extra = {name: _OTHERS[i % len(_OTHERS)] for i, name in enumerate(others)}
    return {name: COLOURS.get(name) or extra[name] for name in phases}


def close_window(section: Section) -> Window:
    """Return a square about the narrowest gap between particles, or a corner of the section."""
    discs = np.array(section.phases.get(ACTIVE, ()), dtype=object)
    side = min(section.width, section.height, _close_side(section))
    if len(discs) > 1:
        pairs, distance = shapely.STRtree(discs).query_nearest(
            discs, exclusive=True, all_matches=False, return_distance=True
        )
        narrow = int(np.argmin(distance))
        line = shapely.shortest_line(discs[pairs[0, narrow]], discs[pairs[1, narrow]])
        x, y = line.centroid.x, line.centroid.y
    else:
        x, y = (discs[0].bounds[2], discs[0].centroid.y) if len(discs) else (0.0, 0.0)
    x0, y0, _, _ = shapely.total_bounds([p for parts in section.phases.values() for p in parts])
    x = float(np.clip(x, x0 + side / 2, x0 + section.width - side / 2))
    y = float(np.clip(y, y0 + side / 2, y0 + section.height - side / 2))
    return x - side / 2, x + side / 2, y - side / 2, y + side / 2


def _close_side(section: Section) -> float:
    diameters = section.particles.diameter
    return 1.5 * float(np.median(diameters)) if len(diameters) else 0.25 * section.height


def _draw_section(axes: Axes, section: Section, colours: dict[str, str], window: Window) -> None:
    from matplotlib.patches import PathPatch, Rectangle

    for name, polygons in section.phases.items():
        rim = {"edgecolor": "white", "linewidth": 0.25} if name == ACTIVE else {"linewidth": 0}
        axes.add_patch(PathPatch(_compound_path(polygons), facecolor=colours[name], **rim))
    strip = max(0.035 * section.height, 0.02 * section.width)
    for name, low in (("collector", -strip), ("counter", section.height)):
        if name in section.boundaries:
            colour, label = _METALS[name]
            axes.add_patch(Rectangle((0, low), section.width, strip, fc=colour, lw=0))
            axes.text(
                section.width / 2, low + strip / 2, label, ha="center", va="center", fontsize=6.5
            )
    x0, x1, y0, y1 = window
    axes.add_patch(
        Rectangle((x0, y0), x1 - x0, y1 - y0, fill=False, ec=_ACCENT, lw=1.2, clip_on=False)
    )
    axes.autoscale_view()
    axes.margins(0)
    axes.set(aspect="equal", xlabel="x / µm", ylabel="y / µm", title="Section")
    axes.spines[:].set_visible(False)


def _compound_path(polygons: Iterable[shapely.Polygon]) -> Any:
    """Return one path of all rings; holes run clockwise, so they stay empty."""
    from matplotlib.path import Path as DrawnPath

    rings = []
    for polygon in polygons:
        turned = shapely.geometry.polygon.orient(polygon)
        rings += [
            DrawnPath(shapely.get_coordinates(ring), closed=True)
            for ring in (turned.exterior, *turned.interiors)
        ]
    return DrawnPath.make_compound_path(*rings)


def _draw_close(axes: Axes, mesh: MeshArrays, colours: dict[str, str], window: Window) -> None:
    from matplotlib.collections import PolyCollection

    x0, x1, y0, y1 = window
    corners = mesh.points[mesh.cells]
    low, high = corners.min(axis=1), corners.max(axis=1)
    seen = (high[:, 0] >= x0) & (low[:, 0] <= x1) & (high[:, 1] >= y0) & (low[:, 1] <= y1)
    for name, tag in mesh.phases.items():
        cells = PolyCollection(
            corners[seen & (mesh.cell_phase == tag)],
            facecolors=colours.get(name, _OTHERS[0]),
            edgecolors="#20262c" if name != ACTIVE else "white",
            linewidths=0.3,
        )
        axes.add_collection(cells)
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xlabel="x / µm", ylabel="y / µm")
    axes.set_title("Mesh in the frame")
    for spine in axes.spines.values():
        spine.set(visible=True, edgecolor=_ACCENT, linewidth=1.2)


def _draw_legend(figure: Any, colours: dict[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour, edgecolor="#888888", linewidth=0.4, label=name.replace("_", "-"))
        for name, colour in colours.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def _draw_sizes(axes: Axes, section: Section) -> None:
    achieved = np.sort(section.particles.diameter)
    requested = np.asarray(section.report.get("requested_quantiles", []))
    axes.set(title="Particle size", xlabel="diameter / µm", ylabel="number share below")
    if len(achieved) == 0:
        _nothing(axes, "no particles")
        return
    everything = np.concatenate((requested, achieved))
    pad = max(0.05 * np.ptp(everything), 0.05 * everything.mean())
    limits = (everything.min() - pad, everything.max() + pad)
    _draw_cumulative(axes, achieved, limits, COLOURS[ACTIVE], "achieved")
    _draw_cumulative(axes, requested, limits, _ACCENT, "requested")
    axes.set(xlim=limits, ylim=(-0.02, 1.25), yticks=(0, 0.5, 1))
    axes.legend(loc="upper left", handlelength=1.2, borderaxespad=0.1, ncols=2, columnspacing=0.8)


def _draw_cumulative(
    axes: Axes, values: FloatArray, limits: tuple[float, float], colour: str, label: str
) -> None:
    """Draw the share of values below each diameter as steps; the request thin and on top."""
    share = np.linspace(0, 1, len(values) + 1)
    x = np.concatenate(([limits[0]], np.repeat(values, 2), [limits[1]]))
    width, dashes = (1.1, "--") if label == "requested" else (2.2, "-")
    if len(values):
        axes.plot(x, np.repeat(share, 2), color=colour, lw=width, ls=dashes, label=label)


def _draw_gaps(axes: Axes, section: Section) -> None:
    gaps = particle_gaps(section)
    axes.set(title="Gap", xlabel="gap to nearest particle / µm", ylabel="number")
    if len(gaps) == 0:
        _nothing(axes, "fewer than\ntwo particles")
        return
    requested = section.report.get("requested_gap")
    top = max(float(np.quantile(gaps, 0.98)), 2 * (requested or 0.0), 1e-9)
    low = requested or 0.0
    axes.hist(np.clip(gaps, low, top), bins=24, range=(low, top), color=COLOURS[ACTIVE])
    axes.set_xlim(0, None)
    if requested is not None:
        axes.axvline(requested, color=_ACCENT, linewidth=1.2, linestyle="--")
        axes.set_title(f"Gap, requested ≥ {requested:g} µm")


def _draw_elements(axes: Axes, mesh: MeshArrays) -> None:
    ratio = radius_ratio(mesh)
    axes.hist(ratio, bins=40, range=(0, 1), color=COLOURS[ACTIVE])
    worst = float(ratio.min())
    axes.axvline(worst, color=_ACCENT, linewidth=1.2, linestyle="--")
    axes.set(xlabel="radius ratio of the element", ylabel="number", yscale="log")
    axes.set(title=f"Mesh quality, worst {worst:.2f}", xlim=(0, 1), ylim=(0.5, None))


def _draw_text(axes: Axes, report: Mapping[str, Any]) -> None:
    axes.axis("off")
    rows = table_rows(report)
    axes.text(0.6, 1.0, "requested", transform=axes.transAxes, ha="center", color=_ACCENT)
    axes.text(0.9, 1.0, "achieved", transform=axes.transAxes, ha="center", color=COLOURS[ACTIVE])
    for number, (name, requested, achieved) in enumerate(rows):
        y = 0.89 - 0.105 * number
        axes.text(0.0, y, name, transform=axes.transAxes)
        axes.text(0.6, y, requested, transform=axes.transAxes, ha="center")
        axes.text(0.9, y, achieved, transform=axes.transAxes, ha="center")


def table_rows(report: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the rows (name, requested, achieved) of the table beside the picture."""
    particles, gap, mesh = report["particles"], report["gap"], report["mesh"]
    asked = particles["requested_diameter"] or {}
    found = particles["achieved_diameter"]
    return [
        (
            "area fraction",
            _show(particles["requested_fraction"]),
            _show(particles["achieved_fraction"]),
        ),
        *(
            (f"{key} size / µm", _show(asked.get(key)), _show(found[key]))
            for key in ("mean", "d10", "median", "d90")
        ),
        ("least gap / µm", _show(gap["requested"]), _show(gap["minimum"])),
        ("particles", "", f"{particles['number']}"),
        ("cells", "", f"{mesh['cells']:,}".replace(",", "\u2009")),
        ("least angle", "", f"{mesh['minimum_angle']['minimum']:.1f}°"),
    ]


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _nothing(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#777777")
    axes.set(xticks=[], yticks=[])
