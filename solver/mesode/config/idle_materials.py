"""The table of keys of materials without effect: which, beside which choice, what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesode.config.binder import NoBinder
from mesode.config.idle_rule import (
    LEAVE_OUT,
    MECHANICS,
    Place,
    Rule,
    below,
    binders,
    block,
    drawn,
    films,
    hosts,
    solids,
)
from mesode.config.laws import BranchedLaw
from mesode.config.particles import CoreShellInside, YolkShellInside
from mesode.config.phases import (
    electrode_specs,
    has_coating,
    has_foil,
    layers,
    mentions,
    phase_of,
)
from mesode.materials.presets import get_preset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.config.case import Case

_FLOW: Final = ("yield_strength", "hardening", "flow_rate", "flow_exponent")
_SWELLING: Final = ("volumetric_expansion", "partial_molar_volume")


def _not_finite(case: Case, _: Place) -> bool:
    return case.physics.mechanics != "finite"


def _rigid(case: Case, _: Place) -> bool:
    """Tell whether mechanics is none because the file says nothing of it.

    Where it says so, what describes the material may stay: whoever wrote that knows.
    """
    physics = case.physics
    return physics.mechanics == "none" and "mechanics" not in physics.model_fields_set


def _in_layer(case: Case, place: Place) -> bool:
    return place.phase in dict(layers(case))


def _swells_unseen(case: Case, place: Place) -> bool:
    """Tell whether nothing asks how much a host swells: mechanics, a layer, a film that cracks."""
    if not _rigid(case, place) or _in_layer(case, place):
        return False
    return not any(film.counter == place.counter and _cracks(film) for film in films(case))


def _cracks(film: Place) -> bool:
    preset = get_preset("sei", film.block.preset)
    return (film.block.crack_strain or getattr(preset, "crack_strain", None)) is not None


def _law(film: Place) -> str:
    return str(film.block.law or getattr(get_preset("sei", film.block.preset), "law", ""))


def _use_of_both(_: Case, place: Place) -> bool:
    """Tell whether a branch is chosen of a potential of which a hysteresis takes both."""
    hysteresis, ocp = place.block.hysteresis, place.block.ocp
    chosen = isinstance(ocp, BranchedLaw) and ocp.use != "lithiation"
    return chosen and hysteresis is not None and hysteresis.model != "none"


def _even(case: Case, place: Place) -> bool:
    layer = dict(layers(case)).get(place.phase)
    return layer is not None and layer.inside == "uniform"


def _nothing_touches(case: Case, place: Place) -> bool:
    """Tell whether the drawn particles of an electrode touch nothing that they could come off."""
    shape = next((each.block for each in drawn(case) if each.counter == place.counter), None)
    if shape is None or shape.layer is not None:
        return False
    bound = any(not isinstance(binder, NoBinder) for binder in shape.carbon_binder)
    touching = shape.packing is not None and shape.packing.contact is not None
    inner = (CoreShellInside, YolkShellInside)
    two = any(isinstance(population.inside, inner) for population in shape.particles)
    return not (bound or touching or two or shape.gap == 0.0)


def _one_host(case: Case, _: Place) -> bool:
    """Tell whether no two active materials are in one electrode."""
    return not any(len(_used_hosts(case, counter=counter)) > 1 for counter in (False, True))


def _used_hosts(case: Case, *, counter: bool) -> set[str]:
    specs = electrode_specs(case.materials, counter=counter)
    if specs is None:
        return set()
    used = {
        phase_of(specs, mention.kinds[0], mention.name)
        for mention in mentions(case)
        if mention.counter == counter
    }
    return used & set(specs.hosts())


def _uncoated(case: Case, place: Place) -> bool:
    return not has_coating(case.geometry, counter=place.counter)


def _no_foil(case: Case, place: Place) -> bool:
    return not has_foil(case.geometry, counter=place.counter)


def _electrodes(case: Case) -> Iterator[Place]:
    """Yield the materials of each electrode."""
    for counter, path in ((False, ("materials",)), (True, ("materials", "counter"))):
        specs = electrode_specs(case.materials, counter=counter)
        if specs is not None:
            yield Place(path=path, block=specs, counter=counter)


_SWITCH_ON: Final = "Set that to linear or finite; or to none, if this is meant"
_FINITE: Final = "Set physics.mechanics to finite, or take this out"
_LAYER: Final = ("geometry.electrode.layer", "geometry.counter.layer")

_MECHANICAL: Final = (
    Rule(
        of=solids,
        keys=("E", "nu", "strength", "toughness", *_FLOW),
        where=_rigid,
        text="no effect without physics.mechanics, which is none by default",
        hint=_SWITCH_ON,
        choices=(MECHANICS,),
    ),
    Rule(
        of=hosts,
        keys=_SWELLING,
        where=_swells_unseen,
        text="no effect without physics.mechanics, which is none by default",
        hint=_SWITCH_ON,
        choices=(MECHANICS,),
    ),
    Rule(
        of=solids,
        keys=_FLOW,
        where=lambda case, _: case.physics.mechanics == "linear",
        text="no effect in linear mechanics, in which nothing flows",
        hint=_FINITE,
        choices=(MECHANICS,),
    ),
    Rule(
        of=binders,
        keys=("network",),
        where=_not_finite,
        text="a network is known in finite mechanics alone",
        hint=_FINITE,
        choices=(MECHANICS,),
        refused=True,
    ),
    Rule(
        of=solids,
        keys=("adhesion_strength", "adhesion_toughness"),
        where=_not_finite,
        text="bodies come off each other in finite mechanics alone",
        hint=_FINITE,
        choices=(MECHANICS,),
        refused=True,
    ),
)

_ADHESIVE: Final = (
    Rule(
        of=solids,
        keys=("adhesion_strength", "adhesion_toughness"),
        where=_nothing_touches,
        text="no effect: nothing in this electrode touches anything that it could come off",
        hint="Give a geometry.electrode.carbon_binder or packing.contact, or leave this out",
        choices=("geometry",),
    ),
)

_ELECTROCHEMICAL: Final = (
    Rule(
        of=below(hosts, "hysteresis"),
        keys=("decay", "initial"),
        where=lambda _, place: place.block.model == "instant",
        text="no effect: with the model 'instant' the branch follows the current at once",
        hint="Set model to one_state, or take this out",
        choices=(".model",),
    ),
    Rule(
        of=below(hosts, "hysteresis"),
        keys=("decay", "initial"),
        where=lambda _, place: place.block.model == "none",
        text="no effect while the model of the hysteresis is none",
        hint="Set model to one_state, or leave this out",
        choices=(".model",),
    ),
    Rule(
        of=below(hosts, "hysteresis"),
        keys=("li15si4",),
        where=lambda _, place: place.block.model == "none",
        text="Li15Si4 changes the branch of delithiation, the hysteresis is none",
        hint="Set model to one_state, or take this out",
        choices=(".model",),
        refused=True,
    ),
    Rule(
        of=hosts,
        keys=("ocp",),
        where=_use_of_both,
        text="its key 'use' has no effect, a hysteresis takes both branches",
        hint="Say by hysteresis.initial where it begins (1: delithiation), or leave 'use' out",
        choices=(".hysteresis",),
    ),
    Rule(
        of=hosts,
        keys=("D_s", "E_a_D_s"),
        where=_even,
        text="no effect: lithium is even in the particles of a layer with inside: uniform",
        hint="Set inside of the layer to resolved, or leave this out",
        choices=_LAYER,
    ),
    Rule(
        of=block("materials"),
        keys=("host_contact",),
        where=_one_host,
        text="no effect: no electrode has two active materials that could touch",
        hint=LEAVE_OUT.capitalize(),
        choices=("geometry", "materials.active"),
    ),
    Rule(
        of=films,
        keys=("c_solvent", "D_solvent"),
        where=lambda _, place: _law(place) == "reaction_limited",
        text="no effect: with the law reaction_limited the solvent has no way to go",
        hint="Set law to ec_reaction_limited, or take this out",
        choices=(".law", ".preset"),
    ),
    Rule(
        of=films,
        keys=("i_0_sei", "alpha_sei", "U_sei"),
        where=lambda _, place: _law(place) == "solvent_diffusion_limited",
        text="no effect: with the law solvent_diffusion_limited the reaction is at no loss",
        hint="Set law to ec_reaction_limited, or take this out",
        choices=(".law", ".preset"),
    ),
    Rule(
        of=films,
        keys=("on_coating",),
        where=_uncoated,
        text="no effect: the geometry has no coating",
        hint=LEAVE_OUT.capitalize(),
        choices=("geometry",),
    ),
)

#: Materials of what the section does not have.
_ABSENT: Final = tuple(
    Rule(
        of=_electrodes,
        keys=(key,),
        where=where,
        text=f"the geometry has no {shape}",
        hint=f"Give geometry.electrode.{shape} (or geometry.counter.{shape}), or take this out",
        choices=("geometry",),
        refused=True,
    )
    for key, shape, where in (
        ("coating", "coating", _uncoated),
        ("foil", "collector", _no_foil),
    )
)

OF_MATERIALS: Final = (*_MECHANICAL, *_ADHESIVE, *_ELECTROCHEMICAL, *_ABSENT)
