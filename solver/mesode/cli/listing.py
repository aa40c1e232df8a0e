"""``mesode list``: presets, laws, geometry recipes and configs."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import mesode
from mesode.cli.console import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

HELP = "list presets, laws, recipes, configs"
EXAMPLES = """\
  mesode list                    everything
  mesode list presets            materials, with what they are
  mesode list laws               laws by property, with the range in which they are known"""
_WIDTH = 96  # columns of a text
KINDS = ("presets", "laws", "recipes", "configs")


def execute(args: argparse.Namespace) -> int:
    """Print the lists."""
    for kind in [args.what] if args.what else KINDS:
        say(f"{kind}:")
        for line in LISTS[kind]():
            say(f"  {line}" if line else "")
        say()
    return 0


def presets() -> Iterator[str]:
    """Yield a line for each preset."""
    from mesode.materials.presets import list_presets

    rows = list_presets()
    width = max(len(row.name) for row in rows)
    kind = ""
    for row in rows:
        if row.kind != kind:
            kind = row.kind
            yield f"materials.{kind}"
        assumed = f" [{len(row.assumed)} values assumed]" if row.assumed else ""
        yield f"  {row.name.ljust(width)}  {_short(row.description)}{assumed}"


def laws() -> Iterator[str]:
    """Yield a line for each law."""
    from mesode.materials.library import list_laws

    for quantity, named in list_laws().items():
        yield quantity
        for name, law in named.items():
            ranges = ", ".join(f"{k} {low:g} to {high:g}" for k, (low, high) in law.valid.items())
            notes = [f"known for {ranges}"] if ranges else []
            notes += ["assumed"] if law.assumed else []
            notes += [law.source] if law.source else []
            yield f"  {name}: {'; '.join(notes)}" if notes else f"  {name}"


def recipes() -> Iterator[str]:
    """Yield a line for each geometry recipe of the checkout."""
    yield from _files("meshes")


def configs() -> Iterator[str]:
    """Yield a line for each case of the checkout."""
    yield from _files("configs")


def _files(folder: str) -> Iterator[str]:
    """Yield path and first sentence of each YAML file in a folder of the checkout."""
    places = [Path(mesode.__file__).resolve().parents[2] / folder, Path.cwd() / folder]
    place = next((p for p in places if p.is_dir()), None)
    found = sorted(place.rglob("*.yaml")) if place is not None else []
    if not found:
        yield f"none here; they lie in the folder {folder} of the source"
    for path in found:
        yield str(_relative(path))
        yield from wrap(_first_sentence(path), _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _first_sentence(path: Path) -> str:
    """Return the comment at the head of a file, up to the first line that ends a sentence."""
    lines = []
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if not line.startswith("#"):
                break
            lines.append(line.strip("# \n"))
            if lines[-1].endswith("."):
                break
    return " ".join(lines)


def _short(text: str, longest: int = 100) -> str:
    head = text.split(";")[0]
    return head if len(head) <= longest else f"{head[: longest - 3]}..."


LISTS: dict[str, Callable[[], Iterator[str]]] = {
    "presets": presets,
    "laws": laws,
    "recipes": recipes,
    "configs": configs,
}
