"""If these fail, a measured curve in a file is refused, misread, or smoothed without a word."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesode.case.facts import material_facts
from mesode.config.dump import case_hash, dump_case, json_schema
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.errors import InputError
from mesode.materials.library import get_law
from support.tiny_case import TINY

CURVE = get_law("ocp", "graphite_lgm50")
STO = np.linspace(0.01, 0.95, 60)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a CSV file of a curve."""

    def to(name="u.csv", noise=0.0, head="sto,U / mV,T", mark=",", rows=STO):
        values = CURVE(sto=rows) + noise * np.random.default_rng(1).standard_normal(len(rows))
        lines = [f"{x:.9f}{mark}{1e3 * u:.9f}{mark}25" for x, u in zip(rows, values, strict=True)]
        if mark == ";":
            lines = [line.replace(".", ",") for line in lines]
        text = "\n".join(["# measured at C/50", head.replace(",", mark), *lines])
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")

    to.folder = tmp_path
    return to


def case(write, law):
    return parse_case(TINY, "", [f"materials.active.ocp={law}"], write.folder)


def potential(asked):
    return resolve_materials(asked).phases["active"].lithium.ocp


def refused(write, law):
    with pytest.raises(InputError) as caught:
        case(write, law)
    return str(caught.value)


@pytest.mark.parametrize("mark", [",", ";", "\t", " "])
@pytest.mark.parametrize("columns", ["", "columns: [1, 2], ", "columns: [sto, U / mV], "])
def test_columns_are_read_by_name_or_number_whatever_sets_them_apart(write, mark, columns):
    if mark == " " and "U / mV" in columns:
        columns = "columns: [sto, U], "
    write(mark=mark, head="sto,U,T" if mark == " " else "sto,U / mV,T")
    law = potential(case(write, f"{{csv: u.csv, {columns}of: sto, unit: mV}}"))
    assert law(sto=STO, T=298.15) == pytest.approx(CURVE(sto=STO), abs=1e-7)
    assert law.name == "u.csv"
    assert not law.note


def test_a_file_needs_no_header_and_may_stand_under_table(write):
    write(head="# no names")
    law = potential(case(write, "{table: u.csv, unit: mV}"))
    assert law(sto=0.4, T=298.15) == pytest.approx(CURVE(sto=0.4), abs=1e-4)


def test_noise_is_smoothed_and_told(write):
    write(noise=5e-4)
    asked = case(write, "{csv: u.csv, unit: mV}")
    law = potential(asked)
    assert np.abs(law(sto=STO, T=298.15) - CURVE(sto=STO)).max() < 2e-3
    assert np.all(np.diff(law(sto=np.linspace(0.0, 1.0, 501), T=298.15)) < 0.0)
    (note,) = [text for text in material_facts(asked).notes if "u.csv" in text]
    assert "60 points smoothed to" in note
    assert "mV (rms" in note


def test_noise_in_the_file_itself_is_smoothed_as_well():
    points = [[0.0, 0.9], [0.3, 0.2002], [0.4, 0.2004], [0.9, 0.05]]
    asked = parse_case(TINY, "", [f"materials.active.ocp={{table: {points}, unit: V}}"])
    assert potential(asked)(sto=0.35, T=298.15) == pytest.approx(0.2003, abs=1e-3)


def test_too_much_noise_is_refused_with_its_size_and_what_to_do(write):
    write(noise=2e-2)
    text = refused(write, "{csv: u.csv, unit: mV}")
    for part in ("ocp.csv", "falls with the lithiation", "more than the 5 mV", "deviation: "):
        assert part in text
    allowed = text.rpartition("deviation: ")[2].strip()
    asked = case(write, f"{{csv: u.csv, unit: mV, deviation: {allowed}}}")
    assert "smoothed" in potential(asked).note


def test_the_resolved_case_reads_back_and_its_hash_is_that_of_the_content(write, tmp_path):
    write(noise=5e-4)
    law = "{csv: u.csv, columns: [1, 2], unit: mV, deviation: 4 mV}"
    asked = case(write, law)
    assert parse_case(dump_case(asked)) == asked
    write(name="copy.csv", noise=5e-4)
    assert case_hash(case(write, law.replace("u.csv", "copy.csv"))) == case_hash(asked)
    write(name="copy.csv", noise=4e-4)
    assert case_hash(case(write, law.replace("u.csv", "copy.csv"))) != case_hash(asked)


