"""``--set KEY=VALUE``: change one value of a case by its dotted path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mesode.config.yamltext import DEEPEST, read_yaml
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_DIGITS = 9  # of an index
_EXAMPLE = "e.g. --set geometry.electrode.particles.seed=3"


def apply_overrides(data: Any, overrides: Sequence[str]) -> Any:
    """Return plain data with each ``path=value`` put in; values are read as YAML.

    A list is indexed by number (``protocol.0`` or ``protocol[0]``); the index after its end adds.

    Raises:
        InputError: no ``=``, an empty path, or a path through a value that holds no keys.
    """
    problems: list[Problem] = []
    for text in overrides:
        try:
            data = _apply(data, text)
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems, "--set")
    return data


def _apply(data: Any, text: str) -> Any:
    key, equals, value = text.partition("=")
    parts = [part for part in re.split(r"[.\[\]]+", key.strip()) if part]
    if not equals or not parts:
        raise InputError([Problem("--set", repr(text), "expected KEY=VALUE", _EXAMPLE)])
    if len(parts) > DEEPEST:
        text = f"expected at most {DEEPEST} levels, found {len(parts)}"
        raise InputError([Problem(f"--set {key}", "", text)])
    return _put(data, parts, read_yaml(value, f"--set {key}"), key)


def is_index(text: str) -> bool:
    """Tell whether a part of a path is a number that counts: of digits, and not too many."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _put(data: Any, parts: list[str], value: Any, key: str) -> Any:
    """Return a copy of the data with the value at the path."""
    if not parts:
        return value
    head, rest = parts[0], parts[1:]
    if data is None:
        data = {}
    if isinstance(data, dict):
        return {**data, head: _put(data.get(head), rest, value, key)}
    if isinstance(data, list):
        return _put_in_list(data, head, rest, value, key)
    hint = "A quantity is set as a whole" if isinstance(data, str) else ""
    raise InputError([Problem(f"--set {key}", repr(data), f"'{head}' is below a value", hint)])


def _put_in_list(data: list[Any], head: str, rest: list[str], value: Any, key: str) -> list[Any]:
    if not is_index(head) or int(head) > len(data):
        expected = f"expected an index from 0 to {len(data)}"
        raise InputError([Problem(f"--set {key}", repr(head), expected)])
    index = int(head)
    old = data[index] if index < len(data) else None
    return [*data[:index], _put(old, rest, value, key), *data[index + 1 :]]
