"""One material: a preset, and what is different from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.bpx_file import BpxFile, BpxHost, WithBpx
from mesode.config.laws import LawSpec
from mesode.config.network import NetworkSpec
from mesode.config.properties import given, law, law_of_metal, number
from mesode.config.quantities import Quantity
from mesode.materials.hysteresis import DECAY, HysteresisModel
from mesode.materials.names import UnknownNameError
from mesode.materials.presets import get_preset, list_presets
from mesode.materials.properties import SeiLaw
from mesode.materials.two_phase import SLOWNESS

_PRESET: Final = "Name of a preset, see `mesode list`."
_BPX: Final = "A BPX file that gives {}, where they are not given here."


@dataclass(frozen=True, slots=True)
class _Preset:
    """The check that a preset of a kind exists."""

    kind: str

    def __call__(self, name: str) -> str:
        try:
            get_preset(self.kind, name)
        except UnknownNameError as error:
            hint = f"{error.hint[:1].upper()}{error.hint[1:]}"
            raise problem(f"expected the name of a preset of kind {self.kind}", hint) from None
        return name


def preset_of(kind: str) -> AfterValidator:
    """Return the check that a preset of this kind exists."""
    return AfterValidator(_Preset(kind))


def presets_of(block: type[Block]) -> tuple[str, ...]:
    """Return the presets that a block of a material may have; none of another block."""
    field = block.model_fields.get("preset")
    checks = [getattr(each, "func", None) for each in field.metadata] if field else []
    kinds = [check.kind for check in checks if isinstance(check, _Preset)]
    return tuple(row.name for row in list_presets() if row.kind in kinds)


class Kinetics(Block):
    """Charge transfer at a surface."""

    i_0_ref: Annotated[float, number("i_0_ref")] | None = given("i_0_ref")
    E_a_i_0: Annotated[float, number("E_a_i_0")] | None = given("E_a_i_0")
    alpha_a: Annotated[float, number("alpha_a")] | None = given("alpha_a")
    alpha_c: Annotated[float, number("alpha_c")] | None = given("alpha_c")
    film_resistance: Annotated[float, number("film_resistance")] | None = given("film_resistance")
    double_layer: Annotated[float, number("double_layer")] | None = given("double_layer")


def _check_adhesion(spec: Any) -> None:
    strength, toughness = spec.adhesion_strength, spec.adhesion_toughness
    if (strength is None) is not (toughness is None):
        given, missing = ("adhesion_strength", "adhesion_toughness")[:: 1 if strength else -1]
        hint = f"Give {missing} beside {given}: what comes off has both"
        raise problem("required key is missing", hint, (missing,))


def _check_rate(spec: Any) -> None:
    if spec.i_0 is not None and spec.i_0_ref is not None:
        hint = (
            "i_0 is the whole law, i_0_ref the number in that of the preset: take one of them out"
        )
        raise problem("expected either i_0_ref or i_0, not both", hint, ("i_0_ref",))


class Li15Si4Spec(Block):
    """Crystalline Li15Si4, which forms at the end of the lithiation of silicon."""

    below: Annotated[float, Quantity(dimension="voltage", low="-0.5 V", high="1 V")] = entry(
        "Potential of the surface against the electrolyte below which it forms.", "50 mV"
    )
    plateau: Annotated[float, Quantity(dimension="voltage", low="0 V", high="2 V")] = entry(
        "Potential at which it is delithiated.", "0.43 V"
    )


class HysteresisSpec(Block):
    """How the potential moves between its branches of lithiation and of delithiation.

    Both come from `ocp`, or from the library where the preset names one of a pair.
    """

    model: HysteresisModel = entry(
        "one_state: a state at each point of the surface follows the charge that passes there; "
        "instant: the branch follows the direction of the current; none: as without this block.",
        "one_state",
    )
    decay: Annotated[float, Quantity(dimension="ratio", above="0", high="1e4")] | None = entry(
        "How fast the state of the one-state model goes to the other branch, per lithiation of the "
        f"particle; default: {DECAY:g}, assumed.",
        None,
    )
    initial: Annotated[float, Quantity(dimension="ratio", low="-1", high="1")] = entry(
        "State of the one-state model at the start: 1 on the branch of delithiation, -1 on that of "
        "lithiation.",
        0.0,
    )
    li15si4: Li15Si4Spec | None = entry(
        "Li15Si4 of silicon, with its plateau on delithiation; without this block none forms.", None
    )


class CrystallineSpec(Block):
    """Silicon that is crystalline at the start, and turns amorphous behind a front."""

    plateau: Annotated[float, Quantity(dimension="voltage", low="0 V", high="1 V")] = entry(
        "Potential of its first lithiation.", "0.1 V"
    )
    slowness: Annotated[float, Quantity(dimension="ratio", above="0", high="1")] = entry(
        "Diffusivity where it is crystalline, over that where it is amorphous; the smaller it is, "
        "the sharper the front. Assumed.",
        SLOWNESS,
    )


class ActiveMaterial(WithBpx, Kinetics):
    """The lithium host."""

    preset: Annotated[str, preset_of("active")] = entry(_PRESET)
    bpx: BpxHost | None = entry(_BPX.format("c_max, D_s, ocp, i_0 and activation energies"), None)
    density: Annotated[float, number("density")] | None = given(
        "density", "Density without lithium."
    )
    c_max: Annotated[float, number("c_max")] | None = given("c_max")
    D_s: Annotated[LawSpec, law("D_s")] | None = given("D_s")
    E_a_D_s: Annotated[float, number("E_a_D_s")] | None = given("E_a_D_s")
    ocp: Annotated[LawSpec, law("ocp")] | None = given("ocp")
    hysteresis: HysteresisSpec | None = entry(
        "Hysteresis of the potential; without it `ocp` is taken as it is.", None
    )
    crystalline: CrystallineSpec | None = entry(
        "The first lithiation of crystalline silicon; without this block it is amorphous.", None
    )
    i_0: Annotated[LawSpec, law("i_0")] | None = given("i_0")
    sigma: Annotated[LawSpec, law("sigma")] | None = given("sigma")
    E_a_sigma: Annotated[float, number("E_a_sigma")] | None = given("E_a_sigma")
    E: Annotated[LawSpec, law("E")] | None = given("E")
    nu: Annotated[LawSpec, law("nu")] | None = given("nu")
    volumetric_expansion: Annotated[float, number("volumetric_expansion")] | None = given(
        "volumetric_expansion"
    )
    partial_molar_volume: Annotated[float, number("partial_molar_volume")] | None = given(
        "partial_molar_volume"
    )
    strength: Annotated[float, number("strength")] | None = given("strength")
    toughness: Annotated[float, number("toughness")] | None = given("toughness")
    yield_strength: Annotated[LawSpec, law("yield_strength")] | None = given("yield_strength")
    hardening: Annotated[float, number("hardening")] | None = given("hardening")
    flow_rate: Annotated[float, number("flow_rate")] | None = given("flow_rate")
    flow_exponent: Annotated[float, number("flow_exponent")] | None = given("flow_exponent")
    adhesion_strength: Annotated[float, number("adhesion_strength")] | None = given(
        "adhesion_strength"
    )
    adhesion_toughness: Annotated[float, number("adhesion_toughness")] | None = given(
        "adhesion_toughness"
    )

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        if self.volumetric_expansion is not None and self.partial_molar_volume is not None:
            expected = "expected either partial_molar_volume or volumetric_expansion, not both"
            hint = "Both say how far the host swells: take one of them out"
            raise problem(expected, hint, ("partial_molar_volume",))
        _check_rate(self)
        _check_adhesion(self)
        return self


class CarbonBinder(Block):
    """The porous carbon-binder; sigma, E and nu are those of the porous phase."""

    preset: Annotated[str, preset_of("carbon_binder")] = entry(_PRESET)
    density: Annotated[float, number("density")] | None = given(
        "density", "Density of its solid, without the pores."
    )
    porosity: Annotated[float, number("porosity")] | None = given("porosity")
    macmullin: Annotated[float, number("macmullin")] | None = given("macmullin")
    sigma: Annotated[LawSpec, law("sigma")] | None = given("sigma")
    E: Annotated[LawSpec, law("E")] | None = given("E")
    nu: Annotated[LawSpec, law("nu")] | None = given("nu")
    strength: Annotated[float, number("strength")] | None = given("strength")
    yield_strength: Annotated[LawSpec, law("yield_strength")] | None = given("yield_strength")
    hardening: Annotated[float, number("hardening")] | None = given("hardening")
    flow_rate: Annotated[float, number("flow_rate")] | None = given("flow_rate")
    flow_exponent: Annotated[float, number("flow_exponent")] | None = given("flow_exponent")
    network: NetworkSpec | None = entry(
        "The binder as a soft network that relaxes or heals instead of one that flows, in finite "
        "mechanics; without this block it is as the preset says.",
        None,
    )
    adhesion_strength: Annotated[float, number("adhesion_strength")] | None = given(
        "adhesion_strength"
    )
    adhesion_toughness: Annotated[float, number("adhesion_toughness")] | None = given(
        "adhesion_toughness"
    )

    @model_validator(mode="after")
    def _both(self) -> Self:
        _check_adhesion(self)
        return self


class ElectrolyteSpec(WithBpx):
    """The liquid electrolyte."""

    preset: Annotated[str, preset_of("electrolyte")] = entry(_PRESET)
    bpx: BpxFile | None = entry(_BPX.format("all of its values"), None)
    concentration: Annotated[float, number("concentration")] | None = given("concentration")
    kappa: Annotated[LawSpec, law("kappa")] | None = given("kappa")
    E_a_kappa: Annotated[float, number("E_a_kappa")] | None = given("E_a_kappa")
    D_e: Annotated[LawSpec, law("D_e")] | None = given("D_e")
    E_a_D_e: Annotated[float, number("E_a_D_e")] | None = given("E_a_D_e")
    t_plus: Annotated[LawSpec, law("t_plus")] | None = given("t_plus")
    tdf: Annotated[LawSpec, law("tdf")] | None = given("tdf")


class SeparatorSpec(WithBpx):
    """The porous separator."""

    preset: Annotated[str, preset_of("separator")] = entry(_PRESET)
    bpx: BpxFile | None = entry(_BPX.format("porosity and macmullin"), None)
    porosity: Annotated[float, number("porosity")] | None = given("porosity")
    macmullin: Annotated[float, number("macmullin")] | None = given("macmullin")


class CoatingSpec(Block):
    """The coating of a host: an interface, not meshed. What is not given is the host's."""

    preset: Annotated[str, preset_of("coating")] = entry(_PRESET)
    thickness: Annotated[float, number("thickness")] | None = given("thickness")
    film_resistance: Annotated[float, number("film_resistance")] | None = given(
        "film_resistance", "Resistance across the coating."
    )
    sigma: Annotated[LawSpec, law("sigma")] | None = given(
        "sigma", "Electronic conductivity along it."
    )
    E: Annotated[LawSpec, law("E")] | None = given("E", "Young's modulus, as a membrane.")
    nu: Annotated[LawSpec, law("nu")] | None = given("nu")
    i_0_ref: Annotated[float, number("i_0_ref")] | None = given(
        "i_0_ref", "Scales the host's exchange current density to this value, where it is coated."
    )
    i_0: Annotated[LawSpec, law("i_0")] | None = given(
        "i_0", "Exchange current density where it is coated, instead of the host's."
    )
    alpha_a: Annotated[float, number("alpha_a")] | None = given("alpha_a")
    alpha_c: Annotated[float, number("alpha_c")] | None = given("alpha_c")
    double_layer: Annotated[float, number("double_layer")] | None = given("double_layer")

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        _check_rate(self)
        return self


