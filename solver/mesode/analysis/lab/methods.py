"""The table of methods: what each is called, needs and finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mesode.analysis.lab import cells, impedances, transport

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.analysis.lab.findings import Evaluation
    from mesode.analysis.lab.settings import Settings
    from mesode.analysis.lab.source import Source


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its name, what it needs, and what it finds in sources of one sample."""

    name: str
    needs: str
    find: Callable[[Sequence[Source], Settings], Evaluation | None]


METHODS: Final = {
    method.name: method
    for method in (
        Method("cycling", "a current that charges or discharges", cells.cycling),
        Method("rates", "half cycles at two currents or more", cells.rates),
        Method("derivatives", "half cycles with 20 rows or more", cells.derivatives),
        Method("polarisation", "a constant current and a rest after it", cells.interruptions),
        Method(
            "gitt", "two pulses or more of constant current, rests between", transport.titration
        ),
        Method("voltammetry", "sweeps at two rates or more", transport.voltammetry),
        Method("arcs", "impedances", impedances.arcs),
        Method("circuits", "impedances", impedances.circuits),
        Method("drt", "impedances", impedances.distributions),
        Method("arrhenius", "resistances at two temperatures or more", impedances.temperatures),
        Method("raman", "places of Raman lines", impedances.raman_lines),
    )
}
