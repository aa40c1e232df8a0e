"""If these fail, the reference pages of the documentation do not tell what the case file takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mesode.config import reference
from mesode.config.load import parse_case
from mesode.materials.presets import list_presets
from mesode.study.expand import expand, parse_study
from support.plain_case import plain_text

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", reference.PAGES)
def test_pages_are_up_to_date(name):
    page = (DOCS / name).read_text("utf-8")
    advice = "out of date: run python -m mesode.config.reference docs"
    assert reference.update_page(page, reference.PAGES[name]()) == page, advice


def test_a_row_tells_range_default_and_meaning():
    rows = reference.keys_page().splitlines()
    gap, in_packing, of_stack = [row for row in rows if row.startswith("| `gap`")]
    assert "a length at least 0 um and at most 100 um" in gap
    assert "0.1 um where nothing is given" in gap
    assert "Least distance between surfaces" in in_packing
    assert "before it touches" in of_stack
    (integrity,) = [row for row in rows if row.startswith("| `integrity`")]
    assert "| required |" in integrity
    (defect,) = [row for row in rows if row.startswith("| `defect`")]
    assert "| `0.5 um` |" in defect


def test_every_section_of_the_file_has_a_table():
    headings = [row for row in reference.keys_page().splitlines() if row.startswith("### ")]
    for path in ("geometry.electrode.particles", "materials.counter", "physics.top", "numerics"):
        assert f"### `{path}`" in headings
    assert headings.count("### `geometry.electrode.particles.diameter`") == 2
    for kind in ("film", "bridges", "patches", "clusters"):
        assert f"### `geometry.electrode.carbon_binder`, kind `{kind}`" in headings
    assert headings.count("### `geometry`") == 3


def test_every_preset_stands_with_its_assumed_values():
    page = reference.materials_page()
    for row in list_presets():
        assert f"**`{row.name}`**" in page
    assert page.count("- assumed: ") == sum(len(row.assumed) for row in list_presets())


def test_only_the_text_between_the_marks_changes():
    page = f"before\n{reference.BEGIN}old{reference.END}\nafter\n"
    expected = f"before\n{reference.BEGIN}\n\nnew \\1\n\n{reference.END}\nafter\n"
    assert reference.update_page(page, "new \\1") == expected
    with pytest.raises(ValueError, match="lacks the marks"):
        reference.update_page("no marks", "new")


def _examples(page):
    return re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_the_examples_of_the_readme_are_valid():
    case, electrode, study = map(yaml.safe_load, _examples(DOCS.parent / "README.md"))
    parse_case(case, "README.md")
    case["geometry"]["electrode"] |= {**electrode, "packing": {"gap": "0.1 um"}}
    case["physics"] = {"mechanics": "linear"}  # coatings ask for it, and then nothing comes off
    case["materials"]["carbon_binder"] = {"preset": "CMC_SBR_SuperP"}
    preset = {"preset": "silicon"}
    case["materials"] |= {"active": {"silicon": preset, "graphite": {"preset": "graphite"}}}
    parse_case(
        {**case, "materials": case["materials"] | {"coating": {"preset": "carbon_coating"}}},
        "README.md",
    )
    assert len(expand(parse_study(study), folder=DOCS.parent).cases) == 21


def test_links_between_the_pages_lead_somewhere():
    for page in (*DOCS.glob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


@pytest.mark.parametrize("example", _examples(DOCS / "yaml.md"))
def test_examples_are_valid_cases(example, tmp_path):
    (tmp_path / "drive.csv").write_text("time,current\n0,0\n60,1\n")
    (tmp_path / "ocp.csv").write_text("sto,U / V,back / V\n0,0.9,1\n0.5,0.3,0.4\n1,0.05,0.1\n")
    case = yaml.safe_load(plain_text("example"))
    for key, value in yaml.safe_load(example).items():
        case[key] = case[key] | value if isinstance(value, dict) else value
    parse_case(yaml.safe_dump(case, sort_keys=False), "example", folder=tmp_path)
