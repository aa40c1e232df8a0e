"""If this fails, columns that are printed do not stand below each other."""

from __future__ import annotations

from mesode.text_table import table


def test_columns_are_aligned():
    assert table([("a", "b"), ("ccc", "10")], right=(1,)) == ["a     b", "ccc  10"]
