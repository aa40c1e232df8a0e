"""Fields as maps show them."""

from __future__ import annotations

from mesode.model.field_groups import FieldGroups


def shown(cell, group, name):
    """Return a field of a group at the state that the cell is in (collective)."""
    (found,) = [each for each in FieldGroups(cell).all() if each.group is group]
    found.update()
    return next(function for function in found.functions if function.name == name)
