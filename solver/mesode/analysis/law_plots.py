"""Pictures of material laws over the range in which they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.analysis.style import MUTED, house_style, new_figure, save
from mesode.fields import tex_unit
from mesode.materials.sheet import UNITS, reference_text, samples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matplotlib.axes import Axes

    from mesode.materials.law import Law

_POINTS = 401
_COLUMNS = 3
_WIDTH, _HEIGHT = 60.0, 48.0  # [mm] of one picture
_NAMES = {"sto": "Lithiation $x$", "c_e": "Salt concentration $c_e$", "T": "Temperature $T$"}
_SPREAD = 100.0  # largest over smallest value from which on an axis is logarithmic


def plot_laws(laws: Mapping[str, Law], path: Path) -> Path:
    """Draw the laws, by property, each over its range; return the path of the picture."""
    columns = min(_COLUMNS, len(laws))
    rows = -(-len(laws) // columns)
    with house_style():
        figure = new_figure(columns * _WIDTH, rows * _HEIGHT)
        for place, (name, law) in enumerate(laws.items(), 1):
            _draw(figure.add_subplot(rows, columns, place), name, law)
        return save(figure, path)


def _draw(axes: Axes, name: str, law: Law) -> None:
    unit = "" if law.unit == "1" else f" [{tex_unit(law.unit)}]"
    axes.set_ylabel(f"{name}{unit}")
    axes.set_title(f"{law.name}{' (assumed)' if law.assumed else ''}", loc="left")
    over, x, y = samples(law, _POINTS)
    axes.plot(x, y)
    if y.min() > 0.0 and y.max() > _SPREAD * y.min():
        axes.set_yscale("log")
    at = reference_text(law, over)
    unit = "" if over == "sto" else f" [{tex_unit(UNITS[over])}]"
    axes.set_xlabel(f"{_NAMES[over]}{unit}" + (f"\n(at {at})" if at else ""))
    axes.grid(visible=True, color=MUTED, linewidth=0.5)
