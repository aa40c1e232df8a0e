"""Diffusion coefficients of lithium in solids, D_s(sto) [m^2/s] at 25 degC."""

from __future__ import annotations

import math
from typing import Any

from mesode.constants import GAS_CONSTANT
from mesode.materials import references as ref
from mesode.materials.arrhenius import arrhenius
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

_Bump = tuple[float, float, float]  # height, centre, width of height * exp(-(sto - centre)^2/width)

_GRAPHITE_BUMPS: tuple[_Bump, ...] = (
    (-1.553, 0.2031, 0.0006091),
    (-6.136, 0.5375, 0.06438),
    (-9.725, 0.9144, 0.0578),
    (1.85, 0.5953, 0.001356),
)
_NMC_BUMPS: tuple[_Bump, ...] = (
    (-0.9231, 0.3216, 0.002534),
    (-0.4066, 0.4532, 0.003926),
    (-0.993, 0.8098, 0.09924),
)


def _power_of_ten(exponent: Any, ops: Ops) -> Any:
    return ops.exp(math.log(10.0) * exponent)


def _bumps(sto: Any, bumps: tuple[_Bump, ...], ops: Ops) -> Any:
    total: Any = 0.0 * sto
    for height, centre, width in bumps:
        total = total + height * ops.exp(-((sto - centre) * (sto - centre)) / width)
    return total


def graphite_oregan(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return D_s of graphite [m^2/s].

    D = 3.0321 * 10^(11.17 s - 15.11 + four Gaussians in s), s bounded to [0, 1].
    Valid for: sto in [0.05, 0.95]. Source: O'Regan 2022, doi 10.1016/j.electacta.2022.140700.
    """
    s = ops.clip(sto, 0.0, 1.0)
    return 3.0321 * _power_of_ten(11.17 * s - 15.11 + _bumps(s, _GRAPHITE_BUMPS, ops), ops)


def nmc811_oregan(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return D_s of NMC811 [m^2/s].

    D = 2.7 * 10^(-13.96 + three Gaussians in s), s bounded to [0, 1].
    Valid for: sto in [0.22, 0.94]. Source: O'Regan 2022, doi 10.1016/j.electacta.2022.140700.
    """
    s = ops.clip(sto, 0.0, 1.0)
    return 2.7 * _power_of_ten(-13.96 + _bumps(s, _NMC_BUMPS, ops), ops)


def _constant(name: str, value: float, source: str, *, assumed: bool = False) -> Law:
    return Law(
        name=name,
        function=lambda *, ops: value,
        unit="m^2/s",
        source=source,
        assumed=assumed,
    )


LAWS: tuple[Law, ...] = (
    arrhenius(
        Law(
            name="graphite_oregan_2022",
            function=graphite_oregan,
            variables=("sto",),
            unit="m^2/s",
            valid={"sto": (0.05, 0.95)},
            source=ref.OREGAN_2022,
        ),
        2092.0 * GAS_CONSTANT,
    ),
    arrhenius(
        Law(
            name="nmc811_oregan_2022",
            function=nmc811_oregan,
            variables=("sto",),
            unit="m^2/s",
            valid={"sto": (0.22, 0.94)},
            source=ref.OREGAN_2022,
        ),
        1449.0 * GAS_CONSTANT,
    ),
    arrhenius(_constant("graphite_chen_2020", 3.3e-14, ref.CHEN_2020), 30.3e3),
    arrhenius(_constant("nmc811_chen_2020", 4e-15, ref.CHEN_2020), 25e3),
    arrhenius(_constant("si_bonkile_2024", 3e-16, ref.BONKILE_2024), 48.2e3),
    _constant("si_chen_2020", 1.67e-14, ref.CHEN_2020),
    _constant("si_battmo", 1e-15, ref.BATTMO),
    _constant("si_durdel_2023", 2e-15, ref.DURDEL_2023),
    _constant("si_castelli_2021", 1e-17, ref.CASTELLI_2021),
)
