"""Graphite: the LG M50 set and the pure graphite of Mohtat."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.law import constant
from mesode.materials.library import get_law
from mesode.materials.properties import Electronic, Lithium, Material, Mechanical

_ASSUMED = (
    "density: 2260 kg/m^3, that of crystalline graphite",
    "sigma: 215 S/m is the value of the electrode, taken for the particle",
    "double_layer: 0.2 F/m^2, the usual value of the PyBaMM parameter files",
)


def _graphite(name: str, description: str, ocp: str, c_max: float, source: str) -> Material:
    return Material(
        name=name,
        description=description,
        density=2260.0,
        lithium=Lithium(
            c_max=c_max,
            D_s=get_law("D_s", "graphite_chen_2020"),
            ocp=get_law("ocp", ocp),
            i_0=get_law("i_0", "graphite_chen_2020"),
        ),
        electronic=Electronic(sigma=constant(215.0, "S/m", source=ref.CHEN_2020, assumed=True)),
        mechanical=Mechanical(
            E=constant(15e9, "Pa", source=ref.AI_2020),
            nu=constant(0.3, "1", source=ref.AI_2020),
            swelling=get_law("swelling", "graphite_ai_2020"),
            strength=60e6,
        ),
        sources=tuple(dict.fromkeys((source, ref.CHEN_2020, ref.AI_2020, ref.RIEGER_2016))),
        assumed=_ASSUMED,
    )


GRAPHITES = (
    _graphite(
        "graphite",
        "Graphite of the LG M50 cell (contains some SiOx), Chen 2020",
        "graphite_lgm50",
        33_133.0,
        ref.CHEN_2020,
    ),
    _graphite(
        "graphite_Mohtat",
        "Pure graphite: U of Mohtat 2020; D_s and i_0 as in the LG M50 set",
        "graphite_mohtat",
        28_746.0,
        ref.MOHTAT_2020,
    ),
)