def test_any_law_may_come_from_a_file(write):
    (write.folder / "d.csv").write_text("x;D / cm2/s\n0;4e-9\n1;2e-9\n")
    change = "materials.active.D_s={csv: d.csv, unit: cm^2/s, method: linear}"
    D_s = resolve_materials(parse_case(TINY, "", [change], write.folder)).phases["active"]
    assert D_s.lithium.D_s(sto=0.5, T=298.15) == pytest.approx(3e-13, rel=1e-6, abs=0)
    change = "materials.electrolyte.kappa={table: [[500, 0.5], [1500, 1.5]], of: c_e, unit: S/m}"
    kappa = resolve_materials(parse_case(TINY, "", [change])).electrolyte.kappa
    assert kappa(c_e=1000.0, T=298.15) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0.5,0.2\n0.1,0.9\n", ("0.1 after 0.5", "reverse the order of the points")),
        ("0,0.9\n0.5,0.2\n0.5,0.1\n", ("0.5 after 0.5", "keep one of them, or their mean")),
        ("0,0.9\n0.7,0.2\n0.5,0.3\n1,0.1\n", ("0.5 after 0.7", "Sort the points")),
        ("0,0.9\n50,0.2\n100,0.1\n", ("lithiations from 0 to 1", "divided by 100")),
        ("0,0.1\n0.5,0.2\n1,0.3\n", ("falls with the lithiation",)),
        ("sto,U\n0,0.9\nx,0.1\n1,0\n", ("numbers in line 3", "x; 0.1")),
        ("sto,U\n0,0.9\n", ("at least two lines",)),
        ("", ("this one is empty",)),
        ("0,900\n1,100\n", ("at most 6 V", "point 1")),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_how_to_mend_it(write, text, words):
    (write.folder / "u.csv").write_text(text)
    message = refused(write, "{csv: u.csv, unit: V}")
    assert all(word in message for word in ("materials.active.ocp.csv", *words)), message


@pytest.mark.parametrize(
    ("law", "words"),
    [
        ("{csv: none.csv, unit: V}", ("ocp.csv", "no such file")),
        ("{csv: u.csv, columns: [sto, volt], unit: V}", ("columns[1]", "'U / mV'")),
        ("{csv: u.csv, columns: [1, 9], unit: V}", ("columns[1]", "from 1 to 3")),
        ("{csv: u.csv, columns: sto, unit: V}", ("columns", "two columns")),
        ("{csv: u.csv, of: T2, unit: V}", ("ocp.of",)),
        ("{csv: u.csv}", ("ocp.unit",)),
        ("{csv: u.csv, table: [[0, 1], [1, 0]], unit: V}", ("{csv: ...}",)),
        ("{csv: u.csv, unit: mV, deviation: 3}", ("deviation", "unit")),
        ("{csv: u.csv, unit: mV, smooth: 3}", ("ocp.smooth", "unknown key")),
    ],
)
def test_what_is_wrong_with_the_keys_is_told(write, law, words):
    write()
    message = refused(write, law)
    assert all(word in message for word in words), message


BOTH = "{lithiation: {csv: u.csv, unit: mV}, delithiation: sio_1_delithiation%s}"


@pytest.mark.parametrize(
    ("use", "name"),
    [("", "u.csv"), (", use: lithiation", "u.csv"), (", use: delithiation", "sio_1_delithiation")],
)
def test_of_two_branches_one_is_used_and_told(write, use, name):
    write()
    asked = case(write, BOTH % use)
    assert potential(asked).name == name
    branch = use.rpartition(" ")[2] or "lithiation"
    assert any(f"{name}, the branch of {branch}" in text for text in material_facts(asked).notes)
    assert parse_case(dump_case(asked)) == asked


def test_branches_belong_to_a_potential_and_come_in_pairs(write):
    write()
    assert "ocp.delithiation" in refused(write, "{lithiation: {csv: u.csv, unit: mV}}")
    assert "ocp.use" in refused(write, BOTH % ", use: both")
    inner = refused(write, BOTH.replace("unit: mV", "unit: kg") % "")
    assert "materials.active.ocp.lithiation.unit" in inner
    law = "{lithiation: 1e-13 m^2/s, delithiation: 1e-13 m^2/s}"
    with pytest.raises(InputError, match="only a potential has branches"):
        parse_case(TINY, "", [f"materials.active.D_s={law}"])


def test_editors_are_told_of_each_key():
    law = json_schema()["$defs"]["ActiveMaterial"]["properties"]["ocp"]
    mappings = [form["properties"] for form in law["anyOf"] if form.get("type") == "object"]
    assert [next(iter(keys)) for keys in mappings] == ["table", "csv", "expression", "lithiation"]
    for keys in mappings[:3]:
        assert all("description" in schema for schema in keys.values())


CELLS = st.sampled_from(["0", "0.5", "1", "1e999", "nan", "-", "x", "", '"', "\x00", "0,5", "½"])


@settings(max_examples=150)
@given(
    rows=st.lists(st.lists(CELLS, max_size=4), max_size=6), mark=st.sampled_from([",", ";", " "])
)
def test_whatever_stands_in_a_file_is_a_law_or_told(rows, mark):
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(mark.join(row) for row in rows)
        Path(folder, "u.csv").write_text(text, encoding="utf-8")
        with suppress(InputError):
            parse_case(TINY, "", ["materials.active.D_s={csv: u.csv, unit: m^2/s}"], Path(folder))
