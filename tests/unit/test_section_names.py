"""If these fail, a module calls a phase by another name than its neighbours, or the wrong side."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mesode import section_names
from mesode.section_names import COUNTER_PREFIX, FOILS, is_counter, is_foil, without_prefix

PACKAGE = Path(section_names.__file__).parent


@pytest.mark.parametrize(
    ("name", "bare", "counter", "foil"),
    [
        ("collector", "collector", False, True),
        ("counter_collector", "collector", True, True),
        ("counter_active", "active", True, False),
        ("counter", "counter", False, False),  # the line at the far end
        ("encounter_active", "encounter_active", False, False),
    ],
)
def test_sides_are_told_by_the_prefix(name, bare, counter, foil):
    assert without_prefix(name) == bare
    assert (is_counter(name), is_foil(name), name in FOILS) == (counter, foil, foil)


def test_the_prefix_is_written_in_one_module():
    writing = {
        path.relative_to(PACKAGE).name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value == COUNTER_PREFIX
    }
    assert writing == {"section_names.py"}
