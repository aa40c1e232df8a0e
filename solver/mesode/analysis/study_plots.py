"""Figures of a study: responses to one factor and to pairs, main effects, voltage curves."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis import curves, style
from mesode.analysis.run_data import open_run
from mesode.columns import CAPACITY, VOLTAGE
from mesode.errors import InputError
from mesode.fields import tex_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.study_table import StudyTable

    type FloatArray = npt.NDArray[np.float64]

_TICKS = 6  # levels that have room for a number each
_DECADES = 8.0  # ratio of the ends of a factor from which its axis is logarithmic
_MANY = 6  # levels of a second factor that are told apart by lines
_CURVES = 40
_PER_ROW = 3
_WIDE, _LINE = 8, 20  # letters of a name that stands straight below an axis; of a line of it
_THOUSAND, _LONG = 999.5, 1e5  # from there on with all digits, with an exponent
_MARKERS, _LINES = "os^Dv<>*", ("-", "--", ":", "-.")  # of seeds
_SHOWN = {"Pa": ("MPa", 1e-6)}  # units that numbers are read better in


def label(column: str, among: Sequence[str] = ()) -> str:
    """Turn a column of the results into an axis label: the end of a dotted path.

    That is its last word, or as many as tell it from the other columns ``among`` which it is; a
    number alone, that of an entry of a list, tells nothing.
    """
    name, separator, unit = column.partition(" / ")
    parts = name.split(".")
    others = [each.partition(" / ")[0].split(".") for each in among if each != column]
    count = next(
        (
            n
            for n in range(1, len(parts))
            if not parts[-n].isdigit() and all(each[-n:] != parts[-n:] for each in others)
        ),
        len(parts),
    )
    short = " ".join(parts[-count:]).replace("_", " ")
    unit = _SHOWN.get(unit, (unit, 1.0))[0]
    return f"{short} [{tex_unit(unit)}]" if separator and unit != "1" else short


def factor_label(table: StudyTable, factor: str) -> str:
    """Return the label of a factor in a figure, told from the other factors and seeds."""
    return style.plain(label(factor, (*table.factors, *table.seeds)))


def shown_numbers(table: StudyTable, column: str) -> FloatArray:
    """Return a column in the unit that its label shows."""
    unit = column.rpartition(" / ")[2]
    return table.numbers(column) * _SHOWN.get(unit, (unit, 1.0))[1]


def is_scaled(column: str) -> bool:
    """Tell whether a column is shown in another unit than it is stored in."""
    return column.rpartition(" / ")[2] in _SHOWN


def responses(table: StudyTable, figure_of_merit: str) -> Figure | None:
    """Draw a figure of merit against each factor; bars are one standard deviation of repeats."""
    factors = table.varied
    if not factors:
        return None
    columns = min(len(factors), _PER_ROW)
    rows = -(-len(factors) // columns)
    figure = style.new_figure(62 * columns + 8, 66 * rows + 4)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, factor in zip(axes, factors, strict=False):
        _response(ax, table, factor, figure_of_merit)
    for ax in axes[len(factors) :]:
        ax.set_axis_off()
    axes[0].set_ylabel(style.plain(label(figure_of_merit)))
    _seed_legend(figure, table)
    return figure


def _response(ax: Axes, table: StudyTable, factor: str, figure_of_merit: str) -> None:
    y = shown_numbers(table, figure_of_merit)
    place = _places(table, factor)
    second = _second(table, factor)
    groups = [None] if second is None else table.levels(second)
    for k, group in enumerate(groups):
        of_group = np.ones(len(y), dtype=bool)
        if second is not None:
            of_group = (table.rows[second] == group).to_numpy()
        name = None if group is None else _short(group)
        color = style.COLORS[k % len(style.COLORS)]
        for seed, marker in seed_looks(table, _MARKERS).items():
            chosen = of_group if seed is None else of_group & of_seed(table, seed)
            ax.plot(place[chosen], y[chosen], marker, ms=4, color=color, alpha=0.7, mew=0)
        if table.design == "grid":
            line = "-" if table.is_numeric(factor) else ""  # nothing is between two words
            _means(ax, place[of_group], y[of_group], color=color, label=name, ls=line)
    _factor_axis(ax, table, factor)
    if second is not None:
        longest = max(len(_short(level)) for level in table.levels(second))
        ax.legend(
            title=factor_label(table, second),
            loc="upper center",
            bbox_to_anchor=(0.5, -0.24),
            ncols=1 if longest > _WIDE else 3,
        )


def seed_looks(table: StudyTable, looks: Sequence[str]) -> dict[Any, str]:
    """Return a look for each seed; one for all where there are no seeds or too many."""
    seeds = table.levels(table.seeds[0]) if len(table.seeds) == 1 else []
    if not 1 < len(seeds) <= len(looks):
        return {None: looks[0]}
    return dict(zip(seeds, looks, strict=False))


def of_seed(table: StudyTable, seed: Any) -> npt.NDArray[np.bool_]:
    """Tell which cases have a seed."""
    return np.asarray(table.rows[table.seeds[0]] == seed)


def _seed_legend(figure: Figure, table: StudyTable) -> None:
    """Tell the seeds apart below the axes."""
    from matplotlib.lines import Line2D

    looks = {seed: m for seed, m in seed_looks(table, _MARKERS).items() if seed is not None}
    if looks:
        marks: Any = {"ls": "", "ms": 3, "color": "0.4"}
        handles = [Line2D([], [], marker=m, label=f"seed {s}", **marks) for s, m in looks.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), fontsize=6)


def _means(ax: Axes, x: FloatArray, y: FloatArray, **look: Any) -> None:
    """Draw mean and standard deviation over all cases at each level."""
    good = np.isfinite(y)
    levels = np.unique(x[good])
    of_level = [y[good][x[good] == level] for level in levels]
    spread = [np.std(v, ddof=1) if len(v) > 1 else 0.0 for v in of_level]
    means = [np.mean(v) for v in of_level]
    ax.errorbar(levels, means, yerr=spread, marker="o", ms=3.5, capsize=2, lw=1.2, **look)


def _second(table: StudyTable, factor: str) -> str | None:
    """Return the factor that lines stand for, beside the one on the axis."""
    others = [f for f in table.varied if f != factor and len(table.levels(f)) <= _MANY]
    return others[0] if table.design == "grid" and others else None


def _places(table: StudyTable, factor: str) -> FloatArray:
    """Return where each case stands on the axis of a factor."""
    if table.is_numeric(factor):
        return table.numbers(factor)
    levels = table.levels(factor)
    return np.array([levels.index(value) for value in table.rows[factor]], dtype=np.float64)


def _factor_axis(ax: Axes, table: StudyTable, factor: str) -> None:
    ax.set_xlabel(factor_label(table, factor))
    levels = table.levels(factor)
    if not table.is_numeric(factor):
        _name_ticks(ax, levels)
    elif levels[0] > 0 and levels[-1] / levels[0] >= _DECADES:
        ax.set_xscale("log")
        if len(levels) <= _MANY:
            ax.set_xticks(levels, [_short(level) for level in levels])
            ax.minorticks_off()
        if len(levels) <= _TICKS:  # those of a grid; powers of ten and what lies between collide
            ax.set_xticks(levels, [f"{level:g}" for level in levels])
            ax.minorticks_off()


def _name_ticks(ax: Axes, levels: Sequence[Any]) -> None:
    """Write the levels of a factor below an axis that has one of them at each whole number."""
    names = [fill(_short(level), _LINE) for level in levels]
    wide = any(len(name) > _WIDE for name in names)
    turned: Any = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"} if wide else {}
    ax.set_xticks(range(len(levels)), names, **turned)


def pairs(table: StudyTable, figure_of_merit: str) -> Figure | None:
    """Draw a figure of merit over pairs of factors, as means over everything else.

    Of a grid of three factors: over the last two, one map for each level of the first.
    """
    found = _panels(table, shown_numbers(table, figure_of_merit))
    if not found:
        return None
    columns = min(len(found), _PER_ROW)
    rows = -(-len(found) // columns)
    figure = style.new_figure(62 * columns + 8, 54 * rows + 4)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    every = np.concatenate([panel.values for panel in found])
    low, high = np.nanmin(every), np.nanmax(every)
    for ax, panel in zip(axes, found, strict=False):
        shown = _draw_panel(ax, table, panel, low, high)
        ax.set_title(panel.title)
    for ax in axes[len(found) :]:
        ax.set_axis_off()
    figure.colorbar(shown, ax=list(axes), label=style.plain(label(figure_of_merit)), shrink=0.8)
    return figure


@dataclass(frozen=True, slots=True)
class _Panel:
    """A map over two factors: a value for each case, NaN for those that are not in it."""

    first: str
    second: str
    values: FloatArray
    title: str = ""


def _panels(table: StudyTable, y: FloatArray) -> list[_Panel]:
    most = 2 * _PER_ROW
    if table.design == "grid" and len(table.varied) == 3:
        apart, first, second = table.varied
        levels = table.levels(apart)
        if len(levels) <= most:
            return [
                _Panel(
                    first,
                    second,
                    np.where(table.rows[apart] == level, y, np.nan),
                    f"{factor_label(table, apart)}: {_short(level)}",
                )
                for level in levels
            ]
    return [_Panel(*pair, y) for pair in list(combinations(table.varied, 2))[:most]]


def _draw_panel(ax: Axes, table: StudyTable, panel: _Panel, low: float, high: float) -> Any:
    if table.design == "grid":
        return _heat_map(ax, table, panel, low, high)
    x = _places(table, panel.first), _places(table, panel.second)
    _factor_axis(ax, table, panel.first)
    ax.set_ylabel(factor_label(table, panel.second))
    return ax.scatter(*x, c=panel.values, s=14, vmin=low, vmax=high)


def _heat_map(ax: Axes, table: StudyTable, panel: _Panel, low: float, high: float) -> Any:
    first, second, y = panel.first, panel.second, panel.values
    rows, columns = table.levels(second), table.levels(first)
    means = np.full((len(rows), len(columns)), np.nan)
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            chosen = ((table.rows[second] == row) & (table.rows[first] == column)).to_numpy()
            values = y[chosen & np.isfinite(y)]
            if len(values):
                means[i, j] = values.mean()
    shown = ax.imshow(means, origin="lower", aspect="auto", vmin=low, vmax=high)
    for i, j in np.argwhere(np.isfinite(means)):
        dark = means[i, j] < 0.5 * (low + high)
        text = _number(means[i, j])
        ax.text(j, i, text, ha="center", va="center", fontsize=6, color="w" if dark else "k")
    _name_ticks(ax, columns)
    ax.set_yticks(range(len(rows)), [fill(_short(level), _LINE) for level in rows])
    ax.set(xlabel=factor_label(table, first), ylabel=factor_label(table, second))
    return shown


def _short(level: Any) -> str:
    return _number(level) if isinstance(level, float) else style.plain(str(level))


def _number(value: float) -> str:
    """Return three digits, or all before the point where they are few enough to be read."""
    return f"{value:.0f}" if _THOUSAND <= abs(value) < _LONG else f"{value:.3g}"


def effects_chart(table: StudyTable, figures: Sequence[str]) -> Figure | None:
    """Draw the share of the variance of each figure of merit that each factor explains."""
    found = {name: effects for name in figures if (effects := table.effects(name)) is not None}
    if not found or not table.varied:
        return None
    figure = style.new_figure(150, 14 + 8 * len(found))
    ax = figure.subplots()
    left = np.zeros(len(found))
    names = [*table.varied, "interactions and seeds"]
    for k, factor in enumerate(names):
        shares = [
            e.rest if factor == names[-1] else e.shares.get(factor, 0.0) for e in found.values()
        ]
        color = "0.85" if factor == names[-1] else style.COLORS[k % len(style.COLORS)]
        name = factor if factor == names[-1] else factor_label(table, factor)
        ax.barh(range(len(found)), shares, left=left, height=0.65, color=color, label=name)
        left += np.array(shares)
    ax.set_yticks(range(len(found)), [style.plain(label(name)) for name in found])
    ax.invert_yaxis()
    methods = sorted({e.method for e in found.values()})
    ax.set(xlabel=f"Share of the variance ({', '.join(methods)})", xlim=(0, max(1.0, left.max())))
    style.legend_beside(ax)
    return figure


def voltage_curves(table: StudyTable) -> Figure | None:
    """Draw the voltage of the cases: coloured by the first factor, a kind of line for each seed.

    Without seeds kinds of lines tell the second factor, if there are not too many levels of it.
    """
    import matplotlib as mpl

    chosen = curves.pick_frames(len(table.rows), _CURVES)
    factor = table.varied[0] if table.varied else None
    levels = table.levels(factor) if factor else []
    of_lines, looks = _lines(table)
    figure = style.new_figure(140, 85)
    ax = figure.subplots()
    seen = set()
    for k in chosen:
        run = _run(table, k)
        if run is None or run.column_or_none(CAPACITY) is None:
            continue
        place = levels.index(table.rows[factor].iloc[k]) / max(len(levels) - 1, 1) if factor else 0
        name = ", ".join(_told(table, each, k) for each in (factor, of_lines) if each is not None)
        curves.draw_curve(
            ax,
            run,
            run.timeseries[CAPACITY],
            run.timeseries[VOLTAGE],
            points=False,
            color=mpl.colormaps["viridis"](0.92 * place),
            ls=looks[None if of_lines is None else table.rows[of_lines].iloc[k]],
            lw=0.9,
            label=None if name in seen else name,
        )
        seen.add(name)
    if not seen:
        return None
    ax.set(xlabel=curves.axis_label(CAPACITY), ylabel=curves.axis_label(VOLTAGE))
    if 1 < len(seen) <= 2 * _MANY:
        style.legend(ax)
    return figure


def _lines(table: StudyTable) -> tuple[str | None, dict[Any, str]]:
    """Return what kinds of lines stand for, and the kind of each of its levels."""
    looks = seed_looks(table, _LINES)
    if len(looks) > 1:
        return table.seeds[0], looks
    second = table.varied[1] if len(table.varied) > 1 else None
    levels = table.levels(second) if second is not None else []
    if not 1 < len(levels) <= len(_LINES):
        return None, {None: _LINES[0]}
    return second, dict(zip(levels, _LINES, strict=False))


def _told(table: StudyTable, column: str, row: int) -> str:
    """Return a seed or a level of a factor of a case, for a legend."""
    level = table.rows[column].iloc[row]
    if column in table.seeds:
        return f"seed {level}"
    return f"{factor_label(table, column)}: {_short(level)}"


def _run(table: StudyTable, row: int) -> Run | None:
    with suppress(InputError):
        run = open_run(table.path / str(table.rows["folder"].iloc[row]))
        return run if run.column_or_none(VOLTAGE) is not None else None
    return None
