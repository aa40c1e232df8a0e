"""What follows from the solution of a time step, where the way to it counts.

Forces at the end of a step depend on what has flowed on the way, so a long way is gone in pieces,
each solved and its internal states committed before the next. Pieces are as long as Newton's method
likes, and shorter where it fails. If there is no way at all nothing has happened: unknowns and
states are those of the last step.

Where no piece is short enough a shape has mostly lost its balance, and what is near has none. Then
a friction holds back all that moves for the rest of the way: in a piece that is short enough it
outweighs what softens, and piece by piece the shape comes to its next balance.

The guess of a piece is extrapolated from the last one, less far where that leaves what the laws
describe; not after a piece that failed, nor where the last state is nearer to a balance, as after
the way has turned back.

A way that was gone on trial can be taken back. To nearly the same end it is not gone again as a
whole: its last piece leads to the new one, with what it has found as the guess.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from math import ceil, inf, isfinite, sqrt
from time import process_time
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mesode.errors import SolverError
from mesode.numerics.full_newton import FullNewton
from mesode.numerics.step_control import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dolfinx.fem import FunctionSpace

    from mesode.numerics.bdf import FloatArray
    from mesode.numerics.full_newton import FullNewtonOptions
    from mesode.numerics.states import InternalState
    from mesode.numerics.system import BlockSystem

LONGEST = 0.05  # piece of the way, in the measure of the way
MOST_IN_A_STEP = 0.1  # of the way in a time step, at a ``TOLERANCE`` of the integration in time
MOST_FAILURES = 10  # of one piece, each time half as long
LEAST = 2.0**-12  # of a piece, below which a way that goes on ever slower does not arrive
EASY, HARD = 6, 10  # iterations below and above which the next piece is longer or shorter
LONGER, SHORTER, HALF = 1.3, 0.7, 0.5
FARTHEST = 2.0  # extrapolation, in lengths of the last piece
TRIES = 5  # of an extrapolation, each half as far


class Path(Protocol):
    """What drives the equations from one accepted step to the next (all methods collective)."""

    def aim(self, t: float) -> float:
        """See the loaded state, that of ``t`` [s], as the end of the way; return its length."""

    def go(self, begin: float, end: float, *, again: bool = False, held: bool = False) -> float:
        """Let the equations see the part of the way up to ``end`` from ``begin``; return dt [s].

        ``again``: from where the last part that was seen has begun, on another way; ``held``: a
        friction holds all motion back.
        """

    def arrive(self, t: float) -> None:
        """Begin the next way at the loaded state, that of ``t`` [s]."""

    def go_back(self) -> None:
        """Begin the next way where the last one has begun."""

    def tell(self) -> str:
        """Say what is wrong at the loaded state."""


@dataclass(slots=True)
class _Memory:
    """Where the follower is: ``t`` [s], the piece that may come next, the last one's length.

    ``pace`` [1/s] is that of the last way.
    """

    t: float = -1.0
    piece: float = LONGEST
    last: float = 0.0
    pace: float = 0.0


@dataclass(frozen=True, slots=True)
class _Departure:
    """What a follower knows where a piece begins, at a share of the way."""

    x: FloatArray
    before: FloatArray
    memory: _Memory
    states: Sequence[Mapping[str, FloatArray]]
    share: float


@dataclass(slots=True)
class PathCounts:
    """What has been done since the start."""

    pieces: int = 0
    failed: int = 0
    again: int = 0  # ways that were taken back
    most_pieces: int = 0  # of one time step
    cpu: float = 0.0  # processor time of this rank [s]


@dataclass
class PathFollower:
    """Solves a steady block system along its path (all methods collective).

    Args:
        system: The block system; its vector ``x`` is the state.
        path: What drives it.
        states: Internal states, committed with each piece.
        options: Of Newton's method.
    """

    system: BlockSystem
    path: Path
    states: Sequence[InternalState]
    options: FullNewtonOptions
    counts: PathCounts = field(default_factory=PathCounts)
    held: int = 0  # ways on which all was held back
    _taken_back = -1.0  # time [s] that the last way led to which was
    _held = False  # whether all is held back on this way

    def __post_init__(self) -> None:
        self.newton = FullNewton(self.system, self.options)
        self.memory = _Memory()
        self.before = self.system.x.getArray(readonly=True).copy()
        self._departure = self._last_piece = self._here()
        self._found = self.before  # by a way that was taken back

    def restart(self) -> None:
        """Take up the state that the functions hold; forget those before it."""
        self.system.store(self.system.unknowns, self.system.x)
        self.before = self.system.x.getArray(readonly=True).copy()
        self.memory = _Memory()

    def follow(self, t: float) -> None:
        """Go on to the loaded state, which is that of time ``t`` [s].

        Raises:
            SolverError: the way ends before that.
        """
        if t == self.memory.t:
            return
        begin = process_time()
        try:
            self._go_to(t)
        finally:
            self.counts.cpu += process_time() - begin

    def go_back(self) -> None:
        """Take the last way back: unknowns and states are those of where it began."""
        self._found, self._taken_back = self.system.x.getArray(readonly=True).copy(), self.memory.t
        self._return_to(self._departure)
        self.path.go_back()
        self.counts.again += 1

    def longest_step(self, tolerance: float) -> float:
        """Return how long the next time step may be [s], at the pace of the last way.

        It is so short that straight lines between two steps tell what happened, where the length
        of steps is chosen by what the path follows alone; shorter for a tolerance below 1e-4.
        """
        most = MOST_IN_A_STEP * sqrt(min(1.0, tolerance / TOLERANCE))
        return most / self.memory.pace if self.memory.pace > 0.0 else inf

    def _go_to(self, t: float) -> None:
        way, self._departure = self.path.aim(t), self._here()
        share, part, pieces, failed = 0.0, 1.0, 0, 0
        if t == self._taken_back:
            self._return_to(self._last_piece)
            if self._again(self._last_piece.share, way):
                share = 1.0
            else:
                self._return_to(self._departure)
        if share < 1.0:
            self._held = False
        least = LEAST * min(1.0, LONGEST / max(way, LONGEST))
        while share < 1.0:
            if not failed:
                part = min(1.0, self.memory.piece / max(way, self.memory.piece))
            if failed > MOST_FAILURES or (part < least and share + part < 1.0):
                self._hold_back(t, share)
                failed = 0
                continue
            end = share + (1.0 - share) / ceil((1.0 - share) / part - 1e-9)
            if self._piece(share, end, (end - share) * way, guess=not failed):
                share, pieces, failed = end, pieces + 1, 0
                continue
            failed, part = failed + 1, HALF * (end - share)
            self.counts.failed += 1
            if way > 0.0:
                self.memory.piece = part * way
        self.path.arrive(t)
        begin = max(self.memory.t, 0.0)
        if t > begin:
            self.memory.pace = way / (t - begin)
        self.memory.t, self._taken_back = t, -1.0
        self.counts.most_pieces = max(self.counts.most_pieces, pieces)

    def _again(self, share: float, way: float) -> bool:
        """Solve the last piece with its new end; return whether that was possible."""
        dt = self.path.go(share, 1.0, again=True, held=self._held)
        self.system.x.getArray()[:] = self._found
        if not self.newton.solve(near=True):
            self.counts.failed += 1
            return False
        self._commit(1.0, dt, (1.0 - share) * way)
        return True

    def _piece(self, begin: float, end: float, length: float, *, guess: bool) -> bool:
        """Solve one piece of the way; return whether that was possible."""
        x, memory = self.system.x, self.memory
        self._last_piece = self._here(begin)
        dt, here = self.path.go(begin, end, held=self._held), self._last_piece.x
        if guess and memory.last > 0.0 and length > 0.0:
            self._extrapolate(here, min(length / memory.last, FARTHEST))
        if not self.newton.solve():
            x.getArray()[:] = here
            self.system.load(x, self.system.unknowns)
            return False
        self._commit(end, dt, length)
        if self.newton.iterations <= EASY:
            memory.piece = min(LONGER * max(memory.piece, length), LONGEST)
        elif self.newton.iterations > HARD:
            memory.piece = SHORTER * (length or memory.piece)
        return True

    def _commit(self, end: float, dt: float, length: float) -> None:
        """Make what has been solved the end of the last piece."""
        for state in self.states:
            state.update(end, dt)
        for state in self.states:
            state.commit()
        self.counts.pieces += 1
        self.before, self.memory.last = self._last_piece.x, length

    def _extrapolate(self, here: FloatArray, reach: float) -> None:
        """Guess, less far until the residual is a number; take it where that is smaller."""
        x, off = self.system.x, self.newton.residual()
        for _ in range(TRIES):
            x.getArray()[:] = here + reach * (here - self.before)
            size = self.newton.residual()
            if isfinite(size):
                break
            reach *= HALF
        if not size < off:
            x.getArray()[:] = here

    def _here(self, share: float = 0.0) -> _Departure:
        x = self.system.x.getArray(readonly=True).copy()
        states = [dict(state.arrays()) for state in self.states]
        return _Departure(x, self.before, replace(self.memory), states, share)

    def _return_to(self, kept: _Departure) -> None:
        """Leave everything as it was before a piece; how long one may be stays what it is."""
        self.system.x.getArray()[:], self.before = kept.x, kept.before
        self.system.load(self.system.x, self.system.unknowns)
        for state, arrays in zip(self.states, kept.states, strict=True):
            state.restore(arrays)
        self.memory = replace(kept.memory, piece=self.memory.piece)

    def _hold_back(self, t: float, share: float) -> None:
        """Hold all back from here on, with long pieces at first; give up where it is already."""
        if self._held:
            self._give_up(t, share)
        self._held, self.memory.piece = True, LONGEST
        self.held += 1

    def _give_up(self, t: float, share: float) -> None:
        """Leave everything as it was before the way, and say what is wrong."""
        told = self.path.tell()
        why = self.newton.why or "the pieces that can be solved have become too short"
        self._return_to(self._departure)
        self.memory.piece, self.memory.last = LONGEST, 0.0
        msg = (
            f"the solids find no balance of forces on the way to {t:.6g} s, {100 * share:.0f} % of "
            f"which is gone: {why}. {told}"
        )
        raise SolverError(msg)


class FollowerState:
    """A path follower as an internal state: it is kept in checkpoints, and resumed.

    The follower commits its states itself, so that there is nothing to try or to forget.

    Args:
        follower: Finds it once there is one.
        key: Name in checkpoints.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        self.follower: PathFollower | None = None

    def update(self, t: float, dt: float) -> None:
        """Nothing: it is no law of the solution."""

    def reset(self) -> None:
        """Nothing: the follower is restarted."""

    def commit(self) -> None:
        """Nothing."""

    def reject(self) -> None:
        """Nothing."""

    def arrays(self) -> dict[str, FloatArray]:
        """Return what this rank owns of the unknowns now and before, and the numbers."""
        follower = self.there
        memory, found = follower.memory, {}
        parts = follower.system.owned_slices()
        now = follower.system.x.getArray(readonly=True)
        for k, part in enumerate(parts):
            found[f"{self._key} {k}"] = now[part].copy()
            found[f"{self._key} before {k}"] = follower.before[part].copy()
        found[self._key] = np.array([*astuple(memory), follower.held])
        return found

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return the space of each array."""
        found: dict[str, FunctionSpace | None] = {self._key: None}
        for k, space in enumerate(self.there.system.spaces):
            found |= {f"{self._key} {k}": space, f"{self._key} before {k}": space}
        return found

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over a state; the loaded state is where the next way begins."""
        follower = self.there
        x = follower.system.x.getArray()
        for k, part in enumerate(follower.system.owned_slices()):
            x[part] = arrays[f"{self._key} {k}"]
            follower.before[part] = arrays[f"{self._key} before {k}"]
        *memory, held = arrays[self._key].tolist()
        follower.memory, follower.held = _Memory(*memory), int(held)
        follower.system.load(follower.system.x, follower.system.unknowns)
        follower.path.arrive(follower.memory.t)

    @property
    def there(self) -> PathFollower:
        """The follower, once there is one."""
        if self.follower is None:
            msg = "internal error: the state of a follower was asked for before there was one"
            raise RuntimeError(msg)
        return self.follower
