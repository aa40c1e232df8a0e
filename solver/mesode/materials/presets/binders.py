"""Carbon-binder and binder presets.

Only a porous matrix carries ions; a dense binder has the electronic or ionic group where its
source gives a conductivity, and otherwise only its mechanics.
"""

from __future__ import annotations

from dataclasses import replace

from mesode.materials import references as ref
from mesode.materials.bruggeman import bruggeman
from mesode.materials.elasticity import linear_swelling
from mesode.materials.law import constant
from mesode.materials.properties import (
    Electronic,
    Ionic,
    Material,
    Mechanical,
    Network,
    Relaxing,
)

_RECALLED = "literature range, recalled"


def _mechanical(
    E: float, nu: float, strength: float | None, source: str, *, assumed: bool
) -> Mechanical:
    return Mechanical(
        E=constant(E, "Pa", source=source, assumed=assumed),
        nu=constant(nu, "1", source=source, assumed=True),
        swelling=linear_swelling(0.0, source="a binder holds no lithium"),
        strength=strength,
        yield_strength=None
        if strength is None
        else constant(strength, "Pa", source=source, assumed=assumed),
    )


def _binder(
    name: str,
    description: str,
    density: float,
    mechanical: Mechanical,
    sources: tuple[str, ...],
    assumed: tuple[str, ...],
    *,
    sigma: float | None = None,
    ionic: Ionic | None = None,
) -> Material:
    return Material(
        name=name,
        description=description,
        density=density,
        electronic=None
        if sigma is None
        else Electronic(sigma=constant(sigma, "S/m", source="; ".join(sources))),
        ionic=ionic,
        mechanical=mechanical,
        sources=sources,
        assumed=(*assumed, *_flow(mechanical)),
    )


def _flow(mechanical: Mechanical) -> tuple[str, ...]:
    """Return what is assumed of the flow of a binder."""
    if mechanical.strength is None:
        return ()
    return (f"yield_strength: {mechanical.strength / 1e6:.4g} MPa, its strength; no hardening",)


_MATRICES = (
    _binder(
        "CMC_SBR_SuperP",
        "Porous matrix of Super P, CMC and SBR (10:5:5 by weight) that fills the space between "
        "particles",
        1460.0,
        _mechanical(0.2e9, 0.3, 6e6, "scaled from dense CMC/SBR by solid content", assumed=True),
        (ref.ZHANG_2024, ref.RECIPE_DIGEST, ref.KHAN_CBD),
        (
            "density: 1460 kg/m^3 of the solid, from Super P 1900, CMC 1600, SBR 960 kg/m^3",
            "porosity: 0.7, from an electrode porosity of 0.39 at a particle share of 0.45",
            f"macmullin: {bruggeman(0.7):.3g} = 0.7^-1.5, Bruggeman",
            "sigma: 100 S/m effective, out of 10 to 1000; 760 S/m is reported for a denser one",
            "E: 0.2 GPa effective, out of 0.1 to 0.5, for dense CMC/SBR of 0.5 to 0.7 GPa",
            "nu: 0.3",
            "strength: 6 MPa, 20 MPa of the dense binder times the solid share of 0.3",
        ),
        sigma=100.0,
        ionic=Ionic(porosity=0.7, macmullin=bruggeman(0.7)),
    ),
    _binder(
        "carbon_black",
        "Carbon black with binder (carbon-binder domain), nanoporous",
        1900.0,
        _mechanical(0.5e9, 0.3, None, "out of 0.05 to 2 GPa", assumed=True),
        (ref.KHAN_CBD, ref.RECIPE_DIGEST),
        (
            "porosity: 0.4, nanopores of 0.3 to 0.5, recalled",
            "macmullin: 7, D_eff/D of 0.05 to 0.3, recalled",
            "E: 0.5 GPa, out of 0.05 to 2",
            "nu: 0.3",
        ),
        sigma=760.0,
        ionic=Ionic(porosity=0.4, macmullin=7.0),
    ),
)

