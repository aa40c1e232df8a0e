"""The way that finite mechanics goes: growth of the hosts and pressure on the top.

Between two accepted steps both change in proportion. The length of a way is the largest change of
a growth J_g, plus that of the pressure in parts of what moves the softest solid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from mesode.model.unknowns import Unknown

    type FloatArray = npt.NDArray[np.float64]


@dataclass(slots=True)
class _Load:
    """Lithiation of each host and pressure [Pa] at a time [s]."""

    t: float = 0.0
    sto: dict[str, FloatArray] = field(default_factory=dict)
    pressure: float = 0.0


# Growth that a piece counts as at least for what holds its motion back. There friction outweighs
# all else by far; in shorter pieces it would only magnify the rounding of what has moved. At 1e-6
# that of some 40 000 unknowns would be as much as the balance of forces is held to.
LEAST_GROWTH = 1e-5
# The same where all is held back: there pieces may have to be as short as this for a section to
# come through, and what rounding is magnified by is small beside what moves.
LEAST_HELD = 1e-6
# Share of a pressure that holds back a medium which it folds up, where nothing grows. Without any a
# section under a load finds no balance where its first pore closes.
HELD_BACK = 0.01


class GrowthPath:
    """Lithiations and pressure on the way to the loaded state (all methods collective).

    ``sto`` and ``pressure`` are what the laws see, ``before`` the lithiation where the piece
    begins, ``dt`` [s] its length in time, ``rate`` one over that in growth (but see
    ``LEAST_GROWTH``); under a pressure alone as much as ``HELD_BACK`` asks for, 0 for neither.
    ``way_rate`` is that of the whole way. ``held_rate`` is ``rate`` where solids are held back,
    too, and else 0.

    Args:
        sto: Of each host, the unknowns of the cell.
        growth: J_g of a host at lithiations.
        pressure: On the top [Pa].
        modulus: Of the softest solid [Pa].
        viscosity: Of the medium, over that modulus.
    """

    def __init__(
        self,
        mesh: Any,
        sto: Mapping[str, Unknown],
        growth: Callable[[str, FloatArray], FloatArray],
        pressure: float,
        modulus: float,
        viscosity: float,
    ) -> None:
        self._comm, self._cell_sto, self._growth = mesh.comm, sto, growth
        self._target, self._modulus, self._viscosity = pressure, modulus, viscosity
        spaces = {host: unknown.scaled.function_space for host, unknown in sto.items()}
        self.sto = {host: fem.Function(space) for host, space in spaces.items()}
        self.before = {host: fem.Function(space) for host, space in spaces.items()}
        numbers = (fem.Constant(mesh, 0.0) for _ in range(5))
        self.pressure, self.dt, self.rate, self.way_rate, self.held_rate = numbers
        self._begin, self._end, self._earlier = _Load(), _Load(), _Load()
        self._length, self._pushed = 0.0, 0.0

    def reset(self) -> None:
        """Begin at the loaded state, without pressure."""
        self._begin = _Load(0.0, self._loaded(), 0.0)
        self._see(self._begin)

    def aim(self, t: float) -> float:
        """See the loaded state, that of ``t`` [s], as the end of the way; return its length."""
        self._end = _Load(t, self._loaded(), self._target)
        grown = [
            np.abs(self._growth(host, end) - self._growth(host, self._begin.sto[host])).max(
                initial=0.0
            )
            for host, end in self._end.sto.items()
        ]
        most = float(self._comm.allreduce(max(grown, default=0.0), op=MPI.MAX))
        self._length = most
        self._pushed = abs(self._end.pressure - self._begin.pressure) / self._modulus
        self.way_rate.value = self._rate(1.0)
        return most + self._pushed

    @property
    def last_growth(self) -> float:
        """Largest change of a growth J_g on the last way."""
        return self._length

    def go(self, begin: float, end: float, *, again: bool = False, held: bool = False) -> float:
        """Let the laws see the part of the way up to ``end``; return how long that takes [s].

        ``again``: from where the last part has begun, which is on another way; ``held``: all is
        held back.
        """
        a, b = self._begin, self._end
        for host, before in () if again else self.before.items():
            before.x.array[:] = (1 - begin) * a.sto[host] + begin * b.sto[host]
        sto = {host: (1 - end) * a.sto[host] + end * b.sto[host] for host in a.sto}
        self._see(_Load(b.t, sto, (1 - end) * a.pressure + end * b.pressure))
        self.rate.value = self._held_rate(end - begin) if held else self._rate(end - begin)
        self.held_rate.value = float(self.rate.value) if held else 0.0
        dt = (end - begin) * (b.t - a.t)
        self.dt.value = dt
        return dt

    def _rate(self, share: float) -> float:
        """Return one over what holds back the motion of so large a part of the way."""
        if self._length > 0.0:
            return 1.0 / max(share * self._length, LEAST_GROWTH)
        if self._pushed and self._viscosity:
            return HELD_BACK * self._pushed / (self._viscosity * share)
        return 0.0

    def _held_rate(self, share: float) -> float:
        """Return the same where all is held back, also on a way that changes nothing."""
        growth = share * max(self._length, LEAST_GROWTH)
        return max(self._rate(share), 1.0 / max(growth, LEAST_HELD))

    def arrive(self, t: float) -> None:
        """Begin the next way at the loaded state, that of ``t`` [s]."""
        self._earlier, self._begin = self._begin, _Load(t, self._loaded(), self._target)
        self._see(self._begin)

    def go_back(self) -> None:
        """Begin the next way where the last one has begun."""
        self._begin = self._earlier
        self._see(self._begin)

    def _loaded(self) -> dict[str, FloatArray]:
        return {host: u.scaled.x.array * u.scale for host, u in self._cell_sto.items()}

    def _see(self, load: _Load) -> None:
        for host, values in load.sto.items():
            self.sto[host].x.array[:] = values
        self.pressure.value = load.pressure
