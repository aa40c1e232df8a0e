"""If these fail, a column is named in two ways, or is not told what it means."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mesode import columns
from mesode.columns import COLUMNS, File, find, header, of_part, split

PACKAGE = Path(columns.__file__).parent
NAMES = {name for column in COLUMNS for name in column.names} - {"x / um", "y / um"}  # axes, too


def test_names_are_one_of_a_kind_in_a_file():
    for file in File:
        assert len(set(header(file))) == len(header(file)) > 10


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.file} {column.name}")
def test_an_entry_is_complete(column):
    assert column.meaning
    assert split(column.name) == (column.label, column.unit)
    assert all(find(name, column.file) is column for name in column.names)


def test_parts_of_the_section_stand_before_the_unit():
    assert of_part(columns.MAX_VON_MISES, "Binder") == "Max von Mises Binder / Pa"
    assert split("Max von Mises Binder / Pa") == ("Max von Mises Binder", "Pa")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Max Lithiation graphite / 1", "Max Lithiation"),
        ("Mean Lithiation Counter / 1", "Mean Lithiation Counter"),  # no phase of that name
        ("Max von Mises silicon / Pa", "Max von Mises"),
        ("Max von Mises silicon / 1", None),
        ("Voltage silicon / V", None),
    ],
)
def test_a_column_of_a_phase_is_found(name, label):
    found = find(name)
    assert (found and found.label) == label


def test_readers_of_a_run_take_names_from_the_table():
    reading = (PACKAGE / name for name in ("analysis", "case", "cli", "output", "study", "survey"))
    writing = {
        path.name
        for folder in reading
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in NAMES
    }
    assert writing == set()
