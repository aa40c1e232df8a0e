"""The section of a case, whatever it comes from: a packing, a micrograph or a mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mesode.case.section_size import check_drawn, check_section
from mesode.config.geometry import Geometry, ImageGeometry
from mesode.config.resolve import resolve_materials
from mesode.geometry.request import image_request, mesh_request, section_request, to_um

if TYPE_CHECKING:
    from mesode.config.case import Case
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.micrograph.image_section import ElectrodePieces
    from mesode.geometry.section import Section
    from mesode.materials.properties import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSection:
    """A section, with the segmented micrograph or the mesh if it comes from one."""

    section: Section
    micrograph: ElectrodePieces | None = None
    mesh: MeshArrays | None = None


def build_case_section(case: Case) -> CaseSection:
    """Build the section of a case.

    Raises:
        GeometryError: the geometry is impossible or far too large, or the image cannot be used.
        InputError: what is wrong with a mesh file.
    """
    from mesode.geometry.micrograph.image_section import image_electrode, image_section
    from mesode.geometry.own_mesh.load import load_own_mesh
    from mesode.geometry.own_mesh.mesh_section import section_of_mesh
    from mesode.geometry.section import build_section

    if isinstance(case.geometry, Geometry):
        check_drawn(case)
        return CaseSection(section=build_section(section_request(case)))
    if isinstance(case.geometry, ImageGeometry):
        request = replace(image_request(case), networks=_networks(case))
        pieces = image_electrode(request, to_um(case.mesh.interface))
        separator = to_um(case.geometry.separator.thickness)
        section = image_section(pieces, separator)
        check_section(section, case)
        return CaseSection(section=section, micrograph=pieces)
    own = load_own_mesh(mesh_request(case))
    return CaseSection(section=section_of_mesh(own.mesh, own.report), mesh=own.mesh)


def electronic_conductivity(case: Case, material: Material) -> float:
    """Return the conductivity for electrons [S/m] at the initial state, 0 for an insulator."""
    if material.electronic is None:
        return 0.0
    return float(material.electronic.sigma(sto=case.initial.lithiation, T=case.physics.temperature))


def _networks(case: Case) -> dict[str, dict[str, float]]:
    """Return what the phases of a micrograph carry, and how well."""
    materials = resolve_materials(case).phases
    return {
        "electrons": {name: electronic_conductivity(case, m) for name, m in materials.items()},
        "ions": {n: 1.0 / m.ionic.macmullin for n, m in materials.items() if m.ionic is not None},
    }
