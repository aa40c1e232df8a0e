"""If this fails, a microstructure is built otherwise than its file says, or a slip goes unseen."""

from __future__ import annotations

import pytest
import yaml

from mesode.config.consistency import unused_materials
from mesode.config.dump import case_hash, dump_case
from mesode.config.load import parse_case
from mesode.config.particles import EllipseShape, SolidInside
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError
from support.plain_case import plain_text

BLEND = """
geometry:
  width: 40 um
  electrode:
    thickness: 16.7 um
    particles:
      - {fraction: 0.3, diameter: 3 um, shape: {kind: ellipse, aspect: 1.5}, material: silicon}
      - fraction: 0.2
        diameter: {median: 5 um, spread: 0.2}
        shape: {kind: polygon, corners: 5, rounding: 0.2}
        material: graphite
        inside: {kind: core_shell, core: 0.6, material: silicon}
    packing: {gap: 0.1 um, clustering: 0.3}
    carbon_binder:
      - {kind: film, thickness: 0.05 um, material: pvdf}
      - {kind: bridges, radius: 0.4 um}
      - {kind: patches, coverage: 0.4, thickness: 0.15 um, length: 1 um, seed: 4}
    coating: {integrity: 0.952}
    collector: 10 um
  separator: {thickness: 25 um}
  counter:
    thickness: 30 um
    particles: {fraction: 0.5, diameter: 6 um, inside: {kind: hollow, void: 0.2}}
    carbon_binder: none
mesh: {size: 0.8 um, interface: 0.2 um}
materials:
  active: {silicon: {preset: silicon}, graphite: {preset: graphite}}
  carbon_binder: {cbd: {preset: CMC_SBR_SuperP}, pvdf: {preset: PVDF}}
  coating: {preset: carbon_coating, thickness: 20 nm, i_0_ref: 2 A/m^2}
  foil: {preset: copper}
  counter: {active: {preset: NMC811}}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
protocol: [Rest for 10 minutes]
"""
ELECTRODE = "geometry.electrode"


def case(*overrides, text=BLEND):
    return parse_case(text, "case.yaml", overrides)


def refused(*overrides, text=BLEND):
    with pytest.raises(InputError) as caught:
        case(*overrides, text=text)
    return {problem.path: str(problem) for problem in caught.value.problems}


def test_one_population_and_a_list_of_one_are_the_same():
    starter = yaml.safe_load(plain_text("x"))
    alone = parse_case(starter)
    starter["geometry"]["electrode"]["particles"] = [starter["geometry"]["electrode"]["particles"]]
    assert parse_case(starter) == alone
    assert yaml.safe_load(dump_case(alone))["geometry"]["electrode"]["particles"] == {
        "fraction": 0.45, "diameter": "3 um", "gap": "0.1 um", "seed": 1
    }  # fmt: skip


def test_gap_and_seed_stand_with_the_population_or_in_packing():
    starter = yaml.safe_load(plain_text("x"))
    electrode = starter["geometry"]["electrode"]
    electrode["particles"] = {"fraction": 0.4, "diameter": "3 um", "seed": 3}
    electrode["packing"] = {"gap": "0.2 um"}
    shape = parse_case(starter).geometry.electrode
    assert (shape.gap, shape.seed) == (0.2e-6, 3)
    shape = case().geometry.electrode
    assert (shape.gap, shape.seed) == (0.1e-6, 1)


def test_what_a_file_leaves_out_is_a_solid_disc_and_is_not_written():
    particles = parse_case(plain_text("x")).geometry.electrode.particles[0]
    assert particles.shape.kind == "disc"
    assert particles.inside == SolidInside(kind="solid")
    assert "shape" not in dump_case(parse_case(plain_text("x")))


def test_config_of_a_run_repeats_it():
    assert parse_case(dump_case(case())) == case()
    assert case_hash(parse_case(dump_case(case()))) == case_hash(case())


