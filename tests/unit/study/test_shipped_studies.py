"""If these fail, a study that is shipped cannot be run, or is not what docs/studies.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mesode.study.expand import expand_file

pytestmark = pytest.mark.serial

ROOT = Path(__file__).parents[3]
TABLE = re.findall(
    r"^\| `(configs/studies/\w+\.yaml)` \| (\d+) \|", (ROOT / "docs/studies.md").read_text(), re.M
)


def test_all_are_in_the_table():
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "configs/studies").glob("*.yaml")}
    assert found == {name for name, _ in TABLE}
    assert found


@pytest.mark.parametrize(("name", "cases"), TABLE)
def test_number_of_cases(name, cases):
    path = ROOT / name
    assert len(expand_file(path).cases) == int(cases)
    assert f"{cases} cases" in path.read_text()
