"""If this fails, a formula in a case file computes something else, or can run code."""

from __future__ import annotations

import math

import pytest

from mesode.materials.expressions import expression_law


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2e-13*(1-0.5*sto)", 2e-13 * (1 - 0.5 * 0.4)),
        ("-sto**2 + 3", -(0.4**2) + 3),
        ("2**-1", 0.5),
        ("exp(-E/1)".replace("E", "sto"), math.exp(-0.4)),
        ("log(c_e) + sqrt(T) - tanh(sto)", math.log(500) + math.sqrt(300) - math.tanh(0.4)),
        ("  1.5  ", 1.5),
        ("1 -\\\n sto".replace("\\\n", ""), 0.6),
    ],
)
def test_values(text, expected):
    law = expression_law(text)
    assert float(law(sto=0.4, c_e=500.0, T=300.0)) == pytest.approx(expected, rel=1e-14, abs=0)


def test_only_variables_that_occur_are_needed():
    assert expression_law("T*sto").variables == ("sto", "T")
    assert expression_law("1").variables == ()


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("__import__('os').system('true')", "__import__"),
        ("sto.__class__", "sto.__class__"),
        ("eval('1')", "eval"),
        ("(lambda: 1)()", "lambda: 1"),
        ("[1][0]", "[1][0]"),
        ("'text'", "'text'"),
        ("True", "True"),
        ("x + 1", "x"),
        ("sto if sto else 1", "sto if sto else 1"),
        ("sto < 1", "sto < 1"),
        ("sto // 2", "sto // 2"),
        ("exp", "exp"),
        ("1j", "1j"),
        ("(y := 1)", "y := 1"),
    ],
)
def test_anything_else_is_refused_by_name(text, token):
    with pytest.raises(ValueError, match="allowed") as caught:
        expression_law(text)
    assert token in str(caught.value)
    assert "exp, log, sqrt, tanh" in str(caught.value)


def test_a_caret_is_told_how_to_be_a_power():
    with pytest.raises(ValueError, match=r"write powers as \*\*"):
        expression_law("sto^2")


@pytest.mark.parametrize("text", ["", "1 +", "2e-13 (", "sto sto", "exp(1, 2)", "exp()"])
def test_broken_syntax_is_told(text):
    with pytest.raises(ValueError, match="expression"):
        expression_law(text)


@pytest.mark.parametrize("text", ["1/0", "log(sto - 2)", "9**9**9**9", "exp(1e6)", "(-1)**0.5"])
def test_an_expression_without_a_finite_value_is_refused(text):
    with pytest.raises(ValueError, match="gives"):
        expression_law(text)


def test_length_and_depth_have_an_end():
    with pytest.raises(ValueError, match="at most 1000"):
        expression_law("1+" * 600 + "1")
    with pytest.raises(ValueError, match="expression"):
        expression_law("(" * 400 + "1" + ")" * 400)
