"""One table of the properties that a material may have: dimension, bounds, variables, meaning.

Keys of the case file, the bounds of values and of laws from Python, units in ``materials.yaml`` and
the reference pages all come from here. Bounds are written with their unit; what is closed and what
is open has the words of the messages: ``low`` at least, ``above``, ``high`` at most, ``below``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mesode.units import Bounds

if TYPE_CHECKING:
    from collections.abc import Mapping

type Variable = Literal["sto", "c_e", "T"]
#: What a property belongs to: any phase, a group that a phase may have, or a material of its own.
type Owner = Literal[
    "phase", "lithium", "pores", "solid", "swelling", "electrolyte", "coating", "counter", "sei"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property: a number, or a law of its ``variables`` where there are any.

    ``inside``: a law that is asked for no lithiation beyond the known range of the potential;
    ``falling``: it falls with the lithiation.
    """

    key: str
    meaning: str
    bounds: Bounds
    owners: tuple[Owner, ...]
    variables: tuple[Variable, ...] = ()
    inside: bool = False
    falling: bool = False


_ENERGY: Final = Bounds(dimension="molar_energy", low="0 kJ/mol", high="500 kJ/mol")
_DIFFUSIVITY: Final = Bounds(dimension="diffusivity", above="0 m^2/s", high="1e-4 m^2/s")
_CURRENT: Final = Bounds(dimension="current_density", above="0 A/m^2", high="1e6 A/m^2")
_TRANSFER: Final = Bounds(dimension="ratio", above="0", below="2")
_MODULUS: Final = Bounds(dimension="pressure", above="0 Pa", high="10 TPa")
_SURFACES: Final[tuple[Owner, ...]] = ("lithium", "coating", "counter")

