"""Keys of a homogenised layer: ``layer`` in the place of ``particles``, or around them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.particles import Share
from mesode.config.properties import number
from mesode.config.quantities import Fraction, LayerThickness, ParticleSize, Quantity
from mesode.materials.layers import BRUGGEMAN
from mesode.materials.properties import ParticleShape

Exponent = Annotated[float, Quantity(dimension="ratio", low="0", high="10")]


class LayerSpec(Block):
    """What fills a homogenised layer: particles that are not drawn, electrolyte, and the rest."""

    material: str | None = entry("Name of its active material; default: the first one.", None)
    fraction: Fraction = entry("Share of its volume that is active material.")
    porosity: Fraction = entry("Share of its volume that is electrolyte.")
    diameter: ParticleSize = entry("Diameter of its particles.")
    shape: ParticleShape = entry("Shape of its particles.", "sphere")
    inside: Literal["resolved", "uniform"] = entry(
        "resolved: lithium diffuses in the particles, along a radial coordinate; uniform: it is "
        "even in them.",
        "resolved",
    )
    bruggeman: Exponent = entry(
        "Exponent b of what is not given: macmullin = porosity^-b, sigma = that of the active "
        "material times fraction^b.",
        BRUGGEMAN,
    )
    macmullin: Annotated[float, number("macmullin")] | None = entry(
        "Bulk over effective ionic transport; default: by Bruggeman.", None
    )
    sigma: Annotated[float, number("sigma")] | None = entry(
        "Effective electronic conductivity; default: by Bruggeman.", None
    )
    pores_take: Share | None = entry(
        "Share of what its particles swell by that the pores take, until they are full; the rest "
        "makes the layer thicker. Default: 0, assumed.",
        None,
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fraction + self.porosity > 1.0 + 1e-12:
            text = f"expected at most {1.0 - self.fraction:.4g}, what the active material leaves"
            raise problem(text, path=("porosity",))
        return self


class LayerElectrode(Block):
    """An electrode that is a homogenised layer, from its collector to the separator."""

    thickness: LayerThickness = entry("Thickness of the electrode, without foil.")
    layer: LayerSpec = entry("What fills it.")
    collector: LayerThickness | None = entry(
        "Thickness of a resolved current collector of `materials.foil`; default: none.", None
    )
