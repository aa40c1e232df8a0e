"""Grammar of protocol sentences: the words of PyBaMM's experiments, plus lithiate and delithiate.

    <verb> [at <value>] {for <time> | until <value> | or ...} [at <temperature>] [(<time> period)]
    and at the end words of the user's own, [formation, first]

Both forms of a step, sentence and mapping, are made of the fragments parsed here.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from mesode.config.fragments import (
    ELECTRODE_VERBS,
    EXAMPLES,
    IMPEDANCE,
    VERBS,
    is_temperature,
    parse_control,
    parse_end,
    parse_period,
    parse_temperature,
    parse_verb,
)
from mesode.config.spectra import parse_words
from mesode.config.steps import Step, StepError, Termination

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALLOWED_ENDS: Final[dict[str, tuple[str, ...]]] = {
    "current": ("voltage", "specific_capacity", "lithiation"),
    "power": ("voltage", "specific_capacity", "lithiation"),
    "resistance": ("voltage", "specific_capacity", "lithiation"),
    "voltage": ("current", "specific_capacity", "lithiation"),
    "sweep": ("voltage", "specific_capacity", "lithiation"),
    "rest": (),
    "profile": ("voltage", "specific_capacity", "lithiation"),
}
_END_WORDS: Final = {"specific_capacity": "capacity"}
_PERIOD = re.compile(r"\(([^()]*?)\s*\bperiod\s*\)\s*$", re.IGNORECASE)
_TAGS = re.compile(r"\[([^\[\]]*)\]$")
LONGEST_TAG, MOST_TAGS = 100, 20  # characters, number
LONGEST: Final = 300  # characters of a step
_LIKE: Final = 0.8  # of the letters of a word, from which on it is one of these
_KEYWORDS: Final = ("at", "for", "until", "or")


def plain_words(text: str) -> str:
    """Return the words of a text with one space between them.

    Raises:
        StepError: there are far too many for a step.
    """
    if len(text) > LONGEST:
        raise StepError(f"expected at most {LONGEST} characters, found {len(text)}")
    return " ".join(text.split())


def parse_sentence(text: str) -> Step:
    """Return the step that a sentence describes.

    Raises:
        StepError: a sentence that makes no sense; says which word and gives examples.
    """
    text = plain_words(text)
    body, tags = _split_tags(text)
    body, period = _split_period(body)
    words = body.split()
    if not words:
        raise StepError("expected a protocol step", f"Examples: {EXAMPLES}")
    if words[0].lower() == IMPEDANCE:
        return replace(parse_words(body), tags=tags)
    verb = parse_verb(words[0])
    clauses = _split_clauses(words[1:])
    hot = [text for keyword, text in clauses if keyword == "at" and is_temperature(text)]
    if len(hot) > 1:
        raise StepError("a step has one temperature", f"Found {' and '.join(hot)}")
    at, ends = _join_clauses([c for c in clauses if c not in (("at", text) for text in hot)])
    step = build_step(verb, at, ends, period=period, text=text)
    temperature = parse_temperature(hot[0]) if hot else None
    return replace(step, temperature=temperature, tags=tags)


def build_step(
    verb: str, at: str | None, ends: list[tuple[str, str]], *, period: float | None, text: str
) -> Step:
    """Return the step made of fragments; ``ends`` are pairs of (for|until, text)."""
    control, value, unit = parse_control(verb, at)
    sign = VERBS[verb]
    durations: list[float] = []
    until: list[Termination] = []
    for keyword, fragment in ends:
        end = parse_end(fragment, only_time=keyword == "for")
        if isinstance(end, float):
            durations.append(end)
        else:
            until.append(end)
    step = Step(
        control=control,
        value=value,
        unit=unit,
        sign=sign,
        duration=min(durations, default=None),
        until=tuple(until),
        period=period,
        text=text,
        of_electrode=verb in ELECTRODE_VERBS,
    )
    check_step(step, verb)
    return step


def check_step(step: Step, verb: str) -> None:
    """Raise where control and ends do not go together."""
    if step.duration is None and not step.until:
        hint = "Add 'for 10 minutes'" if verb == "rest" else "Add 'until 10 mV' or 'for 2 hours'"
        raise StepError("this step never ends", hint)
    allowed = _ALLOWED_ENDS[step.control]
    for end in step.until:
        one_sided = step.control == "rest" and end.quantity == "voltage" and end.side
        if end.quantity not in allowed and not one_sided:
            names = ["a time", *(_END_WORDS.get(name, name) for name in allowed)]
            word = _END_WORDS.get(end.quantity, end.quantity)
            raise StepError(f"a {verb} cannot end on a {word}", f"It can on {', '.join(names)}")
    if step.control == "sweep" and "voltage" not in {end.quantity for end in step.until}:
        raise StepError("a sweep needs the voltage to go to", "Add 'until 10 mV'")


def parse_tags(tags: Sequence[Any]) -> tuple[str, ...]:
    """Return words of the user's own."""
    if len(tags) > MOST_TAGS:
        raise StepError(f"expected at most {MOST_TAGS} tags, found {len(tags)}")
    for tag in tags:
        if not isinstance(tag, str) or not tag.strip() or len(tag) > LONGEST_TAG:
            raise StepError("expected tags: words of your own", "e.g. [formation, first]")
    return tuple(" ".join(tag.split()) for tag in tags)


def _split_tags(text: str) -> tuple[str, tuple[str, ...]]:
    match = _TAGS.search(text)
    if match is None:
        return text, ()
    return text[: match.start()].rstrip(), parse_tags(match[1].split(","))


def _split_period(text: str) -> tuple[str, float | None]:
    match = _PERIOD.search(text)
    if match is None:
        return text, None
    return text[: match.start()], parse_period(match[1])


def _split_clauses(words: list[str]) -> list[tuple[str, str]]:
    """Split the words after the verb at the keywords: pairs of keyword and text."""
    clauses: list[tuple[str, list[str]]] = []
    for word in words:
        keyword = word.lower().rstrip(",")
        if keyword in _KEYWORDS:
            clauses.append((keyword, []))
        elif not clauses:
            raise StepError(
                f"'{word}' is not understood here; expected 'at', 'for' or 'until'",
                f"Examples: {EXAMPLES}",
            )
        elif get_close_matches(keyword, ("until",), cutoff=_LIKE):
            raise StepError(f"'{word}' is not understood", "Did you mean 'until'?")
        else:
            clauses[-1][1].append(word)
    return [(keyword, " ".join(rest).strip(", ")) for keyword, rest in clauses]


def _join_clauses(
    clauses: list[tuple[str, str]],
) -> tuple[str | None, list[tuple[str, str]]]:
    at: str | None = None
    ends: list[tuple[str, str]] = []
    for index, (keyword, text) in enumerate(clauses):
        follower = clauses[index + 1][0] if index + 1 < len(clauses) else ""
        if keyword == "or":
            if not ends:
                raise StepError("'or' joins two ends of a step, here it has none before it")
            if text:
                ends.append(("until", text))
            elif follower not in ("for", "until"):
                raise StepError("nothing follows after 'or'")
            continue
        if not text:
            raise StepError(f"nothing follows after '{keyword}'", f"Examples: {EXAMPLES}")
        if keyword != "at":
            ends.append((keyword, text))
        elif at is None and not ends:
            at = text
        else:
            raise StepError(
                "'at' may appear once only, right after the verb", f"Examples: {EXAMPLES}"
            )
    return at, ends
