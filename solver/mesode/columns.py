"""One table of the columns that a run writes: name, unit and what they mean.

Writers and readers take names from here, and ``docs/output.md`` its tables. Some columns are there
for each part of the section too, with its name in them: ``Max Lithiation graphite / 1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final

#: Parts of a cycle and of a section that have columns of their own.
DISCHARGING, CHARGING = "Discharging", "Charging"
ACTIVE, BINDER = "Active", "Binder"
JOINTS = ("Between Particles", "Particle to Binder", "At Collector")
#: Balances of a run that are as good as its mesh and its time steps; the others are conserved.
ENERGY_BALANCE, STRESS_WORK = "energy", "stress work"


class File(StrEnum):
    """A table in the run folder."""

    TIMESERIES = "timeseries.bdf.csv"
    CYCLES = "cycles.csv"
    PARTICLES = "particles.csv"
    IMPEDANCE = "impedance.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column.

    ``parts``: one column for each of these, with the part behind the label; ``phases``: also one
    for each phase of its kind, where there are several.
    """

    file: File
    label: str
    unit: str
    meaning: str
    parts: tuple[str, ...] = ()
    phases: bool = False

    @property
    def name(self) -> str:
        """Return the name in the header, with the unit."""
        return f"{self.label} / {self.unit}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names in the header that are there in any section."""
        return tuple(of_part(self.name, part) for part in self.parts) or (self.name,)


def of_part(name: str, part: str) -> str:
    """Return the name of a column for a part of the section, such as a phase."""
    label, unit = split(name)
    return f"{label} {part} / {unit}"


def split(name: str) -> tuple[str, str]:
    """Return label and unit of a column; a name without unit has an empty one."""
    label, _, unit = name.rpartition(" / ")
    return (label, unit) if label else (name, "")


def header(file: File) -> tuple[str, ...]:
    """Return the names of a table that are there in any section."""
    return tuple(name for column in COLUMNS if column.file == file for name in column.names)


def find(name: str, file: File = File.TIMESERIES) -> Column | None:
    """Return the entry of a column, also of that of one phase; None where there is none."""
    for column in COLUMNS:
        if column.file == file and name in column.names:
            return column
    label, unit = split(name)
    for column in COLUMNS:
        starts = label.startswith(f"{column.label} ") and unit == column.unit
        if column.file == file and column.phases and starts:
            return column
    return None


_TABLE: list[Column] = []


def _add(file: File, label: str, unit: str, meaning: str, **further: Any) -> str:
    column = Column(file=file, label=label, unit=unit, meaning=meaning, **further)
    _TABLE.append(column)
    return column.name


_row = partial(_add, File.TIMESERIES)
_cycle = partial(_add, File.CYCLES)
_particle = partial(_add, File.PARTICLES)
_of_spectrum = partial(_add, File.IMPEDANCE)
_of_phases = partial(_row, phases=True)
_of_both = partial(_row, parts=(ACTIVE, BINDER))


def _of_solids(label: str, meaning: str, *, phases: bool = False) -> str:
    """Add a stress [Pa] of active material and of binder."""
    return _of_both(label, "Pa", meaning, phases=phases)


def _sides(label: str, unit: str, meaning: str) -> dict[str, str]:
    """Return a column for each of the two half cycles of a cycle."""
    return {side: _cycle(label.format(side), unit, meaning) for side in (DISCHARGING, CHARGING)}


# --- timeseries.bdf.csv: those of the Battery Data Format first

