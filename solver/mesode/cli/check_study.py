"""``mesode check`` on a study: every case validated, and what all of them will cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.console import say
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from mesode.study.estimate import Estimate
    from mesode.study.expand import Expansion

_MEGABYTE = 1e6


def check_study(args: argparse.Namespace) -> int:
    """Print the parameters of a study, the number of its cases, their time and disk.

    Raises:
        InputError: every problem of the study and of its cases.
    """
    from mesode.study.estimate import estimate
    from mesode.study.expand import expand_file

    if args.overrides:
        hint = "Write the key under 'set' in the study"
        raise InputError([Problem("--set", args.overrides[0], "a study takes no --set", hint)])
    expansion = expand_file(args.file)
    for line in _parameters(expansion):
        say(line)
    _check_sections(expansion, str(args.file))
    for line in _warnings(expansion):
        say(line)
    found = estimate(expansion, Path("runs") / args.file.stem)
    for line in cost_lines(found, len(expansion.cases)):
        say(line)
    say(f"{args.file}: {len(expansion.cases)} cases, all valid. Next: mesode study {args.file}")
    return 0


def _parameters(expansion: Expansion) -> list[str]:
    lines = [expansion.file.title or expansion.name, ""]
    for place, parameter in enumerate(expansion.parameters):
        values = list(dict.fromkeys(case.values[place] for case in expansion.cases))
        shown = ", ".join(str(value) for value in values[:6]) + (", ..." if values[6:] else "")
        lines.append(f"{parameter.column}: {shown}")
    return [*lines, ""]


def _check_sections(expansion: Expansion, source: str) -> None:
    from mesode.case.case_section import build_case_section
    from mesode.study.estimate import MOST_PACKED, impossible_sections

    wrong, tried = impossible_sections(expansion, build_case_section)
    if wrong:
        problems = [Problem(f"case {number:04d}", "", text) for number, text in wrong.items()]
        raise InputError(problems, source)
    if tried == MOST_PACKED:
        say(f"the first {tried} sections were built; others may still be impossible")


def _warnings(expansion: Expansion) -> Iterator[str]:
    """Yield what the first, the middle and the last case are warned of, each text once."""
    from mesode.case.plan import make_plan
    from mesode.config.idle_keys import idle_warnings
    from mesode.errors import GeometryError

    count = len(expansion.cases)
    varied = (*expansion.file.set, *(each.path for each in expansion.parameters))
    cases: dict[str, list[str]] = {}
    for place in sorted({0, count // 2, count - 1}):
        case = expansion.cases[place].case
        try:
            plan = make_plan(case)
        except GeometryError:
            continue  # beyond the sections that were built
        for text in (*idle_warnings(case, varied), *plan.warnings):
            cases.setdefault(text, []).append(f"{place + 1:04d}")
    for text, names in cases.items():
        yield f"warning: case {', '.join(names)}: {text}"


def cost_lines(found: Estimate | None, cases: int) -> list[str]:
    """Return the expected time and disk as text."""
    from mesode.study.progress import duration
    from mesode.study.workers import default_workers

    if found is None:
        return ["time and disk: the pilot did not get far enough to tell"]
    workers = default_workers(1, cases)
    total = duration(found.seconds * -(-cases // workers))
    size = found.size * cases / _MEGABYTE
    return [
        f"time: about {duration(found.seconds)} for a case, {total} for {cases} of them, "
        f"{workers} at once",
        f"disk: about {size:.3g} MB, less with --no-fields",
        f"(from {found.basis}; other cases may take longer or shorter)",
    ]
