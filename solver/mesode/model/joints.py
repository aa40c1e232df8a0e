"""Where bodies of a section stick to each other, as far as something is said of how.

A particle is a body, and so is what lies between the particles, each solid for itself; the
collector is rigid. A material may say with which strength and toughness it sticks to others
(``Mechanical``). Where two meet, the one of less toughness counts; where neither says anything they
are one. Parts of one particle are one body.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mesode.columns import JOINTS
from mesode.section_names import COLLECTOR, is_foil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from mesode.model.meshed_section import MeshedSection

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int32]
    type BoolArray = npt.NDArray[np.bool_]


class Kind(StrEnum):
    """What a joint holds together, as the columns name it."""

    PARTICLES, BINDER, COLLECTOR = JOINTS


@dataclass(frozen=True, slots=True)
class Joint:
    """Facets at which bodies stick to each other, in rising order, ghosts included.

    ``cells``: those beside each facet, shape (n, 2), or (n, 1) on the collector; ``kind`` of each
    as its place among ``Kind``; ``sigma_c`` [Pa], ``G_c`` [J/m^2].
    """

    facets: IntArray
    cells: IntArray
    kind: IntArray
    sigma_c: FloatArray
    G_c: FloatArray

    def chosen(self, keep: BoolArray) -> Joint:
        """Return some of the facets."""
        return Joint(
            self.facets[keep], self.cells[keep], self.kind[keep], self.sigma_c[keep], self.G_c[keep]
        )


def sticking(section: MeshedSection) -> tuple[str, ...]:
    """Return the phases that say how they stick."""
    solids = section.having("mechanical")
    return tuple(p for p in solids if section.materials.mechanical(p).adhesion_strength is not None)


def find_joints(section: MeshedSection) -> tuple[Joint, Joint]:
    """Return the joints between bodies, and those to the rigid collector; they may be none."""
    laws = _Laws(section)
    domain, kinds = section.domain, list(Kind)
    facets, pairs = domain.inner_facets
    tags, particles = domain.cell_tag[pairs], domain.particle[pairs]
    apart = (tags[:, 0] != tags[:, 1]) | (particles[:, 0] != particles[:, 1])
    apart &= ~((particles[:, 0] == particles[:, 1]) & (particles[:, 0] >= 0))
    apart &= laws.solid[tags].all(axis=1)
    hosts, foil = laws.host[tags].sum(axis=1), laws.foil[tags].any(axis=1)
    kind = np.where(hosts == 2, kinds.index(Kind.PARTICLES), kinds.index(Kind.BINDER))
    kind = np.where(foil, kinds.index(Kind.COLLECTOR), kind)
    inner = Joint(facets, pairs, kind.astype(np.int32), *laws.of(tags))
    line = np.sort(domain.line(COLLECTOR)).astype(np.int32)
    cells = domain.cells_at(line)[:, None]
    on = np.full(len(line), kinds.index(Kind.COLLECTOR), dtype=np.int32)
    foot = Joint(line, cells, on, *laws.of(domain.cell_tag[cells]))
    return inner.chosen(apart & (inner.G_c < np.inf)), foot.chosen(foot.G_c < np.inf)


class _Laws:
    """What the phases of a section are and how they stick, by their tags."""

    def __init__(self, section: MeshedSection) -> None:
        phases, materials = section.domain.phases, section.materials
        size = 1 + max(phases.values())
        self.solid, self.host, self.foil = (np.zeros(size, dtype=bool) for _ in range(3))
        self._sigma, self._toughness = np.full(size, np.inf), np.full(size, np.inf)
        sticky: Sequence[str] = sticking(section)
        for name in section.having("mechanical"):
            tag, mechanical = phases[name], materials.mechanical(name)
            self.solid[tag], self.foil[tag] = True, is_foil(name)
            self.host[tag] = name in section.hosts or name in materials.former_hosts
            if name in sticky:
                self._sigma[tag] = mechanical.adhesion_strength
                self._toughness[tag] = mechanical.adhesion_toughness

    def of(self, tags: IntArray) -> Iterator[FloatArray]:
        """Yield strength and toughness where phases meet, without bound where they are one."""
        weaker = np.argmin(self._toughness[tags], axis=1)[:, None]
        for values in (self._sigma, self._toughness):
            yield np.take_along_axis(values[tags], weaker, axis=1)[:, 0]
