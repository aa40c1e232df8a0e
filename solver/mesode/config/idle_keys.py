"""Keys of a case that change nothing beside what else it chooses: refused, or warned of.

A key is *refused* where it asks for what the case cannot have, as a lid in linear mechanics. It is
*warned of* where another choice beside it would need it, and it may well be there on purpose: what
describes a material, which is the same in many decks, and what a physics that is off would need. A
key with its default is never told, nor is what describes a solid where the file itself says
``mechanics: none``.

A study that varies or sets the choice has such keys in some of its cases: there nothing is said.
``mesode.config.idle_rules`` is the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from mesode.config.base import Finding
from mesode.config.idle_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesode.config.base import Path
    from mesode.config.case import Case
    from mesode.config.idle_rule import Idle

#: Key of the context of validation that holds the paths which a study varies.
VARIED: Final = "varied"


def idle_keys(case: Case) -> Iterator[Idle]:
    """Yield the keys of a case that have no effect."""
    for rule in RULES:
        yield from rule.find(case)


def refused_keys(case: Case, varied: Iterable[str] = ()) -> Iterator[Finding]:
    """Yield the keys without effect that are refused.

    Args:
        case: The case.
        varied: Paths of what a study varies or sets.
    """
    varied = tuple(varied)
    for idle in idle_keys(case):
        if idle.refused and not _is_varied(idle, varied):
            yield Finding(idle.text, idle.hint, idle.path)


def idle_warnings(case: Case, varied: Iterable[str] = ()) -> tuple[str, ...]:
    """Return a sentence for each reason for which keys have no effect.

    Args:
        case: The case.
        varied: Paths of what a study varies or sets; what depends on them is not told.
    """
    varied = tuple(varied)
    found: dict[tuple[str, str], list[str]] = {}
    for idle in idle_keys(case):
        if not _is_varied(idle, varied):
            path = ".".join(str(part) for part in idle.path)
            found.setdefault((idle.text, idle.hint), []).append(path)
    return tuple(f"{', '.join(paths)}: {text}. {hint}" for (text, hint), paths in found.items())


def without_keys(data: Any, paths: Iterable[Path]) -> Any:
    """Return a copy of plain data without what stands at some paths."""
    for path in paths:
        data = _without(data, path)
    return data


def _is_varied(idle: Idle, varied: tuple[str, ...]) -> bool:
    """Tell whether a study varies a choice that leaves a key without effect."""
    choices = [_parts(choice) for choice in idle.choices]
    for path in map(_parts, varied):
        for choice in choices:
            shared = min(len(path), len(choice))
            if path[:shared] == choice[:shared]:
                return True
    return False


def _parts(path: str) -> list[str]:
    return [part for part in re.split(r"[.\[\]]+", path) if part]


def _without(data: Any, path: Path) -> Any:
    head, rest = path[0], path[1:]
    if not isinstance(data, dict) or head not in data:
        return data
    if rest:
        return {**data, head: _without(data[head], rest)}
    return {key: value for key, value in data.items() if key != head}
