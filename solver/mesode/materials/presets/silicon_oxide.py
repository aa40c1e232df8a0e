"""SiO, bare and with the three carbon coatings of Zhang 2024."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from mesode.materials import references as ref
from mesode.materials.arrhenius import arrhenius
from mesode.materials.elasticity import linear_swelling
from mesode.materials.exchange_current import insertion_law
from mesode.materials.law import constant
from mesode.materials.library import get_law
from mesode.materials.properties import Electronic, Lithium, Material, Mechanical

C_MAX = 110_000.0  # [mol/m^3]: 1389 mAh/g, the reversible 74.5 % of 1865 mAh/g, at 2130 kg/m^3
DENSITY = 2130.0  # [kg/m^3]
OMEGA = 6.0e-6  # [m^3/mol], from 118-120 % over the first lithiation, 190000-212000 mol/m^3
I_0_LOW = 2.0  # [A/m^2]
D_S_LOW = 4.12e-13  # [m^2/s]

_COMMON_ASSUMED = (
    "density: 2130 kg/m^3, literature value recalled (2130 to 2240)",
    "c_max: 110000 mol/m^3 from 1389 mAh/g, the first lithiation of 1865 mAh/g times the "
    "initial efficiency of 74.5 %",
    "ocp: set SiO-1, U_Si(0.02 + 0.93 sto) on lithiation; no digitised SiO curve was at hand, "
    "uncertainty about 50 mV",
    "volumetric_expansion: 6.0e-6 m^3/mol times c_max = 66 % at sto = 1; 118 to 120 % are "
    "reported for the whole first lithiation, of which 110000 mol/m^3 is the reversible part",
    "E: 80 GPa falling to 34 GPa at sto = 1; no primary value found",
    "nu: 0.20 falling to 0.17 at sto = 1; no primary value found",
    "strength: 1 GPa, between 0.5 and 2",
    "toughness: 7 J/m^2, that of silicon; no value for SiO found",
    "yield_strength: 1 GPa, between 0.5 and 2",
    "E_a_D_s: none reported, D_s does not depend on temperature",
    "double_layer: 0.2 F/m^2, the usual value of the PyBaMM parameter files",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deck:
    """What differs between SiO materials: D_s [m^2/s], i_0 [A/m^2], sigma [S/m], E_a [J/mol]."""

    name: str
    description: str
    D_s: float
    i_0: float
    sigma: float
    E_a_i_0: float
    source: str
    assumed: tuple[str, ...]


def _lithium(deck: _Deck) -> Lithium:
    i_0 = insertion_law("i_0 of SiO", deck.i_0, deck.source, assumed=True)
    return Lithium(
        c_max=C_MAX,
        D_s=constant(deck.D_s, "m^2/s", source=deck.source),
        ocp=get_law("ocp", "sio_1_lithiation"),
        i_0=arrhenius(i_0, deck.E_a_i_0),
    )


def _material(deck: _Deck) -> Material:
    return Material(
        name=deck.name,
        description=deck.description,
        density=DENSITY,
        lithium=_lithium(deck),
        electronic=Electronic(sigma=constant(deck.sigma, "S/m", source=deck.source, assumed=True)),
        mechanical=Mechanical(
            E=get_law("E", "sio_linear"),
            nu=get_law("nu", "sio_linear"),
            swelling=linear_swelling(
                OMEGA * C_MAX, source=f"{ref.WANG_2025}; {ref.ZHANG_2024}", assumed=True
            ),
            strength=1e9,
            toughness=7.0,
            yield_strength=constant(1e9, "Pa", source="that of silicon", assumed=True),
        ),
        sources=(ref.ZHANG_2024, ref.VERBRUGGE_2016, ref.WANG_2025),
        assumed=(*deck.assumed, *_COMMON_ASSUMED),
    )


_RULE = (
    "i_0 in proportion to sqrt(D_s): the peak current of Randles and Sevcik is proportional to "
    "active area times sqrt(D), and the paper evaluates D with a fixed area, so a smaller "
    "reported D is read as a smaller electro-active share of the surface"
)


def _coated(level: str, paper_name: str, D_s: float, sigma: float, E_a: float) -> Material:
    """Build one of the three coated materials; only D_s, i_0, sigma and E_a differ."""
    i_0 = I_0_LOW * sqrt(D_s / D_S_LOW)
    return _material(
        _Deck(
            name=f"SiO_coated_{level}_defect",
            description=f"SiO with carbon coating of {level} defect share ({paper_name} of Zhang "
            f"2024); i_0 = {i_0:.3g} A/m^2 at sto 0.5, 1 mol/l by the rule: {_RULE}",
            D_s=D_s,
            i_0=i_0,
            sigma=sigma,
            E_a_i_0=E_a,
            source=ref.ZHANG_2024,
            assumed=(
                f"i_0: {i_0:.3g} A/m^2; 2 A/m^2 for the low defect share, others by the rule: "
                f"{_RULE}",
                f"sigma: {sigma:g} S/m; 10 S/m (0.1 S/cm) is quoted for SiO, its split over the "
                "three coatings (10, 3, 1) is not",
            ),
        )
    )


_BARE = _Deck(
    name="SiO",
    description="Bare SiO, default set SiO-1: silicon in a silicate, generic transport",
    D_s=1e-13,
    i_0=1.0,
    sigma=1e-6,
    E_a_i_0=24.53e3,
    source=ref.ZHANG_2024,
    assumed=(
        "i_0: 1 A/m^2 at sto 0.5, 1 mol/l, from a range of 0.1 to 10",
        "E_a_i_0: 24.53 kJ/mol, that of the coating with the most defects",
        "sigma: 1e-6 S/m, an upper bound for the bare oxide; it conducts once lithiated",
    ),
)

SILICON_OXIDES = (
    _coated("low", "SiO@C-l", D_S_LOW, 10.0, 12.06e3),
    _coated("medium", "SiO@C-m", 8.15e-14, 3.0, 15.55e3),
    _coated("high", "SiO@C-h", 2.04e-14, 1.0, 24.53e3),
    _material(_BARE),
)
