"""The rows of a system: the terms that processes bring, summed by the unknown they stand with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ufl

from mesode.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mesode.model.process import Process
    from mesode.model.unknowns import Unknown


def sum_rows(unknowns: Sequence[Unknown], processes: Iterable[Process]) -> list[ufl.Form]:
    """Return the row of each unknown, in their order.

    Raises:
        ModelError: an unknown has no row, or a term stands with one that is not solved for.
    """
    rows: dict[str, list[ufl.Integral]] = {}
    for process in processes:
        for unknown, form in process.terms():
            rows.setdefault(unknown.key, []).extend(form.integrals())
    keys = [unknown.key for unknown in unknowns]
    if sorted(rows) != sorted(keys):
        msg = f"internal error: rows of {sorted(rows)} do not fit the unknowns {sorted(keys)}"
        raise ModelError(msg)
    return [ufl.Form(rows[key]) for key in keys]
