"""How the current of an oscillation is spread over the surfaces: amplitude and phase of i_n.

At one frequency the terminal passes dI = 1 A/m^2 of electrode. On each surface, i_n being what
passes by charge transfer (the double layer beside it takes the rest)::

    amplitude = |di_n|              [A/m^2 of surface]
    phase     = arg(-d di_n)        d = 1 where discharge lithiates the electrode, else -1

The phase is 0 where the reaction follows the current of the cell at once. Where diffusion holds it
back it leads, where the double layer takes the current first it lags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

from mesode.fields import Group
from mesode.model.averages import SurfaceMeans
from mesode.model.field_groups import labelled

if TYPE_CHECKING:
    from mesode.model.cell import Cell
    from mesode.model.surfaces import Surface
    from mesode.model.unknowns import Unknown
    from mesode.numerics.frequency import ComplexArray


class ImpedanceMap:
    """The fields of a map on the triangles along the surfaces (all methods collective).

    ``group`` has them at the amplitude that was loaded last.
    """

    def __init__(self, cell: Cell) -> None:
        self._cell, self._frequency = cell, 0.0
        self._parts = {
            surface: self._pair(cell.charge_transfer.i_n[surface]) for surface in cell.surfaces
        }
        values = {
            surface: tuple(self._sign(surface) * surface.at_host(part) for part in pair)
            for surface, pair in self._parts.items()
        }
        means = SurfaceMeans(cell.host_domain, values, cell.entity_maps)
        self.group = labelled(cell, Group.IMPEDANCE, cell.host_domain)
        self.group.on_cells(
            means,
            i_n_amplitude=lambda v: np.hypot(v[:, 0], v[:, 1]),
            i_n_phase=lambda v: np.degrees(np.arctan2(v[:, 1], v[:, 0])),
            map_frequency=lambda v: np.full(len(v), self._frequency),
        )

    @staticmethod
    def _pair(unknown: Unknown) -> tuple[Any, Any]:
        space = unknown.scaled.function_space
        return fem.Function(space), fem.Function(space)

    def _sign(self, surface: Surface) -> float:
        """Return -d of an electrode."""
        polarity = self._cell.polarity
        return float(-polarity if surface.host in self._cell.working else polarity)

    def load(self, frequency: float, amplitude: ComplexArray) -> None:
        """Take the amplitude of the unknowns that this rank owns at a frequency [Hz]."""
        self._frequency = frequency
        slices = self._cell.system.owned_slices()
        for surface, pair in self._parts.items():
            unknown = self._cell.charge_transfer.i_n[surface]
            own = unknown.scale * amplitude[slices[self._cell.unknowns.index(unknown)]]
            for part, values in zip(pair, (own.real, own.imag), strict=True):
                part.x.array[: len(values)] = values
                part.x.scatter_forward()
