"""A host as a homogenised layer: its particles, and effective transport around them.

Bruggeman's law for a medium of which a share eps conducts, unless a value is given::

    N_M = eps^-b              ions, eps the porosity
    sigma = sigma_s eps_s^b   electrons, eps_s the share of the active material

Source: Bruggeman, Ann. Phys. 416 (1935) 636; b = 1.5 for spheres.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from mesode.materials.law import constant, scaled
from mesode.materials.override_rules import USER
from mesode.materials.properties import Electronic, Ionic

if TYPE_CHECKING:
    from mesode.materials.properties import Layer, Material

BRUGGEMAN: Final = 1.5


def in_layer(
    material: Material,
    layer: Layer,
    *,
    porosity: float,
    bruggeman: float = BRUGGEMAN,
    macmullin: float | None = None,
    sigma: float | None = None,
) -> Material:
    """Return a host as the material of a layer; what it assumes is among its ``assumed``.

    It has no mechanics: particles that nobody draws press on nothing. How they swell is kept.

    Args:
        material: The host as it is in a particle.
        layer: Its particles.
        porosity: Share of the volume that is electrolyte.
        bruggeman: Exponent b.
        macmullin: Given MacMullin number.
        sigma: Given effective conductivity [S/m].

    Raises:
        ValueError: the host does not conduct electrons, and no ``sigma`` is given.
    """
    notes, dropped = [], {*_UNUSED, *(("sigma",) if sigma is not None else ())}
    if macmullin is None:
        macmullin = porosity**-bruggeman
        notes.append(f"macmullin: {macmullin:.3g} = {porosity:g}^-{bruggeman:g}, Bruggeman")
    if sigma is not None:
        law = constant(sigma, "S/m", source=USER)
    elif material.electronic is not None:
        law = scaled(material.electronic.sigma, layer.fraction**bruggeman)
        share = f"{layer.fraction:g}^{bruggeman:g}"
        notes.append(f"sigma: that of the particles times {share}, Bruggeman")
    else:
        raise ValueError(f"{material.name} conducts no electrons")
    kept = [text for text in material.assumed if text.partition(":")[0] not in dropped]
    return replace(
        material,
        electronic=Electronic(sigma=law),
        ionic=Ionic(porosity=porosity, macmullin=macmullin),
        mechanical=None,
        layer=replace(layer, swelling=material.swelling),
        assumed=(*kept, *notes),
    )


#: What of a host a layer does not use.
_UNUSED: Final = (
    "E", "nu", "strength", "toughness", "yield_strength", "hardening", "flow_rate", "flow_exponent",
)  # fmt: skip
