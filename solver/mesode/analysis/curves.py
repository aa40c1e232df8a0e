"""Figures of numbers over time, capacity or depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from mesode.analysis import moments, style, triangle_sets
from mesode.columns import (
    CAPACITY,
    CURRENT_DENSITY,
    CYCLE,
    HALF_CAPACITY,
    HALF_CYCLE,
    OPEN_CIRCUIT,
    STEP,
    TIME,
    TIME_STEP,
    VOLTAGE,
    split,
)
from mesode.fields import FIELDS, Group, tex_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray, Series

_DEPTH_BINS = 24
_PROFILES = 5
TOLD = 12  # curves that a legend has
_BRIGHTEST = 0.9  # of the colours of many curves: what is beyond is too bright on white
_BETWEEN = 12  # points drawn from one computed point to the next
_EARLY = 1e-9  # spread of the lithiation below which a frame is the uniform start


def axis_label(column: str) -> str:
    """Turn a column name of the time series into an axis label."""
    name, unit = split(column)
    return name.capitalize() if unit == "1" else f"{name.capitalize()} [{tex_unit(unit)}]"


def voltage_curve(run: Run) -> Figure | None:
    """Voltage against capacity; for several steps also against time with the current.

    The capacity begins anew with each half cycle.
    """
    voltage, time = run.column_or_none(VOLTAGE), run.column_or_none(TIME)
    capacity = run.column_or_none(CAPACITY)
    x, label = (capacity, CAPACITY) if capacity is not None else (time, TIME)
    if voltage is None or x is None:
        return None
    steps = run.column_or_none(STEP)
    several = steps is not None and len(np.unique(steps[np.isfinite(steps)])) > 1
    figure = style.new_figure(170 if several and time is not None else 95, 70)
    axes = figure.subplots(1, 2 if several and time is not None else 1, squeeze=False)[0]
    halves = half_cycles(run)
    if len(halves) > 1:
        x = run.column(HALF_CAPACITY)
        _draw_halves(axes[0], run, x, halves)
    else:
        draw_curve(axes[0], run, x, voltage, label="cell")
        equilibrium = run.column_or_none(OPEN_CIRCUIT)
        if equilibrium is not None:
            look: Any = {"ls": "--", "color": "0.4", "lw": 1, "label": "OCP at mean lithiation"}
            draw_curve(axes[0], run, x, equilibrium, points=False, **look)
            axes[0].legend()
    axes[0].set(xlabel=axis_label(label), ylabel=axis_label(VOLTAGE))
    if len(axes) > 1 and time is not None:
        _over_time(axes[1], run, time, voltage)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def half_cycles(run: Run) -> list[npt.NDArray[np.bool_]]:
    """Return the rows of each half cycle in which anything flows."""
    count, capacity = run.column_or_none(HALF_CYCLE), run.column_or_none(HALF_CAPACITY)
    if count is None or capacity is None:
        return []
    rows = [count == k for k in np.unique(count)]
    return [where for where in rows if capacity[where].max() > 0.0]


def _draw_halves(
    ax: Axes, run: Run, x: FloatArray, halves: Sequence[npt.NDArray[np.bool_]]
) -> None:
    """Draw each half cycle from capacity 0, a colour for each cycle."""
    voltage = run.column(VOLTAGE)
    for where, look in zip(halves, half_looks(run, halves), strict=True):
        ax.plot(x[where], voltage[where], lw=1.2, **look)
    tell_cycles(ax, run, halves)


def directions(run: Run) -> tuple[str, str]:
    """Return what a positive and a negative current do: to the electrode of a half cell."""
    if run.full_section:
        return "discharge", "charge"
    return "lithiation", "delithiation"


def half_looks(run: Run, halves: Sequence[npt.NDArray[np.bool_]]) -> list[dict[str, Any]]:
    """Return colour and label of each half cycle: its direction; of more than two its cycle."""
    if len(halves) > 2:
        return cycle_looks(run, halves)
    current = run.column(CURRENT_DENSITY)
    positive, negative = directions(run)
    sides = [positive if current[where].sum() > 0.0 else negative for where in halves]
    return [{"color": c, "label": s} for c, s in zip(style.COLORS, sides, strict=False)]


def cycle_looks(run: Run, parts: Sequence[npt.NDArray[np.bool_]]) -> list[dict[str, Any]]:
    """Return colour and label of parts of a run: those of its cycle, of many no label."""
    import matplotlib as mpl

    cycles = [int(run.column(CYCLE)[where][0]) for where in parts]
    span = max(cycles[-1] - cycles[0], 1)
    found: list[dict[str, Any]] = []
    for k, cycle in enumerate(cycles):
        color = mpl.colormaps["viridis"](_BRIGHTEST * (cycle - cycles[0]) / span)
        told = cycle not in cycles[:k] and len(set(cycles)) <= TOLD
        found.append({"color": color, "label": f"cycle {cycle}" if told else None})
    return found


def tell_cycles(ax: Axes, run: Run, parts: Sequence[npt.NDArray[np.bool_]]) -> None:
    """Tell the colours of ``half_looks`` by a legend, of many cycles by a bar."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.ticker import MaxNLocator

    cycles = np.unique([run.column(CYCLE)[where][0] for where in parts])
    if len(cycles) <= TOLD:
        style.legend_beside(ax) if len(parts) > 2 else style.legend(ax)
        return
    first, last = float(cycles[0]), float(cycles[-1])
    scale = Normalize(first, first + (last - first) / _BRIGHTEST)
    bar = ax.figure.colorbar(ScalarMappable(scale, "viridis"), ax=ax, label="Cycle", pad=0.02)
    bar.ax.set_ylim(first, last)
    bar.locator = MaxNLocator(5, integer=True)
    bar.update_ticks()


