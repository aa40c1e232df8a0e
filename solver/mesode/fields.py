"""One table of the fields a run writes: their group, their unit in the file, how to picture them.

Writers take name, group and unit from here, figures the label and the colours. Values in files are
in SI units; only lengths follow the coordinates of the file, which are micrometres, so that
"warp by vector" in ParaView works with factor one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """One XDMF series of a run: ``fields/<group>.xdmf``."""

    ACTIVE = "active"
    ELECTRONIC = "electronic"
    IONIC = "ionic"
    MECHANICAL = "mechanical"
    IMPEDANCE = "impedance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one field is stored and shown; shown value = stored value * ``shown_factor``."""

    key: str
    symbol: str  # TeX, for labels
    name: str
    unit: str  # in the file
    group: Group
    colormap: str
    shown_unit: str = ""
    shown_factor: float = 1.0
    vector: bool = False
    signed: bool = False  # colours are centred on zero

    @property
    def label(self) -> str:
        """Axis or colour-bar label with the unit that is shown."""
        unit = self.shown_unit or self.unit
        return f"{self.name} ${self.symbol}$" + ("" if unit == "1" else f" [{tex_unit(unit)}]")


def tex_unit(unit: str) -> str:
    """Set a unit such as ``A/m^2`` or ``A.m-2`` with superscripts for matplotlib."""
    out = unit.replace("um", "µm").replace("^2", "²").replace("^3", "³")
    for plain, raised in (("-1", "⁻¹"), ("-2", "⁻²"), ("-3", "⁻³")):
        out = out.replace(plain, raised)
    return out.replace(".", " ")


def _scalar(key: str, symbol: str, name: str, unit: str, group: Group) -> Field:
    return Field(key=key, symbol=symbol, name=name, unit=unit, group=group, colormap="viridis")


def _potential(key: str, symbol: str, name: str, group: Group) -> Field:
    return Field(
        key=key, symbol=symbol, name=name, group=group, colormap="cividis",
        unit="V", shown_unit="mV", shown_factor=1e3,
    )  # fmt: skip


def _flux(key: str, symbol: str, name: str, unit: str, group: Group) -> Field:
    return Field(
        key=key, symbol=symbol, name=name, unit=unit, group=group, colormap="magma", vector=True
    )


def _stress(key: str, symbol: str, name: str, *, signed: bool = True) -> Field:
    return Field(
        key=key, symbol=symbol, name=name, group=Group.MECHANICAL, signed=signed,
        colormap="RdBu_r" if signed else "inferno",
        unit="Pa", shown_unit="MPa", shown_factor=1e-6,
    )  # fmt: skip


_TABLE = (
    _scalar("sto", "x", "Lithiation", "1", Group.ACTIVE),
    _scalar("c_s", "c_s", "Lithium concentration", "mol/m^3", Group.ACTIVE),
    _scalar("c_e", "c_e", "Salt concentration", "mol/m^3", Group.IONIC),
    _potential("phi_s", r"\phi_s", "Solid potential", Group.ELECTRONIC),
    _potential("phi_e", r"\phi_e", "Electrolyte potential", Group.IONIC),
    _flux("i_s", "|i_s|", "Electronic current density", "A/m^2", Group.ELECTRONIC),
    _flux("i_e", "|i_e|", "Ionic current density", "A/m^2", Group.IONIC),
    _flux("N_e", "|N_e|", "Salt flux", "mol/m^2/s", Group.IONIC),
    _flux("u", "|u|", "Displacement", "um", Group.MECHANICAL),
    Field(
        key="i_n", symbol="i_n", name="Interface current density", unit="A/m^2",
        group=Group.ACTIVE, colormap="RdBu_r", signed=True,
    ),
    Field(
        key="hysteresis", symbol="h", name="Hysteresis state", unit="1", group=Group.ACTIVE,
        colormap="RdBu_r", signed=True,
    ),
    _scalar("amorphous", "a", "Amorphous share", "1", Group.ACTIVE),
    Field(
        key="L_sei", symbol=r"L_\mathrm{SEI}", name="SEI thickness", group=Group.ACTIVE,
        colormap="viridis", unit="m", shown_unit="nm", shown_factor=1e9,
    ),
    Field(
        key="i_n_amplitude", symbol=r"|\hat\imath_n|", name="Interface current at 1 A/m²",
        unit="A/m^2", group=Group.IMPEDANCE, colormap="viridis",
    ),
    Field(
        key="i_n_phase", symbol=r"\varphi", name="Phase of the interface current", unit="deg",
        group=Group.IMPEDANCE, colormap="RdBu_r", signed=True,
    ),
    _scalar("map_frequency", "f", "Frequency of the map", "Hz", Group.IMPEDANCE),
    _stress("von_mises", r"\sigma_\mathrm{vM}", "Von Mises stress", signed=False),
    _stress("sigma_h", r"\sigma_h", "Hydrostatic stress"),
    _stress("max_principal", r"\sigma_\mathrm{I}", "Largest principal stress"),
    _stress("sigma_xx", r"\sigma_{xx}", "Normal stress"),
    _stress("sigma_yy", r"\sigma_{yy}", "Normal stress"),
    _stress("sigma_zz", r"\sigma_{zz}", "Normal stress"),
    _stress("sigma_xy", r"\sigma_{xy}", "Shear stress"),
    _scalar("plastic_strain", "p", "Equivalent plastic strain", "1", Group.MECHANICAL),
    Field(
        key="lost_work", symbol="w", name="Work lost in flow and relaxation",
        group=Group.MECHANICAL, colormap="viridis",
        unit="J/m^3", shown_unit="MJ/m^3", shown_factor=1e-6,
    ),
    _scalar("damage", "d", "Damage of the interface", "1", Group.MECHANICAL),
    _scalar("volume_ratio", "J", "Volume over that at the start", "1", Group.MECHANICAL),
)  # fmt: skip

#: Whole numbers of the triangles: of the phase (names in the manifest), and of the particle or -1.
PHASE, PARTICLE = "phase", "particle"

FIELDS = {field.key: field for field in _TABLE}


def register(field: Field) -> None:
    """Add a field that a process shows and that is not in the table."""
    FIELDS.setdefault(field.key, field)
