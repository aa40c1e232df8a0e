"""One look for all figures: sizes in millimetres, quiet axes, no global state of matplotlib."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run

MM = 1 / 25.4  # [inch]
DPI = 300
# Okabe and Ito 2008: told apart with any colour vision.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
AREAS = (*COLORS, "#F0E442", "#999999")  # too bright for lines, not for areas
OUTLINE = "#00000090"
_ONE_HEIGHT = 0.02  # of that of the axes: curves that end nearer have no order by it
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


# The first of these that is installed draws what DejaVu lacks: Chinese, Japanese, Korean.
_EASTERN = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Source Han Sans SC",
    "Source Han Sans", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "IPAexGothic", "IPAGothic", "TakaoGothic", "VL Gothic", "Microsoft YaHei", "SimHei",
    "Yu Gothic", "MS Gothic", "PingFang SC", "Hiragino Sans", "Arial Unicode MS",
)  # fmt: skip
_LACKING = "\N{REPLACEMENT CHARACTER}"
_LONGEST = 90  # characters of a title or a label, for which there is room


@cache
def families() -> tuple[str, ...]:
    """Return the fonts of the figures, each for what those before it lack."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return ("DejaVu Sans", *(name for name in _EASTERN if name in installed))


@cache
def _drawable() -> frozenset[int]:
    """Return the characters that the fonts have."""
    from matplotlib.font_manager import findfont, get_font

    fonts = [get_font(findfont(name)) for name in families()]
    return frozenset(code for font in fonts for code in font.get_charmap())


def plain(text: str) -> str:
    """Return a text of the user's as it can be drawn: signs that no font has become one mark.

    A dollar stands for itself, not for the beginning of a formula.
    """
    text = shortened(text, _LONGEST)
    shown = "".join(c if ord(c) in _drawable() or c == "\n" else _LACKING for c in text)
    return re.sub(f"{_LACKING}+", _LACKING, shown).replace("$", r"\$")


def heading(text: str) -> str:
    """Return a title of the user's as it can be drawn: one line, nothing where none of it can."""
    shown = plain(" ".join(text.split()))
    return shown if shown.strip(f"{_LACKING} ") else ""


def title(run: Run) -> str:
    """Return the title of a run as it can be drawn, the name of its folder where none of it can."""
    return heading(run.title) or heading(run.path.resolve().name)


def legend(ax: Axes, **look: Any) -> None:
    """Put a legend beside the axes, in the order in which the curves end there.

    Those that end at about one height, as at a cut-off, are in the order of drawing.
    """
    handles, labels = ax.get_legend_handles_labels()
    low, high = ax.get_ylim()
    order = _from_above([_end(handle) for handle in handles], _ONE_HEIGHT * abs(high - low))
    found = [handles[k] for k in order], [labels[k] for k in order]
    legend_beside(ax, *found, **look)


def _from_above(ends: Sequence[float], near: float) -> list[int]:
    """Return the places of numbers from the largest on; what follows nearer than that is one."""
    groups: list[list[int]] = []
    for k in sorted(range(len(ends)), key=lambda k: -ends[k]):
        if groups and ends[groups[-1][-1]] - ends[k] < near:
            groups[-1].append(k)
        else:
            groups.append([k])
    return [k for group in groups for k in sorted(group)]


def legend_beside(ax: Axes, *found: Any, **look: Any) -> None:
    """Put a legend beside the axes: of some handles and labels, or of all in their order."""
    ax.legend(*found, loc="center left", bbox_to_anchor=(1.0, 0.5), **look)


def plain_decades(ax: Axes) -> None:
    """Label logarithmic axes of a decade or two with 1, 2, 5 and so on."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def _end(handle: Any) -> float:
    """Return how high a curve ends on its right."""
    x, y = (np.asarray(values, dtype=float) for values in handle.get_data())
    good = np.isfinite(x) & np.isfinite(y)
    return float(y[good][np.argmax(x[good])]) if good.any() else -np.inf


@contextmanager
def house_style() -> Iterator[None]:
    """Apply the look while figures are made and saved."""
    import matplotlib as mpl
    from cycler import cycler

    look: Any = {**_RC, "font.family": list(families()), "axes.prop_cycle": cycler(color=COLORS)}
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
