"""Which pixels of a label image are connected: corner contacts, and changes that keep connections.

Two pixels of a phase that touch in a corner only, [[x, y], [z, x]], leave open whether x is one
piece or y and z are. :func:`decide_corners` decides it with one rule, an order of the phases: the
first of the phases at the corner is joined, the others are separated. Afterwards no phase touches
itself in a corner only: connected by sides and connected by corners mean the same, and so do the
lines between the phases, whichever way a pixel is cut into triangles.

:func:`follow` changes labels towards others, but only pixels whose change joins nothing and cuts
nothing (simple points: T. Y. Kong, A. Rosenfeld, Comput. Vision Graphics Image Process. 48, 357
(1989)), and none that would make such a corner anew. The borders are mirrors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.geometry.micrograph.pixels import neighbours

if TYPE_CHECKING:
    import numpy.typing as npt

    type Labels = npt.NDArray[np.uint8]
    type IntArray = npt.NDArray[np.int64]
    type BoolArray = npt.NDArray[np.bool_]


def decide_corners(labels: Labels, order: IntArray) -> Labels:
    """Return labels of which no phase touches itself in a corner only.

    Args:
        labels: (rows, columns).
        order: (phases,), place of each phase in the order: the first is joined.
    """
    labels = labels.copy()
    while True:
        # a pixel changes to a phase that comes earlier, never back: this ends
        changed = False
        for turned in (False, True):
            view = labels[:, ::-1] if turned else labels
            changed |= _decide_diagonals(view, order)
        if not changed:
            return labels


def _decide_diagonals(labels: Labels, order: IntArray) -> bool:
    """Decide the blocks whose falling diagonal is one phase and touches itself there only."""
    first, last = labels[:-1, :-1], labels[1:, 1:]
    above, below = labels[:-1, 1:], labels[1:, :-1]
    row, column = np.nonzero((first == last) & (above != first) & (below != first))
    if len(row) == 0:
        return False
    own, upper, lower = (a[row, column] for a in (first, above, below))
    other = np.where(order[upper] <= order[lower], upper, lower)
    joined = order[own] < order[other]
    r, c = row[joined], column[joined]
    labels[r, c + 1] = labels[r + 1, c] = own[joined]
    r, c = row[~joined], column[~joined]
    labels[r, c] = labels[r + 1, c + 1] = other[~joined]
    return True


def follow(labels: Labels, target: Labels) -> Labels:
    """Return the labels nearest to ``target`` that are connected as ``labels`` are.

    Args:
        labels: of which no phase touches itself in a corner only.
        target: of equal shape.
    """
    flat, goal = labels.ravel().copy(), target.ravel()
    left = np.flatnonzero(flat != goal)
    while len(left):
        before = len(left)
        row, column = np.divmod(left, labels.shape[1])
        # pixels of one of these four sets are not neighbours of each other
        for corner in range(4):
            mine = left[(row % 2 == corner // 2) & (column % 2 == corner % 2)]
            around = flat[neighbours(mine, labels.shape)]
            simple = _is_simple(around, flat[mine], goal[mine])
            flat[mine[simple]] = goal[mine[simple]]
        left = left[flat[left] != goal[left]]
        if len(left) == before:
            break
    return flat.reshape(labels.shape)


def _is_simple(around: Labels, old: Labels, new: Labels) -> BoolArray:
    """Tell which pixels may change from ``old`` to ``new`` without joining or cutting a phase."""
    simple = (_crossings(around == old) == 1) & (_crossings(around == new) == 1)
    for k in (0, 2, 4, 6):
        side, corner, other = around[k], around[k + 1], around[(k + 2) % 8]
        simple &= ~((corner == new) & (side != new) & (other != new))
        simple &= ~((side == other) & (side != new) & (side != corner))
    return np.asarray(simple)


def _crossings(inside: BoolArray) -> IntArray:
    """Return in how many pieces, connected by sides, a phase lies beside a pixel."""
    count = np.zeros(inside.shape[1], dtype=np.int64)
    for k in (0, 2, 4, 6):
        side, corner, other = inside[k], inside[k + 1], inside[(k + 2) % 8]
        count += side & ~(corner & other)
    return count
