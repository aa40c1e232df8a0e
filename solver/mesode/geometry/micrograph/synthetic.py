"""Synthetic micrographs of packings whose fractions and lengths are known. Micrometres.

Discs of :mod:`mesode.geometry.particles.grains` are drawn on fine pixels, binder fills the space
around their necks, the pixels are averaged to those of the image, blurred as by a microscope, and
noise is added. ``mesode new micrograph`` writes such an image, and ``meshes/samples`` holds some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from mesode.geometry.particles.grains import Grains, make_grains

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.geometry.particles.grains import GrainRequest

    type FloatArray = npt.NDArray[np.float64]
    type BoolArray = npt.NDArray[np.bool_]

_FINE = 5  # fine pixels along one pixel of the image
PHASES = ("pore", "carbon_binder", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a sample is made; lengths in um.

    ``levels``: grey value of pore, binder and active; ``binder``: radius of the closing that
    makes binder of the space around necks, None where all space is binder; ``blur``: standard
    deviation [pixels]; ``noise``: of a segmented image, relative to the contrast of two phases;
    of a grey image, in grey values; ``flips``: share of pixels with the value of a random phase;
    ``grey``: the image is not segmented.
    """

    name: str
    packing: GrainRequest
    width: float
    height: float
    pixel: float
    levels: tuple[int, int, int]
    binder: float | None
    blur: float
    noise: float
    flips: float = 0.0
    grey: bool = False
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """``values`` (rows, columns) with row 0 on top, and the true values of what it shows."""

    values: npt.NDArray[np.uint8]
    truth: dict[str, Any]


def make_sample(recipe: Recipe) -> Sample:
    """Return the image of a recipe; the same recipe gives the same pixels."""
    packing = make_grains(recipe.packing, recipe.width, recipe.height, recipe.pixel)
    masks = _fine_masks(recipe, packing)
    maps = np.array([_average(mask) for mask in masks])
    blurred = np.array([ndimage.gaussian_filter(m, recipe.blur, mode="reflect") for m in maps])
    rng = np.random.default_rng(recipe.seed)
    levels = np.array(recipe.levels, dtype=np.float64)
    if recipe.grey:
        grey = np.tensordot(levels, blurred, axes=1)
        grey += recipe.noise * rng.standard_normal(grey.shape)
        values = np.clip(np.round(grey), 0, 255).astype(np.uint8)
    else:
        values = levels[_segment(recipe, blurred, rng)].astype(np.uint8)
    return Sample(values=values[::-1], truth=_truth(recipe, packing, masks))


def _fine_masks(recipe: Recipe, packing: Grains) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Return pore, binder and active on fine pixels, row 0 at the collector."""
    step = recipe.pixel / _FINE
    columns, rows = round(recipe.width / step), round(recipe.height / step)
    active = np.zeros((rows, columns), dtype=bool)
    x, y = (np.arange(columns) + 0.5) * step, (np.arange(rows) + 0.5) * step
    for xc, yc, d in zip(packing.x, packing.y, packing.diameter, strict=True):
        active |= (x[None, :] - xc) ** 2 + (y[:, None] - yc) ** 2 <= d**2 / 4
    if recipe.binder is None:
        return np.zeros_like(active), ~active, active
    reach = recipe.binder / step
    border = int(np.ceil(reach)) + 1
    # mirrors at the sides, the collector below counts as a surface to stick to, nothing above
    solid = np.pad(active, ((0, 0), (border, border)), mode="symmetric")
    solid = np.pad(solid, ((border, 0), (0, 0)), constant_values=True)
    solid = np.pad(solid, ((0, border), (0, 0)), constant_values=False)
    near = ndimage.distance_transform_edt(~solid) <= reach
    closed = ndimage.distance_transform_edt(np.pad(near, 1, mode="edge"))[1:-1, 1:-1] > reach
    binder = closed[border:-border, border:-border] & ~active
    return ~active & ~binder, binder, active


def _average(mask: BoolArray) -> FloatArray:
    rows, columns = (n // _FINE for n in mask.shape)
    return np.asarray(mask.reshape(rows, _FINE, columns, _FINE).mean(axis=(1, 3)))


def _segment(recipe: Recipe, blurred: FloatArray, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Return the phase of each pixel: the strongest after noise with the grain of the blur."""
    noise = rng.standard_normal(blurred.shape)
    noise = np.array([ndimage.gaussian_filter(n, 0.7, mode="reflect") for n in noise])
    present = blurred.max(axis=(1, 2)) > 0
    noisy = np.where(present[:, None, None], blurred + recipe.noise * noise / noise.std(), -np.inf)
    labels = np.argmax(noisy, axis=0)
    flipped = rng.random(labels.shape) < recipe.flips
    labels[flipped] = rng.choice(np.flatnonzero(present), size=int(flipped.sum()))
    return np.asarray(labels)


def _truth(recipe: Recipe, packing: Grains, masks: Sequence[BoolArray]) -> dict[str, Any]:
    fractions = {
        name: round(float(mask.mean()), 5)
        for name, mask in zip(PHASES, masks, strict=True)
        if np.any(mask)
    }
    discs = np.pi / 4 * float(np.sum(packing.diameter**2))
    fractions["active"] = round(discs / (recipe.width * recipe.height), 5)
    shown = [k for k, mask in enumerate(masks) if np.any(mask)]
    return {
        "pixel": recipe.pixel,
        "grey_image": recipe.grey,
        "levels": {PHASES[k]: recipe.levels[k] for k in shown},
        "particles": len(packing.x),
        "fraction": fractions,
        "active_surface": round(float(np.pi * packing.diameter.sum()), 4),
    }
