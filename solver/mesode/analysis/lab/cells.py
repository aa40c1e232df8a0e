"""Methods on voltage and charge: cycles, rates, dQ/dV, ends of currents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis.lab.findings import Evaluation, Finding
from mesode.columns import VOLTAGE
from mesode.evaluate import differential, half_cycles, polarisation
from mesode.evaluate.record import Kind, segments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.analysis.lab.settings import Settings
    from mesode.analysis.lab.source import Source
    from mesode.evaluate.differential import Curve
    from mesode.evaluate.half_cycles import HalfCycle, RatePoint
    from mesode.evaluate.record import Record

    type FloatArray = npt.NDArray[np.float64]

_AH = 3600.0  # [C]
_SAME_CURRENT = 0.1  # of it: half cycles at the same rate


def _capacity(source: Source, Q: float) -> tuple[float, str]:
    """Return a charge [C] as capacity: per mass where that is known."""
    if source.given.mass:
        return Q / (_AH * source.given.mass), "mA.h.g-1"
    return Q / _AH, "Ah"


@dataclass(frozen=True, slots=True)
class Cycled:
    """Capacity and voltage of half cycles by name; (cycle, capacity) of each side; their unit."""

    halves: Mapping[str, tuple[FloatArray, FloatArray]]
    capacities: Mapping[str, Sequence[tuple[float, float]]]
    unit: str

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        return {
            name: {f"Capacity / {self.unit}": Q, VOLTAGE: V} for name, (Q, V) in self.halves.items()
        }


def cycling(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find capacity, efficiencies and polarisation of each cycle."""
    found: list[Finding] = []
    shown: dict[str, tuple[FloatArray, FloatArray]] = {}
    capacities: dict[str, list[tuple[float, float]]] = {}
    for source in sources:
        if source.record is None:
            continue
        halves = half_cycles.half_cycles(source.record)
        for cycle in half_cycles.cycles(halves):
            found += _cycle(source, cycle)
        for half in halves:
            side = source.named(source.side(half.direction), len(sources) > 1)
            rows = slice(half.start, half.end)
            passed = source.record.charge[rows] - source.record.charge[half.start]
            Q = _capacity(source, half.direction * 1.0)[0] * passed
            shown[f"{side} {half.cycle}"] = Q, source.record.V[rows]
            capacities.setdefault(side, []).append((half.cycle, _capacity(source, half.Q)[0]))
    if not found:
        return None
    data = Cycled(shown, capacities, _capacity(sources[0], 1.0)[1])
    return Evaluation("cycling", "Cycles", tuple(found), data=data)


