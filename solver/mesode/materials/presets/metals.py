"""Counter electrodes of lithium metal."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.library import get_law
from mesode.materials.properties import LithiumMetal

PRESETS = (
    LithiumMetal(
        name="lithium_metal",
        description="Lithium foil, i_0 = 70.6 A/m^2 at 1 mol/l (Xu 2019), no surface film",
        i_0=get_law("i_0", "lithium_xu_2019"),
        sources=(ref.XU_2019,),
        assumed=(
            "film_resistance: none; 1e-4 to 2e-3 ohm m^2 are plausible",
            "double_layer: 0.2 F/m^2, taken from insertion electrodes",
            "E_a_i_0: none given, i_0 does not depend on temperature",
        ),
    ),
)
