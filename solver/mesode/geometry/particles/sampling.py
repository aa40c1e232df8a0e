"""Draw the particles of all populations: diameters, shapes and orientations. Micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.errors import GeometryError
from mesode.geometry.particles.grain_shapes import unit_outline
from mesode.geometry.particles.sizes import mean_disc_area, midpoint_quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.geometry.particles.grains import Population

    type FloatArray = npt.NDArray[np.float64]
    type IntArray = npt.NDArray[np.int64]

_ORIENTATION = 1  # second word of the seed: shapes must not change the arrangement of discs


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Particles without places: ``diameter`` (n,) [um], index of the ``population`` (n,).

    ``outlines``: fine outline (m, 2) [um] about the centre, None for a disc; ``scale``: factor
    of each population that the drawn diameters were multiplied with to meet its fraction.
    """

    diameter: FloatArray
    population: IntArray
    outlines: tuple[FloatArray | None, ...]
    scale: tuple[float, ...]


def draw_sample(
    populations: Sequence[Population], box_area: float, seed: int, rng: np.random.Generator
) -> Sample:
    """Draw particles of all populations in random order.

    Args:
        populations: what to draw.
        box_area: area [um^2] that the fractions refer to.
        seed: of the orientations.
        rng: for the order.

    Raises:
        GeometryError: a fraction, or their sum, is not between 0 and 1.
    """
    _check_fractions(populations)
    drawn, scales = [], []
    for population in populations:
        target = population.fraction * box_area
        number = max(1, round(target / mean_disc_area(population.sizes)))
        diameters = midpoint_quantiles(population.sizes, number)
        scales.append(float(np.sqrt(target / (np.pi / 4 * np.sum(diameters**2)))))
        drawn.append(diameters * scales[-1])
    diameter = np.concatenate(drawn)
    index = np.repeat(np.arange(len(drawn)), [len(d) for d in drawn])
    order = np.arange(len(diameter))
    rng.shuffle(order)
    diameter, index = diameter[order], index[order]
    turns = np.random.default_rng([seed, _ORIENTATION])
    units = [unit_outline(populations[p].shape, turns) for p in index.tolist()]
    return Sample(
        diameter=diameter,
        population=index,
        outlines=tuple(None if u is None else u * d for u, d in zip(units, diameter, strict=True)),
        scale=tuple(scales),
    )


def _check_fractions(populations: Sequence[Population]) -> None:
    if not populations:
        msg = "particles: at least one population is needed"
        raise GeometryError(msg)
    for population in populations:
        if not 0 < population.fraction < 1:
            msg = f"particles.fraction: must lie between 0 and 1, got {population.fraction:g}"
            raise GeometryError(msg)
    total = sum(population.fraction for population in populations)
    if total >= 1:
        msg = f"particles.fraction: the fractions must sum to less than 1, got {total:g}"
        raise GeometryError(msg)
