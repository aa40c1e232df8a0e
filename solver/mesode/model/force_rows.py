"""Rows of finite mechanics: the balance of forces in the plane, along z, and of a plate on the top.

They are scaled by the modulus of the softest solid and the width of the section.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.model.processes.solids import MICROMETRE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import ufl

    from mesode.model.process import Term
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.model.unknowns import Unknown
    from mesode.physics.solid.growth import Piola


def force_rows(
    mechanics: FiniteMechanics, piola: Callable[[str], Piola], *, friction: bool
) -> Iterator[Term]:
    """Yield the rows of the displacement, of lambda_z, of a foil and of a plate.

    Args:
        mechanics: The mechanics.
        piola: Returns the first Piola stress of a phase.
        friction: Whether viscosity holds the motion back, and joints come apart.
    """
    u, extension, scale = mechanics.u, mechanics.extension, mechanics.force_scale
    yield u, scale * _forces(mechanics, u, piola, friction=friction)
    if mechanics.options.kind.has_axial_strain:
        axis = _forces(mechanics, extension, piola, friction=friction)
        axis += mechanics.foil.row(extension)
        yield extension, scale / MICROMETRE * axis
    widening = mechanics.foil.widening
    if widening:
        pull = _forces(mechanics, widening, piola, friction=friction)
        yield widening, scale / MICROMETRE * (pull + mechanics.foil.row(widening))
    for unknown, row in mechanics.load.rows():
        yield unknown, scale * row


def _forces(
    mechanics: FiniteMechanics, unknown: Unknown, piola: Callable[[str], Piola], *, friction: bool
) -> ufl.Form:
    """Return the virtual work of solids, medium and joints, of a row [J/m]."""
    row, v = mechanics.medium.row(unknown, friction=friction), unknown.test
    for phase in mechanics.phases:
        P, dx = piola(phase), mechanics.dx_in(phase)
        if unknown is mechanics.u:
            row += P.virtual_work(v) * dx
        else:
            row += (P.zz if unknown is mechanics.extension else P.plane[0, 0]) * v * dx
    if unknown is mechanics.u:
        row += mechanics.cohesions.sum("row" if friction else "held_row")
    elif unknown is mechanics.foil.widening:
        row += mechanics.cohesions.pull(friction=friction)
    return row
