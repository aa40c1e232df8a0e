"""Figures of what was found: one for each method, in the look of all figures."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.analysis import curves, style
from mesode.analysis.spectra import CM2
from mesode.evaluate import sweeps

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.figure import Figure

    from mesode.analysis.lab.cells import Cycled, Derivatives, Rates
    from mesode.analysis.lab.findings import Evaluation
    from mesode.analysis.lab.impedances import Circuits, Distributions, Temperatures
    from mesode.analysis.lab.transport import Titration, Voltammetry

_MARKERS = "os^vDP<>"
_NAMED_RATES = 4  # more names would hide the sweeps
_LOOKS: Final[dict[str, dict[str, Any]]] = {"true": {"color": "k", "ls": "--", "lw": 1.0}}


def draw(evaluation: Evaluation) -> Figure | None:
    """Return the figure of an evaluation; None where its method has none."""
    if evaluation.data is None or evaluation.method not in DRAWINGS:
        return None
    return DRAWINGS[evaluation.method](evaluation.data)


def _label(unit: str, name: str) -> str:
    return curves.axis_label(f"{name} / {unit}")


def _cycled(data: Cycled) -> Figure:
    """Draw the voltage over the capacity of half cycles, and their capacity over the cycles."""
    figure = style.new_figure(170, 70)
    left, right = figure.subplots(1, 2)
    for (Q, V), look in zip(data.halves.values(), curves.looks(list(data.halves)), strict=True):
        left.plot(Q, V, lw=1.1, **look)
    left.set(xlabel=_label(data.unit, "Capacity"), ylabel=_label("V", "Voltage"))
    left.legend(fontsize=6, loc="upper right")  # the best place takes long for many rows
    for (side, points), marker in zip(data.capacities.items(), _MARKERS, strict=False):
        cycle, Q = np.array(points).T
        right.plot(cycle, Q, f"{marker}-", ms=3, lw=1, label=side)
    right.set(xlabel="Cycle", ylabel=_label(data.unit, "Capacity"))
    right.xaxis.get_major_locator().set_params(integer=True)
    right.legend(loc="lower left")
    return figure


def _rates(data: Rates) -> Figure:
    """Draw the capacity over the current, of one direction or both."""
    figure = style.new_figure(95, 70)
    ax = figure.subplots()
    for (side, points), marker in zip(data.series.items(), _MARKERS, strict=False):
        I, Q = np.array(sorted(points)).T
        ax.plot(I, Q, f"{marker}-", ms=3.5, lw=1, label=side)
    ax.set(xscale="log", xlabel=_label(data.units[0], "Current"), ylim=(0.0, None))
    ax.set_ylabel(_label(data.units[1], "Capacity"))
    if len(data.series) > 1:
        style.legend_beside(ax)
    return figure


def _derivatives(data: Derivatives) -> Figure:
    """Draw dQ/dV over the voltage and dV/dQ over the capacity."""
    figure = style.new_figure(170, 70)
    left, right = figure.subplots(1, 2)
    for name, look in zip(data.dQdV, curves.looks(list(data.dQdV)), strict=True):
        left.plot(data.dQdV[name].x, data.dQdV[name].y, lw=1.1, **look)
        right.plot(data.dVdQ[name].x, data.dVdQ[name].y, lw=1.1, **look)
    left.axhline(0.0, color="0.6", lw=0.6)
    left.set(xlabel=_label("V", "Voltage"), ylabel=f"dQ/dV [{_plain(data.unit)} V⁻¹]")
    right.set(xlabel=_label(data.unit, "Capacity"), ylabel=f"dV/dQ [V ({_plain(data.unit)})⁻¹]")
    # the ends are steep, and of no interest
    inner = np.ravel([np.percentile(c.y, (10, 90)) for c in data.dVdQ.values() if len(c)])
    if len(inner):
        right.set_ylim(1.5 * min(0.0, *inner), 1.5 * max(0.0, *inner))
    right.axhline(0.0, color="0.6", lw=0.6)
    if len(data.dQdV) > 1:
        style.legend_beside(right)
    return figure


def _plain(unit: str) -> str:
    return unit.replace("mA.h.g-1", "mA h g⁻¹")


def _titration(data: Titration) -> Figure:
    """Draw the voltage over time, and D over the state by each method, in the order of pulses."""
    figure = style.new_figure(190, 75)
    left, right = figure.subplots(1, 2)
    for (name, (record, pulses)), color in zip(
        data.records.items(), curves.shades(len(data.records)), strict=True
    ):
        left.plot(record.t / 3600.0, record.V, lw=0.9, color=color, label=name)
        rests = [pulse.rest.stop - 1 for pulse in pulses]
        left.plot(record.t[rests] / 3600.0, record.V[rests], "o", ms=2.5, color=color)
    left.set(xlabel="Test time [h]", ylabel=_label("V", "Voltage"), title="dots: equilibrium")
    several = len(data.records) > 1
    if several:
        left.legend(fontsize=6, loc="lower right")
    for k, (name, D) in enumerate(data.D.items()):
        # a line leads through the pulses of one record, not from one to another
        marks = {"ls": "none" if several else "-", "marker": _MARKERS[k % len(_MARKERS)]}
        look = _LOOKS.get(name, {"lw": 0.6, "ms": 3 if len(D) < 40 else 1.5, **marks})
        right.plot(data.x, CM2 * D, label=fill(name.removeprefix("D, "), 26), **look)
    right.xaxis.get_major_locator().set_params(nbins=4)
    right.set(yscale="log", xlabel=curves.axis_label(data.x_label), ylabel="D [cm² s⁻¹]")
    right.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=6)
    return figure


def _voltammetry(data: Voltammetry) -> Figure:
    """Draw sweeps with the part k1 v of the fastest, peaks over the rate, and b over voltage."""
    figure = style.new_figure(190, 65)
    left, middle, right = figure.subplots(1, 3)
    count = max(len(members) for members in data.sweeps.values())
    for k, (side, members) in enumerate(data.sweeps.items()):
        told = curves.pick_frames(len(members), _NAMED_RATES) if k == 0 else ()
        for j, (each, color) in enumerate(zip(members, curves.shades(count), strict=False)):
            name = f"{1e3 * abs(each.rate):.3g} mV/s" if j in told else None
            left.plot(each.V, each.I, lw=1.0, color=color, label=name)
        split = data.splits[side]
        if split is not None:
            part = split.capacitive(abs(members[-1].rate))
            left.fill_between(split.V, 0.0, part, color="0.5", alpha=0.25, lw=0.0)
            right.plot(split.V, sweeps.exponents(members, split.V), lw=1.1, label=side)
        v, I_p = sweeps.peak_currents(members)
        line = sweeps.b_value(v, I_p)
        (dots,) = middle.plot(1e3 * v, I_p, "o", ms=3.5)
        name = f"{side}, b = {line.slope:.2f}"
        middle.plot(
            1e3 * v, 10.0 ** line.at(np.log10(v)), lw=1.0, color=dots.get_color(), label=name
        )
    left.set(xlabel=_label("V", "Voltage"), ylabel=_label(data.unit, "Current"))
    left.set_title("shaded: k₁v of the fastest")
    left.legend(fontsize=6, loc="upper right")
    middle.set(xscale="log", yscale="log", xlabel="Rate [mV s⁻¹]")
    style.plain_decades(middle)
    middle.set_ylabel(_label(data.unit, "Peak current"))
    middle.legend(fontsize=6, loc="upper left")
    right.set(xlabel=_label("V", "Voltage"), ylabel="b", ylim=(0.0, 1.2))
    for level in (0.5, 1.0):
        right.axhline(level, color="0.6", lw=0.6)
    right.legend(fontsize=6, loc="lower right")
    return figure


def _circuits(data: Circuits) -> Figure:
    """Draw the spectra as dots and their fits as lines in the complex plane."""
    scale, unit = (CM2, "Ω cm²") if data.per_area else (1.0, "Ω")
    figure = style.new_figure(120, 80)
    ax = figure.subplots()
    names = [f"{name}\n{fit.circuit.text}" for name, (_, fit) in data.fits.items()]
    for (spectrum, fit), look in zip(data.fits.values(), curves.looks(names), strict=True):
        order = np.argsort(spectrum.f)
        Z, fitted = scale * spectrum.Z[order], scale * fit.impedance(spectrum.f[order])
        ax.plot(Z.real, -Z.imag, "o", ms=2, color=look["color"], alpha=0.7)
        ax.plot(fitted.real, -fitted.imag, lw=0.9, **look)
    ax.set(xlabel=f"Re Z [{unit}]", ylabel=f"−Im Z [{unit}]", title="dots: data, lines: circuit")
    ax.set_aspect("equal", adjustable="datalim")
    style.legend_beside(ax, fontsize=6)
    return figure


def _distributions(data: Distributions) -> Figure:
    """Draw gamma over the relaxation time; peaks are named by their area where there is one."""
    scale, unit = (CM2, "Ω cm²") if data.unit == "ohm.m2" else (1.0, "Ω")
    figure = style.new_figure(120, 70)
    ax = figure.subplots()
    for each, look in zip(data.of.values(), curves.looks(list(data.of)), strict=True):
        ax.plot(each.tau, scale * each.gamma, lw=1.1, **look)
        for peak in each.peaks() if len(data.of) == 1 else ():
            top, text = (peak.tau, scale * peak.gamma), f"{scale * peak.R:.3g}"
            place: dict[str, Any] = {"xytext": (0, 3), "textcoords": "offset points"}
            ax.annotate(text, top, fontsize=6, ha="center", **place)
            ax.set_title(f"numbers: area of each peak [{unit}]")
    ax.set(xscale="log", xlabel="Relaxation time [s]", ylabel=f"γ [{unit}]", ylim=(0.0, None))
    if len(data.of) > 1:
        style.legend_beside(ax)
    return figure


def _temperatures(data: Temperatures) -> Figure:
    """Draw ln(1/R) over 1000/T with the lines whose slopes are the activation energies."""
    figure = style.new_figure(110, 70)
    ax = figure.subplots()
    for name, (T, R, found) in data.series.items():
        (dots,) = ax.plot(1e3 / T, -np.log(R), "o", ms=4)
        label = f"{name}\n{1e-3 * found.E_a:.2f} kJ/mol"
        ax.plot(1e3 / T, found.line.at(1.0 / T), lw=1.0, color=dots.get_color(), label=label)
    ax.set(xlabel="1000/T [K⁻¹]", ylabel=f"ln(1/R), R in {data.unit.replace('.', ' ')}")
    style.legend_beside(ax)
    return figure


DRAWINGS: Final[dict[str, Callable[[Any], Figure]]] = {
    "cycling": _cycled,
    "rates": _rates,
    "derivatives": _derivatives,
    "gitt": _titration,
    "voltammetry": _voltammetry,
    "circuits": _circuits,
    "drt": _distributions,
    "arrhenius": _temperatures,
}


def draw_all(evaluations: Sequence[Evaluation]) -> dict[str, Figure]:
    """Return the figures of some evaluations by method."""
    found = {each.method: draw(each) for each in evaluations}
    return {method: figure for method, figure in found.items() if figure is not None}
