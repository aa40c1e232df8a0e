"""If these fail, an input from somebody else hangs mesode, eats the memory or ends in a traceback.

Each must be refused in 2 s and 500 MB, with the path of the culprit, in a message that a screen
holds.
"""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mesode.case.case_section import build_case_section
from mesode.cli.main import main
from mesode.config.load import load_case, parse_case
from mesode.config.yamltext import read_yaml
from mesode.errors import GeometryError, InputError
from mesode.study.expand import expand_file
from mesode.units import QuantityError, parse_quantity
from support.disk import fill, small_disk
from support.plain_case import plain_text
from support.run_folder import write_run
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

TEXT = plain_text("test")
SECONDS, MEGABYTES, CHARACTERS = 2.0, 500, 340  # of a line of a message


def refused(call):
    """Return the message with which an input is refused."""
    begin, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError) as caught:
        call()
    assert time.process_time() - begin < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3 < MEGABYTES
    lines = str(caught.value).split("\n")
    assert max(map(len, lines)) < CHARACTERS
    assert len(lines) < 60
    str(caught.value).encode()
    return str(caught.value)


def laughs(levels=12, width=9):
    names = "abcdefghijklmnop"
    lines = [f"x0: &a [{', '.join('h' * width)}]"]
    lines += [
        f"x{k}: &{names[k]} [{', '.join([f'*{names[k - 1]}'] * width)}]" for k in range(1, levels)
    ]
    return "\n".join(lines) + "\n", names[levels - 1]


@pytest.mark.parametrize("place", ["title: *{}", "protocol: *{}", "materials: {{active: *{}}}"])
def test_aliases_that_multiply(place):
    text, last = laughs()
    message = refused(lambda: parse_case(text + place.format(last), "case.yaml"))
    assert "case.yaml:6:" in message
    assert "unfolds" in message


def test_merged_mappings_that_multiply():
    lines = ["x0: &a {k0: 1, k1: 1, k2: 1}"]
    lines += [f"x{k}: &{'abcdefghijklmnopq'[k]} {{<<: [*{'abcdefghijklmnopq'[k - 1]}, "
              f"*{'abcdefghijklmnopq'[k - 1]}, *{'abcdefghijklmnopq'[k - 1]}]}}"
              for k in range(1, 17)]  # fmt: skip
    assert "unfolds" in refused(lambda: parse_case("\n".join(lines), "case.yaml"))


def test_an_alias_in_itself():
    assert "before its anchor ends" in refused(lambda: parse_case("a: &a [*a]", "case.yaml"))


NUMBERS = ("1e999999999 um", "-1e999999999 um", "1e-999999999 um", f"{'9' * 5000} um",
           "1e99999999999999999999 um", "0.1e999999999999 degC", "1e400 um")  # fmt: skip


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize(
    "key", ["geometry.width", "physics.temperature", "protocol.0", "numerics.max_step"]
)
def test_numbers_of_any_size(key, value):
    text = f"Lithiate at {value} until 10 mV" if key == "protocol.0" else value
    message = refused(lambda: parse_case(TEXT, "case.yaml", [f"{key}={text}"]))
    assert key.replace(".0", "[0]") in message


def test_zero_is_zero_whatever_its_exponent():
    assert parse_quantity("0e999999999 um", "length") == 0.0
    assert parse_quantity("1e-999999999 um", "length") == 0.0
    assert parse_quantity("0e999999999 degC", "temperature") == 273.15


BAIT = (
    "a" * 60 + "!", "a" * 9000, "(" * 5000, "m/" * 4000 + "!", " " * 9000 + "!", "m " * 4000,
    "((((" * 20 + "m" + "))))" * 19, "m^2" * 30, "um" + "\u00b2" * 40, "m_" * 45 + "^", "1/" * 40,
)  # fmt: skip


@pytest.mark.parametrize("bait", BAIT)
def test_units_that_are_bait(bait):
    begin = time.process_time()
    with pytest.raises(QuantityError):
        parse_quantity(f"3 {bait}", "length")
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize(
    "sentence",
    [
        *(f"Lithiate at 5 {bait} until 10 mV" for bait in BAIT),
        *(f"Rest for 10 minutes {bait}" for bait in BAIT),
        "Lithiate at C" + "/" * 9000,
        "(" * 9000 + " period)",
        "Rest for 1 h " + "( period ) " * 800,
        "Rest for " + "1" * 9000 + " s",
        "Rest for 10 minutes" + " or for 10 minutes" * 500,
        "Lithiate at C until " + "lithiation of " * 600,
        "Lithiate " * 1000,
        "Lithiate at 1" + "0" * 250 + "C until 10 mV",
    ],
)
def test_sentences_that_are_bait(sentence):
    change = "protocol=" + repr([sentence])
    assert "protocol[0]" in refused(lambda: parse_case(TEXT, "case.yaml", [change]))
    step = f"protocol=[{{lithiate: 1 C, until: {sentence!r}}}]"
    assert "protocol[0]" in refused(lambda: parse_case(TEXT, "case.yaml", [step]))


