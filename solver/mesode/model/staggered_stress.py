r"""Stress that is solved after a time step, for the potential of lithium within it.

What acts in the step is extrapolated in time (``mesode.numerics.extrapolation``), stress sigma_l
and lithiation sto_l alike. A layer of more lithium than was foreseen is under more pressure, which
drives it away; without that answer the scheme would be unstable::

    sigma_h = sigma_l - kappa (sto - sto_l),    kappa = 2 E / (9 (1 - nu)) dswelling/dsto    [Pa]

kappa is that of a thin elastic layer on a host that does not give way (``elasticity.
layer_stiffness``): an upper bound, which costs nothing where the extrapolation is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesode.model.materials import CellMaterials
    from mesode.model.process import HostLaws
    from mesode.model.unknowns import Unknown
    from mesode.physics.diffusion import StressFlux


@dataclass(frozen=True, slots=True, kw_only=True)
class StaggeredStress:
    """The stress in the hosts as the lithium feels it; a ``HostStress``.

    Attributes:
        ahead: Extrapolated sigma_h [Pa] and lithiation of each host, linear in each triangle.
        sto: Lithiation that is solved for.
        materials: Of the section.
        laws: Gives Omega, the stiffness of a layer, and the law of the flux.
    """

    ahead: Mapping[str, tuple[Any, Any]]
    sto: Mapping[str, Unknown]
    materials: CellMaterials
    laws: HostLaws

    @property
    def flux(self) -> StressFlux:
        """Law of the flux under stress."""
        return self.laws.flux

    def Omega(self, phase: str, sto: Any) -> Any:
        """Partial molar volume [m^3/mol] at a lithiation."""
        return self.laws.Omega(phase, sto)

    def layer_stiffness(self, phase: str, sto: Any) -> Any:
        """What a layer of other lithiation is held back by [Pa]."""
        return self.laws.layer_stiffness(phase, sto)

    def stress_at(self, host: str, of: Callable[[Any], Any]) -> Any:
        """Return sigma_h of a host [Pa] at the place where ``of`` takes a field."""
        sigma_l, sto_l = (of(field) for field in self.ahead[host])
        sto = of(self.sto[host].value)
        swelling = self.Omega(host, sto) * self.materials.lithium(host).c_max
        return sigma_l - self.layer_stiffness(host, sto) * swelling * (sto - sto_l)
