"""Maps of fields whose scale is that of a material: stress, flow, damage; moments side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import maps, moments, triangle_sets
from mesode.analysis.deformed import DeformedSection
from mesode.analysis.phase_colours import shown_name
from mesode.columns import ACTIVE, BINDER, MAX_VON_MISES, of_part
from mesode.fields import FIELDS, PARTICLE, PHASE, Group
from mesode.section_names import ISOLATED, OPEN_PHASES, without_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.triangle_sets import Mask
    from mesode.analysis.xdmf import FloatArray, Series, Values
    from mesode.fields import Field

_MOST_ROWS, _MOST_MOMENTS = 4, 4
_MOMENT_LINES = 3  # of the title of a moment
_STRESSES = {"binder": of_part(MAX_VON_MISES, BINDER), "particles": of_part(MAX_VON_MISES, ACTIVE)}
_NOTHING = 1e-6  # of the largest of all materials, up to which a field is rounding
_SEEN = 0.01  # of the area, from which on what is cut off has maps of its own


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
    names = [n for n in ("plastic_strain", "lost_work") if n in series.names]
    columns = _occurring(run, series, names)
    return _by_material(run, series, _not_too_many(columns)) if columns else None


def damage_map(run: Run) -> Figure | None:
    """Draw where each material has come off others, at the same moments; none where none has."""
    series = run.series(Group.MECHANICAL)
    if series is None or "damage" not in series.names:
        return None
    columns = _occurring(run, series, ["damage"])
    return _by_material(run, series, columns) if columns else None


def _occurring(run: Run, series: Series, names: Sequence[str]) -> list[Column]:
    """Return the fields, each of the materials in which it is not zero at the moments shown."""
    found, materials = stress_frames(run, series, _MOST_MOMENTS), parts(run, series)
    columns: list[Column] = []
    for name in names:
        values = [series.read(name, frame) for frame in found]
        largest = [max(_most(value, part) for value in values) for part in materials]
        rounding = _NOTHING * max(largest, default=0.0)
        there = zip(materials, largest, strict=True)
        columns += [(name, part) for part, most in there if most > rounding]
    return columns


def _most(values: Values, part: Part) -> float:
    return float(np.max(_within(values, part), initial=0.0))


def _not_too_many(columns: Sequence[Column]) -> Sequence[Column]:
    """Return the columns of a figure, those of the first field alone where all are too many."""
    if len(columns) <= _MOST_ROWS:
        return columns
    return [(name, part) for name, part in columns if name == columns[0][0]]


def _within(values: Values, part: Part) -> FloatArray:
    return values.magnitude if part.where is None else values.magnitude[part.where]


def _by_material(run: Run, series: Series, rows: Sequence[Column]) -> Figure:
    """Draw fields of materials at the moments of ``stress_frames``.

    Each has a row of its own on one scale, with a column for each moment; where there is but one,
    they stand beside each other.
    """
    found = stress_frames(run, series, _MOST_MOMENTS)
    shape, times = DeformedSection(run), [series.times[frame] for frame in found]
    extent, once = shape.extent(maps.section_extent(run, *maps.SOLID), times), len(found) == 1
    figure, axes = (
        maps.panels(len(rows), extent)
        if once
        else maps.rows_of_panels(len(rows), len(found), extent, lines=_MOMENT_LINES)
    )
    moved, active = [shape.at(series, t) for t in times], run.series(Group.ACTIVE)
    outlines = [] if active is None else [shape.at(active, t) for t in times]
    when = moments.titles(series, found)
    for row, (name, part) in enumerate(rows):
        beside = axes[row * len(found) : (row + 1) * len(found)]
        values = [series.read(name, frame) for frame in found]
        limits = limits_of(values, part, FIELDS[name])
        for k, (ax, value) in enumerate(zip(beside, values, strict=True)):
            artist = maps.draw_field(
                ax, moved[k], value, FIELDS[name], limits=limits, where=part.where, colorbar=False
            )
            if outlines:
                maps.draw_outline(ax, outlines[k])
        strength = part.strength if name == "von_mises" else None
        maps.draw_bar(beside[-1], artist, limits, FIELDS[name], mark=strength)
        text = f"{FIELDS[name].name}, {part.name}"
        for k, ax in enumerate(beside):
            title = _title_of_one(ax, text, when[0]) if once else text if k == 0 else ""
            above = "" if once or row else f"{_moment(ax, when[k])}\n"
            ax.set_title(f"{above}{title}" or " ", loc="left")
    return figure


def _moment(ax: Axes, when: str) -> str:
    """Return a moment in lines that are as wide as its map, its time in one of them."""
    words, _, unit = when.rpartition(" ")
    return maps.in_lines(ax, f"{words}\N{NO-BREAK SPACE}{unit}", 0.0)


def _title_of_one(ax: Axes, text: str, when: str) -> str:
    return f"{maps.in_lines(ax, text)}\n{when}"


def stress_frames(run: Run, series: Series, most: int) -> dict[int, str]:
    """Return the frames in which stress is shown: the largest of the run, then ends of steps."""
    wanted = [*_largest_stresses(run, series), *moments.by_importance(moments.ends(run))]
    return moments.frames(series, wanted, most) or moments.busy(run, series)


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
    phase, inside = triangle_sets.labels(series, PHASE), triangle_sets.labels(series, PARTICLE) >= 0
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
