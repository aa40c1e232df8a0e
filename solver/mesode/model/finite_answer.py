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

from typing import TYPE_CHECKING, Any

import ufl
from dolfinx import fem

from mesode.model.processes.solids import MICROMETRE
from mesode.model.unknowns import RowKind, Unknown
from mesode.physics.solid import law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.model.finite_coupling import FiniteCoupling
    from mesode.model.process import Term
    from mesode.model.processes.finite_mechanics import FiniteMechanics

STRESS = 1e9  # [Pa] that a row of the stress counts as one


def answers(mechanics: FiniteMechanics, coupling: FiniteCoupling, width: float) -> Iterator[Term]:
    """Yield the rows of the motion, and of stress and lithiation that were foreseen.

    ``width`` [m] of the section; the loaded state has been accepted.
    """
    coupling.recall()
    scale = 1 / (mechanics.modulus * width)
    yield mechanics.u, scale * _forces(mechanics, mechanics.u)
    if mechanics.options.kind.has_axial_strain:
        axis = scale / MICROMETRE * _forces(mechanics, mechanics.extension)
        yield mechanics.extension, axis
    for host in mechanics.hosts:
        dx, area = mechanics.dx_in(host), width**2
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


def _forces(mechanics: FiniteMechanics, unknown: Unknown) -> Any:
    """Return the row of the displacement or of lambda_z, at what has flowed so far."""
    row = mechanics.medium.row(unknown, friction=False)
    for phase in mechanics.phases:
        solid, state = mechanics.solid(phase, solved=True), mechanics.state(phase)
        P = law.piola(solid, mechanics.at, solid.held(mechanics.at, state))
        dx = mechanics.dx_in(phase)
        if unknown is mechanics.u:
            row += P.virtual_work(unknown.test) * dx
        else:
            row += P.zz * unknown.test * dx
    if unknown is mechanics.u and mechanics.options.spring:
        row += mechanics.options.spring * unknown.value[1] * unknown.test[1] * mechanics.top
    return row
