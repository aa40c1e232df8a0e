"""How far linear mechanics goes: the lithiations between which a host hardly swells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mesode.config.physics import Physics
    from mesode.materials.properties import Material

# Volumetric swelling beyond which small-strain elasticity is an estimate: 10 % is 3 % of length.
SMALL_SWELLING = 0.1
_STO = np.linspace(0.0, 1.0, 1001)


def linear_notes(
    physics: Physics, materials: Mapping[str, Material], starts: Mapping[str, float]
) -> Iterator[str]:
    """Yield, of each host, between which lithiations linear mechanics holds if not everywhere.

    Args:
        physics: Of the case.
        materials: By phase.
        starts: Lithiation of each host at the begin, where it is free of stress.
    """
    if physics.mechanics != "linear":
        return
    for host, start in starts.items():
        mechanical = materials[host].mechanical
        if mechanical is None:
            continue
        change = np.abs(mechanical.swelling_since(start, _STO))
        far = np.abs(_STO - start)[change > SMALL_SWELLING]
        if far.size:
            below, above = max(start - far.min(), 0.0), min(start + far.min(), 1.0)
            yield (
                f"{host} swells or shrinks by up to {100 * change.max():.0f} % of its volume on "
                f"the way to lithiation 0 or 1; linear elasticity holds to about "
                f"{100 * SMALL_SWELLING:.0f} %, between lithiation {below:.2g} and {above:.2g}. "
                "Beyond, take physics.mechanics: finite"
            )
