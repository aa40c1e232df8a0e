"""Where a host ends: surfaces with charge transfer, bare and coated, and contacts of two hosts.

The surfaces of hosts that are drawn are facets of the mesh. A homogenised layer has the surfaces
of its particles everywhere in its volume: what is per area of them is integrated over the volume
times ``Layer.surface``, and host and pores are at the same place, so that no side is taken.

A coating lies on the facets of the internal line ``coating`` (``counter_coating`` in the counter
electrode). Where such a facet is between a host and pores, charge passes with the kinetics of the
coating, elsewhere with those of the bare host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.constants import C_E_REF, T_REF
from mesode.materials.law import Law, scaled
from mesode.section_names import COATING, COUNTER_PREFIX, is_counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    import ufl

    from mesode.materials.properties import Coating, Lithium
    from mesode.mesh.domain import Domain, Subdomain
    from mesode.model.joints import Joint
    from mesode.model.materials import CellMaterials

INTERFACE_QUADRATURE = 3  # degree of integrals along a boundary or a coating
# What passes through the surface of a host is integrated at its nodes (trapezoidal rule): a node
# that has run empty or full must not give or take for its neighbours.
AT_NODES: dict[str, Any] = {"quadrature_rule": "GLL", "quadrature_degree": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinetics:
    """Charge transfer on a surface; units as in ``mesode.materials.properties.Lithium``."""

    i_0: Law
    alpha_a: float
    alpha_c: float
    film_resistance: float
    double_layer: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadMeasure:
    """Measure of a surface that is spread over a volume: ``per_volume`` [1/m] of it at ``dx``."""

    dx: ufl.Measure
    per_volume: float

    def __rmul__(self, integrand: Any) -> ufl.Form:
        """Return the integral of what is per area of the surface."""
        return self.per_volume * integrand * self.dx


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """A part of a host's surface with pores; "+" of ``dS`` is the host, "-" the pores.

    ``line`` is the mesh of its facets: what lives on the surface lives there. Where it is
    ``spread`` over a layer that is the mesh of the layer, and there are no sides.
    """

    host: str
    coated: bool
    dS: ufl.Measure | SpreadMeasure
    line: Subdomain
    kinetics: Kinetics
    spread: bool = False

    @property
    def inside(self) -> str:
        """The side of the host."""
        return "" if self.spread else "+"

    @property
    def outside(self) -> str:
        """The side of the pores."""
        return "" if self.spread else "-"

    def at_host(self, value: Any) -> Any:
        """Return an expression on the side of the host."""
        return on_side(value, self.inside)

    def at_pores(self, value: Any) -> Any:
        """Return an expression on the side of the pores."""
        return on_side(value, self.outside)


def on_side(value: Any, side: str) -> Any:
    """Return an expression on one side of an interface; as it is where there is no interface."""
    return value(side) if side else value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contact:
    """Where two hosts touch, or two particles of one that may come apart: a neck.

    "+" of ``dS`` is the first. ``facets``: all local ones, in rising order.
    """

    first: str
    second: str
    dS: ufl.Measure
    facets: npt.NDArray[np.int32]

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The host on each side, and the name of the side."""
        return (self.first, "+"), (self.second, "-")

    @property
    def is_neck(self) -> bool:
        """Whether it is between particles of one host."""
        return self.first == self.second


def coated_line(phase: str) -> str:
    """Return the name of the internal line on which a phase is coated."""
    return f"{COUNTER_PREFIX}{COATING}" if is_counter(phase) else COATING


def bare_kinetics(lithium: Lithium) -> Kinetics:
    """Return the charge transfer of a host without coating."""
    return Kinetics(
        i_0=lithium.i_0,
        alpha_a=lithium.alpha_a,
        alpha_c=lithium.alpha_c,
        film_resistance=lithium.film_resistance,
        double_layer=lithium.double_layer,
    )


