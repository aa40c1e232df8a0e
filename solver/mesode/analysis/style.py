"""One look for all figures: sizes in millimetres, quiet axes, no global state of matplotlib."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

MM = 1 / 25.4  # [inch]
DPI = 300
# Okabe and Ito 2008: told apart with any colour vision.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
OUTLINE = "#00000090"
MUTED = "#e9e9e9"
ARROW = "#2fb5b5"  # seen on both ends of magma

_RC: dict[str, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.4,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "image.cmap": "viridis",
    "axes.formatter.useoffset": False,
    "figure.facecolor": "white",
    "mathtext.fontset": "dejavusans",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the look while figures are made and saved."""
    import matplotlib as mpl
    from cycler import cycler

    look: Any = {**_RC, "axes.prop_cycle": cycler(color=COLORS)}
    with mpl.rc_context(look):
        yield


def new_figure(width_mm: float, height_mm: float, *, arrange: bool = True) -> Figure:
    """Return an empty figure that belongs to no window.

    Args:
        width_mm: Width.
        height_mm: Height.
        arrange: Keep axes and labels apart; False where the places of the axes are given.
    """
    from matplotlib.figure import Figure

    size = width_mm * MM, height_mm * MM
    return Figure(figsize=size, layout="constrained") if arrange else Figure(figsize=size)


def save(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DPI, bbox_inches="tight", pad_inches=0.05)
    return path
