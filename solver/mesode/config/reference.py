"""Tables of the documentation: keys of the case file, the material library, columns of a run.

``python -m mesode.config.reference docs`` writes them between the marks in ``docs/yaml.md``,
``docs/materials.md`` and ``docs/output.md``; a test tells when they are out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

from mesode.columns import COLUMNS, Column, File, of_part
from mesode.config.base import Block
from mesode.config.case import Case
from mesode.config.laws import LawForm
from mesode.config.quantities import Quantity
from mesode.config.sizes import MonoDiameter
from mesode.materials.library import list_laws
from mesode.materials.presets import list_presets
from mesode.units import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic.fields import FieldInfo

BEGIN: Final = "<!-- generated: begin -->"
END: Final = "<!-- generated: end -->"
_BLOCK = re.compile(f"{BEGIN}.*{END}", re.DOTALL)


def update_page(page: str, content: str) -> str:
    """Return a page with the text between its marks replaced.

    Raises:
        ValueError: the page has no marks.
    """
    if not _BLOCK.search(page):
        raise ValueError(f"the page lacks the marks {BEGIN} and {END}")
    return _BLOCK.sub(lambda _: f"{BEGIN}\n\n{content.strip()}\n\n{END}", page)


# --- keys


def keys_page() -> str:
    """Return the tables of all keys of the case file."""
    parts = []
    for path, section in _sections("", Case, set()):
        heading = f"`{path}`" if path else "Top level"
        kind = _kind(section)
        heading += f", kind `{kind}`" if kind else ""
        rows = [_key_row(section, key) for key in section.model_fields]
        text = " ".join((section.__doc__ or "").split())
        parts.append(f"### {heading}\n\n{text}\n\n{_table(_KEY_COLUMNS, rows)}")
    return "\n\n".join(parts)


# In the file these are the quantity alone.
_SHORTHAND: Final = (MonoDiameter,)
_KEY_COLUMNS: Final = ("key", "value", "default", "meaning")


def _sections(
    path: str, section: type[Block], seen: set[type[Block]]
) -> Iterator[tuple[str, type[Block]]]:
    """Yield each mapping of the file with its path, parents first, each only once."""
    seen.add(section)
    yield path, section
    for key, field in section.model_fields.items():
        for below in _mappings(field):
            plain = below in _SHORTHAND or list(below.model_fields) == ["kind"]
            if below not in seen and not plain:
                yield from _sections(f"{path}.{key}".lstrip("."), below, seen)


def _kind(section: type[Block]) -> str:
    """Return the word by which a section is told from its alternatives, if there is one."""
    field = section.model_fields.get("kind")
    return str(get_args(field.annotation)[0]) if field is not None else ""


def _leaves(annotation: Any) -> Iterator[Any]:
    """Yield the parts of an annotation: types, Literals, and the metadata of Annotated."""
    if get_origin(annotation) in (None, Literal):
        yield annotation
        return
    arguments = get_args(annotation)
    if get_origin(annotation) in (dict, tuple):
        yield get_origin(annotation)
        # The keys of a mapping are names.
        arguments = arguments[1:] if get_origin(annotation) is dict else arguments
    for argument in arguments:
        yield from _leaves(argument)
    yield from getattr(annotation, "__metadata__", ())


def _mappings(field: FieldInfo) -> list[type[Block]]:
    return [
        leaf
        for leaf in dict.fromkeys(_leaves(field.annotation))
        if isinstance(leaf, type) and issubclass(leaf, Block)
    ]


def _key_row(section: type[Block], key: str) -> tuple[str, ...]:
    field = section.model_fields[key]
    default = _default(field)
    if not default and "preset" in section.model_fields:
        default = "of the preset"
    return f"`{key}`", _value(key, field), default, field.description or ""


def _value(key: str, field: FieldInfo) -> str:
    """Return what may stand at a key, in words."""
    if key in _WORDS and (key not in _BLOCKS or _mappings(field)):
        return _WORDS[key]
    parts = [*field.metadata, *_leaves(field.annotation)]
    if MonoDiameter in parts:
        return "a length, or mapping, see below"
    if str in parts and {dict, tuple} & set(parts):
        return "mapping of names" if dict in parts else "list of names"
    for part in parts:
        if isinstance(part, LawForm):
            return f"law: {_quantity(part.quantity)}; may depend on {', '.join(part.variables)}"
        if isinstance(part, Quantity):
            return _quantity(part)
    kinds = [kind for section in _mappings(field) if (kind := _kind(section))]
    if kinds:
        return f"kind {', '.join(f'`{kind}`' for kind in kinds)}: mapping, see below"
    words = [_plain(part, parts) for part in parts]
    return " or ".join(dict.fromkeys(word for word in words if word))


_BLOCKS: Final = ("active",)  # a block of keys; a number in a recipe
_WORDS: Final = {
    "preset": "name of a preset",
    "third_dimension": "`none`, `estimated` or mapping, see below",
    "thermal": "`isothermal`, `lumped` or mapping, see below",
    "protocol": "list of steps, see above",
    "histogram": "list of pairs [diameter, share]",
    "particles": "mapping, see below, or a list of them",
    "active": "mapping, see below, or several by name",
    "file": "name of a file",
}


def _plain(part: Any, parts: Sequence[Any]) -> str:
    if get_origin(part) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(part))
    if isinstance(part, type) and issubclass(part, Block):
        return "mapping, see below"
    if part is int:
        # Those of an optional number sit in a field of their own.
        marks = [mark for each in parts for mark in (each, *getattr(each, "metadata", ()))]
        bounds = {name: getattr(mark, name) for mark in marks for name in ("ge", "le")
                  if hasattr(mark, name)}  # fmt: skip
        return f"whole number from {bounds['ge']} to {bounds['le']}"
    return {bool: "`true` or `false`", str: "text"}.get(part, "") if isinstance(part, type) else ""


def _quantity(quantity: Quantity) -> str:
    label = DIMENSIONS[quantity.dimension].label
    return f"{label} {quantity.range()}".strip()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    optional = NoneType in list(_leaves(field.annotation))
    if (default is None and optional) or default == "":
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`"


# --- materials


def materials_page() -> str:
    """Return the presets with sources and assumed values, and the laws by property."""
    parts = ["## Presets"]
    kinds = dict.fromkeys(row.kind for row in list_presets())
    for kind in kinds:
        parts.append(f"### `materials.{kind}`")
        for row in (row for row in list_presets() if row.kind == kind):
            description = _escape(row.description.split(";")[0])
            lines = [f"**`{row.name}`**: {description}.", ""]
            lines += [f"- source: {_escape(source)}" for source in row.sources]
            lines += [f"- assumed: {_escape(_as_code(text))}" for text in row.assumed]
            parts.append("\n".join(lines).rstrip())
    parts.append("## Laws")
    for quantity, laws in list_laws().items():
        rows = [
            (f"`{name}`", _valid(law.valid), "yes" if law.assumed else "", law.source)
            for name, law in laws.items()
        ]
        parts.append(f"### `{quantity}`\n\n{_table(_LAW_COLUMNS, rows)}")
    return "\n\n".join(parts)


_LAW_COLUMNS: Final = ("name", "known for", "assumed", "source")
_VARIABLE_UNITS: Final = {"T": " K", "c_e": " mol/m^3"}


def _as_code(text: str) -> str:
    """Mark the key at the beginning of an assumed value."""
    key, colon, rest = text.partition(": ")
    return f"`{key}`: {rest}" if colon else text


def _valid(ranges: Any) -> str:
    return ", ".join(
        f"{name} {low:g} to {high:g}{_VARIABLE_UNITS.get(name, '')}"
        for name, (low, high) in ranges.items()
    )


# --- columns

_COLUMNS: Final = ("column", "meaning")


def columns_page() -> str:
    """Return the tables of all columns that a run writes."""
    parts = []
    for file in File:
        rows = [
            (", ".join(f"`{name}`" for name in column.names), _meaning(column))
            for column in COLUMNS
            if column.file == file
        ]
        parts.append(f"### `{file.value}`\n\n{_table(_COLUMNS, rows)}")
    return "\n\n".join(parts)


def _meaning(column: Column) -> str:
    phase = of_part(column.name, "NAME")
    also = f"; of each material, where there are several: `{phase}`" if column.phases else ""
    return f"{column.meaning}{also}"


# --- Markdown


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_escape(cell) for cell in line) + " |" for line in lines)


def _escape(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")


PAGES: Final = {"yaml.md": keys_page, "materials.md": materials_page, "output.md": columns_page}


def write_pages(docs: Path) -> None:
    """Bring the generated parts of the pages up to date."""
    for name, content in PAGES.items():
        path = docs / name
        path.write_text(update_page(path.read_text("utf-8"), content()), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
