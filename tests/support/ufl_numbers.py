"""Numbers out of UFL expressions of constants, without a mesh."""

from __future__ import annotations

import numpy as np
import ufl
from ufl.corealg.traversal import unique_post_traversal


def number(expression):
    """Evaluate a scalar UFL expression that holds no fields."""
    return float(ufl.as_ufl(expression)(()))


def numbers(tensor):
    """Evaluate a UFL tensor that holds no fields, as a numpy array."""
    tensor = ufl.as_ufl(tensor)
    shape = tensor.ufl_shape
    entries = [number(tensor[index]) for index in np.ndindex(shape)]
    return np.array(entries).reshape(shape)


def values(*scalars):
    """Evaluate scalars without indices that share their parts, each part once.

    UFL evaluates a part anew wherever it stands, which takes for ever where a law is nested.
    """
    wanted = [ufl.as_ufl(scalar) for scalar in scalars]
    known = {}
    for whole in wanted:
        for node in unique_post_traversal(whole):
            if node not in known:
                known[node] = _value(node, [known.get(part) for part in node.ufl_operands])
    return np.array([known[whole] for whole in wanted])


def _value(node, parts):
    kind = type(node).__name__
    if kind in _OF_PARTS:
        return _OF_PARTS[kind](*parts)
    if isinstance(node, ufl.core.terminal.Terminal):
        return (
            float(node)
            if isinstance(node, ufl.constantvalue.ScalarValue | ufl.constantvalue.Zero)
            else None
        )
    if isinstance(node, ufl.mathfunctions.MathFunction):
        return getattr(np, {"ln": "log"}.get(node._name, node._name))(parts[0])
    raise TypeError(kind)


_OF_PARTS = {
    "Sum": lambda a, b: a + b,
    "Product": lambda a, b: a * b,
    "Division": lambda a, b: a / b,
    "Power": lambda a, b: a**b,
    "Abs": abs,
    "MaxValue": max,
    "MinValue": min,
    "Variable": lambda a, _: a,
    "Conditional": lambda chosen, a, b: a if chosen else b,
    "LT": lambda a, b: a < b,
    "GT": lambda a, b: a > b,
}
