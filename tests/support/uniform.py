"""The square of the small cell as a particle without gradients, to compare with such models."""

from __future__ import annotations

from mesode.model import currents
from support.protocols import Record
from support.small_cell import law

#: What of ``Lithium`` makes it one; tests/data/pybamm_particle.py has the same kinetics.
HOST = {
    "D_s": law(lambda *, sto, ops: 1e-9 + 0.0 * sto, "sto"),
    "i_0": law(lambda *, sto, ops: 2.0 + 0.0 * sto, "sto"),
    "alpha_a": 0.5,
    "alpha_c": 0.5,
    "double_layer": 1e-6,
}
#: Steps by the current over that of 1C.
WORDS = {-1.0: "Lithiate at 1C", 0.0: "Rest", 1.0: "Delithiate at 1C"}


class Drops(Record):
    """Keeps the mean potential of the surface against the electrolyte where each step ends."""

    def start(self, cell):
        super().start(cell)
        self.drops = []

    def step_end(self, result):
        super().step_end(result)
        (surface,) = self.cell.surfaces
        drop = currents.electrode_drop(self.cell, surface)
        self.drops.append(self.cell.integral(drop * surface.dS) / 4e-6)
