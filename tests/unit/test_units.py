"""If this fails, numbers enter the model with a wrong factor, or are not what the file says."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesode.units import DIMENSIONS, Bounds, QuantityError, format_quantity, parse_quantity

KNOWN = [
    ("5 mA/cm2", "current_density", 50.0),
    ("5 mA/cm^2", "current_density", 50.0),
    ("5 mA cm⁻²", "current_density", 50.0),
    ("50 A/m2", "current_density", 50.0),
    ("50 A.m-2", "current_density", 50.0),
    ("50 A m-2", "current_density", 50.0),
    ("50 A*m**-2", "current_density", 50.0),
    ("3 um", "length", 3e-6),
    ("6 m⁴/m²", "area", 6.0),
    ("20 uAh/g", "specific_capacity", 72.0),
    ("1 psi", "pressure", 6894.75729316836),
    ("3um", "length", 3e-6),
    ("3 µm", "length", 3e-6),
    ("3 \u03bcm", "length", 3e-6),
    ("1.7 GPa", "pressure", 1.7e9),
    ("10 mV", "voltage", 0.01),
    ("25 degC", "temperature", 298.15),
    ("25 °C", "temperature", 298.15),
    ("-5 degC", "temperature", 268.15),
    ("300 K", "temperature", 300.0),
    ("1 mol/l", "concentration", 1000.0),
    ("1 M", "concentration", 1000.0),
    ("800 mAh/g", "specific_capacity", 2.88e6),
    ("800 mA.h.g-1", "specific_capacity", 2.88e6),
    ("0.2 A/g", "specific_current", 200.0),
    ("1.5 mW/cm2", "power_density", 15.0),
    ("2.13 g/cm^3", "density", 2130.0),
    ("10 ohm cm2", "areal_resistance", 1e-3),
    ("10 \u03a9·cm²", "areal_resistance", 1e-3),
    ("20 uF/cm2", "areal_capacitance", 0.2),
    ("8.5 cm3/mol", "molar_volume", 8.5e-6),
    ("35 kJ/mol", "molar_energy", 35e3),
    ("1 MPa/um", "pressure_per_length", 1e12),
    ("4e-10 cm^2/s", "diffusivity", 4e-14),
    ("10 mS/cm", "conductivity", 1.0),
    ("0.1 mV/s", "voltage_rate", 1e-4),
    ("0.5 hours", "time", 1800.0),
    ("10 minutes", "time", 600.0),
    ("45 %", "ratio", 0.45),
    ("0.45", "ratio", 0.45),
    (0.45, "ratio", 0.45),
    ("1e-4", "ratio", 1e-4),
]


@pytest.mark.parametrize(("text", "dimension", "expected"), KNOWN)
def test_texts_are_read_as_exactly_this_float(text, dimension, expected):
    assert parse_quantity(text, dimension) == expected


@pytest.mark.parametrize(("name", "kind"), DIMENSIONS.items())
def test_each_example_is_of_its_own_dimension(name, kind):
    value = parse_quantity(kind.example, name)
    assert parse_quantity(format_quantity(value, name), name) == value


@pytest.mark.parametrize(
    ("text", "dimension", "said"),
    [
        ("3", "length", "e.g. '3 um'"),
        (3, "length", "e.g. '3 um'"),
        (3.0, "temperature", "e.g. '25 degC'"),
        ("3 V", "length", "'V' is the unit of a voltage"),
        ("5 mA", "current_density", "'mA' is the unit of a current"),
        ("25 C", "temperature", "'degC'"),
        ("3 foo", "length", "'foo' is not a unit"),
        ("um", "length", "such as '3 um'"),
        ("", "length", "such as '3 um'"),
        ("1,5 um", "length", "decimal point"),
        ("3 m/", "length", "is not a unit"),
        ("3 (m", "length", "is not a unit"),
        ("3 )m(", "length", "is not a unit"),
        ("3 m^99999999", "length", "is not a unit"),
        ("9**9**9**9 m", "length", "is not a unit"),
        ("3 __import__('os')", "length", "is not a unit"),
        ("1e999 m", "length", "finite"),
        ("nan m", "length", "such as"),
        (True, "ratio", "such as"),
        (None, "length", "such as"),
        ([3], "length", "such as"),
    ],
)
def test_what_is_no_such_quantity_is_explained(text, dimension, said):
    with pytest.raises(QuantityError, match="expected") as caught:
        parse_quantity(text, dimension)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (3e-6, "length", "3 um"),
        (1.5e-7, "length", "0.15 um"),
        (25e-6, "length", "25 um"),
        (298.15, "temperature", "25 degC"),
        (50.0, "current_density", "5 mA/cm^2"),
        (1.7e9, "pressure", "1.7 GPa"),
        (600.0, "time", "600 s"),
        (1e-14, "diffusivity", "1e-14 m^2/s"),
        (0.0, "length", "0 um"),
        (0.45, "ratio", "0.45"),
    ],
)
def test_quantities_are_written_as_people_write_them(value, dimension, text):
    assert format_quantity(value, dimension) == text


@settings(max_examples=300)
@given(
    value=st.floats(min_value=-1e30, max_value=1e30, allow_nan=False, allow_subnormal=False),
    dimension=st.sampled_from(sorted(DIMENSIONS)),
)
def test_every_float_survives_writing_and_reading(value, dimension):
    assert parse_quantity(format_quantity(value, dimension), dimension) == value


@pytest.mark.serial
def test_the_registry_is_not_loaded_with_the_module():
    code = "import sys, mesode.units; sys.exit('pint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_bound_is_one_of_the_values_or_not():
    closed, opened = (
        Bounds(dimension="length", **{low: "1 um", high: "2 um"})
        for low, high in (("low", "high"), ("above", "below"))
    )
    at = 1e-6, 1.5e-6, 2e-6
    assert [bool(closed.contains(value)) for value in at] == [True, True, True]
    assert [bool(opened.contains(value)) for value in at] == [False, True, False]
