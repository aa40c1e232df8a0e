"""What an override may be: numbers and laws are held against the table of properties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.constants import C_E_REF, T_REF
from mesode.materials.ends import MARGIN
from mesode.materials.law import Law, constant
from mesode.materials.property_table import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mesode.materials.property_table import Property

USER = "given by the user"
OTHER_WAY = "sto is the lithium in the host: where it was counted the other way, take 1 - sto"
_SAMPLES = 101  # of the lithiation, at which a law is tried
C_E_SAMPLES = (10.0, 100.0, 500.0, 1000.0, 1500.0, 2000.0)  # [mol/m^3], at which a law is tried


class OverrideError(ValueError):
    """Overrides that cannot be applied; ``problems`` maps each key to what is wrong with it."""

    def __init__(self, material: str, problems: Mapping[str, str]) -> None:
        self.material = material
        self.problems = dict(problems)
        lines = "; ".join(f"{key}: {text}" for key, text in problems.items())
        super().__init__(f"cannot change {material}: {lines}")


def number_problem(rule: Property, value: Any) -> str:
    """Return what is wrong with a number, nothing if it is good."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"expected a number, got {value!r}"
    if math.isfinite(value) and bool(rule.bounds.contains(value)):
        return ""
    unit = "" if rule.bounds.unit == "1" else f" {rule.bounds.unit}"
    return f"expected a finite number {rule.bounds}, got {value:g}{unit}"


def law_problem(rule: Property, law: Law, temperatures: Iterable[float] = (T_REF,)) -> str:
    """Return what is wrong with a law, nothing if it is good; values have the bounds of numbers."""
    foreign = [each for each in law.variables if each not in rule.variables]
    if foreign:
        return f"may depend on {', '.join(rule.variables)}, not on {', '.join(foreign)}"
    low, high = (MARGIN, 1.0 - MARGIN)
    if rule.falling:  # beyond its range a potential goes on with its tails
        first, last = law.valid.get("sto", (low, high))
        low, high = max(first, low), min(last, high)
        if low >= high:
            return f"{law.name} is known for sto from {first:g} to {last:g}, not in 0 to 1"
    sto = np.linspace(low, high, _SAMPLES)
    if not rule.inside:
        sto = np.concatenate([[0.0], sto, [1.0]])
    for T in dict.fromkeys(temperatures):
        for c_e in C_E_SAMPLES if "c_e" in law.variables else (C_E_REF,):
            if problem := _problem_at(rule, law, {"sto": sto, "c_e": c_e, "T": T}):
                return problem
    return ""


def _problem_at(rule: Property, law: Law, state: Mapping[str, Any]) -> str:
    sto = state["sto"]
    with np.errstate(all="ignore"):
        values = law(**state) + 0.0 * sto

    def at(chosen: Any) -> str:
        where = {**state, "sto": sto[chosen][0]}
        shown = [f"{key} = {where[key]:.4g}" for key in where if key in law.variables]
        return f" at {', '.join(shown)}" if shown else ""

    if not np.all(np.isfinite(values)):
        return f"{law.name} is not finite{at(~np.isfinite(values))}"
    outside = ~rule.bounds.contains(values) & (sto > 0.0) & (sto < 1.0)
    if np.any(outside):
        return (
            f"{law.name} gives {values[outside][0]:g} {rule.bounds.unit}{at(outside)}, expected "
            f"{rule.bounds}"
        )
    rising = np.diff(values) > 0.0
    if rule.falling and np.any(rising):
        text = f"{law.name} rises with sto at {sto[1:][rising][0]:.2f}, a potential must fall"
        return f"{text}. {OTHER_WAY}" if np.all(rising) else text
    return ""


_EXCLUSIVE = (("i_0", "i_0_ref"), ("volumetric_expansion", "partial_molar_volume"))


def checked(
    material: str,
    changes: Mapping[str, Any],
    allowed: Iterable[str],
    temperature: float = T_REF,
) -> dict[str, float | Law]:
    """Return the changes that are not None, laws as laws, numbers as numbers.

    Laws are sampled at T_REF and at ``temperature`` [K], over the lithiation and the salt.

    Raises:
        OverrideError: with every problem found.
    """
    known = tuple(allowed)
    given = {key: value for key, value in changes.items() if value is not None}
    problems = {
        key: f"cannot be overridden here; possible are {', '.join(known)}"
        for key in given
        if key not in known
    }
    for one, other in _EXCLUSIVE:
        if one in given and other in given:
            problems[one] = f"give either {one} or {other}, not both"
    result: dict[str, float | Law] = {}
    for key, value in given.items():
        if key in problems:
            continue
        made, problem = _one(key, value, temperature)
        if problem:
            problems[key] = problem
        else:
            result[key] = made
    if problems:
        raise OverrideError(material, problems)
    return result


def _one(key: str, value: Any, temperature: float) -> tuple[Any, str]:
    """Return one value as it will be used, and what is wrong with it."""
    rule = PROPERTIES[key]
    if not rule.variables:
        problem = number_problem(rule, value)
        return (value if problem else float(value)), problem
    if not isinstance(value, Law):
        if problem := number_problem(rule, value):
            return value, problem
        value = constant(float(value), rule.bounds.unit, source=USER)
    return value, law_problem(rule, value, (T_REF, temperature))
