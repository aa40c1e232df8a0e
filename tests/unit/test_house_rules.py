"""If these fail, a file grows past what one can read, ties the code to one machine, or tests see
no difference of small numbers.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60  # without the docstring
FOLDERS = ("solver", "tests", "configs", "meshes", "scripts", "docker", "docs", ".ci")
TEXT = {"", ".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".cff", ".sh", ".csv", ".html"}
MACHINE_PATH = re.compile(r"(?<![\w.$}*/-])/(?:home|root|work|mnt|media|Users|private)/\w")
UNFINISHED = re.compile(r"\b(?:FIXME|XXX|HACK)\b|\bTODO\b(?! ?\(?#\d)")


def _files(root: Path) -> list[Path]:
    found = [p for p in root.iterdir() if p.is_file()]
    for folder in FOLDERS:
        found += [p for p in (root / folder).rglob("*") if p.is_file()]
    hidden = ("__pycache__", ".egg-info", "_cache")
    return [p for p in found if p.suffix in TEXT and not any(h in str(p) for h in hidden)]


def _python_files() -> list[Path]:
    return [p for p in _files(ROOT) if p.suffix == ".py"]


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return body[-1].end_lineno - body[0].lineno + 1


def _matches(pattern: re.Pattern[str], root: Path = ROOT) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()}"
        for path in _files(root)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_are_short():
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in _python_files()}
    assert len(lengths) > 20
    assert {str(p): n for p, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_functions_are_short():
    long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": _length(node)
        for path in _python_files()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(node) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_no_path_of_one_machine():
    assert _matches(MACHINE_PATH) == []


def test_nothing_is_marked_unfinished_without_an_issue():
    assert _matches(UNFINISHED) == []


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (MACHINE_PATH, "open('/home/jo/a.yaml')", "open(root / 'home/jo')"),
        (UNFINISHED, "# TODO later", "# TODO #12 later"),
    ],
)
def test_the_patterns_find_what_they_should(tmp_path, pattern, bad, good):
    (tmp_path / "a.py").write_text(f"{good}\n{bad}\n")
    assert _matches(pattern, tmp_path) == [f"a.py:2: {bad}"]


@pytest.mark.parametrize("wrapped", [lambda x: x, lambda x: [x], lambda x: {"D": x}])
def test_comparisons_are_relative_however_small_the_number(wrapped):
    assert wrapped(1.5e-14) != pytest.approx(wrapped(1e-14), rel=0.1)
    assert wrapped(1.05e-14) == pytest.approx(wrapped(1e-14), rel=0.1)
    assert wrapped(1e-13) == pytest.approx(wrapped(0.0))
