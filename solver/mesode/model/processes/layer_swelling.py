"""How much thicker an electrode becomes that is a homogenised layer: ``physics.layer_swelling``.

Reported alone: no equation sees it, transport is that of the pores at the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from mesode.columns import PORE_RATIO, THICKNESS
from mesode.materials.ops import ufl_ops
from mesode.model.process import Process, Seen
from mesode.physics.layer_swelling import taken_by_pores, thickening

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ufl

    from mesode.materials.law import Law
    from mesode.model.cell import Cell

RISE, TAKEN = "layer rise", "layer pores"


class LayerSwelling(Process):
    """Thickness and pores of the working electrode where that is one layer (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        (self._host,) = cell.working
        self._area = cell.area((self._host,))

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return what the layer rises and what its pores give, over its area [m^2]."""
        cell, host = self._cell, self._host
        layer = cell.materials.layer(host)
        swelling = cast("Law", cell.materials.phases[host].swelling)  # ``swells`` has looked
        now = swelling(sto=cell.sto[host].value, ops=ufl_ops())
        V = now - float(swelling(sto=cell.initial[host]))
        porosity, dx = cell.materials.ionic(host).porosity, cell.dx(cell.tag(host))
        return {
            RISE: thickening(layer, porosity, V) * dx,
            TAKEN: taken_by_pores(layer, porosity, V) * dx,
        }

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the change of thickness, and the pores that are left."""
        pores = self._cell.materials.ionic(self._host).porosity * self._area
        return {
            THICKNESS: seen.integrals[RISE] / self._area,
            PORE_RATIO: 1.0 - seen.integrals[TAKEN] / pores,
        }


def swells(cell: Cell) -> bool:
    """Tell whether the working electrode is one layer whose particles are known to swell."""
    alone = len(cell.working) == 1 and cell.working[0] in cell.layers
    return alone and cell.materials.phases[cell.working[0]].swelling is not None
