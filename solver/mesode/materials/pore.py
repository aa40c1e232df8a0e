"""What is not a material of the user's: pores filled with electrolyte alone, and empty space."""

from __future__ import annotations

from typing import Final

from mesode.materials.properties import Ionic, Material

OPEN_PORE: Final = Material(
    name="open pore",
    description="Electrolyte without a solid in it",
    density=0.0,
    ionic=Ionic(porosity=1.0, macmullin=1.0),
)
VOID: Final = Material(name="void", description="Empty space, a gap or a hole", density=0.0)
