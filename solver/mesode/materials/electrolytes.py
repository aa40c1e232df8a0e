"""Transport of LiPF6 in carbonates: kappa [S/m], D_e [m^2/s], t_plus, thermodynamic factor.

The formulas take c in mol/l; here all take c_e in mol/m^3 and bound it smoothly to (0, 2.25] or
(0, 3] mol/l, so that kappa and D_e stay positive. Where a measured t_plus is negative, it is
followed: in a concentrated solution nothing forbids it.
"""

from __future__ import annotations

import math
from typing import Any

from mesode.materials import references as ref
from mesode.materials.arrhenius import arrhenius
from mesode.materials.bounds import bounded_salt, smooth_floor
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

NYMAN_C_MAX = 2250.0  # [mol/m^3], where D_e has its minimum; t_plus would pass zero
VALOEN_C_MAX = 3000.0  # [mol/m^3]
LANDESFEIND_C_MAX = 3000.0  # [mol/m^3]
_T_PLUS_FLOOR = 1e-3
_TDF_FLOOR = 1e-2
_T_298 = 298.15


def _molar(c_e: Any, high: float, ops: Ops) -> Any:
    return bounded_salt(c_e, high, ops=ops) / 1000.0


def nyman_kappa(c_e: Any, *, ops: Ops = NUMPY) -> Any:
    """Return kappa of LiPF6 in EC:EMC 3:7 [S/m]: 0.1297 c^3 - 2.51 c^1.5 + 3.329 c, c in mol/l.

    Valid for: 0.2 to 2 mol/l, 298 K. Source: Nyman 2008.
    """
    c = _molar(c_e, NYMAN_C_MAX, ops)
    return c * (0.1297 * c * c - 2.51 * ops.sqrt(c) + 3.329)


def nyman_D_e(c_e: Any, *, ops: Ops = NUMPY) -> Any:
    """Return D_e in EC:EMC 3:7 [m^2/s]: 8.794e-11 c^2 - 3.972e-10 c + 4.862e-10, c in mol/l.

    Valid for: 0.2 to 2 mol/l, 298 K. Source: Nyman 2008.
    """
    c = _molar(c_e, NYMAN_C_MAX, ops)
    return (8.794e-11 * c - 3.972e-10) * c + 4.862e-10


def nyman_t_plus(c_e: Any, *, ops: Ops = NUMPY) -> Any:
    """Return t_plus: -0.1287 c^3 + 0.4106 c^2 - 0.4717 c + 0.4492 (c in mol/l), never negative.

    Valid for: 0.2 to 2 mol/l, 298 K. Source: Nyman 2008; the cubic is recalled, its value at
    1 mol/l (0.2594) is confirmed.
    """
    c = _molar(c_e, NYMAN_C_MAX, ops)
    cubic = ((-0.1287 * c + 0.4106) * c - 0.4717) * c + 0.4492
    return smooth_floor(cubic, _T_PLUS_FLOOR, ops=ops)


def valoen_kappa(c_e: Any, T: Any, *, ops: Ops = NUMPY) -> Any:
    """Return kappa of LiPF6 in PC/EC/DMC [S/m].

    kappa = 0.1 c [(-10.5 + 0.0740 T - 6.96e-5 T^2) + c (0.668 - 0.0178 T + 2.80e-5 T^2)
    + c^2 (0.494 - 8.86e-4 T)]^2, c in mol/l.
    Valid for: up to 3 mol/l, 263 to 333 K. Source: Valoen and Reimers 2005.
    """
    c = _molar(c_e, VALOEN_C_MAX, ops)
    root = (
        (-10.5 + 0.0740 * T - 6.96e-5 * T * T)
        + c * (0.668 - 0.0178 * T + 2.80e-5 * T * T)
        + c * c * (0.494 - 8.86e-4 * T)
    )
    # The square has a zero at high c and low T; a conductivity has none.
    return 0.1 * c * smooth_floor(root * root, 1e-2, ops=ops)


def valoen_D_e(c_e: Any, T: Any, *, ops: Ops = NUMPY) -> Any:
    """Return D_e in PC/EC/DMC [m^2/s]: 1e-4 10^(-4.43 - 54/(T - 229 - 5c) - 0.22 c), c in mol/l.

    Valid for: up to 3 mol/l, 263 to 333 K. Source: Valoen and Reimers 2005.
    """
    c = _molar(c_e, VALOEN_C_MAX, ops)
    exponent = -4.43 - 54.0 / (T - 229.0 - 5.0 * c) - 0.22 * c
    return 1e-4 * ops.exp(math.log(10.0) * exponent)


