"""From a meshed case to a cell that can be solved: what is isolated, materials, model."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.case.section_kind import section_kind, section_warnings
from mesode.config.physics import (
    ElasticFoil,
    Lid,
    Lumped,
    Pressure,
    Spring,
    Stacked,
    pressure_at_start,
)
from mesode.config.resolve import resolve_materials
from mesode.output.ranks import on_rank_zero

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mpi4py import MPI

    from mesode.case.meshed import Meshed
    from mesode.config.case import Case
    from mesode.config.physics import Physics, Top
    from mesode.config.resolve import Materials
    from mesode.geometry.arrays import MeshArrays
    from mesode.materials.properties import Coating, Material
    from mesode.mesh.domain import Domain
    from mesode.model.cell import Cell
    from mesode.model.materials import CellMaterials
    from mesode.model.processes.solids import SolidsOptions
    from mesode.model.processes.thermal import ThermalOptions
    from mesode.model.processes.third_dimension import Behind, ThirdDimension
    from mesode.model.stretched_foil import Foil
    from mesode.model.top_load import Plate

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedCell:
    """A cell and what was noticed on the way to it."""

    cell: Cell
    warnings: tuple[str, ...]
    isolated_area: float  # [um^2]
    behind: tuple[dict[str, Any], ...] = ()  # numbers of the electrodes behind the section


def phase_materials(materials: Materials) -> dict[str, Material]:
    """Return the material of each phase that a section may have."""
    return dict(materials.phases)


def build_cell(case: Case, meshed: Meshed | None, comm: MPI.Intracomm) -> PreparedCell:
    """Build the equations of a case on its mesh (collective).

    Args:
        case: The case.
        meshed: The mesh on rank 0, None on the others.
        comm: Communicator of the run.

    Raises:
        GeometryError: no particle has a path to the collector and to the electrolyte.
    """
    from mesode.case.third_dimension import told
    from mesode.mesh.domain import build_domain
    from mesode.model.cell import Cell, Setup
    from mesode.survey.isolation import isolated_materials

    resolved = resolve_materials(case)
    materials = phase_materials(resolved)
    arrays: MeshArrays | None = None

    def look() -> _Looked:
        nonlocal arrays
        if meshed is None:
            msg = "rank 0 has no mesh"
            raise RuntimeError(msg)
        arrays, looked = _look(case, meshed.arrays, materials)
        return looked

    looked = on_rank_zero(comm, look)
    for warning in looked.warnings:
        logger.warning("%s", warning)
    phases = looked.phases
    domain = build_domain(comm, arrays)
    materials_of = {**materials, **isolated_materials(materials, phases)}
    kind = section_kind(case.physics, materials_of, domain.phases)
    unfit = tuple(section_warnings(case.physics, materials_of, domain.phases))
    for warning in unfit if comm.rank == 0 else ():
        logger.warning("%s", warning)
    cell = Cell(
        domain,
        _cell_materials(resolved, materials_of, phases),
        Setup(
            temperature=case.physics.temperature,
            lithiation=looked.starts[0],
            counter_lithiation=looked.starts[1],
            mechanics=mechanics_options(case.physics, kind, case.numerics.displacement_degree),
            third=third_dimension(domain, looked),
            thermal=thermal_options(case.physics),
        ),
    )
    return PreparedCell(
        cell=cell,
        warnings=(*looked.warnings, *unfit),
        isolated_area=looked.area,
        behind=tuple(told(looked.behind)),
    )


def _cell_materials(
    resolved: Materials,
    materials: Mapping[str, Material],
    phases: Mapping[str, tuple[str, tuple[str, ...]]],
) -> CellMaterials:
    """Return the materials of a section, some of whose ``phases`` stand for what takes no part."""
    from mesode.model.materials import CellMaterials

    former = (new for new, (old, _) in phases.items() if materials[old].lithium is not None)
    return CellMaterials(
        phases=materials,
        electrolyte=resolved.electrolyte,
        counter=resolved.counter,
        contact_resistance=resolved.contact_resistance,
        host_contact_resistance=resolved.host_contact_resistance,
        coatings=coatings_of(resolved.coatings, phases),
        sei=resolved.sei,
        former_hosts=frozenset(former),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What rank 0 finds in the mesh: phases without a path, and what hangs on what is behind.

    ``hanging``: masks of the cells of the mesh, for electrons and for ions; ``starts``: first
    lithiation of the electrode and of the counter electrode.
    """

    phases: Mapping[str, tuple[str, tuple[str, ...]]]
    warnings: tuple[str, ...]
    area: float
    behind: dict[str, Behind]
    hanging: tuple[Any, Any]
    starts: tuple[float, float]


