"""The inputs that are true of a run: of the one host of its electrode, or of several together.

Several hosts at rest have one potential, and each its own lithiation x_k at the mean lithiation of
the electrode. With their shares v_k of the volume of active material, and their surfaces S_k::

    R_ct      1/R = sum_k S_k/(R T/(F i_0k(x_k)) + R_film,k)
    C_dl      sum_k S_k C_k
    -dU/dc    1/slope = sum_k v_k/slope_k                    (c over all of the active material)
    D_s, E_a  those of the host that takes most of the charge there; the text has all of them

No D_s is that of a blend: what a formula finds lies somewhere between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from mesode.analysis.lab.source import Truth
from mesode.analysis.run_data import MATERIALS
from mesode.constants import FARADAY, GAS_CONSTANT, T_REF
from mesode.units import QuantityError, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from mesode.analysis.lab.source import TrueInput

    type FloatArray = npt.NDArray[np.float64]
    type Law = Callable[[float | None], float | None]

#: Names of true inputs.
D_S, R_CT, C_DL, E_A, SLOPE, EDGE = "D_s", "R_ct", "C_dl", "E_a", "-dU/dc", "mesh.interface"
_POINTS: Final = 2001  # of potentials, at which hosts are in equilibrium
_STEP: Final = 0.005  # of the lithiation, for slopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host: its properties of the file, ``volume`` and ``surface`` per area of electrode [m, 1].

    Both are None where nobody has written them. ``T`` is the temperature of the run [K], ``edge``
    that of the triangles at its surface [m], 0 where its particles are not drawn.
    """

    name: str
    properties: Mapping[str, Any]
    volume: float | None
    surface: float | None
    T: float = T_REF
    edge: float | None = None

    def law(self, key: str) -> Law:
        """Return a property over the lithiation."""
        return law_of(self.properties, key, T=self.T)

    @property
    def E_a(self) -> float | None:
        """Activation energy of the exchange current [J/mol]."""
        return quantity(self.properties.get("i_0", {}).get("activation_energy"), "molar_energy")

    def conductance(self, sto: float | None, T: float) -> float | None:
        """Return S/(R T/(F i_0) + R_film) [S/m^2 of electrode]."""
        i_0 = self.law("i_0")(sto)
        if i_0 is None or self.surface is None:
            return None
        warm = np.exp(-(self.E_a or 0.0) / GAS_CONSTANT * (1.0 / T - 1.0 / T_REF))
        film = self.law("film_resistance")(None) or 0.0
        return float(self.surface / (GAS_CONSTANT * T / (FARADAY * i_0 * warm) + film))

    @property
    def capacitance(self) -> float | None:
        """Return S C [F/m^2 of electrode]."""
        C = self.law("double_layer")(None)
        return None if C is None or self.surface is None else C * self.surface

    def slope(self, sto: float | None) -> float | None:
        """Return -dU/dc [V m^3/mol]."""
        if sto is None or (c := self.law("c_max")(None)) is None:
            return None
        U = self.law("ocp")
        ends = [U(min(max(sto + way * _STEP, 0.0), 1.0)) for way in (-1.0, 1.0)]
        return None if None in ends else (ends[0] - ends[1]) / (2.0 * _STEP * c)  # type: ignore[operator]


def truths(hosts: Sequence[Host], T: float) -> dict[str, TrueInput]:
    """Return the true inputs of an electrode; none of no host.

    Args:
        hosts: Of the electrode.
        T: Temperature of the run [K].
    """
    if not hosts:
        return {}
    electrode = _Electrode(tuple(hosts))
    said = f"(R T/(F i_0) + film)/S, i_0 of {MATERIALS}, S the surface of the particles"
    layers = [host.capacitance for host in hosts]
    return {
        D_S: electrode.of_the_busiest("D_s", lambda host, sto: host.law("D_s")(sto)),
        R_CT: _summed(electrode.resistance, T, said, several=len(hosts) > 1),
        C_DL: _summed(
            lambda _sto, _T: None if None in layers else sum(layers),  # type: ignore[arg-type]
            T, f"double layer of {MATERIALS}", several=len(hosts) > 1,
        ),
        E_A: electrode.of_the_busiest("activation energy of i_0", lambda host, _sto: host.E_a),
        EDGE: electrode.of_the_busiest("mesh.interface", lambda host, _sto: host.edge),
        SLOPE: _summed(
            lambda sto, _T: electrode.slope(sto), T, f"slope of the potential in {MATERIALS}",
            several=len(hosts) > 1,
        ),
    }  # fmt: skip


def _summed(
    law: Callable[[float | None, float], float | None], T_run: float, text: str, *, several: bool
) -> TrueInput:
    def at(sto: float | None, T: float | None) -> Truth | None:
        value = law(sto, T_run if T is None else T)
        told = f"{text}; of all hosts at one potential" if several else text
        return None if value is None else Truth(value, told)

    return at


