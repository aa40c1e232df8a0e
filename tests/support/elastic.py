"""Linear elasticity of a quarter section between two planes of symmetry, for verification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem

from mesode.physics import elasticity
from mesode.physics.elasticity import SectionKind

if TYPE_CHECKING:
    from mesode.mesh.domain import Domain

MICROMETRE = 1e-6
# With one particle in the section, free particles are the same as generalised plane strain.
KINDS_OF_ONE_BODY = tuple(kind for kind in SectionKind if kind is not SectionKind.FREE_PARTICLES)


@dataclass(frozen=True)
class Body:
    """Unknowns and rows of an elastic section; rows are scaled to order one times ``scale``."""

    u: fem.Function
    eps_zz: fem.Function | None
    sigma: dict[str, Any]
    rows: list[Any]
    bcs: list[fem.DirichletBC]

    @property
    def unknowns(self) -> list[fem.Function]:
        return [self.u] if self.eps_zz is None else [self.u, self.eps_zz]


def fixed_component(space: fem.FunctionSpace, component: int, axis: int, place: float) -> Any:
    """Hold one component of the displacement where a coordinate has a value (collective)."""
    sub = space.sub(component)
    collapsed = sub.collapse()[0]
    near = lambda x: np.abs(x[axis] - place) < 1e-6 * MICROMETRE  # noqa: E731
    dofs = fem.locate_dofs_geometrical((sub, collapsed), near)
    return fem.dirichletbc(fem.Function(collapsed), dofs, sub)


def elastic_quarter(
    domain: Domain,
    moduli: dict[str, tuple[float, float]],
    free: dict[str, Any],
    kind: SectionKind,
    *,
    scale: float = 1.0,
) -> Body:
    """Return the rows of a section with symmetry about both axes and free elsewhere.

    ``moduli``: (E [Pa], nu) by phase; ``free``: free linear strain by phase.
    """
    space = fem.functionspace(domain.mesh, ("Lagrange", 2, (2,)))
    u, v = fem.Function(space), ufl.TestFunction(space)
    generalised = kind is SectionKind.GENERALISED_PLANE_STRAIN
    eps_zz = w = None
    if generalised:
        number = fem.functionspace(domain.mesh, basix.ufl.real_element("triangle", ()))
        eps_zz, w = fem.Function(number), ufl.TestFunction(number)
    sigma = {}
    for phase, (E, nu) in moduli.items():
        strain = elasticity.total_strain(
            MICROMETRE * u, kind=kind, free=free[phase], nu=nu, eps_zz=eps_zz
        )
        sigma[phase] = elasticity.hooke(strain - free[phase] * ufl.Identity(3), E, nu)
    unit = scale / (max(E for E, _ in moduli.values()) * MICROMETRE)
    dx = {phase: domain.dx(domain.phases[phase]) for phase in moduli}
    rows = [sum(unit * elasticity.equilibrium(s, v, dx[p]) for p, s in sigma.items())]
    if generalised:
        axial = (elasticity.axial_balance(s, w, dx[p]) for p, s in sigma.items())
        rows.append(sum(unit / MICROMETRE * row for row in axial))
    bcs = [fixed_component(space, 0, 0, 0.0), fixed_component(space, 1, 1, 0.0)]
    return Body(u, eps_zz, sigma, rows, bcs)


def polar(sigma: Any, mesh: Any) -> tuple[Any, Any]:
    """Return radial and hoop stress about the origin, away from it."""
    x = ufl.SpatialCoordinate(mesh)
    e = x / ufl.sqrt(ufl.inner(x, x))
    rr = sigma[0, 0] * e[0] ** 2 + 2 * sigma[0, 1] * e[0] * e[1] + sigma[1, 1] * e[1] ** 2
    return rr, sigma[0, 0] + sigma[1, 1] - rr