TIME: Final = _row("Test Time", "s", "since the start of the run")
VOLTAGE: Final = _row("Voltage", "V", "of the cell")
CURRENT: Final = _row(
    "Current",
    "A",
    "of a section 1 m deep: − current density × width × 1 m. **Positive charges the cell**, as the "
    "format has it: a half cell that is lithiated discharges, and its current is negative here",
)
STEP: Final = _row("Step Count", "1", "number of the step of the protocol, from 1")
CYCLE: Final = _row(
    "Cycle Count", "1", "from 1; a cycle begins where the first direction of the protocol returns"
)
NET_ENERGY: Final = _row(
    "Net Energy",
    "Wh",
    "energy taken up since the start less energy given off, of a section 1 m deep",
)
OPEN_CIRCUIT: Final = _row(
    "Open-Circuit Voltage",
    "V",
    "U at the mean lithiation, without stress; with `hysteresis` at the state of the start",
)
CURRENT_DENSITY: Final = _row(
    "Current Density",
    "A.m-2",
    "per area of the electrode; **positive is discharge** of the cell: it lithiates a half cell, "
    "and in a full section it takes lithium out of the electrode at y = 0",
)
ENERGY: Final = _row(
    "Energy",
    "W.h.m-2",
    "energy given off since the start per area of the electrode, the integral of V I dt; grows on "
    "discharge",
)
CAPACITY: Final = _row(
    "Specific Capacity",
    "mA.h.g-1",
    "net charge since the start of the run per mass of active material, without lithium; grows on "
    "discharge",
)
HALF_CYCLE: Final = _row("Half Cycle Count", "1", "number of the half cycle, from 1")
HALF_CAPACITY: Final = _row(
    "Half Cycle Capacity",
    "mA.h.g-1",
    "what has passed in the direction of the half cycle, from 0; below 0 where a sweep has turned "
    "and the current not yet",
)
MEAN_LITHIATION: Final = _of_phases("Mean Lithiation", "1", "over all particles")
MIN_LITHIATION: Final = _of_phases("Min Lithiation", "1", "at any node of a particle")
MAX_LITHIATION: Final = _of_phases("Max Lithiation", "1", "at any node of a particle")
COUNTER_LITHIATION: Final = _row(
    "Mean Lithiation Counter", "1", "of the counter electrode of a full section"
)
MIN_SALT: Final = _row("Min Salt Concentration", "mol.m-3", "over all pores")
MAX_SALT: Final = _row("Max Salt Concentration", "mol.m-3", "over all pores")
ELECTROLYTE_OUT: Final = _row(
    "Electrolyte Squeezed Out", "1", "volume that has been squeezed out of the section since the "
    "start, over that of its pores at rest; negative where it has taken up more",
)  # fmt: skip
SALT_OUT: Final = _row(
    "Salt Squeezed Out", "1", "salt that has left with it since the start, over that at rest"
)
HEAT: Final = _row(
    "Heat",
    "J.m-2",
    "given off by the section since the start per area of the electrode: the sum of those below",
)
HEATS: Final = {
    kind: _row(f"{label} Heat", "J.m-2", meaning)
    for kind, label, meaning in (
        ("ohmic", "Ohmic", "of that, of electrons and ions on their ways"),
        (
            "reaction",
            "Reaction",
            "of that, of charge transfer, through films and into the SEI too, and of hysteresis",
        ),
        ("diffusion", "Diffusion", "of that, of lithium in the particles and salt in the pores"),
        ("contact", "Contact", "of that, at the collectors, and of lithium between particles"),
        (
            "flow",
            "Flow",
            "of that, of solids that flow or relax, in finite mechanics that acts back",
        ),
        ("reversible", "Reversible", "of that, of the entropy; negative where it cools"),
    )
}
TEMPERATURE: Final = _row(
    "Surface Temperature T1", "degC", "of the whole section, where `physics.thermal` is lumped"
)
COATED_CURRENT: Final = _row(
    "Coated Interface Current Density", "A.m-2", "mean over coated surfaces; negative lithiates"
)
BARE_CURRENT: Final = _row(
    "Bare Interface Current Density", "A.m-2", "mean over bare surfaces, where some are coated"
)
MEAN_HYSTERESIS: Final = _row(
    "Mean Hysteresis State",
    "1",
    "over the surfaces of hosts with `hysteresis`: 1 on the branch of delithiation, −1 on that of "
    "lithiation",
)
CRYSTALLINE_SHARE: Final = _row("Crystalline Share", "1", "of hosts that began `crystalline`")
LI15SI4_SHARE: Final = _row("Li15Si4 Share", "1", "of the surface of hosts with `li15si4`")
MEAN_SEI: Final = _of_phases("Mean SEI Thickness", "m", "over all surfaces with an SEI")
MAX_SEI: Final = _row("Max SEI Thickness", "m", "at any point of these surfaces")
HOST_CHARGE: Final = _row(
    "Host Charge",
    "C.m-2",
    "charge that the particles of the electrode have taken up as lithium since the start, per area "
    "of the electrode, where an SEI grows; with the two below it is the charge that has passed",
)
SEI_CHARGE: Final = _row("SEI Charge", "C.m-2", "the same of the SEI")
LAYER_CHARGE: Final = _row("Double Layer Charge", "C.m-2", "the same of the double layers")
LOST_TO_SEI: Final = _row(
    "Lithium Lost to SEI", "1", "charge of the SEI since the start over the capacity of the "
    "electrode from lithiation 0 to 1",
)  # fmt: skip
THICKNESS: Final = _row(
    "Thickness Change", "1", "mean rise of the uppermost solid over the thickness of the "
    "electrode; holes that reach below its middle are left out. Of a homogenised layer by what "
    "its particles swell",
)  # fmt: skip
COUNTER_THICKNESS: Final = _row("Thickness Change Counter", "1", "the same of a counter electrode")
MAX_VON_MISES: Final = _of_solids("Max von Mises", "largest cell mean", phases=True)
MAX_PRINCIPAL: Final = _of_solids("Max Principal", "largest principal stress, largest cell mean")
MEAN_VON_MISES: Final = _of_solids("Mean von Mises", "mean over the area")
UPPER_VON_MISES: Final = _of_solids(
    "95th Percentile von Mises",
    "what 95 % of the area do not exceed; unlike the maximum, it converges with the mesh",
)
MEAN_TRACTION: Final = _row(
    "Mean Traction At Collector", "Pa", "length of the traction, mean over where solids of the "
    "electrode touch the collector",
)  # fmt: skip
UPPER_TRACTION: Final = _row(
    "95th Percentile Traction At Collector", "Pa", "what 95 % of that length do not exceed"
)
MAX_PULL: Final = _row(
    "Max Normal Stress At Collector", "Pa", "largest there; positive pulls the electrode off, "
    "negative where it presses everywhere",
)  # fmt: skip
CRACKING: Final = _row(
    "Particles above Toughness", "1", "share of the particles, by number, in which a crack would "
    "release more energy than it takes: `Energy Release over Toughness` of 1 and more",
)  # fmt: skip
MAX_PLASTIC: Final = _of_both(
    "Max Plastic Strain", "1", "equivalent plastic strain, largest cell mean, in finite mechanics"
)
PLASTIC_WORK: Final = _row(
    "Plastic Work", "J.m-2", "lost in flow since the start, per area of the electrode, in finite "
    "mechanics",
)  # fmt: skip
RELAXATION_WORK: Final = _row(
    "Relaxation Work", "J.m-2", "lost in a binder that relaxes since the start, per area of the "
    "electrode, in finite mechanics",
)  # fmt: skip
STACK_PRESSURE: Final = _row(
    "Stack Pressure", "Pa", "force on the top over the width, where finite mechanics has one"
)
DAMAGED_SHARE: Final = _row(
    "Damaged Share", "1", "mean damage of the interfaces of a kind, with `adhesion_strength`; it "
    "never falls", parts=JOINTS,
)  # fmt: skip
DEBONDING_WORK: Final = _row(
    "Debonding Work", "J.m-2", "what coming off has taken since the start, per area of the "
    "electrode, with `adhesion_strength`",
)  # fmt: skip
LOST_AREA: Final = _row(
    "Lost Active Area", "1", "share of the active material, by area, that has lost its path for "
    "electrons since the start, with `adhesion_strength`; it never falls",
)  # fmt: skip
FOIL_STRAIN: Final = _row("Foil Strain", "1", "along the section, of an elastic `collector`")
FOIL_STRESS: Final = _row("Foil Stress", "Pa", "in it, positive in tension")
MIN_VOLUME_RATIO: Final = _row(
    "Min Volume Ratio", "1", "volume of a triangle over its own at the start, in finite mechanics"
)
PORE_RATIO: Final = _row(
    "Pore Volume over Initial", "1", "of open pores in finite mechanics, or of a homogenised layer"
)
PORE_STRESS: Final = _row(
    "Mean von Mises Open Pores", "Pa", "borne by the medium that keeps pores apart, over what of "
    "it is open; by its viscosity in the mean over the last time step",
)  # fmt: skip
SPLIT_SHAPE: Final = _row(
    "Splitting Error Shape", "1", "volume by which the shape was off that the last time step was "
    "solved with, mean over the section, where finite mechanics acts back",
)  # fmt: skip
SPLIT_VOLTAGE: Final = _row(
    "Splitting Error Voltage", "V", "what stress and damage were off by there, mean over the "
    "surfaces of the active material by the current that passes them",
)  # fmt: skip
_FREE_STRAIN = "volumetric strain of the free active material since the start, over all particles"
MIN_SWELLING: Final = _of_phases("Min Swelling", "1", _FREE_STRAIN)
MAX_SWELLING: Final = _of_phases("Max Swelling", "1", _FREE_STRAIN)
TIME_STEP: Final = _row(
    "Time Step Count", "1", "number of the time step that a row lies in or ends"
)

