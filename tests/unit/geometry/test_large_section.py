"""If these fail, a section of the size of a real electrode takes too long or too much memory."""

from __future__ import annotations

import logging
import resource
import time

import numpy as np
import pytest

from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.binder.place import Bridges, Clusters, Matrix
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.particles.coating import CoatingRequest
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import LogNormal
from mesode.geometry.section import SectionRequest, build_section
from mesode.survey.quality import minimum_angle

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.timeout(1800)]

logger = logging.getLogger(__name__)

PARTICLES = 2000
FRACTION = 0.45
SIZE = 0.2
LONGEST = 90.0  # [s] for a million cells
LARGEST = 4.0  # [GB]


@pytest.mark.parametrize(
    "shape", [Matrix(), Bridges(fraction=0.1), Clusters(fraction=0.05, diameter=1.0)], ids=str
)
def test_two_thousand_particles_are_meshed_in_time(shape, tmp_path):
    """Processor time, because others may use the machine; the log has the numbers."""
    sizes = LogNormal(3.0, 0.2)
    # mean of d^2 of the log-normal distribution, times the number of particles
    area = PARTICLES * np.pi / 4 * 9.0 * np.exp(2 * 0.2**2) / FRACTION
    side = float(np.sqrt(area))
    grains = GrainRequest(populations=(Population(fraction=FRACTION, sizes=sizes),), gap=0.1)
    electrode = ElectrodeRequest(
        thickness=side,
        grains=grains,
        binder=(shape,),
        coating=CoatingRequest(integrity=0.8, defect=0.5),
    )
    start = time.process_time()
    section = build_section(
        SectionRequest(
            width=side, electrode=electrode, separator_thickness=20.0, interface_size=SIZE
        )
    )
    built = time.process_time()
    mesh = mesh_section(section, 1.0, SIZE, tmp_path / "a.msh")
    meshed = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    logger.warning(
        "%d particles: section %.0f s, mesh of %d cells %.0f s, %.2f GB, least angle %.1f",
        *(len(section.particles), built - start, len(mesh.cells), meshed - built, memory),
        minimum_angle(mesh).min(),
    )
    assert len(section.particles) == pytest.approx(PARTICLES, rel=0.05)
    assert len(mesh.cells) > 0.9e6
    assert (meshed - built) * 1e6 / len(mesh.cells) < LONGEST
    assert memory < LARGEST
