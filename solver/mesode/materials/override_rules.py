"""What an override may be: bounds of numbers, variables of laws, and the checks of both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.constants import C_E_REF, T_REF
from mesode.materials.ends import MARGIN
from mesode.materials.law import Law, constant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

USER = "given by the user"
_SAMPLES = 101  # of the lithiation, at which a law is tried
C_E_SAMPLES = (10.0, 100.0, 500.0, 1000.0, 1500.0, 2000.0)  # [mol/m^3], at which a law is tried


class OverrideError(ValueError):
    """Overrides that cannot be applied; ``problems`` maps each key to what is wrong with it."""

    def __init__(self, material: str, problems: Mapping[str, str]) -> None:
        self.material = material
        self.problems = dict(problems)
        lines = "; ".join(f"{key}: {text}" for key, text in problems.items())
        super().__init__(f"cannot change {material}: {lines}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRule:
    """A number in [low, high] (or (low, high] where ``open_low``), SI."""

    low: float = 0.0
    high: float = math.inf
    open_low: bool = False
    unit: str = "1"

    def problem(self, value: Any) -> str:
        """Return what is wrong with the value, nothing if it is good."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f"expected a number, got {value!r}"
        above = value > self.low if self.open_low else value >= self.low
        if math.isfinite(value) and above and value <= self.high:
            return ""
        unit = "" if self.unit == "1" else f" {self.unit}"
        bracket = "above" if self.open_low else "at least"
        upper = f" and at most {self.high:g}" if math.isfinite(self.high) else ""
        return f"expected a finite number {bracket} {self.low:g}{upper}{unit}, got {value:g}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRule:
    """A law of the named variables whose values lie in (low, high], or (low, high).

    The bounds are those of a number in its place. ``inside`` is a law that is asked for no
    lithiation beyond the known range of the host's potential.
    """

    variables: tuple[str, ...]
    unit: str
    low: float = 0.0
    high: float = math.inf
    open_high: bool = False
    inside: bool = False
    decreasing: bool = False

    def problem(self, law: Law, temperatures: Iterable[float] = (T_REF,)) -> str:
        """Return what is wrong with the law, nothing if it is good."""
        foreign = [each for each in law.variables if each not in self.variables]
        if foreign:
            return f"may depend on {', '.join(self.variables)}, not on {', '.join(foreign)}"
        low, high = (MARGIN, 1.0 - MARGIN)
        if self.decreasing:  # beyond its range a potential goes on with its tails
            first, last = law.valid.get("sto", (low, high))
            low, high = max(first, low), min(last, high)
            if low >= high:
                return f"{law.name} is known for sto from {first:g} to {last:g}, not in 0 to 1"
        sto = np.linspace(low, high, _SAMPLES)
        if not self.inside:
            sto = np.concatenate([[0.0], sto, [1.0]])
        for T in dict.fromkeys(temperatures):
            for c_e in C_E_SAMPLES if "c_e" in law.variables else (C_E_REF,):
                if problem := self._problem_at(law, {"sto": sto, "c_e": c_e, "T": T}):
                    return problem
        return ""

    def _problem_at(self, law: Law, state: Mapping[str, Any]) -> str:
        sto = state["sto"]
        with np.errstate(all="ignore"):
            values = law(**state) + 0.0 * sto

        def at(chosen: Any) -> str:
            where = {**state, "sto": sto[chosen][0]}
            shown = [f"{key} = {where[key]:.4g}" for key in where if key in law.variables]
            return f" at {', '.join(shown)}" if shown else ""

        if not np.all(np.isfinite(values)):
            return f"{law.name} is not finite{at(~np.isfinite(values))}"
        above = values >= self.high if self.open_high else values > self.high
        outside = ((values <= self.low) | above) & (sto > 0.0) & (sto < 1.0)
        if np.any(outside):
            return (
                f"{law.name} gives {values[outside][0]:g} {self.unit}{at(outside)}, expected "
                f"between {self.low:g} and {self.high:g}"
            )
        rising = np.diff(values) > 0.0
        if self.decreasing and np.any(rising):
            return f"{law.name} rises with sto at {sto[1:][rising][0]:.2f}, a potential must fall"
        return ""


_ENERGY = NumberRule(unit="J/mol", high=5e5)
NUMBERS: Mapping[str, NumberRule] = {
    "density": NumberRule(open_low=True, unit="kg/m^3"),
    "c_max": NumberRule(open_low=True, unit="mol/m^3"),
    "thickness": NumberRule(open_low=True, high=1e-6, unit="m"),
    "concentration": NumberRule(open_low=True, unit="mol/m^3"),
    "i_0_ref": NumberRule(open_low=True, unit="A/m^2"),
    "alpha_a": NumberRule(open_low=True, high=2.0),
    "alpha_c": NumberRule(open_low=True, high=2.0),
    "film_resistance": NumberRule(unit="ohm m^2"),
    "double_layer": NumberRule(unit="F/m^2"),
    "volumetric_expansion": NumberRule(low=-0.9, high=10.0),
    "partial_molar_volume": NumberRule(low=-1e-4, high=1e-4, unit="m^3/mol"),
    "strength": NumberRule(open_low=True, unit="Pa"),
    "porosity": NumberRule(open_low=True, high=1.0),
    "macmullin": NumberRule(low=1.0),
    "E_a_D_s": _ENERGY,
    "E_a_i_0": _ENERGY,
    "E_a_sigma": _ENERGY,
    "E_a_kappa": _ENERGY,
    "E_a_D_e": _ENERGY,
}
LAWS: Mapping[str, LawRule] = {
    "D_s": LawRule(variables=("sto", "T"), unit="m^2/s", high=1e-4),
    "ocp": LawRule(
        variables=("sto", "T"), unit="V", low=-1.0, high=6.0, decreasing=True, inside=True
    ),
    "i_0": LawRule(variables=("c_e", "sto", "T"), unit="A/m^2", high=1e6, inside=True),
    "sigma": LawRule(variables=("sto", "T"), unit="S/m", high=1e9, open_high=True),
    "E": LawRule(variables=("sto",), unit="Pa", high=1e13),
    "nu": LawRule(variables=("sto",), unit="1", low=-1.0, high=0.5, open_high=True),
    "kappa": LawRule(variables=("c_e", "T"), unit="S/m", high=1e4, open_high=True),
    "D_e": LawRule(variables=("c_e", "T"), unit="m^2/s", high=1e-4),
    "t_plus": LawRule(variables=("c_e", "T"), unit="1", low=-1.0, high=1.0, open_high=True),
    "tdf": LawRule(variables=("c_e", "T"), unit="1", high=100.0),
}
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
    if key in NUMBERS:
        problem = NUMBERS[key].problem(value)
        return (value if problem else float(value)), problem
    rule = LAWS[key]
    if not isinstance(value, Law):
        problem = NumberRule(low=-math.inf, unit=rule.unit).problem(value)
        if problem:
            return value, problem
        value = constant(float(value), rule.unit, source=USER)
    return value, rule.problem(value, (T_REF, temperature))
