"""If these fail, phases of silicon are taken with what does not know them, or get other numbers."""

from __future__ import annotations

import pytest

from mesode.case.facts import material_facts
from mesode.config.dump import dump_case
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError
from mesode.materials.two_phase import Crystalline, Li15Si4
from support.tiny_case import TINY

SILICON = "materials.active={preset: silicon, crystalline: {}, hysteresis: {li15si4: {}}}"


def test_both_phases_come_from_their_blocks_and_are_kept():
    case = parse_case(TINY, "", [SILICON, "materials.active.crystalline.plateau=0.12 V"])
    lithium = resolve_materials(case).phases["active"].lithium
    assert lithium.crystalline == Crystalline(plateau=0.12, slowness=1e-3)
    assert lithium.hysteresis.li15si4 == Li15Si4(below=0.05, plateau=0.43)
    assert parse_case(dump_case(case)) == case
    assert any("crystalline.slowness" in text for text in material_facts(case).assumed)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("physics.mechanics=linear", "active.crystalline: the front in crystalline silicon"),
        ("materials.active.hysteresis.model=none", "li15si4: Li15Si4 changes the branch"),
        ("materials.active.crystalline.slowness=0", "slowness"),
    ],
)
def test_what_does_not_know_them_is_refused(override, told):
    with pytest.raises(InputError) as error:
        parse_case(TINY, "", [SILICON, override])
    assert told in str(error.value)
