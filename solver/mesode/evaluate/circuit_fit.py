"""Values of an equivalent circuit from a spectrum.

Least squares of (Z_fit - Z)/|Z|, real and imaginary parts alike, with scipy. All values are found
as logarithms, so that they are positive; exponents alpha lie between 0.3 and 1. It begins from many
seeded starts whose resistances and times are those of the spectrum, elements that stand further to
the right being slower, and keeps the best. Errors are those of the linearised problem at the
solution, in parts of the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import optimize

from mesode.evaluate.circuit import Circuit, parse
from mesode.evaluate.formula import Formula

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]

FIT: Final = Formula(
    "min Σ |Z_fit − Z|²/|Z|²",
    "the circuit is the right one: a good fit does not show that, other circuits fit as well",
    "M. E. Orazem, B. Tribollet, Electrochemical Impedance Spectroscopy (2017)",
)
#: Of these the one with the least BIC is taken where nobody names a circuit.
CANDIDATES: Final = (
    "R0-p(R1,CPE1)",
    "R0-p(R1-Wo1,CPE1)",
    "R0-p(R1,CPE1)-p(R2,CPE2)",
    "R0-p(R1,CPE1)-p(R2-Wo2,CPE2)",
)
_STARTS, _SEED = 24, 1
_ROUGH, _MOST, _KEPT = 25, 300, 3  # evaluations of each start, then of the best of them
_MOST_TO_CHOOSE = 80  # frequencies
_LOWEST_ALPHA, _ALPHA = 0.3, 0.9
_DECADES = 7.0  # from where it begins that a value may go
_JITTER = 1.0  # decades between starts
_LEAST_LEFT = 1e-20  # of the squares, below which a fit is exact


@dataclass(frozen=True, slots=True)
class CircuitFit:
    """A circuit with values, their relative errors, relative rms of what is left, and its BIC."""

    circuit: Circuit
    values: tuple[float, ...]
    errors: tuple[float, ...]
    rms: float
    bic: float

    def __getitem__(self, name: str) -> float:
        names = [parameter.name for parameter in self.circuit.parameters]
        return self.values[names.index(name)]

    def impedance(self, f: FloatArray) -> ComplexArray:
        """Return the impedance at frequencies [Hz]."""
        return self.circuit.impedance(f, self.values)


def fit(
    f: FloatArray, Z: ComplexArray, circuit: str | Circuit, start: Sequence[float] = ()
) -> CircuitFit:
    """Return a circuit with the values that fit a spectrum.

    Args:
        f: Frequencies [Hz].
        Z: Impedances [ohm].
        circuit: The circuit, or its text.
        start: Values to begin from; many are tried where there are none.

    Raises:
        InputError: the text is no circuit.
    """
    circuit = parse(circuit) if isinstance(circuit, str) else circuit
    middle = _middle(circuit, f, Z)
    exponent = np.array([p.symbol == "alpha" for p in circuit.parameters])
    low = np.where(exponent, _LOWEST_ALPHA, middle - _DECADES)
    high = np.where(exponent, 1.0, middle + _DECADES)

    def values(x: FloatArray) -> FloatArray:
        return np.asarray(np.where(exponent, x, 10.0 ** np.where(exponent, 0.0, x)))

    def left(x: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            off = (circuit.impedance(f, values(x)) - Z) / np.abs(Z)
        both = np.concatenate([off.real, off.imag])
        return np.asarray(np.nan_to_num(both, nan=1e6, posinf=1e6, neginf=-1e6))

    if len(start):
        starts = [np.where(exponent, start, np.log10(start))]
    else:
        random = np.random.default_rng(_SEED)
        spread = np.where(exponent, 0.1, _JITTER)
        starts = [middle, *(middle + random.uniform(-1.0, 1.0, (_STARTS, len(middle))) * spread)]

    def run(x: FloatArray, most: int) -> Any:
        x = x.clip(low + 1e-3, high - 1e-3)
        return optimize.least_squares(left, x, bounds=(low, high), max_nfev=most)

    rough = sorted((run(x, _ROUGH) for x in starts), key=lambda each: float(each.cost))
    best = min((run(each.x, _MOST) for each in rough[:_KEPT]), key=lambda each: float(each.cost))
    scale = np.where(exponent, 1.0 / best.x, np.log(10.0))
    return _summed_up(circuit, values(best.x), best.jac / scale, 2.0 * float(best.cost))


def _summed_up(circuit: Circuit, values: FloatArray, jac: FloatArray, left: float) -> CircuitFit:
    """Return the fit, of its derivatives by the logarithms of the values and the squares left."""
    rows, unknowns = jac.shape
    spread = np.linalg.pinv(jac.T @ jac) * left / max(rows - unknowns, 1)
    bic = rows * np.log(max(left, _LEAST_LEFT) / rows) + unknowns * np.log(rows)
    return CircuitFit(
        circuit,
        tuple(float(value) for value in values),
        tuple(float(error) for error in np.sqrt(np.diag(spread))),
        float(np.sqrt(left / rows)),
        float(bic),
    )


def _middle(circuit: Circuit, f: FloatArray, Z: ComplexArray) -> FloatArray:
    """Return values to begin from (logarithms but of alpha): elements to the right are slower."""
    slow = [p.element for p in circuit.parameters if p.symbol in ("C", "Q", "tau", "sigma")]
    names = list(dict.fromkeys(slow))
    log_w = np.log10(2.0 * np.pi * f)
    log_tau = np.linspace(-log_w.max(), -log_w.min(), len(names) + 2)[1:-1]
    R = np.log10(max(float(np.ptp(Z.real)), 1e-3 * float(np.abs(Z).max())))
    R -= np.log10(max(len(names), 1))
    series = np.log10(max(float(Z.real.min()), 1e-3 * 10.0**R))
    found = []
    for k, each in enumerate(circuit.parameters):
        tau = log_tau[names.index(each.element)] if each.element in names else -log_w.max()
        guess = {
            "C": tau - R, "Q": _ALPHA * tau - R, "tau": tau, "sigma": R - 0.5 * tau,
            "alpha": _ALPHA, "L": R + tau - 1.0, "R": series if k == 0 else R,
        }  # fmt: skip
        found.append(guess.get(each.symbol, R))
    return np.array(found)


def best_fit(f: FloatArray, Z: ComplexArray, circuits: Sequence[str] = CANDIDATES) -> CircuitFit:
    """Return the fit of the circuit with the least BIC, chosen on at most 80 frequencies."""
    some = slice(None, None, 1 + len(f) // _MOST_TO_CHOOSE)
    chosen = min((fit(f[some], Z[some], each) for each in circuits), key=lambda each: each.bic)
    return fit(f, Z, chosen.circuit, chosen.values)
