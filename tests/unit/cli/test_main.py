"""If these fail, scripts cannot tell from the exit code what happened, or a fault is hidden."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from mesode import __version__
from mesode.cli import check, main, run
from mesode.errors import GeometryError, MesodeError, SolverError
from support.tiny_case import TINY

pytestmark = pytest.mark.serial
COMMANDS = ("new", "check", "mesh", "run", "list", "schema")


@pytest.fixture
def failing(monkeypatch):
    """Return a function that makes `mesode check x` raise."""

    def install(error):
        def execute(_args):
            raise error

        monkeypatch.setattr(check, "execute", execute)
        return main.main(["check", "x.yaml"])

    return install


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (GeometryError("the best fraction is 0.61"), 2),
        (SolverError("phi_e is out of bounds"), 3),
        (MesodeError("a fault"), 1),
    ],
)
def test_an_error_has_its_exit_code_and_one_message(failing, capsys, error, code):
    assert failing(error) == code
    captured = capsys.readouterr()
    assert captured.err == f"mesode check: {error}\n"
    assert captured.out == ""


def test_a_fault_of_ours_shows_its_traceback(failing, capsys):
    assert failing(ZeroDivisionError("in the solver")) == 1
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert "ZeroDivisionError: in the solver" in text
    assert "internal error of mesode" in text


def test_an_interrupt_is_no_fault(failing, capsys):
    assert failing(KeyboardInterrupt()) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        [], ["fly"], ["run"], ["run", "a", "--ranks", "0"], ["report", "a", "--out", "."],
        ["list", "graphite", "--plot", "."], ["list", "graphite", "--plot", "a.pdf"],
    ],
)  # fmt: skip
def test_wrong_usage_is_bad_input(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(argv)
    assert caught.value.code == 2
    assert "usage: mesode" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_examples(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main([command, "--help"])
    assert caught.value.code == 0
    assert f"mesode {command}" in capsys.readouterr().out.split("examples:")[1]


def test_the_help_names_commands_and_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main.main(["--help"])
    text = capsys.readouterr().out
    assert all(f"    {command}" in text for command in COMMANDS)
    assert "exit codes: 0 done; 2 bad input" in text


def test_the_version(capsys):
    with pytest.raises(SystemExit):
        main.main(["--version"])
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_the_process_ends_leaves_its_exit_code(number):
    """MPI and PETSc take some tenths of a second to end; all is written by then."""
    code = (
        "import atexit, os, sys\nfrom mesode.cli import main\n"
        f"atexit.register(os.kill, os.getpid(), {int(number)})\n"
        "sys.argv = ['mesode', 'check', 'none.yaml']\nsys.exit(main.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 2


@pytest.mark.parametrize("argv", [["--help"], ["list"], ["schema"], ["new", "a"], ["check", "b"]])
def test_what_needs_no_solver_loads_none(argv, tmp_path):
    (tmp_path / "b").write_text(TINY)
    code = (
        "import sys\nfrom mesode.cli.main import main\n"
        f"try:\n    main({argv!r})\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *[m for m in ('dolfinx', 'matplotlib', 'gmsh', 'petsc4py', 'mpi4py') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1].split() == ["LOADED"]


@pytest.mark.parametrize(
    "argv", [["--help"], ["list"], ["schema"], ["new", "a"], ["check", "b.yaml"]]
)
def test_a_launcher_that_is_gone_disturbs_no_command(argv, tmp_path):
    (tmp_path / "b.yaml").write_text(TINY)
    gone = {**os.environ, "PMI_RANK": "1", "PMI_SIZE": "2", "PMI_FD": "99"}
    done = subprocess.run(
        [sys.executable, "-m", "mesode.cli", *argv],
        env=gone,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_launcher_of_another_mpi_is_told(tmp_path):
    (tmp_path / "b.yaml").write_text(TINY)
    other = {**os.environ, "OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mesode.cli", "run", "b.yaml"],
        env=other,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "belongs to another MPI" in done.stderr
    assert "2 processes" in done.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["run", "many.yaml"], "this is a study, which has several cases. Run it with: mesode"),
        (["mesh", "many.yaml"], "this is a study"),
        (["study", "one.yaml"], "this is a single case, not a study. Run it with: mesode run one"),
        (["resume", "done"], "this is the folder of a study. Call mesode study FILE again"),
        (["report", "one.yaml"], "expected a run folder"),
        (["run", "done"], "this is the folder of a study. See it with: mesode report done"),
        (["run", "ran"], "the folder of a run. Its case is ran/config.yaml; go on with: mesode"),
        (["check", "a.png"], "this is an image. A case names it; one to begin with: mesode new mi"),
        (["check", "a.msh"], "this is a mesh. A case names it; one to begin with: mesode new own"),
    ],
)
def test_a_command_on_the_wrong_thing_names_the_right(tmp_path, monkeypatch, capsys, argv, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "many.yaml").write_text("base: one.yaml\nvary: {}\n")
    (tmp_path / "one.yaml").write_text(TINY)
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "study.json").write_text("{}")
    (tmp_path / "ran").mkdir()
    for name in ("ran/config.yaml", "a.png", "a.msh"):
        (tmp_path / name).touch()
    assert main.main(argv) == 2
    assert words in capsys.readouterr().err


def test_the_launcher_is_the_one_beside_the_interpreter(tmp_path, monkeypatch):
    for name in ("mpirun", "python"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    command = run.launch_command(3, ["run", "a.yaml", "--ranks", "3"])
    assert command[:3] == [str(tmp_path / "mpirun"), "-n", "3"]
    assert command[3:6] == [str(tmp_path / "python"), "-m", "mesode.cli"]
    assert command[6:] == ["run", "a.yaml", "--ranks", "3"]


def test_without_a_launcher_the_user_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MesodeError, match=r"no MPI launcher.*mpirun"):
        run.launch_command(2, [])


def test_ranks_of_a_launcher_start_no_more(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMI_RANK", "0")
    main.main(["new", "a"])
    assert main.main(["run", "a.yaml", "--ranks", "2"]) == 2
    assert "either mpirun or --ranks" in capsys.readouterr().err
