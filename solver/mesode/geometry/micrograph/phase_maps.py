"""Smooth maps of the phases of a label image: the step from pixels to curves.

Each phase has a map, one where the phase is and zero elsewhere, smoothed; a place belongs to the
phase whose map is largest. Small offsets of the maps bring the areas back to those of the image,
which smoothing alone does not keep (a disc of radius R shrinks by about sigma^2 / 2R). Lengths in
pixels of the array at hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from mesode.geometry.micrograph.pixels import AROUND, neighbours

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type Labels = npt.NDArray[np.uint8]
    type BoolArray = npt.NDArray[np.bool_]
    type Maps = npt.NDArray[np.float32]

_TRUNCATE = 4.0  # reach of the Gaussian in standard deviations
_SURE = 0.999  # no offset in use moves a pixel whose map is above this
_MAX_OFFSET = 0.25  # moves a line by about 0.3 standard deviations
_LIFT = 0.25  # the line then lies about half a pixel away
_BALANCE_STEPS = 30
_BALANCED = 1e-6  # of all pixels: areas this near to the wanted ones are right
_LARGE = 8  # [pixels] discs up to here are faster than a distance transform, with equal result
_ROUNDS = 3  # opening one phase can make another one thin


def smooth_maps(labels: Labels, number: int, sigma: float) -> Maps:
    """Return the smoothed map (number, rows, columns) of each phase; the borders are mirrors."""
    maps = np.empty((number, *labels.shape), dtype=np.float32)
    for phase in range(number):
        indicator = (labels == phase).astype(np.float32)
        if sigma > 0:
            ndimage.gaussian_filter(
                indicator, sigma, output=maps[phase], mode="reflect", truncate=_TRUNCATE
            )
        else:
            maps[phase] = indicator
    return maps


def winner(maps: Maps) -> Labels:
    """Return the phase with the largest map at each pixel, of equal ones the lowest number."""
    best, phase = maps[0].copy(), np.zeros(maps.shape[1:], dtype=np.uint8)
    for number, here in enumerate(maps[1:], 1):
        np.copyto(phase, np.uint8(number), where=here > best)
        np.maximum(best, here, out=best)
    return phase


def lift(maps: Maps, labels: Labels) -> Maps:
    """Return maps of which the labels are the winners: the map of a label is raised to be that."""
    raised = maps.copy()
    row, column = np.nonzero(winner(maps) != labels)
    raised[labels[row, column], row, column] = maps[:, row, column].max(axis=0) + _LIFT
    return raised


def balance_areas(maps: Maps, shares: FloatArray, sigma: float) -> Maps:
    """Add to each map the offset that gives each phase its share of the area.

    Args:
        maps: (number, rows, columns).
        shares: wanted share of each phase, (number,), sum 1.
        sigma: standard deviation of the smoothing [pixels].

    Returns:
        The maps with their offsets; of several solutions the one with mean offset zero.
    """
    unsure = maps.max(axis=0) < _SURE
    if not np.any(unsure):
        return maps
    values = np.ascontiguousarray(maps[:, unsure])
    sure = np.bincount(winner(maps)[~unsure], minlength=len(maps))
    wanted = shares * unsure.size
    # Across a smoothed straight line the margin changes by 0.8 / sigma per pixel.
    margin = min(0.4 / max(sigma, 0.5), 0.8)
    offset = np.zeros(len(maps))
    for _ in range(_BALANCE_STEPS):
        near, mobility = _soft_areas(values + offset[:, None].astype(np.float32), margin)
        missing = wanted - sure - near
        if np.all(np.abs(missing) < max(0.1, _BALANCED * unsure.size)):
            break
        # The rival phase moves as well: half the step.
        offset += np.clip(0.5 * missing / mobility, -0.05, 0.05)
        offset = np.clip(offset - offset.mean(), -_MAX_OFFSET, _MAX_OFFSET)
    return maps + offset[:, None, None].astype(np.float32)


def _soft_areas(values: Maps, band: float) -> tuple[FloatArray, FloatArray]:
    """Return the area of each phase [pixels], a pixel near a line counted in parts.

    The part is linear in the margin over the strongest rival, whole beyond ``band``: that is how
    much of the pixel a straight line leaves. The second array tells by how many pixels the area
    of each phase grows per offset.
    """
    number = len(values)
    first, second, lead = _two_largest(values)
    near = np.flatnonzero(lead < band)
    one, other = first[near], second[near]
    lost = 0.5 - (0.5 / band) * lead[near].astype(np.float64)
    areas = np.array([np.count_nonzero(first == phase) for phase in range(number)], dtype=float)
    areas += np.bincount(other, lost, number) - np.bincount(one, lost, number)
    moving = np.bincount(one, minlength=number) + np.bincount(other, minlength=number)
    return areas, np.maximum(moving, 1.0) / (2 * band)


def _two_largest(values: Maps) -> tuple[Labels, Labels, npt.NDArray[np.float32]]:
    """Return at each pixel the phases of the largest and second map, and the former's lead.

    Of equal maps that of the lower number comes first. Phases are few: a pass over the pixels for
    each is many times faster than a search at each pixel.
    """
    best, runner_up = values[0].copy(), np.full(values.shape[1], -np.inf, dtype=np.float32)
    first, second = (np.zeros(values.shape[1], dtype=np.uint8) for _ in range(2))
    for phase, here in enumerate(values[1:], 1):
        wins, follows = here > best, here > runner_up
        second = np.where(wins, first, np.where(follows, np.uint8(phase), second))
        np.copyto(first, np.uint8(phase), where=wins)
        runner_up = np.maximum(runner_up, np.minimum(best, here))
        np.maximum(best, here, out=best)
    return first, second, best - runner_up


def open_phases(labels: Labels, number: int, radius: float) -> Labels:
    """Remove what is thinner than ``2 radius``: such pixels go to the nearest other phase.

    This is the morphological opening of each phase with a disc. The borders are mirrors: what
    touches them counts with its mirror image.
    """
    labels = labels.copy()
    if radius < 1:
        return labels
    areas = np.bincount(labels.ravel(), minlength=number)
    for _ in range(_ROUNDS):
        before = labels.copy()
        for phase in np.argsort(areas).tolist():
            _open_phase(labels, phase, radius)
        if np.array_equal(before, labels):
            break
    return labels


def _open_phase(labels: Labels, phase: int, radius: float) -> None:
    inside = labels == phase
    if not np.any(inside) or np.all(inside):
        return
    reach = int(np.ceil(radius)) + 1
    kept = _opened(np.pad(inside, reach, mode="symmetric"), radius)[reach:-reach, reach:-reach]
    if np.any(kept):  # a phase that is thin everywhere stays: a thin line is better than none
        _give_away(labels, inside & ~kept, phase)


def _give_away(labels: Labels, thin: BoolArray, phase: int) -> None:
    """Let the other phases grow into the thin parts, one pixel at a time."""
    left = np.flatnonzero(thin)
    flat = labels.ravel()
    while len(left):
        beside = flat[neighbours(left, labels.shape, AROUND[::2])]
        other = beside != phase
        reached = np.any(other, axis=0)
        if not np.any(reached):
            return
        heir = beside[np.argmax(other, axis=0), np.arange(len(left))]
        flat[left[reached]] = heir[reached]
        left = left[~reached]


def _opened(mask: BoolArray, radius: float) -> BoolArray:
    """Return what discs of this radius cover that lie in the mask as a whole.

    The disc of a small radius has a whole number of pixels across, odd or even, so that a block
    as wide as the disc is not taken for a thinner one.
    """
    if radius > _LARGE:
        core = ndimage.distance_transform_edt(mask) > radius
        return np.asarray(ndimage.distance_transform_edt(~core) <= radius)
    across = int(2 * radius)
    y, x = np.mgrid[:across, :across] - 0.5 * (across - 1)
    return np.asarray(ndimage.binary_opening(mask, x**2 + y**2 <= radius**2))
