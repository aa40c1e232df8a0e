r"""What of a system of rows is linear with constant coefficients: matrices that are made once.

    F(u, du/dt) = K u + M du/dt + G(grad u) + rest(u, du/dt)

Storage and currents through surfaces go into M and K. Conduction and diffusion by constant numbers
are G: what they add to the Jacobian is kept, they themselves stay forms, which take differences of
u before anything else. A matrix would round u itself, and what leaves one node would not be what
enters the others: lithium would be lost to 1e-9.

A summand of an
integral is even where it depends on the unknowns and their rates and on nothing else that
may change, is linear in them, and no condition holds one of them or the row. The rest stays a form.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import ufl
from ufl.algorithms.analysis import extract_type
from ufl.algorithms.formtransformations import compute_form_with_arity
from ufl.classes import Derivative

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dolfinx import fem

    from mesode.numerics.derivatives import Derivatives

    type Blocks = list[list[ufl.Form | None]]


@dataclass(frozen=True, slots=True)
class Split:
    """Rows, None where nothing is left of one, and bilinear forms.

    ``rest`` has to be differentiated; ``assembled``, that and G, is a form of the residual. ``K``,
    ``M`` and ``G`` are derivatives.
    """

    rest: list[ufl.Form | None]
    assembled: list[ufl.Form | None]
    K: Blocks
    M: Blocks
    G: Blocks


def split(
    rows: Sequence[ufl.Form],
    functions: tuple[Sequence[fem.Function], Sequence[fem.Function]],
    changing: AbstractSet[fem.Constant],
    held: Sequence[Any],
    derivatives: Derivatives,
) -> Split:
    """Split rows into what is even and the rest.

    Args:
        rows: One form for each unknown.
        functions: Those that hold u, and those that hold du/dt, if there are any.
        changing: Constants that may change.
        held: Function spaces, in UFL, of what a condition holds.
        derivatives: Takes them.
    """
    unknowns, rates = functions
    K, M, G = (_nothing(rows, functions) for functions in (unknowns, rates, unknowns))
    found = Split([], [], K, M, G)
    free = [f for f in (*unknowns, *rates) if f.ufl_function_space() not in held]
    for k, row in enumerate(rows):
        rest, gradients = [], []
        for integral in chain.from_iterable(map(_summands, row.integrals())):
            form = ufl.Form([integral])
            fixed = any(test.ufl_function_space() in held for test in form.arguments())
            loose = not fixed and changing.isdisjoint(form.constants())
            blocks = _bilinear(form, free, derivatives) if loose else None
            if blocks is None:
                rest.append(integral)
            elif not extract_type(integral.integrand(), Derivative):
                _add(blocks, K[k], unknowns)
                _add(blocks, M[k], rates)
            elif any(rate in blocks for rate in rates):
                rest.append(integral)
            else:
                gradients.append(integral)
                _add(blocks, G[k], unknowns)
        for kept, integrals in ((found.rest, rest), (found.assembled, [*rest, *gradients])):
            kept.append(ufl.Form(integrals) if integrals else None)
    return found


def _add(
    blocks: Mapping[fem.Function, ufl.Form],
    row: list[ufl.Form | None],
    functions: Sequence[fem.Function],
) -> None:
    """Add the blocks of some functions to a row of them."""
    for j, function in enumerate(functions):
        if function in blocks:
            known = row[j]
            row[j] = blocks[function] if known is None else known + blocks[function]


def _nothing(rows: Sequence[Any], functions: Sequence[Any]) -> Blocks:
    return [[None] * len(functions) for _ in rows]


def _summands(integral: ufl.Integral) -> Iterator[ufl.Integral]:
    """Yield an integral for each summand of one."""
    sums = [integral.integrand()]
    while sums:
        term = sums.pop()
        if isinstance(term, ufl.algebra.Sum):
            sums.extend(term.ufl_operands)
        else:
            yield integral.reconstruct(integrand=term)


def _bilinear(
    form: ufl.Form, free: Sequence[fem.Function], derivatives: Derivatives
) -> dict[fem.Function, ufl.Form] | None:
    """Return the derivatives of a form by its functions, None where they are not all of it."""
    functions = form.coefficients()
    if not functions or any(function not in free for function in functions):
        return None
    trials = {f: ufl.Argument(f.function_space, 1 + k) for k, f in enumerate(functions)}
    blocks = {}
    for function in functions:
        trial = ufl.TrialFunction(function.function_space)
        block = derivatives.of(form.integrals(), function, trial)
        if block.empty() or block.coefficients():
            return None  # it is not linear
        blocks[function] = block
    replaced = derivatives.expanded(ufl.replace(form, trials).integrals())
    return blocks if compute_form_with_arity(replaced, 1).empty() else None
