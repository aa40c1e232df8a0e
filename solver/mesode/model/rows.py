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
    terms = (term for process in processes for term in process.terms())
    rows = sum_by_key((unknown.key, form) for unknown, form in terms)
    keys = [unknown.key for unknown in unknowns]
    if sorted(rows) != sorted(keys):
        msg = f"internal error: rows of {sorted(rows)} do not fit the unknowns {sorted(keys)}"
        raise ModelError(msg)
    return [rows[key] for key in keys]


def sum_by_key[K](parts: Iterable[tuple[K, ufl.Form]]) -> dict[K, ufl.Form]:
    """Return the sum of the forms of each key, in the order in which keys come first."""
    found: dict[K, list[ufl.Integral]] = {}
    for key, form in parts:
        found.setdefault(key, []).extend(form.integrals())
    return {key: ufl.Form(integrals) for key, integrals in found.items()}