class SeiSpec(Block):
    """The solid electrolyte interphase that grows on the active material where it meets pores."""

    preset: Annotated[str, preset_of("sei")] = entry(_PRESET)
    law: SeiLaw | None = entry(
        "What limits its growth: the rate of the reaction, the way of the solvent through the "
        "film, or both in series (ec_reaction_limited).",
        None,
    )
    i_0_sei: Annotated[float, number("i_0_sei")] | None = given("i_0_sei")
    alpha_sei: Annotated[float, number("alpha_sei")] | None = given("alpha_sei")
    U_sei: Annotated[float, number("U_sei")] | None = given("U_sei")
    c_solvent: Annotated[float, number("c_solvent")] | None = given("c_solvent")
    D_solvent: Annotated[float, number("D_solvent")] | None = given("D_solvent")
    E_a_sei: Annotated[float, number("E_a_sei")] | None = given("E_a_sei")
    V_sei: Annotated[float, number("V_sei")] | None = given("V_sei")
    z_sei: Annotated[float, number("z_sei")] | None = given("z_sei")
    kappa_sei: Annotated[float, number("kappa_sei")] | None = given("kappa_sei")
    initial_thickness: Annotated[float, number("initial_thickness")] | None = given(
        "initial_thickness"
    )
    crack_strain: Annotated[float, number("crack_strain")] | None = given("crack_strain")
    on_coating: bool = entry("Whether it grows on coated surfaces, too.", default=True)


