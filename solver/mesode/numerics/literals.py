"""Numbers of a form as data, so that another number needs no other compiled code.

DOLFINx compiles a form to C and keeps the result under a signature of its expressions. A number in
an expression is part of both, so that each new modulus or diffusivity would cost a compilation of
many seconds. Here each number becomes a constant, which is data; the code then depends on the
structure of the form alone. Whole numbers stay, and so do whole exponents: they are structure
(``x**2`` is compiled to a product).

Equal numbers become one constant, so that the compiler still finds equal sub-expressions. Two
parameters that happen to be equal therefore make a structure of their own, which is compiled once.
"""

from __future__ import annotations

from typing import Any

import ufl
from dolfinx import fem
from ufl.constantvalue import FloatValue, ScalarValue
from ufl.corealg.map_dag import map_expr_dag
from ufl.corealg.multifunction import MultiFunction


def with_constants(form: ufl.Form) -> ufl.Form:
    """Return an equal form in which each number that is not whole by type is a constant."""
    rules: dict[Any, _Replace] = {}

    def integral(one: ufl.Integral) -> ufl.Integral:
        domain = one.ufl_domain()
        rule = rules.setdefault(domain, _Replace(domain))
        return one.reconstruct(map_expr_dag(rule, one.integrand()))

    return ufl.Form([integral(one) for one in form.integrals()])


class _Replace(MultiFunction):  # type: ignore[misc]
    """Rebuilds an expression with constants on a domain in place of its numbers."""

    def __init__(self, domain: Any) -> None:
        super().__init__()
        self._domain = domain
        self._constants: dict[float, fem.Constant] = {}

    expr = MultiFunction.reuse_if_untouched

    def terminal(self, o: Any) -> Any:
        """Keep what is not a number."""
        return o

    def float_value(self, o: FloatValue) -> fem.Constant:
        """Replace a number."""
        value = float(o)
        if value not in self._constants:
            self._constants[value] = fem.Constant(self._domain, value)
        return self._constants[value]

    def power(self, o: Any, base: Any, exponent: Any) -> Any:
        """Keep a whole exponent."""
        given = o.ufl_operands[1]
        if isinstance(given, ScalarValue) and float(given).is_integer():
            exponent = given
        return self.reuse_if_untouched(o, base, exponent)
