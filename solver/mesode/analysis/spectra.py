"""Figures of impedances: Nyquist and Bode, in ohm cm^2 of electrode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.analysis import curves, style
from mesode.analysis.run_data import read_timeseries
from mesode.columns import (
    FREQUENCY,
    IMPEDANCE,
    IMPEDANCE_PARTS,
    IMPEDANCE_STATE,
    STEP,
    TIME,
    VOLTAGE,
    File,
    of_part,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mesode.analysis.run_data import Run
    from mesode.analysis.xdmf import FloatArray

CM2 = 1e4  # in 1 m^2
_WHOLE = 1e-6  # of a decade: a frequency that near to a power of ten is marked


@dataclass(frozen=True, slots=True)
class Spectrum:
    """An impedance Z [ohm cm^2] over the frequency f [Hz]; ``name`` tells step and voltage.

    ``state`` is that of the cell: column of the table -> value.

    ``parts`` of Re Z by what loses them, none where the state was not at rest.
    """

    name: str
    f: FloatArray
    Z: np.typing.NDArray[np.complex128]
    parts: Mapping[str, FloatArray]
    state: Mapping[str, float]

    @property
    def decades(self) -> np.typing.NDArray[np.bool_]:
        """Where the frequency is a power of ten."""
        log = np.log10(self.f)
        return np.asarray(np.abs(log - np.round(log)) < _WHOLE)


def spectra(run: Run) -> list[Spectrum]:
    """Return the spectra of a run in their order; none where it has measured none."""
    path = run.path / File.IMPEDANCE.value
    table = read_timeseries(path) if path.is_file() else {}
    if not table or not len(table[STEP]):
        return []
    Z = CM2 * (table[IMPEDANCE["real"]] + 1j * table[IMPEDANCE["imaginary"]])
    found = []
    states = np.column_stack([table[STEP], table[TIME]])
    for step, t in np.unique(states, axis=0):
        rows = (states == (step, t)).all(axis=1)
        name = f"step {step:.0f}, {table[VOLTAGE][rows][0]:.3g} V"
        state = {key: float(table[key][rows][0]) for key in IMPEDANCE_STATE if key in table}
        f, parts = table[FREQUENCY][rows], _parts(table, rows)
        found.append(Spectrum(name, f, Z[rows], parts, state))
    return found


def _parts(
    table: Mapping[str, FloatArray], rows: np.typing.NDArray[np.bool_]
) -> dict[str, FloatArray]:
    columns = {part: of_part(IMPEDANCE["real"], part) for part in IMPEDANCE_PARTS}
    found = {part: CM2 * table[name][rows] for part, name in columns.items() if name in table}
    return {part: values for part, values in found.items() if values.any() and _known(values)}


def _known(values: FloatArray) -> bool:
    return bool(np.isfinite(values).all())


def shares(run: Run) -> Figure | None:
    """Draw what loses the real part, on top of each other, of the last state at rest."""
    found = [each for each in spectra(run) if each.parts]
    if not found:
        return None
    each = found[-1]
    figure = style.new_figure(120, 75)
    ax = figure.subplots()
    colors = style.AREAS[: len(each.parts)]
    ax.stackplot(each.f, *each.parts.values(), labels=list(each.parts), colors=colors, lw=0.0)
    ax.set(xscale="log", xlim=(each.f.min(), each.f.max()), xlabel="Frequency [Hz]")
    ax.set(ylabel="Re Z [Ω cm²]", title=each.name)
    style.legend_beside(ax, reverse=True)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def nyquist(run: Run) -> Figure | None:
    """Draw −Im Z over Re Z to one scale; a dot at each power of ten of the frequency."""
    found = spectra(run)
    if not found:
        return None
    figure = style.new_figure(120, 80)
    ax = figure.subplots()
    for each, look in zip(found, curves.looks([each.name for each in found]), strict=True):
        ax.plot(each.Z.real, -each.Z.imag, lw=1.1, **look)
        ten = each.decades
        ax.plot(each.Z.real[ten], -each.Z.imag[ten], "o", ms=2.5, color=look["color"])
    if len(found) == 1:
        _name_decades(ax, found[0])
    ax.set(xlabel="Re Z [Ω cm²]", ylabel="−Im Z [Ω cm²]")
    ax.set_aspect("equal", adjustable="datalim")
    if len(found) > 1:
        style.legend_beside(ax)
    figure.suptitle(style.title(run), fontsize=8)
    return figure


def _name_decades(ax: Axes, each: Spectrum) -> None:
    """Write the frequency beside each dot that is not too near to the one before."""
    from matplotlib.ticker import EngFormatter

    tell = EngFormatter(unit="Hz")
    size, last = np.ptp(each.Z.real) + np.ptp(each.Z.imag), complex(np.inf)
    for f, Z in zip(each.f[each.decades], each.Z[each.decades], strict=True):
        if abs(Z - last) > 0.05 * size:
            place: Any = {"xytext": (3, 3), "textcoords": "offset points"}
            ax.annotate(tell(f), (Z.real, -Z.imag), fontsize=6, **place)
            last = Z


def bode(run: Run) -> Figure | None:
    """Draw magnitude and phase over the frequency."""
    found = spectra(run)
    if not found:
        return None
    figure = style.new_figure(120, 100)
    above, below = figure.subplots(2, 1, sharex=True)
    for each, look in zip(found, curves.looks([each.name for each in found]), strict=True):
        above.loglog(each.f, np.abs(each.Z), lw=1.1, **look)
        below.semilogx(each.f, np.angle(each.Z, deg=True), lw=1.1, color=look["color"])
    above.set(ylabel="|Z| [Ω cm²]")
    below.set(xlabel="Frequency [Hz]", ylabel="Phase [°]")
    if len(found) > 1:
        style.legend_beside(above)
    figure.suptitle(style.title(run), fontsize=8)
    return figure
