"""If one fails, a shipped config does not give the number that its first comment promises."""

import json
import subprocess
import sys
from math import exp
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest

from mesode.case.execution import run_case
from mesode.config.load import load_case
from mesode.constants import FARADAY

pytestmark = [pytest.mark.serial, pytest.mark.timeout(400)]

CONFIGS = Path(__file__).parents[2] / "configs"
# config, step, column, value; the tolerance is that of the printed digits
PROMISES = [
    ("zhang2024_low", 1, "Specific Capacity / mA.h.g-1", 737.2, 0.3),
    ("zhang2024_medium", 1, "Specific Capacity / mA.h.g-1", 696.5, 0.3),
    ("zhang2024_high", 1, "Specific Capacity / mA.h.g-1", 651.0, 0.3),
    ("sio_two_way_stress", 1, "Specific Capacity / mA.h.g-1", 961.8, 0.3),
    ("silicon_cccv", 2, "Specific Capacity / mA.h.g-1", 3374.1, 1.0),
    ("micrograph_sio", 1, "Specific Capacity / mA.h.g-1", 1098.6, 1.0),
    ("wang2025_in_situ", 1, "Thickness Change / 1", 0.408, 2e-3),
    ("wang2025_uncrosslinked", 1, "Thickness Change / 1", 0.423, 2e-3),
    ("wang2025_ex_situ", 1, "Thickness Change / 1", 0.380, 2e-3),
    ("liu2022_solid", 1, "Thickness Change / 1", 0.281, 2e-3),
    ("liu2022_porous", 1, "Thickness Change / 1", 0.133, 2e-3),
    ("liu2022_yolk_shell", 1, "Thickness Change / 1", 0.0274, 1e-3),
    # Joints snap: how the method holds what is loose moved these by a point of thickness.
    ("he2026_ccl", 2, "Thickness Change / 1", 0.627, 0.015),
    ("he2026_cmc", 2, "Thickness Change / 1", 0.535, 0.015),
    ("he2025_sa_borax", 2, "Thickness Change / 1", 0.012, 2e-3),
    ("he2025_sa", 2, "Thickness Change / 1", 0.283, 0.015),
    ("zhang2024_coating_low", 1, "Specific Capacity / mA.h.g-1", 737.5, 0.3),
    ("zhang2024_coating_medium", 1, "Specific Capacity / mA.h.g-1", 728.6, 0.3),
    ("sio_finite_strain", 1, "Thickness Change / 1", 0.281, 1e-3),
    ("sio_debonding", 1, "Thickness Change / 1", 0.290, 2e-3),
    ("sio_fade", 5, "Lost Active Area / 1", 0.269, 1e-3),
    ("sethuraman2010_film", 1, "Thickness Change / 1", 2.414, 2e-3),
    ("zhang2024_coating_high", 1, "Specific Capacity / mA.h.g-1", 708.6, 0.3),
    ("he2025_cv", 15, "Specific Capacity / mA.h.g-1", 1228.5, 0.5),
    ("he2025_gitt", 211, "Specific Capacity / mA.h.g-1", 3519.4, 0.5),
    ("he2025_impedance", 4, "Specific Capacity / mA.h.g-1", 3519.4, 0.5),
    ("he2025_first_cycle", 1, "Specific Capacity / mA.h.g-1", 4533.7, 0.5),
    ("he2026_rate", 11, "Specific Capacity / mA.h.g-1", 2988.1, 0.5),
    ("he2026_gitt", 141, "Specific Capacity / mA.h.g-1", 3534.6, 0.5),
    ("he2026_cv", 1, "Specific Capacity / mA.h.g-1", 3291.2, 0.5),
    ("he2026_full_cell", 1, "Specific Capacity / mA.h.g-1", -2682.0, 0.5),
]
# Each takes half a minute; of those alike one runs always.
LONG = ("zhang2024_coating_low", "zhang2024_coating_medium", "zhang2024_coating_high",
        "zhang2024_medium", "zhang2024_high",
        "wang2025_in_situ", "wang2025_uncrosslinked", "wang2025_ex_situ", "sio_finite_strain",
        "liu2022_solid", "liu2022_porous", "liu2022_yolk_shell",
        "he2026_ccl", "he2026_cmc", "he2025_sa_borax", "he2025_sa",
        "sio_debonding", "sio_fade", "sethuraman2010_film",
        "he2025_cv", "he2025_gitt", "he2025_first_cycle",
        "he2026_rate", "he2026_gitt", "he2026_cv", "he2026_full_cell")  # fmt: skip
# Their mean lithiation is one by sites of lithium, that of the fields one by area.
SEVERAL_HOSTS = ("liu2022_yolk_shell",)
# What every run must keep: lithium in the hosts, salt, and one current through every cut.
BALANCES = {"lithium": 1e-6, "salt": 1e-8, "charge": 1e-8}
ENERGY = 1e-5


