"""Derivatives of many forms by many functions, which share what the forms have in common.

UFL differentiates a form in two walks: one writes products of tensors by their components, one
applies the rules. Each remembers what it has met, for one form and one function. The rows of a
system meet the same laws over and over, each law again for every unknown: with one memory for all a
law is walked through once, and differentiated once by each unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl
from ufl.algorithms.apply_algebra_lowering import LowerCompoundAlgebra
from ufl.algorithms.apply_derivatives import DerivativeRuleDispatcher
from ufl.constantvalue import Zero
from ufl.corealg.map_dag import map_expr_dag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dolfinx import fem


class Derivatives:
    """Takes Gateaux derivatives of integrals and remembers what it has met.

    It holds on to all that it is given, so it lives no longer than what asks it, and that within
    ``traversers_released``.
    """

    def __init__(self) -> None:
        self._rules, self._lower = DerivativeRuleDispatcher(), LowerCompoundAlgebra()
        self._lowered: dict[Any, Any] = {}
        self._kept: dict[Any, Any] = {}

    def of(
        self, integrals: Iterable[ufl.Integral], function: fem.Function, direction: Any
    ) -> ufl.Form:
        """Return the derivative of a sum of integrals by a function, empty where it vanishes."""
        return self.expanded(
            one.reconstruct(ufl.derivative(one.integrand(), function, direction))
            for one in integrals
        )

    def expanded(self, integrals: Iterable[ufl.Integral]) -> ufl.Form:
        """Return the sum of integrals with all derivatives in them taken."""
        found = [one.reconstruct(self._expanded(one.integrand())) for one in integrals]
        return ufl.Form([one for one in found if not isinstance(one.integrand(), Zero)])

    def _expanded(self, integrand: Any) -> Any:
        by_component = map_expr_dag(self._lower, integrand, vcache=self._lowered, rcache=self._kept)
        return self._rules(by_component)