def _cycle(source: Source, cycle: half_cycles.Cycle) -> list[Finding]:
    rows: list[tuple[str, float, str]] = []
    for half in (cycle.first, cycle.second):
        if half is not None:
            side = source.side(half.direction)
            rows.append((f"{side} capacity", *_capacity(source, half.Q)))
            rows.append((f"mean {side} voltage", half.V, "V"))
    derived = (
        ("coulombic efficiency", cycle.coulombic_efficiency, "1"),
        ("energy efficiency", cycle.energy_efficiency, "1"),
        ("polarisation", cycle.polarisation, "V"),
    )
    rows += [(name, value, unit) for name, value, unit in derived if value is not None]
    return [
        Finding(
            source=source.name, of=f"cycle {cycle.number}", quantity=name, value=value, unit=unit,
            formula=half_cycles.CYCLING,
        )
        for name, value, unit in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rates:
    """Capacities over currents, for each source and direction."""

    series: Mapping[str, Sequence[tuple[float, float]]]
    units: tuple[str, str]

    def curves(self) -> dict[str, dict[str, list[float]]]:
        """Return the curves by name."""
        current, capacity = self.units
        return {
            name: {f"Current / {current}": [i for i, _ in points],
                   f"Capacity / {capacity}": [q for _, q in points]}
            for name, points in self.series.items()
        }  # fmt: skip


def rates(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find the capacity over the current, where there are at least two currents."""
    found: list[Finding] = []
    series: dict[str, list[tuple[float, float]]] = {}
    for direction in (1, -1):
        pooled = _pooled(sources, direction)
        currents = [point.I for _, point in pooled]
        if not currents or max(currents) < (1.0 + _SAME_CURRENT) * min(currents):
            continue
        for source, point in pooled:
            side = source.side(direction)
            value, unit = _capacity(source, point.Q)
            where = f"{side}, cycle {point.cycle}, {point.I:.4g} {source.current()}"
            for name, number, of_unit in (
                ("capacity", value, unit), ("share of the slowest", point.share, "1"),
            ):  # fmt: skip
                found.append(
                    Finding(source=source.name, of=where, quantity=name, value=number,
                            unit=of_unit, formula=half_cycles.RATE)
                )  # fmt: skip
            series.setdefault(side, []).append((point.I, value))
    if not found:
        return None
    data = Rates(series, (sources[0].current(), _capacity(sources[0], 1.0)[1]))
    return Evaluation("rates", "Rate capability", tuple(found), data=data)


def _pooled(sources: Sequence[Source], direction: int) -> list[tuple[Source, RatePoint]]:
    """Return the points of all sources, with the share of the slowest of them all."""
    halves: list[tuple[Source, HalfCycle]] = [
        (source, half)
        for source in sources
        if source.record is not None
        for half in _unswept(source.record)
    ]
    points = half_cycles.rate_capability([half for _, half in halves], direction)
    owners = [source for source, half in halves if half.direction == direction]
    return list(zip(owners, points, strict=True))


@dataclass(frozen=True, slots=True)
class Derivatives:
    """dQ/dV and dV/dQ of half cycles by name; unit of the capacity."""

    dQdV: Mapping[str, Curve]
    dVdQ: Mapping[str, Curve]
    unit: str

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        by_voltage = {
            f"dQ/dV, {name}": {VOLTAGE: c.x, f"dQ/dV / {self.unit}.V-1": c.y}
            for name, c in self.dQdV.items()
        }
        by_charge = {
            f"dV/dQ, {name}": {f"Capacity / {self.unit}": c.x, f"dV/dQ / V.({self.unit})-1": c.y}
            for name, c in self.dVdQ.items()
        }
        return {**by_voltage, **by_charge}


def derivatives(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find the peaks of dQ/dV of each half cycle at a current; swept ones have none."""
    found: list[Finding] = []
    dQdV, dVdQ, unit = {}, {}, "Ah"
    for source in sources:
        for name, V, Q in _charged(source):
            scale, unit = _capacity(source, 1.0)
            label = source.named(name, len(sources) > 1)
            curve = differential.differential_capacity(V, scale * Q)
            if not len(curve):
                continue
            dQdV[label] = curve
            dVdQ[label] = differential.differential_voltage(V, scale * Q)
            found += [
                Finding(source=source.name, of=name, quantity=f"dQ/dV peak at {curve.x[top]:.3f} V",
                        value=float(curve.y[top]), unit=f"{unit}.V-1",
                        formula=differential.DIFFERENTIAL)
                for top in differential.peaks(curve)
            ]  # fmt: skip
    if not found:
        return None
    data = Derivatives(dQdV, dVdQ, unit)
    return Evaluation("derivatives", "Differential capacity", tuple(found), data=data)


def _unswept(record: Record) -> list[HalfCycle]:
    """Return the half cycles in which the voltage was not swept."""
    swept = np.zeros(len(record.t), dtype=bool)
    for part in segments(record):
        swept[part.rows] = part.kind is Kind.SWEEP
    halves = half_cycles.half_cycles(record)
    return [half for half in halves if not swept[half.start + 1 : half.end].any()]


def _charged(source: Source) -> list[tuple[str, FloatArray, FloatArray]]:
    """Return name, voltage and charge of the half cycles, without their rests."""
    record, found = source.record, []
    if record is None:
        return []
    flowing = np.zeros(len(record.t), dtype=bool)
    for part in segments(record):
        flowing[part.rows] = part.kind is not Kind.REST
    for half in _unswept(record):
        # without the row of the turn, after which the voltage jumps
        rows = half.start + 1 + np.flatnonzero(flowing[half.start + 1 : half.end])
        side = source.side(half.direction)
        charge = half.direction * (record.charge[rows] - record.charge[half.start])
        found.append((f"{side} {half.cycle}", record.V[rows], charge))
    return found


def interruptions(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find jump, relaxation and resistance where a current ends and a rest follows."""
    found: list[Finding] = []
    latest = 0.0
    for source in sources:
        ends = [] if source.record is None else polarisation.interruptions(source.record)
        for end in ends:
            latest = max(latest, end.after)
            rows = (
                ("jump of the voltage", end.jump, "V"),
                ("relaxation", end.relaxation, "V"),
                ("resistance", end.resistance, source.resistance()),
            )
            found += [
                Finding(source=source.name, of=f"after step {end.step}", quantity=name,
                        value=value, unit=unit, formula=polarisation.POLARISATION)
                for name, value, unit in rows
            ]  # fmt: skip
    if not found:
        return None
    note = f"the first rows of the rests come up to {latest:.3g} s after the current has ended"
    return Evaluation("polarisation", "Ends of currents", tuple(found), (note,))
