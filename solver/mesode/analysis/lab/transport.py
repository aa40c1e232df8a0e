"""Methods for diffusivity in time: GITT and voltammetry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis.lab.findings import Evaluation, Finding
from mesode.analysis.lab.host_truths import D_S, EDGE
from mesode.columns import MEAN_LITHIATION, VOLTAGE
from mesode.evaluate import gitt, relaxation, sweeps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.analysis.lab.settings import Settings
    from mesode.analysis.lab.source import Source
    from mesode.evaluate.formula import Formula
    from mesode.evaluate.gitt import Pulse
    from mesode.evaluate.record import Record
    from mesode.evaluate.sweeps import Split, Sweep

    type FloatArray = npt.NDArray[np.float64]

FIT = "fit of the relaxation"
_NO_LENGTH = "no D: give the length L of the active material (--length)"
_NO_AREA = "no D: give area and concentration (--area, --concentration)"
_NO_SLOPE = (
    "the rows of the pulses are few: the jump is that of the first row, and there is no slope; "
    "a run has more of them with output.rows: {voltage: 0.1 mV}"
)
# Triangles that the depth sqrt(D tau) of a pulse needs for its beginning. Measured on discs of
# silicon with thin layers at the surface: with 4 D by slope is 13 % too large, with 8 it is 1 %.
_TRIANGLES = 8.0
_ROUNDED = 1.05  # an edge of two digits, as it is told, will do
_EDGE = 0.01  # of a sweep: a largest current that near to its end is no peak
_NO_RADIUS = "no fit of the relaxation: give the radius of the particles (--radius)"


@dataclass(frozen=True, slots=True)
class Titration:
    """Records with their pulses, and D over the lithiation or the voltage for each method."""

    records: Mapping[str, tuple[Record, tuple[Pulse, ...]]]
    x: FloatArray
    x_label: str
    D: Mapping[str, FloatArray]

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        return {
            name: {self.x_label: self.x, "Diffusivity / m2.s-1": values}
            for name, values in self.D.items()
        }


def titration(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find D of each pulse by both formulas and by the relaxation."""
    found: list[Finding] = []
    records, notes = {}, []
    for source in sources:
        pulses = [] if source.record is None else gitt.pulses(source.record)
        if source.record is None or not gitt.is_titration(pulses):
            continue
        cut = gitt.cut_off(source.record, pulses)
        notes += _rests(source, pulses, cut)
        pulses = [each for each in pulses if each is not cut]
        records[source.name] = source.record, tuple(pulses)
        notes += [] if source.given.lengths else [_NO_LENGTH]
        notes += [] if source.given.radius else [_NO_RADIUS]
        notes += [_NO_SLOPE] if any(pulse.slope is None for pulse in pulses) else []
        for pulse in pulses:
            found += _pulse(source, source.record, pulse)
            notes += _coarse(source, pulse)
    if not found:
        return None
    data = _titration(found, records)
    return Evaluation("gitt", "GITT", tuple(found), tuple(dict.fromkeys(notes)), data)


def _rests(source: Source, pulses: Sequence[Pulse], cut: Pulse | None) -> list[str]:
    """Return which rests did not end at equilibrium; ``cut`` is the pulse that is left out."""
    notes = []
    if cut is not None:
        notes.append(
            f"{source.name}: pulse {cut.number} is left out: the record ends {cut.tau_rest:.3g} s "
            f"into its rest, the one before lasted {pulses[-2].tau_rest:.3g} s"
        )
    moving = {each.number: each.moving for each in pulses if each.moving and each is not cut}
    if moving:
        worst, share = max(moving.items(), key=lambda each: each[1])
        notes.append(
            f"{source.name}: {len(moving)} of {len(pulses)} rests ended before equilibrium: after "
            f"pulse {worst} the voltage still moves, by {100.0 * share:.2g} % of its change from "
            "rest to rest; D by both formulas may be off there, longer rests mend that"
        )
    return notes


