"""If these fail, the page of a run hides numbers, needs other files, or compares wrongly."""

import re
import subprocess
import sys

import pytest
import yaml

from mesode.analysis.figures import FIGURES, make_figures
from mesode.analysis.run_data import open_run
from mesode.analysis.run_report import CAPTIONS, differences, key_numbers, report_runs
from mesode.cli.main import main
from mesode.errors import InputError


@pytest.fixture(scope="module")
def pages(run_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    make_figures(run_folder)
    other = folder / "stiff"
    other.mkdir()
    config = yaml.safe_load((run_folder / "config.yaml").read_text())
    (other / "config.yaml").write_text(yaml.safe_dump({**config, "title": "stiff <binder>"}))
    (other / "manifest.json").write_text('{"status": "stopped", "reason": "c_e < 0 somewhere"}')
    (other / "timeseries.bdf.csv").write_text(
        "Test Time / s,Voltage / V,Specific Capacity / mA.h.g-1\n0,0.5,0\n9,0.123456,77\n"
    )
    one = report_runs([run_folder], folder / "one.html").read_text("utf-8")
    two = report_runs([run_folder, other], folder / "two.html").read_text("utf-8")
    return one, two, other


def test_page_needs_no_other_file(pages):
    for page in pages[:2]:
        sources = re.findall(r'(?:src|href)="([^"]{0,40})', page)
        loaded = [s for s in sources if not s.startswith("data:")]
        assert [s for s in loaded if s.startswith(("http", "//"))] == []
        assert "<script" not in page
        assert "<link" not in page
        assert page.count("data:image/png;base64,") > 0


def test_every_figure_has_a_caption_without_which_the_page_leaves_it_out():
    assert set(CAPTIONS) == {*FIGURES, "animation"}  # which is drawn where it is asked for


def test_page_shows_last_row_status_and_reason(pages):
    one, two, _ = pages
    assert "Lithiation of the particles" in one
    assert "0.1235" in two
    assert "c_e &lt; 0 somewhere" in two
    assert "stiff &lt;binder&gt;" in two


def test_the_end_of_a_run_loads_no_method_of_the_laboratory():
    code = (
        "import sys, mesode.analysis.figures, mesode.analysis.run_report; "
        "print({'scipy.signal', 'mesode.analysis.lab.methods'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_run_without_figures_still_has_a_page(pages, tmp_path):
    page = report_runs([pages[2]], tmp_path / "r.html").read_text("utf-8")
    assert "77" in page
    assert "data:image" not in page


def test_differences_are_keys_that_are_not_equal_everywhere():
    soft = {"materials": {"binder": {"E": "1 GPa", "nu": 0.3}}, "protocol": ["a"]}
    stiff = {"materials": {"binder": {"E": "2 GPa", "nu": 0.3}}, "protocol": ["a", "b"]}
    assert differences([soft, stiff]) == [
        ("materials.binder.E", ["1 GPa", "2 GPa"]),
        ("protocol", ["['a']", "['a', 'b']"]),
    ]
    assert differences([soft, soft]) == []


def test_command_writes_into_the_run_folder_and_refuses_other_folders(pages, tmp_path, capsys):
    assert main(["report", str(pages[2])]) == 0
    assert (pages[2] / "report.html").is_file()
    assert "report.html" in capsys.readouterr().out
    with pytest.raises(InputError, match="run folder"):
        report_runs([tmp_path], tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()


def test_numbers_that_converge_with_the_mesh_come_first(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "timeseries.bdf.csv").write_text(
        "Test Time / s,Max von Mises Binder / Pa,Mean von Mises Binder / Pa\n0,0,0\n1,7,5\n"
    )
    names = list(key_numbers(open_run(tmp_path)))
    assert names.index("Mean von Mises Binder / Pa") < names.index("Max von Mises Binder / Pa")
