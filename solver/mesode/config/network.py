"""Key ``network`` of a binder: a soft network that relaxes or heals, in finite mechanics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import model_validator

from mesode.config.base import Block, entry, problem
from mesode.config.quantities import Quantity, Time
from mesode.materials.properties import Network, Relaxing

if TYPE_CHECKING:
    from collections.abc import Iterator

_Share = Annotated[float, Quantity(dimension="ratio", above="0", high="1")]
_Rate = Annotated[float, Quantity(dimension="rate", above="0 1/s", high="1e6 1/s")]
_OF_IT = "of the stiffness in shear"


class BondsSpec(Block):
    """Reversible bonds: they come off at one rate, and as many form anew, free of stress."""

    share: _Share = entry(f"What they bear {_OF_IT}; the rest is permanent.")
    rate: _Rate = entry("Rate at which bonds come off and form anew.")


class RelaxationSpec(Block):
    """A term of a Prony series."""

    share: _Share = entry(f"Part {_OF_IT} that relaxes with this time.")
    time: Time = entry("Relaxation time.")


class NetworkSpec(Block):
    """A neo-Hookean network; `E` and `nu` are those of a fast load.

    Without keys, `network: {}`, nothing of it relaxes.
    """

    bonds: BondsSpec | None = entry("Reversible bonds, of a network that heals itself.", None)
    relaxation: tuple[RelaxationSpec, ...] = entry(
        "Terms of a Prony series; what bonds and terms leave of 100 % is permanent.", ()
    )

    @model_validator(mode="after")
    def _at_most_all(self) -> Self:
        total = sum(term.share for term in self._terms())
        if total > 1.0 + 1e-12:
            hint = "What they leave of 100 % is permanent"
            raise problem(f"expected shares of at most 100 % together, got {total:.4g}", hint)
        return self

    def _terms(self) -> Iterator[BondsSpec | RelaxationSpec]:
        yield from self.relaxation
        if self.bonds is not None:
            yield self.bonds

    def network(self) -> Network:
        """Return the network of the material."""
        bonds = self.bonds
        return Network(
            bonds=None if bonds is None else Relaxing(share=bonds.share, time=1.0 / bonds.rate),
            relaxation=tuple(Relaxing(share=t.share, time=t.time) for t in self.relaxation),
        )
