"""What the sections of a case ask of each other, such as the materials of its phases."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mesode.config.base import Finding
from mesode.config.electrode import ElectrodeShape
from mesode.config.geometry import Geometry, ImageGeometry
from mesode.config.layer import LayerElectrode
from mesode.config.phases import (
    electrode_specs,
    has_coating,
    has_foil,
    is_full,
    layers,
    mentions,
    names_of,
    phase_of,
)
from mesode.config.physics import ElasticFoil
from mesode.config.quantities import show_length
from mesode.section_names import (
    ACTIVE,
    COUNTER_PREFIX,
    OPEN_PHASES,
    PORE,
    VOID,
    is_counter,
    without_prefix,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.config.base import Path
    from mesode.config.case import Case
    from mesode.config.materials import ElectrodeMaterials
    from mesode.config.phases import Mention


def find_problems(case: Case) -> Iterator[Finding]:
    """Yield what does not go together in a case."""
    yield from _mesh(case)
    yield from _counter(case)
    if case.physics.mechanics == "finite":
        yield from _finite(case)
    yield from _layers(case)
    yield from _phases(case)
    yield from _names(case)
    yield from _hosts(case)
    yield from _coating_and_foil(case, counter=False)
    if is_full(case.geometry):
        yield from _coating_and_foil(case, counter=True)


def _phases(case: Case) -> Iterator[Finding]:
    """Yield phases of silicon that do not go with the rest."""
    two_way = case.physics.mechanics != "none" and case.physics.stress_coupling == "two_way"
    for counter in (False, True):
        specs = electrode_specs(case.materials, counter=counter)
        where: Path = ("materials", "counter", "active") if counter else ("materials", "active")
        for name, spec in specs.hosts().items() if specs else ():
            place = where if name == ACTIVE else (*where, name)
            if spec.crystalline is not None and two_way:
                text = "the front in crystalline silicon does not know a stress that acts back"
                hint = "Set physics.stress_coupling to one_way, or mechanics to none"
                yield Finding(text, hint, (*place, "crystalline"))


def _finite(case: Case) -> Iterator[Finding]:
    """Yield what finite mechanics does not know."""
    path: Path = ("physics", "mechanics")
    other = "Take physics.mechanics: linear, or leave it out"
    if is_full(case.geometry):
        yield Finding("finite mechanics knows half cells alone", other, path)
    if has_coating(case.geometry, counter=False):
        text = "finite mechanics does not know the stiffness of a coating"
        yield Finding(text, "Take the coating out, or physics.mechanics: linear", path)
    if isinstance(case.physics.collector, ElasticFoil) and has_foil(case.geometry, counter=False):
        text = "the section has a foil that is drawn, which is elastic itself"
        yield Finding(text, "Take one of the two", ("physics", "collector"))
    if case.numerics.displacement_degree != 2:
        text = "expected 2 with finite mechanics"
        yield Finding(text, path=("numerics", "displacement_degree"))


def _layers(case: Case) -> Iterator[Finding]:
    """Yield what homogenised layers do not know."""
    for phase, _ in layers(case):
        counter = is_counter(phase)
        specs = electrode_specs(case.materials, counter=counter)
        if specs is None:
            continue
        yield from _particles_of_layer(specs, without_prefix(phase), counter=counter)
        yield from _beside_layer(case, specs, without_prefix(phase), counter=counter)
        if counter:
            continue
        if case.physics.mechanics != "none":
            text = "the electrode has a homogenised layer, which has no mechanics"
            yield Finding(text, "Take 'none'", ("physics", "mechanics"))
        if case.geometry.third_dimension != "none":
            text = "the electrode has a homogenised layer, in which nothing is cut off"
            yield Finding(text, "Take this out", ("geometry", "third_dimension"))


def _particles_of_layer(
    specs: ElectrodeMaterials, name: str, *, counter: bool
) -> Iterator[Finding]:
    """Yield what the particles of a layer do not know."""
    host = specs.hosts().get(name)
    if host is None:
        return
    where: Path = ("materials", "counter", "active") if counter else ("materials", "active")
    at, hint = (
        (*where, *(() if name == ACTIVE else (name,))),
        "Draw its particles, or take this out",
    )
    if host.crystalline is not None:
        text = "no front moves through the particles of a homogenised layer"
        yield Finding(text, hint, (*at, "crystalline"))
    if host.hysteresis is not None and host.hysteresis.li15si4 is not None:
        text = "no Li15Si4 forms in a homogenised layer"
        yield Finding(text, hint, (*at, "hysteresis", "li15si4"))


def _beside_layer(
    case: Case, specs: ElectrodeMaterials, name: str, *, counter: bool
) -> Iterator[Finding]:
    """Yield a layer of the material that particles around it are drawn with."""
    found = [
        mention.path
        for mention in mentions(case)
        if mention.counter == counter and phase_of(specs, mention.kinds[0], mention.name) == name
    ]
    if len(found) > 1:
        text = "expected another material than that of the drawn particles"
        hint = "Name two under materials.active, one for each"
        yield Finding(text, hint, next(path for path in found if "layer" in path))


def unused_materials(case: Case) -> tuple[str, ...]:
    """Return a sentence for each material that no phase of the section is made of."""
    found = []
    asked = list(mentions(case))
    for counter in (False, True):
        specs = electrode_specs(case.materials, counter=counter)
        if specs is None:
            continue
        used = {
            phase_of(specs, mention.kinds[0], mention.name)
            for mention in asked
            if mention.counter == counter
        }
        for kind in ("active", "carbon_binder"):
            path = f"materials.{'counter.' if counter else ''}{kind}"
            names = names_of(specs, kind)
            single = names == (kind,)
            found += [
                f"{path if single else f'{path}.{name}'} is not used by the geometry"
                for name in names
                if name not in used
            ]
    return tuple(found)


def _mesh(case: Case) -> Iterator[Finding]:
    geometry = case.geometry
    if not isinstance(geometry, Geometry):
        return
    shapes = (geometry.electrode, geometry.counter)
    drawn = [shape.diameters()[0] for shape in shapes if isinstance(shape, ElectrodeShape)]
    if drawn and case.mesh.size >= min(drawn):
        text = f"expected an edge below the smallest particle diameter, {show_length(min(drawn))}"
        yield Finding(text, path=("mesh", "size"))
    thin = [shape.thickness for shape in shapes if isinstance(shape, LayerElectrode)]
    if thin and case.mesh.size > min(thin):
        text = f"expected at most the thickness of the layer, {show_length(min(thin))}"
        yield Finding(text, path=("mesh", "size"))


def _counter(case: Case) -> Iterator[Finding]:
    full = is_full(case.geometry)
    given = electrode_specs(case.materials, counter=True) is not None
    if full and not given:
        hint = "The counter electrode of a full section has materials of its own"
        path: Path = ("materials", "counter", "active")
        yield Finding("required key is missing", hint, path)
    if given and not full:
        hint = "Give geometry.counter as a block, or lithium metal here: {preset: lithium_metal}"
        text = "these are materials of an electrode, but the counter electrode is lithium"
        yield Finding(text, hint, ("materials", "counter"))


def _names(case: Case) -> Iterator[Finding]:
    for mention in mentions(case):
        specs = electrode_specs(case.materials, counter=mention.counter)
        if specs is None:
            continue
        known = [name for kind in mention.kinds for name in names_of(specs, kind)]
        where = "materials.counter" if mention.counter else "materials"
        if mention.name is None:
            if not known:
                block = ".".join(str(part) for part in mention.path[:2])
                hint = f"Give a preset, or set {block}.carbon_binder.kind to none"
                path = (*where.split("."), "carbon_binder")
                yield Finding("required key is missing", hint, path)
        elif mention.name not in known:
            yield _unknown(mention, known, where)


def _unknown(mention: Mention, known: list[str], where: str) -> Finding:
    kinds = " or ".join(f"{where}.{kind}" for kind in mention.kinds)
    others = list(OPEN_PHASES) if "mesh" in mention.path else []
    others = [PORE, VOID] if "image" in mention.path else others
    near = difflib.get_close_matches(str(mention.name), [*known, *others], n=1)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    named = ", ".join([*known, *others]) or "none"
    prefix = (
        f"; those of the counter electrode begin with {COUNTER_PREFIX}"
        if "mesh" in mention.path
        else ""
    )
    return Finding(f"expected a name in {kinds}", f"{hint}Known: {named}{prefix}", mention.path)


def _hosts(case: Case) -> Iterator[Finding]:
    """Yield where an image or a mesh shows no active material."""
    geometry = case.geometry
    if isinstance(geometry, Geometry):
        return
    image = isinstance(geometry, ImageGeometry)
    path: Path = ("geometry", "electrode", "image") if image else ("geometry", "mesh", "phases")
    hosts = case.materials.hosts()
    asked = list(mentions(case))
    if not any(m.name in hosts and not m.counter for m in asked):
        yield Finding(
            "expected at least one phase of active material", f"Known: {', '.join(hosts)}", path
        )


def _coating_and_foil(case: Case, *, counter: bool) -> Iterator[Finding]:
    specs = electrode_specs(case.materials, counter=counter)
    if specs is None:
        return
    where: Path = ("materials", "counter") if counter else ("materials",)
    pairs = (
        ("coating", has_coating(case.geometry, counter=counter), specs.coating, "coating"),
        ("foil", has_foil(case.geometry, counter=counter), specs.foil, "collector"),
    )
    for key, asked, spec, shape in pairs:
        if asked and spec is None:
            hint = f"The geometry has a {shape}: give its material a preset"
            yield Finding("required key is missing", hint, (*where, key))
