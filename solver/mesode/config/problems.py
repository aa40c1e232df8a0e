"""From pydantic's errors to problems: path in the file, value, what was expected, a hint."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final, get_args

from mesode.config.base import Section
from mesode.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic_core import ErrorDetails

_LONGEST_VALUE: Final = 80
_PLAIN: Final = {
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
    "dict_type": "expected a mapping of keys to values",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
}
_WORDS: Final = {
    "Input should be": "expected",
    "Input": "this",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
}


def to_problems(errors: Sequence[ErrorDetails], data: Any, root: type[Section]) -> list[Problem]:
    """Return one problem for each error, in the order of the file's keys."""
    problems = [_to_problem(error, data, root) for error in errors]
    return list(dict.fromkeys(problems))


def dotted(path: Sequence[str | int]) -> str:
    """Return a path as it is shown: ``protocol[1].until``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".")


def look_up(data: Any, path: Sequence[str | int]) -> tuple[bool, Any]:
    """Return whether the path exists in plain data, and what stands there."""
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return False, None
    return True, data


def _to_problem(error: ErrorDetails, data: Any, root: type[Section]) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    path = _path_in_file((*error["loc"], *context.get("path", ())), data)
    found, value = look_up(data, path)
    shown = _show(value) if found and kind != "missing" else ""
    where = dotted(path) or "the file"
    if kind == "extra_forbidden":
        return Problem(where, "", "unknown key", _nearest_key(error["loc"], root))
    if kind == "missing":
        return Problem(where, "", "required key is missing", _describe(error["loc"], root))
    if kind == "mesode":
        return Problem(where, shown, context["expected"], context["hint"])
    if kind == "literal_error":
        return Problem(where, shown, f"expected {context['expected']}")
    return Problem(where, shown, _PLAIN.get(kind) or _lower(error["msg"]))


def _lower(message: str) -> str:
    for words, ours in _WORDS.items():
        message = message.replace(words, ours)
    return message


def _path_in_file(loc: Sequence[str | int], data: Any) -> tuple[str | int, ...]:
    """Drop the parts of pydantic's path that are no keys of the file (names of variants)."""
    path: list[str | int] = []
    for part in loc:
        if part in _variants() and not look_up(data, [*path, part])[0]:
            continue
        found, parent = look_up(data, path)
        holds = dict if isinstance(part, str) else list
        if not found or parent is None or isinstance(parent, holds):
            path.append(part)
    return tuple(path)


def _variants() -> set[str]:
    return {cls.__name__ for cls in _subclasses(Section)} | {"free"}


def _subclasses(cls: type[Section]) -> Iterator[type[Section]]:
    for sub in cls.__subclasses__():
        yield sub
        yield from _subclasses(sub)


def _show(value: Any) -> str:
    text = repr(value) if isinstance(value, str | dict | list) else str(value)
    if value is None:
        text = "nothing"
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def _nearest_key(loc: Sequence[str | int], root: type[Section]) -> str:
    section = _section_at(loc[:-1], root)
    if section is None:
        return ""
    known = list(section.model_fields)
    near = difflib.get_close_matches(str(loc[-1]), known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"Known keys: {', '.join(known)}"


def _describe(loc: Sequence[str | int], root: type[Section]) -> str:
    section = _section_at(loc[:-1], root)
    field = section.model_fields.get(str(loc[-1])) if section else None
    return (field.description or "").rstrip(".") if field else ""


def _section_at(loc: Sequence[str | int], root: type[Section]) -> type[Section] | None:
    """Return the section that holds the key at this path."""
    section: type[Section] | None = root
    candidates: list[type[Section]] = []
    for part in loc:
        named = [cls for cls in candidates if cls.__name__ == part]
        if named:
            section = named[0]
            continue
        field = section.model_fields.get(str(part)) if section else None
        if field is None:
            return None
        candidates = list(_sections_in(field.annotation))
        section = candidates[0] if candidates else None
    return section


def _sections_in(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in get_args(annotation):
        yield from _sections_in(argument)