def test_a_file_of_50_megabytes(tmp_path):
    path = tmp_path / "case.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    assert "50 MB" in refused(lambda: load_case(path))


@pytest.mark.parametrize("length", [20_000, 15_000_000, 50_000_000])
def test_a_title_of_any_length(length):
    message = refused(lambda: parse_case(f"title: {'x' * length}\n", "case.yaml"))
    assert "case.yaml" in message


def test_a_table_of_a_hundred_thousand_rows():
    rows = ", ".join(f"[{k / 1e5:.5f}, {0.6 - 0.5 * k / 1e5:.7f}]" for k in range(100_001))
    change = f"materials.active.ocp={{table: [{rows}], unit: V}}"
    begin = time.process_time()
    case = parse_case(TEXT, "case.yaml", [change])
    assert time.process_time() - begin < 2.5  # a second on a machine that does nothing else
    assert len(case.materials.active.ocp.table) == 100_001


STUDY = "base: case.yaml\n"
HUGE = {
    "range": "vary: {mesh.size: {range: [1 um, 2 um, 1000000000000]}}",
    "logrange": "vary: {mesh.size: {logrange: [1 um, 2 um, 1000000]}}",
    "product": "vary:\n" + "".join(f"  k{k}: [1, 2, 3, 4]\n" for k in range(20)),
    "many": "vary:\n" + "".join(f"  k{k}: {{range: [1, 2, 10000]}}\n" for k in range(3)),
    "sample": "sample: {method: lhs, n: 1000000000, keys: {mesh.size: [1 um, 2 um]}}",
    "seeds": "repeat: {seeds: 1000000000000}",
    "infinite": "vary: {mesh.size: {range: [1 um, 1e999 um, 3]}}",
}


@pytest.mark.parametrize("kind", HUGE)
def test_studies_without_end(tmp_path, kind):
    (tmp_path / "case.yaml").write_text(TEXT)
    path = tmp_path / "study.yaml"
    path.write_text(STUDY + HUGE[kind])
    word = {"sample": "sample.n", "seeds": "repeat"}.get(kind, "vary")
    message = refused(lambda: expand_file(path))
    assert word in message or kind == "infinite"


@pytest.mark.parametrize("kind", ["zero", "random", "pipe", "folder"])
def test_what_is_no_file(tmp_path, kind):
    path, word = tmp_path / "case.yaml", kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(f"/dev/{kind}")
        word = "device"
    assert f"this is a {word}" in refused(lambda: load_case(path))
    study = tmp_path / "study.yaml"
    study.write_text(STUDY)
    assert f"this is a {word}" in refused(lambda: expand_file(study))
    mesh = {"file": str(path), "unit": "um", "phases": {"a": "pore"}}
    image = {"file": str(path)}
    for key, block in (
        ("geometry.mesh.file", {"mesh": mesh}),
        ("geometry.electrode.image.file", {"electrode": {"image": image}}),
    ):
        data = read_yaml(TEXT, "") | {"geometry": block}
        data.pop("mesh")
        message = refused(lambda data=data: parse_case(data, "x"))
        assert key in message
        assert f"this is a {word}" in message


LARGE = (
    (["mesh={size: 1 nm, interface: 0.1 nm}"], "triangles"),
    (["geometry.width=1 mm", "geometry.electrode.thickness=1 mm"], "particles"),
    (["mesh={size: 1 um, interface: 0.1 nm}", "geometry.width=1 mm"], "triangles"),
)


@pytest.mark.parametrize(("changes", "word"), LARGE)
def test_sections_without_measure(changes, word):
    case = parse_case(TINY, "case.yaml", changes)
    begin = time.process_time()
    with pytest.raises(GeometryError, match=f"at least .* {word}; at most"):
        build_case_section(case)
    assert time.process_time() - begin < SECONDS


def test_an_image_without_measure(tmp_path):
    """A picture of a millimetre with triangles of half a micrometre."""
    pixels = np.zeros((100, 100), dtype=np.uint8)
    pixels[40:60, 40:60] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = {"file": str(tmp_path / "a.png"), "pixel": "10 um"}
    image["phases"] = {0: "carbon_binder", 255: "active"}
    data = read_yaml(TINY, "")
    data["geometry"] = {"electrode": {"image": image}, "separator": {"thickness": "5 um"}}
    data["mesh"] = {"size": "0.5 um", "interface": "0.5 um"}
    begin = time.process_time()
    with pytest.raises(GeometryError, match=r"at least .* triangles; at most .* image\.pixel"):
        build_case_section(parse_case(data, "case.yaml"))
    assert time.process_time() - begin < 5.0


def _nested(levels):
    return "a" + ".a" * levels + "=1"