def coated_kinetics(lithium: Lithium, coating: Coating) -> Kinetics:
    """Return the charge transfer of a host through its coating; the rest is as without.

    The film is that of the coating alone: the host's own film grows where there is none.
    """
    i_0 = coating.i_0 or lithium.i_0
    if coating.i_0 is None and coating.i_0_ref is not None:
        i_0 = scaled(i_0, coating.i_0_ref / float(i_0(sto=0.5, c_e=C_E_REF, T=T_REF)))

    def own(value: float | None, host: float) -> float:
        return host if value is None else value

    return Kinetics(
        i_0=i_0,
        alpha_a=own(coating.alpha_a, lithium.alpha_a),
        alpha_c=own(coating.alpha_c, lithium.alpha_c),
        film_resistance=coating.film_resistance,
        double_layer=own(coating.double_layer, lithium.double_layer),
    )


def build_surfaces(
    domain: Domain, materials: CellMaterials, hosts: Sequence[str], pores: Sequence[str]
) -> tuple[Surface, ...]:
    """Return the surfaces of the hosts that have any length (collective)."""
    found = []
    for host in hosts:
        lithium, coating = materials.lithium(host), materials.coatings.get(host)
        bare = bare_kinetics(lithium)
        parts: list[tuple[bool, Kinetics, dict[str, str]]]
        if coating is None:
            parts = [(False, bare, {})]
        else:
            line = coated_line(host)
            coated = coated_kinetics(lithium, coating)
            parts = [(False, bare, {"off": line}), (True, coated, {"on": line})]
        for is_coated, kinetics, where in parts:
            if _there(domain, (host,), pores, where):
                dS = domain.dS((host,), pores, **where, **AT_NODES)
                on = domain.lines_between((host,), pores, **where)
                found.append(
                    Surface(host=host, coated=is_coated, dS=dS, line=on, kinetics=kinetics)
                )
    return tuple(found)


def spread_surface(
    phase: str, materials: CellMaterials, part: Subdomain, dx: ufl.Measure
) -> Surface:
    """Return the surfaces of the particles in a layer, whose sub-mesh and measure are given."""
    return Surface(
        host=phase,
        coated=False,
        dS=SpreadMeasure(dx=dx, per_volume=materials.layer(phase).surface),
        line=part,
        kinetics=bare_kinetics(materials.lithium(phase)),
        spread=True,
    )


def build_contacts(domain: Domain, hosts: Sequence[str]) -> tuple[Contact, ...]:
    """Return where two hosts of an electrode touch (collective)."""
    return tuple(
        Contact(
            first=a,
            second=b,
            dS=domain.dS((a,), (b,), **AT_NODES),
            facets=domain.facets_between((a,), (b,)),
        )
        for k, a in enumerate(hosts)
        for b in hosts[k + 1 :]
        if _there(domain, (a,), (b,), {})
    )


def build_necks(domain: Domain, joint: Joint, hosts: Sequence[str]) -> Iterator[Contact]:
    """Yield where particles of one host stick to each other and may come apart (collective)."""
    tags = domain.cell_tag[joint.cells]
    for host in hosts:
        part = joint.chosen((tags == domain.phases[host]).all(axis=1))
        if domain.comm.allreduce(len(part.facets)) > 0:
            dS = domain.dS_at(part.facets, part.cells, **AT_NODES)
            yield Contact(first=host, second=host, dS=dS, facets=part.facets)


def coated_lines(
    domain: Domain, coatings: Mapping[str, Coating], phases: Sequence[str]
) -> Iterator[tuple[str, Coating, ufl.Measure]]:
    """Yield the coated phases, their coating and all of its length, whatever is beyond it.

    Collective. "+" is the phase. Between two coated phases the coating is counted once.
    """
    coated = [phase for phase in phases if phase in coatings]
    for k, phase in enumerate(coated):
        beyond = [name for name in domain.phases if name != phase and name not in coated[:k]]
        where = {"on": coated_line(phase)}
        if _there(domain, (phase,), beyond, where):
            dS = domain.dS((phase,), beyond, **where, quadrature_degree=INTERFACE_QUADRATURE)
            yield phase, coatings[phase], dS


def _there(
    domain: Domain, plus: Sequence[str], minus: Sequence[str], where: Mapping[str, str]
) -> bool:
    """Tell whether an interface has a facet on any rank (collective)."""
    mine = np.size(domain.interface(plus, minus, **where))
    return bool(domain.comm.allreduce(int(mine)) > 0)
