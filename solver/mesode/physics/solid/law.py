"""What every law of a solid at finite strain answers: stress, energy, and what it remembers.

All is per volume of the grown material, tau = J_g^-1 dW/dF F^T, so that a free solid that grows is
without stress whatever its law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

if TYPE_CHECKING:
    from mesode.physics.solid.growth import Deformation, Piola
    from mesode.physics.solid.planar import Planar


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a step begins: a solid of the same law, and the deformation."""

    solid: Any
    at: Deformation


PLASTIC_WORK: Final = "plastic work"
RELAXATION_WORK: Final = "relaxation work"


class SolidLaw(Protocol):
    """A solid at a lithiation, UFL. A state is a vector of numbers like ``start``.

    ``LOST_IN``: what its lost work is called.
    """

    LOST_IN: ClassVar[str]

    @property
    def J_g(self) -> Any:
        """Volume of a free piece over that in the reference section."""

    @property
    def start(self) -> tuple[float, ...]:
        """State at the begin of a run."""

    @property
    def remembers(self) -> bool:
        """Whether the state ever changes."""

    def tau(self, at: Deformation, state: Any, dt: Any) -> Planar:
        """Return the Kirchhoff stress [Pa] at the end of a step of ``dt`` [s] from a state."""

    def held(self, at: Deformation, state: Any) -> Planar:
        """Return the Kirchhoff stress [Pa] of a state that does not change."""

    def new_state(self, at: Deformation, state: Any, dt: Any, begin: Begin) -> tuple[Any, ...]:
        """Return the state at the end of a step of ``dt`` [s]."""

    def bent(self, at: Deformation, state: Any, new: Any, begin: Begin) -> Any:
        """Return the work per reference volume [J/m^3] that the trapezoidal rule misses in a step.

        Where stress does not go straight from ``state`` at the begin to ``new`` at the end.
        """

    def stored(self, at: Deformation, state: Any) -> Any:
        """Return the free energy W per reference volume [J/m^3] of a state."""

    def chemical_stress(self, at: Deformation, state: Any) -> Any:
        """Return -dW/dJ_g [Pa] at a given deformation and state."""

    def plastic_strain(self, state: Any) -> Any:
        """Return the equivalent plastic strain of a state."""

    def lost(self, state: Any) -> Any:
        """Return the work that has been lost up to a state, per reference volume [J/m^3]."""


def piola(law: SolidLaw, at: Deformation, tau: Planar) -> Piola:
    """Return the first Piola stress P = J_g tau F^-T [Pa]."""
    return at.first_piola(tau.times(law.J_g))


def cauchy(law: SolidLaw, at: Deformation, tau: Planar) -> Planar:
    """Return the Cauchy stress J_g tau / J [Pa]."""
    return tau.times(law.J_g / at.J)
