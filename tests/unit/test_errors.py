"""If these fail, a message is longer than anybody reads, or lacks what matters in it."""

from __future__ import annotations

import itertools

import pytest

from mesode.errors import MOST_SHOWN, Problem, shortened

SHORT, LONG = "some words", 10_000 * "word "


@pytest.mark.parametrize("parts", list(itertools.product((SHORT, LONG, "x" * 10_000), repeat=4)))
def test_a_message_is_no_longer_than_that(parts):
    assert len(str(Problem(*parts))) <= MOST_SHOWN


def test_a_message_of_usual_length_is_whole():
    problem = Problem("mesh.size", "3 s", "expected a length", "Write '3 um'")
    assert str(problem) == "mesh.size: expected a length, got 3 s. Write '3 um'"


def test_path_and_what_is_expected_come_whole_and_the_hint_is_cut_between_words():
    problem = Problem("mesh.size", LONG, "expected a length", f"Write '3 um'. {LONG}")
    text = str(problem)
    assert text.startswith("mesh.size: expected a length, got word word ")
    assert "Write '3 um'. word" in text
    assert text.endswith("word ...")


def test_where_a_long_expectation_leaves_no_room_the_value_stays():
    text = str(Problem("mesh.size", "3 s", LONG, "Write '3 um'"))
    assert text.startswith("mesh.size: word ")
    assert ", got 3 s" in text


def test_both_ends_of_what_is_shortened_are_kept():
    text = shortened("begin" + "-" * 1000 + "end")
    assert text.startswith("begin-")
    assert text.endswith("-end")
    assert len(text) == MOST_SHOWN
