"""What a person reads at the end of a run, from its manifest."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from mesode.columns import (
    ACTIVE,
    BINDER,
    CAPACITY,
    COULOMBIC_EFFICIENCY,
    MEAN_VON_MISES,
    SEI_CHARGE,
    SPLIT_SHAPE,
    SPLIT_VOLTAGE,
    THICKNESS,
    UPPER_VON_MISES,
    VOLTAGE,
    File,
    of_part,
)
from mesode.text_table import table
from mesode.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LONGEST = 50  # characters of a column


def summary_lines(manifest: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the lines of the summary: steps, balances, time, where the figures are."""
    lines = [*_steps(manifest.get("steps", [])), ""]
    balances = manifest.get("balances", {})
    if balances:
        text = ", ".join(f"{name} {value:.1e}" for name, value in balances.items())
        lines.append(f"balances (relative error): {text}")
    lines += _first_cycle(manifest, folder)
    lines += _mechanics(manifest.get("steps", []))
    lines += _splitting(manifest.get("extremes", {}), manifest.get("solver", {}))
    lines += _snapped(manifest.get("solver", {}))
    error = manifest.get("mesh", {}).get("voltage_error")
    if error:
        lines.append(f"voltage by the mesh: {mesh_error_text(error)}")
    timings = manifest.get("timings", {})
    if timings:
        text = ", ".join(f"{name} {value:.1f} s" for name, value in timings.items())
        lines.append(f"wall time: {text}")
    lines += [f"warning: {text}" for text in manifest.get("warnings", [])]
    assumed = manifest.get("assumed", [])
    if assumed:
        lines.append(
            f"{len(assumed)} parameters are assumed, not measured: see 'assumed' in "
            f"{folder / 'manifest.json'}"
        )
    figures = manifest.get("figures", [])
    if figures:
        lines.append(f"{len(figures)} figures in {folder / 'figures'}")
    status = manifest["status"]
    # The reason of a failure has been said as an error already.
    how = status if status == "failed" else f"{status}: {manifest['reason']}"
    return [*lines, f"{how}. Results in {folder}"]


def _first_cycle(manifest: Mapping[str, Any], folder: Path) -> list[str]:
    """Return the efficiency of the first cycle, and what it is an outcome of."""
    path = folder / File.CYCLES.value
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        efficiency = next(csv.DictReader(file), {}).get(COULOMBIC_EFFICIENCY)
    if not efficiency:
        return []
    grown = any(SEI_CHARGE in step["end"] for step in manifest.get("steps", []))
    of = "SEI, kinetics and limits" if grown else "kinetics and limits, without an SEI"
    return [f"first cycle: coulombic efficiency {float(efficiency):.2%}, an outcome of {of}"]


def _mechanics(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return swelling and stress where a step ended with the most of it.

    Those that converge with the mesh; the largest stress is at corners and does not.
    """
    ends = [step for step in steps if step["end"].get(THICKNESS) is not None]
    if not ends:
        return []
    step = max(ends, key=lambda each: abs(each["end"][THICKNESS]))
    end = step["end"]
    parts = [_stresses(end, part) for part in (ACTIVE, BINDER) if _of(end, UPPER_VON_MISES, part)]
    stresses = f"; von Mises stress: {', '.join(parts)}" if parts else ""
    word = "mechanics" if parts else "swelling"
    return [f"{word}, end of step {step['index']}: thickness {end[THICKNESS]:+.1%}{stresses}"]


def _splitting(extremes: Mapping[str, Mapping[str, float]], solver: Mapping[str, Any]) -> list[str]:
    """Return what it cost at most that what acts back was foreseen."""
    if SPLIT_VOLTAGE not in extremes:
        return []
    counted = solver.get("repeated") is not None  # not where the run failed
    again = f"; time steps solved again for that: {solver['repeated']}" if counted else ""
    volts, shape = extremes[SPLIT_VOLTAGE], extremes.get(SPLIT_SHAPE)
    what = "damage" if shape is None else "stress and shape"
    of_shape = "" if shape is None else f", and {shape['max']:.1e} of the volume"
    return [
        f"{what} taken in a time step: off by at most {1e3 * volts['max']:.2g} mV, "
        f"at {volts['t_max']:.3g} s{of_shape}{again}"
    ]


def _snapped(solver: Mapping[str, Any]) -> list[str]:
    """Return how often the shape of the section has lost its balance, if it has."""
    times = solver.get("snapped", 0)
    if not times:
        return []
    return [
        f"the section snapped, {times} time{'s' if times > 1 else ''}: its shape had no balance "
        "nearby, and a viscosity held it back until it had one"
    ]


def _of(end: Mapping[str, Any], name: str, part: str) -> float:
    return float(end.get(of_part(name, part)) or 0.0)


def _stresses(end: Mapping[str, Any], part: str) -> str:
    upper, mean = (_stress(_of(end, name, part)) for name in (UPPER_VON_MISES, MEAN_VON_MISES))
    return f"95 % of the {part.lower()} below {upper} (mean {mean})"


def _stress(value: float) -> str:
    return format_quantity(float(f"{value:.3g}"), "pressure")


def mesh_error_text(error: Mapping[str, float]) -> str:
    """Return how far the mesh is estimated to move the voltage, as ``MeshErrorObserver`` tells."""
    return (
        f"about {1e3 * error['mean']:.2g} mV in the mean, at most {1e3 * error['largest']:.2g} mV "
        f"at {error['t_largest']:.3g} s (estimated)"
    )


def _steps(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    head = ("step", "", "ended because", "t / s", "mAh/g", "V")
    rows = [
        (
            str(step["index"]),
            step["text"],
            _short(step["reason"]),
            f"{step['t_end']:.6g}",
            _number(step["end"].get(CAPACITY), ".1f"),
            _number(step["end"].get(VOLTAGE), ".4f"),
        )
        for step in steps
    ]
    return table([head, *rows], right=(3, 4, 5)) if rows else []


def _short(text: str) -> str:
    """Return a text that fits a column; the whole reason of a stop is said below the table."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
