"""Picture of a segmentation: the image, its phases, the polygons made of them. Micrometres.

matplotlib is imported when a picture is drawn, not before.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from mesode.geometry.micrograph.image_section import ElectrodePieces

_WIDTH = 11.0  # [inch]
_LINE = "#1c1c1c"
_HOSTS = ("#33526e", "#e0a030", "#6cae9b", "#9b7bb0")  # dark to light, apart in grey too
_BETWEEN = {"pore": "#cfe5ee", "carbon_binder": "#d9c9a5"}
_OTHERS = ("#b79b6c", "#b9c7a0", "#c9a9b8", "#e8ecef")


def draw_segmentation(electrode: ElectrodePieces, path: Path) -> None:
    """Draw image, phases and polygons of an electrode into a PNG file, overwritten."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    tall = electrode.thickness > electrode.width
    rows, columns = (1, 3) if tall else (3, 1)
    aspect = electrode.thickness / electrode.width
    panel = _WIDTH / columns if tall else 6.5
    figure = Figure(
        figsize=(_WIDTH if tall else panel + 1.5, min(rows * panel * aspect + 1.0, 30.0)),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True))
    _draw_image(axes[0], electrode)
    _draw_labels(axes[1], electrode)
    _draw_polygons(axes[2], electrode)
    for axis in axes:
        axis.set_aspect("equal")
        axis.set(xlim=(0, electrode.width), ylim=(0, electrode.thickness))
        axis.tick_params(labelsize=7)
        axis.set_ylabel("y / um", fontsize=8)
    axes[-1].set_xlabel("x / um", fontsize=8)
    figure.savefig(path, dpi=150)


def _colours(electrode: ElectrodePieces) -> dict[str, str]:
    """Return a colour for each phase, dark for the phases of particles."""
    hosts, others = itertools.cycle(_HOSTS), itertools.cycle(_OTHERS)
    return {
        name: next(hosts) if name in electrode.particle_of else _BETWEEN.get(name) or next(others)
        for name in electrode.phases
    }


def _title(axis: Axes, text: str) -> None:
    axis.set_title(text, fontsize=9, fontweight="bold", loc="left")


def _draw_image(axis: Axes, electrode: ElectrodePieces) -> None:
    grey = electrode.segmentation.grey
    extent = (0.0, electrode.width, 0.0, electrode.thickness)
    axis.imshow(grey.values, cmap="gray", extent=extent, origin="upper", interpolation="nearest")
    rows, columns = grey.values.shape
    pixel = electrode.width / columns
    _title(axis, f"Image, {columns} x {rows} pixels of {pixel:g} um")


def _draw_labels(axis: Axes, electrode: ElectrodePieces) -> None:
    from matplotlib.colors import ListedColormap

    image = electrode.segmentation.raw
    colours = _colours(electrode)
    axis.imshow(
        image.labels,
        cmap=ListedColormap([colours[name] for name in image.names]),
        vmin=-0.5,
        vmax=len(image.names) - 0.5,
        extent=(0.0, electrode.width, 0.0, electrode.thickness),
        origin="lower",
        interpolation="nearest",
    )
    thresholds = electrode.report.get("thresholds")
    limits = f", thresholds {', '.join(f'{t:.1f}' for t in thresholds)}" if thresholds else ""
    _title(axis, f"Phase of each pixel{limits}")


def _draw_polygons(axis: Axes, electrode: ElectrodePieces) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.patches import Patch
    from matplotlib.path import Path as Outline

    colours = _colours(electrode)
    legend = []
    for name, polygons in electrode.phases.items():
        outlines = [
            Outline.make_compound_path(
                *(
                    Outline(shapely.get_coordinates(r), closed=True)
                    for r in (p.exterior, *p.interiors)
                )
            )
            for p in shapely.orient_polygons(np.array(polygons, dtype=object))
        ]
        axis.add_collection(
            PathCollection(outlines, facecolor=colours[name], edgecolor=_LINE, linewidth=0.5)
        )
        error = 100 * electrode.report["area_error"][name]
        share = 100 * sum(p.area for p in polygons) / (electrode.width * electrode.thickness)
        text = f"{name}: {share:.1f} %, error {error:+.3f} %"
        legend.append(Patch(facecolor=colours[name], edgecolor=_LINE, linewidth=0.5, label=text))
    _title(axis, f"Polygons, {electrode.report['particles']} particles")
    axis.legend(
        handles=legend,
        fontsize=7,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=3,
        frameon=False,
    )
