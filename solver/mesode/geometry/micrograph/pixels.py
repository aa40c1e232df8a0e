"""Numbers of pixels: finer ones, neighbours. The outermost rows and columns are mirrors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    type Labels = npt.NDArray[np.uint8]
    type IntArray = npt.NDArray[np.int64]

#: Steps (rows, columns) to the neighbours of a pixel, once around it, from one beside it.
AROUND: Final = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


def refine_labels(labels: Labels, factor: int) -> Labels:
    """Divide each pixel into ``factor`` by ``factor``."""
    return np.repeat(np.repeat(labels, factor, axis=0), factor, axis=1)


def neighbours(
    pixels: IntArray, shape: tuple[int, ...], steps: tuple[tuple[int, int], ...] = AROUND
) -> IntArray:
    """Return the numbers of the neighbours of pixels, (steps, n), in the flat image."""
    rows, columns = shape
    row, column = np.divmod(pixels, columns)
    return np.stack(
        [
            _mirrored(row + down, rows) * columns + _mirrored(column + right, columns)
            for down, right in steps
        ]
    )


def _mirrored(place: IntArray, number: int) -> IntArray:
    """Return places that may lie one beyond the first or the last."""
    place = np.abs(place)
    return np.where(place == number, number - 2, place)
