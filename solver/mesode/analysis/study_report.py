"""``mesode report STUDY``: responses, main effects, voltage curves, maps and the table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.analysis import curves, study_maps, study_plots, style
from mesode.analysis.lab.page_part import analysis_part
from mesode.analysis.page import Picture, embed_figure, link, write_page
from mesode.analysis.study_table import StudyTable, read_study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

_MOST_FIGURES = 8
_THUMBNAILS = 12
_HIDDEN = ("case", "config hash", "folder")


@dataclass(frozen=True, slots=True)
class Response:
    """Plots of one figure of merit."""

    name: str
    one: Picture | None
    pairs: Picture | None


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A map of one case."""

    caption: str
    address: str
    picture: Picture


def report_study(folder: Path, out: Path) -> Path:
    """Write the page of a study from its tables.

    Raises:
        InputError: the folder holds no study with results.
        OutputError: the page cannot be written.
    """
    table = read_study(folder)
    shown = table.telling[:_MOST_FIGURES]
    with style.house_style():
        responses = [
            Response(
                name,
                _embed(study_plots.responses(table, name)),
                _embed(study_plots.pairs(table, name)),
            )
            for name in shown
        ]
        effects = _embed(study_plots.effects_chart(table, shown))
        voltage = _embed(study_plots.voltage_curves(table))
    return write_page(
        "study.html",
        out,
        title=table.title,
        table=table,
        counts=sorted(Counter(table.rows["status"]).items()),
        hours=float(table.numbers("wall time / s").sum()) / 3600.0,
        responses=[r for r in responses if r.one is not None],
        left_out=table.telling[_MOST_FIGURES:],
        constant=[n for n in table.figures if n not in (*table.telling, *table.checks)],
        effects=effects,
        shares=_shares(table, shown),
        voltage=voltage,
        thumbnails=thumbnails(table, out),
        analysis=analysis_part(folder),
        rows=_rows(table, out),
        columns=[c for c in table.rows if c not in _HIDDEN],
        labels=_labels(table),
    )


def _embed(figure: Figure | None) -> Picture | None:
    return None if figure is None else embed_figure(figure)


def _shares(table: StudyTable, figures: Sequence[str]) -> list[tuple[str, str, list[float], float]]:
    """Return figure of merit, method, share of each factor, rest."""
    found = [(name, table.effects(name)) for name in figures]
    return [
        (name, e.method, [e.shares.get(f, 0.0) for f in table.factors], e.rest)
        for name, e in found
        if e is not None
    ]


def thumbnails(table: StudyTable, page: Path) -> list[Thumbnail]:
    """Return maps of cases spread over the study, to be compared: all with the same scales."""
    folders = [table.path / str(name) for name in table.rows["folder"]]
    there = [k for k, folder in enumerate(folders) if (folder / "fields").is_dir()]
    chosen = [there[i] for i in curves.pick_frames(len(there), _THUMBNAILS)] if there else []
    drawn = study_maps.comparable([folders[k] for k in chosen])
    return [
        Thumbnail(_caption(table, k), link(folders[k], page), embed_figure(drawn[folders[k]]))
        for k in chosen
        if folders[k] in drawn
    ]


def _caption(table: StudyTable, row: int) -> str:
    names = (*table.factors, *table.seeds)
    values = [f"{study_plots.label(n, names)} {table.rows[n].iloc[row]}" for n in names]
    return f"{table.rows['case'].iloc[row]}: {', '.join(values)}"


def _labels(table: StudyTable) -> dict[str, str]:
    """Return the heading of each column, with the unit that its numbers are shown in."""
    every = [str(name) for name in table.rows]
    return {name: study_plots.label(name, every) for name in every}


def _rows(table: StudyTable, page: Path) -> list[dict[str, Any]]:
    shown = table.rows.copy()
    for name in (str(name) for name in table.rows):
        if study_plots.is_scaled(name):
            shown[name] = study_plots.shown_numbers(table, name)
    rows = []
    for row in shown.to_dict("records"):
        folder = table.path / str(row["folder"])
        rows.append({**{str(k): v for k, v in row.items()}, "address": link(folder, page)})
    return rows
