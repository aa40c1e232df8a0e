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

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type Labels = npt.NDArray[np.uint8]
    type BoolArray = npt.NDArray[np.bool_]
    type Maps = npt.NDArray[np.float32]

_TRUNCATE = 4.0  # reach of the Gaussian in standard deviations
_SURE = 0.999  # no offset in use moves a pixel whose map is above this
_MAX_OFFSET = 0.25  # moves a line by about 0.3 standard deviations
_BALANCE_STEPS = 30
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


def refine_maps(maps: Maps, factor: int) -> Maps:
    """Interpolate the maps linearly onto pixels ``factor`` times smaller."""
    if factor == 1:
        return maps
    zoom = (1, factor, factor)
    fine = ndimage.zoom(maps, zoom, order=1, mode="nearest", grid_mode=True)
    return np.asarray(fine, dtype=np.float32)


def winner(maps: Maps) -> Labels:
    """Return the phase with the largest map at each pixel."""
    return np.argmax(maps, axis=0).astype(np.uint8)


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
    values = maps[:, unsure].astype(np.float64)
    number = maps.shape[0]
    sure = np.bincount(winner(maps)[~unsure], minlength=number)
    wanted = shares * unsure.size
    # Across a smoothed straight line the margin changes by 0.8 / sigma per pixel.
    margin = min(0.4 / max(sigma, 0.5), 0.8)
    offset = np.zeros(number)
    for _ in range(_BALANCE_STEPS):
        shifted = values + offset[:, None]
        areas = sure + _soft_areas(shifted, margin)
        if np.all(np.abs(areas - wanted) < 0.1):
            break
        # The rival phase moves as well: half the step.
        step = 0.5 * (wanted - areas) / _mobility(shifted, margin)
        offset += np.clip(step, -0.05, 0.05)
        offset = np.clip(offset - offset.mean(), -_MAX_OFFSET, _MAX_OFFSET)
    return maps + offset[:, None, None].astype(np.float32)


def _soft_areas(values: FloatArray, band: float) -> FloatArray:
    """Return the area of each phase [pixels], a pixel near a line counted in parts.

    The part is linear in the margin over the strongest rival, whole beyond ``band``: that is how
    much of the pixel a straight line leaves.
    """
    top = np.partition(values, -2, axis=0)[-2:]
    best, second = top[1], top[0]
    margin = np.minimum((best - second) / band, 1.0)
    own = 0.5 + 0.5 * margin
    areas = np.empty(len(values))
    for phase, value in enumerate(values):
        first, runner = value == best, value == second
        areas[phase] = np.sum(own[first]) + np.sum((1 - own)[runner & ~first])
    return areas


def _mobility(values: FloatArray, band: float) -> FloatArray:
    """Return by how many pixels the area of each phase grows per offset."""
    best = values.max(axis=0)
    mobility = np.empty(len(values))
    for phase, value in enumerate(values):
        rivals = np.max(np.delete(values, phase, axis=0), axis=0)
        mobility[phase] = np.sum((np.abs(value - rivals) < band) & (best - value < band))
    return np.maximum(mobility, 1.0) / (2 * band)


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
    core = _eroded(np.pad(inside, reach, mode="symmetric"), radius)
    if not np.any(core):
        return  # a phase that is thin everywhere: kept, a thin line is better than none
    kept = ~_eroded(~core, radius)[reach:-reach, reach:-reach]
    thin = inside & ~kept
    if np.any(thin):
        nearest = ndimage.distance_transform_edt(
            inside, return_distances=False, return_indices=True
        )
        labels[thin] = labels[nearest[0][thin], nearest[1][thin]]


def _eroded(mask: BoolArray, radius: float) -> BoolArray:
    """Return the pixels that lie further than ``radius`` from all pixels outside the mask."""
    if radius > _LARGE:
        return np.asarray(ndimage.distance_transform_edt(mask) > radius)
    reach = int(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = x**2 + y**2 <= radius**2
    return np.asarray(ndimage.binary_erosion(mask, disc, border_value=1))
