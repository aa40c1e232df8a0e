"""The section as a homogenised cell: what a model of porous electrodes takes instead of it.

Of what takes part in the electrochemistry, from the mesh::

    fraction of a host       its area over that of the electrode
    surface [1/m]            length of its lines with phases that carry ions, over that area
    radius                   3 fraction/surface: a sphere with the same volume over surface
    porosity, macmullin      of the ions through the plane, from div(k grad phi) = 0 (survey)
    tortuosity               porosity macmullin
    sigma [S/m]              of the electrons through the plane, at the lithiation of the start

Of a homogenised layer the fraction is its share, the surface that of its particles.

Particles of the section are cylinders, whose radius is 2 fraction/surface. Spheres with the same
volume over surface have the same capacity and the same charge transfer. Under a flux j the surface
of a sphere is ahead of its mean by j R/(5 D), that of a cylinder by j R/(4 D): 1.2 times as far for
the same volume over surface.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.case.contents import electrode_contents
from mesode.case.facts import material_facts
from mesode.case.foresight import rest_of
from mesode.case.meshing import measure_transport, mesh_case
from mesode.case.prepare import isolation_options, phase_materials
from mesode.case.start import settled_on_section
from mesode.case.window import asked_voltages, window_between
from mesode.config.phases import is_full
from mesode.config.protocol_checks import known_voltages
from mesode.config.resolve import resolve_materials
from mesode.errors import GeometryError
from mesode.geometry.parts import electrode_parts, phase_area
from mesode.section_names import COUNTER_PREFIX, SEPARATOR, without_prefix
from mesode.survey.isolation import isolate
from mesode.survey.measures import surfaces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.case.meshed import SectionMesh
    from mesode.case.window import Window
    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.parts import Part
    from mesode.materials.properties import Lithium, Material
    from mesode.model.rest import Rest

_UM = 1e-6  # [m]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveHost:
    """A host of lithium; ``window``: lithiations at the least and the highest cell voltage."""

    name: str
    lithium: Lithium
    fraction: float
    surface: float  # [1/m] of the electrode
    start: float
    window: tuple[float, float]

    @property
    def radius(self) -> float:
        """Radius of spheres with this volume over surface [m]."""
        return 3.0 * self.fraction / self.surface


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveElectrode:
    """A porous electrode; ``sigma`` [S/m] and ``macmullin`` are those through the plane."""

    thickness: float  # [m]
    porosity: float
    macmullin: float
    sigma: float
    hosts: tuple[EffectiveHost, ...]

    @property
    def tortuosity(self) -> float:
        """Tortuosity factor of the ions."""
        return self.porosity * self.macmullin


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveCell:
    """A cell of porous layers; ``counter`` is None for lithium metal.

    ``voltages``: the window [V]; ``capacity`` [C/m^2] between them; ``area`` [m^2] of the cell;
    ``mechanics``: linear, finite or none; ``assumed``: what of it nobody has measured or given.
    """

    title: str
    working: EffectiveElectrode
    counter: EffectiveElectrode | None
    separator: tuple[float, float, float]  # thickness [m], porosity, MacMullin number
    materials: Materials
    temperature: float
    mechanics: str
    area: float
    voltages: tuple[float, float]
    capacity: float
    assumed: tuple[str, ...]


def effective_cell(case: Case) -> EffectiveCell:
    """Return the homogenised cell of a case; meshes its section and measures it.

    Raises:
        GeometryError: the geometry is impossible, or a network has no path through an electrode.
        InputError: what is wrong with a mesh file.
    """
    with tempfile.TemporaryDirectory() as folder:
        meshed = mesh_case(case, Path(folder))
        measure_transport(case, meshed, Path(folder))
    case = settled_on_section(case, meshed.section)
    materials = resolve_materials(case)
    rest = _rest(case, meshed, materials)
    voltages, given = _voltages(case, materials)
    window = window_between(rest, *voltages)
    networks = [_networks(meshed, part) for part in electrode_parts(meshed.arrays)]
    found = isolate(meshed.arrays, phase_materials(materials), **isolation_options(case))
    alive = found.materials(phase_materials(materials))
    parts = [_electrode(found.arrays, alive, network, rest, window) for network in networks]
    area = case.geometry.cell_area
    return EffectiveCell(
        title=case.title,
        working=parts[0],
        counter=parts[1] if is_full(case.geometry) else None,
        separator=_separator(meshed.arrays, materials.phases[SEPARATOR]),
        materials=materials,
        temperature=case.physics.temperature,
        mechanics=case.physics.mechanics,
        area=1.0 if area is None else area,
        voltages=voltages,
        capacity=window.charge,
        assumed=(
            *given,
            *(() if area else ("area of the cell: 1 m^2, geometry.cell_area is not given",)),
            "radius of particles: spheres with the volume over surface of the section's particles",
            *material_facts(case).assumed,
        ),
    )


def _rest(case: Case, meshed: SectionMesh, materials: Materials) -> Rest:
    contents = [electrode_contents(meshed.section, materials, p) for p in ("", COUNTER_PREFIX)]
    return rest_of(case, materials, *contents)


def _voltages(case: Case, materials: Materials) -> tuple[tuple[float, float], tuple[str, ...]]:
    """Return the window of the protocol [V]; what it does not give is that of the potentials."""
    ends = asked_voltages(case)
    if len(ends) > 1:
        return (min(ends), max(ends)), ()
    low, high = known_voltages(case, materials)
    low, high = min([low, *ends]), max([high, *ends])
    if ends:
        low, high = (ends[0], high) if ends[0] < 0.5 * (low + high) else (low, ends[0])
    text = f"window of the voltage: {low:.4g} to {high:.4g} V, as far as potentials are known"
    return (low, high), (text,)


def _electrode(
    arrays: MeshArrays,
    alive: Mapping[str, Material],
    networks: _Networks,
    rest: Rest,
    window: Window,
) -> EffectiveElectrode:
    """Return an electrode of what takes part in a mesh."""
    part = networks.part
    starts = rest.lithiations()
    hosts = [
        EffectiveHost(
            name=without_prefix(name),
            lithium=lithium,
            fraction=alive[name].share * phase_area(arrays, name, part) / part.area,
            surface=_surface(arrays, alive, name, part),
            start=starts[name],
            window=window.hosts[name],
        )
        for name in arrays.phases
        if part.owns(name) and (lithium := alive[name].lithium) is not None and name in starts
    ]
    return EffectiveElectrode(
        thickness=(part.high[1] - part.low[1]) * _UM,
        porosity=networks.ions["share"],
        macmullin=1.0 / networks.ions["k_eff"],
        sigma=networks.electrons["k_eff"],
        hosts=tuple(host for host in hosts if host.fraction > 0.0),
    )


@dataclass(frozen=True, slots=True)
class _Networks:
    """What is reported of the ions and the electrons through the thickness of an electrode."""

    part: Part
    ions: Mapping[str, Any]
    electrons: Mapping[str, Any]


def _networks(meshed: SectionMesh, part: Part) -> _Networks:
    transport = meshed.report["transport"][part.name]
    return _Networks(
        part,
        _through(transport["ions"], part, "ions"),
        _through(transport["electrons"], part, "electrons"),
    )


def _through(network: Mapping[str, Any], part: Part, carrier: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = network["through_plane"]
    if found["k_eff"] is None:
        msg = (
            f"the {part.name} has no path for {carrier} through its thickness in this section "
            f"({found['reason']}): it has no effective conductivity. A wider section or one with "
            "carbon_binder.kind: matrix has one"
        )
        raise GeometryError(msg)
    return found


def _surface(arrays: MeshArrays, materials: Mapping[str, Material], host: str, part: Part) -> float:
    """Return the surface of a host over the electrode [1/m]."""
    layer = materials[host].layer
    if layer is not None:
        return layer.surface * phase_area(arrays, host, part) / part.area
    return _wet_length(arrays, materials, host) / part.area / _UM


def _wet_length(arrays: MeshArrays, materials: Mapping[str, Material], host: str) -> float:
    """Return the length of the lines [um] at which a host meets what carries ions."""
    wet = [tag for name, tag in arrays.phases.items() if materials[name].ionic is not None]
    lines, tag = surfaces(arrays), arrays.phases[host]
    touches = (lines.phase == tag).any(axis=1) & np.isin(lines.phase, wet).any(axis=1)
    return lines.length(touches)


def _separator(arrays: MeshArrays, material: Material) -> tuple[float, float, float]:
    height = arrays.points[arrays.cells[arrays.cell_phase == arrays.phases[SEPARATOR]], 1]
    ionic = material.ionic
    if ionic is None:
        msg = "the separator has no pores"
        raise GeometryError(msg)
    return float(np.ptp(height)) * _UM, ionic.porosity, ionic.macmullin
