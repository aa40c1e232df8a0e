"""What to write where a block of keys is missing, or where something else stands in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from mesode.config.specs import presets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.config.base import Block

_SHORT: Final = 40  # characters of a value that is repeated in brackets
_MOST: Final = 12  # keys that are listed


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
        return f"{description}. {_inside(blocks)}"
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
        return _inside(blocks)
    if isinstance(value, str) and value in presets:
        return f"Write {{preset: {value}}}"
    return f"Such as {{preset: {presets[0]}}}. {_known(presets)}"


def for_list(value: Any, blocks: Sequence[type[Block]] = (), *, of_one: bool) -> str:
    """Return how a value is written as a list, which may be one of one, or one of blocks."""
    if blocks:
        return f"Write a list of blocks, [{{...}}, ...]. {_keys(blocks[0])}"
    text = str(value)
    shown = text if isinstance(value, str | int | float) and len(text) <= _SHORT else "..."
    return f"Put it in brackets: [{shown}]" if of_one else f"Write a list, [{shown}, ...]"


def kinds_of(block: type[Block]) -> tuple[str, ...]:
    """Return the values of ``kind`` by which a block is told from its alternatives."""
    kind = block.model_fields.get("kind")
    return get_args(kind.annotation) if kind is not None else ()


def _inside(blocks: Sequence[type[Block]]) -> str:
    """Return the kinds of block that there are, or the keys where there is one."""
    kinds = [kind for block in blocks for kind in kinds_of(block)]
    if len(kinds) > 1:
        return f"Such as {{kind: {kinds[0]}}}, or of kind {', '.join(kinds[1:])}"
    return _keys(blocks[0])


def _keys(block: type[Block]) -> str:
    required = [key for key, field in block.model_fields.items() if field.is_required()]
    others = [key for key in block.model_fields if key not in required]
    listed = [", ".join(required) and f"{', '.join(required)} (required)", *others[:_MOST]]
    more = ", ..." if len(others) > _MOST else ""
    return f"Its keys are {', '.join(key for key in listed if key)}{more}"


def _known(presets: Sequence[str]) -> str:
    return f"Presets: {', '.join(presets)}"
