"""CSV files of the Battery Data Format as a cycler would write them."""

from __future__ import annotations

import numpy as np

RECORD = ("Test Time / s", "Voltage / V", "Current / A", "Step Count / 1")


def write_columns(path, columns):
    """Write columns by name."""
    rows = np.column_stack(list(columns.values()))
    lines = [",".join(columns), *(",".join(repr(float(x)) for x in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run_columns(record):
    """Return a record as columns of a run: its current has our own sign, positive discharges."""
    names = ("Test Time / s", "Voltage / V", "Current Density / A.m-2", "Step Count / 1")
    return dict(zip(names, (record.t, record.V, record.I, record.step), strict=True))


def write_record(path, record, *, numbered=True):
    """Write a record; positive current charges, as the format has it."""
    columns = dict(zip(RECORD, (record.t, record.V, -record.I, record.step), strict=True))
    if not numbered:
        del columns[RECORD[3]]
    return write_columns(path, columns)


def write_spectrum(path, f, Z):
    """Write a spectrum."""
    names = ("Frequency / Hz", "Real Impedance / ohm", "Imaginary Impedance / ohm")
    return write_columns(path, dict(zip(names, (f, Z.real, Z.imag), strict=True)))
