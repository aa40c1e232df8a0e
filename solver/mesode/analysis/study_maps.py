"""Maps of several cases of a study, drawn anew with the same colours for the same values."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis import maps, material_maps, moments, style
from mesode.analysis.run_data import open_run
from mesode.errors import InputError
from mesode.fields import FIELDS, Group

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.triangle_sets import Mask
    from mesode.analysis.xdmf import Series, Values


@dataclass(frozen=True, slots=True)
class _Map:
    """One field of a case at its moment, in a part of the section."""

    series: Series
    values: Values
    field: str
    part: str
    where: Mask | None
    when: str


def comparable(folders: Sequence[Path]) -> dict[Path, Figure]:
    """Draw the stress of each case where it is largest, or the lithiation at its end.

    Cases without fields are left out. Each material has one scale over all cases.
    """
    found = {folder: chosen for folder in folders if (chosen := _maps(folder)) is not None}
    fields = {each.field for _, each_case in found.values() for each in each_case}
    if "von_mises" in fields:  # a case without mechanics has nothing to compare with
        found = {k: v for k, v in found.items() if v[1][0].field == "von_mises"}
    scales: dict[str, list[np.ndarray]] = {}
    for _, each_case in found.values():
        for each in each_case:
            where = slice(None) if each.where is None else each.where
            shown = each.values.magnitude[where] if each.values.on_cells else each.values.magnitude
            scales.setdefault(each.part, []).append(shown * FIELDS[each.field].shown_factor)
    limits = {
        part: maps.color_limits(np.concatenate(values), signed=False)
        for part, values in scales.items()
    }
    return {folder: _draw(run, each, limits) for folder, (run, each) in found.items()}


def _maps(folder: Path) -> tuple[Run, list[_Map]] | None:
    with suppress(InputError):
        run = open_run(folder)
        series = run.series(Group.MECHANICAL)
        if series is not None and "von_mises" in series.names:
            (frame, when), *_ = material_maps.stress_frames(run, series, 1).items()
            values = series.read("von_mises", frame)
            parts = material_maps.parts(run, series)
            return run, [_Map(series, values, "von_mises", p.name, p.where, when) for p in parts]
        series = run.series(Group.ACTIVE)
        if series is not None and "sto" in series.names:
            when = moments.time_texts(series.times)[-1]
            return run, [_Map(series, series.read("sto"), "sto", "particles", None, when)]
    return None


def _draw(run: Run, chosen: list[_Map], limits: dict[str, maps.Limits]) -> Figure:
    with style.house_style():
        figure, axes = maps.panels(len(chosen), maps.section_extent(run, *maps.SOLID))
        active = run.series(Group.ACTIVE)
        for ax, each in zip(axes, chosen, strict=True):
            field = FIELDS[each.field]
            scale = limits[each.part]
            maps.draw_field(ax, each.series, each.values, field, limits=scale, where=each.where)
            if active is not None:
                maps.draw_outline(ax, active)
            ax.set_title(f"{field.name}, {each.part}\n{each.when}", loc="left")
    return figure
