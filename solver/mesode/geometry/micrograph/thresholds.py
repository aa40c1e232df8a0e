"""Divide a grey image into phases: noise taken out, thresholds by Otsu, moved onto the edges.

1. The noise is measured on differences in which straight ramps cancel (pixels two apart as well:
   the noise of detectors and of resampled images is not independent from pixel to pixel) and
   taken out by non-local means (A. Buades, B. Coll, J.-M. Morel, SIAM Multiscale Model. Simul. 4,
   490 (2005)), as much of it as there is: an image without noise stays as it is.
2. Otsu's thresholds (N. Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979)) say which regions there
   are. They lie half way between the means of the classes, which is beside the edge where a phase
   has a rim, a shadow or a slope.
3. Each threshold moves to the middle between the grey values on both sides of the edges, two to
   four pixels from them. A region that Otsu's thresholds do not know does not come up by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from mesode.errors import GeometryError
from mesode.geometry.micrograph.specks import despeckle

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type Values = npt.NDArray[np.float32]
    type Labels = npt.NDArray[np.uint8]

PATCH = 7  # [pixels] edge of what non-local means compare; smaller regions may be noise
_REACH = 11  # [pixels] how far alike patches are looked for
_STRENGTH = 0.8  # of the noise: the filter's h
_NOISY = 0.05  # noise over contrast from which on it is taken out
_BESIDE = (2.0, 4.0)  # [pixels] distances from an edge at which its two sides are read
_ROUNDS = 3
_LEAST = 50  # pixels on either side of the edges, else the threshold stays
_MAD = 0.6745  # median of the absolute deviation of a normal distribution over its standard one
_SHIFT = 0.1  # of the contrast: the thresholds move by this to tell how sensitive the shares are
_OVERLAP = 2.0  # contrast over the spread inside the classes, below which they overlap


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """``labels`` from dark to bright; ``noisy``: noise was taken out; a JSON-able report."""

    labels: Labels
    noisy: bool
    report: dict[str, Any]


def divide(values: Values, number: int, file: str) -> Division:
    """Divide a grey image into ``number`` phases, from dark to bright.

    Raises:
        GeometryError: the image has no such thresholds.
    """
    if np.ptp(values) < 1:
        msg = f"{file}: all pixels are {values.flat[0]:g}, nothing to divide by a threshold"
        raise GeometryError(msg)
    noise = noise_of(values)
    noisy = noise > _NOISY * _contrast(values, _otsu(values, number, file))
    smooth = denoised(values, noise) if noisy else values
    found = _otsu(smooth, number, file)
    limits, labels = _onto_edges(values, smooth, found, PATCH**2 if noisy else 0.0)
    return Division(
        labels=labels, noisy=noisy, report=_report(smooth, labels, limits, noise, noisy=noisy)
    )


def noise_of(values: Values) -> float:
    """Return the standard deviation of the noise."""
    return max(_from_differences(values), _from_differences(values[::2, ::2]))


def _from_differences(values: Values) -> float:
    mixed = values[1:, 1:] - values[1:, :-1] - values[:-1, 1:] + values[:-1, :-1]
    return float(np.median(np.abs(mixed)) / (2 * _MAD))


def denoised(values: Values, noise: float) -> Values:
    """Return the image by non-local means."""
    from skimage.restoration import denoise_nl_means

    return np.asarray(
        denoise_nl_means(
            values,
            patch_size=PATCH,
            patch_distance=_REACH,
            h=_STRENGTH * noise,
            sigma=noise,
            fast_mode=True,
        ),
        dtype=np.float32,
    )


def _otsu(values: Values, number: int, file: str) -> FloatArray:
    from skimage.filters import threshold_multiotsu, threshold_otsu

    try:
        found = [threshold_otsu(values)] if number == 2 else threshold_multiotsu(values, number)
    except ValueError as error:
        msg = f"{file}: no thresholds between {number} phases: {error}; ask for fewer phases"
        raise GeometryError(msg) from error
    return np.asarray(found, dtype=np.float64)


def _cut(values: Values, limits: FloatArray) -> Labels:
    return np.digitize(values, limits, right=True).astype(np.uint8)


def _means(values: Values, limits: FloatArray) -> FloatArray:
    labels = _cut(values, limits)
    return np.array([values[labels == k].mean() for k in range(len(limits) + 1)])


def _contrast(values: Values, limits: FloatArray) -> float:
    """Return the least difference of the mean grey values of neighbouring classes."""
    return float(np.diff(_means(values, limits)).min())


def _onto_edges(
    values: Values, smooth: Values, found: FloatArray, speck: float
) -> tuple[FloatArray, Labels]:
    """Return the thresholds on the edges, and the labels."""
    known = despeckle(_cut(smooth, found), speck)[0]
    limits = found.copy()
    for _ in range(_ROUNDS):
        labels = despeckle(_cut(smooth, limits), speck)[0]
        limits = np.array([_middle(values, labels, k, limits[k]) for k in range(len(limits))])
    return limits, _without_new(_cut(smooth, limits), known)


def _middle(values: Values, labels: Labels, lower: int, given: float) -> float:
    """Return the middle of the two sides of the edges between a class and the next brighter one."""
    sides = []
    for own, beyond in ((labels == lower, labels > lower), (labels == lower + 1, labels <= lower)):
        distance = ndimage.distance_transform_edt(~beyond)
        side = own & (distance > _BESIDE[0]) & (distance <= _BESIDE[1])
        if np.count_nonzero(side) < _LEAST:
            return given
        sides.append(float(values[side].mean()))
    return 0.5 * (sides[0] + sides[1]) if sides[0] < sides[1] else given


def _without_new(labels: Labels, known: Labels) -> Labels:
    """Return the labels without the regions of which no pixel had its label before."""
    from skimage.measure import label as connected_regions

    region = connected_regions(labels, background=-1, connectivity=1) - 1
    old = np.bincount(region.ravel(), (labels == known).ravel()) > 0
    return np.where(old[region], labels, known).astype(np.uint8)


def _report(
    smooth: Values, labels: Labels, limits: FloatArray, noise: float, *, noisy: bool
) -> dict[str, Any]:
    """Return what tells how well the classes are apart."""
    number = len(limits) + 1
    means = [float(smooth[labels == k].mean()) for k in range(number)]
    spread = [float(smooth[labels == k].std()) for k in range(number)]
    step = _SHIFT * np.diff(means)
    shares = [
        np.bincount(_cut(smooth, limits + shift).ravel(), minlength=number) / labels.size
        for shift in (-step, step)
    ]
    apart = [
        (means[k + 1] - means[k]) / max(float(np.hypot(spread[k], spread[k + 1])), 1e-9)
        for k in range(number - 1)
    ]
    return {
        "thresholds": limits.tolist(),
        "noise": noise,
        "denoised": noisy,
        "grey_means": means,
        "contrast_over_noise": [float(c) / max(noise, 1e-9) for c in np.diff(means)],
        "separation": apart,
        "overlap": bool(min(apart) < _OVERLAP),
        "share_change": np.abs(shares[1] - shares[0]).tolist(),
    }
