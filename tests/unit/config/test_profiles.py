"""If these fail, a drive cycle is another one than its file says."""

from __future__ import annotations

import pytest
import yaml

from mesode.config import profiles
from mesode.config.dump import case_hash, plain_data
from mesode.config.load import parse_case
from mesode.config.protocol import parse_step
from mesode.config.steps import Profile, StepError, Termination
from mesode.errors import InputError
from support.plain_case import plain_text

TABLE = [[0, 1], [10, 2], [30, -1]]


def case_of(folder, *items, **geometry):
    data = yaml.safe_load(plain_text("test"))
    data["geometry"] |= geometry
    return parse_case(data | {"protocol": list(items)}, folder=folder)


def test_a_table_is_a_profile_in_si():
    step = parse_step({"profile": {"table": TABLE, "unit": "mA/cm2", "time": "min"},
                       "until": ["< 10 mV", "> 1 V"], "tags": "drive"})  # fmt: skip
    assert isinstance(step, Profile)
    assert (step.held, step.unit, step.linear) == ("current", "A/m2", True)
    assert step.times == (0.0, 600.0, 1800.0)
    assert step.values == pytest.approx((10.0, 20.0, -10.0))
    assert (step.duration, step.tags) == (1800.0, ("drive",))
    assert step.until == tuple(
        Termination(quantity="voltage", value=value, unit="V", side=side)
        for value, side in ((0.01, -1), (1.0, 1))
    )


def test_minutes_cut_it_off_as_they_end_any_step():
    step = parse_step({"profile": {"table": TABLE, "unit": "A/g"}, "for": "0.2 m", "period": "1 m"})
    assert (step.duration, step.period) == (12.0, 60.0)


def test_it_is_over_with_its_last_point_however_long_it_may_take():
    step = parse_step({"profile": {"table": TABLE, "unit": "A/g"}, "for": "2 h"})
    assert step.duration == 30.0


@pytest.mark.parametrize(
    ("unit", "held", "of_step", "first"),
    [
        ("C", "current", "C", 1.0),
        ("A/g", "current", "A/kg", 1000.0),
        ("A", "current", "A", 1.0),
        ("mW/cm2", "power", "W/m2", 10.0),
        ("W", "power", "W", 1.0),
        ("mV", "voltage", "V", 1e-3),
    ],
)
def test_the_unit_tells_what_is_held(unit, held, of_step, first):
    step = parse_step({"profile": {"table": TABLE, "unit": unit, "interpolation": "steps"}})
    assert (step.held, step.unit, step.linear) == (held, of_step, False)
    assert step.values[0] == pytest.approx(first)


def test_a_file_is_found_beside_the_case_and_counts_by_its_content(tmp_path):
    file = tmp_path / "drive.csv"
    file.write_text("# made up\ntime;I;V\n0;1,5;9\n5;2,5;9\n")
    entry = {"profile": {"csv": "drive.csv", "columns": ["time", "I"], "unit": "A"}, "for": "4 s"}
    case = case_of(tmp_path, {"repeat": 2, "steps": [entry]}, cell_area="0.5 m^2")
    first, _ = case.protocol
    assert first.values == pytest.approx((3.0, 5.0))
    assert (first.unit, first.duration) == ("A/m2", 4.0)
    written = plain_data(case)["protocol"][0]["steps"][0]["profile"]["csv"]
    assert written == str(file)
    before = case_hash(case)
    file.write_text("time;I;V\n0;1;9\n5;2,5;9\n")
    assert case_hash(case) != before


def test_a_file_is_read_once(tmp_path, monkeypatch):
    (tmp_path / "drive.csv").write_text("time,I\n0,1\n5,2\n")
    read = []
    points = profiles.csv_points
    monkeypatch.setattr(profiles, "csv_points", lambda *a: read.append(a) or points(*a))
    entry = {"profile": {"csv": "drive.csv", "columns": ["time", "I"], "unit": "A/g"}}
    case = case_of(tmp_path, entry)
    assert len(read) == len(case.protocol) == 1


@pytest.mark.parametrize(
    ("block", "path", "said"),
    [
        ({"table": TABLE}, "unit", "the unit of a current"),
        ({"table": TABLE, "unit": "um"}, "unit", "the unit of a current"),
        ({"table": TABLE, "unit": "A/g", "time": "mV"}, "time", "the unit of a time"),
        ({"table": TABLE, "unit": "A/g", "csv": "a.csv"}, "", "one of csv and table"),
        ({"table": [[0, 1]], "unit": "A/g"}, "table", "at least two points"),
        ({"table": [[1, 1], [2, 1]], "unit": "A/g"}, "table", "from 0 on"),
        ({"table": [[0, 1], [2, 1], [2, 3]], "unit": "A/g"}, "table", "that increase, point 3"),
        ({"table": [[0, 1], [2, "x"]], "unit": "A/g"}, "table.1.1", "a number without unit"),
        ({"table": TABLE, "unit": "A/g", "interpolation": "cubic"}, "interpolation", "linear"),
        ({"table": TABLE, "unit": "A/g", "colums": [1, 2]}, "colums", "Did you mean 'columns'?"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(block, path, said):
    with pytest.raises(StepError) as caught:
        parse_step({"profile": block})
    assert said in str(caught.value)
    where = ".".join(map(str, caught.value.path))
    assert where == ("profile" + (f".{path}" if path else ""))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError) as caught:
        case_of(tmp_path, "Rest for 1 s", {"profile": {"csv": "none.csv", "unit": "A/g"}})
    assert caught.value.problems[0].path == "protocol[1].profile.csv"


def test_an_end_that_it_cannot_have():
    with pytest.raises(StepError, match="cannot end on a current"):
        parse_step({"profile": {"table": TABLE, "unit": "A/g"}, "until": "C/50"})
