"""If these fail, a tutorial shows users what does not run, or a number that is none.

The scripts of the tutorials run on small versions of their studies: fewer cases, coarser meshes.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import mesode
from mesode.evaluate import ideal_sweep, sweeps
from mesode.evaluate.finite_diffusion import CYLINDER
from mesode.study.workers import WorkOptions

pytestmark = [pytest.mark.serial, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
NAMES = {"gitt": "gitt_truth", "b_value": "b_value"}


def study(name):
    return yaml.safe_load((ROOT / "configs" / "studies" / f"{NAMES[name]}.yaml").read_text("utf-8"))


def script(name):
    text = (ROOT / "docs" / f"tutorial_{name}.md").read_text("utf-8")
    (found,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return found


def small(name, folder, cases, **changes):
    """Run some cases of a study with other values of some keys."""
    content = study(name)
    content["vary"] = {key: [values[k] for k in cases] for key, values in content["vary"].items()}
    for key, value in changes.items():
        content["vary"].pop(key, None)
        content["set"] = {**content.get("set", {}), key: value}
    content["zip"] = [[key for key in content["zip"][0] if key in content["vary"]]]
    path = folder / f"{NAMES[name]}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    found = mesode.load_study(path, out=folder / "runs" / NAMES[name])
    table = mesode.run_study(found, WorkOptions(workers=1))
    assert set(table["status"]) == {"completed"}
    table.to_csv(found.folder / "results.csv", index=False)
    return found.folder


def draw(name, folder):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script(name)],
        cwd=folder, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (folder / f"tutorial_{name}.png").stat().st_size > 10_000


@pytest.mark.parametrize("name", NAMES)
def test_each_case_of_a_study_is_valid_and_has_a_name(name):
    found = mesode.load_study(ROOT / "configs" / "studies" / f"{NAMES[name]}.yaml")
    titles = list(found.cases["title"])
    assert len(set(titles)) == len(titles)
    page = (ROOT / "docs" / f"tutorial_{name}.md").read_text("utf-8")
    assert all(title.replace(" um", " µm") in page for title in titles)
    assert (ROOT / "docs" / "images" / f"tutorial_{name}.png").is_file()


@pytest.mark.slow
def test_the_figure_of_gitt(tmp_path):
    changes = {"mesh.interface": "0.2 um", "protocol.1.gitt.at_most": 2}
    folder = small("gitt", tmp_path, cases=(1, 2), **changes)
    draw("gitt", tmp_path)
    found = mesode.analyse(folder, what=["gitt"]).evaluations
    ends = [
        f.value / f.truth.value
        for each in found
        for f in each.findings
        if f.of == "pulse 2" and f.quantity == "D, L = volume over surface of the particles"
    ]
    assert ends == pytest.approx([0.60, 0.85], rel=0.05)  # the numbers of the page


@pytest.mark.slow
def test_the_figure_of_b_values(tmp_path):
    """Diffusion alone has the peaks of its closed form, and b above 0.5 by nothing else."""
    rates = ["0.1 mV/s", "0.3 mV/s"]
    changes = {"protocol.0.cyclic_voltammetry.rates": rates, "mesh.interface": "0.2 um"}
    folder = small("b_value", tmp_path, cases=(0, 3), **changes)
    draw("b_value", tmp_path)
    run = mesode.open_run(folder / "cases" / "0001")
    found = mesode.analyse(run.path, what=["voltammetry"])["voltammetry"]
    v, i = sweeps.peak_currents(found.data.sweeps["lithiation"])
    particles = run.particles()
    first = particles["Step Count / 1"] == 1
    volume, surface = (
        1e-6 * particles[name][first].sum() for name in ("Area / um2", "Interface Length / um")
    )
    length, area = 1e-6 * volume / surface, surface / 3e-6
    W = 96485.33 * v * length**2 / (8.314463 * 298.15 * 1e-15)
    expected = [ideal_sweep.peak(CYLINDER, each) for each in W]
    assert i / area * length / (96485.33 * 1e-15 * 3000.0) == pytest.approx(expected, rel=0.02)
    assert sweeps.b_value(v, i).slope == pytest.approx(0.81, abs=0.02)  # as the page says
