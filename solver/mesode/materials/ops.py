"""The few functions a law may use, so that one definition serves numbers, arrays and UFL.

NumPy ufuncs raise on UFL expressions and UFL names some functions differently, so each law takes
``ops`` and calls ``ops.exp`` and the like. The UFL set is imported when it is first asked for:
materials can be read without a finite-element library.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Ops:
    """Elementary functions; ``where(a, b, x, y)`` is x where a < b, else y."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    tanh: Callable[[Any], Any]
    where: Callable[[Any, Any, Any, Any], Any]

    def clip(self, x: Any, low: float, high: float) -> Any:
        """Bound x to [low, high]."""
        return self.where(x, low, low + 0.0 * x, self.where(x, high, x, high + 0.0 * x))


def _where(a: Any, b: Any, x: Any, y: Any) -> Any:
    return np.where(np.less(a, b), x, y)


NUMPY = Ops(exp=np.exp, log=np.log, sqrt=np.sqrt, tanh=np.tanh, where=_where)


@cache
def ufl_ops() -> Ops:
    """Return the operations for UFL expressions."""
    import ufl

    return Ops(
        exp=ufl.exp,
        log=ufl.ln,
        sqrt=ufl.sqrt,
        tanh=ufl.tanh,
        where=lambda a, b, x, y: ufl.conditional(ufl.lt(a, b), x, y),
    )
