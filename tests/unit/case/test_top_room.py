"""If these fail, a lid may begin inside of the particles, or a run begins that can only jam."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.case.plan import make_plan
from mesode.errors import InputError
from support.bridged_case import bridged_case

MATRIX = "geometry.electrode.carbon_binder={kind: matrix}"


def plan(*changes):
    return make_plan(bridged_case(*changes))


def refused(*changes):
    with pytest.raises(InputError) as info:
        plan(*changes)
    (problem,) = info.value.problems
    return problem


def about_top(found):
    return [warning for warning in found.warnings if "physics.top" in warning]


def test_a_lid_in_the_particles_is_refused():
    problem = refused("physics.top={height: 5 um}")
    assert (problem.path, problem.value) == ("physics.top.height", "5 um")
    assert "at least 6 um" in problem.expected
    assert "raise it" in problem.hint


@pytest.mark.parametrize("top", ["fixed", "{height: 6 um}"])
def test_a_section_without_a_way_to_expand_is_refused(top):
    problem = refused(MATRIX, f"physics.top={top}")
    assert problem.path == "physics.top"
    assert "no open pores" in problem.expected


@pytest.mark.parametrize(("top", "above"), [("fixed", 0.0), ("{height: 6.5 um}", 0.5)])
def test_too_little_room_is_told_with_the_lithiation_that_fills_it(top, above):
    found = plan(f"physics.top={top}")
    (warning,) = about_top(found)
    room = 6 * 6 - sum(content.area for content in found.working) * 1e12 + above * 6
    full = 0.02 + room / (2.8 * found.active_area * 1e12)
    assert f"{room:.3g} um^2" in warning
    told = float(warning.split("at lithiation ")[1].split(";")[0])
    assert told == pytest.approx(full, abs=0.006)
    assert np.isclose(room, 36 * 0.4 + 6 * above, rtol=0.02)


@pytest.mark.parametrize("top", ["free", "{height: 30 um}", "{spring: 1 MPa/um}"])
def test_where_there_is_room_nothing_is_said(top):
    assert about_top(plan(f"physics.top={top}")) == []
