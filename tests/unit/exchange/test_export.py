"""If these fail, other programs get another cell than the section: area, kinetics, laws, units."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mesode.cli.main import main
from mesode.config.load import parse_case
from mesode.config.protocol_checks import known_voltages
from mesode.config.resolve import resolve_materials
from mesode.constants import FARADAY
from mesode.errors import GeometryError
from mesode.exchange.api import export_parameters
from mesode.exchange.bpx_data import bpx_data
from mesode.exchange.curves import sampled
from mesode.exchange.effective import _voltages
from mesode.exchange.left_out import left_out_of_bpx, left_out_of_pybamm
from mesode.exchange.pybamm_text import pybamm_text
from support.branches import with_hysteresis
from support.tiny_case import TINY

pytestmark = pytest.mark.serial
STO = np.linspace(0.1, 0.9, 17)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export the tiny case both ways: the cell, the BPX file, the module of PyBaMM."""
    folder = tmp_path_factory.mktemp("exported")
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    json_file, module = folder / "tiny.json", folder / "values.py"
    cell = export_parameters(folder / "tiny.yaml", "bpx", json_file)
    export_parameters(folder / "tiny.yaml", "pybamm", module)
    return SimpleNamespace(cell=cell, json=json_file, module=module)


def test_an_electrode_has_what_its_section_has(exported):
    electrode = exported.cell.working
    (host,) = electrode.hosts
    f = host.fraction
    assert f == pytest.approx(0.25, rel=0.02)
    assert electrode.porosity == pytest.approx(0.7 * (1.0 - f), rel=1e-6)
    # a cylinder of radius R: surface over volume 2/R, so a sphere of 3/2 R; the mesh is coarse
    diameter = 2e-6 * np.sqrt(f * 16.0 / np.pi) / 2.0  # of one disc in 4 um x 4 um
    assert host.radius == pytest.approx(1.5 * diameter, rel=0.05)
    # Rayleigh: insulating cylinders in a square array, up to f^4
    squeezed = (1.0 + f - 0.3058 * f**4) / (1.0 - f - 0.3058 * f**4)
    assert electrode.macmullin == pytest.approx(squeezed * 0.7**-1.5, rel=0.05)
    assert electrode.tortuosity == pytest.approx(electrode.porosity * electrode.macmullin)
    assert any(text.startswith("area of the cell") for text in exported.cell.assumed)


def test_what_goes_with_the_area_of_the_cell_is_that_of_the_cell(exported):
    cell = replace(exported.cell, area=0.01)
    bpx = bpx_data(cell)["Parameterisation"]["Cell"]
    names: dict[str, object] = {}
    text = pybamm_text(cell).partition("import pybamm\n\n")[2].partition("REFERENCES")[0]
    exec(compile(text, "numbers", "exec"), names)
    numbers = names["NUMBERS"]
    per_area = exported.cell.capacity / 3600.0  # [A h/m^2]
    assert bpx["Electrode area [m2]"] == 0.01
    for found in (bpx, numbers):
        assert found["Nominal cell capacity [A.h]"] == pytest.approx(0.01 * per_area)
    assert numbers["Current function [A]"] == pytest.approx(0.01 * per_area)
    area = numbers["Electrode height [m]"] * numbers["Electrode width [m]"]
    assert area == pytest.approx(0.01)
    contact = cell.materials.contact_resistance
    assert contact > 0.0
    assert numbers["Contact resistance [Ohm]"] == pytest.approx(contact / 0.01)


def test_other_programs_count_the_decay_of_a_hysteresis_twice(exported):
    cell = exported.cell
    (host,) = cell.working.hosts
    lithium = replace(host.lithium, **with_hysteresis(decay=7.0, initial=-1.0))
    working = replace(cell.working, hosts=(replace(host, lithium=lithium),))
    cell = replace(cell, working=working)
    electrode = bpx_data(cell)["Parameterisation"]["Negative electrode"]
    assert electrode["OCP hysteresis decay constant"] == 14.0
    for way in ("lithiation", "delithiation"):
        assert f'"Positive particle {way} hysteresis decay rate": 14.0' in pybamm_text(cell)
    assert '"Initial hysteresis state in positive electrode": -1.0' in pybamm_text(cell)


