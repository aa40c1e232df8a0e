"""If this fails, two modules know each other: neither can be read, tested or moved alone."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import mesode

PACKAGE = Path(mesode.__file__).parent
FOLDERS = ("bench", "case", "cli", "materials", "numerics", "output", "physics", "study", "survey")


def modules():
    return {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }


def imported(path, known):
    """The modules that one imports anywhere, also for its annotations alone."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (names | {node.module}) & set(known)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_module_imports_what_imports_it(folder):
    known = {name: path for name, path in modules().items() if f"mesode.{folder}." in name}
    graph = {name: set(imported(path, known)) - {name} for name, path in known.items()}
    assert any(graph.values())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))
