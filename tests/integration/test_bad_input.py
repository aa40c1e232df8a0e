"""If these fail, a new user's slip costs a traceback, a lost result or a long wait.

Each case goes through the command line as it is typed; the message must say what, where, the
number, and what to do.
"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from mesode.cli.main import main
from support.plain_case import plain_text

pytestmark = pytest.mark.serial

STARTER = plain_text("test")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("case.yaml").write_text(STARTER)


def refused(capsys, *argv, code=2, file="case.yaml"):
    """Return the message of `mesode run`; nothing may be written but what was there."""
    before = sorted(Path.cwd().rglob("*"))
    assert main(["run", file, *argv]) == code
    assert sorted(Path.cwd().rglob("*")) == before
    message = capsys.readouterr().err
    assert "Traceback" not in message
    return message


def replaced(old, new):
    assert old in STARTER
    Path("case.yaml").write_text(STARTER.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "  interface: 0.2 um",
            "  interfase: 0.2 um",
            ["mesh.interfase", "Did you mean 'interface'"],
        ),
        ("  width: 15 um", "  width: 15", ["geometry.width", "unit", "got 15", "3 um"]),
        ("  width: 15 um", "  width: 15 V", ["geometry.width", "15 V", "length"]),
        ("fraction: 0.45", "fraction: -0.45", ["particles.fraction", "-0.45", "above 0"]),
        ("fraction: 0.45", "fraction: 0.8", ["particles.fraction", "0.8", "at most 0.65"]),
        ("thickness: 16.7 um", "thickness: 10 m", ["electrode.thickness", "10 m", "at most 1 mm"]),
        ("temperature: 25 degC", "temperature: -300 degC", ["physics.temperature", "-300 degC"]),
        ("preset: Celgard_2500", "preset: Celgard_2600", ["separator.preset", "Celgard_2500"]),
        ("  - Rest for 10 minutes", "  - Sleep well", ["protocol[1]", "Sleep", "Rest"]),
        ("  - Rest for 10 minutes", "  - Rest for 5 mV", ["protocol[1]", "5 mV"]),
        ("  - Rest for 10 minutes", "  - Lithiate at 1 C", ["protocol[1]", "never ends"]),
        ("geometry:", "geometry: [", ["case.yaml:", "brackets"]),
        ("title: ", "title: a: b ", ["case.yaml:", "mapping values are not allowed"]),
    ],
)
def test_a_slip_in_the_file(capsys, old, new, words):
    replaced(old, new)
    message = refused(capsys)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("materials.carbon_binder.sigma=0 S/m", ["carbon_binder.sigma", "above 0 S/m"]),
        ("materials.separator.porosity=2", ["separator.porosity", "got 2"]),
        ("materials.active.D_s=-1e-14 m^2/s", ["active.D_s", "-1e-14"]),
        ("materials.active.D_s={expression: '__import__(1)', unit: m^2/s}", ["active.D_s"]),
        ("initial.lithiation=1.5", ["initial.lithiation", "1.5"]),
        ("numerics.tolerance=0", ["numerics.tolerance"]),
        ("geometry.counter=graphite", ["geometry.counter", "lithium"]),
        ("nonsense", ["--set", "KEY=VALUE"]),
    ],
)
def test_an_absurd_value(capsys, override, words):
    message = refused(capsys, "--set", override)
    for word in words:
        assert word in message


def test_all_problems_are_told_at_once(capsys):
    changes = ["geometry.width=4", "mesh.sise=1 um", "protocol.1=Sleep"]
    message = refused(capsys, *(part for c in changes for part in ("--set", c)))
    assert message.startswith("mesode run: 3 problems in case.yaml:")
    assert message.count("\n  - ") == 3


def test_no_such_file(capsys):
    message = refused(capsys, file="cases.yaml")
    assert "cases.yaml: no such file" in message
    assert "case.yaml" in message.split("there is")[1]


def test_an_empty_file_a_folder_and_a_picture(capsys, tmp_path):
    Path("empty.yaml").touch()
    assert "the file is empty" in refused(capsys, file="empty.yaml")
    assert "a folder" in refused(capsys, file=str(tmp_path))
    Path("picture.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    assert "not UTF-8" in refused(capsys, file="picture.yaml")


def test_the_folder_is_not_empty(capsys):
    Path("runs/case").mkdir(parents=True)
    Path("runs/case/manifest.json").write_text("{}")
    message = refused(capsys)
    assert "runs/case: holds the results of an earlier run" in message
    assert "--force" in message
    assert Path("runs/case/manifest.json").read_text() == "{}"


def test_a_file_stands_where_the_folder_should_be(capsys):
    Path("runs").touch()
    assert "a file stands where a folder is needed" in refused(capsys)
    assert "a file stands" in refused(capsys, "--out", "case.yaml", "--force")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "no space left"), (errno.EACCES, "no permission"), (errno.EROFS, "permission")],
)
def test_no_space_and_no_permission(capsys, monkeypatch, number, words):
    make = Path.mkdir

    def mkdir(self, *args, **more):
        if "elsewhere" in self.parts:
            raise OSError(number, "as the system says it", str(self))
        return make(self, *args, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    message = refused(capsys, "--out", "elsewhere/run")
    assert "elsewhere/run" in message
    assert words in message
    assert "--out" in message


def test_a_fraction_that_cannot_be_reached(capsys):
    change = "geometry.electrode.particles={fraction: 0.65, diameter: 3 um, gap: 0.6 um}"
    assert main(["check", "case.yaml", "--set", change]) == 2
    message = capsys.readouterr().err
    assert "0.65" in message
    assert "best" in message


def test_a_gap_that_the_mesh_cannot_carry(capsys):
    assert main(["check", "case.yaml", "--set", "mesh.interface=0.7 um"]) == 2
    message = capsys.readouterr().err
    assert "particles.gap" in message
    assert "mesh.interface" in message


def test_more_ranks_than_one_of_a_bad_file_starts_none(capsys):
    assert "unknown key" in refused(capsys, "--ranks", "2", "--set", "mesh.sise=1 um")
