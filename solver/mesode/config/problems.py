"""From pydantic's errors to problems: path in the file, value, what was expected, a hint."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

from mesode.config import remedies
from mesode.config.base import Block
from mesode.config.materials import NAMED, ONE
from mesode.config.meanings import by_meaning
from mesode.config.overrides import is_index
from mesode.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

    from mesode.config.base import Finding, Path

_LONGEST_VALUE: Final = 80
_EXPECTED: Final = "expected "
_WORD: Final = "expected '"
_FORM: Final = re.compile(r"constrained-|literal\[")  # pydantic's names of forms of a value
_CLOSE, _FAR = 0.75, 0.5  # of the letters of a key; between them its meaning comes first
_MAPPING, _LIST = "expected a mapping of keys to values", "expected a list"
_PLAIN: Final = {
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dict_type": _MAPPING,
    "tuple_type": _LIST,
    "list_type": _LIST,
}
_UNKNOWN_KIND: Final = ("union_tag_invalid", "union_tag_not_found")
_WORDS: Final = {
    "Input should be": "expected",
    "Input": "this",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
}


def to_problems(errors: Sequence[ErrorDetails], data: Any, root: type[Block]) -> list[Problem]:
    """Return one problem for each error, in the order of the file's keys."""
    problems: list[Problem] = []
    for error in errors:
        for found in _to_problems(error, data, root):
            if not (problems and _joined(problems, found)):
                problems.append(found)
    return list(dict.fromkeys(problems))


def _joined(problems: list[Problem], other: Problem) -> bool:
    """Join what is expected to the last problem if that names a word for the same value.

    pydantic reports the forms that a value may have one by one: ``'auto'``, a whole number.
    """
    last = problems[-1]
    same = (last.path, last.value) == (other.path, other.value) and last != other
    words = last.expected.startswith(_WORD) and other.expected.startswith(_EXPECTED)
    if not (same and words) or last.hint:
        return False
    more = other.expected.removeprefix(_EXPECTED)
    problems[-1] = replace(last, expected=f"{last.expected} or {more}", hint=other.hint)
    return True


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as it is shown: ``protocol[1].until``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")


def as_problem(finding: Finding) -> Problem:
    """Return a finding whose path begins at the file as a problem, without a value."""
    return Problem(dotted(finding.path), "", finding.expected, finding.hint)


def look_up(data: Any, path: Sequence[str | int]) -> tuple[bool, Any]:
    """Return whether the path exists in plain data, and what stands there."""
    for part in path:
        try:
            # A grey value or a group is a number in the file, and a text in the path.
            numeric = isinstance(data, dict) and part not in data and is_index(str(part))
            data = data[int(part) if numeric else part]
        except (LookupError, TypeError):
            return False, None
    return True, data


def _to_problems(error: ErrorDetails, data: Any, root: type[Block]) -> list[Problem]:
    kind, context, loc = error["type"], error.get("ctx", {}), error["loc"]
    if kind == "mesode":
        return [_at((*loc, *f.path), data, f.expected, f.hint) for f in context["found"]]
    if kind in _UNKNOWN_KIND:
        return [_unknown_kind(error, data, root)]
    if kind == "extra_forbidden":
        own = dotted(_path_in_file(loc, data))
        return [_at(loc, data, "unknown key", _nearest_key(loc, root, own), show=False)]
    if kind == "missing":
        where = dotted((*_path_in_file(loc[:-1], data), loc[-1]))
        return [Problem(where, "", "required key is missing", _describe(loc, root))]
    if kind == "literal_error":
        return [_at(loc, data, f"expected {context['expected']}")]
    if kind == "too_short":
        return [_at(loc, data, f"expected a list of at least {context['min_length']}")]
    expected = _PLAIN.get(kind) or _lower(error["msg"])
    return [_at(loc, data, expected, _remedy(error, expected, root))]


def _remedy(error: ErrorDetails, expected: str, root: type[Block]) -> str:
    """Return what to write instead of a value of another form."""
    value, blocks = error["input"], _classes_at(error["loc"], root)
    if expected == _MAPPING:
        return remedies.for_block(value, blocks)
    of_one = error["type"] == "list_type"
    return remedies.for_list(value, blocks, of_one=of_one) if expected == _LIST else ""


def _at(loc: Path, data: Any, expected: str, hint: str = "", *, show: bool = True) -> Problem:
    """Return the problem at a path, with the value that stands there."""
    path = _path_in_file(loc, data)
    found, value = look_up(data, path)
    due = show and found and expected != "required key is missing"
    shown = _show(value) if due else ""
    return Problem(dotted(path) or "the file", shown, expected.removesuffix(f": {shown}"), hint)


