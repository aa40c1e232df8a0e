"""Measured points made fit for a law: noise taken out of a potential, long tables thinned.

A potential must fall with the lithiation. Where measured points do not, the nearest falling values
in the sense of least squares are taken (isotonic regression by pooling adjacent violators: R. E.
Barlow et al., Statistical Inference under Order Restrictions, Wiley 1972). These are steps; the law
goes through their centres, so that it falls strictly and has a slope everywhere.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.materials.tables import evaluate_pieces, table_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]

MOST_POINTS = 80  # of a law; each is a branch of the compiled form
_FINE = 5e-4  # of the range of the values: no more points than it takes to come so near


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The points of a law and how far it is from those that were given.

    ``deviation`` is the largest, at ``at``; ``rms`` the root of the mean square; ``smoothed`` and
    ``thinned`` tell what was done.
    """

    points: tuple[tuple[float, float], ...]
    deviation: float = 0.0
    rms: float = 0.0
    at: float = 0.0
    smoothed: bool = False
    thinned: bool = False

    @property
    def changed(self) -> bool:
        """Whether the law does not go through all points as given."""
        return self.smoothed or self.thinned


def fit_points(
    points: Sequence[Sequence[float]], *, falling: bool = False, method: str = "pchip"
) -> Fit:
    """Return points for a law.

    Args:
        points: pairs (x, y), x increasing.
        falling: y must fall with x.
        method: of interpolation, as of a table.
    """
    x, y = np.array(points, dtype=np.float64).T
    smoothed = falling and bool(np.any(np.diff(y) >= 0.0))
    xs, ys = _centres(x, y, nearest_falling(y), method) if smoothed else (x, y)
    thinned = len(xs) > MOST_POINTS
    if thinned:
        keep = _thinned(xs, ys, method)
        xs, ys = xs[keep], ys[keep]
    kept = tuple(zip(xs.tolist(), ys.tolist(), strict=True))
    if not (smoothed or thinned) or len(kept) < 2:
        return Fit(points=kept, smoothed=smoothed)
    error = np.abs(evaluate_pieces(table_pieces(xs, ys, method), x) - y)
    worst = int(error.argmax())
    return Fit(
        points=kept,
        deviation=float(error[worst]),
        rms=float(np.sqrt(np.mean(error**2))),
        at=float(x[worst]),
        smoothed=smoothed,
        thinned=thinned,
    )


def nearest_falling(y: FloatArray) -> FloatArray:
    """Return the non-increasing values nearest to y, by least squares."""
    means: list[float] = []
    sizes: list[int] = []
    for value in y.tolist():
        mean, size = value, 1
        while means and means[-1] <= mean:
            size_before = sizes.pop()
            mean = (means.pop() * size_before + mean * size) / (size_before + size)
            size += size_before
        means.append(mean)
        sizes.append(size)
    return np.repeat(means, sizes)


def _centres(
    x: FloatArray, y: FloatArray, steps: FloatArray, method: str
) -> tuple[FloatArray, FloatArray]:
    """Return points that fall strictly: the middle of each step.

    Where a curve through the middles is further away than noise, as at a plateau of few points in
    a steep curve, a step is kept by both its ends, with the least tilt.
    """
    begins = np.flatnonzero(np.concatenate([[True], np.diff(steps) != 0.0]))
    ends = np.append(begins[1:], len(x)) - 1
    levels = steps[begins]
    fine = _FINE * float(np.ptp(y))
    near = 1.5 * float(np.abs(steps - y).max()) + fine
    gaps = np.abs(np.diff(levels, prepend=np.inf, append=-np.inf))
    tilt = np.minimum(0.25 * np.minimum(gaps[:-1], gaps[1:]), 0.5 * fine)
    middles = np.array([x[a : b + 1].mean() for a, b in zip(begins, ends, strict=True)])
    step_of = np.repeat(np.arange(len(begins)), ends - begins + 1)
    whole = begins == ends
    split = np.zeros(len(begins), dtype=bool)
    while True:
        kept = [
            ((middles[k], levels[k]),)
            if whole[k] or not split[k]
            else ((x[begins[k]], levels[k] + tilt[k]), (x[ends[k]], levels[k] - tilt[k]))
            for k in range(len(begins))
        ]
        xs, ys = np.array([point for points in kept for point in points]).T
        if len(xs) < 2:
            return xs, ys
        error = np.abs(evaluate_pieces(table_pieces(xs, ys, method), x) - y)
        far = np.unique(step_of[error > near])
        if np.all(split[far] | whole[far]):
            return xs, ys
        split[far] = True


def _thinned(x: FloatArray, y: FloatArray, method: str) -> npt.NDArray[np.intp]:
    """Return which points to keep: those that a curve through the others misses most."""
    keep = np.array([0, len(x) - 1])
    fine = _FINE * float(np.ptp(y))
    while len(keep) < MOST_POINTS:
        pieces = table_pieces(x[keep], y[keep], method)
        error = np.abs(evaluate_pieces(pieces, x) - y)
        inside = [(a + 1, b) for a, b in itertools.pairwise(keep) if b > a + 1]
        worst = [a + int(error[a:b].argmax()) for a, b in inside]
        due = sorted((k for k in worst if error[k] > fine), key=lambda k: -error[k])
        if not due:
            break
        keep = np.sort(np.concatenate([keep, due[: MOST_POINTS - len(keep)]]))
    return keep
