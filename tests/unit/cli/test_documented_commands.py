"""If these fail, a command in the README, the docs or the help is not one that can be typed."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from mesode.cli.parser import build_parser
from mesode.config.starter import STARTERS

ROOT = Path(__file__).parents[3]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
TYPED = re.compile(r"^\s*(?:mpirun -n \d+ )?(?:\.venv/bin/)?mesode (?!COMMAND)(.+)$", re.MULTILINE)
REMARK = re.compile(r"\s+#.*$|\s+>.*$|\s{2,}(?!-).*$")
MENTIONED = re.compile(r"`mesode ([a-z]+)([^`]*)`")
PARSER = build_parser()


def _commands() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command."""
    (table,) = (a for a in PARSER._actions if isinstance(a, argparse._SubParsersAction))
    return dict(table.choices)


def _typed(text: str) -> list[list[str]]:
    """Return the words of each line that is a call of mesode, without the remark behind it."""
    return [shlex.split(REMARK.sub("", line)) for line in TYPED.findall(text)]


def _blocks(page: Path) -> str:
    """Return the lines of a page that are code: between fences, or indented by four blanks."""
    text = page.read_text("utf-8")
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join(fenced + re.findall(r"^ {4}.*$", text, re.MULTILINE))


def _faults(words: list[str]) -> list[str]:
    """Return what is wrong with a call: its arguments, or a shipped file that is not there."""
    try:
        args = PARSER.parse_args(words)
    except SystemExit:
        return [f"mesode {shlex.join(words)}: not understood"]
    missing = [w for w in words if w.startswith("configs/") and not (ROOT / w).is_file()]
    if args.command == "new" and args.kind is None and Path(args.name).name not in STARTERS:
        missing.append(args.name)
    return [f"mesode {shlex.join(words)}: there is no {name}" for name in missing]


def test_each_line_of_the_docs_that_calls_mesode_is_a_command():
    calls = [words for page in PAGES for words in _typed(_blocks(page))]
    assert len(calls) > 30
    assert [fault for words in calls for fault in _faults(words)] == []


@pytest.mark.parametrize("name", ["mesode", *_commands()])
def test_each_example_of_the_help_is_a_command(name):
    calls = _typed((PARSER if name == "mesode" else _commands()[name]).epilog)
    assert calls
    assert [fault for words in calls for fault in _faults(words)] == []


def test_commands_and_options_that_sentences_mention_exist():
    commands = _commands()
    seen, faults = 0, []
    for page in PAGES:
        for name, rest in MENTIONED.findall(page.read_text("utf-8")):
            seen += 1
            known = commands[name]._option_string_actions if name in commands else {}
            if name not in commands or any(o not in known for o in re.findall(r"--[a-z]+", rest)):
                faults.append(f"{page.name}: mesode {name}{rest}")
    assert seen > 50
    assert faults == []


@pytest.mark.parametrize("page", ["README.md", "docs/getting-started.md", "docs/yaml.md"])
def test_a_page_that_lists_the_starters_names_them_all(page):
    text = (ROOT / page).read_text("utf-8")
    assert [kind for kind in STARTERS if not re.search(rf"\b{kind}\b", text)] == []


@pytest.mark.parametrize(
    "words", [["runn", "a.yaml"], ["run", "a.yaml", "--rank", "2"], ["check", "configs/none.yaml"]]
)
def test_a_wrong_command_is_found(words):
    assert _faults(words)
