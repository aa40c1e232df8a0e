"""Where a run has left the range in which what it computes with is known, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mesode.model.cell import Cell

    type Extremes = Mapping[str, Mapping[str, float]]

# Volumetric swelling beyond which small-strain elasticity is an estimate: 10 % is 3 % of length.
SMALL_SWELLING = 0.1


def range_warnings(cell: Cell, extremes: Extremes) -> tuple[str, ...]:
    """Return warnings about a run from the extremes of its columns (``mesode.output.extremes``)."""
    if cell.mechanics is None:
        return ()
    swelling = (text for host in cell.mechanics.hosts for text in _swelling(host, extremes))
    return (*swelling, *_strength(cell, extremes))


def _swelling(host: str, extremes: Extremes) -> Iterator[str]:
    """Yield where a host swells or shrinks beyond linear elasticity."""
    for end, verb in (("max", "swells"), ("min", "shrinks")):
        name = end.capitalize()
        found = extremes.get(f"{name} Swelling {host} / 1", extremes[f"{name} Swelling / 1"])
        if (found[end] > 0.0) == (end == "max") and abs(found[end]) > SMALL_SWELLING:
            yield (
                f"{host} {verb} by {100 * abs(found[end]):.0f} % of its volume "
                f"({_when(found, end)}): linear elasticity holds to about "
                f"{100 * SMALL_SWELLING:.0f} %; take stress and thickness as estimates"
            )


def _strength(cell: Cell, extremes: Extremes) -> Iterator[str]:
    """Yield where a material is stressed beyond its strength."""
    if cell.mechanics is None:
        return
    kinds = {
        **dict.fromkeys(cell.mechanics.hosts, "Active"),
        **dict.fromkeys(cell.binders, "Binder"),
    }
    for name, kind in kinds.items():
        strength = cell.materials.mechanical(name).strength
        column = f"Max von Mises {name} / Pa"
        found = extremes.get(column, extremes[f"Max von Mises {kind} / Pa"])
        if strength is not None and found["max"] > strength:
            yield (
                f"the von Mises stress in {name} reaches {found['max'] / 1e6:.0f} MPa "
                f"({_when(found, 'max')}), above its strength of {strength / 1e6:.0f} MPa: it "
                "would yield or crack, which linear mechanics does not know"
            )


def _when(found: Mapping[str, float], end: str) -> str:
    return f"at {found[f't_{end}']:.6g} s, in step {found[f'step_{end}']}"