def valoen_tdf(c_e: Any, T: Any, *, ops: Ops = NUMPY) -> Any:
    """Return 1 + dlnf/dlnc in PC/EC/DMC.

    (1 - t_plus) TDF = 0.601 - 0.24 c^0.5 + 0.982 [1 - 0.0052 (T - 298.15)] c^1.5, c in mol/l,
    t_plus = 0.38.
    Valid for: up to 3 mol/l, 263 to 333 K. Source: Valoen and Reimers 2005. The reference
    temperature 298.15 K is that of the collection; the paper's is 294 K (2 % at 1 mol/l).
    """
    c = _molar(c_e, VALOEN_C_MAX, ops)
    root = ops.sqrt(c)
    product = 0.601 - 0.24 * root + 0.982 * (1.0 - 0.0052 * (T - _T_298)) * c * root
    return product / (1.0 - 0.38)


_KAPPA = {
    "ec_dmc": (0.798, 228.0, -1.22, 0.509, -4e-3, 3.79e-3),
    "ec_emc": (0.521, 228.0, -1.06, 0.353, -3.59e-3, 1.48e-3),
}
_DIFFUSION = {
    "ec_dmc": (1470.0, 1.33, -1690.0, -563.0),
    "ec_emc": (1010.0, 1.01, -1560.0, -487.0),
}
_TDF = {
    "ec_dmc": (-5.58, 7.17, 3.80e-2, 1.91, -6.65e-2, -5.08e-5, 0.11, -6.10e-3, 1.51e-4),
    "ec_emc": (25.7, -45.1, -0.177, 1.94, 0.295, 3.08e-4, 0.259, -9.46e-3, -4.54e-4),
}
_T_PLUS = {
    "ec_dmc": (-7.91, 0.245, 5.28e-2, 0.698, -1.08e-2, -8.21e-5, 7.43e-4, -2.22e-3, 3.07e-5),
    "ec_emc": (-12.8, -6.12, 8.21e-2, 0.904, 3.18e-2, -1.27e-4, 1.75e-2, -3.12e-3, -3.96e-5),
}


def landesfeind_kappa(c_e: Any, T: Any, solvent: str, *, ops: Ops = NUMPY) -> Any:
    """Return kappa of LiPF6 in EC:DMC 1:1 or EC:EMC 3:7 by weight [S/m].

    kappa = 0.1 p1 [1 + (T - p2)] c {1 + p3 c^0.5 + p4 [1 + p5 e^(1000/T)] c}
    / {1 + c^4 p6 e^(1000/T)}, c in mol/l.
    Valid for: 0.1 to 2 mol/l, 263 to 323 K. Source: Landesfeind and Gasteiger 2019.
    """
    p1, p2, p3, p4, p5, p6 = _KAPPA[solvent]
    c = _molar(c_e, LANDESFEIND_C_MAX, ops)
    hot = ops.exp(1000.0 / T)
    shape = 1.0 + p3 * ops.sqrt(c) + p4 * (1.0 + p5 * hot) * c
    return 0.1 * p1 * (1.0 + (T - p2)) * c * shape / (1.0 + c * c * c * c * p6 * hot)


def landesfeind_D_e(c_e: Any, T: Any, solvent: str, *, ops: Ops = NUMPY) -> Any:
    """Return D_e [m^2/s]: 1e-10 q1 e^(q2 c) e^(q3/T) e^(q4 c/T), c in mol/l.

    Valid for: 0.1 to 2 mol/l, 263 to 323 K. Source: Landesfeind and Gasteiger 2019.
    """
    q1, q2, q3, q4 = _DIFFUSION[solvent]
    c = _molar(c_e, LANDESFEIND_C_MAX, ops)
    return 1e-10 * q1 * ops.exp(q2 * c + q3 / T + q4 * c / T)


def _landesfeind_cubic(r: tuple[float, ...], c: Any, T: Any) -> Any:
    """Return r1 + r2 c + r3 T + r4 c^2 + r5 cT + r6 T^2 + r7 c^3 + r8 c^2 T + r9 c T^2."""
    constant = r[0] + r[2] * T + r[5] * T * T
    linear = r[1] + r[4] * T + r[8] * T * T
    return constant + c * (linear + c * (r[3] + r[7] * T + c * r[6]))


