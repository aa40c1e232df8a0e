"""Numbers made of a stress in the section: rows of its components xx, yy, zz, xy [Pa]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]


def hydrostatic(stress: FloatArray) -> FloatArray:
    """Return the mean normal stress, positive in tension, of rows of shape (n, 4)."""
    return np.asarray(stress[:, :3].mean(axis=1))


def von_mises(stress: FloatArray) -> FloatArray:
    """Return the von Mises stress of rows of shape (n, 4)."""
    xx, yy, zz, xy = stress.T
    differences = (xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2
    return np.asarray(np.sqrt(0.5 * differences + 3.0 * xy**2))


def max_principal(stress: FloatArray) -> FloatArray:
    """Return the largest principal stress of rows of shape (n, 4)."""
    xx, yy, zz, xy = stress.T
    in_plane = 0.5 * (xx + yy) + np.hypot(0.5 * (xx - yy), xy)
    return np.asarray(np.maximum(in_plane, zz))
