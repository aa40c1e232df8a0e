"""What to write where a block of keys is missing, or where something else stands in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.config.specs import presets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.config.base import Block

_SHORT = 40  # characters of a value that is repeated in brackets


def for_missing(key: str, blocks: Sequence[type[Block]], description: str) -> str:
    """Return what to write under a key that is missing.

    Args:
        key: which.
        blocks: that may stand there; none where it is a value.
        description: of the key.
    """
    description = description.rstrip(".")
    if not blocks:
        return description
    presets = presets_of(blocks[0])
    if not presets:
        return f"{description}. {_keys(blocks[0])}"
    return f"Give it a preset, such as {key}: {{preset: {presets[0]}}}. {_known(presets)}"


def for_preset(block: type[Block]) -> str:
    """Return which presets a block without one may have."""
    return _known(presets_of(block))


def for_block(value: Any, blocks: Sequence[type[Block]]) -> str:
    """Return what to write instead of a value that is not a mapping, as it has to be."""
    if not blocks:
        return ""
    presets = presets_of(blocks[0])
    if not presets:
        return _keys(blocks[0])
    if isinstance(value, str) and value in presets:
        return f"Write {{preset: {value}}}"
    return f"Such as {{preset: {presets[0]}}}. {_known(presets)}"


def for_list(value: Any) -> str:
    """Return how a value is written as a list of one."""
    text = str(value)
    alone = isinstance(value, str | int | float) and len(text) <= _SHORT
    return f"Put it in brackets: {f'[{text}]' if alone else '[...]'}"


def _keys(block: type[Block]) -> str:
    required = [key for key, field in block.model_fields.items() if field.is_required()]
    others = [key for key in block.model_fields if key not in required]
    listed = [", ".join(required) and f"{', '.join(required)} (required)", *others]
    return f"Its keys are {', '.join(key for key in listed if key)}"


def _known(presets: Sequence[str]) -> str:
    return f"Presets: {', '.join(presets)}"
