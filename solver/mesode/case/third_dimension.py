"""The electrode behind a section: its numbers, given in the case or estimated from the mesh.

Estimates, for the volume of an electrode: area shares of the section are volume shares (Delesse
1847); phases that conduct are mixed by the logarithmic law, ln k = sum(eps_i ln k_i) / eps
(Lichtenecker, Physik. Z. 27 (1926) 115), which lets a little of a good conductor count for a
little; with their share eps their conductivity falls like Bruggeman's law for a packing of
spheres, k_eff = k eps^1.5 (``mesode.materials.bruggeman``); the way out of the plane is a particle
long, the median diameter by number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.geometry.connectivity import components
from mesode.geometry.parts import electrode_parts
from mesode.materials.bruggeman import bruggeman
from mesode.mesh.domain import MICROMETRE
from mesode.model.processes.third_dimension import Behind
from mesode.section_names import COUNTER_PREFIX, SEPARATOR, is_foil
from mesode.survey.particles import particles_of
from mesode.survey.paths import cells_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy.typing as npt

    from mesode.config.case import Case
    from mesode.config.third_dimension import Volume
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.parts import Part
    from mesode.materials.properties import Material
    from mesode.survey.paths import Paths

    type BoolArray = npt.NDArray[np.bool_]


def behind(
    case: Case, arrays: MeshArrays, materials: Mapping[str, Material], paths: Paths
) -> dict[str, Behind]:
    """Return what lies behind each electrode that has lost something, by prefix of its phases.

    Args:
        case: With ``geometry.third_dimension``.
        arrays: The mesh of the section.
        materials: Of each phase of the mesh.
        paths: What of it hangs on the electrode behind.

    Raises:
        GeometryError: an electrode without particles has no length of its own.
    """
    given = case.geometry.third_dimension
    if given == "none":
        return {}
    found = {}
    for part in electrode_parts(arrays):
        volume = given.counter if part.prefix == COUNTER_PREFIX else given
        numbers = _Electrode(case, arrays, materials, part).behind(volume, paths)
        if numbers.electrons > 0.0 or numbers.ions > 0.0:
            found[part.prefix] = numbers
    return found


def told(found: Mapping[str, Behind]) -> list[dict[str, float | str]]:
    """Return the numbers of the manifest."""
    return [
        {
            "electrode": "counter electrode" if prefix else "electrode",
            "length_um": numbers.length / MICROMETRE,
            "sigma_S_per_m": numbers.sigma,
            "macmullin": numbers.macmullin,
            "share_of_electrons": numbers.electrons,
            "share_of_ions": numbers.ions,
        }
        for prefix, numbers in found.items()
    ]


class _Electrode:
    """What is known of one electrode of a section."""

    def __init__(
        self, case: Case, arrays: MeshArrays, materials: Mapping[str, Material], part: Part
    ) -> None:
        self._case, self._arrays, self._part = case, arrays, part
        self._area = cell_areas(arrays)
        self._phases = [
            name
            for name in arrays.phases
            if part.owns(name) and name != SEPARATOR and not is_foil(name)
        ]
        self._materials = {name: materials[name] for name in self._phases}

    def behind(self, volume: Volume | None, paths: Paths) -> Behind:
        """Return the numbers, estimated where ``volume`` does not give them."""
        self._check_whole()
        length, sigma, macmullin = (
            getattr(volume, key, None) for key in ("length", "sigma", "macmullin")
        )
        conductors, pores = (list(self._having(g)) for g in ("electronic", "ionic"))
        share, mean = self._mixture(conductors, self._sigma)
        wet, open_share = self._mixture(pores, self._open)
        return Behind(
            length=length or self._length(),
            sigma=sigma or mean / bruggeman(share),
            macmullin=macmullin or max(bruggeman(wet) / open_share, 1.0),
            electrons=self._hanging(paths.hanging_electrons, conductors),
            ions=self._hanging(paths.hanging_ions, pores),
            touching=share,
        )

    def _check_whole(self) -> None:
        """Refuse an electrode in several parts: a backbone has one collector."""
        part = self._part
        foil = [name for name in self._arrays.phases if is_foil(name) and part.owns(name)]
        loose = components(self._arrays, [*self._phases, *foil], part.root).isolated
        if loose:
            x, y = self._arrays.points[self._arrays.cells[loose[0].cells[0]]].mean(axis=0)
            msg = (
                f"geometry.third_dimension: {len(loose)} regions of the phases "
                f"{', '.join(self._phases)} do not belong to the electrode at the boundary "
                f"{part.root}, the largest of {loose[0].area:.4g} um^2 at ({x:.4g}, {y:.4g}) um. "
                "Give them phases of their own electrode, or take out geometry.third_dimension"
            )
            raise GeometryError(msg)

    def _having(self, group: str) -> Iterator[str]:
        return (name for name, m in self._materials.items() if getattr(m, group) is not None)

    def _sigma(self, phase: str) -> float:
        electronic = self._materials[phase].electronic
        if electronic is None:
            return 0.0
        start = self._case.initial.lithiation
        return float(electronic.sigma(sto=start, T=self._case.physics.temperature))

    def _open(self, phase: str) -> float:
        ionic = self._materials[phase].ionic
        return 1.0 / ionic.macmullin if ionic is not None else 0.0

    def _mixture(self, phases: list[str], k: Callable[[str], float]) -> tuple[float, float]:
        """Return the area share of some phases and their mixed conductivity; 1 and 1 of none."""
        area = {name: float(self._area[cells_of(self._arrays, (name,))].sum()) for name in phases}
        total = sum(area.values())
        if total == 0.0:
            return 1.0, 1.0
        mean = sum(np.log(k(name)) * part for name, part in area.items() if part) / total
        return min(total / self._part.area, 1.0), float(np.exp(mean))

    def _hanging(self, hanging: BoolArray, phases: list[str]) -> float:
        whole = cells_of(self._arrays, phases)
        total = float(self._area[whole].sum())
        return float(self._area[whole & hanging].sum()) / total if total > 0.0 else 0.0

    def _length(self) -> float:
        diameters = particles_of(self._arrays, self._part.cells).diameter
        if len(diameters) == 0:
            msg = (
                f"geometry.third_dimension: the {self._part.name} has no numbered particles, whose "
                "median diameter would be the way out of the section; give "
                "geometry.third_dimension.length"
            )
            raise GeometryError(msg)
        return MICROMETRE * float(np.median(diameters))
