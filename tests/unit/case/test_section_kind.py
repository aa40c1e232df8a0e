"""If these fail, materials that swell differently share one strain along z, or nobody is told."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from mesode.case.section_kind import FREE_PARTICLES, GENERALISED, section_kind, section_warnings
from mesode.materials.presets import get_preset

MATERIALS = {
    "graphite": get_preset("active", "graphite"),
    "silicon": get_preset("active", "silicon"),
    "carbon_binder": get_preset("carbon_binder", "CMC_SBR_SuperP"),
    "counter_active": get_preset("active", "NMC811"),
}


def physics(section="automatic", mechanics="linear"):
    return SimpleNamespace(section=section, mechanics=mechanics)


@pytest.mark.parametrize(
    ("present", "kind"),
    [
        (["silicon", "carbon_binder"], GENERALISED),
        (["graphite", "carbon_binder"], GENERALISED),
        (["graphite", "silicon"], FREE_PARTICLES),
        # one electrode swells while the other shrinks
        (["graphite", "counter_active"], FREE_PARTICLES),
        (["carbon_binder"], GENERALISED),
    ],
)
def test_what_shares_a_section_decides(present, kind):
    assert section_kind(physics(), MATERIALS, present) == kind
    assert list(section_warnings(physics(), MATERIALS, present)) == []


def test_the_same_material_twice_is_one_material():
    twice = {"fine": MATERIALS["silicon"], "coarse": MATERIALS["silicon"]}
    assert section_kind(physics(), twice, twice) == GENERALISED


def test_what_is_given_holds_and_is_judged():
    given = physics(GENERALISED)
    assert section_kind(given, MATERIALS, ["graphite", "silicon"]) == GENERALISED
    (text,) = section_warnings(given, MATERIALS, ["graphite", "silicon"])
    assert "differ by" in text
    assert "GPa; take free_particles" in text
    assert list(section_warnings(given, MATERIALS, ["silicon"])) == []


def test_nothing_that_swells_may_be_held_along_z():
    (text,) = section_warnings(physics("plane_strain"), MATERIALS, ["silicon"])
    assert "nothing may move along z" in text
    assert list(section_warnings(physics("plane_strain"), MATERIALS, ["counter_active"])) == []


def test_without_mechanics_there_is_nothing_to_say():
    given = physics("plane_strain", mechanics="none")
    assert list(section_warnings(given, MATERIALS, ["silicon"])) == []
