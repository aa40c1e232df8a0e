"""The laws that a preset or a group of properties is made of."""

from __future__ import annotations


def laws_of(thing):
    """Yield every law in the fields of a dataclass, and in those of its dataclasses."""
    for name in getattr(type(thing), "__dataclass_fields__", {}):
        value = getattr(thing, name)
        if hasattr(value, "function"):
            yield value
        elif hasattr(type(value), "__dataclass_fields__"):
            yield from laws_of(value)