# --- cycles.csv

_cycle("Cycle Count", "1", "number of the cycle")
START_TIME: Final = _cycle("Start Time", "s", "where the cycle begins")
END_TIME: Final = _cycle("End Time", "s", "where the cycle ends")
CYCLE_CAPACITY: Final = _sides("{} Capacity", "mA.h.g-1", "of that half cycle, positive")
COULOMBIC_EFFICIENCY: Final = _cycle(
    "Coulombic Efficiency",
    "1",
    "capacity of the second half cycle over that of the first: what came back of what went in",
)
CYCLE_ENERGY: Final = _sides(
    "{} Energy", "W.h.m-2", "energy given off on discharge, taken up on charge, positive"
)
ENERGY_EFFICIENCY: Final = _cycle("Energy Efficiency", "1", "energy given off over energy taken up")
CYCLE_VOLTAGE: Final = _sides("Mean {} Voltage", "V", "energy over charge")
CYCLE_TIME: Final = _sides("{} Time", "s", "length of that half cycle")
CYCLE_THICKNESS: Final = _sides(
    "Thickness Change after {}", "1", "at the end of that half cycle, where it is known"
)

# --- particles.csv

_particle("Test Time", "s", "the end of a step of the protocol")
_particle("Step Count", "1", "number of that step")
PARTICLE: Final = _particle("Particle", "1", "number of the particle, as in the fields")
PARTICLE_X: Final = _particle("x", "um", "centre")
PARTICLE_Y: Final = _particle("y", "um", "centre, from the collector")
AREA: Final = _particle("Area", "um2", "in the section")
_particle("Mean Lithiation", "1", "over its area")
_particle("Min Lithiation", "1", "at any of its nodes")
_particle("Max Lithiation", "1", "at any of its nodes")
INTERFACE_LENGTH: Final = _particle("Interface Length", "um", "of its surface with pores")
INTERFACE_CURRENT: Final = _particle(
    "Interface Current Density", "A.m-2", "mean over that surface; negative lithiates"
)
_particle("Mean von Mises", "Pa", "over its area, with mechanics")
_particle("Max von Mises", "Pa", "largest cell mean, with mechanics")
_particle("Max Principal", "Pa", "largest principal stress, with mechanics")
MEAN_HYDROSTATIC: Final = _particle(
    "Mean Hydrostatic Stress", "Pa", "over its area, with mechanics; positive in tension"
)

