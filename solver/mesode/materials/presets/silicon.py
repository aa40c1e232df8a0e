"""Silicon in several published sets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mesode.materials import references as ref
from mesode.materials.arrhenius import arrhenius
from mesode.materials.elasticity import linear_swelling
from mesode.materials.law import Law, constant
from mesode.materials.library import get_law
from mesode.materials.properties import Electronic, Lithium, Material, Mechanical

_I_0 = get_law("i_0", "si_chen_2020")
_E = get_law("E", "si_qi_2014")
_NU = get_law("nu", "si_qi_2014")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """One set of silicon: c_max [mol/m^3], expansion dV/V at sto = 1."""

    name: str
    description: str
    ocp: str
    c_max: float = 311_000.0
    D_s: Law
    i_0: Law = _I_0
    expansion: float = 2.8
    E: Law = _E
    nu: Law = _NU
    source: str
    assumed: tuple[str, ...] = ()


_COMMON_ASSUMED = (
    "sigma: 0.1 S/m, quoted as an upper value for silicon; lithiated silicon conducts better",
    "double_layer: 0.2 F/m^2, between 0.05 and 0.4",
    "strength: 1 GPa, flow stress taken constant; reported from 3 GPa (Si) to 0.5 GPa (lithiated)",
    "toughness: 7 J/m^2 at any lithiation; measured in films 8.5 +- 4.3 J/m^2 (Li0.7Si) and 5.4 +- "
    "2.2 to 6.9 +- 1.9 J/m^2 (Li2.8Si), M. Pharr et al., Nano Lett. 13, 5570 (2013)",
    "yield_strength: from 1.75 GPa to 1 GPa at sto = 1, linear between; a film flows from "
    "-1.75 GPa on and is at about -1 GPa at the end of a lithiation (Sethuraman 2010)",
)


def _silicon(data: _Set) -> Material:
    return Material(
        name=data.name,
        description=data.description,
        density=2330.0,
        lithium=Lithium(c_max=data.c_max, D_s=data.D_s, ocp=get_law("ocp", data.ocp), i_0=data.i_0),
        electronic=Electronic(sigma=constant(0.1, "S/m", source=ref.ZHANG_2024, assumed=True)),
        mechanical=Mechanical(
            E=data.E,
            nu=data.nu,
            swelling=linear_swelling(data.expansion, source=data.source),
            strength=1e9,
            toughness=7.0,
            yield_strength=get_law("yield_strength", "si_sethuraman_2010"),
        ),
        sources=(
            data.source,
            get_law("ocp", data.ocp).source,
            *((ref.QI_2014,) if data.E.variables else ()),
        ),
        assumed=(*data.assumed, *_COMMON_ASSUMED),
    )


_SPREAD = "D_s: 1e-15 m^2/s out of 1e-17 to 1.7e-14 reported; E_a 48.2 kJ/mol is from another set"

_DEFAULT = _Set(
    name="silicon",
    description="Amorphous silicon to Li3.75Si, lithiation branch of Verbrugge",
    ocp="si_verbrugge_lithiation",
    D_s=arrhenius(constant(1e-15, "m^2/s", source=ref.BATTMO, assumed=True), 48.2e3),
    source=ref.BATTMO,
    assumed=(_SPREAD,),
)
_CASTELLI = _Set(
    name="silicon_Castelli",
    description="Silicon particle of Castelli and Schoof: U of Chan, D_s 1e-17 m^2/s",
    ocp="si_chan_2007",
    c_max=311_470.0,
    D_s=constant(1e-17, "m^2/s", source=ref.CASTELLI_2021),
    expansion=1.096e-5 * 311_470.0,
    E=constant(90.13e9, "Pa", source=ref.CASTELLI_2021),
    nu=constant(0.22, "1", source=ref.CASTELLI_2021),
    source=ref.CASTELLI_2021,
    assumed=("i_0: 0.294 A/m^2, taken from the set of Chen 2020",),
)
SILICONS = (
    _silicon(_DEFAULT),
    _silicon(
        replace(
            _DEFAULT,
            name="silicon_delithiation",
            description="As silicon, delithiation branch of Verbrugge",
            ocp="si_verbrugge_delithiation",
        )
    ),
    _silicon(
        replace(
            _DEFAULT,
            name="silicon_average",
            description="As silicon, mean of both branches (no hysteresis)",
            ocp="si_verbrugge_average",
        )
    ),
    _silicon(
        replace(
            _DEFAULT,
            name="silicon_Li2012",
            description="As silicon, U of the thin film of Li 2012",
            ocp="si_li_2012",
            c_max=311_307.4,
        )
    ),
    _silicon(_CASTELLI),
)
