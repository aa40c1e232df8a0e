"""Section ``geometry``: a packing, a micrograph or a mesh of the user's own."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Tag, model_validator

from mesode.config.base import Block, Finding, entry, problem, refuse
from mesode.config.electrode import ElectrodeShape, SeparatorShape
from mesode.config.files import InputFile
from mesode.config.layer import LayerElectrode
from mesode.config.micrograph import Image, names_as_text
from mesode.config.quantities import CellArea, LayerThickness, show_length
from mesode.config.third_dimension import AnyThirdDimension, third_dimension_entry

MESH_BOUNDARIES: Final = (
    "collector", "counter", "left", "right", "top", "counter_top", "coating", "counter_coating",
)  # fmt: skip


def _electrode_kind(value: Any) -> str:
    if isinstance(value, Block):
        return type(value).__name__
    layer = isinstance(value, dict) and value.get("layer") is not None
    drawn = isinstance(value, dict) and ("particles" in value or "recipe" in value)
    return "LayerElectrode" if layer and not drawn else "ElectrodeShape"


def _counter_kind(value: Any) -> str:
    return _electrode_kind(value) if isinstance(value, dict | Block) else "lithium"


def _only_lithium(value: Any) -> Any:
    if value != "lithium":
        hint = "The keys of the block are those of geometry.electrode"
        raise problem("expected 'lithium', or a block of an electrode", hint)
    return value


#: An electrode of a section that is not an image or a mesh.
type AnyElectrode = ElectrodeShape | LayerElectrode

Working = Annotated[
    Annotated[ElectrodeShape, Tag("ElectrodeShape")]
    | Annotated[LayerElectrode, Tag("LayerElectrode")],
    Discriminator(_electrode_kind),
]
Counter = Annotated[
    Annotated[Literal["lithium"], BeforeValidator(_only_lithium), Tag("lithium")]
    | Annotated[ElectrodeShape, Tag("ElectrodeShape")]
    | Annotated[LayerElectrode, Tag("LayerElectrode")],
    Discriminator(_counter_kind),
]


def cell_area_entry() -> Any:
    """Return the field of the area of a whole cell."""
    return entry(
        "Area of the electrode in the cell that the section stands for: what amperes, watts and "
        "ohms of the protocol are divided over. Nothing else depends on it.",
        None,
    )


class Geometry(Block):
    """The section: width across, layers from the collector to the counter electrode."""

    width: LayerThickness = entry("Width of the section; its sides are mirrors.")
    electrode: Working = entry(
        "The working electrode; with `layer` and no `particles` it is homogenised, not drawn."
    )
    separator: SeparatorShape = entry("The separator.")
    counter: Counter = entry(
        "The counter electrode: lithium metal, or a block like `electrode` for a full section, "
        "with `layer` too; it is mirrored, its collector on top.",
        "lithium",
    )
    third_dimension: AnyThirdDimension = third_dimension_entry()
    cell_area: CellArea | None = cell_area_entry()

    @model_validator(mode="after")
    def _wide_enough(self) -> Self:
        shapes = (self.electrode, self.counter)
        needed = max(
            (s.diameters()[1] + 2 * s.gap for s in shapes if isinstance(s, ElectrodeShape)),
            default=0.0,
        )
        if self.width < needed:
            text = f"expected at least the largest particle with its gaps, {show_length(needed)}"
            raise problem(text, path=("width",))
        return self


def _needless(data: Any, keys: tuple[str, ...], reason: str, source: str) -> list[Finding]:
    """Return one finding for all the keys of a block that cannot stand beside an image or mesh."""
    given = [key for key in keys if isinstance(data, dict) and key in data]
    hint = f"Take out {', '.join(given)}, or {source}"
    return [Finding(reason, hint, (given[0],))] if given else []


class ImageElectrode(Block):
    """The working electrode as a micrograph shows it; the collector is at its lower edge."""

    image: Image = entry("The micrograph.")


class ImageGeometry(Block):
    """A section whose electrode is a micrograph, which brings its width and thickness."""

    electrode: ImageElectrode = entry("The working electrode.")
    separator: SeparatorShape = entry("The separator.")
    counter: Annotated[Literal["lithium"], BeforeValidator(_only_lithium)] = entry(
        "The counter electrode: lithium metal.", "lithium"
    )
    third_dimension: AnyThirdDimension = third_dimension_entry()
    cell_area: CellArea | None = cell_area_entry()

    @model_validator(mode="before")
    @classmethod
    def _nothing_else(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        reason = "the image brings the width: its pixels times pixel"
        found = _needless(data, ("width",), reason, "electrode.image")
        keys = ("thickness", "particles", "packing", "carbon_binder", "coating", "collector")
        reason = "this cannot be given beside an image"
        for each in _needless(data.get("electrode"), keys, reason, "image"):
            found.append(Finding(each.expected, each.hint, ("electrode", *each.path)))
        refuse(found)
        return data


class MeshFile(Block):
    """A mesh of triangles whose named groups are phases and boundaries."""

    file: InputFile = entry(
        "A gmsh .msh file, or .vtu, .vtk, .xdmf, .med, .inp, .mesh, .su2, .bdf, .nas; looked up "
        "beside the YAML file, then in the working directory."
    )
    unit: Literal["nm", "um", "mm", "cm", "m"] = entry("Unit of the coordinates in the file.")
    axis: Literal["y", "x", "-y", "-x"] = entry(
        "Direction in the file from the collector to the counter electrode; the section is turned "
        "such that it grows along y.",
        "y",
    )
    phases: Annotated[dict[str, str], BeforeValidator(names_as_text)] = entry(
        "Phase of each group of triangles: {group: phase}; a group without name has a number."
    )
    boundaries: Annotated[dict[str, str], BeforeValidator(names_as_text)] = entry(
        "Boundary of each group of lines: {group: boundary}; those not given are found by their "
        "place.",
        {},
    )

    @model_validator(mode="after")
    def _known_boundaries(self) -> Self:
        refuse(
            Finding(
                f"expected one of {', '.join(MESH_BOUNDARIES)}: '{name}'",
                path=("boundaries", group),
            )
            for group, name in self.boundaries.items()
            if name not in MESH_BOUNDARIES
        )
        return self


class MeshGeometry(Block):
    """A section that is meshed already."""

    mesh: MeshFile = entry("The mesh.")
    third_dimension: AnyThirdDimension = third_dimension_entry()
    cell_area: CellArea | None = cell_area_entry()

    @model_validator(mode="before")
    @classmethod
    def _nothing_else(cls, data: Any) -> Any:
        keys = ("width", "electrode", "separator", "counter")
        refuse(_needless(data, keys, "the mesh brings the whole section", "mesh"))
        return data


def _geometry_kind(value: Any) -> str:
    if isinstance(value, Block):
        return type(value).__name__
    if isinstance(value, dict) and "mesh" in value:
        return "MeshGeometry"
    electrode = value.get("electrode") if isinstance(value, dict) else None
    if isinstance(electrode, ImageElectrode):
        return "ImageGeometry"
    return "ImageGeometry" if isinstance(electrode, dict) and "image" in electrode else "Geometry"


AnyGeometry = Annotated[
    Annotated[Geometry, Tag("Geometry")]
    | Annotated[ImageGeometry, Tag("ImageGeometry")]
    | Annotated[MeshGeometry, Tag("MeshGeometry")],
    Discriminator(_geometry_kind),
]
