"""NMC811 of the LG M50 cell."""

from __future__ import annotations

from mesode.materials import references as ref
from mesode.materials.elasticity import linear_swelling
from mesode.materials.law import constant
from mesode.materials.library import get_law
from mesode.materials.properties import Electronic, Lithium, Material, Mechanical

_RECALLED = "NMC particle mechanics, recalled"

NMCS = (
    Material(
        name="NMC811",
        description="LiNi0.8Mn0.1Co0.1O2 of the LG M50 cell, Chen 2020",
        density=4750.0,
        lithium=Lithium(
            c_max=63_104.0,
            D_s=get_law("D_s", "nmc811_chen_2020"),
            ocp=get_law("ocp", "nmc811_chen_2020"),
            i_0=get_law("i_0", "nmc811_chen_2020"),
        ),
        electronic=Electronic(sigma=constant(0.18, "S/m", source=ref.CHEN_2020)),
        mechanical=Mechanical(
            E=constant(170e9, "Pa", source=_RECALLED, assumed=True),
            nu=constant(0.25, "1", source=_RECALLED, assumed=True),
            swelling=linear_swelling(0.08, source=_RECALLED, assumed=True),
        ),
        sources=(ref.CHEN_2020,),
        assumed=(
            "density: 4750 kg/m^3",
            "E: 170 GPa, middle of 140 to 200 recalled for NMC particles",
            "nu: 0.25",
            "volumetric_expansion: 8 % over the whole range; 3 to 8 % recalled for a window to "
            "4.3 V; linear, while the true curve is not",
            "double_layer: 0.2 F/m^2, the usual value of the PyBaMM parameter files",
        ),
    ),
)
