"""Exchange current densities i_0(c_e, sto) [A/m^2] at 25 degC.

The shapes are written relative to their value at sto = 0.5 and 1 mol/l, which is then the one
number to know. Near c_e = 0 they level off at a small positive number. Where the potential of a
host is known no more, i_0 falls to zero with the activities there, whatever the law
(``materials.ends``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.constants import C_E_REF, FARADAY
from mesode.materials import references as ref
from mesode.materials.arrhenius import arrhenius
from mesode.materials.bounds import SALT_FLOOR, smooth_floor
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Callable

STO_FLOOR = 1e-5  # level of sto and 1 - sto at and beyond the ends: the roots stay finite


def insertion_shape(
    c_e: Any, sto: Any, alpha_a: float = 0.5, alpha_c: float = 0.5, *, ops: Ops = NUMPY
) -> Any:
    """Return i_0/i_0_ref = (c_e/1000)^a_a * (2 sto)^a_c * (2 (1 - sto))^a_a, 1 at sto 0.5, 1 mol/l.

    For a_a = a_c = 1/2 that is sqrt(c_e/1000) * 2 sqrt(sto (1 - sto)).

    Args:
        c_e: salt concentration at the surface [mol/m^3].
        sto: lithiation at the surface.
        alpha_a: anodic transfer coefficient.
        alpha_c: cathodic transfer coefficient.
        ops: elementary functions.

    Valid for: 0 < sto < 1, c_e > 0; finite with finite slopes everywhere.
    Source: Newman's form, as in Doyle 1993.
    """
    salt = smooth_floor(c_e, SALT_FLOOR, ops=ops) / C_E_REF
    filled = 2.0 * smooth_floor(sto, STO_FLOOR, ops=ops)
    vacant = 2.0 * smooth_floor(1.0 - sto, STO_FLOOR, ops=ops)
    return salt**alpha_a * filled**alpha_c * vacant**alpha_a


def insertion(i_0_ref: float, alpha_a: float = 0.5, alpha_c: float = 0.5) -> Callable[..., Any]:
    """Return the function i_0(c_e, sto) [A/m^2] with the value ``i_0_ref`` at sto 0.5, 1 mol/l."""

    def function(c_e: Any, sto: Any, *, ops: Ops = NUMPY) -> Any:
        return i_0_ref * insertion_shape(c_e, sto, alpha_a, alpha_c, ops=ops)

    return function


def lithium_xu_2019(c_e: Any, *, ops: Ops = NUMPY) -> Any:
    """Return i_0 of lithium metal [A/m^2].

    i_0 = 3.5e-8 F c_Li^0.7 c_e^0.3, c_Li = 1/1.3e-5 mol/m^3: 70.6 A/m^2 at 1 mol/l.
    Valid for: c_e > 0. Source: Xu 2019.
    """
    salt = smooth_floor(c_e, SALT_FLOOR, ops=ops)
    return 3.5e-8 * FARADAY * (1.0 / 1.3e-5) ** 0.7 * salt**0.3


def insertion_law(
    name: str,
    i_0_ref: float,
    source: str,
    *,
    alpha_a: float = 0.5,
    alpha_c: float = 0.5,
    assumed: bool = False,
) -> Law:
    """Return the insertion law with the given value at sto 0.5, 1 mol/l, 25 degC [A/m^2]."""
    return Law(
        name=name,
        function=insertion(i_0_ref, alpha_a, alpha_c),
        variables=("c_e", "sto"),
        unit="A/m^2",
        valid={"sto": (0.0, 1.0)},
        source=source,
        assumed=assumed,
    )


def _from_rate(m: float, c_max: float) -> float:
    """Return i_0 at sto 0.5, 1 mol/l for i_0 = m sqrt(c_e c_s (c_max - c_s)) [A/m^2]."""
    return float(m * C_E_REF**0.5 * c_max / 2.0)


LAWS: tuple[Law, ...] = (
    arrhenius(
        insertion_law("si_chen_2020", _from_rate(6.48e-7 * 28700 / 278000, 278000), ref.CHEN_2020),
        35e3,
    ),
    arrhenius(insertion_law("graphite_chen_2020", _from_rate(6.48e-7, 33133), ref.CHEN_2020), 35e3),
    # 2.668 (c_e/1000)^0.208 s^0.792 (1-s)^0.208, here by its value at s = 0.5
    arrhenius(
        insertion_law(
            "graphite_oregan_2022", 2.668 * 0.5, ref.OREGAN_2022, alpha_a=0.208, alpha_c=0.792
        ),
        40e3,
    ),
    arrhenius(insertion_law("nmc811_chen_2020", _from_rate(3.42e-6, 63104), ref.CHEN_2020), 17.8e3),
    Law(
        name="lithium_xu_2019",
        function=lithium_xu_2019,
        variables=("c_e",),
        unit="A/m^2",
        source=ref.XU_2019,
    ),
)
