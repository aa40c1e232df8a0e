"""If these fail, a film of a run shows one picture again and again, or stands half written."""

from __future__ import annotations

import shutil
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from mesode.analysis.animation import animate
from mesode.analysis.run_report import report_runs
from mesode.analysis.xdmf import open_series
from mesode.cli.main import main
from support.run_folder import write_run


def _pictures(path):
    with Image.open(path) as film:
        for k in range(film.n_frames):
            film.seek(k)
            yield np.asarray(film.convert("RGB"), dtype=float)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("film"), (12, 14))


def test_each_frame_of_the_fields_is_a_picture_of_its_own(run):
    path = animate(run)
    assert path == run / "figures" / "animation.gif"
    times = open_series(run / "fields" / "active.xdmf").times
    pictures = list(_pictures(path))
    assert len(pictures) == len(times) > 1
    for before, after in pairwise(pictures):
        assert before.shape == after.shape
        assert np.abs(after - before).max() > 100.0  # the dot and the colours move
    assert not list(path.parent.glob(".*.part"))


def test_the_page_of_a_run_shows_its_film(run, tmp_path):
    animate(run)
    assert "data:image/gif;base64," in report_runs([run], tmp_path / "page.html").read_text("utf-8")


def test_a_film_may_be_mp4(run):
    from imageio_ffmpeg import count_frames_and_secs

    count, seconds = count_frames_and_secs(animate(run, "mp4"))
    assert count == len(open_series(run / "fields" / "active.xdmf").times)
    assert seconds == pytest.approx(count / 4.0, rel=1e-3)  # a short film: four pictures a second


def test_a_run_of_one_frame_has_no_film(run, tmp_path):
    for name in ("manifest.json", "config.yaml", "timeseries.bdf.csv"):
        shutil.copy(run / name, tmp_path / name)
    assert animate(tmp_path) is None  # no fields at all
    assert not (tmp_path / "figures").exists()


def test_what_cannot_be_drawn_is_said_before_anything_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "sio"]) == 0
    assert main(["run", "sio.yaml", "--animate", "--no-fields"]) == 2
    assert "Leave out --no-fields or --animate" in capsys.readouterr().err
    monkeypatch.setattr("mesode.analysis.animation.find_spec", lambda _name: None)
    assert main(["run", "sio.yaml", "--animate", "mp4"]) == 2
    assert "pip install imageio-ffmpeg, or take --animate gif" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()
