r"""A soft network at finite strain: neo-Hookean, with a part that relaxes or heals.

The chains of the permanent part are those of the start, b_e = J_g^(-2/3) F F^T and J_e = J/J_g::

    psi_0 = mu_0/2 (tr b_e - 3 - 2 ln J_e) + lam/2 (ln J_e)^2,   mu_0 = (1 - sum g_k) mu
    tau_0 = mu_0 (b_e - 1) + lam ln J_e 1,                       lam = K - 2/3 mu_0

A term k of the relaxing part, of the share g_k and the time T_k, is a transient network: its bonds
come off at the rate 1/T_k whatever their load, and as many form at once in the shape that the
section has then, free of stress. What a bond bears is its deformation since it has formed. The
state is the mean G of the shapes in which the bonds that hold have formed, the isochoric C^-1 of
those times, in the reference section; a rigid rotation does not change it::

    dG/dt = (A - G) / T_k,    A = J^(2/3) C^-1,    m = J^(-2/3) F G F^T
    psi_k = mu_k/2 (tr m - 3 - ln det G),    tau_k = mu_k dev m,    mu_k = g_k mu
    what is lost: mu_k/(2 T_k) (tr m + tr m^-1 - 6) >= 0

Volume is borne by the permanent part and does not relax. Where strain is small this is the Prony
series mu(t) = mu (1 - sum g_k + sum g_k exp(-t/T_k)). One term is a network of reversible bonds
(self-healing), with a constant number of bonds and one rate: after a step its stress falls by
exp(-t/T), in steady shear at a rate c it is mu_k c T, with the normal stress difference
2 mu_k (c T)^2.

In a step of h = dt/T_k A is taken as linear in time, which makes the step exact where the shape
stays, of second order where it moves, and as it should be where h is large::

    G_new = e^-h G + (f - e^-h) A_old + (1 - f) A_new,    f = (1 - e^-h) / h

All weights are positive, and so is G. What is lost in a step is the energy that new bonds save, as
a mean of that in the shape at the begin and in that at the end.

Sources: Green and Tobolsky, J. Chem. Phys. 14 (1946) 80; Tanaka and Edwards, Macromolecules 25
(1992) 1516; Vernerey, Long and Brighenti, J. Mech. Phys. Solids 107 (2017) 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import ufl

from mesode.physics.solid.law import RELAXATION_WORK
from mesode.physics.solid.planar import Planar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesode.materials.properties import Relaxing
    from mesode.physics.solid.growth import Deformation
    from mesode.physics.solid.law import Begin

UNIT = (1.0, 1.0, 0.0, 1.0)
NEAR = 1e-3  # h below which f comes from its series


@dataclass(frozen=True, slots=True)
class Network:
    """A network at a lithiation: ``mu``, ``K`` [Pa] at once, growth ``J_g``, what relaxes.

    A law as ``mesode.physics.solid.law`` says. State: G of each term, A of the step before, and
    the work that has been lost [J/m^3].
    """

    LOST_IN: ClassVar[str] = RELAXATION_WORK

    mu: Any
    K: Any
    J_g: Any
    terms: tuple[Relaxing, ...] = ()

    @classmethod
    def of(cls, E: Any, nu: Any, J_g: Any, terms: Sequence[Relaxing] = ()) -> Network:
        """Return a network with Young's modulus [Pa] and Poisson's ratio at once."""
        return cls(E / (2 * (1 + nu)), E / (3 * (1 - 2 * nu)), J_g, tuple(terms))

    @property
    def start(self) -> tuple[float, ...]:
        """State at the begin of a run."""
        return (*UNIT * (len(self.terms) + 1), 0.0)

    @property
    def remembers(self) -> bool:
        """Whether the state ever changes."""
        return bool(self.terms)

    def tau(self, at: Deformation, state: Any, dt: Any) -> Planar:
        """Return the Kirchhoff stress [Pa] at the end of a step of ``dt`` [s] from a state."""
        return self._stress(at, self._formed(at, state, dt))

    def held(self, at: Deformation, state: Any) -> Planar:
        """Return the Kirchhoff stress [Pa] of a state that does not change."""
        return self._stress(at, self._shapes(state))

    def new_state(self, at: Deformation, state: Any, dt: Any, begin: Begin) -> tuple[Any, ...]:
        """Return the state at the end of a step of ``dt`` [s], numbers like ``start``."""
        new, now = self._formed(at, state, dt), isochoric(at)
        before = _shape(state, len(self.terms))
        mean = before.inverse().sum(now.inverse()).times(0.5)
        saved: Any = 0
        for term, old, formed in zip(self.terms, self._shapes(state), new, strict=True):
            fallen = mean.dot(old) - mean.dot(formed) + ufl.ln(formed.det / old.det)
            saved += term.share * self.mu / 2 * fallen
        numbers = [entry for shape in (*new, now) for entry in shape.entries]
        return (*numbers, self.lost(state) + self.J_g * saved)

    def bent(self, at: Deformation, state: Any, new: Any, begin: Begin) -> Any:
        """Return 0: stress changes smoothly."""
        return ufl.as_ufl(0.0)

    def stored(self, at: Deformation, state: Any) -> Any:
        """Return the free energy per reference volume [J/m^3] of a state."""
        return self._stored(at, self._shapes(state))

    def chemical_stress(self, at: Deformation, state: Any) -> Any:
        """Return -dW/dJ_g [Pa] of W = ``stored`` at a given deformation and state."""
        J_g = ufl.variable(ufl.as_ufl(self.J_g))
        return -ufl.diff(replace(self, J_g=J_g).stored(at, state), J_g)

    def plastic_strain(self, state: Any) -> Any:
        """Return 0: a network does not flow."""
        return ufl.as_ufl(0.0)

    def lost(self, state: Any) -> Any:
        """Return the work that has relaxed up to a state, per reference volume [J/m^3]."""
        return state[len(self.start) - 1]

    # --- parts

    @property
    def _permanent(self) -> Any:
        """mu_0 [Pa]."""
        return (1 - sum(term.share for term in self.terms)) * self.mu

    def _shapes(self, state: Any) -> tuple[Planar, ...]:
        return tuple(_shape(state, k) for k in range(len(self.terms)))

    def _formed(self, at: Deformation, state: Any, dt: Any) -> tuple[Planar, ...]:
        """Return G of each term at the end of a step."""
        now, before = isochoric(at), _shape(state, len(self.terms))
        found = []
        for term, G in zip(self.terms, self._shapes(state), strict=True):
            kept, f = _weights(dt / term.time)
            found.append(G.times(kept).sum(before.times(f - kept)).sum(now.times(1 - f)))
        return tuple(found)

    def _stress(self, at: Deformation, shapes: Sequence[Planar]) -> Planar:
        mu, log_J = self._permanent, ufl.ln(at.J / self.J_g)
        b = at.push(Planar(*UNIT)).times(self.J_g ** (-2.0 / 3.0))
        tau = b.plus(-1).times(mu).plus((self.K - 2 * mu / 3) * log_J)
        for term, m in zip(self.terms, _pushed(at, shapes), strict=True):
            tau = tau.sum(m.deviator().times(term.share * self.mu))
        return tau

    def _stored(self, at: Deformation, shapes: Sequence[Planar]) -> Any:
        mu, log_J = self._permanent, ufl.ln(at.J / self.J_g)
        b = at.push(Planar(*UNIT)).times(self.J_g ** (-2.0 / 3.0))
        psi = mu / 2 * (b.trace - 3 - 2 * log_J) + (self.K - 2 * mu / 3) / 2 * log_J**2
        for term, G, m in zip(self.terms, shapes, _pushed(at, shapes), strict=True):
            psi += term.share * self.mu / 2 * (m.trace - 3 - ufl.ln(G.det))
        return self.J_g * psi


def isochoric(at: Deformation) -> Planar:
    """Return A = J^(2/3) C^-1, the shape in which bonds form."""
    return at.inverse().push(Planar(*UNIT)).times(at.J ** (2.0 / 3.0))


def _shape(state: Any, k: int) -> Planar:
    """Return the tensor number k of a state."""
    return Planar(*(state[4 * k + entry] for entry in range(4)))


def _pushed(at: Deformation, shapes: Sequence[Planar]) -> Iterator[Planar]:
    """Yield m of each term."""
    for G in shapes:
        yield at.push(G).times(at.J ** (-2.0 / 3.0))


def _weights(h: Any) -> tuple[Any, Any]:
    """Return e^-h and f of a step."""
    h = ufl.as_ufl(h)
    near = ufl.lt(h, NEAR)
    safe = ufl.conditional(near, NEAR, h)
    series = 1 - h / 2 + h**2 / 6 - h**3 / 24 + h**4 / 120
    return ufl.exp(-h), ufl.conditional(near, series, (1 - ufl.exp(-safe)) / safe)
