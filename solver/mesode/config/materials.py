"""Section ``materials``: a preset for each phase, and what is different from it."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, model_validator

from mesode.config.base import Section, entry, problem
from mesode.config.laws import LawForm, LawSpec
from mesode.config.quantities import (
    Capacitance,
    Concentration,
    CurrentDensity,
    Density,
    FilmResistance,
    MacMullin,
    MolarEnergy,
    MolarVolume,
    Porosity,
    Quantity,
    SaltConcentration,
    Stress,
    TransferCoefficient,
)
from mesode.materials.names import UnknownNameError
from mesode.materials.presets import get_preset

_PRESET: Final = "Name of a preset, see `mesode list`."
Swelling = Annotated[float, Quantity(dimension="ratio", low="-0.5", high="10")]

DiffusivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="D_s",
        quantity=Quantity(dimension="diffusivity", above="0 m^2/s", high="1e-4 m^2/s"),
        variables=("sto", "T"),
    ),
]
PotentialLaw = Annotated[
    LawSpec,
    LawForm(
        name="ocp",
        quantity=Quantity(dimension="voltage", low="-1 V", high="6 V"),
        variables=("sto", "T"),
    ),
]
ExchangeLaw = Annotated[
    LawSpec,
    LawForm(
        name="i_0",
        quantity=Quantity(dimension="current_density", low="0 A/m^2", high="1e6 A/m^2"),
        variables=("sto", "c_e", "T"),
    ),
]
ConductivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="sigma",
        quantity=Quantity(dimension="conductivity", above="0 S/m", below="1e9 S/m"),
        variables=("sto", "T"),
    ),
]
ModulusLaw = Annotated[
    LawSpec,
    LawForm(
        name="E",
        quantity=Quantity(dimension="pressure", above="0 Pa", high="10 TPa"),
        variables=("sto",),
    ),
]
PoissonLaw = Annotated[
    LawSpec,
    LawForm(
        name="nu", quantity=Quantity(dimension="ratio", above="-1", below="0.5"), variables=("sto",)
    ),
]
IonicConductivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="kappa",
        quantity=Quantity(dimension="conductivity", above="0 S/m", below="1e4 S/m"),
        variables=("c_e", "T"),
    ),
]
SaltDiffusivityLaw = Annotated[
    LawSpec,
    LawForm(
        name="D_e",
        quantity=Quantity(dimension="diffusivity", above="0 m^2/s", high="1e-4 m^2/s"),
        variables=("c_e", "T"),
    ),
]
TransferenceLaw = Annotated[
    LawSpec,
    LawForm(
        name="t_plus",
        quantity=Quantity(dimension="ratio", low="-1", below="1"),
        variables=("c_e", "T"),
    ),
]
ThermodynamicLaw = Annotated[
    LawSpec,
    LawForm(
        name="tdf",
        quantity=Quantity(dimension="ratio", above="0", high="100"),
        variables=("c_e", "T"),
    ),
]
CounterExchangeLaw = Annotated[
    LawSpec,
    LawForm(
        name="i_0",
        quantity=Quantity(dimension="current_density", above="0 A/m^2", high="1e6 A/m^2"),
        variables=("c_e", "T"),
    ),
]


def preset_of(kind: str) -> AfterValidator:
    """Return the check that a preset of this kind exists."""

    def check(name: str) -> str:
        try:
            get_preset(kind, name)
        except UnknownNameError as error:
            hint = f"{error.hint[:1].upper()}{error.hint[1:]}"
            raise problem(f"expected the name of a preset of kind {kind}", hint) from None
        return name

    return AfterValidator(check)


class Kinetics(Section):
    """Charge transfer at a surface."""

    i_0_ref: CurrentDensity | None = entry(
        "Scales the preset's exchange current density to this value at the reference state "
        "(lithiation 0.5, 1 mol/l, 25 degC).",
        None,
    )
    E_a_i_0: MolarEnergy | None = entry("Activation energy of the exchange current.", None)
    alpha_a: TransferCoefficient | None = entry("Anodic transfer coefficient.", None)
    alpha_c: TransferCoefficient | None = entry("Cathodic transfer coefficient.", None)
    film_resistance: FilmResistance | None = entry("Resistance of the surface film.", None)
    double_layer: Capacitance | None = entry("Capacitance of the double layer.", None)


class ActiveMaterial(Kinetics):
    """The lithium host."""

    preset: Annotated[str, preset_of("active")] = entry(_PRESET)
    density: Density | None = entry("Density without lithium.", None)
    c_max: Concentration | None = entry("Largest concentration of lithium.", None)
    D_s: DiffusivityLaw | None = entry("Diffusivity of lithium (sto, T).", None)
    E_a_D_s: MolarEnergy | None = entry("Activation energy of D_s.", None)
    ocp: PotentialLaw | None = entry("Open-circuit potential against lithium (sto, T).", None)
    i_0: ExchangeLaw | None = entry("Exchange current density (sto, c_e, T).", None)
    sigma: ConductivityLaw | None = entry("Electronic conductivity (sto, T).", None)
    E_a_sigma: MolarEnergy | None = entry("Activation energy of sigma.", None)
    E: ModulusLaw | None = entry("Young's modulus (sto).", None)
    nu: PoissonLaw | None = entry("Poisson's ratio (sto).", None)
    volumetric_expansion: Swelling | None = entry(
        "Relative change of volume from empty to full, linear in the lithiation.", None
    )
    partial_molar_volume: MolarVolume | None = entry(
        "Partial molar volume of lithium, instead of volumetric_expansion.", None
    )
    strength: Stress | None = entry(
        "Strength; a run warns where the von Mises stress exceeds it.", None
    )

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        if self.volumetric_expansion is not None and self.partial_molar_volume is not None:
            expected = "expected either partial_molar_volume or volumetric_expansion, not both"
            raise problem(expected, path=("partial_molar_volume",))
        if self.i_0 is not None and self.i_0_ref is not None:
            raise problem("expected either i_0_ref or i_0, not both", path=("i_0_ref",))
        return self


class CarbonBinder(Section):
    """The porous carbon-binder; sigma, E and nu are those of the porous phase."""

    preset: Annotated[str, preset_of("carbon_binder")] = entry(_PRESET)
    density: Density | None = entry("Density of the porous phase.", None)
    porosity: Porosity | None = entry("Volume share of electrolyte-filled pores.", None)
    macmullin: MacMullin | None = entry("Bulk over effective ionic transport.", None)
    sigma: ConductivityLaw | None = entry("Electronic conductivity (sto, T).", None)
    E: ModulusLaw | None = entry("Young's modulus.", None)
    nu: PoissonLaw | None = entry("Poisson's ratio.", None)
    strength: Stress | None = entry(
        "Strength; a run warns where the von Mises stress exceeds it.", None
    )


class ElectrolyteSpec(Section):
    """The liquid electrolyte."""

    preset: Annotated[str, preset_of("electrolyte")] = entry(_PRESET)
    concentration: SaltConcentration | None = entry("Salt concentration at rest.", None)
    kappa: IonicConductivityLaw | None = entry("Ionic conductivity (c_e, T).", None)
    E_a_kappa: MolarEnergy | None = entry("Activation energy of kappa.", None)
    D_e: SaltDiffusivityLaw | None = entry("Diffusivity of the salt (c_e, T).", None)
    E_a_D_e: MolarEnergy | None = entry("Activation energy of D_e.", None)
    t_plus: TransferenceLaw | None = entry("Transference number of lithium (c_e, T).", None)
    tdf: ThermodynamicLaw | None = entry("Thermodynamic factor 1 + dlnf/dlnc (c_e, T).", None)


class SeparatorSpec(Section):
    """The porous separator."""

    preset: Annotated[str, preset_of("separator")] = entry(_PRESET)
    porosity: Porosity | None = entry("Volume share of electrolyte-filled pores.", None)
    macmullin: MacMullin | None = entry("Bulk over effective ionic transport.", None)


class CounterElectrode(Kinetics):
    """The lithium metal counter electrode."""

    preset: Annotated[str, preset_of("counter")] = entry(_PRESET, "lithium_metal")
    i_0: CounterExchangeLaw | None = entry("Exchange current density (c_e, T).", None)

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        if self.i_0 is not None and self.i_0_ref is not None:
            raise problem("expected either i_0_ref or i_0, not both", path=("i_0_ref",))
        return self


class Collector(Section):
    """The current collector."""

    contact_resistance: FilmResistance = entry(
        "Resistance between collector and electrode.", "1e-7 ohm*m^2"
    )


class MaterialSpecs(Section):
    """A material for each phase of the section."""

    active: ActiveMaterial = entry("The lithium host.")
    carbon_binder: CarbonBinder | None = entry(
        "The carbon-binder; due where geometry.electrode.carbon_binder.kind is matrix.", None
    )
    electrolyte: ElectrolyteSpec = entry("The electrolyte.")
    separator: SeparatorSpec = entry("The separator.")
    counter: CounterElectrode = entry("The counter electrode.", {})
    collector: Collector = entry("The current collector.", {})
