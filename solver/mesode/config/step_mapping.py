"""A step of the protocol as a mapping: the same as its sentence, and what no sentence says.

{lithiate: 5 mA/cm2, until: [10 mV, {lithiation: 0.8}], temperature: 40 degC, tags: first}
{step: Lithiate at 5 mA/cm2 until 10 mV, impedance: {every: 50 mV, from: 100 kHz, to: 10 mHz}}
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mesode.config import spectra
from mesode.config.fragments import (
    EXAMPLES,
    IMPEDANCE,
    KINDS,
    VERBS,
    lithiation_end,
    parse_control,
    parse_end,
    parse_period,
    parse_temperature,
    time_words,
)
from mesode.config.profiles import PROFILE, parse_profile
from mesode.config.sentences import (
    build_step,
    check_step,
    parse_sentence,
    parse_tags,
    plain_words,
)
from mesode.config.steps import Spectrum, Step, StepError, Termination, together, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SENTENCE: Final = "step"  # key of a step that is given in words
TEMPERATURE, TAGS = "temperature", "tags"
KEYS: Final = (SENTENCE, *KINDS, "for", "until", "period", TEMPERATURE, TAGS)


def parse_step(value: Any) -> Step:
    """Return the step given as a sentence or as a mapping.

    Raises:
        StepError: the step makes no sense.
    """
    if isinstance(value, Step):
        return value
    if isinstance(value, str):
        return parse_sentence(value)
    if isinstance(value, dict):
        return _with_more(value, _parse_mapping(value))
    raise StepError("expected a sentence or a mapping", f"Examples: {EXAMPLES}")


def with_defaults(step: Step, given: Mapping[Any, Any]) -> Step:
    """Return a step with temperature and tags of the list that it stands in, where it has none.

    Raises:
        StepError: they make no sense.
    """
    temperature, tags = step.temperature, step.tags
    if TEMPERATURE in given and temperature is None:
        temperature = _temperature(given[TEMPERATURE])
    if TAGS in given:
        tags = tuple(dict.fromkeys((*_tags(given[TAGS]), *tags)))
    return replace(step, temperature=temperature, tags=tags)


def _with_more(mapping: Mapping[Any, Any], step: Step) -> Step:
    """Return a step with what no sentence says."""
    every = step.every
    if IMPEDANCE in mapping and not isinstance(step, Spectrum):
        every = _located((IMPEDANCE,), lambda: spectra.parse_every(mapping[IMPEDANCE]))
        _check_every(step)
    return replace(with_defaults(step, mapping), every=every)


def _check_every(step: Step) -> None:
    if step.control == "none":
        raise StepError("an impedance takes no time to measure others in", path=(IMPEDANCE,))


def _parse_mapping(mapping: Mapping[Any, Any]) -> Step:
    if IMPEDANCE in mapping and not {SENTENCE, *VERBS} & set(mapping):
        more = (TEMPERATURE, TAGS)
        return spectra.parse_mapping({k: v for k, v in mapping.items() if k not in more})
    if PROFILE in mapping:
        return _profile(mapping)
    _check_keys(mapping)
    if SENTENCE in mapping:
        text = mapping[SENTENCE]
        if not isinstance(text, str):
            raise StepError("expected a sentence", f"Examples: {EXAMPLES}", (SENTENCE,))
        step = _located((SENTENCE,), lambda: parse_sentence(text))
        return _with_period(step, mapping)
    verb = next(key for key in mapping if key in VERBS)
    at, ends = _fragments(mapping, verb)
    _located((verb,), lambda: parse_control(verb, at))
    texts = [_end_text(path, value) for path, value in ends]
    period = _text(mapping["period"], ("period",)) if "period" in mapping else None
    seconds = _located(("period",), lambda: parse_period(period)) if period else None
    sentence = verb.capitalize() + (f" at {at}" if at is not None else "")
    sentence += "".join(f" {'or ' * (i > 0)}until {text}" for i, text in enumerate(texts))
    sentence += f" ({period} period)" if period else ""
    clauses = [("until", text) for text in texts]
    return build_step(verb, at, clauses, period=seconds, text=sentence)


def _profile(mapping: Mapping[Any, Any]) -> Step:
    known = (PROFILE, "for", "until", "period", IMPEDANCE, TEMPERATURE, TAGS)
    for key in mapping:
        if key not in known:
            raise StepError("unknown key", f"Known keys: {', '.join(known)}", (str(key),))
    ends = [parse_end(_end_text(path, value)) for path, value in _ends(mapping)]
    times = [end for end in ends if isinstance(end, float)]
    until = tuple(end for end in ends if isinstance(end, Termination))
    period = _text(mapping["period"], ("period",)) if "period" in mapping else None
    seconds = _located(("period",), lambda: parse_period(period)) if period else None
    step = parse_profile(mapping[PROFILE], min(times, default=None), until, seconds)
    check_step(step, PROFILE)
    return step


def _with_period(step: Step, mapping: Mapping[Any, Any]) -> Step:
    """Return the step of a sentence with the period that stands beside it."""
    if "period" not in mapping:
        return step
    if step.period is not None:
        raise StepError("the sentence has a period as well", "Take one of them", ("period",))
    period = _text(mapping["period"], ("period",))
    seconds = _located(("period",), lambda: parse_period(period))
    return replace(step, period=seconds, text=f"{step.text} ({period} period)")


def _check_keys(mapping: Mapping[Any, Any]) -> None:
    verbs = [key for key in mapping if key in VERBS or key == SENTENCE]
    known = (SENTENCE, "period", IMPEDANCE, TEMPERATURE, TAGS) if SENTENCE in verbs else KEYS
    if unknown := unknown_keys(mapping, known):
        raise unknown[0]
    if len(verbs) != 1:
        found = ", ".join(verbs) or "none"
        raise StepError(f"expected one of {', '.join(KINDS)}, found {found}")


def _fragments(
    mapping: Mapping[Any, Any], verb: str
) -> tuple[str | None, list[tuple[tuple[str | int, ...], Any]]]:
    """Return what stands after ``at``, and the ends with their paths."""
    if verb == "rest":
        return None, [(("rest",), mapping["rest"]), *_ends(mapping)]
    return _text(mapping[verb], (verb,)), _ends(mapping)


def _ends(mapping: Mapping[Any, Any]) -> list[tuple[tuple[str | int, ...], Any]]:
    """Return what stands under ``for`` and ``until``, with its path."""
    ends: list[tuple[tuple[str | int, ...], Any]] = []
    if "for" in mapping:
        ends.append((("for",), mapping["for"]))
    until = mapping.get("until", [])
    if isinstance(until, list):
        ends.extend((("until", index), value) for index, value in enumerate(until))
    else:
        ends.append((("until",), until))
    return ends


def _end_text(path: tuple[str | int, ...], value: Any) -> str:
    """Return an end as the words of a sentence, checked."""
    if isinstance(value, dict):
        if list(value) != ["lithiation"]:
            raise StepError("expected {lithiation: 0.8}", path=path)
        _located((*path, "lithiation"), lambda: lithiation_end(value["lithiation"]))
        return f"lithiation {value['lithiation']}"
    text, only_time = _text(value, path), path[0] in ("rest", "for")
    _located(path, lambda: parse_end(text, only_time=only_time))
    return time_words(text) if only_time else text


def _temperature(value: Any) -> float:
    text = _text(value, (TEMPERATURE,), "a temperature", "'25 degC'")
    return _located((TEMPERATURE,), lambda: parse_temperature(text))


def _tags(value: Any) -> tuple[str, ...]:
    tags = value if isinstance(value, list | tuple) else [value]
    return _located((TAGS,), lambda: parse_tags(tags))


def _text(
    value: Any,
    path: tuple[str | int, ...],
    what: str = "a quantity",
    examples: str = "'5 mA/cm2', '10 mV', '2 h'",
) -> str:
    if isinstance(value, str):
        return _located(path, lambda: plain_words(value))
    raise StepError(f"expected {what} with its unit", f"e.g. {examples}", path)


def _located[T](path: tuple[str | int, ...], parse: Callable[[], T]) -> T:
    try:
        return parse()
    except StepError as error:
        faults = (error, *error.others)
        raise together([StepError(e.expected, e.hint, (*path, *e.path)) for e in faults]) from None
