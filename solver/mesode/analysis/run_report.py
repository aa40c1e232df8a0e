"""``mesode report RUN [RUN ...]``: one page of one run, or of several side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from mesode.analysis import curves, style
from mesode.analysis.lab.page_part import WIDE, Part, analysis_part
from mesode.analysis.page import (
    Picture,
    embed_animation,
    embed_figure,
    embed_picture,
    link,
    write_page,
)
from mesode.analysis.run_data import Run, open_run
from mesode.columns import CAPACITY, CYCLE, HALF_CYCLE, STEP, TIME_STEP, VOLTAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

CAPTIONS = {
    "geometry": "Section",
    "voltage_curve": "Voltage",
    "cycles": "Capacity and efficiency of the cycles",
    "differential_capacity": "Differential capacity",
    "current_voltage": "Current over voltage",
    "nyquist": "Impedance in the complex plane",
    "bode": "Impedance over the frequency",
    "impedance_map": "Current on the surfaces at one frequency: amplitude and phase",
    "impedance_shares": "What the real part of the impedance is lost in",
    "lithiation_map": "Lithiation of the particles",
    "lithiation_profile": "Lithiation over the depth",
    "electrolyte_map": "Salt and potential in the electrolyte",
    "current_map": "Currents of electrons, ions and through the interfaces",
    "surface_map": "What lives on the surfaces of the particles: SEI, hysteresis",
    "stress_map": "Stress",
    "principal_stress_map": "Largest principal stress: where particles may break",
    "plastic_strain_map": "Plastic strain, and work lost in flow and relaxation",
    "energy_release": "Energy that a crack would release, against the size of the particles",
    "damage_map": "Where bodies have come off each other",
    "swelling": "What swelling does over time",
    "temperature": "Temperature, and what becomes heat",
    "animation": "The section over time",
    "summary": "Balances, time steps, wall time",
}
_COUNTS = (STEP, CYCLE, HALF_CYCLE, TIME_STEP)
_LARGEST = ("Max von Mises", "Max Principal", "Max Plastic", "Max Normal", "Min Volume Ratio")
_NARROW = 520  # [CSS pixel] of a picture beside others


@dataclass(frozen=True, slots=True)
class Card:
    """What the page shows of one run."""

    name: str
    title: str
    address: str
    status: str
    reason: str
    manifest: Mapping[str, Any]
    numbers: Mapping[str, float | str]
    pictures: Mapping[str, Picture]
    config: str
    analysis: Part


def report_runs(folders: Sequence[Path], out: Path) -> Path:
    """Write the page of one or several runs.

    Args:
        folders: run folders, in the order they are shown.
        out: the HTML file.

    Raises:
        InputError: a folder is not a run folder.
        OutputError: the page cannot be written.
    """
    runs = [open_run(folder) for folder in folders]
    width = WIDE if len(runs) == 1 else _NARROW
    cards = [_card(run, name, out, width) for run, name in zip(runs, _names(runs), strict=True)]
    overlay = None
    if len(runs) > 1:
        with style.house_style():
            figure = overlaid_voltage(runs, [card.name for card in cards])
            overlay = None if figure is None else embed_figure(figure)
    return write_page(
        "runs.html",
        out,
        title=cards[0].title if len(cards) == 1 else f"{len(cards)} runs side by side",
        cards=cards,
        captions=CAPTIONS,
        rows=_rows(cards),
        differences=differences([run.config for run in runs]),
        overlay=overlay,
    )


def _names(runs: Sequence[Run]) -> list[str]:
    """Name each run by its folder; by more of the path where folders have the same name."""
    paths = [run.path.resolve() for run in runs]
    for depth in range(1, max(len(p.parts) for p in paths) + 1):
        names = ["/".join(p.parts[-depth:]) for p in paths]
        if len(set(names)) == len(names):
            return names
    return [f"{path} ({k})" for k, path in enumerate(paths, 1)]


def _card(run: Run, name: str, page: Path, width: int) -> Card:
    pictures = {
        key: embed_picture(path, width)
        for key in CAPTIONS
        if (path := run.path / "figures" / f"{key}.png").is_file()
    }
    film = run.path / "figures" / "animation.gif"
    if film.is_file():
        pictures = {**pictures, "animation": embed_animation(film, width)}
    section = run.path / "mesh" / "geometry.png"
    if section.is_file():
        pictures = {**pictures, "geometry": embed_picture(section, width)}
    return Card(
        name=name,
        title=run.title,
        address=link(run.path, page),
        status=str(run.manifest.get("status", "failed")),
        reason=str(run.manifest.get("reason", "no manifest")),
        manifest=run.manifest,
        numbers=key_numbers(run),
        pictures=pictures,
        analysis=analysis_part(run.path),
        config=yaml.safe_dump(dict(run.config), sort_keys=False, allow_unicode=True),
    )


def key_numbers(run: Run) -> dict[str, float | str]:
    """Return what a run amounts to: the last row of its time series, size, cost, balances."""
    numbers: dict[str, float | str] = {
        name: float(values[-1]) for name, values in run.timeseries.items() if len(values)
    }
    for name in _COUNTS:
        numbers.pop(name, None)
    # what converges with the mesh first
    numbers = dict(sorted(numbers.items(), key=lambda item: _at_corners(item[0])))
    mesh, timings = run.manifest.get("mesh", {}), run.manifest.get("timings", {})
    numbers |= {f"Mesh: {key}": mesh[key] for key in ("cells", "dofs") if key in mesh}
    if "total" in timings:
        numbers["Wall time / s"] = float(timings["total"])
    balances = run.manifest.get("balances", {})
    return numbers | {f"Relative error of {key}": float(v) for key, v in balances.items()}


def _at_corners(name: str) -> bool:
    """Tell whether a column holds the largest or least value of triangles.

    Where a section has corners it goes on to grow with the fineness of the mesh.
    """
    return name.startswith(_LARGEST)


def _rows(cards: Sequence[Card]) -> list[tuple[str, list[float | str | None]]]:
    names = dict.fromkeys(name for card in cards for name in card.numbers)
    return [(name, [card.numbers.get(name) for card in cards]) for name in names]


def differences(configs: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the dotted keys that are not the same in all inputs, with the value of each."""
    flat = [_flatten(config) for config in configs]
    keys = dict.fromkeys(key for config in flat for key in config)
    rows = [(key, [str(config.get(key, "–")) for config in flat]) for key in keys]
    return [(key, values) for key, values in rows if len(set(values)) > 1]


def _flatten(tree: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(tree, dict):
        return {
            path: value
            for key, branch in tree.items()
            for path, value in _flatten(branch, f"{prefix}.{key}".strip(".")).items()
        }
    if isinstance(tree, list) and any(isinstance(item, dict | list) for item in tree):
        return _flatten({str(k): item for k, item in enumerate(tree)}, prefix)
    return {prefix: tree}


def overlaid_voltage(runs: Sequence[Run], labels: Sequence[str]) -> Figure | None:
    """Draw voltage against specific capacity of several runs in one figure."""
    figure = style.new_figure(140, 85)
    ax = figure.subplots()
    drawn = 0
    for run, label in zip(runs, labels, strict=True):
        x, y = run.column_or_none(CAPACITY), run.column_or_none(VOLTAGE)
        if x is not None and y is not None:
            curves.draw_curve(ax, run, x, y, points=False, label=label)
            drawn += 1
    if not drawn:
        return None
    ax.set(xlabel=curves.axis_label(CAPACITY), ylabel=curves.axis_label(VOLTAGE))
    ax.legend()
    return figure
