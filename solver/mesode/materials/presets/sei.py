"""Solid electrolyte interphases: what is reduced on a surface, and what limits it.

All sets were fitted to graphite; on silicon they are a start, not a measurement.
"""

from __future__ import annotations

from dataclasses import replace

from mesode.constants import FARADAY
from mesode.materials import references as ref
from mesode.materials.properties import Sei

_OF_GRAPHITE = (
    "i_0_sei: fitted to cells of graphite",
    "D_solvent: fitted to cells of graphite",
)
_NEVER = "crack_strain: none, the film never cracks; 0.1 (5 % in each direction) is a start"

_EC = Sei(
    name="EC_Yang_2017",
    description="Reduction of ethylene carbonate, limited by its rate and its way through the film",
    law="ec_reaction_limited",
    i_0_sei=FARADAY * 4541.0 * 1e-12,  # rate constant 1e-12 m/s
    U_sei=0.4,
    c_solvent=4541.0,
    D_solvent=2e-18,
    V_sei=9.585e-5,
    z_sei=2.0,
    kappa_sei=5e-6,
    initial_thickness=5e-9,
    sources=(ref.YANG_2017,),
    assumed=(*_OF_GRAPHITE, _NEVER, "U_sei: 0.4 V, that of Ramadass 2004"),
)
PRESETS = (
    _EC,
    replace(
        _EC,
        name="solvent_OKane_2022",
        description="Growth limited by the way of the solvent through the film: its root of time",
        law="solvent_diffusion_limited",
        c_solvent=2636.0,
        D_solvent=2.5e-22,
        E_a_sei=38e3,
        z_sei=1.0,
        sources=(ref.OKANE_2022,),
        assumed=(
            _OF_GRAPHITE[1],
            _NEVER,
            "i_0_sei: that of Yang 2017, for another law",
            "U_sei: 0.4 V, that of Ramadass 2004",
            "z_sei: 1, as in the paper, which calls it a simplification",
        ),
    ),
    replace(
        _EC,
        name="reaction_Ramadass_2004",
        description="Growth limited by the rate of the reduction: linear in time at a potential",
        law="reaction_limited",
        i_0_sei=1.5e-7,
        sources=(ref.RAMADASS_2004,),
        assumed=(
            _OF_GRAPHITE[0],
            _NEVER,
            "c_solvent: that of Yang 2017, for another law",
            "D_solvent: that of Yang 2017, for another law",
            "V_sei: that of Yang 2017",
            "z_sei: that of Yang 2017",
            "kappa_sei: that of Yang 2017",
        ),
    ),
)
