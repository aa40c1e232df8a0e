"""If this fails, an image or a mesh is not found again, or another one gives the same hash."""

from __future__ import annotations

import pytest
import yaml

from mesode.config.dump import case_hash, dump_case
from mesode.config.load import load_case, parse_case
from mesode.errors import InputError
from support.plain_case import plain_text

STARTER = yaml.safe_load(plain_text("x"))
IMAGE = {"file": "a.png", "pixel": "0.05 um", "phases": {0: "carbon_binder", "200-255": "active"}}
MESH = {
    "file": "a.msh",
    "unit": "um",
    "phases": {"Si": "active", "CBD": "carbon_binder", "Sep": "separator"},
    "boundaries": {"Cu": "collector", "Li": "counter"},
}


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("beside", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "beside" / "a.png").write_bytes(b"image")
    (tmp_path / "a.msh").write_bytes(b"mesh")


def image(**changes):
    block = {k: v for k, v in {**IMAGE, **changes}.items() if v is not None}
    geometry = {"electrode": {"image": block}, "separator": {"thickness": "25 um"}}
    return {**STARTER, "geometry": geometry}


def mesh(**changes):
    others = {key: value for key, value in STARTER.items() if key != "mesh"}
    return {**others, "geometry": {"mesh": {**MESH, **changes}}}


def load(tmp_path, data, *overrides):
    path = tmp_path / "beside" / "case.yaml"
    path.write_text(yaml.safe_dump(data))
    return load_case(path, overrides)


def refused(tmp_path, data, *overrides):
    with pytest.raises(InputError) as caught:
        load(tmp_path, data, *overrides)
    return {problem.path: str(problem) for problem in caught.value.problems}


@pytest.mark.parametrize(("data", "where"), [(image(), "beside/a.png"), (mesh(), "a.msh")])
def test_a_file_is_found_beside_the_case_or_in_the_working_directory(
    tmp_path, monkeypatch, data, where
):
    case = load(tmp_path, data)
    assert str(tmp_path / where) in dump_case(case)
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "config.yaml").write_text(dump_case(case))
    again = load_case("config.yaml")
    assert again == case
    assert case_hash(again) == case_hash(case)


def test_the_file_beside_the_case_comes_first(tmp_path):
    (tmp_path / "a.png").write_bytes(b"another image")
    assert "beside" in dump_case(load(tmp_path, image()))


def test_an_absent_file_tells_where_it_was_looked_for(tmp_path):
    said = refused(tmp_path, image(file="b.png"))["geometry.electrode.image.file"]
    assert f"'{tmp_path / 'beside' / 'b.png'}' and at '{tmp_path / 'b.png'}'" in said
    assert "a folder" in refused(tmp_path, image(file="."))["geometry.electrode.image.file"]


def test_hash_is_that_of_the_content(tmp_path):
    first = case_hash(load(tmp_path, image()))
    (tmp_path / "beside" / "b.png").write_bytes(b"image")
    assert case_hash(load(tmp_path, image(file="b.png"))) == first
    (tmp_path / "beside" / "b.png").write_bytes(b"other")
    assert case_hash(load(tmp_path, image(file="b.png"))) != first


GREY = {"phases": None, "threshold": {"method": "otsu", "phases": ["carbon_binder", "active"]}}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"pixel": 0.05}, "pixel", "with its unit"),
        ({"pixel": "0.05 m"}, "pixel", "at most 10 um"),
        ({"pixel": "1 pm"}, "pixel", "at least 1 nm"),
        ({"area_error": 0.01}, "area_error", "at most 0.005"),
        ({"phases": {0: "active"}}, "phases", "two phases"),
        ({"phases": {0: "active", 3: "active"}}, "phases", "two phases"),
        ({"phases": {0: "acitve", 255: "pore"}}, "phases.0", "Did you mean 'active'?"),
        ({"phases": {0: "carbon_binder", 255: "pore"}}, "", "active material"),
        ({"phases": {"0-128": "pore", 128: "active"}}, "phases.128", "each grey value once"),
        ({"phases": {"dark": "pore", 128: "active"}}, "phases.dark", "'dark'"),
        ({"phases": {"9-3": "pore", 128: "active"}}, "phases.9-3", "rises"),
        ({"phases": {0: "pore", 70000: "active"}}, "phases.70000", "65535"),
        ({"phases": None}, "phases", "threshold for a grey one"),
        ({"threshold": GREY["threshold"]}, "threshold", "not both"),
        (
            {**GREY, "threshold": {"method": "otsu", "phases": ["active"]}},
            "threshold.phases",
            "expected 2 names",
        ),
        (
            {**GREY, "threshold": {"method": "multi_otsu", "phases": ["active"] * 3}},
            "threshold.phases",
            "each phase once",
        ),
        (
            {**GREY, "threshold": {"method": "otsu", "phases": ["pore", "activ"]}},
            "threshold.phases[1]",
            "'active'?",
        ),
        ({**GREY, "threshold": {"method": "watershed", "phases": []}}, "threshold.method", "otsu"),
    ],
)
def test_a_slip_in_an_image_is_named(tmp_path, changes, path, said):
    problems = refused(tmp_path, image(**changes))
    assert said in problems[f"geometry.electrode.image.{path}".rstrip(".")]


def test_an_image_brings_width_and_particles(tmp_path):
    problems = refused(tmp_path, image(), "geometry.width=40 um")
    assert "the image brings the width" in problems["geometry.width"]
    problems = refused(tmp_path, image(), "geometry.electrode.particles={fraction: 0.4}")
    assert "beside an image" in problems["geometry.electrode.particles"]
    problems = refused(tmp_path, image(), "geometry.counter={thickness: 3 um}")
    assert "lithium" in problems["geometry.counter"]


def test_a_grey_image_is_read(tmp_path):
    found = load(tmp_path, image(**GREY)).geometry.electrode.image
    assert found.threshold.phases == ("carbon_binder", "active")


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"unit": "inch"}, "unit", "'um'"),
        ({"phases": {"Si": "activ", "CBD": "carbon_binder"}}, "phases.Si", "'active'?"),
        ({"phases": {"CBD": "carbon_binder"}}, "phases", "active material"),
        ({"boundaries": {"Cu": "colector", "Li": "counter"}}, "boundaries.Cu", "'colector'"),
    ],
)
def test_a_slip_in_a_mesh_of_the_users_is_named(tmp_path, changes, path, said):
    assert said in refused(tmp_path, mesh(**changes))[f"geometry.mesh.{path}"]


def test_a_mesh_brings_the_whole_section(tmp_path):
    problems = refused(tmp_path, mesh(), "geometry.width=40 um")
    assert "Take out width, or mesh" in problems["geometry.width"]


def test_groups_may_be_numbers_and_boundaries_are_found(tmp_path):
    case = load(tmp_path, mesh(phases={1: "active", 2: "carbon_binder"}, boundaries={}))
    assert case.geometry.mesh.phases == {"1": "active", "2": "carbon_binder"}


def test_a_mesh_brings_its_size(tmp_path):
    assert "interface:" not in dump_case(load(tmp_path, mesh()))
    given = {**mesh(), "mesh": STARTER["mesh"]}
    assert "geometry.mesh has its own" in refused(tmp_path, given)["mesh"]


def test_a_full_section_of_a_mesh_asks_for_its_materials(tmp_path):
    phases = {**MESH["phases"], "NMC": "counter_active"}
    assert "materials.counter.active" in refused(tmp_path, mesh(phases=phases))
    given = load(tmp_path, mesh(phases=phases), "materials.counter={active: {preset: NMC811}}")
    assert parse_case(dump_case(given)) == given