def landesfeind_tdf(c_e: Any, T: Any, solvent: str, *, ops: Ops = NUMPY) -> Any:
    """Return 1 + dlnf/dlnc, a cubic in c [mol/l] and T [K], kept positive.

    Valid for: 0.1 to 2 mol/l, 263 to 323 K. Source: Landesfeind and Gasteiger 2019.
    """
    c = _molar(c_e, LANDESFEIND_C_MAX, ops)
    return smooth_floor(_landesfeind_cubic(_TDF[solvent], c, T), _TDF_FLOOR, ops=ops)


def landesfeind_t_plus(c_e: Any, T: Any, solvent: str, *, ops: Ops = NUMPY) -> Any:
    """Return t_plus, a cubic in c [mol/l] and T [K].

    It is negative in the cold and concentrated: -0.17 in EC:EMC at 0 degC and 1 mol/l.
    Valid for: 0.1 to 2 mol/l, 263 to 323 K. Source: Landesfeind and Gasteiger 2019.
    """
    return _landesfeind_cubic(_T_PLUS[solvent], _molar(c_e, LANDESFEIND_C_MAX, ops), T)


_FUNCTIONS = {
    "kappa": (landesfeind_kappa, "S/m"),
    "D_e": (landesfeind_D_e, "m^2/s"),
    "t_plus": (landesfeind_t_plus, "1"),
    "tdf": (landesfeind_tdf, "1"),
}


def _landesfeind(quantity: str, solvent: str) -> Law:
    function, unit = _FUNCTIONS[quantity]

    def solved(c_e: Any, T: Any, *, ops: Ops = NUMPY) -> Any:
        return function(c_e, T, solvent, ops=ops)

    return Law(
        name=f"landesfeind_2019_{solvent}",
        function=solved,
        variables=("c_e", "T"),
        unit=unit,
        valid={"c_e": (100.0, 2000.0), "T": (263.15, 323.15)},
        source=ref.LANDESFEIND_2019,
    )


def _nyman(function: Any, unit: str) -> Law:
    return Law(
        name="nyman_2008",
        function=function,
        variables=("c_e",),
        unit=unit,
        valid={"c_e": (200.0, 2000.0)},
        source=ref.NYMAN_2008,
    )


def _valoen(function: Any, unit: str) -> Law:
    return Law(
        name="valoen_reimers_2005",
        function=function,
        variables=("c_e", "T"),
        unit=unit,
        valid={"c_e": (1.0, 3000.0), "T": (263.15, 333.15)},
        source=ref.VALOEN_2005,
    )


def _number(name: str, value: float, source: str, *, assumed: bool = False) -> Law:
    return Law(
        name=name,
        function=lambda *, ops: value,
        source=source,
        assumed=assumed,
    )


_ECKER_E_A = 17e3  # [J/mol], added to Nyman's isothermal fits

KAPPA_LAWS: tuple[Law, ...] = (
    arrhenius(_nyman(nyman_kappa, "S/m"), _ECKER_E_A),
    _valoen(valoen_kappa, "S/m"),
    _landesfeind("kappa", "ec_dmc"),
    _landesfeind("kappa", "ec_emc"),
)
D_E_LAWS: tuple[Law, ...] = (
    arrhenius(_nyman(nyman_D_e, "m^2/s"), _ECKER_E_A),
    _valoen(valoen_D_e, "m^2/s"),
    _landesfeind("D_e", "ec_dmc"),
    _landesfeind("D_e", "ec_emc"),
)
T_PLUS_LAWS: tuple[Law, ...] = (
    _nyman(nyman_t_plus, "1"),
    _number("valoen_reimers_2005", 0.38, ref.VALOEN_2005),
    _landesfeind("t_plus", "ec_dmc"),
    _landesfeind("t_plus", "ec_emc"),
)
TDF_LAWS: tuple[Law, ...] = (
    _number("ideal", 1.0, "ideal solution", assumed=True),
    _valoen(valoen_tdf, "1"),
    _landesfeind("tdf", "ec_dmc"),
    _landesfeind("tdf", "ec_emc"),
)