def _over_time(ax: Axes, run: Run, time: FloatArray, voltage: FloatArray) -> None:
    scale, unit = moments.time_unit(float(time[-1]))
    draw_curve(ax, run, time / scale, voltage)
    ax.set(xlabel=f"Test time [{unit}]", ylabel=axis_label(VOLTAGE))
    current = run.column_or_none(CURRENT_DENSITY)
    if current is not None:
        twin = ax.twinx()
        look: Any = {"color": style.COLORS[1], "lw": 0.9}
        draw_curve(twin, run, time / scale, current, points=False, **look)
        twin.spines["right"].set_visible(True)
        twin.set_ylabel(axis_label(CURRENT_DENSITY), color=style.COLORS[1])


def draw_curve(
    ax: Axes, run: Run, x: FloatArray, y: FloatArray, *, points: bool = True, **look: Any
) -> None:
    """Draw a monotone curve through the rows of each step, and a dot at each time step."""
    (line,) = ax.plot(smooth(run, x), smooth(run, y), **look)
    if points:
        ends = time_steps(run)
        ax.plot(x[ends], y[ends], "o", ms=1.8, color=line.get_color())


def time_steps(run: Run) -> npt.NDArray[np.bool_]:
    """Tell which rows are the ends of time steps, the others lie between them."""
    count = run.column_or_none(TIME_STEP)
    if count is None:
        return np.ones(max(map(len, run.timeseries.values()), default=0), dtype=bool)
    return np.append(np.diff(count) > 0, True)


def smooth(run: Run, values: FloatArray) -> FloatArray:
    """Fill the gaps between the points of each step by monotone cubics in time (PCHIP).

    Time steps are long where little happens; straight lines between them would look like kinks of
    the voltage. Cubics do not reach across the ends of steps, where the current jumps.
    """
    time, steps = run.column_or_none(TIME), run.column_or_none(STEP)
    if time is None:
        return values
    steps = np.ones_like(time) if steps is None else steps
    pieces = [_smooth_step(time[steps == k], values[steps == k]) for k in np.unique(steps)]
    return np.concatenate(pieces)


def _smooth_step(time: FloatArray, values: FloatArray) -> FloatArray:
    good = np.isfinite(values) & np.isfinite(time)
    good &= np.diff(time, prepend=-np.inf) > 0.0
    time, values = time[good], values[good]
    if len(time) < 3:
        return values
    part = np.linspace(0.0, 1.0, _BETWEEN, endpoint=False)
    fine = (time[:-1, None] + np.diff(time)[:, None] * part).ravel()
    return np.asarray(PchipInterpolator(time, values)(np.append(fine, time[-1])))


def depth_means(series: Series, name: str, frame: int, bins: int) -> tuple[FloatArray, FloatArray]:
    """Average a field over layers parallel to the collector.

    Returns:
        Middle of each layer [um] and the area-weighted mean; NaN where a layer is empty.
    """
    depth = triangle_sets.centroids(series)[:, 1]
    weight = triangle_sets.areas(series)
    values = triangle_sets.cell_values(series, series.read(name, frame))
    borders = np.linspace(series.points[:, 1].min(), series.points[:, 1].max(), bins + 1)
    total, _ = np.histogram(depth, borders, weights=weight * values)
    area, _ = np.histogram(depth, borders, weights=weight)
    mean = np.divide(total, area, out=np.full(bins, np.nan), where=area > 0)
    return 0.5 * (borders[1:] + borders[:-1]), mean