class FoilSpec(Block):
    """A resolved current collector."""

    preset: Annotated[str, preset_of("foil")] = entry(_PRESET)
    density: Annotated[float, number("density")] | None = given("density")
    sigma: Annotated[LawSpec, law("sigma")] | None = given("sigma")
    E: Annotated[LawSpec, law("E")] | None = given("E")
    nu: Annotated[LawSpec, law("nu")] | None = given("nu")


class CounterElectrode(Kinetics):
    """The lithium metal counter electrode."""

    preset: Annotated[str, preset_of("counter")] = entry(_PRESET, "lithium_metal")
    i_0: Annotated[LawSpec, law_of_metal("i_0")] | None = given("i_0")

    @model_validator(mode="after")
    def _exclusive(self) -> Self:
        _check_rate(self)
        return self


HostResistance = Annotated[
    float, Quantity(dimension="areal_resistance", low="1e-9 ohm*m^2", high="100 ohm*m^2")
]
CollectorResistance = Annotated[
    float, Quantity(dimension="areal_resistance", low="0 ohm*m^2", high="100 ohm*m^2")
]


class HostContact(Block):
    """Where two lithium hosts touch: core and shell, particles of a blend."""

    resistance: HostResistance = entry(
        "Resistance against lithium that passes from one to the other."
    )


class Collector(Block):
    """The current collector."""

    contact_resistance: CollectorResistance = entry(
        "Resistance between collector and electrode.", "1e-7 ohm*m^2"
    )
