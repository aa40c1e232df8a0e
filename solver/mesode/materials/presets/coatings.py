"""Coatings of particles: films of some nanometres that conduct, resist and hold together."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.law import constant
from mesode.materials.properties import Coating

PRESETS = (
    Coating(
        name="carbon_coating",
        description="Amorphous carbon shell by chemical vapour deposition, 10 nm, 3e3 S/m, 20 GPa",
        thickness=10e-9,
        sigma=constant(3e3, "S/m", source=ref.CARBON_SHELL, assumed=True),
        E=constant(20e9, "Pa", source=ref.CARBON_SHELL, assumed=True),
        nu=constant(0.2, "1", source=ref.CARBON_SHELL, assumed=True),
        sources=(ref.CARBON_SHELL,),
        assumed=(
            "thickness: 10 nm, in the usual range of 5 to 50 nm",
            "sigma: 3e3 S/m, the middle of 1e3 to 1e4 S/m",
            "E: 20 GPa, the middle of 10 to 30 GPa of amorphous carbon; graphene reaches 1 TPa in "
            "its plane",
            "nu: 0.2",
            "film_resistance: none; 1e-4 to 2e-3 ohm m^2 are plausible",
            "i_0: that of the particle without coating",
        ),
    ),
)
