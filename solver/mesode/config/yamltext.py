"""YAML text to plain data: YAML 1.2 scalars, no duplicate keys, errors with line and column.

PyYAML follows YAML 1.1, where ``1e-4`` is a text, ``on`` a boolean, ``010`` eight and ``10:30`` a
number in base sixty. Here they are what they look like.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Hashable

_FLOAT = r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?"


class _Loader(yaml.SafeLoader):
    """Safe loader with the scalars of YAML 1.2 and unique keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, dict | list):
                raise yaml.MarkedYAMLError(
                    problem="a key must be a word", problem_mark=key_node.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key '{key}' stands twice in this mapping",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)

    def construct_int(self, node: yaml.ScalarNode) -> int:
        return int(str(self.construct_scalar(node)), 10)


def _resolve(tag: str, expression: str, first: str) -> None:
    pattern = re.compile(rf"(?:{expression})\Z")
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", pattern, list(first))


_resolve("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", r"[-+]?\d+", "-+0123456789")
_resolve("float", _FLOAT + r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+0123456789.")
_resolve("merge", "<<", "<")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]
)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_int)


def scalar_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return which plain scalars are no text, by their first character."""
    return dict(_Loader.yaml_implicit_resolvers)


def read_yaml(text: str, source: str) -> Any:
    """Return the data of a YAML document.

    Raises:
        InputError: malformed YAML, with file:line:column and what to check.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise InputError([_marked(error, text, source)], source) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = Problem(source, "", f"this is no YAML: {error}")
        raise InputError([problem], source) from None


def _marked(error: yaml.MarkedYAMLError, text: str, source: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(source, "", f"malformed YAML: {error.problem}")
    lines = text.splitlines()
    line = lines[mark.line].rstrip() if mark.line < len(lines) else ""
    where = f"{source}:{mark.line + 1}:{mark.column + 1}"
    hint = "" if "twice" in str(error.problem) else _advice(line)
    return Problem(where, repr(line.strip()) if line else "", f"{error.problem}", hint)


def _advice(line: str) -> str:
    if "\t" in line:
        return "Indent with spaces, not with tabs"
    return (
        "Check here and one line above: indentation, a space after each colon, "
        "closed brackets and quotes"
    )
