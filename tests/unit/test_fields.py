"""If these fail, a writer or a figure names a field, its unit or its colours wrongly."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.mathtext
import pytest

from mesode.fields import FIELDS, Group


def test_groups_hold_what_readers_expect():
    assert {f.key for f in FIELDS.values() if f.group is Group.IONIC} == {
        "c_e",
        "phi_e",
        "i_e",
        "N_e",
    }
    assert FIELDS["sto"].group is Group.ACTIVE
    assert {k for k, f in FIELDS.items() if f.vector} == {"i_s", "i_e", "N_e", "u"}


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("sto", "Lithiation $x$"),
        ("von_mises", r"Von Mises stress $\sigma_\mathrm{vM}$ [MPa]"),
        ("c_e", "Salt concentration $c_e$ [mol/m³]"),
        ("u", "Displacement $|u|$ [µm]"),
    ],
)
def test_label(key, label):
    assert FIELDS[key].label == label


def test_shown_values_agree_with_shown_unit():
    assert FIELDS["sigma_h"].shown_factor * 3e6 == pytest.approx(3.0)
    assert FIELDS["phi_e"].shown_factor * 0.01 == pytest.approx(10.0)


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_matplotlib_can_draw_it(field):
    assert field.colormap in mpl.colormaps
    mpl.mathtext.MathTextParser("path").parse(field.label)