def depth_profile(run: Run) -> Figure | None:
    """Mean lithiation of the particles against the distance from the collector, at some times.

    What comes after the fullest state is dashed.
    """
    series = run.series(Group.ACTIVE)
    if series is None or "sto" not in series.names:
        return None
    figure = style.new_figure(95, 70)
    ax = figure.subplots()
    import matplotlib as mpl

    filling = lithiation_frames(series, _PROFILES)
    after = range(filling[-1] + 1, len(series.times))
    emptying = [after[k] for k in pick_frames(len(after), _PROFILES)] if len(after) > 1 else []
    frames = [*filling, *emptying]
    times = moments.time_texts([series.times[frame] for frame in frames])
    for k, (frame, time) in enumerate(zip(frames, times, strict=True)):
        part, number = (k, filling) if k < len(filling) else (k - len(filling), emptying)
        shade = 0.1 + 0.8 * part / max(len(number) - 1, 1)
        look: Any = {"color": mpl.colormaps["viridis_r" if number is filling else "magma_r"](shade)}
        depth, mean = depth_means(series, "sto", frame, _DEPTH_BINS)
        ax.plot(depth, mean, "-" if number is filling else "--", label=time, **look)
    ax.set(xlabel="Distance from collector [µm]", ylabel=f"Mean {FIELDS['sto'].name.lower()}")
    ax.set_xlim(0.0, None)
    ax.ticklabel_format(useOffset=False)
    style.legend_beside(ax, title="Time")
    return figure


def lithiation_frames(series: Series, wanted: int) -> list[int]:
    """Return up to ``wanted`` frames from the start of the lithiation to the fullest state.

    The uniform state of the start is left out, as are the states of a rest or a delithiation
    after the fullest one. In a run that only empties the electrode all frames count.
    """
    means, spreads = [], []
    for frame in range(len(series.times)):
        values = series.read("sto", frame).magnitude
        means.append(float(values.mean()))
        spreads.append(float(np.ptp(values)))
    fullest = int(np.argmax(np.array(means) > max(means) - 1e-4 * (max(means) - min(means))))
    fullest = fullest or len(means) - 1
    frames = [k for k in range(fullest + 1) if spreads[k] > _EARLY] or [fullest]
    return [frames[k] for k in pick_frames(len(frames), wanted)]


def pick_frames(count: int, wanted: int) -> list[int]:
    """Return up to ``wanted`` frames spread over a series, first and last among them."""
    return [int(k) for k in np.unique(np.linspace(0, count - 1, min(wanted, count)).round())]


def looks(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return colour and label of each of some curves; of many some are told."""
    told = pick_frames(len(names), TOLD)
    return [
        {"color": color, "label": name if k in told else None}
        for k, (name, color) in enumerate(zip(names, shades(len(names)), strict=True))
    ]


def shades(count: int) -> list[Any]:
    """Return a colour for each of some curves: those of all figures as far as they go."""
    import matplotlib as mpl

    if count <= len(style.COLORS):
        return list(style.COLORS[:count])
    return list(mpl.colormaps["viridis"](np.linspace(0.0, _BRIGHTEST, count)))


def summary(run: Run) -> Figure | None:
    """Balances, time steps and where the time of the solver went."""
    balances = flat_numbers(run.manifest.get("balances", {}))
    timings = flat_numbers(run.manifest.get("timings", {}))
    time = run.column_or_none(TIME)
    if not balances and not timings and time is None:
        return None
    figure = style.new_figure(180, 62)
    left, middle, right = figure.subplots(1, 3)
    left.set(title="Relative error of balances")
    _bars(left, {k: max(abs(v), 1e-17) for k, v in balances.items()}, log=True, told="%.2g")
    middle.set(title="Time step", xlabel=axis_label(TIME), ylabel="Step [s]", yscale="log")
    if time is not None and len(time) > 1:
        time = time[time_steps(run)]
        steps = np.diff(time)
        middle.plot(time[1:][steps > 0], steps[steps > 0], ".-", ms=2.5, lw=0.8)
    right.set(title="Wall time [s]")
    _bars(right, timings, log=False, told="{:.4g}")
    status = run.manifest.get("status")
    figure.suptitle(f"{style.title(run)}: {status}" if status else style.title(run), fontsize=8)
    return figure


def _bars(ax: Axes, numbers: Mapping[str, float], *, log: bool, told: str) -> None:
    if not numbers:
        ax.text(0.5, 0.5, "not recorded", ha="center", transform=ax.transAxes, color="0.5")
        ax.set_axis_off()
        return
    names = list(numbers)
    bars = ax.barh(range(len(names)), [numbers[n] for n in names], height=0.6)
    ax.set_yticks(range(len(names)), [n.replace("_", " ") for n in names])
    ax.invert_yaxis()
    if log:
        ax.set_xscale("log")
        ax.set_xlim(1e-18, max(1e-3, *numbers.values()) * 10)
    ax.bar_label(bars, fmt=told, fontsize=6, padding=2)
    ax.margins(x=0.2)


def flat_numbers(tree: Any, prefix: str = "") -> dict[str, float]:
    """Return the numbers of nested mappings with their path as name."""
    if isinstance(tree, bool) or not isinstance(tree, dict | int | float):
        return {}
    if isinstance(tree, dict):
        flat: dict[str, float] = {}
        for key, value in tree.items():
            flat |= flat_numbers(value, f"{prefix} {key}".strip())
        return flat
    return {prefix: float(tree)} if np.isfinite(tree) else {}