_TABLE: Final = (
    Property(
        key="density",
        meaning="Density.",
        bounds=Bounds(dimension="density", low="0.01 g/cm^3", high="25 g/cm^3"),
        owners=("phase",),
    ),
    Property(
        key="c_max",
        meaning="Largest concentration of lithium.",
        bounds=Bounds(dimension="concentration", above="0 mol/l", high="1000 mol/l"),
        owners=("lithium",),
    ),
    Property(
        key="D_s",
        meaning="Diffusivity of lithium.",
        owners=("lithium",),
        variables=("sto", "T"),
        bounds=_DIFFUSIVITY,
    ),
    Property(
        key="E_a_D_s",
        meaning="Activation energy of D_s.",
        owners=("lithium",),
        bounds=_ENERGY,
    ),
    Property(
        key="ocp",
        meaning="Open-circuit potential against lithium.",
        bounds=Bounds(dimension="voltage", low="-1 V", high="6 V"),
        owners=("lithium",),
        variables=("sto", "T"),
        inside=True,
        falling=True,
    ),
    Property(
        key="i_0",
        meaning="Exchange current density.",
        owners=_SURFACES,
        variables=("sto", "c_e", "T"),
        inside=True,
        bounds=_CURRENT,
    ),
    Property(
        key="i_0_ref",
        meaning="Scales the preset's exchange current density to this value at the reference state "
        "(lithiation 0.5, 1 mol/l, 25 degC).",
        owners=_SURFACES,
        bounds=_CURRENT,
    ),
    Property(
        key="E_a_i_0",
        meaning="Activation energy of the exchange current.",
        owners=("lithium", "counter"),
        bounds=_ENERGY,
    ),
    Property(
        key="alpha_a",
        meaning="Anodic transfer coefficient.",
        owners=_SURFACES,
        bounds=_TRANSFER,
    ),
    Property(
        key="alpha_c",
        meaning="Cathodic transfer coefficient.",
        owners=_SURFACES,
        bounds=_TRANSFER,
    ),
    Property(
        key="film_resistance",
        meaning="Resistance of the surface film.",
        bounds=Bounds(dimension="areal_resistance", low="0 ohm*m^2", high="100 ohm*m^2"),
        owners=_SURFACES,
    ),
    Property(
        key="double_layer",
        meaning="Capacitance of the double layer.",
        bounds=Bounds(dimension="areal_capacitance", low="0 F/m^2", high="1000 F/m^2"),
        owners=_SURFACES,
    ),
    Property(
        key="thickness",
        meaning="Thickness of the coating.",
        bounds=Bounds(dimension="length", above="0 nm", high="1 um"),
        owners=("coating",),
    ),
    Property(
        key="sigma",
        meaning="Electronic conductivity.",
        bounds=Bounds(dimension="conductivity", above="0 S/m", below="1e9 S/m"),
        owners=("phase", "coating"),
        variables=("sto", "T"),
    ),
    Property(
        key="E_a_sigma",
        meaning="Activation energy of sigma.",
        owners=("phase", "coating"),
        bounds=_ENERGY,
    ),
    Property(
        key="porosity",
        meaning="Volume share of electrolyte-filled pores.",
        bounds=Bounds(dimension="ratio", above="0", high="1"),
        owners=("pores",),
    ),
    Property(
        key="macmullin",
        meaning="Bulk over effective ionic transport.",
        bounds=Bounds(dimension="ratio", low="1", high="1e4"),
        owners=("pores",),
    ),
    Property(
        key="E",
        meaning="Young's modulus.",
        owners=("solid", "coating"),
        variables=("sto",),
        bounds=_MODULUS,
    ),
    Property(
        key="nu",
        meaning="Poisson's ratio.",
        bounds=Bounds(dimension="ratio", above="-1", below="0.5"),
        owners=("solid", "coating"),
        variables=("sto",),
    ),
    Property(
        key="volumetric_expansion",
        meaning="Relative change of volume from empty to full, linear in the lithiation.",
        bounds=Bounds(dimension="ratio", low="-0.5", high="10"),
        owners=("swelling",),
    ),
    Property(
        key="partial_molar_volume",
        meaning="Partial molar volume of lithium, instead of volumetric_expansion.",
        bounds=Bounds(dimension="molar_volume", low="-50 cm^3/mol", high="50 cm^3/mol"),
        owners=("swelling",),
    ),
    Property(
        key="strength",
        meaning="Strength; a run warns where the von Mises stress exceeds it.",
        owners=("solid",),
        bounds=_MODULUS,
    ),
    Property(
        key="toughness",
        meaning="Energy that a crack takes per area; a run tells which particles have more to "
        "release. No equation uses it.",
        bounds=Bounds(dimension="areal_energy", above="0 J/m^2", high="1e4 J/m^2"),
        owners=("swelling",),
    ),
    Property(
        key="yield_strength",
        meaning="Yield strength, in finite mechanics; without it a solid stays elastic.",
        owners=("solid",),
        variables=("sto",),
        bounds=_MODULUS,
    ),
    Property(
        key="hardening",
        meaning="Rise of the yield strength per plastic strain, in finite mechanics.",
        bounds=Bounds(dimension="pressure", low="0 Pa", high="10 TPa"),
        owners=("solid",),
    ),
    Property(
        key="flow_rate",
        meaning="Rate of viscous flow at twice the yield strength, in finite mechanics; without it "
        "flow is as fast as it has to be.",
        bounds=Bounds(dimension="rate", above="0 1/s", high="1e6 1/s"),
        owners=("solid",),
    ),
    Property(
        key="flow_exponent",
        meaning="Exponent of the power law of viscous flow, of the stress beyond the yield "
        "strength over it.",
        bounds=Bounds(dimension="ratio", low="1", high="30"),
        owners=("solid",),
    ),
    Property(
        key="adhesion_strength",
        meaning="Stress at which it begins to come off other bodies and the collector, in finite "
        "mechanics; without it nothing comes off.",
        bounds=Bounds(dimension="pressure", low="1 kPa", high="100 GPa"),
        owners=("solid",),
    ),
    Property(
        key="adhesion_toughness",
        meaning="Energy per area that it takes to come off, with adhesion_strength.",
        bounds=Bounds(dimension="toughness", low="1e-4 J/m^2", high="1e5 J/m^2"),
        owners=("solid",),
    ),
    Property(
        key="concentration",
        meaning="Salt concentration at rest.",
        bounds=Bounds(dimension="concentration", low="0.001 mol/l", high="10 mol/l"),
        owners=("electrolyte",),
    ),
    Property(
        key="kappa",
        meaning="Ionic conductivity.",
        bounds=Bounds(dimension="conductivity", above="0 S/m", below="1e4 S/m"),
        owners=("electrolyte",),
        variables=("c_e", "T"),
    ),
    Property(
        key="E_a_kappa",
        meaning="Activation energy of kappa.",
        owners=("electrolyte",),
        bounds=_ENERGY,
    ),
    Property(
        key="D_e",
        meaning="Diffusivity of the salt.",
        owners=("electrolyte",),
        variables=("c_e", "T"),
        bounds=_DIFFUSIVITY,
    ),
    Property(
        key="E_a_D_e",
        meaning="Activation energy of D_e.",
        owners=("electrolyte",),
        bounds=_ENERGY,
    ),
    Property(
        key="t_plus",
        meaning="Transference number of lithium.",
        bounds=Bounds(dimension="ratio", low="-1", below="1"),
        owners=("electrolyte",),
        variables=("c_e", "T"),
    ),
    Property(
        key="tdf",
        meaning="Thermodynamic factor 1 + dlnf/dlnc.",
        bounds=Bounds(dimension="ratio", above="0", high="100"),
        owners=("electrolyte",),
        variables=("c_e", "T"),
    ),
    Property(
        key="i_0_sei",
        meaning="Exchange current density of the reduction of the solvent.",
        bounds=Bounds(dimension="current_density", above="0 A/m^2", high="1000 A/m^2"),
        owners=("sei",),
    ),
    Property(
        key="alpha_sei",
        meaning="Cathodic transfer coefficient of that reduction.",
        bounds=Bounds(dimension="ratio", above="0", below="2"),
        owners=("sei",),
    ),
    Property(
        key="U_sei",
        meaning="Potential against lithium below which the solvent is reduced.",
        bounds=Bounds(dimension="voltage", low="-1 V", high="4 V"),
        owners=("sei",),
    ),
    Property(
        key="c_solvent",
        meaning="Concentration of the solvent outside the film.",
        bounds=Bounds(dimension="concentration", above="0 mol/l", high="1000 mol/l"),
        owners=("sei",),
    ),
    Property(
        key="D_solvent",
        meaning="Diffusivity of the solvent in the film.",
        bounds=_DIFFUSIVITY,
        owners=("sei",),
    ),
    Property(
        key="E_a_sei",
        meaning="Activation energy of the growth, whatever limits it.",
        bounds=_ENERGY,
        owners=("sei",),
    ),
    Property(
        key="V_sei",
        meaning="Molar volume of the film.",
        bounds=Bounds(dimension="molar_volume", above="0 cm^3/mol", high="10000 cm^3/mol"),
        owners=("sei",),
    ),
    Property(
        key="z_sei",
        meaning="Lithium, and electrons, in a mole of the film.",
        bounds=Bounds(dimension="ratio", above="0", high="10"),
        owners=("sei",),
    ),
    Property(
        key="kappa_sei",
        meaning="Ionic conductivity of the film.",
        bounds=Bounds(dimension="conductivity", above="0 S/m", below="1e4 S/m"),
        owners=("sei",),
    ),
    Property(
        key="initial_thickness",
        meaning="Thickness of the film at the start.",
        bounds=Bounds(dimension="length", low="0 nm", high="10 um"),
        owners=("sei",),
    ),
    Property(
        key="crack_strain",
        meaning="Growth of the surface, relative to its area, that the film follows elastically; "
        "what comes beyond is bare. Without it the film never cracks.",
        bounds=Bounds(dimension="ratio", low="0", high="10"),
        owners=("sei",),
    ),
)

PROPERTIES: Final[Mapping[str, Property]] = {each.key: each for each in _TABLE}


def keys_of(*owners: Owner) -> tuple[str, ...]:
    """Return the keys of the properties that belong to any of these."""
    return tuple(each.key for each in _TABLE if set(owners) & set(each.owners))
