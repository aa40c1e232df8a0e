"""The potential of a host between its two branches.

Where lithium enters, a host shows the branch of lithiation, where it leaves that of delithiation.
In between stands a state h from -1 to 1, 1 on the branch of delithiation::

    U = (1 - h)/2 U_lithiation + (1 + h)/2 U_delithiation = U_0 + (h - h_0) G
    G = (U_delithiation - U_lithiation)/2

U_0 is the potential at the state h_0 of the start: a law as any other, of which the free energy of
the host, its rest and its tails are made. How h moves is told in ``mesode.physics.hysteresis``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mesode.materials.ends import Ends, Potential, potential
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY, Ops

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.materials.two_phase import Li15Si4

HysteresisModel = Literal["one_state", "instant", "none"]
DECAY = 10.0
ASSUMED_DECAY = f"hysteresis.decay: {DECAY:g}, 1/e of the way within a tenth of the lithiation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hysteresis:
    """Both branches of a potential, and how the state between them moves.

    ``decay`` of a one-state model, per lithiation; ``initial`` state h_0. With ``li15si4`` the
    branch of delithiation has its plateau where that has formed.
    """

    lithiation: Potential
    delithiation: Potential
    model: HysteresisModel
    decay: float = DECAY
    initial: float = 0.0
    li15si4: Li15Si4 | None = None

    @property
    def ends(self) -> Ends:
        """Between which lithiations both branches are known."""
        both = self.lithiation.ends, self.delithiation.ends
        return Ends(low=max(e.low for e in both), high=min(e.high for e in both))

    def at_start(self) -> Potential:
        """Return U_0."""
        both, h = (self.lithiation, self.delithiation), self.initial
        law = Law(
            name=f"{self.lithiation.name} with {self.delithiation.name}",
            function=self._sum(0.5 * (1.0 - h), 0.5 * (1.0 + h)),
            variables=self._variables,
            unit="V",
            valid={"sto": (self.ends.low, self.ends.high)},
            source="; ".join(dict.fromkeys(law.source for law in both)),
            assumed=any(law.assumed for law in both),
            note=f"with its hysteresis ({self.model}), here at the state {h:g} of the start",
        )
        return potential(law, self.ends)

    def half_gap(self, *, sto: Any, T: Any, ops: Ops = NUMPY) -> Any:
        """Return G [V]; where a branch is not known, what it is at the end of the other."""
        state = {"sto": ops.clip(sto, self.ends.low, self.ends.high), "T": T}
        chosen = {key: state[key] for key in self._variables}
        return self._sum(-0.5, 0.5)(**chosen, ops=ops)

    @property
    def _variables(self) -> tuple[str, ...]:
        both = (*self.lithiation.variables, *self.delithiation.variables)
        return tuple(dict.fromkeys(both))

    def _sum(self, lithiation: float, delithiation: float) -> Callable[..., Any]:
        """Return a weighted sum of both branches, as a function of their variables."""
        parts = ((lithiation, self.lithiation), (delithiation, self.delithiation))

        def function(*, ops: Ops = NUMPY, **state: Any) -> Any:
            return sum(
                weight * law.function(**{key: state[key] for key in law.variables}, ops=ops)
                for weight, law in parts
            )

        return function
