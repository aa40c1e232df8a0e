"""YAML text to plain data: YAML 1.2 scalars, no duplicate keys, errors with line and column.

PyYAML follows YAML 1.1, where ``1e-4`` is a text, ``on`` a boolean, ``010`` eight and ``10:30`` a
number in base sixty. Here they are what they look like, and a text that would unfold without
measure (aliases of aliases, brackets in brackets) is refused before it does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from mesode.errors import InputError, Problem
from mesode.inputs import MOST_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_VALUES: Final = 600_000  # with what aliases stand for; a table of 1e5 rows has 3e5
DEEPEST: Final = 50
LONGEST_TEXT: Final = 10_000  # characters of a value
_SHORT: Final = 100_000  # characters that the slow parser reads at once
_MOST_DIGITS: Final = 30  # of a whole number

_CORE: Final = "tag:yaml.org,2002:"
_FLOAT = r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?"
# in this order: what a plain scalar is, and the characters it may begin with
_SCALARS: Final = (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", _FLOAT + r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+0123456789."),
    ("merge", "<<", "<"),
    ("null", "~|null|Null|NULL|", ("~", "n", "N", "")),
)
_RESOLVERS: Final[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}
for _name, _expression, _first in _SCALARS:
    for _character in _first:
        _RESOLVERS.setdefault(_character, []).append(
            (_CORE + _name, re.compile(rf"(?:{_expression})\Z", re.ASCII))
        )
_PARSER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where there is one


def scalar_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return which plain scalars are not text, by their first character."""
    return dict(_RESOLVERS)


def read_yaml(text: str, source: str) -> Any:
    """Return the data of a YAML document.

    Raises:
        InputError: malformed YAML, with file:line:column and what to check, or too much of it.
    """
    if len(text) > MOST_TEXT:
        expected = f"{len(text) / 1e6:.3g} MB of YAML; at most {MOST_TEXT / 1e6:g} MB are read"
        raise InputError([Problem(source, "", expected)], source)
    try:
        return _Builder().build(yaml.parse(text, Loader=_PARSER))
    except yaml.MarkedYAMLError as error:
        raise InputError([_marked(_located(error, text), text, source)], source) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = Problem(source, "", f"this is not YAML: {error}")
        raise InputError([problem], source) from None


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is not complete; ``size``: values in it, itself among them."""

    event: Any
    value: Any
    size: int = 1
    key: Any = None
    has_key: bool = False
    merged: list[dict[Any, Any]] = field(default_factory=list)


class _Merge:
    """The key ``<<``."""


class _Builder:
    """Builds plain data from the events of a parser."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0
        self._root: Any = None

    def build(self, events: Iterable[Any]) -> Any:
        documents = 0
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._take(1, event)
                self._add(_scalar(event), 1, event)
            elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
                self._take(1, event)
                self._begin(event)
            elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
                done = self._open.pop()
                self._add(_merged(done), done.size, done.event)
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise _wrong("expected one document, a second one begins here", event)
        return self._root

    def _begin(self, event: Any) -> None:
        if event.tag not in (None, "!", f"{_CORE}map", f"{_CORE}seq"):
            raise _foreign(event)
        if len(self._open) >= DEEPEST:
            raise _wrong(f"nested deeper than {DEEPEST} levels", event)
        if self._takes_key():
            raise _wrong("a key must be a word", event)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(event, value))

    def _takes_key(self) -> bool:
        """Tell whether the next value is the key of a mapping."""
        return any(isinstance(o.value, dict) and not o.has_key for o in self._open[-1:])

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            raise _wrong(f"the alias *{event.anchor} stands before its anchor ends", event)
        value, size = self._anchors[event.anchor]
        if self._takes_key() and isinstance(value, dict | list):
            raise _wrong("a key must be a word", event)
        self._take(size, event)
        self._add(value, size, event)

    def _take(self, size: int, event: Any) -> None:
        """Count values."""
        self._count += size
        if self._count > MOST_VALUES:
            raise _wrong(f"the text unfolds to more than {MOST_VALUES} values", event)

    def _add(self, value: Any, size: int, event: Any) -> None:
        """Put a value where it belongs."""
        if event.anchor is not None and type(event) is not yaml.AliasEvent:
            self._anchors[event.anchor] = (value, size)
        if not self._open:
            self._root = None if value is _Merge else value
            return
        parent = self._open[-1]
        parent.size += size
        if isinstance(parent.value, list):
            parent.value.append("<<" if value is _Merge else value)
        elif not parent.has_key:
            if value is not _Merge and value in parent.value:
                raise _wrong(f"the key '{value}' appears twice in this mapping", event)
            parent.key, parent.has_key = value, True
        else:
            parent.has_key = False
            if parent.key is _Merge:
                parent.merged += _mappings(value, event)
            else:
                parent.value[parent.key] = "<<" if value is _Merge else value


