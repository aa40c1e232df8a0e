"""A run folder as a source: its record and spectra, its geometry, and the inputs that are true.

All is per square metre of electrode: A is 1 m^2, currents are current densities. Of the particles,
volume over surface is area over length of the section (``particles.csv``); cylinders of this have
the radius 2 V/S. A homogenised layer has those of its input: eps_s L and m eps_s L/R. Around drawn
particles, L is its area over the width, and its particles are a host beside those that are drawn.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mesode.analysis.curves import directions
from mesode.analysis.lab.host_truths import Host, quantity, truths
from mesode.analysis.lab.source import Given, Source, Spectrum
from mesode.analysis.lab.transfers import metal_truths
from mesode.analysis.run_data import read_timeseries
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
from mesode.constants import C_E_REF, T_REF, ZERO_CELSIUS
from mesode.evaluate.finite_diffusion import BODIES, CYLINDER
from mesode.evaluate.record import Record
from mesode.inputs import read_json
from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.analysis.run_data import Run
    from mesode.evaluate.finite_diffusion import Body

_DRY: Final = ("void", "collector", "counter")  # what a host touches without a reaction
_LAYER: Final = ("geometry", "electrode", "layer")
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


@dataclass(frozen=True, slots=True)
class Shape:
    """Volume and surface of the particles per area of the electrode [m, 1], and their shape."""

    volume: float
    surface: float
    body: Body = CYLINDER

    @property
    def radius(self) -> float:
        """Radius of bodies with this volume over surface [m]."""
        return self.body.m * self.volume / self.surface


def read_run(run: Run, name: str) -> Source:
    """Return a run as a source; parts that it has not written are left out."""
    columns = {key: run.column_or_none(key) for key in (TIME, VOLTAGE, CURRENT_DENSITY, STEP)}
    t, V, I, step = columns.values()
    record = None if t is None or V is None or I is None else Record(t, V, I, step)
    T = _given_in(run, "temperature", "physics", "temperature") or T_REF
    shape = _shape(run)
    hosts = _hosts(run, shape, T)
    given = _given(run, record, T, hosts, shape)
    metal = metal_truths(run.materials.get("counter", {}), given.concentrations[SALT], T)
    return Source(
        name,
        given,
        record=record,
        spectra=_spectra(run, T),
        sto=run.column_or_none(MEAN_LITHIATION),
        truths={**truths(hosts, T), **metal},
        per_area=True,
        sides=directions(run),
        group=_group(run.config),
    )


def _given(
    run: Run,
    record: Record | None,
    T: float,
    hosts: Sequence[Host],
    shape: Shape | None,
) -> Given:
    lengths, areas = {}, {ELECTRODE: 1.0}
    if shape is not None:
        lengths[PER_SURFACE] = shape.volume / shape.surface
        areas = {SURFACE: _whole([host.surface for host in hosts]) or shape.surface, ELECTRODE: 1.0}
    thickness = _given_in(run, "length", "geometry", "electrode", "thickness")
    if thickness is not None:
        lengths[THICKNESS] = thickness
    if shape is not None:
        lengths[PER_ELECTRODE] = _whole([host.volume for host in hosts]) or shape.volume
    salt = _given_in(run, "concentration", "materials", "electrolyte", "concentration")
    concentrations = {SALT: salt or C_E_REF}
    if (c_max := _c_max(hosts)) is not None:
        concentrations[LITHIUM] = c_max
    return Given(
        mass=_mass(run, record), T=T, lengths=lengths, areas=areas, concentrations=concentrations,
        radius=None if shape is None else shape.radius,
        body=CYLINDER if shape is None else shape.body,
    )  # fmt: skip


def _whole(parts: Sequence[float | None]) -> float | None:
    """Return the sum of what each host has, None where one is not known."""
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None


def _c_max(hosts: Sequence[Host]) -> float | None:
    """Return the largest concentration of lithium [mol/m^3], of several by volume."""
    values = [(host.law("c_max")(None), host.volume or 1.0) for host in hosts]
    known = [(c, volume) for c, volume in values if c is not None]
    if not known or len(known) < len(values):
        return None
    return sum(c * volume for c, volume in known) / sum(volume for _, volume in known)


def _mass(run: Run, record: Record | None) -> float | None:
    """Return the mass of active material per area [kg/m^2]: charge over specific capacity."""
    capacity = run.column_or_none(CAPACITY)
    if record is None or capacity is None or not np.ptp(capacity):
        return None
    first, last = int(np.argmin(capacity)), int(np.argmax(capacity))
    charge = abs(record.charge[last] - record.charge[first])
    return float(charge / (3600.0 * np.ptp(capacity))) or None


def _shape(run: Run) -> Shape | None:
    """Return what is known of the particles: of those drawn, else of a layer."""
    path = run.path / File.PARTICLES.value
    table = read_timeseries(path) if path.is_file() else {}
    width = _given_in(run, "length", "geometry", "width")
    if not table or not len(table[STEP]) or not width or INTERFACE_LENGTH not in table:
        return _of_layer(run)
    rows = table[STEP] == table[STEP][0]
    area, length = (1e-6 * np.nansum(table[key][rows]) for key in (AREA, INTERFACE_LENGTH))
    return Shape(float(area * 1e-6 / width), float(length / width)) if length > 0.0 else None


def _of_layer(run: Run, depth: float | None = None) -> Shape | None:
    """Return what is known of the particles of a layer of this depth [m], by itself all of it."""
    thickness = depth or _given_in(run, "length", "geometry", "electrode", "thickness")
    diameter = _given_in(run, "length", *_LAYER, "diameter")
    fraction = _given_in(run, "ratio", *_LAYER, "fraction")
    body = BODIES.get(str(_entry(run, *_LAYER, "shape") or "sphere"))
    if not thickness or not diameter or not fraction or body is None:
        return None
    volume = fraction * thickness
    return Shape(volume, body.m * volume / (0.5 * diameter), body)


def _hosts(run: Run, shape: Shape | None, T: float) -> list[Host]:
    """Return the hosts of the electrode; of several with what the mesh has of each."""
    found = {
        phase: properties
        for phase, properties in run.materials.items()
        if "D_s" in properties and not is_counter(phase)
    }
    in_layer = _entry(run, *_LAYER) is not None
    path = run.path / "mesh" / "quality.json"
    report = read_json(path) if path.is_file() else {}
    covered = report.get("coverage", {})
    edge = _given_in(run, "length", "mesh", "interface")
    hosts = []
    for name, properties in found.items():
        of_layer = in_layer and (name not in covered or len(found) == 1)
        own = shape if len(found) == 1 else _in_section(run, report, name, of_layer=of_layer)
        if own is None and len(found) > 1:
            return []
        volume, surface = (None, None) if own is None else (own.volume, own.surface)
        hosts.append(
            Host(name=name, properties=properties, volume=volume, surface=surface, T=T,
                 edge=0.0 if of_layer else edge)
        )  # fmt: skip
    return hosts


def _in_section(run: Run, report: Mapping[str, Any], name: str, *, of_layer: bool) -> Shape | None:
    """Return volume and surface of one of several hosts; None where the mesh does not tell."""
    area = report.get("phases", {}).get(name, {}).get("area")
    width = report.get("section", {}).get("width")
    if not area or not width:
        return None
    if of_layer:
        return _of_layer(run, 1e-6 * area / width)
    covered = report.get("coverage", {})
    if not covered.get(name):
        return None
    dry = {*covered, *_DRY}
    wet = sum(share for phase, share in covered[name]["touches"].items() if phase not in dry)
    return Shape(1e-6 * area / width, wet * covered[name]["length"] / width)


def _spectra(run: Run, T: float) -> tuple[Spectrum, ...]:
    found = []
    for each in spectra(run):
        celsius = each.state.get(TEMPERATURE, np.nan)
        found.append(
            Spectrum(
                name=each.name, f=each.f, Z=each.Z / CM2,
                T=celsius + ZERO_CELSIUS if np.isfinite(celsius) else T,
                sto=each.state.get(MEAN_LITHIATION),
                metal=each.parts["Metal"] / CM2 if "Metal" in each.parts else None,
            )
        )  # fmt: skip
    return tuple(found)


def _given_in(run: Run, dimension: str, *keys: str) -> float | None:
    """Return a quantity of the input [SI] by the path of its keys; None where it has none."""
    return quantity(_entry(run, *keys), dimension)


def _entry(run: Run, *keys: str) -> Any:
    found: Any = run.config
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _group(config: Mapping[str, Any]) -> str:
    """Return what two runs of one sample have in common, as a text."""
    kept = {key: value for key, value in config.items() if key not in _VARIED}
    physics = kept.get("physics")
    if isinstance(physics, dict):
        kept["physics"] = {key: value for key, value in physics.items() if key != "temperature"}
    return json.dumps(kept, sort_keys=True, default=str)