_DENSE = (
    _binder(
        "CMC_SBR",
        "Carboxymethyl cellulose with styrene-butadiene rubber, dense film",
        1200.0,
        _mechanical(0.6e9, 0.325, 20e6, _RECALLED, assumed=True),
        (ref.RECIPE_DIGEST,),
        (
            "density: 1200 kg/m^3, equal weights of CMC 1600 and SBR 960 kg/m^3",
            "E: 0.6 GPa, out of 0.5 to 0.7, weak source",
            "nu: 0.325, out of 0.3 to 0.35",
            "strength: 20 MPa, out of 10 to 30, recalled",
        ),
    ),
    _binder(
        "PVDF",
        "Polyvinylidene fluoride, dry film",
        1780.0,
        _mechanical(1.0e9, 0.34, 40e6, "weak public digest", assumed=True),
        (ref.RECIPE_DIGEST,),
        (
            "E: 1.0 GPa dry (0.993 in a weak source); about 0.2 GPa in electrolyte",
            "nu: 0.34, weak source",
            "strength: 40 MPa, out of 30 to 50, recalled",
        ),
    ),
    _binder(
        "PAA",
        "Polyacrylic acid (or its lithium salt), dry film",
        1200.0,
        _mechanical(3.0e9, 0.35, 75e6, _RECALLED, assumed=True),
        (ref.RECIPE_DIGEST,),
        (
            "E: 3 GPa dry, out of 2 to 4, below 1 in electrolyte, recalled",
            "nu: 0.35, recalled",
            "strength: 75 MPa, out of 50 to 100, recalled",
        ),
    ),
    _binder(
        "alginate",
        "Sodium alginate, dry film; softens little in carbonates",
        1600.0,
        _mechanical(3.0e9, 0.35, 75e6, ref.KOVALENKO_2011, assumed=True),
        (ref.KOVALENKO_2011,),
        (
            "density: 1600 kg/m^3, that of CMC",
            "E: 3 GPa, out of 2 to 4, recalled",
            "nu: 0.35, recalled",
            "strength: 75 MPa, out of 50 to 100, recalled",
        ),
    ),
    _binder(
        "alginate_borax",
        "Sodium alginate with borax: reversible bonds, heals itself",
        1690.0,
        replace(
            _mechanical(3.0e9, 0.35, None, "that of alginate", assumed=True),
            network=Network(bonds=Relaxing(share=0.8, time=300.0)),
        ),
        (ref.HE_2025, ref.KOVALENKO_2011),
        (
            "E: 3 GPa, that of alginate; none is reported for this one",
            "nu: 0.35, that of alginate",
            "network: 80 % of reversible bonds, the rest permanent; they come off in 300 s, the "
            "time in which two pieces heal together",
        ),
    ),
    _binder(
        "PFDP_Li",
        "Conductive polyfluorene binder with lithium propionate groups, not crosslinked",
        1200.0,
        _mechanical(1.70e9, 0.35, 17.42e6, ref.WANG_2025, assumed=False),
        (ref.WANG_2025,),
        (
            "density: 1200 kg/m^3, a usual polymer",
            "nu: 0.35",
            "sigma: 1.98 S/m as for the crosslinked film; not reported for this one",
        ),
        sigma=1.98,
    ),
    _binder(
        "PFDP_Li_crosslinked",
        "Conductive polyfluorene binder with lithium propionate groups, crosslinked",
        1200.0,
        _mechanical(2.76e9, 0.35, 87.85e6, ref.WANG_2025, assumed=False),
        (ref.WANG_2025,),
        ("density: 1200 kg/m^3, a usual polymer", "nu: 0.35"),
        sigma=1.98,
    ),
    _binder(
        "CCL",
        "Carboxymethyl cellulose with citric acid and lithium silicate",
        1600.0,
        _mechanical(12.48e9, 0.3, None, ref.HE_2026, assumed=False),
        (ref.HE_2026,),
        ("density: 1600 kg/m^3, that of CMC", "nu: 0.3"),
    ),
    _binder(
        "CMC",
        "Carboxymethyl cellulose, film by nanoindentation",
        1600.0,
        _mechanical(9.77e9, 0.3, 65e6, ref.HE_2026, assumed=False),
        (ref.HE_2026, ref.RECIPE_DIGEST),
        ("nu: 0.3", "strength: 65 MPa, out of 30 to 100, recalled"),
    ),
)

PRESETS = (*_MATRICES, *_DENSE)
