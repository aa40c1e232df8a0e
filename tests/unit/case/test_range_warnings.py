"""If these fail, a run computes with laws that nobody has measured there, and says nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from mesode.case.range_warnings import _swelling, range_warnings
from mesode.materials.presets import get_preset
from mesode.materials.properties import Ionic, Layer

HOSTS = {name: get_preset("active", name) for name in ("graphite", "NMC811")}
ELECTROLYTE = get_preset("electrolyte", "LiPF6_EC_EMC")


def cell(*hosts, layers=(), sei=()):
    """A cell without mechanics, as far as the warnings look at it."""
    known = replace(ELECTROLYTE.kappa, name="kappa of a test", valid={"c_e": (200.0, 2000.0)})
    materials = SimpleNamespace(
        electrolyte=replace(ELECTROLYTE, kappa=known),
        lithium=lambda host: HOSTS[host].lithium,
        layer=lambda host: Layer(fraction=0.5, radius=1e-6),
        ionic=lambda host: Ionic(porosity=0.3, macmullin=6.0),
        sei=dict.fromkeys(sei),
    )
    return SimpleNamespace(materials=materials, hosts=hosts, layers=layers, mechanics=None)


def extremes(**ends):
    """Extremes of a run; ``Max_Lithiation_NMC811=(value, time, step)``."""
    found = {
        "Min Salt Concentration / mol.m-3": (900.0, 1.0, 1),
        "Max Salt Concentration / mol.m-3": (1100.0, 1.0, 1),
        "Min Lithiation / 1": (0.4, 0.0, 1),
        "Max Lithiation / 1": (0.6, 9.0, 1),
    }
    for name, value in ends.items():
        unit = "mol.m-3" if "Salt" in name else "m" if "SEI" in name else "1"
        found[f"{name.replace('_', ' ')} / {unit}"] = value
    return {
        name: {f"{key}{end}": v for end in ("min", "max")
               for key, v in zip(("", "t_", "step_"), values, strict=True)}
        for name, values in found.items()
    }  # fmt: skip


def test_within_all_ranges_there_is_nothing_to_say():
    assert range_warnings(cell("graphite"), extremes()) == ()


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [("Min_Salt_Concentration", 150.0, "falls to 150"),
     ("Max_Salt_Concentration", 2500.0, "rises to 2500")],
)  # fmt: skip
def test_salt_beyond_a_law_is_told_with_its_moment(column, value, told):
    found = range_warnings(cell("graphite"), extremes(**{column: (value, 1234.5, 2)}))
    text = next(text for text in found if "kappa of a test" in text)
    assert text.startswith(f"the salt concentration {told} mol/m^3 (at 1234.5 s, in step 2)")
    assert text.endswith("known from 200 to 2000 mol/m^3")


def test_a_hundredth_of_the_range_is_spared():
    assert range_warnings(cell("graphite"), extremes(Max_Salt_Concentration=(2010.0, 1, 1))) == ()


def test_each_host_is_judged_by_its_own_lithiation():
    ends = extremes(
        Min_Lithiation_graphite=(0.05, 1.0, 1),
        Max_Lithiation_graphite=(0.95, 1.0, 1),
        Min_Lithiation_NMC811=(0.1, 50.0, 3),
        Max_Lithiation_NMC811=(0.8, 1.0, 1),
    )
    found = [t for t in range_warnings(cell("graphite", "NMC811"), ends) if "nmc811" in t]
    assert found[0].startswith("the lithiation of NMC811 falls to 0.1 (at 50 s, in step 3)")
    assert not any("of graphite" in text and "ocp" in text for text in found)


def test_a_film_that_would_fill_the_pores_of_a_layer_is_told():
    """1.5 m^2 of particles in a cm^3, 100 nm thick: half of 30 % of pores."""
    ends = extremes(Mean_SEI_Thickness=(1e-7, 600.0, 1))
    layer = cell("graphite", layers=("graphite",), sei=("graphite",))
    (text,) = range_warnings(layer, ends)
    assert text.startswith("the SEI in graphite has 50 % of the volume of the pores (at 600 s")
    assert range_warnings(layer, extremes(Mean_SEI_Thickness=(2e-8, 600.0, 1))) == ()
    assert range_warnings(cell("graphite", sei=("graphite",)), ends) == ()


def test_of_several_films_each_is_judged_by_its_own_thickness():
    """The mean of both would say nothing of the layer, nor blame a particle that is drawn."""
    ends = extremes(
        Mean_SEI_Thickness=(1e-9, 600.0, 1),
        Mean_SEI_Thickness_graphite=(1e-7, 500.0, 2),
        Mean_SEI_Thickness_NMC811=(1e-6, 600.0, 1),
    )
    both = cell("graphite", "NMC811", layers=("graphite",), sei=("graphite", "NMC811"))
    (text,) = range_warnings(both, ends)
    assert text.startswith("the SEI in graphite has 50 % of the volume of the pores (at 500 s")
    layers = cell("graphite", "NMC811", layers=("graphite", "NMC811"), sei=("graphite", "NMC811"))
    assert len(range_warnings(layers, ends)) == 2


@pytest.mark.parametrize(
    ("column", "value", "told", "advice"),
    [("Max Swelling / 1", 1.68, "swells by 168 %", "mechanics: finite"),
     ("Min Swelling / 1", -0.5, "shrinks by 50 %", "mechanics: finite"),
     ("Min Swelling / 1", -1.68, "shrinks by 168 %", "begin at less lithiation")],
)  # fmt: skip
def test_a_host_cannot_give_more_than_its_volume(column, value, told, advice):
    """Finite mechanics refuses that, so it is no way out."""
    ends = {"Max Swelling / 1": (0.0, 0.0, 1), "Min Swelling / 1": (0.0, 0.0, 1)}
    ends[column] = (value, 70.0, 2)
    found = {
        name: {"min": v, "max": v, "t_min": t, "t_max": t, "step_min": s, "step_max": s}
        for name, (v, t, s) in ends.items()
    }
    (text,) = _swelling("active", found)
    assert text.startswith(f"active {told} of its volume (at 70 s, in step 2)")
    assert text.endswith(advice)


def test_a_run_without_a_row_has_no_extremes():
    assert range_warnings(cell("graphite"), {}) == ()
