r"""Thickness and pores of a homogenised layer whose particles swell.

The layer is as wide as its foil and has its thickness alone to give. V is the volume that a
particle has gained over its own at the start, by its mean lithiation; per volume of the layer as it
was the particles need eps_s V more. The pores, eps of the volume, take the share p of that, until
nothing is left of them, and the rest makes the layer thicker::

    taken = min(p eps_s V, eps)
    dL/L  = eps_s V - taken

at each depth. What else the layer is made of keeps its volume. p is a property of the binder and of
how the layer was pressed, which no equation here gives: it is an assumption, with p = 0 the
electrode thickens by all that its particles swell, with p = 1 its pores are filled first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

if TYPE_CHECKING:
    from mesode.materials.properties import Layer


def taken_by_pores(layer: Layer, porosity: float, V: Any) -> Any:
    """Return what the pores give to the particles, per volume of the layer at the start.

    Args:
        layer: Its fraction eps_s, and the share p.
        porosity: eps.
        V: Volume that the particles have gained over their own.
    """
    return ufl.min_value(layer.pores_take * layer.fraction * V, porosity)


def thickening(layer: Layer, porosity: float, V: Any) -> Any:
    """Return dL/L; arguments as of ``taken_by_pores``."""
    return layer.fraction * V - taken_by_pores(layer, porosity, V)
