"""If these fail, a BPX file is misread, or refused without saying which key is wrong."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mesode.case.facts import material_facts
from mesode.config.dump import dump_case
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.errors import InputError
from support.tiny_case import TINY

T_FILE = 293.15  # [K] to which the rates of the file refer
STO = np.linspace(0.05, 0.95, 19)


def data(**changes):
    """Return a file of BPX 1.1 with one electrode, keys of that changed; None takes one out."""
    particle = {
        "Minimum stoichiometry": 0.1,
        "Maximum stoichiometry": 0.8,
        "Maximum concentration [mol.m-3]": 30000,
        "Particle radius [m]": 5e-6,
        "Surface area per unit volume [m-1]": 3e5,
        "Diffusivity [m2.s-1]": "1e-14 * (1 - 0.5 * x)",
        "Diffusivity activation energy [J.mol-1]": 30000,
        "OCP [V]": "0.5 - 0.4 * x - 0.01 * cosh(x)",
        "Entropic change coefficient [V.K-1]": "1e-4 * x",
        "Reaction rate constant [mol.m-2.s-1]": 2e-5,
        "Reaction rate constant activation energy [J.mol-1]": 20000,
    }
    particle = {k: v for k, v in (particle | changes).items() if v is not None}
    return {
        "Header": {"BPX": "1.1.0", "Title": "test", "Model": "Partial"},
        "Parameterisation": {
            "Cell": {"Reference temperature [K]": T_FILE},
            "Electrolyte": {
                "Cation transference number": 0.3,
                "Conductivity [S.m-1]": "0.1297*(x/1000)**3 - 2.51*(x/1000)**1.5 + 3.329*(x/1000)",
                "Diffusivity [m2.s-1]": {"x": [2000, 1000, 0], "y": [1e-10, 3e-10, 5e-10]},
            },
            "Separator": {"Thickness [m]": 2e-5, "Porosity": 0.5, "Transport efficiency": 0.3},
            "Positive electrode": {
                "Thickness [m]": 5e-5,
                "Porosity": 0.3,
                "Transport efficiency": 0.1,
                "Conductivity [S.m-1]": 1.0,
                **particle,
            },
        },
        "State": {"Initial conditions": {"Initial electrolyte concentration [mol.m-3]": 1200}},
    }


@pytest.fixture
def read(tmp_path):
    """Return a function that reads the tiny case with a BPX file for all that takes one."""

    def of(content, *overrides, host="electrode: positive"):
        (tmp_path / "cell.json").write_text(json.dumps(content), encoding="utf-8")
        sets = [f"materials.active.bpx={{file: cell.json, {host}}}"]
        sets += [f"materials.{k}.bpx={{file: cell.json}}" for k in ("electrolyte", "separator")]
        return parse_case(TINY, "", [*sets, *overrides], tmp_path)

    return of


def refused(read, content, **more):
    with pytest.raises(InputError) as error:
        read(content, **more)
    return str(error.value)


def warmed(T, E_a):
    return np.exp(E_a / GAS_CONSTANT * (1.0 / T_FILE - 1.0 / T))


@pytest.mark.parametrize("T", [298.15, 313.15])
def test_values_are_those_of_the_file_at_any_temperature(read, T):
    found = resolve_materials(read(data()))
    lithium, electrolyte = found.phases["active"].lithium, found.electrolyte
    assert lithium.c_max == 30000.0
    state = {"sto": STO, "c_e": 1000.0, "T": T}
    U = 0.5 - 0.4 * STO - 0.01 * np.cosh(STO) + 1e-4 * STO * (T - T_FILE)
    np.testing.assert_allclose(lithium.ocp(**state), U, atol=1e-12)
    D = 1e-14 * (1.0 - 0.5 * STO) * warmed(T, 30000.0)
    np.testing.assert_allclose(lithium.D_s(**state), D, rtol=1e-12)
    i_0 = FARADAY * 2e-5 * np.sqrt(1000.0 / 1200.0 * STO * (1.0 - STO)) * warmed(T, 20000.0)
    np.testing.assert_allclose(lithium.i_0(**state), i_0, rtol=2e-6)
    assert electrolyte.concentration == 1200.0
    assert electrolyte.kappa(c_e=1000.0, T=T) == pytest.approx(0.1297 - 2.51 + 3.329)
    assert electrolyte.D_e(c_e=1000.0, T=T) == pytest.approx(3e-10, rel=1e-6, abs=0)
    assert (electrolyte.t_plus(c_e=1.0, T=T), electrolyte.tdf(c_e=1.0, T=T)) == (0.3, 1.0)
    assert found.phases["separator"].ionic.macmullin == pytest.approx(1.0 / 0.3)


def test_what_the_case_gives_comes_before_the_file_and_is_kept(read):
    case = read(data(), "materials.active.c_max=20000 mol/m^3")
    assert resolve_materials(case).phases["active"].lithium.c_max == 20000.0
    assert parse_case(dump_case(case)) == case
    notes = material_facts(case).notes
    assert any("active: from cell.json, BPX 1.1.0 (test)" in text for text in notes)


def test_both_branches_and_the_constant_of_their_hysteresis_are_read(read):
    branches = {"OCP (lithiation) [V]": "0.4 - 0.3*x", "OCP (delithiation) [V]": "0.6 - 0.3*x"}
    content = data(**branches, **{"OCP hysteresis decay constant": 20.0})
    case = read(content, "materials.active.hysteresis={initial: -1}")
    lithium = resolve_materials(case).phases["active"].lithium
    assert lithium.hysteresis.decay == 10.0
    assert lithium.ocp(sto=0.5) == pytest.approx(0.25)
    assert any("dU/dT of the BPX file is left out" in t for t in material_facts(case).notes)


def test_a_potential_that_rises_outside_the_window_is_taken_inside_it(read):
    case = read(data(**{"OCP [V]": "0.5 - 0.4*x + 0.5*(x - 0.8)*(1 + tanh(50*(x - 0.9)))"}))
    ocp = resolve_materials(case).phases["active"].lithium.ocp
    assert ocp.valid["sto"] == (0.1, 0.8)
    assert ocp(sto=0.5) == pytest.approx(0.3, abs=1e-6)


def test_one_material_of_a_blend_is_asked_for(read):
    content = data()
    electrode = content["Parameterisation"]["Positive electrode"]
    electrode["Particle"] = {"Large": dict(electrode), "Small": dict(electrode)}
    assert "is a blend: expected one of Large, Small" in refused(read, content)
    case = read(content, host="electrode: positive, particle: Small")
    assert resolve_materials(case).phases["active"].lithium.c_max == 30000.0


def test_files_of_the_first_format_have_the_salt_elsewhere(read):
    content = data()
    content["Header"]["BPX"] = 0.4
    content.pop("State")
    content["Parameterisation"]["Electrolyte"]["Initial concentration [mol.m-3]"] = 1100
    assert resolve_materials(read(content)).electrolyte.concentration == 1100.0


def test_what_is_wrong_is_told_with_its_key(read):
    content = data(**{"Maximum concentration [mol.m-3]": None, "OCP [V]": "foo(x)"})
    del content["Parameterisation"]["Separator"]
    told = refused(read, content)
    assert "Maximum concentration [mol.m-3]: required key is missing" in told
    assert "the file has no Separator; it has Cell, Electrolyte, Positive electrode" in told
    assert "'foo' is not allowed" in refused(read, data(**{"OCP [V]": "foo(x)"}))
    assert "no Negative electrode" in refused(read, data(), host="electrode: negative")


def test_other_versions_and_other_files_are_refused(read):
    content = data()
    content["Header"]["BPX"] = "2.0.0"
    told = refused(read, content)
    assert "materials.active.bpx.file: the file is of BPX 2.0.0; the versions 0.x and 1.x" in told
    assert "expected a BPX file, with Header" in refused(read, {"a": 1})
    assert "expected a BPX file, with Header" in refused(read, {"Header": {"BPX": "1.0"}})
