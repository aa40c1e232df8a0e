"""A step whose current, power or voltage follows a profile: from point to point of it.

The time steps end at the points, so that none reaches over a corner. On straight lines the
integration goes on there; where the values jump it starts anew, as a step of the protocol does.
"""

from __future__ import annotations

from bisect import bisect_left
from math import inf
from typing import TYPE_CHECKING, Any

from mesode.protocol import controls
from mesode.protocol.in_time import InTime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.config.steps import Profile
    from mesode.numerics.events import Event
    from mesode.output.snapshot import Snapshot
    from mesode.protocol.step import Stage


class AlongProfile(InTime):
    """A step that follows a profile.

    Args:
        step: The profile, and what ends it.
        stage: What the steps of the run share.
    """

    def __init__(self, step: Profile, stage: Stage) -> None:
        super().__init__(step, stage)
        self._profile, self._part = step, 0
        self._last = max(bisect_left(step.times, step.duration or inf) - 1, 0)

    def take_up(self, data: Mapping[str, Any], snapshot: Snapshot) -> None:
        """Go on from the accepted state at which the checkpoint was written."""
        self._part = data["part"]
        super().take_up(data, snapshot)

    def save(self, snapshot: Snapshot) -> dict[str, Any]:
        """Keep on which part of the profile it is, beside what all steps keep."""
        return {**super().save(snapshot), "part": self._part}

    def _hold(self) -> None:
        self._held = controls.on_profile(self._profile, self._part, self.stage.cell)
        super()._hold()

    def _integrate(self, guards: Sequence[Event]) -> str:
        while True:
            reason = self._to(self._end_of_part(), guards)
            if reason != "time" or self._part == self._last:
                return reason
            self._next_part()

    def _end_of_part(self) -> float:
        """Return the end of the part [s], counted as the time of the integration is."""
        step = self._profile
        end = min(step.times[self._part + 1], step.duration or inf)
        return end if step.linear else end - step.times[self._part]

    def _next_part(self) -> None:
        stage = self.stage
        self._part += 1
        self._hold()
        if stage.dense is not None:
            stage.dense.begin()
        if not self._profile.linear:
            first = controls.first_steps(self._held, stage.cell, stage.tolerance)
            stage.integrator.restart(first.step, first.leap)
