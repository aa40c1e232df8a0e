"""Separators: porous polypropylene, mechanically not resolved."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.properties import Ionic, Material

_DENSITY = 910.0  # [kg/m^3], polypropylene
_ASSUMED_DENSITY = "density: 910 kg/m^3, polypropylene; not used by the equations"

PRESETS = (
    Material(
        name="Celgard_2500",
        description="Polypropylene, usually 25 um, porosity 0.55, MacMullin number 4.5 +- 0.3",
        density=_DENSITY,
        ionic=Ionic(porosity=0.55, macmullin=4.5),
        sources=(ref.LANDESFEIND_2016,),
        assumed=(_ASSUMED_DENSITY,),
    ),
    Material(
        name="Celgard_2400",
        description="Polypropylene, usually 25 um, porosity 0.41, MacMullin number 9.3",
        density=_DENSITY,
        ionic=Ionic(porosity=0.41, macmullin=9.3),
        sources=(ref.LANDESFEIND_2016, ref.THORAT),
        assumed=(
            "macmullin: 9.3 = 0.41^-2.5, the trend of Celgard membranes; 7.7 to 9.8 follow from "
            "reported tortuosities",
            _ASSUMED_DENSITY,
        ),
    ),
)
