"""Temperature dependence of rates: exp(E_a/R (1/T_ref - 1/T)), one at the reference temperature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesode.constants import GAS_CONSTANT, T_REF
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from mesode.materials.law import Law


def arrhenius_factor(T: Any, E_a: float, T_ref: float = T_REF, *, ops: Ops = NUMPY) -> Any:
    """Return the factor by which a rate grows from T_ref to T.

    Args:
        T: temperature [K].
        E_a: activation energy [J/mol].
        T_ref: temperature at which the rate is tabulated [K].
        ops: elementary functions.
    """
    return ops.exp(E_a / GAS_CONSTANT * (1.0 / T_ref - 1.0 / T))


def arrhenius(law: Law, E_a: float, T_ref: float = T_REF) -> Law:
    """Return the law times the Arrhenius factor; a factor that it had already is replaced.

    Args:
        law: a rate that does not depend on temperature by itself.
        E_a: activation energy [J/mol].
        T_ref: temperature at which the law holds as it is [K].

    Raises:
        ValueError: if the law has a temperature dependence of its own, or E_a is negative.
    """
    base = law.base or law
    if "T" in base.variables:
        raise ValueError(f"{base.name} depends on temperature by itself, E_a does not apply")
    if not E_a >= 0.0:
        raise ValueError(f"activation energy must be at least 0, got {E_a:g} J/mol")

    def function(*, T: Any, ops: Ops = NUMPY, **state: Any) -> Any:
        return base.function(**state, ops=ops) * arrhenius_factor(T, E_a, T_ref, ops=ops)

    return replace(
        base,
        name=f"{base.name}, E_a {E_a / 1e3:g} kJ/mol",
        function=function,
        variables=(*base.variables, "T"),
        base=base,
        E_a=E_a,
    )
