"""From a case to its mesh on rank 0: section, mesh, report, picture, what is isolated."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mesode.case.case_section import build_case_section, electronic_conductivity
from mesode.case.meshed import Meshed, SectionMesh
from mesode.case.prepare import isolation_options, phase_materials
from mesode.case.start import settled_on_section
from mesode.case.top_room import check_top
from mesode.config.geometry import MeshGeometry
from mesode.config.resolve import resolve_materials
from mesode.errors import GeometryError
from mesode.geometry.request import to_um
from mesode.output.manifest import to_json
from mesode.output.ranks import writing

if TYPE_CHECKING:
    from mesode.case.case_section import CaseSection
    from mesode.config.case import Case
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.surface_layers import Layers


def mesh_case(case: Case, folder: Path) -> SectionMesh:
    """Build and mesh the section of a case; write ``model.msh`` and ``quality.json``.

    Of a micrograph there is ``segmentation.png`` as well; a mesh of the user's is copied.

    Raises:
        GeometryError: the geometry is impossible, or the image cannot be used.
        InputError: what is wrong with a mesh file, or the electrode has no room under its top.
        OutputError: the folder cannot be written.
    """
    from mesode.survey.quality import quality_report

    built = build_case_section(case)
    check_top(settled_on_section(case, built.section), built.section)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        arrays = _mesh(case, built, folder)
        report = quality_report(built.section, arrays)
        (folder / "quality.json").write_text(to_json(report), encoding="utf-8")
        if built.micrograph is not None:
            from mesode.geometry.micrograph.picture import draw_segmentation

            draw_segmentation(built.micrograph, folder / "segmentation.png")
    image = built.micrograph.segmentation.raw if built.micrograph is not None else None
    return SectionMesh(section=built.section, arrays=arrays, report=report, image=image)


def _mesh(case: Case, built: CaseSection, folder: Path) -> MeshArrays:
    """Mesh a section, or copy the mesh that it comes from."""
    from mesode.geometry.gmsh_mesh import mesh_section

    if built.mesh is None or not isinstance(case.geometry, MeshGeometry):
        size, interface = to_um(case.mesh.size), to_um(case.mesh.interface)
        path = folder / "model.msh"
        return mesh_section(built.section, size, interface, path, surface_layers(case))
    source = Path(case.geometry.mesh.file)
    with writing(folder), suppress(shutil.SameFileError):  # the mesh of an earlier call
        shutil.copyfile(source, folder / f"model{source.suffix}")
    return built.mesh


def surface_layers(case: Case) -> Layers | None:
    """Return the layers that a case asks for at the surface of its hosts, None without any."""
    from mesode.geometry.surface_layers import Layers

    if case.mesh.surface is None:
        return None
    materials = phase_materials(resolve_materials(case))
    return Layers(
        hosts=frozenset(
            name for name, m in materials.items() if m.lithium is not None and m.layer is None
        ),
        pores=frozenset(name for name, m in materials.items() if m.ionic is not None),
        first=to_um(case.mesh.surface),
    )


def measure_transport(case: Case, meshed: SectionMesh, folder: Path) -> None:
    """Add what is lost, the networks and their tortuosities to the report and ``quality.json``.

    Raises:
        SolverError: a linear solver failed.
        OutputError: the folder cannot be written.
    """
    from mesode.survey.paths import find_paths, lost_shares
    from mesode.survey.transport import transport_report, transport_warnings

    case = settled_on_section(case, meshed.section)
    materials = phase_materials(resolve_materials(case))

    def sigma(phase: str) -> float:
        return electronic_conductivity(case, materials[phase])

    paths = find_paths(meshed.arrays, materials, **isolation_options(case))
    meshed.report["lost"] = lost_shares(meshed.arrays, paths)
    transport = transport_report(meshed.arrays, materials, sigma, meshed.image)
    meshed.report["transport"] = transport
    meshed.report["warnings"] = [*meshed.report["warnings"], *transport_warnings(transport)]
    with writing(folder):
        (folder / "quality.json").write_text(to_json(meshed.report), encoding="utf-8")


def picture_case(case: Case, meshed: Meshed, path: Path) -> None:
    """Draw the section, its mesh, and requested against achieved."""
    from mesode.survey.picture import draw_geometry
    from mesode.survey.transport import isolated_mask

    isolated = isolated_mask(meshed.arrays, phase_materials(resolve_materials(case)))
    with writing(path):
        draw_geometry(meshed.arrays, meshed.report, path, case.title, isolated)


def look_for_isolated(case: Case, meshed: SectionMesh) -> tuple[str, ...]:
    """Return what of the section has no path to its electrode, a sentence for each kind.

    That there is no path at all stops a run, but is a property of the section here.
    """
    from mesode.survey.isolation import isolate

    try:
        materials = phase_materials(resolve_materials(case))
        return isolate(meshed.arrays, materials, **isolation_options(case)).warnings
    except GeometryError as error:
        return (f"a run will refuse this section: {error}",)
