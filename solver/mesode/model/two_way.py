"""Linear algebra of the two-way coupling: each physics keeps a factorisation of its own.

The exact Jacobian couples all unknowns. Here the electrochemistry feels the stress through its
free-particle part alone, as a function of the lithiation (``Mechanics.stress_slope``); what is left
out is small and smooth, and Broyden's update picks it up. The matrix becomes block lower
triangular: electrochemistry, displacement, hydrostatic stress.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ufl

if TYPE_CHECKING:
    from mesode.model.mechanics import Mechanics
    from mesode.model.unknowns import Unknown

type Blocks = dict[tuple[int, int], ufl.Form | None]


def decoupled_blocks(
    rows: list[ufl.Form], sto: Unknown, mechanics: Mechanics, column: int
) -> Blocks:
    """Return the blocks of the Jacobian that replace the exact ones.

    Args:
        rows: Of the electrochemistry.
        sto: Lithiation, the unknown of column 0.
        mechanics: Whose stress acts back.
        column: Of the hydrostatic stress.
    """
    # both live on the same space, so that one trial function serves both derivatives
    trial = ufl.TrialFunction(sto.scaled.function_space)
    felt_trial = mechanics.stress_slope() * trial
    blocks: Blocks = {}
    for i, row in enumerate(rows):
        exact = _derivative(row, sto, trial)
        felt = _derivative(row, mechanics.sigma_h, trial)
        if not felt.empty():
            exact += ufl.replace(felt, {trial: felt_trial})
        blocks[i, 0] = None if exact.empty() else exact
        blocks[i, column] = None
    return blocks


def groups_in_turn(electrochemical: int, n: int) -> list[range]:
    """Return the unknowns to be solved for in turn; the hydrostatic stress is the last of ``n``."""
    return [range(electrochemical), range(electrochemical, n - 1), range(n - 1, n)]


def _derivative(row: ufl.Form, unknown: Unknown, trial: ufl.Argument) -> ufl.Form:
    return ufl.algorithms.expand_derivatives(ufl.derivative(row, unknown.scaled, trial))