def test_shapes_are_read():
    first, second = case().geometry.electrode.particles
    assert first.shape == EllipseShape(kind="ellipse", aspect=1.5)
    assert (second.shape.corners, second.shape.rounding) == (5, 0.2)
    assert (second.inside.core, second.inside.material) == (0.6, "silicon")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ("coating.integrity=1.2", "", ["at least 0 and at most 1", "got 1.2"]),
        ("coating.defect=0.5", "", ["with its unit"]),
        ("packing.contact=3.5 um", "", ["below the smallest diameter, 3 um"]),
        ("packing.clustering=2", "", ["at most 1"]),
        ("packing.cluster_diameter=4 um", "", ["either clustering or cluster_diameter"]),
        ("particles.0.gap=0.1 um", "particles[0].gap", ["given in packing already"]),
        ("particles.0.fraction=0.6", "particles", ["at most 0.65 together", "0.8"]),
        ("particles.0.material=silicium", "particles[0].material", ["'silicon'?", "graphite"]),
        ("particles.0.shape=disk", "particles[0].shape", ["Did you mean 'disc'?"]),
        ("particles.0.shape.kind=elipse", "particles[0].shape.kind", ["'ellipse'?"]),
        ("particles.0.shape.aspekt=2", "particles[0].shape.aspekt", ["Did you mean 'aspect'?"]),
        ("particles.0.shape.aspect=0.5", "particles[0].shape.aspect", ["at least 1"]),
        ("particles.0.inside={void: 0.2}", "particles[0].inside.kind", ["'hollow'", "missing"]),
        (
            "particles.1.inside={kind: hollow, void: 1}",
            "particles[1].inside.void",
            ["below 1", "got 1"],
        ),
        (
            "particles.1.inside.material=steel",
            "particles[1].inside.material",
            ["materials.active or materials.carbon_binder", "pvdf"],
        ),
        (
            "particles.0.inside={kind: porous, fraction: 0.2, diameter: 4 um}",
            "particles[0].inside.diameter",
            ["below the smallest diameter, 3 um"],
        ),
        (
            "particles.0.inside={kind: yolk_shell, shell: 2 um, material: cbd, void: 0.3, "
            "contact: 5 um}",
            "particles[0].inside.shell",
            ["smallest radius, 1.5 um"],
        ),
        ("particles=[]", "particles", ["at least one"]),
        ("carbon_binder.0.thickness=0.3 um", "carbon_binder[0].thickness", ["the gap, 0.1 um"]),
        ("carbon_binder.0.fraction=0.1", "carbon_binder[0].fraction", ["either", "not both"]),
        ("carbon_binder.1={kind: bridges}", "carbon_binder[1].fraction", ["fraction or radius"]),
        ("carbon_binder.1=matrix", "carbon_binder[1]", ["'matrix' as the last"]),
        ("carbon_binder.2=none", "carbon_binder[2]", ["beside other shapes"]),
        ("carbon_binder.0.material=pvdv", "carbon_binder[0].material", ["Did you mean 'pvdf'?"]),
        (
            "carbon_binder.1={kind: clusters, fraction: 0.6, diameter: 1 um}",
            "carbon_binder",
            ["at most 1 together", "1.1"],
        ),
        ("carbon_binder.2.coverage=1.5", "carbon_binder[2].coverage", ["at most 1"]),
        ("carbon_binder.2.lenght=1 um", "carbon_binder[2].lenght", ["'length'?"]),
        ("thickness=4 um", "thickness", ["largest particle"]),
    ],
)
def test_a_slip_in_the_electrode_is_named(change, path, said):
    problems = refused(f"{ELECTRODE}.{change}")
    path = f"{ELECTRODE}.{path or change.partition('=')[0]}"
    assert path in problems
    for words in said:
        assert words in problems[path]


