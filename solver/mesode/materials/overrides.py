"""Changes a preset: resolved SI values and laws in, a new material out.

A full law (``D_s``, ``i_0``, ...) replaces the preset's together with its activation energy; an
``E_a_*`` given beside it, or alone, puts one on. ``i_0_ref`` keeps shape and activation energy and
only sets the value at sto 0.5, 1 mol/l, 25 degC. What the user gave is no longer ``assumed``.
"""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from typing import TYPE_CHECKING, Any, Final

from mesode.constants import C_E_REF, T_REF
from mesode.materials.arrhenius import arrhenius
from mesode.materials.bruggeman import bruggeman
from mesode.materials.elasticity import linear_swelling
from mesode.materials.law import Law, scaled
from mesode.materials.override_rules import USER, OverrideError, checked
from mesode.materials.properties import (
    Coating,
    Electrolyte,
    Electronic,
    Ionic,
    Lithium,
    LithiumMetal,
    Material,
    Mechanical,
    Network,
    Sei,
)
from mesode.materials.property_table import keys_of

if TYPE_CHECKING:
    from mesode.materials.properties import AnyMaterial
    from mesode.materials.property_table import Owner

_KINETIC = ("alpha_a", "alpha_c", "film_resistance", "double_layer")
_OF_FLOW = ("yield_strength", "hardening", "flow_rate", "flow_exponent")
_ADHESION = ("adhesion_strength", "adhesion_toughness")
_OF_SOLIDS = ("strength", "toughness", *_OF_FLOW, *_ADHESION)

# Of whom the properties are that a material which is no phase has.
_OWNERS: Final[dict[type, Owner]] = {
    Electrolyte: "electrolyte",
    LithiumMetal: "counter",
    Coating: "coating",
    Sei: "sei",
}

# Entries of ``assumed`` that a key makes obsolete beside its own.
_SETTLES = {
    "i_0": ("E_a_i_0",),
    "i_0_ref": ("i_0",),
    "D_s": ("E_a_D_s",),
    "sigma": ("E_a_sigma",),
    "kappa": ("E_a_kappa",),
    "D_e": ("E_a_D_e",),
    "partial_molar_volume": ("volumetric_expansion",),
}

_Changes = dict[str, Any]


def with_overrides[M: (Material, Electrolyte, LithiumMetal, Coating, Sei)](
    material: M, *, temperature: float = T_REF, **changes: Any
) -> M:
    """Return the material with the given properties changed.

    Args:
        material: a preset.
        temperature: of the case [K], at which laws are tried beside T_REF.
        changes: SI numbers or laws by key; None means not given. A number for a law is a constant.

    Raises:
        OverrideError: (a ValueError) if a key does not apply to this material, two exclude each
            other, or a value is out of bounds; lists all problems, ``problems`` has them by key.
    """
    given = checked(material.name, changes, override_keys(material), temperature)
    if not given:
        return material
    if isinstance(material, Material):
        return _material(material, given)
    if isinstance(material, Electrolyte):
        return _electrolyte(material, given)
    if isinstance(material, Coating):
        return _coating(material, given)
    if isinstance(material, Sei):
        return _sei(material, given)
    return _counter(material, given)


def with_network(material: Material, network: Network) -> Material:
    """Return a solid that is a network, instead of one that flows."""
    if material.mechanical is None:
        raise OverrideError(material.name, {"network": "this phase carries no load"})
    mechanical = replace(material.mechanical, network=network, yield_strength=None)
    assumed = _still_assumed(material.assumed, {"network": network, "yield_strength": None})
    return replace(material, mechanical=mechanical, assumed=assumed)


def override_keys(material: AnyMaterial) -> tuple[str, ...]:
    """Return the keys that can be overridden in this material."""
    if not isinstance(material, Material):
        return keys_of(_OWNERS[type(material)])
    owners: list[Owner] = ["phase", "lithium" if material.lithium else "pores"]
    if material.mechanical:
        owners += ["solid", "swelling"] if material.lithium else ["solid"]
    return keys_of(*owners)


def _material(material: Material, given: _Changes) -> Material:
    _check_flow(material, given)
    lithium = material.lithium and _lithium(material.name, material.lithium, given)
    ionic, note = _ionic(material, given)
    return replace(
        material,
        density=given.get("density", material.density),
        lithium=lithium,
        electronic=_electronic(material, given),
        ionic=ionic,
        mechanical=material.mechanical
        and _mechanical(material.mechanical, given, lithium.c_max if lithium else 0.0),
        assumed=(*_still_assumed(material.assumed, given), *note),
    )


def _check_flow(material: Material, given: _Changes) -> None:
    """Refuse what a network does not do, and what has no effect without another key."""
    solid = material.mechanical
    if solid is None:
        return
    needs: dict[str, str] = {}
    if solid.network:
        text = "this material is a network, which does not flow: take this out"
        needs = dict.fromkeys(_OF_FLOW, text)
    elif not (solid.yield_strength or "yield_strength" in given):
        text = "this material does not flow: give its yield_strength, too, or take this out"
        needs = dict.fromkeys(_OF_FLOW[1:], text)
    elif solid.flow_rate is None and "flow_rate" not in given:
        text = "flow is as fast as it has to be: give flow_rate, too, or take this out"
        needs = {"flow_exponent": text}
    if problems := {key: text for key, text in needs.items() if key in given}:
        raise OverrideError(material.name, problems)


