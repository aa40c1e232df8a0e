"""If these fail, a key that changes nothing is taken as if it did, or one that does is held up."""

from __future__ import annotations

import pytest

from mesode.config.dump import case_hash, dump_case
from mesode.config.idle_keys import idle_warnings
from mesode.config.load import parse_case
from mesode.config.starter import STARTERS, starter_text
from mesode.errors import InputError
from support.plain_case import plain_text

HALF, LAYERS, FILM = (
    plain_text("test"),
    starter_text("test", "layers"),
    starter_text("test", "sei"),
)
BRANCHED = "materials.active.ocp={lithiation: sio_1_lithiation, delithiation: sio_1_delithiation}"
HYSTERESIS = "materials.active.hysteresis="
LAYER = "geometry.electrode.layer."


def case(*changes, text=HALF, varied=()):
    return parse_case(text, "case.yaml", changes, varied=varied)


def refused(*changes, text=HALF):
    with pytest.raises(InputError) as caught:
        case(*changes, text=text)
    return {problem.path: str(problem) for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("changes", "path", "said", "text"),
    [
        ([f"{HYSTERESIS}{{model: none, li15si4: {{}}}}"], "li15si4", "hysteresis is none", HALF),
        (["physics.top={pressure: 1 MPa}"], "physics.top", "mechanics is none", HALF),
        (["physics.top={height: 20 um}"], "physics.top", "to finite", HALF),
        (["physics.collector={thickness: 5 um}"], "physics.collector", "to finite", HALF),
        (["materials.carbon_binder.network={}"], "network", "to finite", HALF),
        (["materials.coating={preset: carbon_coating}"], "coating", "no coating", HALF),
        (["materials.foil={preset: copper}"], "foil", "no collector", HALF),
        (["initial={counter_lithiation: 0.5}"], "counter_lithiation", "lithium metal", HALF),
        (["initial={voltage: 0.2 V, lithiation: 0.5}"], "lithiation", "half cell", HALF),
        (["numerics.petsc={mat_mumps_cntl_7: 1e-6}"], "cntl_7", "icntl_35", HALF),
        (["numerics.petsc={ksp_type: bcgs, ksp_gmres_restart: 9}"], "restart", "gmres", HALF),
    ],
)  # fmt: skip
def test_a_key_against_the_choice_beside_it_is_refused(changes, path, said, text):
    ((where, problem),) = refused(*changes, text=text).items()
    assert where.endswith(path)
    assert said in problem


@pytest.mark.parametrize(
    ("changes", "said", "text"),
    [
        (["physics.section=plane_strain"], ["physics.section: no effect", "to linear"], HALF),
        (["numerics.displacement_degree=1"], ["numerics.displacement_degree"], HALF),
        (
            [
                "physics={temperature: 25 degC}",
                "materials.active.E=50 GPa",
                "materials.active.volumetric_expansion=1",
            ],
            ["materials.active.E, materials.active.volumetric_expansion", "none by default"],
            HALF,
        ),
        (
            ["physics.mechanics=linear", "materials.carbon_binder.yield_strength=20 MPa"],
            ["materials.carbon_binder.yield_strength", "nothing flows", "to finite"],
            HALF,
        ),
        (
            ["physics={mechanics: linear, stress_coupling: one_way, stress_flux: ideal_solution}"],
            ["physics.stress_flux", "one_way"],
            HALF,
        ),
        (
            [f"{HYSTERESIS}{{model: none, decay: 5}}"],
            ["materials.active.hysteresis.decay: no effect"],
            HALF,
        ),
        (
            [
                BRANCHED.replace("}", ", use: delithiation}"),
                f"{HYSTERESIS}{{model: one_state}}",
            ],
            ["materials.active.ocp: its key 'use'", "hysteresis.initial"],
            HALF,
        ),
        (
            [BRANCHED, f"{HYSTERESIS}{{model: instant, decay: 5, initial: 1}}"],
            ["hysteresis.decay, materials.active.hysteresis.initial", "'instant'", "one_state"],
            HALF,
        ),
        (
            ["physics.thermal={convection: 0 W/m^2/K, ambient: 30 degC}"],
            ["physics.thermal.ambient", "insulated"],
            HALF,
        ),
        (
            [f"{LAYER}{key}" for key in ("bruggeman=2", "macmullin=7", "sigma=1 S/m")],
            ["bruggeman", "given both"],
            LAYERS,
        ),
        (
            ["materials.sei.law=reaction_limited", "materials.sei.D_solvent=1e-20 m^2/s"],
            ["materials.sei.D_solvent", "ec_reaction_limited"],
            FILM,
        ),
        (
            ["materials.sei.law=solvent_diffusion_limited", "materials.sei.U_sei=0.5 V"],
            ["materials.sei.U_sei", "ec_reaction_limited"],
            FILM,
        ),
        (["materials.host_contact={resistance: 1e-3 ohm*m^2}"], ["could touch"], HALF),
        (["geometry.cell_area=10 cm^2"], ["geometry.cell_area", "whole cell"], HALF),
        (
            [
                "physics.thermal={convection: 0 W/m^2/K}",
                "protocol.1={step: Rest for 1 hour, temperature: 40 degC}",
            ],
            ["protocol: the temperature of its steps"],
            HALF,
        ),
        (
            [
                "physics.mechanics=finite",
                "geometry.electrode.carbon_binder=none",
                "materials.active.adhesion_strength=20 MPa",
                "materials.active.adhesion_toughness=1 J/m^2",
            ],
            ["adhesion_strength, ", "touches"],
            HALF,
        ),
        (
            [
                "geometry.electrode.coating={integrity: 1, defect: 1 um}",
                "materials.coating={preset: carbon_coating}",
            ],
            ["geometry.electrode.coating.defect: no effect", "holes"],
            HALF,
        ),
        (["materials.sei.on_coating=false"], ["materials.sei.on_coating", "no coating"], FILM),
        ([f"{LAYER}inside=uniform", "materials.active.D_s=1e-14 m^2/s"], ["D_s", "even"], LAYERS),
        (["mesh.surface=0.1 um"], ["mesh.surface", "no particle"], LAYERS),
    ],
)
def test_a_key_that_waits_for_another_choice_is_warned_of(changes, said, text):
    plain = idle_warnings(case(text=text))
    (warning,) = (each for each in idle_warnings(case(*changes, text=text)) if each not in plain)
    for words in said:
        assert words in warning


