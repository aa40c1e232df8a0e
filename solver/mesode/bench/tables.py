"""Tables of what ``mesode bench`` measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.text_table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.bench.measure import Measured


def cost_table(columns: Sequence[Measured]) -> list[str]:
    """Return the measurements as lines of text, one column each."""
    rows = [
        ("mechanics", [m.mechanics for m in columns]),
        ("ranks", [str(m.ranks) for m in columns]),
        ("unknowns", [str(m.dofs) for m in columns]),
        ("triangles", [str(m.cells) for m in columns]),
        ("geometry / s", [f"{m.geometry:.2f}" for m in columns]),
        ("model / s", [f"{m.model:.2f}" for m in columns]),
        ("first time step / s", [f"{m.first_step:.2f}" for m in columns]),
        *_cost_rows(columns),
        *_loop_rows(columns),
        *_following_rows(columns),
        ("peak memory / GB", [f"{m.memory:.2f}" for m in columns]),
        ("peak memory of a rank / GB", [f"{m.memory_rank:.2f}" for m in columns]),
    ]
    right = range(1, len(columns) + 1)
    return table([(name, *values) for name, values in rows], right=tuple(right))


def _cost_rows(columns: Sequence[Measured]) -> list[tuple[str, list[str]]]:
    names = {
        "residual": "residual assembly / ms",
        "jacobian": "Jacobian assembly / ms",
        "lu_first": "LU, first / ms",
        "lu": "LU, again / ms",
        "solve": "triangular solve / ms",
        "unit": "unit: residual + solve / ms",
    }
    return [
        (text, [f"{1e3 * getattr(m.costs, key):.2f}" if m.costs else "-" for m in columns])
        for key, text in names.items()
    ]


def _loop_rows(columns: Sequence[Measured]) -> list[tuple[str, list[str]]]:
    counts = {
        "time_steps": "time steps",
        "iterations": "Newton iterations",
        "residuals": "residuals",
        "jacobians": "Jacobians",
    }
    return [
        *((text, [str(m.counts[key]) for m in columns]) for key, text in counts.items()),
        ("end / s simulated", [f"{m.end:.6g}" for m in columns]),
        ("time loop / s", [f"{m.loop:.2f}" for m in columns]),
        ("time loop / s of processor", [f"{m.loop_cpu:.2f}" for m in columns]),
        ("time loop / units", [f"{units(m):.0f}" if m.costs else "-" for m in columns]),
        (
            "time loop / units, by processor time",
            [f"{m.loop_cpu / m.costs.unit_cpu:.0f}" if m.costs else "-" for m in columns],
        ),
    ]


def _following_rows(columns: Sequence[Measured]) -> list[tuple[str, list[str]]]:
    """Return what finite mechanics takes of a time step; nothing where no case has it."""
    if not any(m.following for m in columns):
        return []

    def of(text: str, form: str, value: Callable[[Measured], float]) -> tuple[str, list[str]]:
        return text, [format(value(m), form) if m.following else "-" for m in columns]

    return [
        of("unknowns of mechanics", ".0f", lambda m: m.following["dofs"]),
        of("pieces of the way", ".0f", lambda m: m.following["pieces"]),
        of("pieces that failed", ".0f", lambda m: m.following["failed"]),
        of("Newton iterations of mechanics", ".0f", lambda m: m.following["iterations"]),
        of("mechanics / s of processor", ".2f", lambda m: m.following["cpu"]),
        of("per step, mechanics / ms of processor", ".1f", lambda m: _per_step(m)[0]),
        of("per step, all else / ms of processor", ".1f", lambda m: _per_step(m)[1]),
    ]


def _per_step(measured: Measured) -> tuple[float, float]:
    """Return the processor time of mechanics and of all else in a time step [ms]."""
    steps, own = max(measured.counts["time_steps"], 1), measured.following["cpu"]
    return 1e3 * own / steps, 1e3 * (measured.loop_cpu - own) / steps


def units(measured: Measured) -> float:
    """Return the wall time of the loop in units; nan where none was measured."""
    return measured.loop / measured.costs.unit if measured.costs else float("nan")


def ratios(columns: Sequence[Measured]) -> list[str]:
    """Return mechanics over electrochemistry alone, and one rank over several, where both are."""
    lines = []
    for m in columns:
        for base in columns:
            if base.mechanics == "none" != m.mechanics and base.ranks == m.ranks:
                lines.append(
                    f"{m.mechanics} over electrochemistry alone, {m.ranks} rank(s): "
                    f"{m.loop / base.loop:.2f} in wall time, "
                    f"{m.loop_cpu / base.loop_cpu:.2f} in processor time"
                )
            if base.mechanics == m.mechanics and base.ranks == 1 < m.ranks:
                lines.append(
                    f"one rank over {m.ranks} ranks, mechanics {m.mechanics}: "
                    f"{base.loop / m.loop:.2f} in wall time, "
                    f"{base.loop_cpu / m.loop_cpu:.2f} in processor time per rank"
                )
    return lines


def exponents(columns: Sequence[Measured]) -> list[str]:
    """Return the slopes of cost against unknowns in logarithms, by least squares."""
    dofs = np.log([m.dofs for m in columns])
    kinds = {
        "time loop": [m.loop for m in columns],
        "time loop, processor": [m.loop_cpu for m in columns],
        "unit": [m.costs.unit if m.costs else np.nan for m in columns],
        "LU": [m.costs.lu if m.costs else np.nan for m in columns],
        "memory": [m.memory for m in columns],
    }
    return [
        f"{name}: proportional to unknowns^{np.polyfit(dofs, np.log(values), 1)[0]:.2f}"
        for name, values in kinds.items()
    ]