def _look(
    case: Case, arrays: MeshArrays, materials: Mapping[str, Material]
) -> tuple[MeshArrays, _Looked]:
    """Return the mesh with what has no path in phases of its own, and what was found in it."""
    from mesode.case.start import settled_on_mesh
    from mesode.case.third_dimension import behind
    from mesode.survey.isolation import isolate

    found = isolate(arrays, materials, **isolation_options(case))
    case = settled_on_mesh(case, found.arrays)
    return found.arrays, _Looked(
        phases=found.phases,
        warnings=found.warnings,
        area=found.area,
        behind=behind(case, arrays, materials, found.paths),
        hanging=(found.paths.hanging_electrons, found.paths.hanging_ions),
        starts=(case.initial.lithiation, case.initial.counter_lithiation),
    )


def isolation_options(case: Case) -> dict[str, bool]:
    """Return how a case treats what its section cuts off."""
    return {
        "third": case.geometry.third_dimension != "none",
        # the third medium holds what floats
        "mechanics": case.physics.mechanics == "linear",
    }


def third_dimension(domain: Domain, looked: _Looked) -> ThirdDimension:
    """Return what hangs on the electrode behind the section, by local cell."""
    from mesode.model.processes.third_dimension import ThirdDimension

    electrons, ions = (mask[domain.original_cells] for mask in looked.hanging)
    return ThirdDimension(behind=looked.behind, electrons=electrons, ions=ions)


def coatings_of(
    coatings: Mapping[str, Coating], isolated: Mapping[str, tuple[str, tuple[str, ...]]]
) -> dict[str, Coating]:
    """Return the coating of each phase: what has lost its path is still held by its coating."""
    kept = {new: coatings[old] for new, (old, _) in isolated.items() if old in coatings}
    return {**coatings, **kept}


def thermal_options(physics: Physics) -> ThermalOptions | None:
    """Return how the temperature of a case changes, None where it does not."""
    from mesode.model.processes.thermal import ThermalOptions

    thermal = physics.thermal
    if not isinstance(thermal, Lumped):
        return None
    return ThermalOptions(
        convection=thermal.convection,
        ambient=physics.temperature if thermal.ambient is None else thermal.ambient,
        heat_capacity=thermal.heat_capacity,
    )


def mechanics_options(physics: Physics, kind: str, degree: int) -> SolidsOptions | None:
    """Return the options of the mechanics that a case asks for, None for none.

    Args:
        physics: Of the case.
        kind: Of the section, see ``section_kind``.
        degree: Of the displacement.
    """
    from mesode.model.processes.finite_mechanics import FiniteOptions
    from mesode.model.processes.mechanics import MechanicsOptions
    from mesode.physics.diffusion import StressFlux
    from mesode.physics.elasticity import SectionKind

    if physics.mechanics == "none":
        return None
    top = physics.top
    held: dict[str, Any] = {
        "kind": SectionKind(kind),
        "pressure": pressure_at_start(top),
        "degree": degree,
        "two_way": physics.stress_coupling == "two_way",
        "flux": StressFlux(physics.stress_flux),
    }
    if physics.mechanics == "finite":
        return FiniteOptions(**held, fixed=top == "fixed", plate=_plate(top), foil=_foil(physics))
    return MechanicsOptions(**held, spring=top.spring if isinstance(top, Spring) else 0.0)


def _plate(top: Top) -> Plate | None:
    """Return the plate over the electrode, None where there is none."""
    from mesode.model.top_load import Plate

    if isinstance(top, Lid):
        return Plate(height=top.height)
    if isinstance(top, Stacked):
        return Plate(gap=top.stack.gap, stiffness=top.stack.stiffness)
    if isinstance(top, Spring):
        return Plate(stiffness=top.spring)
    return Plate(stiffness=0.0) if isinstance(top, Pressure) and top.pressure else None


def _foil(physics: Physics) -> Foil | None:
    """Return the foil that stretches, None under a collector that is rigid."""
    from mesode.model.stretched_foil import Foil

    foil = physics.collector
    if not isinstance(foil, ElasticFoil):
        return None
    return Foil(thickness=foil.thickness, E=foil.E, nu=foil.nu)
