"""A run folder as a source: its record and spectra, its geometry, and the inputs that are true.

All is per square metre of electrode: A is 1 m^2, currents are current densities. Of the particles,
volume over surface is area over length of the section (``particles.csv``); cylinders of this have
the radius 2 V/S.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from mesode.analysis.curves import directions
from mesode.analysis.lab.source import Given, Source, Spectrum, Truth
from mesode.analysis.run_data import MATERIALS, read_timeseries
from mesode.analysis.spectra import CM2, spectra
from mesode.columns import (
    AREA,
    CAPACITY,
    CURRENT_DENSITY,
    INTERFACE_LENGTH,
    MEAN_LITHIATION,
    STEP,
    TEMPERATURE,
    TIME,
    VOLTAGE,
    File,
)
from mesode.constants import C_E_REF, FARADAY, GAS_CONSTANT, T_REF, ZERO_CELSIUS
from mesode.evaluate.finite_diffusion import CYLINDER
from mesode.evaluate.record import Record
from mesode.section_names import is_counter
from mesode.units import QuantityError, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mesode.analysis.lab.source import TrueInput
    from mesode.analysis.run_data import Run

    type Law = Callable[[float | None], float | None]

#: Names of true inputs.
D_S, R_CT, E_A, SLOPE = "D_s", "R_ct", "E_a", "-dU/dc"
THICKNESS: Final = "electrode thickness"
PER_ELECTRODE: Final = "volume of active material per area of the electrode"
PER_SURFACE: Final = "volume over surface of the particles"
SALT, LITHIUM = "salt", "lithium in the host"
SURFACE, ELECTRODE = "surface of the particles", "electrode"
_VARIED: Final = (
    "title",
    "protocol",
    "output",
    "numerics",
)  # keys that one sample may have others of


def read_run(run: Run, name: str) -> Source:
    """Return a run as a source; parts that it has not written are left out."""
    columns = {key: run.column_or_none(key) for key in (TIME, VOLTAGE, CURRENT_DENSITY, STEP)}
    t, V, I, step = columns.values()
    record = None if t is None or V is None or I is None else Record(t, V, I, step)
    T = _given_in(run, "temperature", "physics", "temperature") or T_REF
    host = _host(run)
    shape = _shape(run)
    given = _given(run, record, T, host, shape)
    return Source(
        name,
        given,
        record=record,
        spectra=_spectra(run, T),
        sto=run.column_or_none(MEAN_LITHIATION),
        truths=_truths(host, shape, T),
        per_area=True,
        sides=directions(run),
        group=_group(run.config),
    )


def _given(
    run: Run,
    record: Record | None,
    T: float,
    host: Mapping[str, Any],
    shape: tuple[float, float] | None,
) -> Given:
    lengths, areas, radius = {}, {ELECTRODE: 1.0}, None
    if shape is not None:
        volume, surface = shape
        lengths[PER_SURFACE] = volume / surface
        areas = {SURFACE: surface, ELECTRODE: 1.0}
        radius = 2.0 * volume / surface
    thickness = _given_in(run, "length", "geometry", "electrode", "thickness")
    if thickness is not None:
        lengths[THICKNESS] = thickness
    if shape is not None:
        lengths[PER_ELECTRODE] = shape[0]
    salt = _given_in(run, "concentration", "materials", "electrolyte", "concentration")
    concentrations = {SALT: salt or C_E_REF}
    if (c_max := _law(host, "c_max")(None)) is not None:
        concentrations[LITHIUM] = c_max
    return Given(
        mass=_mass(run, record), T=T, lengths=lengths, radius=radius, body=CYLINDER,
        areas=areas, concentrations=concentrations,
    )  # fmt: skip


def _mass(run: Run, record: Record | None) -> float | None:
    """Return the mass of active material per area [kg/m^2]: charge over specific capacity."""
    capacity = run.column_or_none(CAPACITY)
    if record is None or capacity is None or not np.ptp(capacity):
        return None
    first, last = int(np.argmin(capacity)), int(np.argmax(capacity))
    charge = abs(record.charge[last] - record.charge[first])
    return float(charge / (3600.0 * np.ptp(capacity))) or None


def _shape(run: Run) -> tuple[float, float] | None:
    """Return volume and surface of the particles per area of the electrode [m, 1]."""
    path = run.path / File.PARTICLES.value
    table = read_timeseries(path) if path.is_file() else {}
    width = _given_in(run, "length", "geometry", "width")
    if not table or not len(table[STEP]) or not width or INTERFACE_LENGTH not in table:
        return None
    rows = table[STEP] == table[STEP][0]
    area, length = (1e-6 * np.nansum(table[key][rows]) for key in (AREA, INTERFACE_LENGTH))
    return (float(area * 1e-6 / width), float(length / width)) if length > 0.0 else None


def _host(run: Run) -> Mapping[str, Any]:
    """Return the properties of the one host of the electrode; empty where there are several."""
    found = [
        properties
        for phase, properties in run.materials.items()
        if "D_s" in properties and not is_counter(phase)
    ]
    return found[0] if len(found) == 1 else {}


def _law(host: Mapping[str, Any], key: str) -> Law:
    """Return a property over the lithiation, of its value or its points in the file."""
    entry = host.get(key, {})
    if isinstance(entry.get("value"), int | float):
        return lambda sto: float(entry["value"])
    points = entry.get("values", {})
    if not isinstance(points, dict) or not str(points.get("over", "")).startswith("sto"):
        return lambda sto: None
    curve = PchipInterpolator(points["x"], points["y"], extrapolate=False)

    def at(sto: float | None) -> float | None:
        found = float("nan") if sto is None else float(curve(sto))
        return found if np.isfinite(found) else None

    return at


def _truths(
    host: Mapping[str, Any], shape: tuple[float, float] | None, T: float
) -> dict[str, TrueInput]:
    D, i_0, U, c_max = (_law(host, key) for key in ("D_s", "i_0", "ocp", "c_max"))
    E_a = _quantity(host.get("i_0", {}).get("activation_energy"), "molar_energy")

    def R_ct(sto: float | None, T: float) -> float | None:
        value = i_0(sto)
        if value is None or shape is None:
            return None
        warm = np.exp(-(E_a or 0.0) / GAS_CONSTANT * (1.0 / T - 1.0 / T_REF))
        return float(GAS_CONSTANT * T / (FARADAY * value * warm * shape[1]))

    def slope(sto: float | None) -> float | None:
        if sto is None or (c := c_max(None)) is None:
            return None
        ends = [U(min(max(sto + way * 0.005, 0.0), 1.0)) for way in (-1.0, 1.0)]
        return None if None in ends else (ends[0] - ends[1]) / (0.01 * c)  # type: ignore[operator]

    return {
        D_S: _told(D, f"D_s of {MATERIALS}"),
        R_CT: _told_at_T(
            R_ct, T, f"R T/(F i_0 S) with i_0 of {MATERIALS}, S the surface of the particles"
        ),
        E_A: _told(lambda _sto: E_a, f"activation energy of i_0 in {MATERIALS}"),
        SLOPE: _told(slope, f"slope of the potential in {MATERIALS}"),
    }


def _told(law: Law, text: str) -> TrueInput:
    return _told_at_T(lambda sto, _T: law(sto), T_REF, text)


def _told_at_T(
    law: Callable[[float | None, float], float | None], T_run: float, text: str
) -> TrueInput:
    def at(sto: float | None, T: float | None) -> Truth | None:
        value = law(sto, T_run if T is None else T)
        return None if value is None else Truth(value, text)

    return at


def _spectra(run: Run, T: float) -> tuple[Spectrum, ...]:
    found = []
    for each in spectra(run):
        celsius = each.state.get(TEMPERATURE, np.nan)
        found.append(
            Spectrum(
                name=each.name, f=each.f, Z=each.Z / CM2,
                T=celsius + ZERO_CELSIUS if np.isfinite(celsius) else T,
                sto=each.state.get(MEAN_LITHIATION),
            )
        )  # fmt: skip
    return tuple(found)


def _given_in(run: Run, dimension: str, *keys: str) -> float | None:
    """Return a quantity of the input [SI] by the path of its keys; None where it has none."""
    found: Any = run.config
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return _quantity(found, dimension)


def _quantity(text: Any, dimension: str) -> float | None:
    if not isinstance(text, str | int | float):
        return None
    try:
        return parse_quantity(text, dimension)
    except QuantityError:
        return None


def _group(config: Mapping[str, Any]) -> str:
    """Return what two runs of one sample have in common, as a text."""
    kept = {key: value for key, value in config.items() if key not in _VARIED}
    physics = kept.get("physics")
    if isinstance(physics, dict):
        kept["physics"] = {key: value for key, value in physics.items() if key != "temperature"}
    return json.dumps(kept, sort_keys=True, default=str)
