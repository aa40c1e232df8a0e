"""What ``mesode analyse`` has left in a folder, for the page of a report: pictures and tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.analysis.lab.findings import JSON, figure_name, shown_number
from mesode.analysis.page import embed_picture
from mesode.inputs import MOST_DATA, read_text, refused

if TYPE_CHECKING:
    from pathlib import Path

    from mesode.analysis.page import Picture

WIDE = 1100  # [CSS pixel] of a picture that stands alone, at most
_MOST_ROWS = 60  # of a table on the page


@dataclass(frozen=True, slots=True)
class Table:
    """Findings of one method as texts, rows that are left out, and what it all assumes."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    left_out: int
    notes: tuple[str, ...]
    formulas: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Pictures and tables of an analysis; empty where there was none."""

    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]


def analysis_part(folder: Path) -> Part:
    """Return what was found in the folder of a run or a study.

    Raises:
        InputError: ``analysis.json`` is damaged.
    """
    path = folder / JSON
    if not path.is_file():
        return Part((), ())
    try:
        tables = tuple(_table(each) for each in json.loads(read_text(path, MOST_DATA)))
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError) as error:
        raise refused(path, f"the file is damaged: {error}", "Call mesode analyse again") from None
    drawn = sorted((folder / "figures").glob(f"{figure_name('*')}.png"))
    return Part(tuple(embed_picture(each, WIDE) for each in drawn), tables)


def _table(evaluation: dict[str, Any]) -> Table:
    findings = evaluation["findings"]
    formulas = evaluation["formulas"]
    return Table(
        title=str(evaluation["title"]),
        rows=tuple(_row(each) for each in findings[:_MOST_ROWS]),
        left_out=max(len(findings) - _MOST_ROWS, 0),
        notes=tuple(map(str, evaluation["notes"])),
        formulas=tuple((f["equation"], f["assumption"], f["reference"]) for f in formulas),
    )


def _row(finding: dict[str, Any]) -> tuple[str, ...]:
    value, unit = shown_number(finding["value"], finding["unit"])
    true, _ = shown_number(finding["true"], finding["unit"])
    return finding["source"], finding["of"], finding["quantity"], value, unit, true
