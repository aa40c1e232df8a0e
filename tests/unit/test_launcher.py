"""If these fail, a program started by a rank cannot start MPI, or the wrong rank is silent."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from mesode import launcher

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("PMI", "OMPI")):
            monkeypatch.delenv(name)


def as_rank_of(monkeypatch, descriptor):
    values = {"PMI_RANK": "1", "PMI_SIZE": "3", "PMI_FD": str(descriptor)}
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_a_launcher_with_its_socket_is_believed(monkeypatch):
    one, other = socket.socketpair()
    with one, other:
        as_rank_of(monkeypatch, one.fileno())
        launcher.forget_dead_launcher()
        assert launcher.under_launcher()
        assert (launcher.claimed_rank(), launcher.claimed_size()) == (1, 3)


def test_a_launcher_that_is_gone_is_forgotten(monkeypatch, tmp_path):
    with (tmp_path / "file").open("w") as stream:
        for descriptor in (stream.fileno(), 9999):
            as_rank_of(monkeypatch, descriptor)
            launcher.forget_dead_launcher()
            assert not launcher.under_launcher()
            assert (launcher.claimed_rank(), launcher.claimed_size()) == (0, 1)


def test_what_is_no_number_is_no_rank(monkeypatch):
    monkeypatch.setenv("PMI_RANK", "\N{SUPERSCRIPT TWO}")
    assert launcher.claimed_rank() == 0


@pytest.mark.serial
def test_the_set_up_script_has_help_and_knows_its_arguments():
    script = ROOT / "scripts" / "setup"
    told = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    assert "EXTRAS: fem" in told.stdout
    wrong = subprocess.run([script, "fast"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert "fem or fem,dev" in wrong.stderr
