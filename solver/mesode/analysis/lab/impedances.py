"""Methods for impedances: arcs, Warburg, circuit, distribution of relaxation times, Arrhenius."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mesode.analysis.lab.findings import Evaluation, Finding
from mesode.analysis.lab.host_truths import D_S, E_A, SLOPE
from mesode.analysis.lab.measured import RAMAN, RESISTANCE, TEMPERATURE
from mesode.analysis.lab.transfers import assign, transfers
from mesode.columns import FREQUENCY
from mesode.constants import ZERO_CELSIUS
from mesode.evaluate import arrhenius, circuit_fit, drt, nyquist, raman

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.analysis.lab.settings import Settings
    from mesode.analysis.lab.source import Source, Spectrum, Truth
    from mesode.evaluate.arrhenius import Activation
    from mesode.evaluate.circuit_fit import CircuitFit
    from mesode.evaluate.drt import Distribution
    from mesode.evaluate.formula import Formula

    type FloatArray = npt.NDArray[np.float64]

_LEAST = 8  # frequencies
_SAME_T = 0.5  # [K]
_MOST_OF_METAL = 0.5  # of the largest arc


def _each(sources: Sequence[Source]) -> list[tuple[Source, Spectrum]]:
    return [
        (source, spectrum)
        for source in sources
        for spectrum in source.spectra
        if len(spectrum.f) >= _LEAST
    ]


def arcs(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find the resistances of arcs and D of the Warburg line of each spectrum."""
    found: list[Finding] = []
    notes: list[str] = []
    for source, spectrum in _each(sources):
        every = nyquist.arcs(spectrum.f, spectrum.Z)
        taus = [1.0 / (2.0 * np.pi * arc.f) for arc in every]
        assigned = assign(taus, transfers(source, spectrum), "arc")
        notes += assigned.notes
        for arc, truth in zip(every, assigned.truths, strict=True):
            found.append(
                Finding(source=source.name, of=spectrum.name, sto=spectrum.sto,
                        quantity=f"R of the arc at {arc.f:.3g} Hz", value=arc.R,
                        unit=source.resistance(), formula=nyquist.ARC, truth=truth)
            )  # fmt: skip
        found += _warburg(source, spectrum)
    if not found:
        return None
    return Evaluation("arcs", "Arcs and Warburg lines", tuple(found), _once(notes))


def _once(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(notes))


def _warburg(source: Source, spectrum: Spectrum) -> list[Finding]:
    line = nyquist.warburg(spectrum.f, spectrum.Z)
    if line is None:
        return []
    of = f"{spectrum.name}, {line.f_low:.2g} to {line.f_high:.2g} Hz"
    unit = f"{source.resistance()}.s-0.5"

    def row(quantity: str, value: float, unit: str, formula: Formula,
            error: float | None = None) -> Finding:  # fmt: skip
        truth = source.truth(D_S, spectrum.sto) if unit == "m2/s" else None
        return Finding(source=source.name, of=of, quantity=quantity, value=value, unit=unit,
                       formula=formula, truth=truth, sto=spectrum.sto, error=error)  # fmt: skip

    rows = [row("Warburg slope", line.sigma, unit, nyquist.WARBURG, line.error)]
    slope = source.truth(SLOPE, spectrum.sto)
    for of_A, A in source.given.areas.items():
        if slope is not None and slope.value > 0.0:
            D = nyquist.diffusivity(line.sigma, A, slope.value)
            rows.append(row(f"D, true dU/dc, A of {of_A}", D, "m2/s", nyquist.WARBURG))
        for of_C, C in source.given.concentrations.items():
            D = nyquist.diffusivity(line.sigma, A, nyquist.ideal_slope(C, spectrum.T))
            rows.append(row(f"D, C of {of_C}, A of {of_A}", D, "m2/s", nyquist.WARBURG_IDEAL))
    return rows


