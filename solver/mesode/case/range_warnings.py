"""Where a run has left the range in which what it computes with is known, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.case.small_swelling import SMALL_SWELLING
from mesode.columns import (
    ACTIVE,
    BINDER,
    MAX_LITHIATION,
    MAX_SALT,
    MAX_SWELLING,
    MAX_VON_MISES,
    MEAN_SEI,
    MIN_LITHIATION,
    MIN_SALT,
    MIN_SWELLING,
    of_part,
)
from mesode.config.growth import LEAST
from mesode.model.processes.mechanics import Mechanics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mesode.materials.law import Law
    from mesode.model.cell import Cell

    type Extremes = Mapping[str, Mapping[str, float]]

# A law is known a little beyond the ends of its range: by this part of it.
SPARE = 0.01
# Share of a layer's pores from which a film, which takes no room in the model, is told to fill it:
# by Bruggeman's law ions are then slower by more than a quarter.
FILLED = 0.2


def range_warnings(cell: Cell, extremes: Extremes) -> tuple[str, ...]:
    """Return warnings about a run from the extremes of its columns (``mesode.output.extremes``)."""
    if not extremes:
        return ()
    found = [*_electrolyte(cell, extremes), *_hosts(cell, extremes), *_filled(cell, extremes)]
    if isinstance(cell.mechanics, Mechanics):
        found += (text for host in cell.mechanics.hosts for text in _swelling(host, extremes))
        found += _strength(cell, extremes)
    return tuple(dict.fromkeys(found))


def _electrolyte(cell: Cell, extremes: Extremes) -> Iterator[str]:
    """Yield where the salt leaves the range of a law of the electrolyte."""
    electrolyte = cell.materials.electrolyte
    ends = {"Min": extremes[MIN_SALT], "Max": extremes[MAX_SALT]}
    for law in (electrolyte.kappa, electrolyte.D_e, electrolyte.t_plus, electrolyte.tdf):
        yield from _beyond("the salt concentration", law, "c_e", " mol/m^3", ends)


def _hosts(cell: Cell, extremes: Extremes) -> Iterator[str]:
    """Yield where the lithiation of a host leaves the range of its potential or diffusivity."""
    for host in cell.hosts:
        lithium = cell.materials.lithium(host)
        columns = {"Min": MIN_LITHIATION, "Max": MAX_LITHIATION}
        ends = {end: _of(extremes, column, host) for end, column in columns.items()}
        for law in (lithium.ocp, lithium.D_s):
            yield from _beyond(f"the lithiation of {host}", law, "sto", "", ends)


def _filled(cell: Cell, extremes: Extremes) -> Iterator[str]:
    """Yield where the film on the particles of a layer has more volume than its pores can give."""
    for host in cell.hosts:
        if host not in cell.materials.sei or host not in cell.layers:
            continue
        thickness = _of(extremes, MEAN_SEI, host)
        volume = cell.materials.layer(host).surface * thickness["max"]
        share = volume / cell.materials.ionic(host).porosity
        if share > FILLED:
            yield (
                f"the SEI in {host} has {100 * share:.0f} % of the volume of the pores "
                f"({_when(thickness, 'max')}), but takes no room in the model: ions would be "
                "slower there, and a film that fills the pores would not grow on"
            )


def _of(extremes: Extremes, column: str, host: str) -> Mapping[str, float]:
    """Return the extremes of a number of a host, whose column bears its name among several."""
    return extremes.get(of_part(column, host), extremes[column])


def _beyond(what: str, law: Law, variable: str, unit: str, ends: Extremes) -> Iterator[str]:
    """Yield where a variable has left the valid range of a law."""
    if variable not in law.valid:
        return
    low, high = law.valid[variable]
    spare = SPARE * (high - low)
    least, most = ends["Min"], ends["Max"]
    known = f"the law {law.name} is known from {low:g} to {high:g}{unit}"
    if least["min"] < low - spare:
        yield f"{what} falls to {least['min']:.4g}{unit} ({_when(least, 'min')}): {known}"
    if most["max"] > high + spare:
        yield f"{what} rises to {most['max']:.4g}{unit} ({_when(most, 'max')}): {known}"


def _swelling(host: str, extremes: Extremes) -> Iterator[str]:
    """Yield where a host swells or shrinks beyond linear elasticity."""
    for column, end, sign, verb in (
        (MAX_SWELLING, "max", 1.0, "swells"),
        (MIN_SWELLING, "min", -1.0, "shrinks"),
    ):
        found = _of(extremes, column, host)
        change = sign * found[end]
        if change <= SMALL_SWELLING:
            continue
        if verb == "shrinks" and change > 1.0 - LEAST:
            # finite mechanics would refuse it
            verdict = (
                "the section is drawn at the initial lithiation and has not that much to give, so "
                "that stress and thickness are wrong; begin at less lithiation"
            )
        else:
            verdict = (
                f"linear elasticity holds to about {100 * SMALL_SWELLING:.0f} %; take stress and "
                "thickness as estimates, or physics.mechanics: finite"
            )
        share = f"{100 * change:.0f} % of its volume ({_when(found, end)})"
        yield f"{host} {verb} by {share}: {verdict}"


def _strength(cell: Cell, extremes: Extremes) -> Iterator[str]:
    """Yield where a material is stressed beyond its strength."""
    if cell.mechanics is None:
        return
    kinds = {
        **dict.fromkeys(cell.mechanics.hosts, ACTIVE),
        **dict.fromkeys(cell.binders, BINDER),
    }
    for name, kind in kinds.items():
        strength = cell.materials.mechanical(name).strength
        of_kind = extremes[of_part(MAX_VON_MISES, kind)]
        found = extremes.get(of_part(MAX_VON_MISES, name), of_kind)
        if strength is not None and found["max"] > strength:
            yield (
                f"the von Mises stress in {name} reaches {found['max'] / 1e6:.0f} MPa "
                f"({_when(found, 'max')}), above its strength of {strength / 1e6:.0f} MPa: it "
                "would yield or crack, which linear mechanics does not know; physics.mechanics: "
                "finite lets it flow"
            )


def _when(found: Mapping[str, float], end: str) -> str:
    return f"at {found[f't_{end}']:.6g} s, in step {found[f'step_{end}']}"