def _coarse(source: Source, pulse: Pulse) -> list[str]:
    """Return that the mesh of a run is too coarse for the slope at the begin of a pulse."""
    D, edge = (source.truth(name, source.sto_at(pulse.before)) for name in (D_S, EDGE))
    if D is None or edge is None or pulse.slope is None:
        return []
    finest = float(np.sqrt(D.value * pulse.tau)) / _TRIANGLES
    if edge.value <= _ROUNDED * finest:
        return []
    return [
        f"{source.name}: D by slope is that of the mesh in part: in a pulse lithium moves "
        f"{_TRIANGLES * finest * 1e6:.2g} um deep, and mesh.interface is {edge.value * 1e6:.2g} "
        f"um; mesh.interface: {finest * 1e6:.2g} um with mesh.surface: {finest * 1e5:.1g} um "
        "would do"
    ]


def _pulse(source: Source, record: Record, pulse: Pulse) -> list[Finding]:
    end = source.sto_at(pulse.before), source.sto_at(pulse.rest.start)
    sto = None if None in end else 0.5 * sum(end)  # type: ignore[arg-type]
    truth = source.truth(D_S, sto)
    rows: list[tuple[str, float | None, str, Formula]] = [
        ("equilibrium voltage", pulse.E_after, "V", gitt.BY_ENDS),
        ("resistance of the jump", pulse.resistance, source.resistance(), gitt.BY_ENDS),
    ]
    for k, (name, L) in enumerate(source.given.lengths.items()):
        rows.append((f"D, L = {name}", gitt.by_ends(pulse, L), "m2/s", gitt.BY_ENDS))
        if k == 0:
            rows.append((f"D by slope, L = {name}", gitt.by_slope(pulse, L), "m2/s", gitt.BY_SLOPE))
    if source.given.radius:
        fit = relaxation.fit(record, pulse, source.given.radius, source.given.body)
        D = None if fit is None else fit.D
        body = source.given.body.name
        rows.append((f"D, {FIT} of a {body}", D, "m2/s", relaxation.RELAXATION))
    return [
        Finding(source=source.name, of=f"pulse {pulse.number}", quantity=name, value=value,
                unit=unit, formula=formula, truth=truth if unit == "m2/s" else None, sto=sto)
        for name, value, unit, formula in rows
        if value is not None
    ]  # fmt: skip


def _titration(
    found: Sequence[Finding], records: Mapping[str, tuple[Record, tuple[Pulse, ...]]]
) -> Titration:
    """Return D of all pulses side by side; NaN where a method gave none."""
    keys = list(dict.fromkeys((f.source, f.of) for f in found))
    value = {(f.source, f.of, f.quantity): f.value for f in found}
    names = list(dict.fromkeys(f.quantity for f in found if f.unit == "m2/s"))
    D = {name: np.array([value.get((*key, name), np.nan) for key in keys]) for name in names}
    truths = {(f.source, f.of): f.truth.value for f in found if f.truth is not None}
    if truths:
        D["true"] = np.array([truths.get(key, np.nan) for key in keys])
    sto = {(f.source, f.of): f.sto for f in found}
    if all(sto[key] is not None for key in keys):
        x, label = np.array([sto[key] for key in keys], dtype=float), MEAN_LITHIATION
    else:
        x = np.array([value[(*key, "equilibrium voltage")] for key in keys])
        label = VOLTAGE
    return Titration(records, x, label, D)


@dataclass(frozen=True, slots=True)
class Voltammetry:
    """Sweeps of each direction by the name of what they do, and their split."""

    sweeps: Mapping[str, Sequence[Sweep]]
    splits: Mapping[str, Split | None]
    unit: str

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        found: dict[str, dict[str, FloatArray]] = {}
        for side, members in self.sweeps.items():
            rates, peaks = sweeps.peak_currents(members)
            found[f"peaks, {side}"] = {"Rate / V.s-1": rates, f"Peak / {self.unit}": peaks}
            split = self.splits[side]
            if split is not None:
                found[f"split, {side}"] = {
                    VOLTAGE: split.V, "k1": split.k1, "k2": split.k2,
                    "b / 1": sweeps.exponents(members, split.V),
                }  # fmt: skip
        return found


