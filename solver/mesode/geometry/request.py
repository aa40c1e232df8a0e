"""From the ``geometry`` and ``mesh`` sections of the input (metres) to requests (micrometres)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.config.geometry import HistogramDiameter, MonoDiameter
from mesode.geometry.binder import Matrix
from mesode.geometry.grains import GrainRequest, Population
from mesode.geometry.section import ElectrodeRequest, SectionRequest
from mesode.geometry.sizes import Histogram, LogNormal, Mono, SizeDistribution

if TYPE_CHECKING:
    from mesode.config.geometry import Diameter, Geometry
    from mesode.config.mesh import Mesh

MICROMETRES = 1e6  # [um/m]


def to_um(length: float) -> float:
    """Return a length [m] in um, rounded to 12 digits so that 3e-6 m is 3 um exactly."""
    return float(f"{length * MICROMETRES:.12g}")


def section_request(geometry: Geometry, mesh: Mesh) -> SectionRequest:
    """Return the request for :func:`mesode.geometry.section.build_section`."""
    electrode = geometry.electrode
    particles = electrode.particles
    population = Population(
        fraction=particles.fraction, sizes=size_distribution(particles.diameter)
    )
    grains = GrainRequest(populations=(population,), gap=to_um(particles.gap), seed=particles.seed)
    return SectionRequest(
        width=to_um(geometry.width),
        electrode=ElectrodeRequest(
            thickness=to_um(electrode.thickness),
            grains=grains,
            binder=(Matrix(),) if electrode.carbon_binder.kind == "matrix" else (),
        ),
        separator_thickness=to_um(geometry.separator.thickness),
        interface_size=to_um(mesh.interface),
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
