"""If these fail, circuits have not the impedance of their text, or a fit does not find them."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.errors import InputError
from mesode.evaluate import circuit_fit
from mesode.evaluate.circuit import ELEMENTS, parse
from support.impedances import noisy

F = np.logspace(5.0, -2.0, 71)


#: At 1 kHz, 1 Hz and 10 mHz, computed with impedance.py 1.7.1, a package of others.
OTHERS = {
    ("R0-p(R1,CPE1)-Wo2", (1.0, 20.0, 1e-3, 0.9, 10.0, 50.0)): (
        1.0791754770364972 - 0.38717090533159443j,
        20.875933517239666 - 2.378130320295062j,
        24.138125451361972 - 3.8543432605755013j,
    ),
    ("R0-p(R1-W1,C1)", (3.0, 10.0, 2.0, 1e-4)): (
        3.246260608896283 - 1.5518346951146027j,
        13.786570179730536 - 0.8706296954285117j,
        20.97704286288572 - 7.9804762924727735j,
    ),
    ("L0-Ws1-Zarc2", (1e-6, 5.0, 2.0, 7.0, 0.1, 0.8)): (
        0.04421610367498728 - 0.06355599865236752j,
        5.446245981300668 - 3.419949865481385j,
        11.950365545217405 - 0.32295535883599946j,
    ),
}


@pytest.mark.parametrize(("case", "expected"), OTHERS.items(), ids=lambda c: c[0])
def test_the_impedance_is_that_of_another_program(case, expected):
    text, values = case
    found = parse(text).impedance(np.array([1e3, 1.0, 1e-2]), values)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("nu", "resistance"),
    [(0.5, 4.32791), (1.0, 1.31304), (2.0, 0.51866), (3.0, 0.33499), (5.0, 0.20002)],
)
def test_a_porous_electrode_has_its_resistance(nu, resistance):
    # (L/kappa) coth(nu)/nu, nu^2 = L/kappa over what the surface resists
    found = parse("T1").impedance(np.array([1e-9]), (1.0, 1.0 / nu**2, 1.0))
    assert found[0] == pytest.approx(resistance, abs=6e-6)


def test_a_blocking_porous_electrode_ends_at_a_third():
    found = parse("T1").impedance(np.array([1e-4 / (2.0 * np.pi)]), (3.0, 1e12, 1.0))
    assert found[0] == pytest.approx(1.0 - 1e4j, rel=1e-6)
    assert found[0].real == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected elements"),
        ("R0 + C1", "expected elements"),
        ("R0-X1", "no element 'X1'"),
        ("R0-R0", "stands twice"),
        ("R0-", "ends where an element"),
        ("R0-p(R1,C1", "not closed"),
        ("R0)-C1", "has ended"),
        ("p(,R1)", "',' stands where"),
        ("-".join(f"R{k}" for k in range(21)), "21 elements"),
        ("p(" * 3000, "as many brackets"),
    ],
)
def test_what_is_no_circuit_is_told(text, reason):
    with pytest.raises(InputError, match=reason):
        parse(text)


def test_names_of_values():
    names = [p.name for p in parse("R0-p(R1-Wo1,CPE1)-L2").parameters]
    assert names == ["R0", "R1", "Wo1.Z", "Wo1.tau", "CPE1.Q", "CPE1.alpha", "L2"]


RECOVERED = {
    "R0-p(R1,C1)": (5.0, 20.0, 1e-4),
    "R0-p(R1,CPE1)-p(R2,CPE2)": (2.0, 10.0, 2e-5, 0.9, 40.0, 2e-3, 0.85),
    "R0-p(R1-Wo1,CPE1)": (3.0, 20.0, 10.0, 50.0, 1e-3, 0.9),
    "L0-R0-Zarc1-Wc2": (1e-7, 4.0, 15.0, 1e-2, 0.9, 5.0, 40.0),
    "R0-T1": (2.0, 30.0, 100.0, 1e-3),
}


@pytest.mark.parametrize(("text", "values"), RECOVERED.items())
def test_a_fit_finds_the_values(text, values):
    Z = parse(text).impedance(F, values)
    exact = circuit_fit.fit(F, Z, text)
    np.testing.assert_allclose(exact.values, values, rtol=1e-5)
    assert exact.rms < 1e-6
    found = circuit_fit.fit(F, noisy(Z, 0.005), text)
    np.testing.assert_allclose(found.impedance(F), Z, rtol=0.01)
    off = np.log(np.array(found.values) / values)
    assert (np.abs(off) < 4.0 * np.array(found.errors) + 1e-3).all()
    assert found.rms == pytest.approx(0.005 / 2.0**0.5, rel=0.2)


def test_errors_of_values_are_those_of_a_line():
    """ln Z = -ln Q - alpha (ln omega + i pi/2): two unknowns of six numbers, by hand."""
    log = np.log(100.0) * np.array([-1.0, 0.0, 1.0])
    Z = parse("CPE1").impedance(np.exp(log) / (2.0 * np.pi), (1e-3, 0.8))
    found = circuit_fit.fit(np.exp(log) / (2.0 * np.pi), noisy(Z, 0.01, seed=3), "CPE1")
    variance = 6.0 * found.rms**2 / (6.0 - 2.0)
    of_alpha = np.sqrt(variance / (log @ log + 3.0 * (np.pi / 2.0) ** 2)) / found["CPE1.alpha"]
    assert found.errors == pytest.approx((np.sqrt(variance / 3.0), of_alpha), rel=0.03)
    # Schwarz, Ann. Stat. 6, 461 (1978)
    assert found.bic == pytest.approx(6.0 * np.log(found.rms**2) + 2.0 * np.log(6.0))


def test_the_circuit_with_the_least_bic_is_the_right_one():
    circuits = ("R0-p(R1,CPE1)", "R0-p(R1-Wo1,CPE1)")
    for text, values in zip(
        circuits, ((2.0, 30.0, 1e-4, 0.9), RECOVERED[circuits[1]]), strict=True
    ):
        Z = noisy(parse(text).impedance(F, values), 0.003)
        assert circuit_fit.best_fit(F, Z, circuits).circuit.text == text


def test_every_element_has_as_many_values_as_it_says():
    for name, element in ELEMENTS.items():
        found = parse(f"{name}1").impedance(F, [0.9] * len(element.parameters))
        assert found.shape == F.shape
        assert (found.real >= 0.0).all()