def voltammetry(sources: Sequence[Source], settings: Settings) -> Evaluation | None:
    """Find peaks, b-values, shares and D of sweeps at two rates or more."""
    found: list[Finding] = []
    members, splits = {}, {}
    first = sources[0]
    for direction in (1, -1):
        swept = sweeps.last_of_each_rate(
            each
            for source in sources
            if source.record is not None
            for each in sweeps.sweeps(source.record, direction)
        )
        if len(swept) < 2:
            continue
        side = first.side(direction)
        members[side], splits[side] = swept, sweeps.split(swept)
        found += _peaks(first, side, swept)
        found += _shares(first, side, swept, splits[side])
        found += _randles_sevcik(first, side, swept, settings.n)
    if not found:
        return None
    data = Voltammetry(members, splits, first.current())
    notes = [
        f"no peak: {where}: the current is largest where the sweep ends" for where in _ends(data)
    ]
    notes += [] if first.given.areas and first.given.concentrations else [_NO_AREA]
    return Evaluation("voltammetry", "Cyclic voltammetry", tuple(found), tuple(notes), data)


def _ends(data: Voltammetry) -> list[str]:
    """Return side and rates of the sweeps whose current is largest at one of their ends."""
    found = []
    for side, members in data.sweeps.items():
        rates = [
            f"{1e3 * abs(each.rate):.4g}"
            for each in members
            if not _EDGE * len(each.V) <= each.peak < (1.0 - _EDGE) * len(each.V) - 1
        ]
        found += [f"{side}, {', '.join(rates)} mV/s"] if rates else []
    return found


def _finding(
    source: Source,
    of: str,
    quantity: str,
    value: float,
    unit: str,
    formula: Formula,
    error: float | None = None,
) -> Finding:
    truth = source.truth(D_S) if unit == "m2/s" else None
    return Finding(
        source=source.name, of=of, quantity=quantity, value=value, unit=unit, formula=formula,
        error=error, truth=truth,
    )  # fmt: skip


def _peaks(source: Source, side: str, swept: Sequence[Sweep]) -> list[Finding]:
    unit = source.current()
    rows = []
    for each in swept:
        where = f"{side}, {1e3 * abs(each.rate):.4g} mV/s"
        k = each.peak
        rows.append(
            _finding(source, where, "peak current", abs(float(each.I[k])), unit, sweeps.B_VALUE)
        )
        rows.append(_finding(source, where, "peak voltage", float(each.V[k]), "V", sweeps.B_VALUE))
    line = sweeps.b_value(*sweeps.peak_currents(swept))
    rows.append(
        _finding(source, side, "b of the peaks", line.slope, "1", sweeps.B_VALUE, line.error)
    )
    return rows


def _shares(
    source: Source, side: str, swept: Sequence[Sweep], split: Split | None
) -> list[Finding]:
    if split is None:
        return []
    rates = [abs(each.rate) for each in swept]
    return [
        _finding(source, f"{side}, {1e3 * v:.4g} mV/s", "share of k1 v", split.share(v), "1",
                 sweeps.SPLIT)
        for v in rates
    ]  # fmt: skip


def _randles_sevcik(source: Source, side: str, swept: Sequence[Sweep], n: int) -> list[Finding]:
    given = source.given
    v, I_p = sweeps.peak_currents(swept)
    rows = []
    for of_C, C in given.concentrations.items():
        for of_A, A in given.areas.items():
            D, line = sweeps.randles_sevcik(v, I_p, A, C, given.T, n)
            error = 2.0 * D * line.error / line.slope
            name = f"D, C of {of_C}, A of {of_A}"
            rows.append(_finding(source, side, name, D, "m2/s", sweeps.RANDLES_SEVCIK, error))
    return rows
