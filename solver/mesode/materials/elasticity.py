"""Elastic moduli and free swelling as functions of lithiation.

Swelling is *volumetric*: dV/V relative to sto = 0, not a linear strain.
"""

from __future__ import annotations

from typing import Any

from mesode.materials import references as ref
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

_GRAPHITE_SWELLING = (
    145.907,
    -681.229,
    1334.442,
    -1415.710,
    873.906,
    -312.528,
    60.641,
    -5.706,
    0.386,
    -4.966e-5,
)
_DEGREE = len(_GRAPHITE_SWELLING) - 1
_FIRST_SLOPE = _GRAPHITE_SWELLING[-2]  # at sto = 0
_LAST_SLOPE = sum((_DEGREE - k) * c for k, c in enumerate(_GRAPHITE_SWELLING))  # at sto = 1


def graphite_swelling(sto: Any, *, ops: Ops = NUMPY) -> Any:
    """Return dV/V of graphite, a polynomial of ninth order in sto, straight outside of [0, 1].

    Valid for: sto in [0, 1]. Source: Ai 2020, doi 10.1149/2.0122001JES, after Rieger 2016.
    Not bounded, as ``linear_swelling``: a slope that fell to zero at sto = 1 would take the whole
    share of the stress from the potential of a host that is full.
    """
    s = ops.clip(sto, 0.0, 1.0)
    value: Any = 0.0 * s + _GRAPHITE_SWELLING[0]
    for coefficient in _GRAPHITE_SWELLING[1:]:
        value = value * s + coefficient
    return value + ops.where(sto, 0.5, _FIRST_SLOPE, _LAST_SLOPE) * (sto - s)


def linear_law(
    name: str, at_0: float, at_1: float, unit: str, source: str, *, assumed: bool = False
) -> Law:
    """Return a law linear in sto: ``at_0`` at sto = 0, ``at_1`` at sto = 1, bounded beyond.

    Bounded, because a modulus must stay positive and nu below 1/2 wherever Newton wanders.
    """

    def function(sto: Any, *, ops: Ops = NUMPY) -> Any:
        return at_0 + (at_1 - at_0) * ops.clip(sto, -0.1, 1.1)

    return Law(
        name=name,
        function=function,
        variables=("sto",),
        unit=unit,
        valid={"sto": (0.0, 1.0)},
        source=source,
        assumed=assumed,
    )


def linear_swelling(expansion: float, *, source: str = "", assumed: bool = False) -> Law:
    """Return dV/V = expansion * sto; partial molar volume Omega is ``expansion/c_max``.

    Not bounded: its slope enters the flux and the voltage, and must not jump at sto = 0 or 1.
    """

    def function(sto: Any, *, ops: Ops = NUMPY) -> Any:
        del ops
        return expansion * sto

    return Law(
        name=f"dV/V = {expansion:g} sto",
        function=function,
        variables=("sto",),
        valid={"sto": (0.0, 1.0)},
        source=source,
        assumed=assumed,
    )


_SIO = "scaled from silicon and silica; no primary value found"

E_LAWS: tuple[Law, ...] = (
    linear_law("si_qi_2014", 96e9, 41e9, "Pa", ref.QI_2014),
    linear_law("sio_linear", 80e9, 34e9, "Pa", _SIO, assumed=True),
)
NU_LAWS: tuple[Law, ...] = (
    linear_law("si_qi_2014", 0.29, 0.25, "1", ref.QI_2014),
    linear_law("sio_linear", 0.20, 0.17, "1", _SIO, assumed=True),
)
YIELD_LAWS: tuple[Law, ...] = (
    linear_law("si_sethuraman_2010", 1.75e9, 1.0e9, "Pa", ref.SETHURAMAN_2010, assumed=True),
)
SWELLING_LAWS: tuple[Law, ...] = (
    Law(
        name="graphite_ai_2020",
        function=graphite_swelling,
        variables=("sto",),
        valid={"sto": (0.0, 1.0)},
        source=f"{ref.AI_2020}; {ref.RIEGER_2016}",
    ),
)
