"""Open-circuit potentials U(sto) [V] against lithium, 25 degC.

The curves are known between ``MARGIN`` and 1 - ``MARGIN`` where nothing else is said; towards 0 and
1 all of them go on with their entropic tails (``materials.ends``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mesode.materials import references as ref
from mesode.materials.ends import MARGIN, Ends, Potential, potential
from mesode.materials.law import Law
from mesode.materials.ocp_tables import DURDEL_DELITHIATION, DURDEL_LITHIATION, LI_2012_TABLE
from mesode.materials.ops import NUMPY, Ops
from mesode.materials.tables import table_law

if TYPE_CHECKING:
    from collections.abc import Callable

_VERBRUGGE_LITHIATION = (-96.63, 372.6, -587.6, 489.9, -232.8, 62.99, -9.286, 0.8633)
_VERBRUGGE_DELITHIATION = (-51.02, 161.3, -205.7, 140.2, -58.76, 16.87, -3.792, 0.9937)


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """Evaluate a polynomial by Horner's rule, highest power first."""
    value: Any = 0.0 * x + coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def si_verbrugge_lithiation(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return U of amorphous silicon on lithiation [V].

    U = -96.63 s^7 + 372.6 s^6 - 587.6 s^5 + 489.9 s^4 - 232.8 s^3 + 62.99 s^2 - 9.286 s + 0.8633
    + 1e-4 (1/s + 1/(s - 1)).

    Args:
        sto: lithiation, Li3.75Si at 1.
        ops: elementary functions.

    Valid for: sto in [0.001, 0.999].
    Source: Verbrugge 2016 in the parameter sets of Chen 2020 (composite) and Bonkile 2024.
    """
    del ops
    return polynomial(_VERBRUGGE_LITHIATION, sto) + 1e-4 * (1.0 / sto + 1.0 / (sto - 1.0))


def si_verbrugge_delithiation(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return U of amorphous silicon on delithiation [V].

    U = -51.02 s^7 + 161.3 s^6 - 205.7 s^5 + 140.2 s^4 - 58.76 s^3 + 16.87 s^2 - 3.792 s + 0.9937.
    Valid for: sto in [0.001, 0.999]. Source: as the lithiation branch.
    """
    del ops
    return polynomial(_VERBRUGGE_DELITHIATION, sto)


def si_verbrugge_average(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return the mean of both silicon branches [V]: no hysteresis, half the gap on either side."""
    lithiation = si_verbrugge_lithiation(sto, ops=ops)
    return 0.5 * (lithiation + si_verbrugge_delithiation(sto, ops=ops))


def si_chan_2007(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return U of silicon by the rational fit of Chan 2007 [V].

    U = (-0.2453 s^3 - 0.00527 s^2 + 0.2477 s + 0.006457)/(s + 0.002493).
    Valid for: sto in (0, 1). Source: as used by Castelli and Schoof; recalled, not read again.
    """
    del ops
    return polynomial((-0.2453, -0.00527, 0.2477, 0.006457), sto) / (sto + 0.002493)


def graphite_lgm50(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return U of the LG M50 graphite (with some SiOx) [V].

    U = 1.9793 e^(-39.3631 s) + 0.2482 - 0.0909 tanh(29.8538 (s - 0.1234))
    - 0.04478 tanh(14.9159 (s - 0.2769)) - 0.0205 tanh(30.4444 (s - 0.6103)).
    Valid for: sto in [0, 1], measured to 0.91. Source: Chen 2020.
    """
    steps = (
        0.0909 * ops.tanh(29.8538 * (sto - 0.1234))
        + 0.04478 * ops.tanh(14.9159 * (sto - 0.2769))
        + 0.0205 * ops.tanh(30.4444 * (sto - 0.6103))
    )
    return 1.9793 * ops.exp(-39.3631 * sto) + 0.2482 - steps


def graphite_mohtat(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return U of pure graphite [V], a sum of one exponential and six tanh steps.

    Valid for: sto in [0, 1]. Source: Mohtat 2020, doi 10.1149/1945-7111/aba5d1.
    """
    steps = (
        (0.0120, 0.127, 0.016),
        (0.0118, 0.155, 0.016),
        (0.0035, 0.220, 0.020),
        (0.0095, 0.190, 0.013),
        (0.0145, 0.490, 0.020),
        (0.0800, 1.030, 0.055),
    )
    value = 0.063 + 0.8 * ops.exp(-75.0 * (sto + 0.001))
    for height, centre, width in steps:
        value = value - height * ops.tanh((sto - centre) / width)
    return value


def nmc811_chen_2020(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return U of LiNi0.8Mn0.1Co0.1O2 [V].

    U = -0.8090 s + 4.4875 - 0.0428 tanh(18.5138 (s - 0.5542)) - 17.7326 tanh(15.7890 (s - 0.3117))
    + 17.5842 tanh(15.9308 (s - 0.3120)).
    Valid for: sto in [0.26, 0.91], finite and decreasing on [0, 1]. Source: Chen 2020.
    """
    return (
        -0.8090 * sto
        + 4.4875
        - 0.0428 * ops.tanh(18.5138 * (sto - 0.5542))
        - 17.7326 * ops.tanh(15.7890 * (sto - 0.3117))
        + 17.5842 * ops.tanh(15.9308 * (sto - 0.3120))
    )


def sio_window(curve: Callable[..., Any]) -> Callable[..., Any]:
    """Return U_SiO(sto) = U_Si(0.02 + 0.93 sto): the active part of SiO is Li_xSi in a silicate."""

    def sio(sto: Any, *, ops: Ops = NUMPY) -> Any:
        return curve(0.02 + 0.93 * sto, ops=ops)

    return sio


def _law(
    name: str,
    curve: Callable[..., Any],
    source: str,
    *,
    valid: tuple[float, float] = (MARGIN, 1.0 - MARGIN),
    low: float = MARGIN,
    assumed: bool = False,
) -> Potential:
    """Return a curve with tails from ``low`` down and from 1 - ``MARGIN`` up."""
    law = Law(
        name=name,
        function=curve,
        variables=("sto",),
        unit="V",
        valid={"sto": valid},
        source=source,
        assumed=assumed,
    )
    return potential(law, Ends(low=low))


def _table(
    name: str, points: tuple[tuple[float, float], ...], source: str, *, assumed: bool = False
) -> Potential:
    law = table_law(points, of="sto", unit="V", name=name, source=source, assumed=assumed)
    return potential(law)


_SIO = ref.VERBRUGGE_2016 + "; window 0.02 + 0.93 sto assumed"

_ALL: tuple[Potential, ...] = (
    _law("si_verbrugge_lithiation", si_verbrugge_lithiation, ref.VERBRUGGE_2016),
    _law("si_verbrugge_delithiation", si_verbrugge_delithiation, ref.VERBRUGGE_2016),
    _law("si_verbrugge_average", si_verbrugge_average, ref.VERBRUGGE_2016),
    _law("si_chan_2007", si_chan_2007, ref.CHAN_2007, low=0.005),
    _table("si_li_2012", LI_2012_TABLE, ref.LI_2012),
    _table("si_durdel_lithiation", DURDEL_LITHIATION, ref.DURDEL_2023),
    _table("si_durdel_delithiation", DURDEL_DELITHIATION, ref.DURDEL_2023),
    _law("sio_1_lithiation", sio_window(si_verbrugge_lithiation), _SIO, assumed=True),
    _law(
        "sio_1_delithiation",
        sio_window(si_verbrugge_delithiation),
        _SIO,
        assumed=True,
    ),
    _law("sio_1_average", sio_window(si_verbrugge_average), _SIO, assumed=True),
    _law("graphite_lgm50", graphite_lgm50, ref.CHEN_2020, valid=(0.0, 1.0)),
    _law("graphite_mohtat", graphite_mohtat, ref.MOHTAT_2020, valid=(0.0, 1.0)),
    _law("nmc811_chen_2020", nmc811_chen_2020, ref.CHEN_2020, valid=(0.26, 0.91)),
)


def _branch(name: str) -> str:
    end = name.rpartition("_")[2]
    return end if end in ("lithiation", "delithiation") else ""


LAWS: tuple[Law, ...] = tuple(replace(law, branch=_branch(law.name)) for law in _ALL)