@pytest.mark.parametrize(("window", "charge"), [((0.1, 0.9), 0.25), ((0.9, 0.1), 0.75)])
def test_a_full_cell_is_charged_as_far_as_its_electrode_is_in_the_window(exported, window, charge):
    """Between the lithiations at the lowest and the highest voltage."""
    (host,) = exported.cell.working.hosts
    host = replace(host, start=0.3, window=window)
    working = replace(exported.cell.working, hosts=(host,))
    full = replace(exported.cell, working=working, counter=exported.cell.working)
    state = bpx_data(full)["State"]["Initial conditions"]
    assert state["Initial state-of-charge"] == pytest.approx(charge)


@pytest.mark.parametrize("end", ["Lithiate at 1 C until 10 mV", "Delithiate at 1 C until 1.2 V"])
def test_a_window_of_which_one_end_is_asked_for_has_the_other_of_the_potential(end):
    case = parse_case(TINY, "", [f"protocol=[{end}]"])
    materials = resolve_materials(case)
    low, high = known_voltages(case, materials)
    expected = (0.01, high) if "10 mV" in end else (low, 1.2)
    found, (told,) = _voltages(case, materials)
    assert found == pytest.approx(expected)
    assert "window of the voltage" in told


def test_a_bpx_file_has_the_laws_of_the_case(exported):
    data = json.loads(exported.json.read_text(encoding="utf-8"))
    assert data["Header"]["Model"] == "Partial"
    assert "assumed: area of the cell" in data["Header"]["Description"]
    values = data["Parameterisation"]["Negative electrode"]
    lithium = resolve_materials(parse_case(TINY)).phases["active"].lithium
    assert lithium is not None
    table = values["OCP [V]"]
    off = np.interp(STO, table["x"], table["y"]) - lithium.ocp(sto=STO, T=298.15)
    assert np.abs(off).max() < 1e-4
    k = values["Reaction rate constant [mol.m-2.s-1]"]
    i_0 = lithium.i_0(sto=STO, c_e=1000.0, T=298.15)
    np.testing.assert_allclose(FARADAY * k * np.sqrt(STO * (1.0 - STO)), i_0, rtol=1e-3)
    # PyBaMM takes the active share from surface and radius of spheres
    share = values["Surface area per unit volume [m-1]"] * values["Particle radius [m]"] / 3.0
    assert share == pytest.approx(exported.cell.working.hosts[0].fraction)


def test_what_is_exported_reads_back_as_the_same_material(exported, tmp_path):
    source = f"{{file: {exported.json}, electrode: negative}}"
    back = parse_case(
        TINY,
        "",
        [
            f"materials.active.bpx={source}",
            f"materials.electrolyte.bpx={{file: {exported.json}}}",
            f"materials.separator.bpx={{file: {exported.json}}}",
        ],
        tmp_path,
    )
    old, new = resolve_materials(parse_case(TINY)), resolve_materials(back)
    before, after = old.phases["active"].lithium, new.phases["active"].lithium
    assert before is not None
    assert after is not None
    assert after.c_max == before.c_max
    for T in (298.15, 313.15):
        state = {"sto": STO, "c_e": 900.0, "T": T}
        assert np.abs(after.ocp(**state) - before.ocp(**state)).max() < 2e-3
        np.testing.assert_allclose(after.i_0(**state), before.i_0(**state), rtol=1e-3)
        np.testing.assert_allclose(after.D_s(**state), before.D_s(**state), rtol=1e-6)
    # its kappa has no activation energy, and is written as it is at the temperature of the case
    state = {"c_e": 900.0, "T": 298.15}
    kappa = float(old.electrolyte.kappa(**state))
    assert new.electrolyte.kappa(**state) == pytest.approx(kappa, rel=3e-3)
    assert new.phases["separator"].ionic == old.phases["separator"].ionic


def fake_pybamm():
    """Return what the module uses of PyBaMM, on numbers."""
    return SimpleNamespace(
        Interpolant=lambda x, y, value, _name: np.interp(value, x, y),
        exp=np.exp,
        constants=SimpleNamespace(R=8.31446261815324),
    )


