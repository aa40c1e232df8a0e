"""A case back to YAML: every default filled in, every quantity with its unit, reads back equal."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import yaml

from mesode.config.case import Case
from mesode.config.files import FILE_KEYS, content_hash
from mesode.config.geometry import MeshGeometry
from mesode.config.idle_keys import refused_keys, without_keys
from mesode.config.phases import is_full
from mesode.config.yamltext import scalar_resolvers

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue


class _Dumper(yaml.SafeDumper):
    """Quotes each text that either YAML 1.1 or our reader would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


for _first, _resolvers in scalar_resolvers().items():
    for _tag, _pattern in _resolvers:
        _Dumper.add_implicit_resolver(_tag, _pattern, [_first])


def dump_case(case: Case) -> str:
    """Return the resolved YAML of a case; `parse_case` gives an equal case back."""
    return yaml.dump(
        plain_data(case),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=100,
    )


def plain_data(case: Case) -> dict[str, Any]:
    """Return a case as mappings, lists, texts and numbers, as they would stand in the file."""
    data: dict[str, Any] = _lists(case.model_dump(exclude_none=True))
    if isinstance(case.geometry, MeshGeometry):
        data.pop("mesh")
    if not is_full(case.geometry):
        data["initial"].pop("counter_lithiation")
        if case.initial.voltage is not None or case.initial.soc is not None:
            data["initial"].pop("lithiation")
    idle = [found.path for found in refused_keys(case)]  # those that a study lets through
    return plain_data(Case.model_validate(without_keys(data, idle))) if idle else data


def case_hash(case: Case) -> str:
    """Return the SHA-256 of everything that decides the result.

    That is all but the title and the checkpoints. A file counts by its content, not by its place.
    """
    data = plain_data(case)
    data.pop("title")
    data["output"].pop("checkpoint")
    for part in ("geometry", "materials", "protocol"):
        for key, block in _with_file(data[part]):
            block[key] = content_hash(block[key])
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _with_file(data: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the mappings of plain data that name a file, each with its key."""
    if isinstance(data, list):
        return [found for item in data for found in _with_file(item)]
    if not isinstance(data, dict):
        return []
    below = [found for item in data.values() for found in _with_file(item)]
    return [*((key, data) for key in FILE_KEYS if isinstance(data.get(key), str)), *below]


def json_schema() -> JsonSchemaValue:
    """Return the JSON Schema of the case file, for editors."""
    schema = Case.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    return value
