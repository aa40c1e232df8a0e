r"""Where a host runs empty or full: the tails of its potential, and what they do to the kinetics.

A curve is known between a > 0 and b < 1. Beyond, few lithium atoms among many sites (or few
vacancies) mix ideally whatever the host is made of, so its potential goes as -(R T/F) ln sto for
sto -> 0 and as (R T/F) ln(1 - sto) for sto -> 1. With the value and the slope at the ends::

    U = U(a) + U'(a) (s - a) - (R T/F) ln A(sto/a)                      below a
    U = U(b) + U'(b) (s - b) + (R T/F) ln A((1 - sto)/(1 - b))          above b
    A(x) = x exp(1 - x) for x < 1,  1 else

A is the activity of what is left (lithium below a, vacancies above b). A(1) = 1 and A'(1) = 0, so
U goes on with its value and its slope, and the known range stays what it is. Beyond it U falls
strictly. s is sto, held back smoothly so that it goes no further than half of the way to 0 or to 1
(``inside``): a steep end slope alone would be as strong as a wall.

The same activities stand in the kinetics. Butler-Volmer with U above and with the exchange current
i_0 A_filled^alpha_c A_vacant^alpha_a is identical to ::

    i_n = i_0 (A_filled^n exp(alpha_a F eta/(R T)) - A_vacant^n exp(-alpha_c F eta/(R T)))

with n = alpha_a + alpha_c, eta and i_0 of U and i_0 without their tails: lithium leaves in
proportion to what is there, and enters in proportion to the vacancies. So the exchange current is
zero at 0 and 1, and a surface that has run empty or full takes part no more, at any potential.

ln A goes on as its tangent from ``DEEPEST`` of a site on. U is finite everywhere, and 2.6 V further
1e-6 outside of 0 to 1; A stays positive, and has fallen to 1e-48 there. (1 - sto is no better known
than to 1e-16: a host that were to approach 1 as closely as its voltage asks would have no potential
in floating-point numbers.)

Source: the entropy of mixing of a lattice gas, as in McKinnon and Haering, Modern Aspects of
Electrochemistry 15 (1983) 235.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Callable

MARGIN = 1e-3  # of sto: no curve counts as known nearer to 0 and 1
DEEPEST = 1e-8  # of sto: from here on the logarithm is continued by its tangent
_SLOPE_STEP = 1e-6  # of sto, for the end slopes of a curve


@dataclass(frozen=True, slots=True)
class Ends:
    """The lithiations between which the potential of a host is known."""

    low: float = MARGIN
    high: float = 1.0 - MARGIN

    def inside(self, sto: Any, *, ops: Ops = NUMPY) -> Any:
        """Return sto in the known range, at most half of the way to 0 or 1 beyond; smooth."""
        low, high = self.low, self.high
        below = _held_back(sto, low, ops)
        above = 1.0 - _held_back(1.0 - sto, 1.0 - high, ops)
        return ops.where(sto, low, below, ops.where(high, sto, above, sto))

    def filled(self, sto: Any, *, ops: Ops = NUMPY) -> Any:
        """Return ln A of the lithium: 0 above ``low``, far below 0 from sto = 0 down."""
        return _logarithm(sto, self.low, ops)

    def vacant(self, sto: Any, *, ops: Ops = NUMPY) -> Any:
        """Return ln A of the vacancies: 0 below ``high``, far below 0 from sto = 1 up."""
        return _logarithm(1.0 - sto, 1.0 - self.high, ops)


def _held_back(x: Any, start: float, ops: Ops) -> Any:
    """Return for x < start what falls ever slower than x, on to half of ``start``."""
    below = ops.where(x, start, x, start + 0.0 * x)  # no overflow where this is not wanted
    half = 0.5 * start
    return half + half * ops.exp((below - start) / half)


def _logarithm(x: Any, start: float, ops: Ops) -> Any:
    """Return ln A(x/start), from ``DEEPEST`` on its tangent."""
    held = ops.clip(x, DEEPEST, start) / start
    last = DEEPEST / start
    tangent = (1.0 / last - 1.0) * ops.where(x, DEEPEST, x / start - last, 0.0 * x)
    return ops.log(held) + 1.0 - held + tangent


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential(Law):
    """An open-circuit potential U(sto, T) [V] with its tails.

    ``known`` is the potential without them, bounded beyond ``ends``.
    """

    ends: Ends
    known: Callable[..., Any]

    def __call__(self, *, ops: Ops = NUMPY, T: Any = T_REF, **state: Any) -> Any:
        """Evaluate U for the lithiation ``sto`` and the temperature T [K]."""
        sto, ends = state["sto"], self.ends
        mixing = ends.vacant(sto, ops=ops) - ends.filled(sto, ops=ops)
        return self.known(sto=sto, T=T, ops=ops) + GAS_CONSTANT * T / FARADAY * mixing


def potential(law: Law, ends: Ends | None = None) -> Potential:
    """Return an open-circuit potential with tails; one that has them already stays as it is.

    Args:
        law: U(sto, T) [V], falling with sto.
        ends: Where the curve ends, by default where it is valid, and at most ``MARGIN`` before 0
            and 1.
    """
    if isinstance(law, Potential):
        return law
    first, last = law.valid.get("sto", (0.0, 1.0))
    ends = ends or Ends(max(first, MARGIN), min(last, 1.0 - MARGIN))
    values = {field.name: getattr(law, field.name) for field in fields(law)}
    return Potential(**values, ends=ends, known=_continued(law, ends))


def _continued(law: Law, ends: Ends) -> Callable[..., Any]:
    """Return the curve with straight ends, held back as the lithiation is."""

    def known(*, sto: Any, T: Any, ops: Ops = NUMPY) -> Any:
        held = ends.inside(sto, ops=ops)
        value = law(sto=ops.clip(sto, ends.low, ends.high), T=T, ops=ops)
        below = ops.where(sto, ends.low, held - ends.low, 0.0 * sto)
        above = ops.where(ends.high, sto, held - ends.high, 0.0 * sto)
        steps = ((ends.low, _SLOPE_STEP, below), (ends.high, -_SLOPE_STEP, above))
        for end, step, beyond in steps:
            value = value + _end_slope(law, end, step, T, ops) * beyond
        return value

    return known


def _end_slope(law: Law, end: float, step: float, T: Any, ops: Ops) -> Any:
    """Return the one-sided slope at an end, of second order in the step."""
    if "T" not in law.variables:
        ops = NUMPY
    values = [law(sto=end + k * step, T=T, ops=ops) for k in range(3)]
    slope = (-3.0 * values[0] + 4.0 * values[1] - values[2]) / (2.0 * step)
    return slope if "T" in law.variables else float(slope)
