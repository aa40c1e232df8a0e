"""How much an image may be smoothed: as far as its networks conduct what its pixels conduct.

Smoothing closes gaps and cuts necks of a pixel or two, and a few of them may carry most of the
current. The effective conductivities of the labels that would be drawn are compared with those of
the pixels, both by finite volumes on half pixels (:mod:`.pixel_transport`), so that the error of
the method is nearly the same in both. Of a large image a window in its middle is compared: it has
the same pixels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.geometry.micrograph.label_polygons import drawn_labels, working_labels
from mesode.geometry.micrograph.pixel_transport import pixel_conductivity
from mesode.geometry.micrograph.pixels import refine_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.micrograph.label_polygons import LabelImage

    type FloatArray = npt.NDArray[np.float64]
    type Labels = npt.NDArray[np.uint8]
    type Values = dict[tuple[str, str], float]
    type Networks = Mapping[str, Mapping[str, float]]

#: Standard deviations that are tried [pixels]: more rounds off what is there, not the pixels.
SMOOTHINGS: Final = (1.0, 0.7, 0.5, 0.3, 0.0)
#: Largest relative difference of an effective conductivity.
KEPT: Final = 0.1
_MOST_PIXELS = 80_000  # that are compared: about a second for each smoothing
DIRECTIONS: Final = {"through_plane": 0, "in_plane": 1}


def choose_smoothing(
    raw: LabelImage, image: LabelImage, interface_size: float, networks: Networks
) -> dict[str, Any]:
    """Return the largest smoothing that keeps the networks, or the one that changes them least.

    Args:
        raw: the labels of the pixels.
        image: the same without specks.
        interface_size: mesh size where phases meet [um].
        networks: conductivity of each phase that carries, by phase, by network.

    Returns:
        ``smooth`` [pixels]; ``window``: pixels compared, across and up; ``largest_change``,
        relative, and ``kept``, whether it is within :data:`KEPT`; ``networks``: conductivity by
        network and direction, of the ``pixels`` and as ``drawn``.
    """
    where = _middle(raw.labels.shape, int(_MOST_PIXELS**0.5))
    window, cleaned = (replace(i, labels=i.labels[where]) for i in (raw, image))
    tables = _tables(networks, raw.names)
    before: Values = {}
    best: dict[str, Any] = {"largest_change": np.inf}
    for smooth in SMOOTHINGS:
        working = working_labels(cleaned, interface_size, smooth)
        if not before:
            before = _conductivities(refine_labels(window.labels, working.factor), tables)
        after = _conductivities(drawn_labels(working, window), tables)
        largest = max((abs(relative_change(before[k], after[k])) for k in before), default=0.0)
        if largest < best["largest_change"]:
            best = {"smooth": smooth, "largest_change": largest, "drawn": after}
        if largest <= KEPT:
            break
    found: dict[str, Any] = {name: {} for name in tables}
    for (name, direction), value in before.items():
        found[name][direction] = {"pixels": value, "drawn": best["drawn"][name, direction]}
    return {
        "smooth": best["smooth"],
        "window": list(window.labels.shape[::-1]),
        "largest_change": best["largest_change"],
        "kept": bool(best["largest_change"] <= KEPT),
        "networks": found,
    }


def relative_change(before: float, after: float) -> float:
    """Return the relative change of a conductivity; infinite where a path is made anew."""
    if before == 0:
        return 0.0 if after == 0 else float("inf")
    return after / before - 1


def _middle(shape: tuple[int, ...], most: int) -> tuple[slice, ...]:
    """Return the slices of a window of at most about ``most`` squared pixels."""
    rows, columns = shape
    side = most if min(shape) > most else most**2 // min(shape)
    return tuple(
        slice((n - min(n, side)) // 2, (n - min(n, side)) // 2 + min(n, side))
        for n in (rows, columns)
    )


def _tables(networks: Networks, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return the conductivity of each label by network; without those that nothing carries."""
    tables = {
        network: np.array([carrying.get(name, 0.0) for name in names])
        for network, carrying in networks.items()
    }
    return {network: table for network, table in tables.items() if np.any(table > 0)}


def _conductivities(labels: Labels, tables: Mapping[str, FloatArray]) -> Values:
    return {
        (name, direction): pixel_conductivity(table[labels], axis)
        for name, table in tables.items()
        for direction, axis in DIRECTIONS.items()
    }
