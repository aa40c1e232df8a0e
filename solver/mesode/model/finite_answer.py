r"""What finite mechanics answers to a small oscillation about the loaded state.

In time it is solved after each step, from what was foreseen of it (``finite_coupling``). Where a
cell is linearised what was foreseen becomes unknown, so that stress follows lithium at once::

    Div P(u, sto) = 0                     at what has flowed so far: small amplitudes are elastic
    int (sigma_h - sigma_h(u, sto)) v = 0     the stress of the chemical potential, at the nodes
    int (sto_l - sto) v = 0                   the lithiation that goes with it

The shape that transport sees stays. At rest that costs nothing but what pores breathe of
electrolyte: where nothing flows it does not matter to a flow how long its way is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ufl
from dolfinx import fem

from mesode.model.force_rows import force_rows
from mesode.model.processes.solids import MICROMETRE
from mesode.model.unknowns import RowKind, Unknown
from mesode.physics.solid import law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.model.finite_coupling import FiniteCoupling
    from mesode.model.process import Term
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.physics.solid.growth import Piola

STRESS = 1e9  # [Pa] that a row of the stress counts as one


def answers(mechanics: FiniteMechanics, coupling: FiniteCoupling) -> Iterator[Term]:
    """Yield the rows of the motion, and of stress and lithiation that were foreseen.

    The loaded state has been accepted, and is given (collective).
    """

    def held(phase: str) -> Piola:
        solid = mechanics.solid(phase, solved=True)
        return law.piola(solid, mechanics.at, solid.held(mechanics.at, mechanics.state(phase)))

    yield from force_rows(mechanics, held, friction=False)
    for host in mechanics.hosts:
        dx, area = mechanics.dx_in(host), MICROMETRE**2
        sigma, sto = (_unknown(coupling, f"{name} {host}") for name in ("sigma_h", "sto"))
        off = sigma.value - mechanics.chemical_stress(host)
        yield sigma, off / (STRESS * area) * sigma.test * dx
        yield sto, (sto.value - mechanics.sto[host].scaled) / area * sto.test * dx


def _unknown(coupling: FiniteCoupling, name: str) -> Unknown:
    """Return what is given in time as an unknown."""
    given = coupling[name]
    space = given.function_space
    rate, test = fem.Function(space), ufl.TestFunction(space)
    return Unknown(f"{name} ahead", given, rate, test, row=RowKind.LAW)
