"""If this fails, forms compute with other properties than the ones tested with numbers."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.materials.expressions import expression_law
from mesode.materials.library import list_laws
from mesode.materials.ops import ufl_ops
from mesode.materials.presets import get_preset, list_presets
from mesode.materials.tables import table_law
from support.laws import laws_of

ufl = pytest.importorskip("ufl")
basix = pytest.importorskip("basix.ufl")

CASES = [(quantity, name) for quantity, laws in list_laws().items() for name in laws]
STATES = [
    {"sto": sto, "c_e": c_e, "T": T}
    for sto, c_e, T in (
        (-0.05, -50.0, 260.0),
        (0.0, 0.0, 298.15),
        (0.03, 20.0, 298.15),
        (0.5, 1000.0, 298.15),
        (0.97, 1900.0, 330.0),
        (1.05, 4000.0, 350.0),
    )
]


MESH = ufl.Mesh(basix.element("Lagrange", "triangle", 1, shape=(2,)))
UNKNOWNS = {key: ufl.Constant(MESH) for key in STATES[0]}


def in_ufl(law, state) -> float:
    """Evaluate an expression of unknowns, as a form has; with numbers UFL would fold it away."""
    expression = ufl.as_ufl(law(**UNKNOWNS, ops=ufl_ops()))
    return float(expression((0.0, 0.0), {UNKNOWNS[key]: value for key, value in state.items()}))


def slope_in_ufl(law, state, key) -> float:
    """Evaluate the derivative that Newton's matrix is made of."""
    variable = ufl.variable(UNKNOWNS[key])
    expression = ufl.as_ufl(law(**{**UNKNOWNS, key: variable}, ops=ufl_ops()))
    slope = ufl.algorithms.apply_derivatives.apply_derivatives(
        ufl.algorithms.apply_algebra_lowering.apply_algebra_lowering(ufl.diff(expression, variable))
    )
    return float(slope((0.0, 0.0), {UNKNOWNS[name]: value for name, value in state.items()}))


@pytest.mark.parametrize(("quantity", "name"), CASES)
def test_number_array_and_ufl_agree(quantity, name):
    law = list_laws()[quantity][name]
    arrays = {key: np.array([state[key] for state in STATES]) for key in STATES[0]}
    by_array = law(**arrays) + np.zeros(len(STATES))
    for index, state in enumerate(STATES):
        number = float(law(**state))
        assert number == pytest.approx(by_array[index], rel=1e-12, abs=1e-300)
        assert in_ufl(law, state) == pytest.approx(number, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(("quantity", "name"), CASES)
def test_derivatives_of_forms_are_finite_and_right(quantity, name):
    law = list_laws()[quantity][name]
    for state in STATES:
        # the tails of a potential begin 1e-8 from 0 and 1
        near, rounding = (1e-9, 1e-15) if quantity == "ocp" else (1e-7, 1e-9)
        for key, step in (("sto", near), ("c_e", 1e-4)):
            slope = slope_in_ufl(law, state, key)
            ends = [law(**{**state, key: state[key] + sign * step}) for sign in (-1, 1)]
            scale = max(abs(float(law(**state))), abs(float(ends[1])))
            expected = float(ends[1] - ends[0]) / (2 * step)
            kink = key == "sto" and quantity in ("E", "nu", "swelling", "D_s")
            assert np.isfinite(slope)
            if not kink:
                assert slope == pytest.approx(expected, rel=2e-3, abs=rounding * scale / step)


@pytest.mark.parametrize("row", list_presets(), ids=lambda row: row.name)
def test_laws_of_presets_can_be_put_into_forms(row):
    preset = get_preset(row.kind, row.name)
    laws = list(laws_of(preset))
    assert laws or row.kind in ("separator", "sei")
    for law in laws:
        state = STATES[3]
        assert in_ufl(law, state) == pytest.approx(float(law(**state)), rel=1e-9, abs=0)


def test_tables_and_expressions_agree_too():
    points = [[0.0, 1.0], [0.1, 0.5], [0.4, 0.4], [1.0, 0.1]]
    for law in (
        table_law(points),
        table_law(points, method="linear"),
        expression_law("2e-13*(1 - 0.5*sto)*exp(-300/T)*sqrt(c_e/1000 + 1)/(2 + tanh(sto))**2"),
        expression_law("log(2 + sto)"),
    ):
        for state in STATES:
            assert in_ufl(law, state) == pytest.approx(float(law(**state)), rel=1e-9, abs=0)
