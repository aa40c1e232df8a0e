"""Sections that no machine builds or meshes are refused before it is tried."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import shapely

from mesode.config.electrode import ElectrodeShape
from mesode.config.geometry import Geometry
from mesode.errors import GeometryError
from mesode.geometry.request import to_um

if TYPE_CHECKING:
    from mesode.config.case import Case
    from mesode.geometry.section import Section

MOST_PARTICLES: Final = 20_000
MOST_TRIANGLES: Final = 5_000_000
_PER_SQUARE: Final = 4.0 / math.sqrt(3.0)  # triangles of equal sides in the square of a side


def check_drawn(case: Case) -> None:
    """Refuse particles and triangles without number, from what the file says alone.

    Raises:
        GeometryError: at least so many are asked for; says how many, and what to change.
    """
    if not isinstance(case.geometry, Geometry):
        return
    width, size, interface = case.geometry.width, case.mesh.size, case.mesh.interface
    particles, surfaces, height = 0.0, 0.0, case.geometry.separator.thickness
    for shape in (case.geometry.electrode, case.geometry.counter):
        if shape == "lithium":
            continue
        height += shape.thickness
        if not isinstance(shape, ElectrodeShape):
            continue
        for population in shape.particles:
            area = population.fraction * width * shape.thickness
            largest = population.diameter.bounds()[1]
            particles += area / (0.25 * math.pi * largest**2)
            surfaces += 4.0 * area / largest
    if particles > MOST_PARTICLES:
        msg = (
            f"geometry: at least {particles:.2g} particles; at most {MOST_PARTICLES} are packed. "
            "Take a smaller width or thickness: a section ten particles wide stands for the rest"
        )
        raise GeometryError(msg)
    _check(_PER_SQUARE * width * height / size**2 + surfaces / interface)


def check_section(section: Section, case: Case) -> None:
    """Refuse a section that was built whose mesh would be without measure.

    Raises:
        GeometryError: at least so many triangles are asked for.
    """
    size, interface = to_um(case.mesh.size), to_um(case.mesh.interface)
    lines = sum(float(shapely.length(list(part)).sum()) for part in section.phases.values())
    # each line bounds two phases, and each of its pieces two triangles
    _check(_PER_SQUARE * section.width * section.height / size**2 + lines / interface)


def _check(triangles: float) -> None:
    if triangles > MOST_TRIANGLES:
        msg = (
            f"mesh: at least {triangles:.2g} triangles; at most {MOST_TRIANGLES} are made. Take a "
            "larger mesh.size and mesh.interface, or a smaller section (of an image: image.pixel)"
        )
        raise GeometryError(msg)
