"""What is evaluated: a record, spectra or a table, and what is known of the sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mesode.constants import T_REF
from mesode.evaluate.finite_diffusion import SPHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from mesode.evaluate.finite_diffusion import Body
    from mesode.evaluate.record import Record

    type FloatArray = npt.NDArray[np.float64]
    type ComplexArray = npt.NDArray[np.complex128]
    type TrueInput = Callable[[float | None, float | None], Truth | None]


@dataclass(frozen=True, slots=True)
class Given:
    """What formulas ask for beside the curves, in SI; None or empty where nobody said.

    Args:
        mass: Of active material [kg].
        T: Temperature [K].
        lengths: L of GITT [m] by what it is taken to be; the first is that of the figures.
        radius: Of the particles, or thickness of a slab, for the fit of the relaxation [m].
        body: What the particles are taken to be.
        areas: A of voltammetry and Warburg [m^2] by what it is taken to be.
        concentrations: C of voltammetry and Warburg [mol/m^3] by what it is taken to be.
    """

    mass: float | None = None
    T: float = T_REF
    lengths: Mapping[str, float] = field(default_factory=dict)
    radius: float | None = None
    body: Body = SPHERE
    areas: Mapping[str, float] = field(default_factory=dict)
    concentrations: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Truth:
    """What a simulated value was computed with, and where that stands."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Spectrum:
    """An impedance [ohm] over frequencies [Hz], temperature [K], lithiation where it is known.

    ``metal`` is the part of Re Z of the lithium metal [ohm], where it is known.
    """

    name: str
    f: FloatArray
    Z: ComplexArray
    T: float
    sto: float | None = None
    metal: FloatArray | None = None

    def metal_share(self, f: float) -> float:
        """Return the metal's share of the arc with its top at f; 0 where it is not known.

        Re Z grows by 82 % of an arc of one time constant within half a decade on both sides.
        """
        if self.metal is None:
            return 0.0
        order = np.argsort(self.f)
        ends = np.log(f) + 0.5 * np.log(10.0) * np.array([-1.0, 1.0])
        low, high = np.interp(ends, np.log(self.f[order]), self.Z.real[order])
        of_low, of_high = np.interp(ends, np.log(self.f[order]), self.metal[order])
        return float((of_low - of_high) / (low - high)) if low > high else 0.0


@dataclass(frozen=True, slots=True)
class Source:
    """One file or run folder.

    Args:
        name: Shown for it.
        given: What is known of its sample.
        record: Over time, if there is one.
        spectra: Its impedances.
        columns: Further columns: those of a table.
        sto: Mean lithiation of the rows of the record, if known.
        truths: True inputs by name: of mean lithiation and temperature they give a value, or None.
        per_area: Current is that of 1 m^2 of electrode.
        sides: What a positive and a negative current do.
        group: Sources alike in all but protocol and temperature have the same.
    """

    name: str
    given: Given
    record: Record | None = None
    spectra: tuple[Spectrum, ...] = ()
    columns: Mapping[str, FloatArray] = field(default_factory=dict)
    sto: FloatArray | None = None
    truths: Mapping[str, TrueInput] = field(default_factory=dict)
    per_area: bool = False
    sides: tuple[str, str] = ("discharge", "charge")
    group: str = ""

    def truth(self, name: str, sto: float | None = None, T: float | None = None) -> Truth | None:
        """Return a true input at a lithiation and temperature [K]; None for what was measured."""
        known = self.truths.get(name)
        return None if known is None else known(sto, T)

    def sto_at(self, row: int) -> float | None:
        """Return the mean lithiation at a row of the record."""
        return None if self.sto is None else float(self.sto[row])

    def side(self, direction: float) -> str:
        """Return what a current of a sign does."""
        return self.sides[direction < 0.0]

    def named(self, name: str, several: bool) -> str:
        """Return a name of what is in it, with its own where there are several sources."""
        return f"{self.name}, {name}" if several else name

    def current(self) -> str:
        """Return the unit of currents."""
        return "A.m-2" if self.per_area else "A"

    def resistance(self) -> str:
        """Return the unit of resistances."""
        return "ohm.m2" if self.per_area else "ohm"
