"""The figures of a run folder. Each is left out where its data are not there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import curves, maps, style
from mesode.analysis.run import Run, open_run
from mesode.fields import FIELDS, PARTICLE, PHASE, Group
from mesode.geometry.report.parts import is_foil
from mesode.geometry.report.phase_colours import phase_colours, shown_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.section import Mask
    from mesode.analysis.xdmf import FloatArray, IndexArray, Series

logger = logging.getLogger(__name__)

_LITHIATION_FRAMES = 3
_COMMON = 0.25  # spread of a panel over that of all, from which they share one colour scale
_SOLID = (Group.ACTIVE, Group.ELECTRONIC, Group.MECHANICAL)


def make_figures(folder: Path) -> list[Path]:
    """Draw every figure that the run folder has data for into ``folder/figures``.

    Returns:
        Paths of the PNG files.

    Raises:
        InputError: the folder is no run folder, or a file in it cannot be read.
    """
    run = open_run(folder)
    paths = []
    with style.house_style():
        for name, draw in FIGURES.items():
            figure = draw(run)
            if figure is None:
                logger.debug("no data for figure %s in %s", name, folder)
                continue
            paths.append(style.save(figure, folder / "figures" / f"{name}.png"))
    return paths


def geometry(run: Run) -> Figure | None:
    """Draw the phases in which fields live."""
    active = run.series(Group.ACTIVE)
    if active is None or PHASE not in active.names:
        return None
    from matplotlib.patches import Patch

    figure, (ax,) = maps.panels(1, maps.section_extent(run))
    every = [series for group in Group if (series := run.series(group)) is not None]
    phases = [_label(series, PHASE) for series in every]
    inside = [p[_label(series, PARTICLE) >= 0] for p, series in zip(phases, every, strict=True)]
    colors = phase_colours(run.phases, set(np.concatenate(inside).tolist()))
    drawn = {}
    for series, phase in zip(every, phases, strict=True):
        for name, number in run.phases.items():
            where = phase == number
            if where.any():
                drawn[name] = Patch(color=colors[name], label=shown_name(name))
                maps.draw_filled(ax, series, colors[name], where=where)
    maps.draw_outline(ax, active)
    handles = [drawn[name] for name in run.phases if name in drawn]
    ax.legend(handles=handles, handlelength=1.0, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def _label(series: Series, name: str) -> IndexArray:
    """Return a whole number of each triangle."""
    return series.read(name).data.astype(np.int64)


def lithiation_map(run: Run) -> Figure | None:
    """Draw the lithiation of the particles from the start to the end of the lithiation."""
    series = run.series(Group.ACTIVE)
    if series is None or "sto" not in series.names:
        return None
    field = FIELDS["sto"]
    frames = curves.lithiation_frames(series, _LITHIATION_FRAMES)
    values = [series.read("sto", frame) for frame in frames]
    limits = _common_limits([v.magnitude for v in values])
    figure, axes = maps.panels(len(frames), maps.section_extent(run, *_SOLID))
    for ax, frame, value in zip(axes, frames, values, strict=True):
        last = ax is axes[-1]
        maps.draw_field(ax, series, value, field, limits=limits, colorbar=limits is None or last)
        maps.draw_outline(ax, series)
        ax.set_title(f"Lithiation, {_at(series, frame)}", loc="left")
    return figure


def _common_limits(panels: list[FloatArray]) -> maps.Limits | None:
    """Return one colour scale for all panels, None where it would hide what each has to show."""
    spreads = [float(np.ptp(values)) for values in panels]
    limits = maps.color_limits(np.concatenate(panels), signed=False, outliers=0.0)
    return limits if max(spreads) >= _COMMON * (limits.high - limits.low) else None


def _title(ax: Axes, text: str, series: Series, frame: int) -> None:
    ax.set_title(f"{text}\n{_at(series, frame)}", loc="left")


def _at(series: Series, frame: int) -> str:
    return curves.time_text(series.times[frame])


def electrolyte_map(run: Run) -> Figure | None:
    """Draw salt concentration and electrolyte potential while current still flows."""
    series = run.series(Group.IONIC)
    names = [n for n in ("c_e", "phi_e") if series is not None and n in series.names]
    if series is None or not names:
        return None
    frame = _last_busy_frame(run)
    figure, axes = maps.panels(len(names), maps.section_extent(run))
    active = run.series(Group.ACTIVE)
    for ax, name in zip(axes, names, strict=True):
        maps.draw_field(ax, series, series.read(name, frame), FIELDS[name])
        if active is not None:
            maps.draw_outline(ax, active)
        _title(ax, FIELDS[name].name, series, frame)
    return figure


def current_map(run: Run) -> Figure | None:
    """Draw electronic, ionic and interface current densities while current still flows."""
    found = [
        (series, name)
        for group, name in (
            (Group.ELECTRONIC, "i_s"),
            (Group.IONIC, "i_e"),
            (Group.ACTIVE, "i_n"),
        )
        if (series := run.series(group)) is not None and name in series.names
    ]
    if not found:
        return None
    frame = _last_busy_frame(run)
    figure, axes = maps.panels(len(found), maps.section_extent(run, *_SOLID))
    active = run.series(Group.ACTIVE)
    for ax, (series, name) in zip(axes, found, strict=True):
        values = series.read(name, frame)
        if name == "i_n":
            maps.draw_on_outline(ax, series, values, FIELDS[name])
        else:
            maps.draw_field(ax, series, values, FIELDS[name])
            maps.draw_arrows(ax, series, values)
            if active is not None:
                maps.draw_outline(ax, active)
        _title(ax, FIELDS[name].name, series, frame)
    return figure


def _last_busy_frame(run: Run) -> int:
    """Return the last frame in which current flows; all groups have the same frames."""
    for group, name in ((Group.ELECTRONIC, "i_s"), (Group.IONIC, "i_e")):
        series = run.series(group)
        if series is not None and name in series.names:
            return _last_with_current(series, name)
    return -1


def _last_with_current(series: Series, name: str) -> int:
    """Return the last frame that is no rest, or the last of all."""
    largest = [float(series.read(name, k).magnitude.mean()) for k in range(len(series.times))]
    busy = [k for k, value in enumerate(largest) if value > 0.05 * max(largest)]
    return busy[-1] if busy else len(largest) - 1


def stress_map(run: Run) -> Figure | None:
    """Draw von Mises and hydrostatic stress, particles and binder each in its scale."""
    series = run.series(Group.MECHANICAL)
    if series is None:
        return None
    names = [n for n in ("von_mises", "sigma_h") if n in series.names]
    parts = _parts(run, series)
    if not names:
        return None
    frame = _last_busy_frame(run)
    figure, axes = maps.panels(len(names) * len(parts), maps.section_extent(run, *_SOLID))
    active = run.series(Group.ACTIVE)
    cells = [(name, part) for name in names for part in parts]
    for ax, (name, part) in zip(axes, cells, strict=True):
        maps.draw_field(ax, series, series.read(name, frame), FIELDS[name], where=parts[part])
        if active is not None:
            maps.draw_outline(ax, active)
        _title(ax, f"{FIELDS[name].name}, {part}", series, frame)
    return figure


def _parts(run: Run, series: Series) -> dict[str, Mask | None]:
    """Split the solid into particles and binder, without foils: their stresses differ by orders."""
    if PARTICLE not in series.names:
        return {"solid": None}
    inside = _label(series, PARTICLE) >= 0
    foils = [number for name, number in run.phases.items() if is_foil(name)]
    between = ~inside & ~np.isin(_label(series, PHASE), foils)
    parts = {"particles": inside, "binder": between}
    return {name: where for name, where in parts.items() if where.any()}


FIGURES: dict[str, Callable[[Run], Figure | None]] = {
    "geometry": geometry,
    "voltage_curve": curves.voltage_curve,
    "lithiation_map": lithiation_map,
    "lithiation_profile": curves.depth_profile,
    "electrolyte_map": electrolyte_map,
    "current_map": current_map,
    "stress_map": stress_map,
    "summary": curves.summary,
}
