"""Current collectors that are resolved in the section: metal foils."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.elasticity import linear_swelling
from mesode.materials.law import constant
from mesode.materials.properties import Electronic, Material, Mechanical


def _foil(
    name: str, description: str, sigma: tuple[float, str], E: float, nu: float, density: float
) -> Material:
    value, source = sigma
    return Material(
        name=name,
        description=description,
        density=density,
        electronic=Electronic(sigma=constant(value, "S/m", source=source)),
        mechanical=Mechanical(
            E=constant(E, "Pa", source=ref.FOIL_HANDBOOK, assumed=True),
            nu=constant(nu, "1", source=ref.FOIL_HANDBOOK, assumed=True),
            swelling=linear_swelling(0.0, source="a current collector holds no lithium"),
        ),
        sources=tuple(dict.fromkeys((source, ref.FOIL_HANDBOOK))),
        assumed=(
            f"E: {E / 1e9:g} GPa, recalled; rolled foils differ by some 10 %",
            f"nu: {nu:g}, recalled",
        ),
    )


PRESETS = (
    _foil(
        "copper",
        "Copper foil, collector of anodes",
        (5.84e7, ref.CHEN_2020),
        115e9,
        0.34,
        8960.0,
    ),
    _foil(
        "aluminium",
        "Aluminium foil, collector of cathodes",
        (3.69e7, ref.CHEN_2020),
        70e9,
        0.33,
        2700.0,
    ),
)
