"""One material: a preset, and what is different from it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.properties import (
    ConductivityLaw,
    CounterExchangeLaw,
    DiffusivityLaw,
    ExchangeLaw,
    IonicConductivityLaw,
    ModulusLaw,
    PoissonLaw,
    PotentialLaw,
    SaltDiffusivityLaw,
    ThermodynamicLaw,
    TransferenceLaw,
)
from mesode.config.quantities import (
    Capacitance,
    CoatingThickness,
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


class Kinetics(Block):
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


def _check_rate(spec: Any) -> None:
    if spec.i_0 is not None and spec.i_0_ref is not None:
        raise problem("expected either i_0_ref or i_0, not both", path=("i_0_ref",))


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
        _check_rate(self)
        return self


class CarbonBinder(Block):
    """The porous carbon-binder; sigma, E and nu are those of the porous phase."""

    preset: Annotated[str, preset_of("carbon_binder")] = entry(_PRESET)
    density: Density | None = entry("Density of its solid, without the pores.", None)
    porosity: Porosity | None = entry("Volume share of electrolyte-filled pores.", None)
    macmullin: MacMullin | None = entry("Bulk over effective ionic transport.", None)
    sigma: ConductivityLaw | None = entry("Electronic conductivity (sto, T).", None)
    E: ModulusLaw | None = entry("Young's modulus.", None)
    nu: PoissonLaw | None = entry("Poisson's ratio.", None)
    strength: Stress | None = entry(
        "Strength; a run warns where the von Mises stress exceeds it.", None
    )


class ElectrolyteSpec(Block):
    """The liquid electrolyte."""

    preset: Annotated[str, preset_of("electrolyte")] = entry(_PRESET)
    concentration: SaltConcentration | None = entry("Salt concentration at rest.", None)
    kappa: IonicConductivityLaw | None = entry("Ionic conductivity (c_e, T).", None)
    E_a_kappa: MolarEnergy | None = entry("Activation energy of kappa.", None)
    D_e: SaltDiffusivityLaw | None = entry("Diffusivity of the salt (c_e, T).", None)
    E_a_D_e: MolarEnergy | None = entry("Activation energy of D_e.", None)
    t_plus: TransferenceLaw | None = entry("Transference number of lithium (c_e, T).", None)
    tdf: ThermodynamicLaw | None = entry("Thermodynamic factor 1 + dlnf/dlnc (c_e, T).", None)


class SeparatorSpec(Block):
    """The porous separator."""

    preset: Annotated[str, preset_of("separator")] = entry(_PRESET)
    porosity: Porosity | None = entry("Volume share of electrolyte-filled pores.", None)
    macmullin: MacMullin | None = entry("Bulk over effective ionic transport.", None)


class CoatingSpec(Block):
    """The coating of a host: an interface, not meshed. What is not given is the host's."""

    preset: Annotated[str, preset_of("coating")] = entry(_PRESET)
    thickness: CoatingThickness | None = entry("Thickness of the coating.", None)
    film_resistance: FilmResistance | None = entry("Resistance across the coating.", None)
    sigma: ConductivityLaw | None = entry("Electronic conductivity along it (sto, T).", None)
    E: ModulusLaw | None = entry("Young's modulus, as a membrane.", None)
    nu: PoissonLaw | None = entry("Poisson's ratio.", None)
    i_0_ref: CurrentDensity | None = entry(
        "Scales the host's exchange current density to this value, where it is coated.", None
    )
    i_0: ExchangeLaw | None = entry(
        "Exchange current density where it is coated (sto, c_e, T), instead of the host's.", None
    )
    alpha_a: TransferCoefficient | None = entry("Anodic transfer coefficient.", None)
    alpha_c: TransferCoefficient | None = entry("Cathodic transfer coefficient.", None)
    double_layer: Capacitance | None = entry("Capacitance of the double layer.", None)

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        _check_rate(self)
        return self


class FoilSpec(Block):
    """A resolved current collector."""

    preset: Annotated[str, preset_of("foil")] = entry(_PRESET)
    density: Density | None = entry("Density.", None)
    sigma: ConductivityLaw | None = entry("Electronic conductivity (T).", None)
    E: ModulusLaw | None = entry("Young's modulus.", None)
    nu: PoissonLaw | None = entry("Poisson's ratio.", None)


class CounterElectrode(Kinetics):
    """The lithium metal counter electrode."""

    preset: Annotated[str, preset_of("counter")] = entry(_PRESET, "lithium_metal")
    i_0: CounterExchangeLaw | None = entry("Exchange current density (c_e, T).", None)

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        _check_rate(self)
        return self


ContactResistance = Annotated[
    float, Quantity(dimension="areal_resistance", low="1e-9 ohm*m^2", high="100 ohm*m^2")
]


class HostContact(Block):
    """Where two lithium hosts touch: core and shell, particles of a blend."""

    resistance: ContactResistance = entry(
        "Resistance against lithium that passes from one to the other."
    )


class Collector(Block):
    """The current collector."""

    contact_resistance: FilmResistance = entry(
        "Resistance between collector and electrode.", "1e-7 ohm*m^2"
    )
