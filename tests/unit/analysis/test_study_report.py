"""If these fail, the page of a study names the wrong factor, drops a case, or cannot be drawn."""

import re

import pandas as pd
import pytest

from mesode.analysis.study_plots import label
from mesode.analysis.study_report import report_study
from mesode.analysis.study_table import is_study_folder, read_study
from mesode.errors import InputError
from support.study_folder import CAPACITY, INTEGRITY, SEED, STRESS, E, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("study") / "binder")


def test_columns_are_told_apart(folder):
    table = read_study(folder)
    assert is_study_folder(folder)
    assert table.factors == (E, INTEGRITY)
    assert table.seeds == (SEED,)
    assert table.telling == (CAPACITY, STRESS)
    assert table.levels(E) == [0.2, 1.7, 12.5]


def test_effects_name_the_factor_that_matters(folder, tmp_path):
    table = read_study(folder)
    assert table.effects(STRESS) is None  # a case has failed: no balanced grid, too few for Sobol
    whole = tmp_path / "whole"
    write_study(whole)
    rows = pd.read_csv(whole / "results.csv", dtype={"case": str})
    rows.loc[17, [CAPACITY, STRESS]] = [703.0, 3e7 * 1.130334 * 1.15]
    rows.to_csv(whole / "results.csv", index=False)
    effects = read_study(whole).effects
    assert effects(STRESS).shares[E] > 0.95
    assert effects(STRESS).shares[INTEGRITY] < 0.01
    assert effects(CAPACITY).shares[INTEGRITY] > 0.99


def test_page_has_every_case_and_needs_no_other_file(folder):
    page = report_study(folder, folder / "report.html").read_text("utf-8")
    assert "Binder and &lt;coating&gt;" in page
    assert len(re.findall(r'<a href="cases/\d{4}">', page)) == 18
    assert "c_e is used up near the collector" in page
    assert "17 completed" in page
    assert "1 failed" in page
    # responses and pairs of two figures of merit, and the voltage curves
    assert page.count("data:image/png;base64,") == 5
    assert not re.findall(r'src="(?!data:)', page)


def test_a_study_without_results_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="mesode study collect"):
        read_study(tmp_path)


@pytest.mark.parametrize(
    ("column", "text"),
    [(E, "E [GPa]"), ("physics.temperature / K", "temperature [K]"), ("i_0_ref", "i 0 ref")],
)
def test_labels(column, text):
    assert label(column) == text
