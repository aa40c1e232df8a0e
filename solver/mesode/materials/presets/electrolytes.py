"""Liquid electrolytes at 1 mol/l."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.library import get_law
from mesode.materials.properties import Electrolyte

_CONCENTRATION = 1000.0  # [mol/m^3]


def _electrolyte(
    name: str,
    description: str,
    law: str,
    sources: tuple[str, ...],
    *,
    tdf: str | None = None,
    assumed: tuple[str, ...] = (),
) -> Electrolyte:
    return Electrolyte(
        name=name,
        description=description,
        concentration=_CONCENTRATION,
        kappa=get_law("kappa", law),
        D_e=get_law("D_e", law),
        t_plus=get_law("t_plus", law),
        tdf=get_law("tdf", tdf or law),
        sources=sources,
        assumed=assumed,
    )


PRESETS = (
    _electrolyte(
        "LiPF6_EC_DMC",
        "LiPF6 in EC:DMC 1:1 by weight, Landesfeind and Gasteiger 2019; also the nearest known "
        "set for EC/DEC/DMC",
        "landesfeind_2019_ec_dmc",
        (ref.LANDESFEIND_2019,),
    ),
    _electrolyte(
        "LiPF6_EC_EMC",
        "LiPF6 in EC:EMC 3:7 by weight, Landesfeind and Gasteiger 2019",
        "landesfeind_2019_ec_emc",
        (ref.LANDESFEIND_2019,),
    ),
    _electrolyte(
        "LiPF6_EC_EMC_Nyman",
        "LiPF6 in EC:EMC 3:7 by weight, Nyman 2008 with an activation energy of 17 kJ/mol",
        "nyman_2008",
        (ref.NYMAN_2008, ref.ECKER_2015),
        tdf="ideal",
        assumed=(
            "tdf: 1, as usual with this set",
            "t_plus: cubic recalled; its value at 1 mol/l is confirmed",
            "E_a_kappa: 17 kJ/mol, measured in another electrolyte (Ecker 2015)",
            "E_a_D_e: 17 kJ/mol, measured in another electrolyte (Ecker 2015)",
        ),
    ),
    _electrolyte(
        "LiPF6_PC_EC_DMC",
        "LiPF6 in PC/EC/DMC, Valoen and Reimers 2005",
        "valoen_reimers_2005",
        (ref.VALOEN_2005,),
    ),
)
