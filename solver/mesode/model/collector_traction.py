r"""What the solids of an electrode do to its collector: the traction where they touch it.

    t = sigma n

with the mean Cauchy stress of the cell at each face and n the normal out of the solid. The face
keeps its direction: the collector is rigid, or a foil that stretches along itself; that a resolved
foil bends is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from dolfinx.mesh import entities_to_geometry

from mesode.section_names import COLLECTOR, FOIL, SEPARATOR, is_counter, is_foil

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.mesh.domain import Domain, Subdomain

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int32]


class CollectorTraction:
    """Faces where solids touch the collector of the working electrode, those of own cells.

    ``lengths`` of the faces [m].

    Args:
        domain: The section.
        part: Its sub-mesh that bears stress.
        phases: Those of it that are solid.
    """

    def __init__(self, domain: Domain, part: Subdomain, phases: Sequence[str]) -> None:
        solids = [p for p in phases if not (is_foil(p) or is_counter(p) or p == SEPARATOR)]
        facets, cells = _faces(domain, domain.tags(solids))
        own = cells < domain.mesh.topology.index_map(2).size_local
        facets, cells = facets[own], cells[own]
        x = domain.mesh.geometry.x[:, :2]
        ends = x[entities_to_geometry(domain.mesh, 1, facets).reshape(-1, 2)]
        along = ends[:, 1] - ends[:, 0]
        self.lengths: FloatArray = np.linalg.norm(along, axis=1)
        normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / self.lengths[:, None]
        corners = domain.mesh.geometry.dofmaps[0].reshape(-1, 3)[cells]
        out = ends.mean(axis=1) - x[corners].mean(axis=1)
        self._normal = np.where(((normal * out).sum(axis=1) < 0.0)[:, None], -normal, normal)
        self._cells = domain.cells_in(part)[cells]

    def of(self, stress: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the length of t and its normal part at each face [Pa], tension positive.

        Args:
            stress: xx, yy, zz, xy of the cells of the sub-mesh [Pa].
        """
        xx, yy, _, xy = stress[self._cells].T
        nx, ny = self._normal.T
        tx, ty = xx * nx + xy * ny, xy * nx + yy * ny
        return np.hypot(tx, ty), tx * nx + ty * ny


def _faces(domain: Domain, solids: tuple[int, ...]) -> tuple[IntArray, IntArray]:
    """Return local facets between solids and the collector, and the cell of the solid at each."""
    foil = domain.tags((FOIL,))
    if not foil:
        facets = domain.line(COLLECTOR)
        cells = domain.cells_at(facets)
        there = np.isin(domain.cell_tag[cells], solids)
        return facets[there], cells[there]
    facets, pairs = domain.inner_facets
    tags = domain.cell_tag[pairs]
    k, side = np.nonzero(np.isin(tags, solids) & np.isin(tags, foil)[:, ::-1])
    return facets[k], pairs[k, side]
