"""The figures of a run folder. Each is left out where its data are not there."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import (
    curves,
    cycling,
    fracture,
    impedance_maps,
    maps,
    moments,
    spectra,
    style,
    swelling,
    triangle_sets,
)
from mesode.analysis.deformed import DeformedSection
from mesode.analysis.phase_colours import phase_colours, shown_name
from mesode.analysis.run_data import Run, open_run
from mesode.columns import ACTIVE, BINDER, MAX_VON_MISES, MIN_SALT, of_part
from mesode.fields import FIELDS, PARTICLE, PHASE, Group
from mesode.section_names import ISOLATED, OPEN_PHASES, without_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from mesode.analysis.triangle_sets import Mask
    from mesode.analysis.xdmf import FloatArray, IndexArray, Series, Values
    from mesode.fields import Field

logger = logging.getLogger(__name__)

_LITHIATION_FRAMES = 3
_PANELS, _ROWS = 4, 4  # maps beside each other, and moments below each other
_STRESSES = {"binder": of_part(MAX_VON_MISES, BINDER), "particles": of_part(MAX_VON_MISES, ACTIVE)}
_SEEN = 0.01  # of the area, from which on what is cut off has maps of its own
_COMMON = 0.25  # spread of a panel over that of all, from which they share one colour scale
SOLID = (Group.ACTIVE, Group.ELECTRONIC, Group.MECHANICAL)


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
    """Draw the lithiation of the particles at the end of each kind of step, or on the way to it."""
    series = run.series(Group.ACTIVE)
    if series is None or "sto" not in series.names:
        return None
    found = moments.frames(series, _by_importance(moments.ends(run)), _PANELS)
    if len(found) < 2:  # one step: how it went
        found = dict.fromkeys(curves.lithiation_frames(series, _LITHIATION_FRAMES), "")
    field = FIELDS["sto"]
    values = [series.read("sto", frame) for frame in found]
    limits = _common_limits([v.magnitude for v in values])
    shape, times = DeformedSection(run), [series.times[frame] for frame in found]
    extent = shape.extent(maps.section_extent(run, *SOLID), times)
    figure, axes = maps.panels(len(found), extent)
    texts = moments.time_texts(times)
    for ax, name, text, value, t in zip(axes, found.values(), texts, values, times, strict=True):
        last, now = ax is axes[-1], shape.at(series, t)
        maps.draw_field(ax, now, value, field, limits=limits, colorbar=limits is None or last)
        maps.draw_outline(ax, now)
        ax.set_title(f"Lithiation, {text}\n{name}".strip(), loc="left")
    return figure


def _by_importance(found: list[moments.Moment]) -> list[moments.Moment]:
    """Put what flows before the rests."""
    return sorted(found, key=lambda moment: "rest" in moment.name)


def _titles(series: Series, found: dict[int, str]) -> list[str]:
    """Return name and time of each frame, in one unit."""
    times = moments.time_texts([series.times[frame] for frame in found])
    return [f"{name}, {t}" if name else t for name, t in zip(found.values(), times, strict=True)]


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
    found = moments.frames(series, [least], 1) if least else _busy(run, series)
    figure, axes = maps.panels(len(names), maps.section_extent(run))
    active = run.series(Group.ACTIVE)
    (title,) = _titles(series, found)
    for ax, name in zip(axes, names, strict=True):
        maps.draw_field(ax, series, series.read(name, *found), FIELDS[name])
        if active is not None:
            maps.draw_outline(ax, active)
        ax.set_title(f"{FIELDS[name].name}\n{title}", loc="left")
    return figure


def _busy(run: Run, series: Series) -> dict[int, str]:
    """Return the last frame in which current flows, with its name if it is the end of a step."""
    frame = moments.busy_frame(run) % len(series.times)
    known = moments.frames(series, moments.ends(run), len(series.times))
    return {frame: known.get(frame, "")}


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
    busy = _busy(run, found[0][0])
    (frame,), (title,) = busy, _titles(found[0][0], busy)
    figure, axes = maps.panels(len(found), maps.section_extent(run))
    active = run.series(Group.ACTIVE)
    for ax, (series, name) in zip(axes, found, strict=True):
        values = series.read(name, frame)
        if name == "i_n":
            maps.draw_on_surfaces(ax, series, values, FIELDS[name])
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
    figure, axes = maps.panels(len(names), maps.section_extent(run, *SOLID))
    (title,) = _titles(series, {last: ""})
    for ax, name in zip(axes, names, strict=True):
        maps.draw_on_surfaces(ax, series, series.read(name, last), FIELDS[name])
        ax.set_title(f"{FIELDS[name].name}\n{title}", loc="left")
    return figure


@dataclass(frozen=True, slots=True)
class Part:
    """A material whose stress has a scale of its own; strength [Pa] where it is known."""

    name: str
    where: Mask | None
    strength: float | None = None


type Column = tuple[str, Part]  # a field of a material


def stress_map(run: Run) -> Figure | None:
    """Draw von Mises and hydrostatic stress where it is largest and at the end of each step.

    Each material has one scale, with its strength where that is known.
    """
    series = run.series(Group.MECHANICAL)
    if series is None:
        return None
    materials = parts(run, series)
    names = [n for n in ("von_mises", "sigma_h") if n in series.names]
    columns = [(name, part) for name in names for part in materials]
    return _by_material(run, series, _not_too_many(columns)) if columns else None


def principal_stress_map(run: Run) -> Figure | None:
    """Draw the largest principal stress of each material, as ``stress_map`` does."""
    series = run.series(Group.MECHANICAL)
    if series is None or "max_principal" not in series.names:
        return None
    return _by_material(run, series, [("max_principal", part) for part in parts(run, series)])


def plastic_strain_map(run: Run) -> Figure | None:
    """Draw what has flowed, and what was lost in flow and relaxation, in each material that does.

    Where stress is largest and at the end of each step.
    """
    series = run.series(Group.MECHANICAL)
    if series is None:
        return None
    found = stress_frames(run, series, _ROWS)
    names = [n for n in ("plastic_strain", "lost_work") if n in series.names]
    columns = [
        (name, part)
        for name in names
        for part in parts(run, series)
        if any(_within(series.read(name, frame), part).any() for frame in found)
    ]
    return _by_material(run, series, _not_too_many(columns)) if columns else None


def damage_map(run: Run) -> Figure | None:
    """Draw where each material has come off others, at the same moments."""
    series = run.series(Group.MECHANICAL)
    if series is None or "damage" not in series.names:
        return None
    return _by_material(run, series, [("damage", part) for part in parts(run, series)])


def _not_too_many(columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns of a figure, those of the first field alone where all are too many."""
    if len(columns) <= _PANELS:
        return columns
    return [(name, part) for name, part in columns if name == columns[0][0]]


