"""Laws from expression strings such as ``2e-13*(1 - 0.5*sto)``.

The text is parsed, never evaluated by Python: only numbers, the variables, + - * / **, brackets
and four functions get through; everything else is named in the error.
"""

from __future__ import annotations

import ast
import math
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.constants import C_E_REF, T_REF
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VARIABLES = ("sto", "c_e", "T")
FUNCTIONS = ("exp", "log", "sqrt", "tanh")
MAX_LENGTH = 1000
_ALLOWED = f"numbers, {', '.join(VARIABLES)}, + - * / ** ( ) and {', '.join(FUNCTIONS)} are allowed"
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
# Where an expression is tried before it is accepted.
_PROBES = tuple({"sto": sto, "c_e": C_E_REF, "T": T_REF} for sto in (0.25, 0.5, 0.75))


def expression_law(text: str, *, unit: str = "1", name: str = "", source: str = "") -> Law:
    """Build a law from an expression in sto, c_e [mol/m^3] and T [K]; the result is SI.

    Args:
        text: the expression.
        unit: unit of the result.
        name: shown to the user, the expression itself if empty.
        source: citation.

    Raises:
        ValueError: if the text holds anything that is not allowed, or gives no finite number;
            names the token and what is allowed.
    """
    tree = _parse(text)
    try:
        evaluate = _compile(tree, text)
    except RecursionError:
        raise ValueError(f"the expression is nested too deeply; {_ALLOWED}") from None
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    variables = tuple(each for each in VARIABLES if each in used)

    def function(*, ops: Ops = NUMPY, **state: Any) -> Any:
        return evaluate(state, ops)

    law = Law(
        name=name or text.strip(),
        function=function,
        variables=variables,
        unit=unit,
        source=source or "given by the user",
    )
    _probe(law, text)
    return law


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"expression of {len(text)} characters, at most {MAX_LENGTH} are allowed")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        where = (error.text or text).strip()
        raise ValueError(f"cannot read the expression {where!r}: {error.msg}; {_ALLOWED}") from None
    except (RecursionError, MemoryError):
        raise ValueError(f"the expression is nested too deeply; {_ALLOWED}") from None


def _compile(node: ast.expr, text: str) -> Callable[[Mapping[str, Any], Ops], Any]:
    """Turn the tree into nested closures, refusing what is not on the list."""
    if isinstance(node, ast.Constant):
        return _number(node, text)
    if isinstance(node, ast.Name) and node.id in VARIABLES:
        return lambda state, _ops, key=node.id: state[key]  # type: ignore[misc]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _binary(node, text)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        sign, operand = _UNARY[type(node.op)], _compile(node.operand, text)
        return lambda state, ops: sign(operand(state, ops))
    if isinstance(node, ast.Call):
        return _call(node, text)
    raise _refusal(node, text)


def _number(node: ast.Constant, text: str) -> Callable[[Mapping[str, Any], Ops], Any]:
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        raise _refusal(node, text)
    try:
        value = float(node.value)
    except OverflowError:
        raise ValueError(f"a number of more than 300 digits; {_ALLOWED}") from None
    return lambda _state, _ops: value


def _binary(node: ast.BinOp, text: str) -> Callable[[Mapping[str, Any], Ops], Any]:
    operate = _BINARY[type(node.op)]
    left, right = _compile(node.left, text), _compile(node.right, text)
    return lambda state, ops: operate(left(state, ops), right(state, ops))


def _call(node: ast.Call, text: str) -> Callable[[Mapping[str, Any], Ops], Any]:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise _refusal(node.func, text)
    name = node.func.id
    if len(node.args) != 1 or node.keywords:
        raise ValueError(f"{name} takes one argument in the expression {text.strip()!r}")
    argument = _compile(node.args[0], text)
    return lambda state, ops: getattr(ops, name)(argument(state, ops))


def _refusal(node: ast.AST, text: str) -> ValueError:
    token = ast.get_source_segment(text.strip(), node) if isinstance(node, ast.expr) else None
    hint = ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        hint = "write powers as **; "
    return ValueError(
        f"{(token or ast.dump(node))!r} is not allowed in an expression; {hint}{_ALLOWED}"
    )


def _probe(law: Law, text: str) -> None:
    """Refuse an expression that gives no finite real number in the middle of the range."""
    for state in _PROBES:
        try:
            with np.errstate(all="ignore"):
                value = law.function(**{key: np.float64(x) for key, x in state.items()})
            good = not isinstance(value, complex) and math.isfinite(value)
        except (ArithmeticError, TypeError, RecursionError):
            good, value = False, "no number"
        if not good:
            at = ", ".join(f"{key} = {number:g}" for key, number in state.items())
            raise ValueError(f"the expression {text.strip()!r} gives {value} at {at}")