def test_every_config_is_here():
    assert {path.stem for path in CONFIGS.glob("*.yaml")} == {row[0] for row in PROMISES}


@pytest.mark.parametrize("name", LONG)
def test_config_that_takes_long_is_valid(name):
    assert load_case(CONFIGS / f"{name}.yaml").title


def number_in_the_first_comment(path):
    text = path.read_text().split("\ntitle:")[0]
    number, unit = text.split("Must give:")[1].split()[:2]
    return float(number) / (100 if unit == "%" else 1)


@pytest.mark.parametrize(
    ("name", "step", "column", "value", "tolerance"),
    [pytest.param(*row, marks=[pytest.mark.slow] * (row[0] in LONG)) for row in PROMISES],
)
def test_config_gives_its_number(name, step, column, value, tolerance, tmp_path):
    path = CONFIGS / f"{name}.yaml"
    case = load_case(path, ("output.fields=2",))
    outcome = run_case(case, tmp_path / name, MPI.COMM_WORLD, figures=False)
    assert outcome.exit_code == 0
    manifest = json.loads((tmp_path / name / "manifest.json").read_text())
    assert manifest["status"] == "completed"
    assert manifest["steps"][step - 1]["end"][column] == pytest.approx(value, abs=tolerance)
    assert number_in_the_first_comment(path) == pytest.approx(
        value, abs=max(tolerance, 1e-3 * abs(value))
    )
    for key, limit in BALANCES.items():
        assert manifest["balances"][key] < limit
    # not told of a section that moves
    assert manifest["balances"].get("energy", 0.0) < ENERGY
    full = getattr(case.geometry, "counter", "lithium") != "lithium"
    top = 1e6 * case.geometry.electrode.thickness if full else np.inf
    if name not in SEVERAL_HOSTS:
        check_fields(tmp_path / name, manifest["steps"][-1]["end"]["Mean Lithiation / 1"], top)


@pytest.mark.slow
def test_the_film_bears_what_it_flows_at_and_its_voltage_shows_it(tmp_path):
    """True stress -+ sigma_Y/J_e; the stress is Omega/F (-+ 2/3 sigma_Y - psi) of the voltage."""
    s, omega = 0.5, 2.8 / 311_000
    sigma_y, E, nu = 1.75e9 - 0.75e9 * s, 96e9 - 55e9 * s, 0.29 - 0.04 * s
    K, psi = E / (3 - 6 * nu), sigma_y**2 * (1 - nu) / E
    ends = {}
    for kind in ("finite", "none"):
        overrides = (
            "output.fields=2", f"physics.mechanics={kind}", "materials.active.D_s=1e-12 m^2/s",
            "protocol=[Lithiate at C/4 until lithiation 0.5]",
        )  # fmt: skip
        case = load_case(CONFIGS / "sethuraman2010_film.yaml", overrides)
        run_case(case, tmp_path / kind, MPI.COMM_WORLD, figures=False)
        manifest = json.loads((tmp_path / kind / "manifest.json").read_text())
        ends[kind] = manifest["steps"][0]["end"]
    expected = sigma_y / exp(-2 * sigma_y / (3 * K))
    assert ends["finite"]["Mean von Mises Active / Pa"] == pytest.approx(expected, rel=1e-4)
    shift = ends["finite"]["Voltage / V"] - ends["none"]["Voltage / V"]
    assert shift == pytest.approx(-omega / FARADAY * (2 / 3 * sigma_y + psi), abs=5e-5)


# In a process of its own, as ParaView is: VTK and DOLFINx each bring a HDF5 library.
READ = """
import json, sys
import numpy as np
import pyvista
reader = pyvista.get_reader(sys.argv[1])
reader.set_active_time_value(reader.time_values[-1])
data = reader.read()
mesh = data.combine() if isinstance(data, pyvista.MultiBlock) else data
mesh = mesh.extract_cells(mesh.cell_centers().points[:, 1] < float(sys.argv[2]))
sizes = mesh.compute_cell_sizes(length=False, volume=False)["Area"]
sto = mesh.point_data_to_cell_data()["sto"]
print(json.dumps({"mean": float(np.average(sto, weights=sizes)), "area": float(sizes.sum())}))
"""


def check_fields(folder, mean_lithiation, top):
    """ParaView's reader opens the fields, and below y = top [um] they say what the table says."""
    path = folder / "fields" / "active.xdmf"
    done = subprocess.run(
        [sys.executable, "-c", READ, path, str(top)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    assert read["mean"] == pytest.approx(mean_lithiation, rel=1e-6)
    assert read["area"] > 0.1  # um2: the coordinates are micrometres