def _within(values: Values, part: Part) -> FloatArray:
    return values.magnitude if part.where is None else values.magnitude[part.where]


def _by_material(run: Run, series: Series, columns: Sequence[Column]) -> Figure:
    """Draw fields of materials, each on one scale, at the moments of ``stress_frames``."""
    found = stress_frames(run, series, _ROWS)
    shape, times = DeformedSection(run), [series.times[frame] for frame in found]
    extent = shape.extent(maps.section_extent(run, *SOLID), times)
    beside, once = maps.in_a_row(len(columns), extent), len(found) == 1
    lines = 2 if beside < 3 or once else 3
    figure, axes = maps.panels(len(columns) * len(found), extent, columns=beside, lines=lines)
    moved, active = [shape.at(series, t) for t in times], run.series(Group.ACTIVE)
    outlines = [] if active is None else [shape.at(active, t) for t in times]
    for k, (name, part) in enumerate(columns):
        values = [series.read(name, frame) for frame in found]
        limits = limits_of(values, part, FIELDS[name])
        for row, (value, title) in enumerate(zip(values, _titles(series, found), strict=True)):
            ax, now = axes[row * len(columns) + k], moved[row]
            artist = maps.draw_field(
                ax, now, value, FIELDS[name], limits=limits, where=part.where, colorbar=False
            )
            strength = part.strength if name == "von_mises" else None
            maps.draw_bar(ax, artist, limits, FIELDS[name], mark=strength)
            if outlines:
                maps.draw_outline(ax, outlines[row])
            text = maps.in_lines(figure, ax, f"{FIELDS[name].name}, {part.name}")
            when = title if k == 0 or once else ""
            ax.set_title(f"{text}\n{when}" if once else f"{when}\n{text}", loc="left")
    return figure


def stress_frames(run: Run, series: Series, most: int) -> dict[int, str]:
    """Return the frames in which stress is shown: the largest of the run, then ends of steps."""
    wanted = [*_largest_stresses(run, series), *_by_importance(moments.ends(run))]
    return moments.frames(series, wanted, most) or _busy(run, series)


def _largest_stresses(run: Run, series: Series) -> list[moments.Moment]:
    """Return when binder and particles were stressed most; one moment if that is one frame."""
    found = [
        moment
        for part, column in _STRESSES.items()
        if (moment := moments.extreme(run, column, "max", f"largest stress in {part}"))
    ]
    if len(moments.frames(series, found, len(found))) == 1:
        return [replace(found[0], name="largest stress")]
    return found


def limits_of(values: list[Values], part: Part, field: Field) -> maps.Limits:
    """Return one colour scale for a material at several times."""
    shown = np.concatenate([_within(value, part) for value in values]) * field.shown_factor
    return maps.color_limits(shown, signed=field.signed)


def parts(run: Run, series: Series) -> list[Part]:
    """Split the solid into its materials, without foils: their stresses differ by orders.

    One material of particles and one between them are called so. What is cut off and too small to
    be seen has no map of its own.
    """
    if PARTICLE not in series.names:
        return [Part("solid", None)]
    phase, inside = _label(series, PHASE), _label(series, PARTICLE) >= 0
    strengths, area, found = run.strengths, triangle_sets.areas(series), []
    solids = {
        name: tag
        for name, tag in _solids(run).items()
        if ISOLATED not in name or area[phase == tag].sum() > _SEEN * area.sum()
    }
    for group, where in (("particles", inside), ("binder", ~inside)):
        tags = [n for n, t in solids.items() if (where & (phase == t)).any()]
        for name in tags:
            own = where & (phase == run.phases[name])
            shown = group if len(tags) == 1 else shown_name(name)
            found.append(Part(shown, own, strengths.get(name)))
    return found


def _solids(run: Run) -> dict[str, int]:
    """Return the number of each phase that bears stress, without foils, pores and voids."""
    return {
        name: tag
        for name, tag in run.phases.items()
        if without_prefix(name).partition(ISOLATED)[0] not in OPEN_PHASES
    }


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
    "stress_map": stress_map,
    "principal_stress_map": principal_stress_map,
    "plastic_strain_map": plastic_strain_map,
    "energy_release": fracture.energy_release,
    "damage_map": damage_map,
    "swelling": swelling.swelling,
    "summary": curves.summary,
}
