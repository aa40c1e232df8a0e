"""A law: a property as a function of state, with unit, valid range, source and evidence.

A law is called with keywords, takes what it needs and ignores the rest, so that the physics may
offer everything it knows: ``D_s(sto=sto, T=T, ops=ufl_ops())``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One property of a material as a function of state.

    ``function`` is called with the named ``variables`` and ``ops``; the result has ``unit`` (SI).
    ``valid`` maps a variable to the range in which the law was measured; outside it, the law must
    still be finite, and a run warns. ``assumed`` marks values that nobody measured.
    ``E_a`` [J/mol] and ``base`` are set on laws with an Arrhenius factor: the law at T_REF is
    ``base``. ``branch`` of a hysteresis that an OCP was measured on: "lithiation", "delithiation",
    or nothing. ``note`` says what was done to the data.
    """

    name: str
    function: Callable[..., Any]
    variables: tuple[str, ...] = ()
    unit: str = "1"
    valid: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    source: str = ""
    assumed: bool = False
    E_a: float = 0.0
    base: Law | None = None
    branch: str = ""
    note: str = ""

    def __call__(self, *, ops: Ops = NUMPY, **state: Any) -> Any:
        """Evaluate the law for the given state (sto, c_e [mol/m^3], T [K])."""
        return self.function(**{key: state[key] for key in self.variables}, ops=ops)


def constant(value: float, unit: str, *, source: str = "", assumed: bool = False) -> Law:
    """Return a law that is the same number everywhere."""
    return Law(
        name=f"{value:g} {unit}",
        function=lambda *, ops: value,
        unit=unit,
        source=source,
        assumed=assumed,
    )


def scaled(law: Law, factor: float) -> Law:
    """Return the law times a number; its shape and temperature dependence stay."""

    def function(*, ops: Ops = NUMPY, **state: Any) -> Any:
        return factor * law.function(**state, ops=ops)

    base = scaled(law.base, factor) if law.base else None
    return replace(law, name=f"{factor:g} x {law.name}", function=function, base=base)