def test_several_slips_of_one_block_are_told_together():
    problems = refused(
        f"{ELECTRODE}.packing.contact=3.5 um",
        f"{ELECTRODE}.thickness=4 um",
    )
    assert set(problems) == {f"{ELECTRODE}.packing.contact", f"{ELECTRODE}.thickness"}


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ("geometry.electrode.coating=", "materials.coating", "no coating"),
        ("geometry.electrode.collector=", "materials.foil", "no collector"),
        ("materials.coating=", "materials.coating", "required key is missing"),
        ("materials.foil=", "materials.foil", "required key is missing"),
        ("materials.counter={preset: lithium_metal}", "materials.counter.active", "missing"),
        ("geometry.counter=lithium", "materials.counter", "the counter electrode is lithium"),
        ("materials.carbon_binder=", "materials.carbon_binder", "required key is missing"),
        ("geometry.counter.carbon_binder=matrix", "materials.counter.carbon_binder", "missing"),
        ("materials.active.pore={preset: silicon}", "materials.active.pore", "of its own"),
        ("materials.active.cbd={preset: silicon}", "materials.carbon_binder.cbd", "already"),
        ("materials.active.silicon.sgima=1", "materials.active.silicon.sgima", "'sigma'?"),
        ("materials.active={D_s: 1e-14 m^2/s}", "materials.active.preset", "missing"),
        ("materials.counter.active.preset=NMC", "materials.counter.active.preset", "NMC811"),
        ("materials.counter.active.nu=0.7", "materials.counter.active.nu", "below 0.5"),
        ("materials.coating.thickness=2 um", "materials.coating.thickness", "at most 1 um"),
        ("materials.coating.i_0=2 A/m^2", "materials.coating.i_0_ref", "not both"),
        ("geometry.counter.particles.diamter=3", "geometry.counter.particles.diamter", "diameter"),
        ("mesh.size=3 um", "mesh.size", "smallest particle diameter, 3 um"),
        ("geometry.width=5 um", "geometry.width", "largest particle"),
    ],
)
def test_what_does_not_go_together_is_named(change, path, said):
    assert said in refused(change)[path]


def test_a_material_that_cannot_be_changed_is_named_by_its_path():
    change = "materials.carbon_binder.pvdf.macmullin=3"
    assert "no pores" in refused(change)["materials.carbon_binder.pvdf.macmullin"]


def test_materials_of_every_phase():
    found = resolve_materials(case())
    assert list(found.phases) == [
        "silicon", "graphite", "cbd", "pvdf", "collector", "pore", "counter_pore",
        "counter_void", "separator", "counter_active",
    ]  # fmt: skip
    assert found.hosts() == ("silicon", "graphite")
    assert found.hosts("counter_") == ("counter_active",)
    assert found.binders() == ("cbd", "pvdf")
    assert found.phases["counter_active"].name == "NMC811"
    assert found.phases["collector"].name == "copper"
    assert found.counter is None
    assert set(found.coatings) == {"silicon", "graphite"}
    assert (found.coatings["silicon"].thickness, found.coatings["silicon"].i_0_ref) == (20e-9, 2.0)


def test_void_has_no_property_and_pores_are_all_electrolyte():
    phases = resolve_materials(case()).phases
    void, pore = phases["counter_void"], phases["counter_pore"]
    assert (void.lithium, void.electronic, void.ionic, void.mechanical) == (None,) * 4
    assert (pore.ionic.porosity, pore.ionic.macmullin, pore.electronic) == (1.0, 1.0, None)


def test_materials_that_nothing_is_made_of_are_told():
    assert unused_materials(case()) == ()
    spare = case("materials.carbon_binder.spare={preset: PAA}")
    assert unused_materials(spare) == ("materials.carbon_binder.spare is not used by the geometry",)
    assert "spare" not in resolve_materials(spare).phases
    bare = parse_case(plain_text("x"), overrides=[f"{ELECTRODE}.carbon_binder.kind=none"])
    assert unused_materials(bare) == ("materials.carbon_binder is not used by the geometry",)
