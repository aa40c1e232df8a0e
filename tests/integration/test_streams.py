"""If these fail, a closed terminal or pipe ends a run, or what is printed lands in its results."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time

import pytest

from mesode.output.checkpoint import files
from support.tiny_case import TINY

pytestmark = pytest.mark.serial

SLOW = pytest.mark.slow
PATIENCE = 100.0  # [s]
COMMAND = [sys.executable, "-m", "mesode.cli"]
LONG = TINY.replace("5 minutes", "9 h").replace("1 C", "C/20") + "numerics: {max_step: 2 s}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "case.yaml").write_text(TINY)
    (tmp_path / "long.yaml").write_text(LONG)
    return tmp_path


def manifest(folder, name="case"):
    return json.loads((folder / "runs" / name / "manifest.json").read_text())


def wait_for(process, there):
    end = time.monotonic() + PATIENCE
    while not there():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)


def rows(folder):
    table = folder / "runs" / "long" / "timeseries.bdf.csv"
    return table.read_bytes().count(b"\n") if table.is_file() else 0


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&-", "| true", ">/dev/full"])
def test_what_is_printed_may_go_nowhere(folder, closed):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{' '.join(COMMAND)} list {closed}"],
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "closed", ["2>&1 | true", pytest.param(">&- 2>&-", marks=pytest.mark.slow)]
)
def test_a_run_that_nobody_listens_to_completes(folder, closed):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{' '.join(COMMAND)} run case.yaml {closed}"],
        cwd=folder, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0
    assert manifest(folder)["status"] == "completed"
    table = (folder / "runs" / "case" / "timeseries.bdf.csv").read_text().splitlines()
    assert all(line.count(",") == table[0].count(",") for line in table)


def _in_terminal(folder, *prefix):
    """Start a run that has a terminal of its own; return it and the other end of the terminal."""
    ours, theirs = pty.openpty()

    def take():
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [*prefix, *COMMAND, "run", "long.yaml", "--no-figures"],
        cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=take,
    )  # fmt: skip
    os.close(theirs)
    return process, ours


def test_a_terminal_that_is_closed_stops_a_run_in_order(folder):
    process, terminal = _in_terminal(folder)
    wait_for(process, lambda: rows(folder) > 5)
    os.close(terminal)
    assert process.wait(PATIENCE) == 3
    content = manifest(folder, "long")
    assert content["status"] == "stopped"
    assert content["reason"].endswith("SIGHUP received")
    assert files(folder / "runs" / "long" / "checkpoint")


@pytest.mark.slow
def test_a_run_that_ignores_its_terminal_goes_on_without_it(folder):
    process, terminal = _in_terminal(folder, "nohup")
    wait_for(process, lambda: rows(folder) > 5)
    os.close(terminal)
    now = rows(folder)
    wait_for(process, lambda: rows(folder) > now + 50)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 3
    assert manifest(folder, "long")["reason"].endswith("SIGTERM received")


def test_ctrl_c_while_the_equations_are_compiled_is_an_interruption(folder):
    compiler = folder / "slow"
    compiler.write_text(f"#!/bin/sh\ntouch {folder / 'begun'}\nsleep 60\n")
    compiler.chmod(0o755)
    process = subprocess.Popen(
        [*COMMAND, "run", "case.yaml", "--no-figures"],
        cwd=folder, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "XDG_CACHE_HOME": str(folder), "CC": str(compiler)},
    )  # fmt: skip
    wait_for(process, (folder / "begun").exists)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3
    assert "Traceback" not in said
    assert "internal error of mesode" not in said
    assert "SIGINT received" in manifest(folder)["reason"]


def test_control_characters_do_nothing_to_a_terminal(folder):
    text = TINY.replace("title: tiny", 'title: "tiny \\e[2J\\a"')
    (folder / "case.yaml").write_text(text)
    done = subprocess.run(
        [*COMMAND, "check", "case.yaml"],
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 0
    assert "tiny \\x1b[2J\\x07" in done.stdout
    assert "\x1b" not in done.stdout
