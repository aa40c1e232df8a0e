r"""Hencky elasticity with J2 flow at finite strain, the state in the reference section.

The state is G, the isochoric part of C_p^-1 (C_p = F_p^T F_p), and the equivalent plastic strain
p. It needs no deformation of an earlier step, and a rigid rotation does not change it::

    b = J^(-2/3) F G F^T,   e = dev 1/2 ln b,   s_trial = 2 mu e
    psi = mu e : e + K / 2 (ln J/J_g)^2                 per volume of the grown material
    tau = s + K ln(J/J_g) 1,   P = J_g tau F^-T,   Cauchy stress = J_g tau / J

Isotropic growth drops out of e. q = sqrt(3/2 s : s) is held to the yield stress sigma_Y + H p by
the radial return of small strain, which is exact here because s and e have the same axes::

    s = s_trial (1 - 3 mu dp / q_trial),   dp = <q_trial - sigma_Y - H p> / (3 mu + H)

or, where the material is viscous, may exceed it (power law of the overstress)::

    dp/dt = rate <q / (sigma_Y + H p) - 1>^n

in implicit Euler, for z = (dp / (rate dt))^(1/n) by Newton's method from above: with
Y = sigma_Y + H p the equation (3 mu + H) rate dt z^n + Y z = q_trial - Y is convex and rises, so
each iterate is nearer. At the end of a step G = J^(2/3) F^-1 exp(s / mu) F^-T, whose determinant
is one.

The stress that yields is that of Kirchhoff per grown volume. The work int J_g (q - H p) dp per
reference volume is dissipated: the mean of begin and end of a step, where that at the begin is the
yield stress unless it flows there already. Flow that begins within a step bends the way of the
stress, which the trapezoidal rule of other works has to know (``bent``): with the stress along that
of the end, q_0 = 3/2 s_0 : s / q, it misses J_g/2 (sigma_Y + H p - q_0) dp.

Sources: Weber and Anand, CMAME 79 (1990) 173; Eterovic and Bathe, IJNME 30 (1990) 1099; for the
state in the reference section Miehe, Apel and Lambrecht, CMAME 191 (2002) 5383.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import ufl

from mesode.physics.solid.law import PLASTIC_WORK
from mesode.physics.solid.planar import Planar, exponential, logarithm

if TYPE_CHECKING:
    from mesode.physics.solid.growth import Deformation
    from mesode.physics.solid.law import Begin

STATE = 6  # numbers of the state: G_11, G_22, G_12, G_33, p, dissipated work [J/m^3]
START = (1, 1, 0, 1, 0, 0)
# What has flowed lies on its yield surface to rounding. It counts as elastic there, so that it is
# not by chance that Newton's method begins with the one stiffness or the other.
YIELDS = 1 + 2e-11
NEWTON_STEPS = 6  # of the power law: more change nothing but rounding


@dataclass(frozen=True, slots=True)
class Flow:
    """How a solid flows.

    ``sigma_y`` [Pa] is the yield stress, ``hardening`` H [Pa]; with ``rate`` [1/s] the flow is
    viscous, with the exponent ``n`` of its power law.
    """

    sigma_y: Any
    hardening: Any = 0.0
    rate: float | None = None
    n: float = 1.0


@dataclass(frozen=True, slots=True)
class Response:
    """Stress of a step: deviator ``s``, mean ``p`` (of tau, [Pa]), plastic strain ``dp`` of it."""

    s: Planar
    mean: Any
    dp: Any

    @property
    def tau(self) -> Planar:
        """Kirchhoff stress per grown volume [Pa]."""
        return self.s.plus(self.mean)

    @property
    def q(self) -> Any:
        """Equivalent stress [Pa]."""
        return equivalent(self.s)


@dataclass(frozen=True, slots=True)
class Solid:
    """A solid at a lithiation: ``mu``, ``K`` [Pa], growth ``J_g``, None for no flow.

    A law as ``mesode.physics.solid.law`` says.
    """

    LOST_IN: ClassVar[str] = PLASTIC_WORK

    mu: Any
    K: Any
    J_g: Any
    flow: Flow | None = None

    @classmethod
    def of(cls, E: Any, nu: Any, J_g: Any, flow: Flow | None = None) -> Solid:
        """Return a solid with Young's modulus [Pa] and Poisson's ratio."""
        return cls(E / (2 * (1 + nu)), E / (3 * (1 - 2 * nu)), J_g, flow)

    @property
    def start(self) -> tuple[float, ...]:
        """State at the begin of a run."""
        return START

    @property
    def remembers(self) -> bool:
        """Whether the state ever changes."""
        return self.flow is not None

    def frozen(self, at: Deformation, state: Any) -> Response:
        """Return the stress of a state that does not change: what flows has flowed."""
        s = elastic_strain(at, Planar(*(state[k] for k in range(4)))).times(2 * self.mu)
        return Response(s, self.K * ufl.ln(at.J / self.J_g), ufl.as_ufl(0.0))

    def respond(self, at: Deformation, state: Any, dt: Any) -> Response:
        """Return the stress at the end of a step of ``dt`` [s] that began at a state."""
        trial = self.frozen(at, state)
        flow = self.flow
        if flow is None:
            return trial
        limit = flow.sigma_y + flow.hardening * state[4]
        square = 1.5 * trial.s.square
        flows = ufl.gt(square, YIELDS * limit**2)
        q = ufl.sqrt(ufl.conditional(flows, square, limit**2))
        dp = ufl.conditional(flows, _plastic_strain(self.mu, flow, q - limit, limit, dt), 0.0)
        return Response(trial.s.times(1 - 3 * self.mu * dp / q), trial.mean, dp)

    def tau(self, at: Deformation, state: Any, dt: Any) -> Planar:
        """Return the Kirchhoff stress [Pa] at the end of a step of ``dt`` [s] from a state."""
        return self.respond(at, state, dt).tau

    def held(self, at: Deformation, state: Any) -> Planar:
        """Return the Kirchhoff stress [Pa] of a state that does not change."""
        return self.frozen(at, state).tau

    def new_state(self, at: Deformation, state: Any, dt: Any, begin: Begin) -> tuple[Any, ...]:
        """Return the state at the end of a step of ``dt`` [s], numbers like ``START``."""
        response = self.respond(at, state, dt)
        flow = self.flow
        if flow is None:
            return tuple(state[k] for k in range(STATE))
        flows = ufl.gt(response.dp, 0.0)
        b = exponential(response.s.times(1 / self.mu)).times(at.J ** (2.0 / 3.0))
        G = at.inverse().push(b)
        old = [state[k] for k in range(4)]
        entries = [ufl.conditional(flows, a, b) for a, b in zip(G.entries, old, strict=True)]
        p = state[4] + response.dp
        _, first = self._at_begin(begin, state, response.s, flows)
        first = begin.solid.J_g * (first - flow.hardening * state[4])
        last = self.J_g * (response.q - flow.hardening * p)
        return (*entries, p, state[5] + (first + last) / 2 * response.dp)

    def bent(self, at: Deformation, state: Any, new: Any, begin: Begin) -> Any:
        """Return the work per reference volume [J/m^3] that the trapezoidal rule misses in a step.

        Stress rises elastically until flow begins, and stays above the straight line from begin to
        end by as much as it has risen.
        """
        dp = new[4] - state[4]
        s = self.frozen(at, new).s
        along, yields = self._at_begin(begin, state, s, ufl.gt(dp, 0.0))
        return begin.solid.J_g / 2 * (yields - along) * dp

    def _at_begin(self, begin: Begin, state: Any, s: Planar, flows: Any) -> tuple[Any, Any]:
        """Return the stress at the begin of a step along that of its end ``s``, and where it flows.

        Both as equivalent stress [Pa]; no numbers of a meaning where nothing flows.
        """
        solid = begin.solid
        size = ufl.sqrt(ufl.conditional(flows, s.square, self.mu**2) / 1.5)
        along = solid.frozen(begin.at, state).s.dot(s) / size
        limit = solid.flow.sigma_y + solid.flow.hardening * state[4]
        return along, ufl.conditional(ufl.gt(along, limit), along, limit)

    def stored(self, at: Deformation, state: Any) -> Any:
        """Return the free energy per reference volume [J/m^3] of a state."""
        e = elastic_strain(at, Planar(*(state[k] for k in range(4))))
        psi = self.mu * e.square + self.K / 2 * ufl.ln(at.J / self.J_g) ** 2
        if self.flow is not None:
            psi = psi + self.flow.hardening / 2 * state[4] ** 2
        return self.J_g * psi

    def chemical_stress(self, at: Deformation, state: Any) -> Any:
        """Return -dW/dJ_g [Pa] of W = ``stored`` at a given deformation and state.

        It is the mean of tau less the free energy per grown volume.
        """
        return self.frozen(at, state).mean - self.stored(at, state) / self.J_g

    def plastic_strain(self, state: Any) -> Any:
        """Return the equivalent plastic strain of a state."""
        return state[4]

    def lost(self, state: Any) -> Any:
        """Return the work that flow has taken up to a state, per reference volume [J/m^3]."""
        return state[5]


def equivalent(s: Planar) -> Any:
    """Return sqrt(3/2 s : s) of a deviator; not to be differentiated where it vanishes."""
    return ufl.sqrt(1.5 * s.square)


def elastic_strain(at: Deformation, G: Planar) -> Planar:
    """Return e = dev 1/2 ln b of a deformation and a state."""
    return logarithm(at.push(G)).deviator().times(0.5)


def _plastic_strain(mu: Any, flow: Flow, excess: Any, limit: Any, dt: Any) -> Any:
    """Return dp for a trial stress that exceeds the yield stress."""
    slope = 3 * mu + flow.hardening
    if flow.rate is None:
        return excess / slope
    pace = flow.rate * dt
    first, power = excess / limit, (excess / (slope * pace)) ** (1.0 / flow.n)
    z = ufl.conditional(ufl.lt(first, power), first, power)
    for _ in range(NEWTON_STEPS):
        steep = slope * pace * z ** (flow.n - 1.0)
        z = z - (steep * z + limit * z - excess) / (flow.n * steep + limit)
    return pace * z**flow.n
