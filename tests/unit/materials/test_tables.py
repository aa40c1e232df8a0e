"""If this fails, a measured curve given by the user is not the curve that is simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from mesode.materials.tables import table_law

POINTS = [[0.0, 1.0], [0.1, 0.5], [0.4, 0.45], [0.5, 0.2], [1.0, 0.1]]


def test_pchip_is_pchip_and_goes_through_the_points():
    law = table_law(POINTS)
    x, y = np.array(POINTS).T
    sto = np.linspace(0.0, 1.0, 501)
    assert law(sto=x) == pytest.approx(y, abs=1e-15)
    assert law(sto=sto) == pytest.approx(PchipInterpolator(x, y)(sto), abs=1e-14)
    assert np.all(np.diff(law(sto=sto)) < 0.0)


def test_linear_is_linear():
    law = table_law(POINTS, method="linear", of="c_e", unit="S/m")
    c_e = np.linspace(0.0, 1.0, 301)
    assert law(c_e=c_e) == pytest.approx(np.interp(c_e, *np.array(POINTS).T), abs=1e-14)
    assert law.unit == "S/m"
    assert law.valid == {"c_e": (0.0, 1.0)}


@pytest.mark.parametrize("method", ["linear", "pchip"])
def test_ends_go_on_straight_with_the_same_slope(method):
    law, h = table_law(POINTS, method=method), 1e-6
    for end, out in ((0.0, -1.0), (1.0, 1.0)):
        inside = float(law(sto=end) - law(sto=end - out * h)) / h
        outside = float(law(sto=end + out * h) - law(sto=end)) / h
        far = float(law(sto=end + 2 * out) - law(sto=end + out))
        assert outside == pytest.approx(inside, rel=1e-3, abs=1e-6)
        assert far == pytest.approx(outside, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([[0.0, 1.0]], "at least two points, got 1"),
        ([[0.0, 1.0], [0.5, 1.0], [0.5, 2.0]], "point 3 has 0.5 after 0.5"),
        ([[0.0, 1.0], [0.5]], r"point 2 of the table is \[0.5\]"),
        ([[0.0, 1.0], [0.5, float("nan")]], "finite"),
    ],
)
def test_a_table_that_is_no_function_is_refused(points, message):
    with pytest.raises(ValueError, match=message):
        table_law(points)


def test_unknown_variable_and_method_are_refused():
    with pytest.raises(ValueError, match="not of 'soc'"):
        table_law(POINTS, of="soc")
    with pytest.raises(ValueError, match="not 'spline'"):
        table_law(POINTS, method="spline")