def _unknown_kind(error: ErrorDetails, data: Any, root: type[Block]) -> Problem:
    """Return the problem of a mapping whose ``kind`` is missing or none of those known."""
    path = _path_in_file(error["loc"], data)
    _, value = look_up(data, path)
    kinds = [tag for cls in _classes_at(error["loc"], root) for tag in sorted(_tags(cls))]
    expected = f"expected one of {', '.join(f"'{kind}'" for kind in kinds)}"
    if not isinstance(value, dict):
        return Problem(dotted(path), _show(value), expected, _near(value, kinds))
    given = value.get("kind")
    if given is None:
        return Problem(dotted((*path, "kind")), "", f"required key is missing, {expected}")
    return Problem(dotted((*path, "kind")), _show(given), expected, _near(given, kinds))


def _near(value: Any, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(str(value), known, n=1)
    return f"Did you mean '{near[0]}'?" if near else ""


def _lower(message: str) -> str:
    for words, ours in _WORDS.items():
        message = message.replace(words, ours)
    return message


def _path_in_file(loc: Path, data: Any) -> Path:
    """Drop the parts of pydantic's path that are not keys of the file (names of variants)."""
    path: list[str | int] = []
    for part in loc:
        variant = part in _variants() or _FORM.match(str(part))
        if variant and not look_up(data, [*path, part])[0]:
            continue
        found, parent = look_up(data, path)
        holds = dict if isinstance(part, str) else list
        if not found or parent is None or isinstance(parent, holds):
            path.append(part)
    return tuple(path)


@cache
def _variants() -> frozenset[str]:
    """Return what pydantic puts into a path for a variant or a key, and no file has."""
    names = {name for cls in _subclasses(Block) for name in (cls.__name__, *_tags(cls))}
    return frozenset({*names, "free", "word", "lithium", "[key]", ONE, NAMED})


def _tags(cls: type[Block]) -> set[str]:
    """Return the values of ``kind`` by which a section is told from its alternatives."""
    return set(remedies.kinds_of(cls))


def _subclasses(cls: type[Block]) -> Iterator[type[Block]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _show(value: Any) -> str:
    """Return a value for a message; of a whole block it says nothing that the path does not."""
    text = repr(value) if isinstance(value, str | dict | list) else str(value)
    if value is None:
        text = "nothing"
    if len(text) <= _LONGEST_VALUE:
        return text
    return "" if isinstance(value, dict | list) else f"{text[: _LONGEST_VALUE - 3]}..."


def _nearest_key(loc: Path, root: type[Block], own: str) -> str:
    """Return which key is meant by an unknown one, whose path in the file is ``own``."""
    section = _section_at(loc[:-1], root)
    if section is None:
        return ""
    key, known = str(loc[-1]), list(section.model_fields)
    near = difflib.get_close_matches(key, known, n=1, cutoff=_CLOSE)
    if not near and (place := by_meaning(key, root)) and place != own:
        return f"Did you mean {place}?"
    near = near or difflib.get_close_matches(key, known, n=1, cutoff=_FAR)
    return f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(known)}"


def _describe(loc: Path, root: type[Block]) -> str:
    section = _section_at(loc[:-1], root)
    field = section.model_fields.get(str(loc[-1])) if section else None
    if section is None or field is None:
        return ""
    if loc[-1] == "preset":
        return remedies.for_preset(section)
    blocks = list(_sections_in(field.annotation))
    return remedies.for_missing(str(loc[-1]), blocks, field.description or "")


def _section_at(loc: Path, root: type[Block]) -> type[Block] | None:
    """Return the section that holds the keys at this path."""
    return next(iter(_classes_at(loc, root)), None)


def _classes_at(loc: Path, root: type[Block]) -> list[type[Block]]:
    """Return the sections that may stand at a path of pydantic's."""
    candidates: list[type[Block]] = [root]
    for part in loc:
        named = [cls for cls in candidates if cls.__name__ == part or part in _tags(cls)]
        if named:
            candidates = named
            continue
        field = candidates[0].model_fields.get(str(part)) if candidates else None
        if field is not None:
            candidates = list(_sections_in(field.annotation))
        # What is left is an index, a name in a mapping, or the mark of a form.
    return candidates


def _sections_in(annotation: Any) -> Iterator[type[Block]]:
    if isinstance(annotation, type) and issubclass(annotation, Block):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections_in(argument)
