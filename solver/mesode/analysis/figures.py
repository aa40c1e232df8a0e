"""The figures of a run folder. Each is left out where its data are not there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import (
    curves,
    cycling,
    fracture,
    heating,
    impedance_maps,
    maps,
    material_maps,
    moments,
    spectra,
    style,
    surface_maps,
    swelling,
    triangle_sets,
)
from mesode.analysis.deformed import DeformedSection
from mesode.analysis.phase_colours import phase_colours, shown_name
from mesode.analysis.run_data import Run, open_run
from mesode.columns import MIN_SALT
from mesode.fields import FIELDS, PARTICLE, PHASE, Group

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.figure import Figure

    from mesode.analysis.xdmf import FloatArray

logger = logging.getLogger(__name__)

_LITHIATION_FRAMES = 3
_PANELS = 4  # moments at which lithiation is shown
_COMMON = 0.25  # spread of a panel over that of all, from which they share one colour scale


def make_figures(folder: Path) -> list[Path]:
    """Draw every figure that the run folder has data for into ``folder/figures``.

    Returns:
        Paths of the PNG files.

    Raises:
        InputError: the folder is not a run folder, or a file in it cannot be read.
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
    phases = [triangle_sets.labels(series, PHASE) for series in every]
    inside = [
        p[triangle_sets.labels(series, PARTICLE) >= 0]
        for p, series in zip(phases, every, strict=True)
    ]
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


def lithiation_map(run: Run) -> Figure | None:
    """Draw the lithiation of the particles at the end of each kind of step, or on the way to it."""
    series = run.series(Group.ACTIVE)
    if series is None or "sto" not in series.names:
        return None
    found = moments.frames(series, moments.by_importance(moments.ends(run)), _PANELS)
    if len(found) < 2:  # one step: how it went
        found = dict.fromkeys(curves.lithiation_frames(series, _LITHIATION_FRAMES), "")
    field = FIELDS["sto"]
    values = [series.read("sto", frame) for frame in found]
    limits = _common_limits([v.magnitude for v in values])
    shape, times = DeformedSection(run), [series.times[frame] for frame in found]
    extent = shape.extent(maps.section_extent(run, *maps.SOLID), times)
    figure, axes = maps.panels(len(found), extent)
    texts = moments.time_texts(times)
    for ax, name, text, value, t in zip(axes, found.values(), texts, values, times, strict=True):
        last, now = ax is axes[-1], shape.at(series, t)
        maps.draw_field(ax, now, value, field, limits=limits, colorbar=limits is None or last)
        maps.draw_outline(ax, now)
        ax.set_title(f"Lithiation, {text}\n{name}".strip(), loc="left")
    return figure


def _common_limits(panels: list[FloatArray]) -> maps.Limits | None:
    """Return one colour scale for all panels, None where it would hide what each has to show."""
    spreads = [float(np.ptp(values)) for values in panels]
    limits = maps.color_limits(np.concatenate(panels), signed=False, outliers=0.0)
    return limits if max(spreads) >= _COMMON * (limits.high - limits.low) else None


def electrolyte_map(run: Run) -> Figure | None:
    """Draw salt concentration and electrolyte potential where the salt is least."""
    series = run.series(Group.IONIC)
    names = [n for n in ("c_e", "phi_e") if series is not None and n in series.names]
    if series is None or not names:
        return None
    least = moments.extreme(run, MIN_SALT, "min", "least salt")
    found = moments.frames(series, [least], 1) if least else moments.busy(run, series)
    figure, axes = maps.panels(len(names), maps.section_extent(run))
    active = run.series(Group.ACTIVE)
    (title,) = moments.titles(series, found)
    for ax, name in zip(axes, names, strict=True):
        maps.draw_field(ax, series, series.read(name, *found), FIELDS[name])
        if active is not None:
            maps.draw_outline(ax, active)
        ax.set_title(f"{FIELDS[name].name}\n{title}", loc="left")
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
    busy = moments.busy(run, found[0][0])
    (frame,), (title,) = busy, moments.titles(found[0][0], busy)
    figure, axes = maps.panels(len(found), maps.section_extent(run))
    active = run.series(Group.ACTIVE)
    for ax, (series, name) in zip(axes, found, strict=True):
        values = series.read(name, frame)
        if name == "i_n":
            surface_maps.draw_on_surfaces(ax, series, values, FIELDS[name])
        else:
            maps.draw_field(ax, series, values, FIELDS[name])
            maps.draw_arrows(ax, series, values)
            if active is not None:
                maps.draw_outline(ax, active)
        ax.set_title(f"{FIELDS[name].name}\n{title}", loc="left")
    return figure


def surface_map(run: Run) -> Figure | None:
    """Draw what lives on the surfaces of the particles, where the run has ended."""
    series = run.series(Group.ACTIVE)
    names = [n for n in ("L_sei", "hysteresis") if series is not None and n in series.names]
    if series is None or not names:
        return None
    last = len(series.times) - 1
    figure, axes = maps.panels(len(names), maps.section_extent(run, *maps.SOLID))
    (title,) = moments.titles(series, {last: ""})
    for ax, name in zip(axes, names, strict=True):
        surface_maps.draw_on_surfaces(ax, series, series.read(name, last), FIELDS[name])
        ax.set_title(f"{FIELDS[name].name}\n{title}", loc="left")
    return figure


FIGURES: dict[str, Callable[[Run], Figure | None]] = {
    "geometry": geometry,
    "voltage_curve": curves.voltage_curve,
    "cycles": cycling.cycles,
    "differential_capacity": cycling.differential_capacity,
    "current_voltage": cycling.current_voltage,
    "nyquist": spectra.nyquist,
    "bode": spectra.bode,
    "impedance_shares": spectra.shares,
    "impedance_map": impedance_maps.impedance_map,
    "lithiation_map": lithiation_map,
    "lithiation_profile": curves.depth_profile,
    "electrolyte_map": electrolyte_map,
    "current_map": current_map,
    "surface_map": surface_map,
    "stress_map": material_maps.stress_map,
    "principal_stress_map": material_maps.principal_stress_map,
    "plastic_strain_map": material_maps.plastic_strain_map,
    "energy_release": fracture.energy_release,
    "damage_map": material_maps.damage_map,
    "swelling": swelling.swelling,
    "temperature": heating.temperature,
    "summary": curves.summary,
}
