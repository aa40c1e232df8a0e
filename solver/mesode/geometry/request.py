"""From the ``geometry`` and ``mesh`` sections of the input (metres) to requests (micrometres)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.config import binder as kinds
from mesode.config.geometry import Geometry, ImageGeometry, MeshGeometry
from mesode.config.layer import LayerElectrode
from mesode.config.micrograph import grey_range
from mesode.config.particles import (
    CoreShellInside,
    EllipseShape,
    HollowInside,
    PolygonShape,
    PorousInside,
    YolkShellInside,
)
from mesode.config.phases import electrode_specs, phase_of
from mesode.config.sizes import HistogramDiameter, MonoDiameter
from mesode.geometry.assembly import ElectrodeRequest, LayerRequest
from mesode.geometry.binder.place import Bridges, Clusters, Film, Matrix, Patches
from mesode.geometry.micrograph.grey_image import Crop
from mesode.geometry.micrograph.segmentation import GreyLevel, ImageRequest, Threshold
from mesode.geometry.own_mesh.load import OwnMeshRequest
from mesode.geometry.particles.coating import CoatingRequest
from mesode.geometry.particles.grain_shapes import Disc, Ellipse, RoundedPolygon
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.inside import CoreShell, Hollow, Porous, Solid, YolkShell
from mesode.geometry.particles.sizes import Histogram, LogNormal, Mono, SizeDistribution
from mesode.geometry.section import SectionRequest
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from mesode.config.case import Case
    from mesode.config.geometry import AnyElectrode
    from mesode.config.materials import ElectrodeMaterials
    from mesode.config.particles import Particles
    from mesode.config.sizes import Diameter
    from mesode.geometry.binder.place import BinderShape
    from mesode.geometry.particles.grain_shapes import Shape
    from mesode.geometry.particles.inside import Inside

MICROMETRES = 1e6  # [um/m]


def to_um(length: float) -> float:
    """Return a length [m] in um, rounded to 12 digits so that 3e-6 m is 3 um exactly."""
    return float(f"{length * MICROMETRES:.12g}")


def section_request(case: Case) -> SectionRequest:
    """Return the request for :func:`mesode.geometry.section.build_section`.

    Raises:
        TypeError: the geometry of the case is an image or a mesh.
    """
    geometry = case.geometry
    if not isinstance(geometry, Geometry):
        msg = f"a {type(geometry).__name__} is not packed"
        raise TypeError(msg)
    counter = geometry.counter
    return SectionRequest(
        width=to_um(geometry.width),
        electrode=_electrode(case, geometry.electrode, counter=False),
        separator_thickness=to_um(geometry.separator.thickness),
        counter=None if counter == "lithium" else _electrode(case, counter, counter=True),
        interface_size=to_um(case.mesh.interface),
    )


def image_request(case: Case) -> ImageRequest:
    """Return the request for :func:`mesode.geometry.micrograph.image_section.image_electrode`.

    Raises:
        TypeError: the geometry of the case is not an image.
    """
    geometry = case.geometry
    if not isinstance(geometry, ImageGeometry):
        msg = f"a {type(geometry).__name__} is not an image"
        raise TypeError(msg)
    image = geometry.electrode.image
    levels = [(*grey_range(text), phase) for text, phase in (image.phases or {}).items()]
    return ImageRequest(
        file=Path(image.file),
        pixel=to_um(image.pixel),
        phases=tuple(GreyLevel(low=low, high=high, phase=phase) for low, high, phase in levels)
        if image.threshold is None
        else Threshold(method=image.threshold.method, phases=image.threshold.phases),
        hosts=tuple(case.materials.hosts()),
        page=image.page,
        crop=None
        if image.crop is None
        else Crop(
            left=image.crop.left,
            top=image.crop.top,
            width=image.crop.width,
            height=image.crop.height,
        ),
        scale=image.scale,
        smooth=image.smooth,
        despeckle=None if image.despeckle is None else image.despeckle * MICROMETRES**2,
        area_error=image.area_error,
    )


def mesh_request(case: Case) -> OwnMeshRequest:
    """Return the request for :func:`mesode.geometry.own_mesh.load.load_own_mesh`.

    Raises:
        TypeError: the geometry of the case is not a mesh.
    """
    geometry = case.geometry
    if not isinstance(geometry, MeshGeometry):
        msg = f"a {type(geometry).__name__} is not a mesh"
        raise TypeError(msg)
    mesh = geometry.mesh
    counter = electrode_specs(case.materials, counter=True)
    return OwnMeshRequest(
        file=Path(mesh.file),
        unit=mesh.unit,
        axis=mesh.axis,
        phases=mesh.phases,
        boundaries=mesh.boundaries,
        hosts=(
            *case.materials.hosts(),
            *(f"{COUNTER_PREFIX}{name}" for name in (counter.hosts() if counter else ())),
        ),
    )


def size_distribution(diameter: Diameter) -> SizeDistribution:
    """Return the distribution [um] that a ``diameter`` key asks for."""
    if isinstance(diameter, MonoDiameter):
        return Mono(to_um(diameter.diameter))
    if isinstance(diameter, HistogramDiameter):
        sizes, shares = zip(*diameter.histogram, strict=True)
        return Histogram(tuple(to_um(d) for d in sizes), tuple(shares))
    low, high = diameter.bounds()
    return LogNormal(to_um(diameter.median), diameter.spread, to_um(low), to_um(high))


def _electrode(
    case: Case, shape: AnyElectrode, *, counter: bool
) -> ElectrodeRequest | LayerRequest:
    # Without materials of its own a case with a counter electrode has not passed the checks.
    specs = electrode_specs(case.materials, counter=counter) or case.materials
    if isinstance(shape, LayerElectrode):
        return LayerRequest(
            thickness=to_um(shape.thickness),
            phase=phase_of(specs, "active", shape.layer.material),
            foil=to_um(shape.collector or 0.0),
        )
    packing, coating = shape.packing, shape.coating
    contact = packing.contact if packing else None
    cluster = packing.cluster_diameter if packing else None
    grains = GrainRequest(
        populations=tuple(_population(population, specs) for population in shape.particles),
        gap=to_um(shape.gap),
        seed=shape.seed,
        contact=_optional(contact),
        clustering=(packing.clustering if packing else None) or 0.0,
        cluster_diameter=_optional(cluster),
    )
    binders = [_binder(binder, specs) for binder in shape.carbon_binder]
    if shape.layer is not None:  # takes the place of a matrix
        binders.append(Matrix(phase=phase_of(specs, "active", shape.layer.material)))
    return ElectrodeRequest(
        thickness=to_um(shape.thickness),
        grains=grains,
        binder=tuple(binder for binder in binders if binder is not None),
        coating=None
        if coating is None
        else CoatingRequest(
            integrity=coating.integrity, defect=to_um(coating.defect), seed=coating.seed
        ),
        foil=to_um(shape.collector or 0.0),
    )


def _optional(length: float | None) -> float | None:
    return None if length is None else to_um(length)


def _population(particles: Particles, specs: ElectrodeMaterials) -> Population:
    return Population(
        fraction=particles.fraction,
        sizes=size_distribution(particles.diameter),
        shape=_shape(particles),
        inside=_inside(particles),
        phase=phase_of(specs, "active", particles.material),
    )


def _shape(particles: Particles) -> Shape:
    match particles.shape:
        case EllipseShape(aspect=aspect):
            return Ellipse(aspect)
        case PolygonShape(corners=corners, rounding=rounding):
            return RoundedPolygon(corners, rounding)
        case _:
            return Disc()


def _inside(particles: Particles) -> Inside:
    match particles.inside:
        case HollowInside(void=void):
            return Hollow(void=void)
        case PorousInside(fraction=fraction, diameter=diameter):
            return Porous(fraction=fraction, diameter=to_um(diameter))
        case CoreShellInside(core=core, material=phase):
            return CoreShell(core=core, phase=phase)
        case YolkShellInside(shell=shell, material=phase, void=void, contact=contact):
            return YolkShell(shell=to_um(shell), phase=phase, void=void, contact=to_um(contact))
        case _:
            return Solid()


def _binder(shape: kinds.BinderShape, specs: ElectrodeMaterials) -> BinderShape | None:
    match shape:
        case kinds.NoBinder():
            return None
        case kinds.MatrixBinder():
            return Matrix(phase=phase_of(specs, "carbon_binder", shape.material))
        case kinds.FilmBinder():
            return Film(
                thickness=_optional(shape.thickness),
                fraction=shape.fraction,
                phase=phase_of(specs, "carbon_binder", shape.material),
            )
        case kinds.BridgeBinder():
            return Bridges(
                radius=_optional(shape.radius),
                fraction=shape.fraction,
                phase=phase_of(specs, "carbon_binder", shape.material),
            )
        case kinds.PatchBinder():
            return Patches(
                coverage=shape.coverage,
                thickness=to_um(shape.thickness),
                length=to_um(shape.length),
                phase=phase_of(specs, "carbon_binder", shape.material),
                seed=shape.seed,
            )
        case kinds.ClusterBinder():
            return Clusters(
                fraction=shape.fraction,
                diameter=to_um(shape.diameter),
                phase=phase_of(specs, "carbon_binder", shape.material),
                seed=shape.seed,
            )