def test_a_module_for_pybamm_has_the_laws_of_the_case(exported, monkeypatch):
    monkeypatch.setitem(sys.modules, "pybamm", fake_pybamm())
    names: dict[str, object] = {}
    exec(compile(exported.module.read_text(encoding="utf-8"), "values", "exec"), names)
    values = names["get_parameter_values"]()
    case = parse_case(TINY)
    materials = resolve_materials(case)
    lithium, electrolyte = materials.phases["active"].lithium, materials.electrolyte
    off = values["Positive electrode OCP [V]"](STO) - lithium.ocp(sto=STO, T=298.15)
    assert np.abs(off).max() < 1e-4
    exchange = values["Positive electrode exchange-current density [A.m-2]"]
    c_max = lithium.c_max
    for c_e, T in ((1000.0, 298.15), (500.0, 313.15)):
        found = exchange(c_e, STO * c_max, c_max, T)
        np.testing.assert_allclose(found, lithium.i_0(sto=STO, c_e=c_e, T=T), rtol=2e-3)
        kappa = values["Electrolyte conductivity [S.m-1]"](c_e, T)
        assert kappa == pytest.approx(float(electrolyte.kappa(c_e=c_e, T=298.15)), rel=2e-3)
    start = values["Initial concentration in positive electrode [mol.m-3]"]
    assert start == pytest.approx(case.initial.lithiation * c_max)
    b = values["Positive electrode Bruggeman coefficient (electrolyte)"]
    N_M = values["Positive electrode porosity"] ** -b
    assert pytest.approx(exported.cell.working.macmullin) == N_M


def test_the_command_says_what_is_assumed_and_left_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    assert main(["export", "tiny.yaml", "--to", "bpx"]) == 0
    said = capsys.readouterr().out
    assert "assumed: radius of particles" in said
    assert "left out: double layers" in said
    assert "left out: how kappa" in said
    assert "swelling" not in said
    assert (tmp_path / "tiny_bpx.json").is_file()


@pytest.mark.parametrize(("mechanics", "said"), [("linear", "and stress"), ("finite", "flow")])
@pytest.mark.parametrize("told", [left_out_of_bpx, left_out_of_pybamm])
def test_swelling_is_told_to_be_left_out(exported, told, mechanics, said):
    (text,) = set(told(replace(exported.cell, mechanics=mechanics))) - set(told(exported.cell))
    assert text.startswith("swelling, ")
    assert said in text


def test_a_section_without_a_path_for_electrons_has_no_conductivity(tmp_path):
    path = tmp_path / "loose.yaml"
    binder = "\n    carbon_binder: {kind: none}\n  separator"
    path.write_text(TINY.replace("\n  separator", binder, 1), encoding="utf-8")
    with pytest.raises(GeometryError, match="no path for"):
        export_parameters(path, "bpx", tmp_path / "loose.json")


def test_a_law_is_sampled_as_closely_as_it_bends():
    curve = sampled(lambda x: np.exp(-50.0 * x), (0.0, 1.0), 1e-4)
    x = np.linspace(0.0, 1.0, 5001)
    assert np.abs(np.interp(x, curve.x, curve.y) - np.exp(-50.0 * x)).max() < 1.5e-4
    assert len(curve.x) < 250
    assert sampled(lambda x: 2.0 * x, (0.0, 1.0), 1e-6).constant is None


@pytest.mark.slow
def test_a_dfn_of_pybamm_takes_the_module(exported):
    """C/10 from the start to the lower end of the window: nearly all of the charge is taken."""
    pybamm = pytest.importorskip("pybamm")
    names: dict[str, object] = {}
    exec(compile(exported.module.read_text(encoding="utf-8"), "values", "exec"), names)
    values = pybamm.ParameterValues(names["get_parameter_values"]())
    model = pybamm.lithium_ion.DFN({"working electrode": "positive"})
    whole = values["Nominal cell capacity [A.h]"]
    found = pybamm.Simulation(model, parameter_values=values, C_rate=0.1).solve([0.0, 4e4])
    assert found["Discharge capacity [A.h]"].entries[-1] == pytest.approx(whole, rel=0.1)