def test_what_has_an_effect_is_not_told():
    assert idle_warnings(case("protocol.0=Lithiate at 10 mA until 10 mV",
                              "geometry.cell_area=10 cm^2")) == ()  # fmt: skip
    assert idle_warnings(case("physics.mechanics=linear", "materials.active.E=50 GPa")) == ()
    cracks = ["materials.sei.crack_strain=0.1", "materials.active.volumetric_expansion=1"]
    assert idle_warnings(case(*cracks, text=FILM)) == idle_warnings(case(text=FILM))
    assert idle_warnings(case(BRANCHED, f"{HYSTERESIS}{{decay: 5, initial: 1}}")) == ()


def test_a_default_is_not_told():
    """As a resolved case has them all."""
    changes = [
        "physics={section: automatic, stress_coupling: two_way}",
        "numerics={tolerance: 1e-4}",
    ]
    assert idle_warnings(case(*changes)) == ()
    again = parse_case(dump_case(case()), "config.yaml")
    assert idle_warnings(again) == ()


def test_a_material_may_stay_as_it_is_where_mechanics_is_switched_off():
    changes = ["materials.active.E=50 GPa", "materials.active.yield_strength=1 GPa"]
    assert len(idle_warnings(case("physics={}", *changes))) == 1
    assert idle_warnings(case("physics.mechanics=none", *changes)) == ()


@pytest.mark.parametrize("kind", [each for each in STARTERS if each not in ("study",)])
def test_a_starter_is_free_of_keys_without_effect(kind):
    text = starter_text("test", kind)
    if "@COMPANION@" in text or "image:" in text or "mesh: {file" in text or "file:" in text:
        pytest.skip("needs a file beside it")
    assert idle_warnings(case(text=text)) == ()


class TestAStudyThatVariesTheChoice:
    """There the key has an effect in some cases, and none in others."""

    changes = (
        "physics.mechanics=linear",
        "materials.carbon_binder.adhesion_strength=20 MPa",
        "materials.carbon_binder.adhesion_toughness=1 J/m^2",
        "materials.carbon_binder.network={}",
        "physics.top={height: 20 um}",
        "materials.active.yield_strength=1 GPa",
    )

    def test_is_let_through(self):
        assert len(refused(*self.changes)) == 4
        found = case(*self.changes, varied=["physics.mechanics"])
        assert idle_warnings(found, ["physics.mechanics"]) == ()
        assert found.physics.mechanics == "linear"

    def test_another_key_does_not_help(self):
        with pytest.raises(InputError):
            case(*self.changes, varied=["materials.carbon_binder.E", "physics.temperature"])

    def test_its_cases_can_be_read_again(self):
        found = case(*self.changes, varied=["physics"])
        again = parse_case(dump_case(found), "config.yaml")
        assert case_hash(again) == case_hash(found)
        assert again.physics.top == "free"
        assert again.materials.carbon_binder.network is None
        assert again.materials.carbon_binder.adhesion_strength is None
        assert dump_case(again) == dump_case(found)
