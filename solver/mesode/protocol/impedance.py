"""A step that measures the impedance at the state in which it finds the cell, and leaves it so."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.columns import (
    FREQUENCY,
    IMPEDANCE,
    IMPEDANCE_PARTS,
    IMPEDANCE_PHASE,
    IMPEDANCE_STATE,
    IMPEDANCE_VALUE,
    TEMPERATURE,
    of_part,
)
from mesode.constants import ZERO_CELSIUS
from mesode.model.impedance import Impedance
from mesode.protocol.step import Ending, Measured, ProtocolStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesode.config.steps import Spectrum
    from mesode.physics.heat import Carrier
    from mesode.protocol.step import Row, Stage

DRIFT = 1e-3  # [V] over a period of the lowest frequency: from here on it is told


class ImpedanceStep(ProtocolStep):
    """The impedance at the present state; no time passes.

    Args:
        step: Its frequencies.
        stage: What the steps of the run share.
    """

    def __init__(self, step: Spectrum, stage: Stage) -> None:
        super().__init__(stage)
        self._step = step

    def run(self) -> Ending:
        """Find the impedance at one frequency after the other.

        Raises:
            SolverError: The equations have no solution at one of them.
        """
        found = measure(self.stage, self._step, self.stage.stop_requested)
        if isinstance(found, str):
            return Ending(found, stops=True)
        self.stage.measured(found)
        return Ending(f"impedance at {len(found.rows)} frequencies")


def measure(
    stage: Stage, step: Spectrum, stop_requested: Callable[[], str | None] = lambda: None
) -> Measured | str:
    """Return the spectrum of the loaded state, or why the run shall stop instead (collective).

    The terminal holds the present current afterwards, see ``Impedance``.

    Raises:
        SolverError: The equations have no solution at one of its frequencies.
    """
    asked_for, state = frequencies(step), _state(stage)
    impedance = Impedance(stage.cell, max(*asked_for, step.map or 0.0))
    rows: list[Row] = []
    mapped = None
    try:
        warnings = _drifts(impedance.drift(1.0 / min(asked_for)), asked_for)
        for frequency in asked_for:
            reason = stop_requested()
            if reason is not None:
                return reason
            # what is lost adds up to the impedance at rest alone
            at_rest = not warnings
            Z, parts = impedance.shared(frequency) if at_rest else (impedance.at(frequency), {})
            rows.append({**_row(frequency, Z, parts), **state})
        if step.map is not None:
            mapped = step.map, impedance.amplitude(step.map)
    finally:
        impedance.close()
    return Measured(rows, warnings, mapped)


def _state(stage: Stage) -> Row:
    """Return what tells the state."""
    row: dict[str, Any] = stage.diagnostics.row()
    row[TEMPERATURE] = stage.cell.kelvins - ZERO_CELSIUS
    return {name: row[name] for name in IMPEDANCE_STATE if name in row}


def frequencies(step: Spectrum) -> list[float]:
    """Return the frequencies of a spectrum [Hz], its ends among them, evenly in their logarithm."""
    first, last = log10(step.first), log10(step.last)
    number = max(round(abs(first - last) * step.points_per_decade), 1) + 1
    return [float(f) for f in np.logspace(first, last, number)]


def _row(frequency: float, Z: complex, parts: Mapping[Carrier, float]) -> Row:
    shares = dict.fromkeys(IMPEDANCE_PARTS, 0.0) if parts else {}
    shares |= {str(carrier): value for carrier, value in parts.items()}
    return {
        **{of_part(IMPEDANCE["real"], part): value for part, value in shares.items()},
        FREQUENCY: frequency,
        IMPEDANCE["real"]: Z.real,
        IMPEDANCE["imaginary"]: Z.imag,
        IMPEDANCE_VALUE: abs(Z),
        IMPEDANCE_PHASE: float(np.angle(Z, deg=True)),
    }


def _drifts(moved: float, frequencies: list[float]) -> list[str]:
    """Return a warning where the state is not at rest."""
    if abs(moved) < DRIFT:
        return []
    seconds = 1.0 / min(frequencies)
    return [
        f"the impedance is that of a state that is not at rest: within {seconds:.3g} s, a period "
        f"of the lowest frequency, the voltage would move by {1e3 * moved:.2g} mV by itself. Put "
        "a rest before it, or end it at a higher frequency"
    ]
