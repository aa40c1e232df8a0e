"""If these fail, linear mechanics is used where it does not hold, and nobody is told beforehand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.case.small_swelling import linear_notes
from mesode.materials.presets import get_preset

MATERIALS = {name: get_preset("active", name) for name in ("silicon", "NMC811")}


def notes(mechanics="linear", **starts):
    return list(linear_notes(SimpleNamespace(mechanics=mechanics), MATERIALS, starts))


@pytest.mark.parametrize(
    ("start", "most", "reach"),
    # J = 1 + 2.8 sto: 10 % are 0.036 of lithiation, up or down
    [(0.0, "280 %", "between lithiation 0 and 0.036"), (0.5, "140 %", "0.46 and 0.54")],
)
def test_it_is_told_how_far_linear_mechanics_goes(start, most, reach):
    (text,) = notes(silicon=start)
    assert most in text
    assert reach in text


def test_nothing_is_told_where_it_holds_everywhere_or_is_not_used():
    assert notes(NMC811=0.3) == []
    assert notes("finite", silicon=0.0) == []
    assert notes("none", silicon=0.0) == []
