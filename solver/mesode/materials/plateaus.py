"""Potentials without plateaus: where stress moves lithium, mu has to fall with the lithiation.

On a plateau, dU/dsto = 0, any difference of stress moves any amount of lithium. A curve with one is
tilted about half the lithiation, by as little as makes it fall everywhere as asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.materials.ends import Potential, potential
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from mesode.materials.law import Law

_POINTS = 20_001  # of a curve from lithiation 0 to 1


def without_plateaus(law: Law, least: float, T: float) -> Potential:
    """Return an open-circuit potential that falls by ``least`` [V] per lithiation or more.

    One that does so stays as it is. A part that rises keeps rising: the tilt is ``least`` at most.

    Args:
        law: U(sto, T) [V].
        least: How steep it has to be [V].
        T: Temperature [K] at which that is looked at.
    """
    given = potential(law)
    sto = np.linspace(0.0, 1.0, _POINTS)
    U = np.broadcast_to(np.asarray(given(sto=sto, T=T), dtype=np.float64), sto.shape)
    tilt = min(least, max(0.0, least - float((-np.diff(U) / np.diff(sto)).min())))
    if tilt == 0.0:
        return given

    def known(*, sto: Any, T: Any, ops: Ops = NUMPY) -> Any:
        return given.known(sto=sto, T=T, ops=ops) - tilt * (sto - 0.5)

    return replace(given, known=known)
