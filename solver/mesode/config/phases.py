"""Which phases the section of a case has, and which of its materials they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mesode.config.binder import MatrixBinder, NoBinder
from mesode.config.electrode import ElectrodeShape
from mesode.config.geometry import Geometry, ImageGeometry
from mesode.config.layer import LayerElectrode
from mesode.config.materials import ElectrodeMaterials
from mesode.config.particles import CoreShellInside, SolidInside, YolkShellInside
from mesode.section_names import (
    COATING,
    COUNTER_PREFIX,
    FOIL,
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
    from mesode.config.geometry import AnyElectrode, AnyGeometry
    from mesode.config.layer import LayerSpec
    from mesode.config.materials import MaterialSpecs

type Kind = Literal["active", "carbon_binder"]

_ANY: Final[tuple[Kind, ...]] = ("active", "carbon_binder")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place in the geometry that asks for a material.

    ``path`` from the root of the file; ``name`` of the material, None for the first of its kind;
    ``kinds`` of material that it may be; ``counter``: it is in the counter electrode.
    """

    path: Path
    name: str | None
    kinds: tuple[Kind, ...]
    counter: bool = False


def electrode_specs(materials: MaterialSpecs, *, counter: bool) -> ElectrodeMaterials | None:
    """Return the materials of the working or of the counter electrode, None for lithium metal."""
    if not counter:
        return materials
    return materials.counter if isinstance(materials.counter, ElectrodeMaterials) else None


def names_of(specs: ElectrodeMaterials, kind: Kind) -> tuple[str, ...]:
    """Return the names of the materials of a kind."""
    return tuple(specs.hosts() if kind == "active" else specs.binders())


def phase_of(specs: ElectrodeMaterials, kind: Kind, name: str | None) -> str:
    """Return the phase of a material; without a name that of the first one of the kind."""
    return name or next(iter(names_of(specs, kind)), kind)


def mentions(case: Case) -> Iterator[Mention]:
    """Yield each place in the geometry that asks for a material."""
    geometry = case.geometry
    if isinstance(geometry, Geometry):
        yield from _of_electrode(geometry.electrode, ("geometry", "electrode"))
        if geometry.counter != "lithium":
            yield from _of_electrode(geometry.counter, ("geometry", "counter"), counter=True)
    elif isinstance(geometry, ImageGeometry):
        for path, name in geometry.electrode.image.names().items():
            if name not in (PORE, VOID):
                full = ("geometry", "electrode", "image", *path)
                yield Mention(path=full, name=name, kinds=_ANY)
    else:
        for group, name in geometry.mesh.phases.items():
            if without_prefix(name) not in OPEN_PHASES:
                yield Mention(
                    path=("geometry", "mesh", "phases", group),
                    name=without_prefix(name),
                    kinds=_ANY,
                    counter=is_counter(name),
                )


def _of_electrode(shape: AnyElectrode, path: Path, *, counter: bool = False) -> Iterator[Mention]:
    if isinstance(shape, LayerElectrode):
        at = (*path, "layer", "material")
        yield Mention(path=at, name=shape.layer.material, kinds=("active",), counter=counter)
        return
    if shape.layer is not None:
        at = (*path, "layer", "material")
        yield Mention(path=at, name=shape.layer.material, kinds=("active",), counter=counter)
    for number, population in enumerate(shape.particles):
        place = (*path, "particles", number)
        at = (*place, "material")
        yield Mention(path=at, name=population.material, kinds=("active",), counter=counter)
        inside = population.inside
        if isinstance(inside, CoreShellInside | YolkShellInside):
            at = (*place, "inside", "material")
            yield Mention(path=at, name=inside.material, kinds=_ANY, counter=counter)
    for number, binder in enumerate(shape.carbon_binder):
        if not isinstance(binder, NoBinder):
            at = (*path, "carbon_binder", number, "material")
            yield Mention(path=at, name=binder.material, kinds=("carbon_binder",), counter=counter)


def _opened(shape: AnyElectrode) -> list[str]:
    """Return which of open pores and empty space an electrode may have."""
    if isinstance(shape, LayerElectrode):
        return []
    matrix = any(isinstance(binder, MatrixBinder) for binder in shape.carbon_binder)
    filled = matrix or shape.layer is not None
    full = (SolidInside, CoreShellInside)
    solid = all(isinstance(population.inside, full) for population in shape.particles)
    return [*(() if filled else (PORE,)), *(() if solid else (VOID,))]


def layers(case: Case) -> Iterator[tuple[str, LayerSpec]]:
    """Yield the phase of each homogenised layer, alone or around particles, and its keys."""
    if not isinstance(case.geometry, Geometry):
        return
    for counter, shape in ((False, case.geometry.electrode), (True, case.geometry.counter)):
        specs = electrode_specs(case.materials, counter=counter)
        layer = None if shape == "lithium" else shape.layer
        if layer is not None and specs is not None:
            name = phase_of(specs, "active", layer.material)
            yield f"{COUNTER_PREFIX if counter else ''}{name}", layer


def open_phases(geometry: AnyGeometry) -> tuple[str, ...]:
    """Return the phases of a section that are not the user's materials, but for the separator."""
    if isinstance(geometry, Geometry):
        found = _opened(geometry.electrode)
        if geometry.counter != "lithium":
            found += [f"{COUNTER_PREFIX}{name}" for name in _opened(geometry.counter)]
        return tuple(found)
    if isinstance(geometry, ImageGeometry):
        given = set(geometry.electrode.image.names().values())
    else:
        given = set(geometry.mesh.phases.values())
    names = tuple(f"{prefix}{name}" for prefix in ("", COUNTER_PREFIX) for name in (PORE, VOID))
    return tuple(name for name in names if name in given)


def has_foil(geometry: AnyGeometry, *, counter: bool) -> bool:
    """Tell whether the current collector of an electrode is resolved."""
    if isinstance(geometry, Geometry):
        shape = geometry.counter if counter else geometry.electrode
        return shape != "lithium" and shape.collector is not None
    name = f"{COUNTER_PREFIX}{FOIL}" if counter else FOIL
    return not isinstance(geometry, ImageGeometry) and name in geometry.mesh.phases.values()


def has_coating(geometry: AnyGeometry, *, counter: bool) -> bool:
    """Tell whether the particles of an electrode are coated."""
    if isinstance(geometry, Geometry):
        shape = geometry.counter if counter else geometry.electrode
        return isinstance(shape, ElectrodeShape) and shape.coating is not None
    name = f"{COUNTER_PREFIX}{COATING}" if counter else COATING
    return not isinstance(geometry, ImageGeometry) and name in geometry.mesh.boundaries.values()


def is_full(geometry: AnyGeometry) -> bool:
    """Tell whether the counter electrode is a part of the section."""
    if isinstance(geometry, Geometry):
        return geometry.counter != "lithium"
    if isinstance(geometry, ImageGeometry):
        return False
    return any(is_counter(name) for name in geometry.mesh.phases.values())
