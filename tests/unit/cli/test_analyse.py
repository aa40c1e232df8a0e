"""If these fail, ``mesode analyse`` does not write where it says, or ends with a wrong code."""

from __future__ import annotations

from mesode.cli.main import main
from mesode.evaluate.finite_diffusion import SLAB
from support.measured_csv import write_record
from support.titration import titration


def test_a_file_is_evaluated_into_a_folder_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_record(tmp_path / "cell.bdf.csv", titration(SLAB, 0.1, rows=60))
    assert main(["analyse", "cell.bdf.csv", "--what", "gitt", "--length", "2 um"]) == 0
    told = capsys.readouterr().out
    assert "D, L = as given" in told
    assert "assumes:" in told
    for name in ("analysis.csv", "analysis.json"):
        assert (tmp_path / "runs" / "cell-analysis" / name).is_file()
        assert f"runs/cell-analysis/{name}" in told


def test_bad_input_is_told_and_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cell.csv").write_text("Test Time / s;Voltage / V\n0;3,7\n1;3,6\n")
    assert main(["analyse", "cell.csv"]) == 2
    assert "semicolons" in capsys.readouterr().err
    assert main(["analyse", "nothing"]) == 2
    assert "expected a run folder" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path, capsys):
    write_record(tmp_path / "cell.csv", titration(SLAB, 0.1, rows=60))
    (tmp_path / "file").write_text("")
    path = str(tmp_path / "cell.csv")
    assert main(["analyse", path, "--what", "cycling", "--out", str(tmp_path / "file")]) == 2
    assert "choose another --out" in capsys.readouterr().err
