"""The elastic energy of a section, and what lithium changes of it beside its potential.

See ``mesode.physics.heat``: the chemical potential holds what swelling does to this energy, at the
nodes, and not what the lithiation does to it through E and nu.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ufl

from mesode.model.process import Heat
from mesode.physics import elasticity
from mesode.physics.heat import HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mesode.materials.properties import Coating
    from mesode.model.processes.mechanics import Mechanics


class ElasticEnergy:
    """Energy of the phases and of the membranes on them."""

    def __init__(self, mechanics: Mechanics) -> None:
        self._mechanics = mechanics

    def stored(self) -> list[ufl.Form]:
        """Return the energy [J/m]."""
        mechanics, forms = self._mechanics, []
        for phase in mechanics.phases:
            density = self._density(phase, mechanics.lithiation(phase))
            forms.append(density * mechanics.dx_in(phase))
        for phase, film, dS in mechanics.coated:
            forms.append(self._membrane(phase, film, mechanics.film_sto(phase)) * dS)
        return forms

    def softening(self) -> Iterator[Heat]:
        """Yield what is lost at constant strain, because moduli change with the lithiation."""
        mechanics = self._mechanics
        for host in mechanics.hosts:
            sto = ufl.variable(mechanics.lithiation(host))
            lost = -ufl.diff(self._density(host, sto), sto) * mechanics.sto[host].rate
            yield Heat(HeatKind.SOFTENING, lost, mechanics.dx_in(host))
        for phase, film, dS in mechanics.coated:
            if phase in mechanics.hosts:
                sto = ufl.variable(mechanics.film_sto(phase))
                lost = -ufl.diff(self._membrane(phase, film, sto), sto)
                yield Heat(HeatKind.SOFTENING, lost * mechanics.sto[phase].rate("+"), dS, "+")

    def projection(self) -> Iterator[Heat]:
        """Yield the work of stress on lithium in the elements, less that at the nodes."""
        mechanics = self._mechanics
        for host in mechanics.hosts:
            sto = mechanics.sto[host]
            grows = mechanics.materials.lithium(host).c_max * mechanics.Omega(host, sto.value)
            grows *= sto.rate
            within = elasticity.hydrostatic(mechanics.sigma(host)) * grows
            at_nodes = mechanics.sigma_h[host].value * grows
            yield Heat(HeatKind.PROJECTION, within, mechanics.dx_in(host))
            yield Heat(HeatKind.PROJECTION, -at_nodes, mechanics.dx_at_nodes(host))

    def _density(self, phase: str, sto: Any) -> Any:
        """Return the energy [J/m^3] at the present strain, with the moduli of ``sto``."""
        strain = self._mechanics.elastic_strain(phase)
        stress = elasticity.hooke(strain, *self._mechanics.moduli(phase, sto))
        return ufl.inner(stress, strain) / 2

    def _membrane(self, phase: str, film: Coating, sto: Any) -> Any:
        """Return the energy of a coating [J/m^2] with the moduli of ``sto``."""
        forces = self._mechanics.membrane(phase, film, sto)
        strains = self._mechanics.film_strains()
        return sum(force * strain for force, strain in zip(forces, strains, strict=True)) / 2
