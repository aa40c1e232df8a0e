"""The table of keys without effect: which, beside which choice, and what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesode.config.idle_materials import OF_MATERIALS
from mesode.config.idle_rule import LEAVE_OUT, MECHANICS, Rule, below, block, drawn, shapes
from mesode.config.layer import LayerElectrode
from mesode.config.phases import is_full
from mesode.config.physics import ElasticFoil, Lid, Lumped, Stacked

if TYPE_CHECKING:
    from mesode.config.case import Case
    from mesode.config.idle_rule import Place


def _no_mechanics(case: Case, _: Place) -> bool:
    return case.physics.mechanics == "none"


def _one_way(case: Case, place: Place) -> bool:
    return case.physics.stress_coupling == "one_way" and not _no_mechanics(case, place)


def _top_of_finite(case: Case, _: Place) -> bool:
    top = case.physics.top
    known = top == "fixed" or isinstance(top, Lid | Stacked)
    return case.physics.mechanics != "finite" and known


def _loaded_top(case: Case, place: Place) -> bool:
    return _no_mechanics(case, place) and not _top_of_finite(case, place)


def _foil_of_finite(case: Case, _: Place) -> bool:
    return case.physics.mechanics != "finite" and isinstance(case.physics.collector, ElasticFoil)


def _insulated(case: Case, _: Place) -> bool:
    thermal = case.physics.thermal
    return isinstance(thermal, Lumped) and thermal.convection == 0.0


def _warmed_in_vain(case: Case, place: Place) -> bool:
    return _insulated(case, place) and any(step.temperature for step in case.protocol)


def _begins_elsewhere(case: Case, _: Place) -> bool:
    begin = case.initial
    return not is_full(case.geometry) and (begin.voltage is not None or begin.soc is not None)


def _half_cell(case: Case, _: Place) -> bool:
    return not is_full(case.geometry)


def _nothing_drawn(case: Case, _: Place) -> bool:
    found = [place.block for place in shapes(case)]
    return bool(found) and all(isinstance(shape, LayerElectrode) for shape in found)


_SWITCH_ON: Final = f"Set physics.mechanics to linear or finite, or {LEAVE_OUT}"
_FINITE: Final = "Set physics.mechanics to finite"
_METAL: Final = ("geometry.counter", "geometry.mesh")

_OF_PHYSICS: Final = (
    Rule(
        of=block("physics"),
        keys=("section", "stress_coupling", "stress_flux"),
        where=_no_mechanics,
        text="no effect while physics.mechanics is none",
        hint=_SWITCH_ON,
        choices=(MECHANICS,),
    ),
    Rule(
        of=block("numerics"),
        keys=("displacement_degree",),
        where=_no_mechanics,
        text="no effect while physics.mechanics is none",
        hint=_SWITCH_ON,
        choices=(MECHANICS,),
    ),
    Rule(
        of=block("physics"),
        keys=("top",),
        where=_loaded_top,
        text="a load on the top acts on the solids, but mechanics is none",
        hint="Set physics.mechanics to linear, or take this out",
        choices=(MECHANICS,),
        refused=True,
    ),
    Rule(
        of=block("physics"),
        keys=("top",),
        where=_top_of_finite,
        text="a fixed top, a lid and a stack are known in finite mechanics alone",
        hint=_FINITE,
        choices=(MECHANICS,),
        refused=True,
    ),
    Rule(
        of=block("physics"),
        keys=("collector",),
        where=_foil_of_finite,
        text="an elastic collector is known in finite mechanics alone",
        hint=_FINITE,
        choices=(MECHANICS,),
        refused=True,
    ),
    Rule(
        of=block("physics"),
        keys=("stress_flux",),
        where=_one_way,
        text="no effect while stress drives no lithium: physics.stress_coupling is one_way",
        hint=f"Set that to two_way, or {LEAVE_OUT}",
        choices=("physics.stress_coupling",),
    ),
    Rule(
        of=block("physics", "thermal"),
        keys=("ambient",),
        where=_insulated,
        text="the surroundings have no effect on a section that is insulated, convection 0",
        hint=f"Give physics.thermal.convection, or {LEAVE_OUT}",
        choices=("physics.thermal.convection",),
    ),
)

_OF_THE_PROTOCOL: Final = (
    Rule(
        of=block(),
        keys=("protocol",),
        where=_warmed_in_vain,
        text="the temperature of its steps has no effect: it is that of the surroundings, and "
        "physics.thermal.convection is 0",
        hint="Give the section a convection, or set physics.thermal to isothermal",
        choices=("physics.thermal",),
    ),
)

_OF_THE_START: Final = (
    Rule(
        of=block("initial"),
        keys=("counter_lithiation",),
        where=_half_cell,
        text="the counter electrode is lithium metal, which has none",
        hint="Take this out",
        choices=_METAL,
        refused=True,
    ),
    Rule(
        of=block("initial"),
        keys=("lithiation",),
        where=_begins_elsewhere,
        text="the voltage or the state of charge says where a half cell begins",
        hint="Take this out",
        choices=("initial.voltage", "initial.soc"),
        refused=True,
    ),
)

_OF_THE_SECTION: Final = (
    Rule(
        of=block("geometry", "third_dimension"),
        keys=("counter",),
        where=_half_cell,
        text="the counter electrode is lithium metal, which has no parts that are cut off",
        hint="Take this out",
        choices=_METAL,
        refused=True,
    ),
    Rule(
        of=block("geometry"),
        keys=("cell_area",),
        where=lambda case, _: not case.protocol.of_cell,
        text="no effect: the protocol has no amperes, watts or ohms of a whole cell",
        hint=f"Currents per area, per mass and C-rates need no area: {LEAVE_OUT}",
        choices=("protocol",),
    ),
    Rule(
        of=block("mesh"),
        keys=("surface",),
        where=_nothing_drawn,
        text="no effect: no particle is drawn that could have layers of triangles",
        hint=LEAVE_OUT.capitalize(),
        choices=("geometry",),
    ),
    Rule(
        of=below(shapes, "layer"),
        keys=("bruggeman",),
        where=lambda _, place: None not in (place.block.macmullin, place.block.sigma),
        text="the exponent has no effect where macmullin and sigma are given both",
        hint="Give two of the three at most",
        choices=(".macmullin", ".sigma"),
    ),
    Rule(
        of=below(drawn, "coating"),
        keys=("defect", "seed"),
        where=lambda _, place: place.block.integrity in (0.0, 1.0),
        text="no effect: a coating of integrity 0 or 1 has no holes",
        hint=LEAVE_OUT.capitalize(),
        choices=(".integrity",),
    ),
    *(
        Rule(
            of=below(drawn, "recipe"),
            keys=(f"{part}_density",),
            where=lambda _, place, part=part: getattr(place.block, part) == 0.0,  # type: ignore[misc]
            text=f"no effect: the recipe has no {part}",
            hint=f"Give {part} in the recipe, or {LEAVE_OUT}",
            choices=(f".{part}",),
        )
        for part in ("carbon", "binder")
    ),
)

RULES: Final = (*_OF_PHYSICS, *_OF_THE_PROTOCOL, *_OF_THE_START, *_OF_THE_SECTION, *OF_MATERIALS)
