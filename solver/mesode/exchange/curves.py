"""Laws as numbers and tables, for programs that do not know them by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.constants import C_E_REF, T_REF

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from mesode.materials.law import Law
    from mesode.materials.properties import Lithium

    type FloatArray = npt.NDArray[np.float64]

STO: Final = (1e-5, 1.0 - 1e-5)
C_E: Final = (1.0, 4000.0)  # [mol/m^3]
_FIRST, _ROUNDS = 65, 14
_DIGITS: Final = 9
_KELVIN: Final = 5.0  # half of the step of dU/dT


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A law of one variable: ``y`` at ``x``, straight between; one y alone is a constant.

    ``E_a`` [J/mol] of its Arrhenius factor, 1 at 25 degC.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...]
    E_a: float = 0.0

    @property
    def constant(self) -> float | None:
        """The value [SI] of a law that is the same everywhere, else None."""
        return self.y[0] if len(self.y) == 1 else None


def curve_of(
    law: Law,
    over: str,
    T: float,
    *,
    tolerance: float,
    at: Mapping[str, float] | None = None,
) -> Curve:
    """Return a law over the lithiation or the salt, the other variables held.

    Args:
        law: Evaluated at T_REF where it has an activation energy, else at ``T`` [K].
        over: ``sto`` or ``c_e``.
        T: Temperature of the case [K].
        tolerance: Of the straight pieces [unit of the law].
        at: Values of other variables; the reference state where none is given.
    """
    temperature = T_REF if law.E_a else T
    state: dict[str, Any] = {"sto": 0.5, "c_e": C_E_REF, "T": temperature, **(at or {})}

    def value(x: FloatArray) -> FloatArray:
        return np.asarray(law(**{**state, over: x}) + 0.0 * x, dtype=np.float64)

    if over not in law.variables:
        return Curve(y=(_rounded(value(np.array([state[over]])))), E_a=law.E_a)
    return sampled(value, STO if over == "sto" else C_E, tolerance, E_a=law.E_a)


def exchange_current(lithium: Lithium, T: float) -> tuple[Curve, Curve, float]:
    """Return i_0 [A/m^2] over the lithiation at 1 mol/l and over the salt at lithiation 0.5.

    The third is how far their product over i_0 there is from the law, of it. Where the host is
    nearly empty or full the first falls as the kinetics have it: with the activities, times the law
    where these hold it back (``materials.ends``).
    """
    law, ends = lithium.i_0, lithium.ocp.ends  # type: ignore[attr-defined]
    temperature = T_REF if law.E_a else T

    def over_sto(sto: FloatArray) -> FloatArray:
        tails = lithium.alpha_c * ends.filled(sto) + lithium.alpha_a * ends.vacant(sto)
        held = law(sto=ends.inside(sto), c_e=C_E_REF, T=temperature)
        return np.asarray(held * np.exp(tails), dtype=float)

    reference = float(law(sto=0.5, c_e=C_E_REF, T=temperature))
    of_sto = sampled(over_sto, STO, 1e-4 * reference, E_a=law.E_a)
    of_salt = curve_of(law, "c_e", T, tolerance=1e-4 * reference)
    sto, c_e = np.meshgrid(np.linspace(0.1, 0.9, 9), np.array([300.0, 1000.0, 2000.0]))
    both = law(sto=sto, c_e=c_e, T=temperature) + 0.0 * sto
    product = law(sto=sto, c_e=C_E_REF, T=temperature) * law(sto=0.5, c_e=c_e, T=temperature)
    return of_sto, of_salt, float(np.max(np.abs(product / reference / both - 1.0)))


def entropic_change(ocp: Law, T: float) -> Curve:
    """Return dU/dT [V/K] of a potential, but for its tails."""
    if "T" not in ocp.variables:
        return Curve(y=(0.0,))

    def slope(sto: FloatArray) -> FloatArray:
        rise = ocp(sto=sto, T=T + _KELVIN) - ocp(sto=sto, T=T - _KELVIN)
        return np.asarray(rise / (2.0 * _KELVIN) + 0.0 * sto, dtype=np.float64)

    return sampled(slope, (0.01, 0.99), 1e-7)


def sampled(
    function: Callable[[FloatArray], FloatArray],
    ends: tuple[float, float],
    tolerance: float,
    *,
    E_a: float = 0.0,
) -> Curve:
    """Return a table that is straight between points set closer where the function bends."""
    x = np.linspace(*ends, _FIRST)
    for _ in range(_ROUNDS):
        y, middle = function(x), 0.5 * (x[1:] + x[:-1])
        bent = np.abs(function(middle) - 0.5 * (y[1:] + y[:-1])) > tolerance
        if not bent.any():
            break
        x = np.sort(np.concatenate([x, middle[bent]]))
    return Curve(x=_rounded(x), y=_rounded(function(x)), E_a=E_a)


def _rounded(values: FloatArray) -> tuple[float, ...]:
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values)
