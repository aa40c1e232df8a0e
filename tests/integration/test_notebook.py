"""If this fails, docs/study_notebook.ipynb shows users something that does not work.

Its code cells are executed in order, in one process and an empty folder, without Jupyter.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]

NOTEBOOK = Path(__file__).parents[2] / "docs" / "study_notebook.ipynb"
# What is said at the end: the numbers that a reader of the notebook would look at.
LAST = """
import json
print(json.dumps({
    "status": list(results["status"]),
    "capacity": {f"{d:g}": list(table[d]) for d in table},
    "balances": dict(run.manifest["balances"]),
    "worst": [worst["C-rate"], worst[diffusivity]],
    "area": float(sizes.sum()),
    "lithiation": float(frame["Mean Lithiation / 1"].iloc[-1]),
    "sto": [float(grid.point_data["sto"].min()), float(grid.point_data["sto"].max())],
    "voltage": float(series["Voltage"][-1]),
}))
"""


def cells():
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def test_it_is_stored_without_outputs():
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert len(code) >= 6
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.slow
def test_the_cells_run_in_order(tmp_path):
    code = ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code"]
    (tmp_path / "notebook.py").write_text("\n\n".join([*code, LAST]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "notebook.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["status"] == ["completed"] * 6
    slow, fast = told["capacity"].values()
    assert slow == sorted(slow, reverse=True)  # less at a higher rate
    assert all(a < b for a, b in zip(slow, fast, strict=True))  # and where lithium diffuses slowly
    assert told["worst"] == [4.0, 3e-15]
    assert told["balances"].pop("energy") < 1e-3
    assert max(told["balances"].values()) < 1e-6
    assert told["area"] == pytest.approx(0.4 * 36, rel=0.05)
    assert told["sto"][0] < told["lithiation"] < told["sto"][1]
    assert told["voltage"] == pytest.approx(0.01, abs=1e-5)
