"""The folder of a study as data: its parameters and its table, as ``mesode study`` wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis.effects import LEAST_SPREAD, Effects, main_effects
from mesode.errors import InputError, Problem
from mesode.inputs import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

STUDY, RESULTS = "study.json", "results.csv"
COSTS = ("wall time / s", "cells", "dofs", "attempts", "config hash", "folder")
_OTHER = ("case", "status", "reason", *COSTS)
_CHECK = "balance"  # in the name of a figure of merit that is an error, not a result


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTable:
    """What a study gave: a row for each case.

    ``factors`` are the columns that were varied on purpose, ``seeds`` those of repeats,
    ``figures`` the figures of merit.
    """

    path: Path
    title: str
    design: str
    rows: pd.DataFrame
    factors: tuple[str, ...]
    seeds: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def varied(self) -> tuple[str, ...]:
        """Return the factors that have more than one value."""
        return tuple(name for name in self.factors if len(self.levels(name)) > 1)

    @property
    def telling(self) -> tuple[str, ...]:
        """Return the figures of merit that differ between the cases, checks left out."""
        return tuple(
            name
            for name in self.figures
            if _CHECK not in name.lower() and _varies(self.numbers(name))
        )

    @property
    def checks(self) -> dict[str, float]:
        """Return the worst of each check: errors of balances are not a response of the design."""
        checks = [name for name in self.figures if _CHECK in name.lower()]
        numbers = {name: np.abs(self.numbers(name)) for name in checks}
        return {n: float(np.nanmax(v)) for n, v in numbers.items() if np.isfinite(v).any()}

    def numbers(self, column: str) -> npt.NDArray[np.float64]:
        """Return a column as numbers; NaN for what is none."""
        import pandas as pd

        return np.asarray(pd.to_numeric(self.rows[column], errors="coerce"), dtype=np.float64)

    def is_numeric(self, column: str) -> bool:
        """Tell whether every value of a column is a number."""
        return bool(np.isfinite(self.numbers(column)).all())

    def levels(self, column: str) -> list[Any]:
        """Return the values that a factor takes: numbers in order, words as they come."""
        values = list(dict.fromkeys(self.rows[column]))
        return sorted(values) if self.is_numeric(column) else values

    def effects(self, figure: str) -> Effects | None:
        """Return the main effects on a figure of merit; see `mesode.analysis.effects`."""
        factors = {name: self.rows[name].to_numpy() for name in self.factors}
        return main_effects(factors, self.numbers(figure))


def _varies(values: npt.NDArray[np.float64]) -> bool:
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return False
    return bool(np.ptp(values) > LEAST_SPREAD * np.max(np.abs(values)))


def is_study_folder(folder: Path) -> bool:
    """Tell whether a folder is that of a study."""
    return (folder / STUDY).is_file()


def read_study(folder: Path) -> StudyTable:
    """Read the table of a study.

    Raises:
        InputError: the folder holds no study, or one without results.
    """
    import pandas as pd

    try:
        content = read_json(folder / STUDY)
        rows = pd.read_csv(folder / RESULTS, dtype={"case": str})
    except (OSError, ValueError, InputError) as error:
        hint = "`mesode study collect DIR` writes the table of a study"
        raise InputError(
            [Problem(str(folder), "", f"expected {STUDY} and {RESULTS}: {error}", hint)]
        ) from None
    parameters: Sequence[Mapping[str, str]] = content["parameters"]
    varied = tuple(p["column"] for p in parameters if p["column"] in rows)
    seeds = tuple(p["column"] for p in parameters if p["kind"] == "seed" and p["column"] in rows)
    return StudyTable(
        path=folder,
        title=content["title"],
        design=content["design"],
        rows=rows,
        factors=tuple(name for name in varied if name not in seeds),
        seeds=seeds,
        figures=tuple(str(name) for name in rows if name not in (*_OTHER, *varied)),
    )
