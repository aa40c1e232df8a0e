"""From a file to a checked case; everything wrong with it is reported at once."""

from __future__ import annotations

import difflib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mesode import inputs
from mesode.config.case import Case
from mesode.config.files import FOLDER
from mesode.config.growth import growth_problems
from mesode.config.idle_keys import VARIED
from mesode.config.overrides import apply_overrides
from mesode.config.problems import as_problem, to_problems
from mesode.config.protocol_checks import protocol_findings
from mesode.config.resolve import resolve_materials
from mesode.config.yamltext import read_yaml
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def load_case(path: str | Path, overrides: Sequence[str] = ()) -> Case:
    """Return the case in a YAML file, with ``KEY=VALUE`` overrides put in.

    Raises:
        InputError: every problem found, each with its path in the file.
    """
    path = Path(path)
    return parse_case(read_text(path), str(path), overrides, path.parent)


def parse_case(
    text: str | Mapping[str, Any],
    source: str = "",
    overrides: Sequence[str] = (),
    folder: Path | None = None,
    varied: Sequence[str] = (),
) -> Case:
    """Return the case in a YAML text or in plain data.

    Args:
        text: the case.
        source: name for messages.
        overrides: ``KEY=VALUE``.
        folder: where files that the case names are looked up first.
        varied: paths of what a study varies or sets; keys without effect beside are let through.

    Raises:
        InputError: every problem found.
    """
    data = read_yaml(text, source) if isinstance(text, str) else dict(text)
    if data is None:
        hint = "`mesode new NAME` writes a commented starter file"
        raise InputError([Problem(source, "", "the file is empty", hint)], source)
    if not isinstance(data, dict):
        expected = "expected a mapping with keys geometry, mesh, materials, protocol, ..."
        raise InputError([Problem(source, f"a {type(data).__name__}", expected)], source)
    if "base" in data and "geometry" not in data:
        hint = f"Run it with: mesode study {source}"
        raise InputError([Problem(source, "", "this is a study, which has several cases", hint)])
    data = apply_overrides(data, overrides)
    try:
        case = Case.model_validate(data, context={FOLDER: folder, VARIED: varied})
    except ValidationError as error:
        problems = to_problems(error.errors(include_url=False), data, Case)
        raise InputError(problems, source) from None
    _check_materials(case, source)
    return case


def _check_materials(case: Case, source: str) -> None:
    # A preset may not take a change: a dense binder has no MacMullin number.
    try:
        materials = resolve_materials(case)
    except InputError as error:
        raise InputError(error.problems, source) from None
    found = [as_problem(each) for each in protocol_findings(case, materials)]
    found += growth_problems(case, materials)
    if found:
        raise InputError(found, source)


def read_text(path: Path) -> str:
    """Return the text of a file that a user names, or raise what he can act upon."""
    if inputs.unfit(path) == inputs.NO_FILE:
        raise InputError([_missing(path)])
    what, hint = _something_else(path)
    if what:
        raise inputs.refused(path, f"expected a case, a YAML file; this is {what}", hint)
    return inputs.read_text(path)


_STARTER_OF = {
    ".png": "micrograph",
    ".tif": "micrograph",
    ".tiff": "micrograph",
    ".msh": "own_mesh",
}


def _something_else(path: Path) -> tuple[str, str]:
    """Return what a path is that is no case but belongs to mesode, and what to do with it."""
    with suppress(OSError):  # a name that is too long
        if (path / "study.json").is_file():
            return "the folder of a study", f"See it with: mesode report {path}"
        if (path / "config.yaml").is_file():
            hint = f"Its case is {path / 'config.yaml'}; go on with: mesode resume {path}"
            return "the folder of a run", hint
    kind = _STARTER_OF.get(path.suffix.lower())
    if kind:
        what = "an image" if kind == "micrograph" else "a mesh"
        return what, f"A case names it; one to begin with: mesode new {kind}"
    return "", ""


def _missing(path: Path) -> Problem:
    folder = path.parent
    if not folder.is_dir():
        return Problem(str(path), "", "no such file", f"There is no folder '{folder}' either")
    names = sorted(p.name for p in folder.iterdir() if p.suffix in (".yaml", ".yml"))
    near = difflib.get_close_matches(path.name, names, n=3, cutoff=0.4) or names[:5]
    hint = f"In '{folder}' there is: {', '.join(near)}" if near else f"'{folder}' has no YAML file"
    return Problem(str(path), "", "no such file", hint)
