"""What an evaluation has found: numbers with unit, assumption and true input; as text and files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.text_table import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.analysis.lab.source import Truth
    from mesode.evaluate.formula import Formula

CSV, JSON = "analysis.csv", "analysis.json"  # files of what was found
#: Units of numbers as they are shown: factor and name.
_SHOWN: Final = {
    "m2/s": (1e4, "cm2/s"), "V": (1.0, "V"), "ohm.m2": (1e4, "ohm.cm2"), "J/mol": (1e-3, "kJ/mol"),
    "Pa": (1e-9, "GPa"), "A.m-2": (0.1, "mA.cm-2"), "1": (1.0, ""),
}  # fmt: skip
_MOST_ROWS = 36  # of a printed table
_HEADER = (
    "method", "source", "of", "quantity", "value", "unit", "standard error", "true value",
    "true value is", "lithiation / 1", "equation", "assumption", "reference",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A number that was found, in SI.

    Args:
        source: Name of the file or run.
        of: What it belongs to, such as a pulse; empty where it is of the whole.
        quantity: What it is, with what was taken for A, C or L.
        value: The number.
        unit: Its unit.
        formula: How it was found, and what that assumes.
        error: Standard error, where it is known.
        truth: The true input, for simulated data.
        sto: Mean lithiation it belongs to.
    """

    source: str
    of: str
    quantity: str
    value: float
    unit: str
    formula: Formula
    error: float | None = None
    truth: Truth | None = None
    sto: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one method has found; ``data`` are its curves, for figures and the JSON file."""

    method: str
    title: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    data: Any = field(default=None, repr=False)

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Return the formulas that were used, each once."""
        return tuple(dict.fromkeys(finding.formula for finding in self.findings))


def figure_name(method: str, sample: int = 0) -> str:
    """Return the name of the file of a figure, without its end; samples count from 0."""
    return f"analysis_{method}" if sample == 0 else f"analysis_{method}_{sample + 1}"


def as_text(evaluation: Evaluation) -> list[str]:
    """Return lines for the screen: a table, notes, and what it all assumes."""
    found = evaluation.findings
    several = len({finding.source for finding in found}) > 1
    shown = _some(found)
    head = ["of", "quantity", "value", "", "true"]
    rows = [_row(each) for each in shown]
    lines = [f"{evaluation.title}"]
    with_source = [[each.source, *row] for each, row in zip(shown, rows, strict=True)]
    numbers = (3, 5) if several else (2, 4)
    lines += [
        f"  {line}"
        for line in table(
            [["source", *head], *with_source] if several else [head, *rows], right=numbers
        )
    ]
    if len(shown) < len(found):
        lines.append(f"  {len(shown)} of {len(found)} rows; analysis.csv has all")
    lines += [f"  note: {note}" for note in evaluation.notes]
    for formula in evaluation.formulas:
        lines += [f"  {formula.equation}", f"    assumes: {formula.assumption}"]
    return lines


def _some(found: Sequence[Finding]) -> list[Finding]:
    """Return all rows of as many things, spread over all, as a screen has room for."""
    things: dict[tuple[str, str], list[Finding]] = {}
    for each in found:
        things.setdefault((each.source, each.of), []).append(each)
    room = max(_MOST_ROWS * len(things) // len(found), 1)
    if len(things) <= room:
        return list(found)
    kept = np.unique(np.linspace(0, len(things) - 1, room).round())
    groups = list(things.values())
    return [each for k in kept for each in groups[int(k)]]


def _row(finding: Finding) -> list[str]:
    value, unit = shown_number(finding.value, finding.unit, finding.error)
    true, _ = shown_number(None if finding.truth is None else finding.truth.value, finding.unit)
    return [finding.of, finding.quantity, value, unit, true]


def shown_number(value: float | None, unit: str, error: float | None = None) -> tuple[str, str]:
    """Return a number in SI as it is shown, with its error if known, and the unit for it."""
    factor, shown = _SHOWN.get(unit, (1.0, unit))
    if value is None:
        return "", shown
    known = error is not None and np.isfinite(error)
    told = f" ± {factor * error:.2g}" if error is not None and known else ""
    return f"{factor * value:.4g}{told}", shown


def as_csv(evaluations: Sequence[Evaluation]) -> str:
    """Return all findings as CSV, one a row."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_HEADER)
    for each in evaluations:
        for f in each.findings:
            writer.writerow(
                (
                    each.method, f.source, f.of, f.quantity, repr(f.value), f.unit,
                    *_known(f.error, f.truth), "" if f.sto is None else f"{f.sto:.6g}",
                    f.formula.equation, f.formula.assumption, f.formula.source,
                )
            )  # fmt: skip
    return stream.getvalue()


def _known(error: float | None, truth: Truth | None) -> tuple[str, str, str]:
    told = "" if error is None or not np.isfinite(error) else repr(error)
    return told, "" if truth is None else repr(truth.value), "" if truth is None else truth.text


def as_json(evaluations: Sequence[Evaluation]) -> str:
    """Return all findings, with formulas, notes and curves, as JSON."""
    return json.dumps([_plain_evaluation(each) for each in evaluations], indent=1, allow_nan=False)


def _plain_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    formulas = {formula: k for k, formula in enumerate(evaluation.formulas)}
    return {
        "method": evaluation.method,
        "title": evaluation.title,
        "notes": list(evaluation.notes),
        "formulas": [
            {"equation": f.equation, "assumption": f.assumption, "reference": f.source}
            for f in formulas
        ],
        "findings": [
            {
                "source": f.source,
                "of": f.of,
                "quantity": f.quantity,
                "value": _plain(f.value),
                "unit": f.unit,
                "error": _plain(f.error),
                "true": None if f.truth is None else _plain(f.truth.value),
                "true is": None if f.truth is None else f.truth.text,
                "lithiation": _plain(f.sto),
                "formula": formulas[f.formula],
            }
            for f in evaluation.findings
        ],
        "curves": _curves(evaluation.data),
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _curves(data: Any) -> dict[str, Any]:
    """Return what ``curves()`` of the data gives: name -> column with unit -> numbers."""
    curves: Mapping[str, Mapping[str, Any]] = data.curves() if hasattr(data, "curves") else {}
    return {
        name: {column: [_plain(v) for v in np.asarray(values)] for column, values in each.items()}
        for name, each in curves.items()
    }