ENERGY_RELEASE: Final = _particle(
    "Energy Release Rate",
    "J.m-2",
    "of a crack as long as the particle, σ² d (1 − ν²)/E with the diameter d of a disc of its area "
    "and σ the largest principal stress, in tension, that 95 % of its area do not exceed",
)
TOUGHNESS_RATIO: Final = _particle(
    "Energy Release over Toughness", "1", "that over the `toughness` of the material, where given"
)

# --- impedance.csv

_of_spectrum("Test Time", "s", "at which the state was; no time passes")
_of_spectrum("Step Count", "1", "number of the step of the protocol")
FREQUENCY: Final = _of_spectrum("Frequency", "Hz", "of the current")
IMPEDANCE: Final = {
    "real": _of_spectrum("Real Impedance", "ohm.m2", "of −dV/dI, per area of the electrode"),
    "imaginary": _of_spectrum("Imaginary Impedance", "ohm.m2", "negative where charge is stored"),
}
IMPEDANCE_PARTS: Final = (
    *("Electrons", "Ions", "Salt", "Lithium", "Charge Transfer", "Film", "Metal", "Contact"),
    "Other",
)
_of_spectrum(
    "Real Impedance",
    "ohm.m2",
    "of that, what is lost by electrons and ions on their ways, by the diffusion of salt and of "
    "lithium, in charge transfer without its films, in films, at the lithium metal, at contacts of "
    "collectors and hosts; empty where the state is not at rest",
    parts=IMPEDANCE_PARTS,
)
IMPEDANCE_VALUE: Final = _of_spectrum("Absolute Impedance", "ohm.m2", "its magnitude")
IMPEDANCE_PHASE: Final = _of_spectrum("Phase", "deg", "from −90 for a capacity to 0")
for _label, _unit, _meaning in (
    ("Voltage", "V", "of the state"),
    ("Current Density", "A.m-2", "of the state, about which the current oscillates"),
    ("Specific Capacity", "mA.h.g-1", "of the state"),
    ("Mean Lithiation", "1", "of the state"),
    ("Surface Temperature T1", "degC", "of the state"),
):
    _of_spectrum(_label, _unit, _meaning)
IMPEDANCE_STATE: Final = (VOLTAGE, CURRENT_DENSITY, CAPACITY, MEAN_LITHIATION, TEMPERATURE)

COLUMNS: Final = tuple(_TABLE)
