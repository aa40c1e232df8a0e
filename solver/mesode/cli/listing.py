"""``mesode list``: presets, laws, geometry recipes and configs."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import mesode
from mesode.cli.arguments import picture_name
from mesode.cli.console import say
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from mesode.materials.law import Law

HELP = "list presets, laws, recipes, configs; or all values of one preset or law"
EXAMPLES = """\
  mesode list                    everything
  mesode list presets            materials, with what they are
  mesode list laws               laws by property, with the range in which they are known
  mesode list graphite           each value and law of a preset, with unit, source, assumed or not
  mesode list graphite --plot graphite.png     and a picture of its laws
  mesode list graphite_lgm50     a law, with its values over its range"""
_WIDTH = 96  # columns of a text
KINDS = ("presets", "laws", "recipes", "configs")


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        "what",
        metavar="WHAT",
        nargs="?",
        help=f"{', '.join(KINDS)}, or the name of a preset or of a law (default: all lists)",
    )
    command.add_argument(
        "--plot",
        metavar="FILE",
        type=picture_name,
        help="draw the laws of the preset, or the law, as PNG",
    )


def execute(args: argparse.Namespace) -> int:
    """Print the lists, or what one preset or law holds.

    Raises:
        InputError: no preset and no law of this name; a picture of a whole list.
        OutputError: the picture cannot be written.
    """
    if args.what is not None and args.what not in KINDS:
        return _one(args.what, args.plot)
    if args.plot is not None:
        expected = "expected the name of a preset or of a law before --plot"
        raise InputError([Problem("--plot", str(args.plot), expected)])
    for kind in [args.what] if args.what else KINDS:
        say(f"{kind}:")
        for line in LISTS[kind]():
            say(f"  {line}" if line else "")
        say()
    return 0


def _one(name: str, picture: Path | None) -> int:
    """Print the presets and laws of a name, and draw their laws."""
    from mesode.materials.library import list_laws
    from mesode.materials.presets import get_preset, list_presets
    from mesode.materials.sheet import law_sheet, laws_of, material_sheet
    from mesode.materials.sheet_text import sheet_text

    rows = [row for row in list_presets() if row.name == name]
    named = {key: laws[name] for key, laws in list_laws().items() if name in laws}
    if not rows and not named:
        raise _unknown(name)
    shown = dict(named)
    for row in rows:
        material = get_preset(row.kind, name)
        say(sheet_text({f"materials.{row.kind}": material_sheet(material)}))
        shown = {**laws_of(material), **shown}
    for key, law in named.items():
        say(sheet_text({f"law of {key}": law_sheet(law)}))
    if picture is not None:
        _draw(name, shown, picture)
    return 0


def _draw(name: str, laws: dict[str, Law], picture: Path) -> None:
    from mesode.analysis.law_plots import plot_laws
    from mesode.output.ranks import writing

    depending = {key: law for key, law in laws.items() if law.variables}
    if not depending:
        expected = "no law depends on lithiation, salt or temperature: there is nothing to draw"
        raise InputError([Problem("--plot", name, expected)])
    with writing(picture):
        plot_laws(depending, picture)
    say(f"picture in {picture}")


def _unknown(name: str) -> InputError:
    from mesode.materials.library import list_laws
    from mesode.materials.names import nearest
    from mesode.materials.presets import list_presets

    known = [*KINDS, *(row.name for row in list_presets())]
    known += [law for laws in list_laws().values() for law in laws]
    near = nearest(name, dict.fromkeys(known))
    hint = f"Did you mean {' or '.join(near)}?" if near else "`mesode list` shows all names"
    return InputError(
        [Problem("mesode list", repr(name), "no preset and no law of this name", hint)]
    )


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
