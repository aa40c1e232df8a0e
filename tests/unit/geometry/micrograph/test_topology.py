"""If these fail, smoothing joins or cuts what the pixels do not, or what conducts is misjudged."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import ndimage

from mesode.errors import GeometryError
from mesode.geometry.micrograph.label_polygons import LabelImage, label_polygons
from mesode.geometry.micrograph.pixel_transport import element_conductivity, pixel_conductivity
from mesode.geometry.micrograph.smoothing_choice import (
    DIRECTIONS,
    REACHED,
    SMOOTHINGS,
    choose_smoothing,
    deviation,
    image_conductivity,
    least_changed,
)
from mesode.geometry.micrograph.topology import decide_corners, follow

NAMES = ("pore", "active")


def _pieces(labels, phase):
    return ndimage.label(labels == phase)[1], ndimage.label(labels == phase, np.ones((3, 3)))[1]


def _corner_contacts(labels):
    first, last, above, below = labels[:-1, :-1], labels[1:, 1:], labels[:-1, 1:], labels[1:, :-1]
    falling = (first == last) & (above != first) & (below != first)
    rising = (above == below) & (first != above) & (last != above)
    return int(np.sum(falling | rising))


def _blocks(seed, phases=3, side=30):
    """Pixels of noise: corner contacts of every kind."""
    rng = np.random.default_rng(seed)
    return np.repeat(np.repeat(rng.integers(0, phases, (side, side)), 2, 0), 2, 1).astype(np.uint8)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_squares_at_a_corner_are_joined_if_their_phase_comes_first(order):
    labels = np.zeros((20, 20), dtype=np.uint8)
    labels[4:10, 4:10] = labels[10:16, 10:16] = 1
    decided = decide_corners(labels, np.array(order))
    assert _corner_contacts(labels) == 1
    assert _corner_contacts(decided) == 0
    assert _pieces(decided, 1)[0] == (2 if order == (0, 1) else 1)
    assert np.count_nonzero(decided != labels) == 2


@pytest.mark.parametrize("seed", range(3))
def test_no_phase_touches_itself_in_a_corner_only(seed):
    decided = decide_corners(_blocks(seed), np.array([1, 0, 2]))
    assert _corner_contacts(decided) == 0
    for phase in range(3):
        by_sides, by_corners = _pieces(decided, phase)
        assert by_sides == by_corners


@pytest.mark.parametrize("seed", range(3))
def test_following_keeps_every_piece_and_every_hole(seed):
    """The target has far fewer pieces: smoothed noise."""
    labels = decide_corners(_blocks(seed), np.array([1, 0, 2]))
    fields = [ndimage.gaussian_filter((labels == k).astype(float), 2.0) for k in range(3)]
    target = np.argmax(fields, axis=0).astype(np.uint8)
    found = follow(labels, target)
    assert np.count_nonzero(found != labels) > 100
    assert _corner_contacts(found) == 0
    for phase in range(3):
        assert _pieces(found, phase) == _pieces(labels, phase)
        assert _pieces(found != phase, True) == _pieces(labels != phase, True)
        assert _pieces(target, phase) != _pieces(labels, phase)


def test_following_reaches_what_is_connected_alike():
    y, x = np.mgrid[:60, :60]
    labels, target = (((x - c) ** 2 + (y - 30) ** 2 < 15**2).astype(np.uint8) for c in (27, 33))
    assert np.array_equal(follow(labels, target), target)


def test_layers_conduct_in_series_and_side_by_side():
    k = np.ones((40, 30))
    k[10:20] = 5.0
    assert pixel_conductivity(k, 0) == pytest.approx(1 / (0.75 + 0.25 / 5), rel=1e-12)
    assert pixel_conductivity(k, 1) == pytest.approx(0.75 + 0.25 * 5, rel=1e-12)
    k[10:20] = 0.0
    assert pixel_conductivity(k, 0) == 0.0
    assert pixel_conductivity(k, 1) == pytest.approx(0.75, rel=1e-12)


def test_checkerboard_conducts_its_geometric_mean():
    """Keller: two phases that may change places; each cell of 40 pixels."""
    y, x = np.mgrid[:160, :160] // 40
    k = np.where((x + y) % 2 == 0, 1.0, 4.0)
    assert pixel_conductivity(k, 0) == pytest.approx(2.0, rel=0.02)


def test_pixels_that_touch_in_a_corner_conduct_nothing():
    k = np.zeros((20, 20))
    k[:10, :10] = k[10:, 10:] = 1.0
    assert pixel_conductivity(k, 0) == 0.0


@pytest.mark.parametrize("shape", [(14, 17), (2, 1), (1, 3), (1, 1)])
def test_pixels_by_colour_are_those_of_one_dense_system(shape):
    """Half of the pixels are eliminated beforehand; here none is."""
    k = np.random.default_rng(4).uniform(0.1, 10.0, shape)
    rows, columns = shape
    system, load = np.zeros((k.size, k.size)), np.zeros(k.size)
    for number in range(k.size):
        row, column = divmod(number, columns)
        for other in ((row + 1, column), (row, column + 1)):
            if other[0] < rows and other[1] < columns:
                beside = other[0] * columns + other[1]
                joined = 2 / (1 / k[row, column] + 1 / k[other])
                system[number, number] += joined
                system[beside, beside] += joined
                system[number, beside] = system[beside, number] = -joined
        if row == 0:
            system[number, number] += 2 * k[0, column]
        if row == rows - 1:
            system[number, number] += 2 * k[-1, column]
            load[number] = 2 * k[-1, column]
    current = np.sum(2 * k[0] * np.linalg.solve(system, load)[:columns])
    assert pixel_conductivity(k, 0) == pytest.approx(current * rows / columns, rel=1e-12)
    assert pixel_conductivity(k.T, 1) == pytest.approx(current * rows / columns, rel=1e-12)


def _nearly_touching():
    """Columns of blocks with gaps of one pixel, and one bridge of two pixels across each."""
    labels = np.zeros((120, 120), dtype=np.uint8)
    for row in range(0, 120, 12):
        labels[row : row + 11] = 1
        labels[row + 11, 10 + (row * 7) % 90 :][:2] = 1
    for column in range(5, 120, 40):
        labels[:, column] = 0
    return LabelImage(labels=labels, names=NAMES, pixel=0.1, joined=("pore",))


def test_smoothing_is_the_largest_that_keeps_the_networks():
    """Smoothed over one pixel the gaps close: solids conduct several times what they do."""
    image = _nearly_touching()
    networks = {"electrons": {"active": 10.0}, "ions": {"pore": 1.0}}
    found = choose_smoothing(image, image, 0.1, networks)
    assert found["kept"]
    assert found["smooth"] < 1.0
    for values in found["networks"].values():
        assert all(deviation(what, v["pixels"], v["drawn"]) <= 1 for what, v in values.items())
    drawn = label_polygons(image, 0.1, smooth=found["smooth"])
    assert max(map(abs, drawn.report["area_error"].values())) < 0.005


def test_smoothing_says_what_no_smoothing_keeps():
    """With a mesh of eight pixels gaps of one pixel cannot be kept; of three pixels they can."""
    image = _nearly_touching()
    assert choose_smoothing(image, image, 0.3, {"ions": {"pore": 1.0}})["kept"]
    found = choose_smoothing(image, image, 0.8, {"ions": {"pore": 1.0}})
    assert not found["kept"]
    assert found["networks"]["ions"]["in_plane"]["pixels"] > 0


class _Told(dict):
    """Values that are known, and told only when they are asked for."""

    def __init__(self, known):
        super().__init__()
        self.known = known
        self.tables = dict.fromkeys(name for name, _ in known)

    def __missing__(self, key):
        self[key] = self.known[key]
        return self[key]


def test_the_choice_is_that_of_all_values_though_not_all_are_found():
    """The first that is kept, else the least change; ties, and paths that are made anew, too."""
    rng = np.random.default_rng(3)
    keys = [(name, what) for name in ("electrons", "ions") for what in (*DIRECTIONS, REACHED)]
    asked = kept = 0
    for _ in range(400):
        before = dict.fromkeys(keys, 1.0)
        if rng.random() < 0.1:
            before[keys[rng.integers(2)]] = 0.0
        scale = rng.choice([0.03, 0.1])
        drawn = [
            {
                key: 1 + round(scale * rng.standard_normal(), 2) * (0.2 if REACHED in key else 1)
                for key in keys
            }
            for _ in SMOOTHINGS
        ]
        changes = [max(deviation(k[1], before[k], d[k]) for k in keys) for d in drawn]
        first = next((n for n, change in enumerate(changes) if change <= 1), None)
        wanted = int(np.argmin(changes)) if first is None else first
        told = [_Told(d) for d in drawn]
        assert least_changed(_Told(before), told) == (wanted, changes[wanted])
        assert set(told[wanted]) == set(keys)
        asked += sum(map(len, told))
        kept += first is not None
    assert 50 < kept < 350
    assert asked < 0.5 * 400 * len(SMOOTHINGS) * len(keys)


def test_struts_are_solved_for_no_more_often_than_the_choice_takes(monkeypatch):
    """A third each of three phases, two pixels wide: no smoothing keeps what the pixels conduct.

    That would be 24 systems; 0.3 and 0 pixels draw the same.
    """
    solved = []

    def counted(k, axis):
        solved.append(axis)
        return pixel_conductivity(k, axis)

    monkeypatch.setattr("mesode.geometry.micrograph.smoothing_choice.pixel_conductivity", counted)
    rng = np.random.default_rng(7)
    fields = [ndimage.gaussian_filter(rng.standard_normal((100, 100)), 1.2) for _ in range(3)]
    image = LabelImage(
        labels=np.argmax(fields, axis=0).astype(np.uint8),
        names=("pore", "binder", "active"),
        pixel=0.1,
        joined=("pore", "binder"),
    )
    networks = {"electrons": {"binder": 1.0, "active": 10.0}, "ions": {"pore": 1.0, "binder": 0.1}}
    found = choose_smoothing(image, image, 0.2, networks)
    assert not found["kept"]
    assert len(solved) <= 14


def test_smooth_image_keeps_the_largest_smoothing():
    y, x = np.mgrid[:100, :100]
    labels = ((x - 50) ** 2 + (y - 50) ** 2 < 30**2).astype(np.uint8)
    image = LabelImage(labels=labels, names=NAMES, pixel=0.1)
    assert choose_smoothing(image, image, 0.2, {"ions": {"pore": 1.0}})["smooth"] == 1.0


def test_elements_and_volumes_bracket_what_finer_pixels_give():
    labels = np.random.default_rng(2).integers(0, 3, (30, 30))
    k = np.array([0.0, 1.0, 20.0])[ndimage.zoom(labels, 2, order=0)]
    fine = np.kron(k, np.ones((4, 4)))
    for axis in (0, 1):
        low, high = pixel_conductivity(k, axis), element_conductivity(k, axis)
        assert 0 < low < pixel_conductivity(fine, axis) < element_conductivity(fine, axis) < high
    layers = np.ones((20, 10))
    layers[5:10] = 4.0
    assert element_conductivity(layers, 0) == pytest.approx(1 / (0.75 + 0.25 / 4), rel=1e-12)


def test_what_meets_in_a_corner_only_is_no_path():
    k = np.zeros((4, 4))
    k[:2, 1] = k[2:, 2] = 1.0
    for axis, image in ((0, k), (1, k.T)):
        assert pixel_conductivity(image, axis) == 0.0
        assert element_conductivity(image, axis) == 0.0


def test_elements_are_bilinear():
    """Against a dense system of elements whose stiffness is integrated from their gradients."""
    k = np.random.default_rng(6).uniform(0.1, 10.0, (5, 7))
    stiffness = np.zeros((4, 4))
    for x, y in product(0.5 + np.array([-0.5, 0.5]) / np.sqrt(3), repeat=2):
        gradient = np.array([[y - 1, 1 - y, y, -y], [x - 1, -x, x, 1 - x]])  # once around
        stiffness += 0.25 * gradient.T @ gradient
    node = np.arange(48).reshape(6, 8)
    system = np.zeros((48, 48))
    for (row, column), value in np.ndenumerate(k):
        corners = node[[row, row, row + 1, row + 1], [column, column + 1, column + 1, column]]
        system[np.ix_(corners, corners)] += value * stiffness
    phi = np.zeros(48)
    phi[40:] = 1.0
    phi[8:40] = np.linalg.solve(system[8:40, 8:40], -system[8:40, 40:].sum(axis=1))
    heat = phi @ system @ phi
    assert element_conductivity(k, 0) == pytest.approx(heat * 5 / 7, rel=1e-12)
    assert element_conductivity(k.T, 1) == pytest.approx(heat * 5 / 7, rel=1e-12)


@pytest.mark.parametrize(("rows", "solved"), [(200, 4 * 200**2), (300, 300**2), (1100, None)])
def test_a_larger_image_is_solved_for_on_coarser_pixels_or_not_at_all(rows, solved, monkeypatch):
    """A million unknowns take two gigabytes and many seconds, eight times for each picture."""
    sizes = []

    def sized(k, _axis):
        sizes.append(k.size)
        return 1.0

    for name in ("pixel_conductivity", "element_conductivity"):
        monkeypatch.setattr(f"mesode.geometry.micrograph.smoothing_choice.{name}", sized)
    image = LabelImage(labels=np.ones((rows, rows), dtype=np.uint8), names=NAMES, pixel=0.1)
    found = image_conductivity(image, {"active": 1.0}, "in_plane")
    assert found == (None if solved is None else (1.0, 1.0))
    assert sizes == [] if solved is None else sizes == [solved, solved]


@pytest.mark.parametrize("side", [1, 2])
def test_checkerboard_is_drawn_or_refused_in_a_sentence(side):
    y, x = np.mgrid[:40, :40] // side
    image = LabelImage(labels=((x + y) % 2).astype(np.uint8), names=NAMES, pixel=0.1)
    try:
        found = label_polygons(image, 0.2, smooth=1.0)
    except GeometryError as error:
        assert "image.smooth" in str(error)  # noqa: PT017
    else:
        assert set(found.phases) == set(NAMES)
