"""The mesh of a case, as rank 0 holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesode.geometry.arrays import MeshArrays
    from mesode.geometry.micrograph.label_polygons import LabelImage
    from mesode.geometry.section import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Meshed:
    """A mesh and the report on it, as rank 0 holds them."""

    arrays: MeshArrays
    report: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionMesh(Meshed):
    """A mesh with the section that it was made from, and the pixels if those of an image."""

    section: Section
    image: LabelImage | None = None
