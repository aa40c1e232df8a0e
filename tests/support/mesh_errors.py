"""Keeps what the mesh of a cell is estimated to cost, as a run goes on."""

from __future__ import annotations

from mesode.model.mesh_error import MeshCost


class MeshErrors:
    """Observer: the parts of the estimate [V] at the last point, and at the end of each step."""

    def start(self, cell):
        self.estimate, self.last, self.at_ends = MeshCost(cell), [], []

    def point(self, point):
        self.last = [*self.estimate.see(point.t).values()] or self.last

    def step_end(self, result):
        self.at_ends.append(self.last)

    def finish(self):
        pass