@pytest.mark.parametrize(
    "change",
    [
        "protocol.\u00b2=Rest for 1 h", "protocol.\u0663=Rest for 1 h", "geometry.\u00b2.width=1",
        "protocol.99999999999999999999=x", _nested(1000), _nested(100_000), "=", "." * 1000 + "=1",
        "[]=1", "title=!!python/object/apply:os.system [ls]", "title=!Ref x", "title=*a",
        'title="\\ud800"', f"mesh.size={'9' * 5000}", "geometry.width=[[[[[[", "a=&a [*a]",
        f"materials.active.ocp={{expression: '{'9' * 900}', unit: V}}",
        f"materials.active.ocp={{expression: '{'-' * 990}1', unit: V}}",
        f"materials.active.ocp={{expression: '{'(' * 400}1{')' * 400}', unit: V}}",
        "materials.active.ocp={expression: '9**9**9**9**9', unit: V}",
        f"materials.active.ocp={{expression: '{'exp(' * 190}sto{')' * 190}', unit: V}}",
        "numerics.tolerance=1e999", f"geometry.electrode.particles.seed={'9' * 29}",
        f"geometry={{mesh: {{file: {'x' * 5000}, unit: um, phases: {{a: pore}}}}}}",
        'geometry={mesh: {file: "a\\0b", unit: um, phases: {a: pore}}}',
    ],
)  # fmt: skip
def test_changes_that_are_none(change):
    refused(lambda: parse_case(TEXT, "case.yaml", [change]))


def test_a_path_of_any_length(tmp_path):
    for name in ("x" * 5000, "a\0b", "\udcff.yaml", f"{'d/' * 3000}a"):
        refused(lambda name=name: load_case(Path(tmp_path, name)))


WITH_PATHS = (
    ("new", "PATH"), ("check", "PATH"), ("run", "PATH"), ("run", "case.yaml", "--out", "PATH"),
    ("mesh", "case.yaml", "--out", "PATH"), ("study", "study.yaml", "--out", "PATH"),
    ("study", "status", "PATH"), ("resume", "PATH"), ("report", "PATH"),
    ("list", "graphite", "--plot", "PATH"), ("list", "PATH"), ("PATH",),
    ("run", "a", "--ranks=PATH"),
)  # fmt: skip


@pytest.mark.parametrize("command", WITH_PATHS, ids=" ".join)
@pytest.mark.parametrize("name", ["x" * 5000, f"{'d/' * 3000}a"], ids=len)
def test_no_command_minds_the_length_of_a_name(tmp_path, monkeypatch, capsys, command, name):
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text(TINY)
    Path("study.yaml").write_text(f"{STUDY}vary: {{mesh.size: [1 um, 1.1 um]}}\n")
    try:
        code = main([word.replace("PATH", name) for word in command])
    except SystemExit as left:  # of argparse
        code = left.code
    said = capsys.readouterr()
    assert code == 2
    assert "Traceback" not in said.err
    assert max(map(len, said.err.split("\n"))) < 700


def test_a_name_that_is_too_long_with_its_ending(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "x" * 254]) == 2
    assert "this name is too long" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["new", "check", "mesh", "run", "study", "resume", "report"])
def test_a_name_that_is_no_utf8(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    assert main([command, os.fsdecode(b"a\xff")]) == 2
    assert "a\\udcff: this is not UTF-8" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


COMMANDS = {
    "mesh": ("mesh", "case.yaml", "--out", "disk/a"),
    "run": ("run", "case.yaml", "--out", "disk/a"),
    "study": ("study", "study.yaml", "--out", "disk/a"),
    "report": ("report", "run", "--out", "disk/a.html"),
    "new": ("new", "disk/a"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_disk_of_four_kilobytes(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text(TINY)
    Path("study.yaml").write_text(f"{STUDY}vary: {{mesh.size: [1 um, 1.1 um]}}\n")
    if command == "report":
        write_run(tmp_path / "run", cells=(8, 8))
    try:
        with small_disk(tmp_path / "disk", "4k") as disk:
            fill(disk)
            assert main(list(COMMANDS[command])) == 2
            assert not list(disk.rglob("*.part"))
    except PermissionError:
        pytest.skip("mounting is not permitted here")
    assert "no space left" in capsys.readouterr().err.lower()


def test_a_page_carries_out_nothing(tmp_path):
    run, evil = write_run(tmp_path / "run", cells=(8, 8)), "<script>alert(1)</script>"
    (run / "config.yaml").write_text(f"title: {evil}\n")
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps({**manifest, "reason": evil, "warnings": [evil]}))
    assert main(["report", str(run), "--out", str(tmp_path / "page.html")]) == 0
    text = (tmp_path / "page.html").read_text()
    assert evil not in text
    assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize("command", ["check", "mesh", "run"])
def test_no_command_carries_out_a_mesh(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    script = f'SystemCall "touch {tmp_path / "done"}";\n'
    for name in ("own.msh", "own.msh.opt"):
        (tmp_path / name).write_text(script)
    data = read_yaml(TINY, "")
    data.pop("mesh")
    mesh = {"file": "own.msh", "unit": "um", "phases": {"a": "active"}}
    (tmp_path / "case.yaml").write_text(json.dumps({**data, "geometry": {"mesh": mesh}}))
    assert main([command, "case.yaml"]) == 2
    assert "not executed" in capsys.readouterr().err
    assert not (tmp_path / "done").exists()


def test_many_problems_fit_on_a_screen():
    steps = "protocol=" + repr(["Nothing of that kind"] * 3000)
    assert "and 2950 more" in refused(lambda: parse_case(TEXT, "case.yaml", [steps]))