@dataclass(frozen=True, slots=True)
class Circuits:
    """Fits with their spectra, by name; whether of 1 m^2 of electrode."""

    fits: Mapping[str, tuple[Spectrum, CircuitFit]]
    per_area: bool

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        found = {}
        for name, (spectrum, fit) in self.fits.items():
            Z = fit.impedance(spectrum.f)
            found[name] = {FREQUENCY: spectrum.f, "Re Z_fit": Z.real, "Im Z_fit": Z.imag}
        return found


def circuits(sources: Sequence[Source], settings: Settings) -> Evaluation | None:
    """Fit a circuit to each spectrum: the one that was asked for, or the one with the least BIC."""
    found: list[Finding] = []
    fits = {}
    spectra = _each(sources)
    for source, spectrum in spectra:
        if settings.circuit is None:
            fit = circuit_fit.best_fit(spectrum.f, spectrum.Z)
        else:
            fit = circuit_fit.fit(spectrum.f, spectrum.Z, settings.circuit)
        fits[source.named(spectrum.name, len(sources) > 1)] = spectrum, fit
        of = f"{spectrum.name}, {fit.circuit.text}"
        found += [
            Finding(source=source.name, of=of, quantity=parameter.name, value=value,
                    unit=_per_area(parameter.unit, source), formula=circuit_fit.FIT,
                    error=value * error, sto=spectrum.sto)
            for parameter, value, error in zip(fit.circuit.parameters, fit.values, fit.errors,
                                               strict=True)
        ]  # fmt: skip
        found.append(
            Finding(source=source.name, of=of, quantity="rms of the relative error", value=fit.rms,
                    unit="1", formula=circuit_fit.FIT)
        )  # fmt: skip
    if not found:
        return None
    chosen = "the circuit is the one with the least BIC of " + ", ".join(circuit_fit.CANDIDATES)
    notes = (chosen,) if settings.circuit is None else ()
    data = Circuits(fits, sources[0].per_area)
    return Evaluation("circuits", "Equivalent circuits", tuple(found), notes, data)


def _per_area(unit: str, source: Source) -> str:
    """Return the unit of a parameter of a circuit for 1 m^2 of electrode."""
    if not source.per_area or unit in ("1", "s"):
        return unit
    return f"{unit}.m2" if unit.startswith(("ohm", "H")) else f"{unit}.m-2"


@dataclass(frozen=True, slots=True)
class Distributions:
    """Distributions of relaxation times by name, and the unit of gamma."""

    of: Mapping[str, Distribution]
    unit: str

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        return {
            name: {"Relaxation Time / s": each.tau, f"Gamma / {self.unit}": each.gamma}
            for name, each in self.of.items()
        }