def _lithium(name: str, lithium: Lithium, given: _Changes) -> Lithium:
    return replace(
        lithium,
        c_max=given.get("c_max", lithium.c_max),
        D_s=_rate(name, "D_s", lithium.D_s, given),
        ocp=given.get("ocp", lithium.ocp),
        i_0=_rate(name, "i_0", lithium.i_0, given),
        **{key: given[key] for key in _KINETIC if key in given},
    )


def _electronic(material: Material, given: _Changes) -> Electronic | None:
    """Return the electron conduction; a phase without it gets it when sigma is given."""
    if material.electronic:
        return Electronic(sigma=_rate(material.name, "sigma", material.electronic.sigma, given))
    if "sigma" in given:
        return Electronic(sigma=_rate(material.name, "sigma", given["sigma"], given))
    if "E_a_sigma" in given:
        raise OverrideError(material.name, {"E_a_sigma": "there is no sigma to apply it to"})
    return None


def _ionic(material: Material, given: _Changes) -> tuple[Ionic | None, tuple[str, ...]]:
    """Return the pore transport, and what of it is assumed.

    A dense phase gets pores when a porosity is given. The MacMullin number follows a new porosity
    by Bruggeman where it did before, or where there was none; a measured one stays.
    """
    old = material.ionic
    if "porosity" not in given:
        if "macmullin" not in given:
            return old, ()
        if old is None:
            problem = "this phase has no pores, give a porosity as well"
            raise OverrideError(material.name, {"macmullin": problem})
        return replace(old, macmullin=given["macmullin"]), ()
    porosity = given["porosity"]
    if "macmullin" in given:
        return Ionic(porosity=porosity, macmullin=given["macmullin"]), ()
    if old and not isclose(old.macmullin, bruggeman(old.porosity), rel_tol=1e-6):
        return replace(old, porosity=porosity), ()
    number = bruggeman(porosity)
    note = f"macmullin: {number:.3g} = {porosity:g}^-1.5, Bruggeman"
    return Ionic(porosity=porosity, macmullin=number), (note,)


def _mechanical(mechanical: Mechanical, given: _Changes, c_max: float) -> Mechanical:
    swelling = mechanical.swelling
    if "volumetric_expansion" in given:
        swelling = linear_swelling(given["volumetric_expansion"], source=USER)
    if "partial_molar_volume" in given:
        swelling = linear_swelling(given["partial_molar_volume"] * c_max, source=USER)
    return replace(
        mechanical,
        E=given.get("E", mechanical.E),
        nu=given.get("nu", mechanical.nu),
        swelling=swelling,
        **{key: given[key] for key in _OF_SOLIDS if key in given},
    )


def _electrolyte(electrolyte: Electrolyte, given: _Changes) -> Electrolyte:
    name = electrolyte.name
    return replace(
        electrolyte,
        concentration=given.get("concentration", electrolyte.concentration),
        kappa=_rate(name, "kappa", electrolyte.kappa, given),
        D_e=_rate(name, "D_e", electrolyte.D_e, given),
        t_plus=given.get("t_plus", electrolyte.t_plus),
        tdf=given.get("tdf", electrolyte.tdf),
        assumed=_still_assumed(electrolyte.assumed, given),
    )


def _counter(counter: LithiumMetal, given: _Changes) -> LithiumMetal:
    if isinstance(given.get("i_0"), Law) and "sto" in given["i_0"].variables:
        problem = "lithium metal has no lithiation, the law may depend on c_e, T"
        raise OverrideError(counter.name, {"i_0": problem})
    return replace(
        counter,
        i_0=_rate(counter.name, "i_0", counter.i_0, given),
        assumed=_still_assumed(counter.assumed, given),
        **{key: given[key] for key in _KINETIC if key in given},
    )


def _coating(coating: Coating, given: _Changes) -> Coating:
    """Change a coating; a law i_0 replaces a value i_0_ref of the host's law, and the reverse."""
    changed = {key: value for key, value in given.items() if key != "E_a_sigma"}
    if "i_0" in given or "i_0_ref" in given:
        changed = {"i_0": None, "i_0_ref": None, **changed}
    changed["sigma"] = _rate(coating.name, "sigma", coating.sigma, given)
    return replace(coating, assumed=_still_assumed(coating.assumed, given), **changed)


def _sei(film: Sei, given: _Changes) -> Sei:
    return replace(film, assumed=_still_assumed(film.assumed, given), **given)


def _rate(name: str, key: str, law: Law, given: _Changes) -> Law:
    """Return a rate: replaced by ``key``, scaled by ``key_ref``, warmed by ``E_a_key``."""
    law = given.get(key, law)
    reference = given.get(f"{key}_ref")
    if reference is not None:
        now = float(law(sto=0.5, c_e=C_E_REF, T=T_REF))
        source = f"{law.source}; value {USER}"
        law = replace(scaled(law, reference / now), source=source, assumed=False)
    energy = given.get(f"E_a_{key}")
    if energy is None:
        return law
    try:
        return arrhenius(law, energy)
    except ValueError as error:
        raise OverrideError(name, {f"E_a_{key}": str(error)}) from None


def _still_assumed(assumed: tuple[str, ...], given: _Changes) -> tuple[str, ...]:
    """Return the entries whose key the user did not give."""
    settled = {each for key in given for each in (key, *_SETTLES.get(key, ()))}
    if "porosity" in given:  # a Bruggeman number is stated anew
        settled |= {
            entry.partition(":")[0]
            for entry in assumed
            if entry.startswith("macmullin") and entry.endswith("Bruggeman")
        }
    return tuple(entry for entry in assumed if entry.partition(":")[0] not in settled)
