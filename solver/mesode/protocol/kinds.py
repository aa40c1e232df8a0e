"""The table of the kinds of steps: what an entry of a protocol becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.config.steps import Profile, Spectrum, Step
from mesode.protocol.along_profile import AlongProfile
from mesode.protocol.impedance import ImpedanceStep
from mesode.protocol.in_time import InTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.protocol.step import ProtocolStep, Stage

TABLE: dict[type[Any], Callable[[Any, Stage], ProtocolStep]] = {
    Step: InTime,
    Spectrum: ImpedanceStep,
    Profile: AlongProfile,
}


def make_step(step: Step, stage: Stage) -> ProtocolStep:
    """Return the object that carries out a step of a protocol."""
    return TABLE[type(step)](step, stage)