def distributions(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find the distribution of relaxation times of each spectrum, its peaks and their areas."""
    found: list[Finding] = []
    notes: list[str] = []
    of = {}
    for source, spectrum in _each(sources):
        each = drt.distribution(spectrum.f, spectrum.Z)
        of[source.named(spectrum.name, len(sources) > 1)] = each
        peaks = each.peaks()
        assigned = assign([peak.tau for peak in peaks], transfers(source, spectrum), "peak")
        notes += assigned.notes
        rows: list[tuple[str, float, Truth | None]] = [
            (f"R of the peak at {peak.tau:.2g} s", peak.R, truth)
            for peak, truth in zip(peaks, assigned.truths, strict=True)
        ]
        rows.append(("R at high frequency", each.R_inf, None))
        found += [
            Finding(source=source.name, of=f"{spectrum.name}, λ {each.regularisation:.1g}",
                    quantity=name, value=value, unit=source.resistance(), formula=drt.DRT,
                    sto=spectrum.sto, truth=truth)
            for name, value, truth in rows
        ]  # fmt: skip
    if not found:
        return None
    data = Distributions(of, sources[0].resistance())
    return Evaluation("drt", "Distribution of relaxation times", tuple(found), _once(notes), data)


@dataclass(frozen=True, slots=True)
class Temperatures:
    """Resistances over temperatures [K] with their line, by name; the unit of the resistance."""

    series: Mapping[str, tuple[FloatArray, FloatArray, Activation]]
    unit: str

    def curves(self) -> dict[str, dict[str, FloatArray]]:
        """Return the curves by name."""
        return {
            name: {"Temperature / K": T, f"Resistance / {self.unit}": R}
            for name, (T, R, _) in self.series.items()
        }


def temperatures(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find activation energies of resistances at two temperatures or more."""
    found: list[Finding] = []
    series = {}
    for name, source, T, R in _resistances(sources):
        by_paper = arrhenius.activation_energy(T, 1.0 / R)
        by_rate = arrhenius.activation_energy(T, T / R)
        series[name] = T, R, by_paper
        truth = source.truth(E_A)
        found += [
            Finding(source=source.name, of=name, quantity=quantity, value=each.E_a, unit="J/mol",
                    formula=formula, error=each.error, truth=truth)
            for quantity, each, formula in (
                ("E_a of 1/R", by_paper, arrhenius.ARRHENIUS),
                ("E_a of T/R", by_rate, arrhenius.EXCHANGE),
            )
        ]  # fmt: skip
    if not found:
        return None
    data = Temperatures(series, sources[0].resistance())
    return Evaluation("arrhenius", "Activation energy", tuple(found), _of_metal(sources), data)


def _of_metal(sources: Sequence[Source]) -> tuple[str, ...]:
    """Return a note where more than half of a largest arc is that of the lithium metal."""
    shares = [0.0]
    for _, spectrum in _each(sources):
        arc = nyquist.largest_arc(nyquist.arcs(spectrum.f, spectrum.Z))
        shares.append(0.0 if arc is None else spectrum.metal_share(arc.f))
    if max(shares) <= _MOST_OF_METAL:
        return ()
    return (
        f"up to {100.0 * max(shares):.0f} % of the largest arc is the lithium metal's, so this is "
        "not the energy of the electrode; take the peak of the drt that is the electrode's, or "
        "leave the metal out: materials.counter.i_0: 1e5 A/m^2",
    )


def _resistances(
    sources: Sequence[Source],
) -> list[tuple[str, Source, FloatArray, FloatArray]]:
    """Return name, a source, temperatures [K] and resistances of each state.

    The resistance of a spectrum is that of its largest arc. The k-th spectra of all temperatures
    are one state.
    """
    found = []
    for source in sources:
        if TEMPERATURE in source.columns and RESISTANCE in source.columns:
            T = source.columns[TEMPERATURE] + ZERO_CELSIUS
            found.append(("table", source, T, source.columns[RESISTANCE]))
    by_T: dict[int, list[tuple[float, float]]] = {}
    owner = None
    for source, spectrum in _each(sources):
        arc = nyquist.largest_arc(nyquist.arcs(spectrum.f, spectrum.Z))
        if arc is not None:
            owner = source
            key = round(spectrum.T / _SAME_T)
            by_T.setdefault(key, []).append((spectrum.T, arc.R))
    states = min((len(points) for points in by_T.values()), default=0)
    if owner is not None and len(by_T) > 1:
        for k in range(states):
            points = sorted(members[k] for members in by_T.values())
            T, R = np.array(points).T
            found.append((f"largest arc, spectrum {k + 1}", owner, T, R))
    return [each for each in found if np.ptp(each[2]) > _SAME_T]


def raman_lines(sources: Sequence[Source], _settings: Settings) -> Evaluation | None:
    """Find the stress of silicon from places of its Raman line."""
    found = [
        Finding(source=source.name, of=f"line {k + 1}, {w:.2f} 1/cm", quantity="stress",
                value=float(raman.stress(w)), unit="Pa", formula=raman.RAMAN)
        for source in sources
        for k, w in enumerate(source.columns.get(RAMAN, ()))
    ]  # fmt: skip
    return Evaluation("raman", "Stress by Raman", tuple(found)) if found else None
