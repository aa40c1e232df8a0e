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
from scipy import ndimage

from mesode.geometry.micrograph.label_polygons import drawn_labels, working_labels
from mesode.geometry.micrograph.pixel_transport import element_conductivity, pixel_conductivity
from mesode.geometry.micrograph.pixels import refine_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.geometry.micrograph.label_polygons import LabelImage

    type FloatArray = npt.NDArray[np.float64]
    type Labels = npt.NDArray[np.uint8]
    type Networks = Mapping[str, Mapping[str, float]]

#: Standard deviations that are tried [pixels]: more rounds off what is there, not the pixels.
SMOOTHINGS: Final = (1.0, 0.7, 0.5, 0.3, 0.0)
#: Largest relative difference of an effective conductivity.
KEPT: Final = 0.1
#: What of a network its border reaches: electrons the lower one, ions the upper one; and the
#: largest change of that share.
REACHED: Final = "reached"
REACHED_KEPT: Final = 0.02
_MOST_HALVED = 80_000  # pixels that are solved for on halves: about a second each time
_MOST_WHOLE = 1_100_000  # pixels that are solved for as they are: up to 10 s and 2 GB each time
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
        ``smooth`` [pixels]; ``window``: pixels compared, across and up; ``kept``: whether
        conductivities are kept within :data:`KEPT` and reached shares within
        :data:`REACHED_KEPT`; ``networks``: of each network and direction, and of the share of it
        that its feeding border reaches, the value of the ``pixels`` and as ``drawn``.
    """
    where = _middle(raw.labels.shape, int(_MOST_HALVED**0.5))
    window, cleaned = (replace(i, labels=i.labels[where]) for i in (raw, image))
    tables = _tables(networks, raw.names)
    drawn: dict[float, Values] = {}
    for smooth in SMOOTHINGS:
        working = working_labels(cleaned, interface_size, smooth)
        labels = drawn_labels(working, window)
        if not any(np.array_equal(labels, other.labels) for other in drawn.values()):
            drawn[smooth] = Values(labels, tables)
    before = Values(refine_labels(window.labels, working.factor), tables)
    chosen, largest = least_changed(before, list(drawn.values()))
    smooth = list(drawn)[chosen]
    return {
        "smooth": smooth,
        "window": list(window.labels.shape[::-1]),
        "kept": largest <= 1.0,
        "networks": {
            name: {
                what: {"pixels": before[name, what], "drawn": drawn[smooth][name, what]}
                for what in (*DIRECTIONS, REACHED)
            }
            for name in tables
        },
    }


class Values(dict[tuple[str, str], float]):
    """What labels conduct, by network and direction, and how much of each is reached.

    A conductivity takes a good part of a second, so each is found when it is first asked for.
    """

    def __init__(self, labels: Labels, tables: Mapping[str, FloatArray]) -> None:
        super().__init__()
        self.labels = labels
        self.tables = tables

    def __missing__(self, key: tuple[str, str]) -> float:
        """Find a value and keep it."""
        network, what = key
        k = self.tables[network][self.labels]
        if what == REACHED:
            self[key] = _reached(k > 0, first=network == "electrons")
        else:
            self[key] = pixel_conductivity(k, DIRECTIONS[what])
        return self[key]


def least_changed(before: Values, drawn: Sequence[Values]) -> tuple[int, float]:
    """Return the number of the first labels whose values are kept, or of those changed least.

    And their largest :func:`deviation`. Only what decides is measured: labels are left at the
    first value that is not kept, and the next ones are asked for that value first. Where none are
    kept, those go on that have changed least as far as is known.
    """
    # from what takes least time
    keys = [(network, what) for what in (REACHED, *DIRECTIONS) for network in before.tables]
    largest = [0.0] * len(drawn)  # as far as is known
    left = [set(keys) for _ in drawn]

    def measure(number: int, key: tuple[str, str]) -> float:
        left[number].remove(key)
        change = deviation(key[1], before[key], drawn[number][key])
        largest[number] = max(largest[number], change)
        return change

    for number in range(len(drawn)):
        failed = next((key for key in keys if measure(number, key) > 1.0), None)
        if failed is None:
            return number, largest[number]
        keys.sort(key=lambda key: key != failed)
    while True:
        number = int(np.argmin(largest))
        if not left[number]:
            return number, largest[number]
        measure(number, next(key for key in keys if key in left[number]))


def deviation(what: str, before: float, after: float) -> float:
    """Return a change over the change that is allowed: up to 1 is kept."""
    if what == REACHED:
        return abs(after - before) / REACHED_KEPT
    return abs(relative_change(before, after)) / KEPT


def image_conductivity(
    image: LabelImage, carrying: Mapping[str, float], direction: str
) -> tuple[float, float] | None:
    """Return bounds of the effective conductivity of an image; of small ones on half pixels.

    None of an image that is too large to be solved for at once: its smoothing tells of a window.

    Args:
        image: the labels.
        carrying: conductivity of the phases that carry.
        direction: one of :data:`DIRECTIONS`.
    """
    if image.labels.size > _MOST_WHOLE:
        return None
    factor = 2 if image.labels.size <= _MOST_HALVED else 1
    table = np.array([carrying.get(name, 0.0) for name in image.names])
    k, axis = table[refine_labels(image.labels, factor)], DIRECTIONS[direction]
    return pixel_conductivity(k, axis), element_conductivity(k, axis)


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


def _reached(inside: npt.NDArray[np.bool_], *, first: bool) -> float:
    """Return the share of some pixels that is connected to the first or to the last row."""
    group, _ = ndimage.label(inside)
    fed = np.unique(group[0 if first else -1])
    whole = np.count_nonzero(inside)
    return float(np.count_nonzero(np.isin(group, fed[fed > 0])) / whole) if whole else 0.0