def _mappings(value: Any, event: Any) -> list[dict[Any, Any]]:
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in found):
        raise _wrong("<< takes a mapping, or a list of mappings", event)
    return found


def _merged(done: _Open) -> Any:
    for mapping in done.merged:
        for key, value in mapping.items():
            done.value.setdefault(key, value)
    return done.value


def _scalar(event: Any) -> Any:
    text: str = event.value
    if len(text) > LONGEST_TEXT:
        raise _wrong(f"a text of {len(text)} characters, at most {LONGEST_TEXT} are read", event)
    if event.tag is None:
        kind = _kind(text) if event.implicit[0] else "str"
    else:
        kind = "str" if event.tag == "!" else event.tag.removeprefix(_CORE)
    reader = _READERS.get(kind)
    if reader is None:
        raise _foreign(event)
    try:
        return reader(text, event)
    except (ValueError, KeyError):
        raise _wrong(f"expected {kind}, as its tag says", event) from None


def _kind(text: str) -> str:
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return tag.removeprefix(_CORE)
    return "str"


def _integer(text: str, event: Any) -> int:
    if len(text) > _MOST_DIGITS:
        raise _wrong(f"a whole number of {len(text)} digits", event)
    return int(text, 10)


def _real(text: str, _event: Any) -> float:
    return float(text if text[-1:].isdecimal() or text[-1:] == "." else text.replace(".", ""))


def _boolean(text: str, _event: Any) -> bool:
    return {"true": True, "false": False}[text.lower()]


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "str": lambda text, event: text if text.isascii() else _whole_characters(text, event),
    "int": _integer,
    "float": _real,
    "bool": _boolean,
    "null": lambda _text, _event: None,
    "merge": lambda _text, _event: _Merge,
}


def _whole_characters(text: str, event: Any) -> str:
    """Refuse half a character, which could be neither printed nor written to a file."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _wrong("the text has half a character (a surrogate)", event) from None
    return text


def _foreign(event: Any) -> yaml.MarkedYAMLError:
    return _wrong(f"the tag '{event.tag}' is of another program; write plain YAML", event)


def _wrong(what: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=what, problem_mark=event.start_mark)


def _located(error: yaml.MarkedYAMLError, text: str) -> yaml.MarkedYAMLError:
    """Return the error of the slow parser, which knows better where a bracket or quote is open."""
    if type(error) is yaml.MarkedYAMLError or len(text) > _SHORT:
        return error
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.MarkedYAMLError as slow:
        return slow
    return error


def _marked(error: yaml.MarkedYAMLError, text: str, source: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(source, "", f"malformed YAML: {error.problem}")
    lines = text.splitlines()
    line = lines[mark.line].rstrip() if mark.line < len(lines) else ""
    where = f"{source}:{mark.line + 1}:{mark.column + 1}"
    hint = "" if type(error) is yaml.MarkedYAMLError else _advice(line)
    return Problem(where, repr(line.strip()) if line else "", f"{error.problem}", hint)


def _advice(line: str) -> str:
    if "\t" in line:
        return "Indent with spaces, not with tabs"
    return (
        "Check here and one line above: indentation, a space after each colon, "
        "closed brackets and quotes"
    )
