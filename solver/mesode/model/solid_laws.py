"""The law at finite strain that a material's mechanical properties stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.materials.ops import ufl_ops
from mesode.physics.solid.hencky_flow import Flow, Solid
from mesode.physics.solid.network import Network

if TYPE_CHECKING:
    from mesode.materials.properties import Mechanical
    from mesode.physics.solid.law import SolidLaw

YIELD_STRAIN = 0.01  # of a solid: its modulus for the medium is no more than yield stress over it
LEAST_PERMANENT = 0.1  # share of a network that counts for that: what relaxes bears some, too


def solid_law(mechanical: Mechanical, sto: Any, J_g: Any) -> SolidLaw:
    """Return the law of a solid at a lithiation [UFL] that has grown to J_g."""
    ops = ufl_ops()
    E, nu = mechanical.E(sto=sto, ops=ops), mechanical.nu(sto=sto, ops=ops)
    if mechanical.network is not None:
        return Network.of(E, nu, J_g, mechanical.network.terms)
    flow = None
    if mechanical.yield_strength is not None:
        sigma_y = mechanical.yield_strength(sto=sto, ops=ops)
        flow = Flow(sigma_y, mechanical.hardening, mechanical.flow_rate, mechanical.flow_exponent)
    return Solid.of(E, nu, J_g, flow)


def yield_stress(mechanical: Mechanical, sto: float) -> float:
    """Return the yield stress [Pa] at a lithiation, or what counts as such."""
    elastic = YIELD_STRAIN * float(mechanical.E(sto=sto))
    if mechanical.network is not None:
        elastic *= max(mechanical.network.permanent, LEAST_PERMANENT)
    if mechanical.yield_strength is None:
        return elastic
    return min(elastic, float(mechanical.yield_strength(sto=sto)))
