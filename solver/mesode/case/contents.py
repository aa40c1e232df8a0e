"""What an electrode holds: area, mass and capacity of each of its materials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.config.binder import MatrixBinder
from mesode.config.electrode import ElectrodeShape
from mesode.config.geometry import Geometry
from mesode.constants import FARADAY
from mesode.section_names import PORE, VOID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.section import Section

_SQUARE_UM = 1e-12  # [m^2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One material of an electrode.

    ``area`` of the section [m^2], in a homogenised layer its share of that; ``mass`` [kg/m^2] of
    electrode, dry and without lithium; ``capacity`` [C/m^2] from lithiation 0 to 1, 0 of a binder;
    ``pores`` [m^2] in it; ``layer``: a homogenised layer.
    """

    phase: str
    name: str
    area: float
    mass: float
    capacity: float
    pores: float
    layer: bool = False

    @property
    def host(self) -> bool:
        """Whether it takes lithium."""
        return self.capacity > 0.0


def electrode_contents(
    section: Section, materials: Materials, prefix: str = ""
) -> tuple[Content, ...]:
    """Return the materials of the working electrode; ``counter_``: of the other one."""
    names = (*materials.hosts(prefix), *materials.binders(prefix))
    return tuple(_content(section, materials, name) for name in names if name in section.phases)


def _content(section: Section, materials: Materials, phase: str) -> Content:
    material, area = materials.phases[phase], _area(section, phase)
    width = section.electrode_width * 1e-6
    porosity = material.ionic.porosity if material.ionic else 0.0
    c_max = material.share * material.lithium.c_max if material.lithium else 0.0
    solid = material.share if material.layer else 1.0 - porosity
    return Content(
        phase=phase,
        name=material.name,
        area=material.share * area,
        mass=material.density * solid * area / width,
        capacity=FARADAY * c_max * area / width,
        pores=porosity * area,
        layer=material.layer is not None,
    )


def hosts_of(contents: Sequence[Content]) -> tuple[Content, ...]:
    """Return the lithium hosts."""
    return tuple(content for content in contents if content.host)


def capacity_of(contents: Sequence[Content]) -> float:
    """Return the charge from lithiation 0 to 1 [C/m^2]."""
    return sum(content.capacity for content in contents)


def loading_of(contents: Sequence[Content]) -> float:
    """Return the active material per electrode area [kg/m^2]."""
    return sum(content.mass for content in hosts_of(contents))


def pore_area(section: Section, contents: Sequence[Content], prefix: str = "") -> float:
    """Return the area of electrolyte in an electrode [m^2]: open pores, and those of the binder."""
    return _area(section, f"{prefix}{PORE}") + sum(content.pores for content in contents)


def open_area(section: Section) -> float:
    """Return the area of open pores and voids of the working electrode [m^2]."""
    return _area(section, PORE) + _area(section, VOID)


def _area(section: Section, phase: str) -> float:
    return float(sum(polygon.area for polygon in section.phases.get(phase, ()))) * _SQUARE_UM


def recipe_text(case: Case) -> str:
    """Return what of a recipe was given and what follows; nothing without one."""
    shape = case.geometry.electrode if isinstance(case.geometry, Geometry) else None
    if not isinstance(shape, ElectrodeShape) or shape.recipe is None:
        return ""
    recipe = shape.recipe
    parts = [*recipe.actives().items(), ("carbon", recipe.carbon), ("binder", recipe.binder)]
    weights = ", ".join(f"{name or 'active'} {value:g}" for name, value in parts if value)
    given = [key for key in ("loading", "porosity") if getattr(recipe, key) is not None]
    given += ["thickness"] if len(given) < 2 else []
    left = next(key for key in ("loading", "porosity", "thickness") if key not in given)
    follows = [left, *(f"fraction {p.fraction:.4g}" for p in shape.particles)]
    for binder in shape.carbon_binder:
        if isinstance(binder, MatrixBinder):
            spec = next(iter(case.materials.binders().values()), None)
            follows += (
                [] if spec is None else [f"porosity of the carbon-binder {spec.porosity:.4g}"]
            )
        elif (fraction := getattr(binder, "fraction", None)) is not None:
            follows.append(f"fraction of the carbon-binder {fraction:.4g}")
    return f"{weights} by weight; given: {', '.join(given)}; follow: {', '.join(follows)}"