class _Electrode:
    """Hosts at one potential."""

    def __init__(self, hosts: tuple[Host, ...]) -> None:
        self._hosts = hosts
        self._curves = _equilibrium(hosts) if len(hosts) > 1 else None

    def states(self, sto: float | None) -> list[float | None]:
        """Return the lithiation of each host at a mean one, None where it is not known."""
        if len(self._hosts) == 1 or sto is None or self._curves is None:
            return [sto if len(self._hosts) == 1 else None for _ in self._hosts]
        means, stos = self._curves
        if not means[0] <= sto <= means[-1]:
            return [None for _ in self._hosts]
        return [float(np.interp(sto, means, own)) for own in stos]

    def resistance(self, sto: float | None, T: float) -> float | None:
        """Return the resistance of all charge transfer [ohm m^2]."""
        pairs = zip(self._hosts, self.states(sto), strict=True)
        return _sum_inverted([host.conductance(own, T) for host, own in pairs])

    def slope(self, sto: float | None) -> float | None:
        """Return -dU/dc over all of the active material [V m^3/mol]."""
        if len(self._hosts) == 1:
            return self._hosts[0].slope(sto)
        return _sum_inverted(self._capacities(sto))

    def _capacities(self, sto: float | None) -> list[float | None]:
        """Return the share of the volume over -dU/dc of each host."""
        whole = sum(host.volume or 0.0 for host in self._hosts)
        slopes = [h.slope(own) for h, own in zip(self._hosts, self.states(sto), strict=True)]
        return [
            (host.volume or 0.0) / whole / slope if slope else None
            for host, slope in zip(self._hosts, slopes, strict=True)
        ]

    def of_the_busiest(
        self, what: str, value: Callable[[Host, float | None], float | None]
    ) -> TrueInput:
        """Return a true input that each host has for itself."""

        def at(sto: float | None, _T: float | None) -> Truth | None:
            found = [value(h, own) for h, own in zip(self._hosts, self.states(sto), strict=True)]
            if len(self._hosts) == 1:
                return None if found[0] is None else Truth(found[0], f"{what} of {MATERIALS}")
            parts = self._capacities(sto)
            if None in parts or None in found:
                return None
            taken = np.array(parts, dtype=np.float64)
            most = int(np.argmax(taken))
            all_of_them = ", ".join(
                f"{number:.3g} of {host.name}"
                for number, host in zip(found, self._hosts, strict=True)
            )
            share = 100.0 * taken[most] / taken.sum()
            text = (
                f"{what} of {MATERIALS}: that of {self._hosts[most].name}, which takes {share:.0f} "
                f"% of the charge there; {all_of_them}"
            )
            return Truth(float(found[most] or 0.0), text)

        return at


def _sum_inverted(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return 1.0 / sum(known) if len(known) == len(parts) and sum(known) > 0.0 else None


def _equilibrium(hosts: Sequence[Host]) -> tuple[FloatArray, list[FloatArray]] | None:
    """Return mean lithiations, rising, and those of each host at the same potential."""
    sto = np.linspace(0.0, 1.0, _POINTS)
    curves: list[FloatArray] = []
    capacities = []
    for host in hosts:
        U, c_max = host.law("ocp"), host.law("c_max")(None)
        values = np.array([np.nan if (u := U(x)) is None else u for x in sto.tolist()])
        if not np.isfinite(values).any() or c_max is None or not host.volume:
            return None
        known = np.isfinite(values)
        values[~known] = np.interp(sto[~known], sto[known], values[known])
        curves.append(np.minimum.accumulate(values))
        capacities.append(c_max * host.volume)
    potentials = np.linspace(max(c[0] for c in curves), min(c[-1] for c in curves), _POINTS)
    stos = [np.interp(potentials, curve[::-1], sto[::-1]) for curve in curves]
    share = np.array(capacities) / np.sum(capacities)
    return np.asarray(sum(s * own for s, own in zip(share, stos, strict=True))), stos


def law_of(properties: Mapping[str, Any], key: str, over: str = "sto", T: float = T_REF) -> Law:
    """Return a property over the lithiation or c_e, of its value or its points in the file.

    What the file has over the temperature alone is that at ``T`` [K].
    """
    entry = properties.get(key, {})
    if isinstance(entry.get("value"), int | float):
        return lambda state: float(entry["value"])
    points = entry.get("values", {})
    axis = str(points.get("over", "")) if isinstance(points, dict) else ""
    of_T = axis.startswith("T ")
    if not of_T and not axis.startswith(over):
        return lambda state: None
    curve = PchipInterpolator(points["x"], points["y"], extrapolate=False)

    def at(state: float | None) -> float | None:
        x = T if of_T else state
        found = float("nan") if x is None else float(curve(x))
        return found if np.isfinite(found) else None

    return at


def quantity(text: Any, dimension: str) -> float | None:
    """Return a quantity [SI], None for what is none."""
    if not isinstance(text, str | int | float):
        return None
    try:
        return parse_quantity(text, dimension)
    except QuantityError:
        return None
