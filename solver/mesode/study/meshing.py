"""From a case to its mesh on rank 0: section, mesh, report, picture, what is isolated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesode.config.resolve import resolve_materials
from mesode.geometry.request import to_um
from mesode.output.manifest import to_json
from mesode.output.ranks import writing
from mesode.study.prepare import phase_materials
from mesode.study.sections import build_case_section

if TYPE_CHECKING:
    from pathlib import Path

    from mesode.config.case import Case
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.section import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Meshed:
    """A mesh and the report on it, as rank 0 holds them."""

    arrays: MeshArrays
    report: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshedSection(Meshed):
    """A mesh with the section that it was made from."""

    section: Section


def mesh_case(case: Case, folder: Path) -> MeshedSection:
    """Build and mesh the section of a case; write ``model.msh`` and ``quality.json``.

    Of a micrograph there is ``segmentation.png`` as well.

    Raises:
        GeometryError: the geometry is impossible, or the image cannot be used.
        OutputError: the folder cannot be written.
    """
    from mesode.geometry.gmsh_mesh import mesh_section
    from mesode.geometry.quality import quality_report

    built = build_case_section(case)
    size, interface = to_um(case.mesh.size), to_um(case.mesh.interface)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        arrays = mesh_section(built.section, size, interface, folder / "model.msh")
        report = quality_report(built.section, arrays)
        (folder / "quality.json").write_text(to_json(report), encoding="utf-8")
        if built.micrograph is not None:
            from mesode.geometry.micrograph_picture import draw_segmentation

            draw_segmentation(built.micrograph, folder / "segmentation.png")
    return MeshedSection(section=built.section, arrays=arrays, report=report)


def measure_transport(case: Case, meshed: MeshedSection, folder: Path) -> None:
    """Add the networks and their tortuosities to the report and to ``quality.json``.

    Raises:
        SolverError: a linear solver failed.
        OutputError: the folder cannot be written.
    """
    from mesode.study.transport_report import transport_report

    materials = phase_materials(resolve_materials(case))

    def sigma(phase: str) -> float:
        electronic = materials[phase].electronic
        if electronic is None:
            return 0.0
        return float(electronic.sigma(sto=case.initial.lithiation, T=case.physics.temperature))

    meshed.report["transport"] = transport_report(meshed.arrays, materials, sigma)
    with writing(folder):
        (folder / "quality.json").write_text(to_json(meshed.report), encoding="utf-8")


def picture_case(case: Case, meshed: Meshed, path: Path) -> None:
    """Draw the section, its mesh, and requested against achieved."""
    from mesode.geometry.picture import draw_geometry
    from mesode.study.transport_report import isolated_mask

    isolated = isolated_mask(meshed.arrays, phase_materials(resolve_materials(case)))
    with writing(path):
        draw_geometry(meshed.arrays, meshed.report, path, case.title, isolated)


def look_for_isolated(case: Case, meshed: MeshedSection) -> tuple[str, ...]:
    """Return a sentence for each part of the section that has no path to its electrode.

    Raises:
        GeometryError: no particle has a path to the collector and to the electrolyte.
    """
    from mesode.study.isolation import isolate

    return isolate(meshed.arrays, phase_materials(resolve_materials(case))).warnings
