"""Lists of a protocol, written out into steps: repetitions, values put in, blocks of steps.

{repeat: 50, steps: [...]}                      its steps fifty times over
{repeat: 200, until: 50 mV, steps: [...]}       until one of them reaches that, 200 times at most
{for_each: {rate: [C/10, C/5], do: [Lithiate at $rate until 10 mV]}}

Beside each of them, and beside a block, ``temperature`` and ``tags`` hold for all that is in it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mesode.config import blocks
from mesode.config.base import Finding
from mesode.config.fragments import given_end
from mesode.config.step_mapping import TAGS, TEMPERATURE, parse_step, with_defaults
from mesode.config.steps import Step, StepError, Termination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mesode.config.base import Path

MOST_STEPS: Final = 10_000  # of a protocol, its repetitions written out
MOST_LEVELS: Final = 3  # of nested lists
DEEPEST: Final = 4 * (MOST_LEVELS + 1)  # levels of a list of steps, with all that stands in it
REPEAT, STEPS, UNTIL = "repeat", "steps", "until"
FOR_EACH, DO = "for_each", "do"
_DEFAULTS: Final = (TEMPERATURE, TAGS)
_REPEAT_KEYS: Final = (REPEAT, STEPS, UNTIL, *_DEFAULTS)
_REPEAT_EXAMPLE: Final = (
    "Write {repeat: 5, steps: [Lithiate at C/5 until 10 mV, Delithiate at C/5 until 1 V]}"
)
_EACH_EXAMPLE: Final = "Write {for_each: {rate: [C/10, C/5], do: [Lithiate at $rate until 10 mV]}}"
_NAME: Final = re.compile(r"\$([A-Za-z_]\w*)")
_DRIVEN: Final = ("current", "power", "resistance", "profile")


def written_out(items: Sequence[Any], found: list[Finding]) -> tuple[Step, ...]:
    """Return the steps of a protocol; what is wrong goes to ``found``, with its path."""
    return _steps(items, lambda index: (index,), found)


def _steps(
    items: Sequence[Any], place: Callable[[int], Path], found: list[Finding]
) -> tuple[Step, ...]:
    """Return the steps of a list, whose items stand at ``place``."""
    steps: list[Step] = []
    for index, item in enumerate(items):
        path = place(index)
        steps += _item(item, path, found)
        if len(steps) > MOST_STEPS:
            hint = "Repeat less, or make several runs of it"
            found.append(Finding(f"expected at most {MOST_STEPS} steps in all", hint, path))
            return ()
    return tuple(steps)


def _item(item: Any, path: Path, found: list[Finding]) -> tuple[Step, ...]:
    try:
        if isinstance(item, dict):
            if FOR_EACH in item:  # first: steps beside it are told to stand under its do
                return _defaulted(_for_each(item, path, found), item)
            if {REPEAT, STEPS} & set(item):
                return _defaulted(_repeated(item, path, found), item)
            if name := blocks.block_of(item):
                return _defaulted(_block(item, name, path, found), item)
        return (replace(parse_step(item), place=path),)
    except StepError as error:
        found += _findings(error, path)
        return ()


def _findings(error: StepError, path: Path) -> list[Finding]:
    each = (error, *error.others)
    return [Finding(fault.expected, fault.hint, (*path, *fault.path)) for fault in each]


def _defaulted(steps: tuple[Step, ...], item: Mapping[Any, Any]) -> tuple[Step, ...]:
    """Return steps with what stands beside their list."""
    given = {key: item[key] for key in _DEFAULTS if key in item}
    return tuple(with_defaults(step, given) for step in steps) if given else steps


def _refuse_keys(
    item: Mapping[Any, Any], known: Sequence[str], path: Path, found: list[Finding]
) -> None:
    hint = f"Known keys: {', '.join(known)}"
    unknown = [str(key) for key in item if key not in known]
    found += [Finding("unknown key", hint, (*path, key)) for key in unknown]


# --- repetitions


def _repeated(block: Mapping[Any, Any], path: Path, found: list[Finding]) -> tuple[Step, ...]:
    """Return the steps of ``{repeat: 5, steps: [...]}`` as often as it says."""
    before = len(found)
    _refuse_keys(block, _REPEAT_KEYS, path, found)
    times, items = block.get(REPEAT), block.get(STEPS)
    if type(times) is not int or not 1 <= times <= MOST_STEPS:
        text = f"expected the number of repetitions, a whole number from 1 to {MOST_STEPS}"
        found.append(Finding(text, _REPEAT_EXAMPLE, (*path, REPEAT)))
    if not isinstance(items, list | tuple) or not items:
        found.append(Finding("expected a list of steps", _REPEAT_EXAMPLE, (*path, STEPS)))
    elif _level(path) >= MOST_LEVELS:
        text = f"expected at most {MOST_LEVELS} nested repetitions"
        found.append(Finding(text, "", (*path, STEPS)))
    else:
        steps = _steps(items, lambda index: (*path, STEPS, index), found)
        if len(found) == before and isinstance(times, int):
            # one more than there may be is enough to be refused
            steps *= min(times, MOST_STEPS // len(steps) + 1)
            return _left_at(steps, block[UNTIL]) if UNTIL in block else steps
    return ()


def _level(path: Path) -> int:
    return sum(part in (STEPS, DO) for part in path)


def _left_at(steps: tuple[Step, ...], until: Any) -> tuple[Step, ...]:
    """Return the steps of a repetition that is left where one of them reaches an end.

    Raises:
        StepError: that is no such end, or no step can reach it.
    """
    end = _end_of_repetition(until)
    ends = [replace(end, skips=len(steps) - 1 - k) for k in range(len(steps))]
    able = [_can_reach(step, end) for step in steps]
    if not any(able):
        hint = "A voltage or a lithiation is reached under a current, a power or a resistance"
        raise StepError("none of the steps can end there, so this never ends", hint, (UNTIL,))
    ways = {step.sign for step, can in zip(steps, able, strict=True) if can}
    if len(ways) > 1 and not end.side:
        hint = f"Say on which side it ends, e.g. '< {until}'"
        raise StepError("the steps go both ways", hint, (UNTIL,))
    return tuple(
        replace(step, until=(*(own for own in step.until if not _same(own, end)), until_here))
        if can
        else step
        for step, can, until_here in zip(steps, able, ends, strict=True)
    )


def _end_of_repetition(until: Any) -> Termination:
    end = given_end(until, UNTIL)
    if not isinstance(end, Termination) or end.quantity not in ("voltage", "lithiation"):
        raise StepError("expected a voltage or a lithiation", "e.g. until: 50 mV", (UNTIL,))
    return end


def _can_reach(step: Step, end: Termination) -> bool:
    return step.control in _DRIVEN or (end.quantity == "lithiation" and step.control == "sweep")


def _same(own: Termination, end: Termination) -> bool:
    return (own.quantity, own.value, own.side) == (end.quantity, end.value, end.side)


# --- values put in


def _for_each(item: Mapping[Any, Any], path: Path, found: list[Finding]) -> tuple[Step, ...]:
    """Return the steps of ``for_each``, once for each of its values.

    Raises:
        StepError: it makes no sense.
    """
    _refuse_keys(item, (FOR_EACH, *_DEFAULTS), path, found)
    block, place = item[FOR_EACH], (*path, FOR_EACH)
    if not isinstance(block, dict) or not isinstance(block.get(DO), list | tuple):
        raise StepError("expected lists of values, and under 'do' a list of steps", _EACH_EXAMPLE)
    if _level(place) >= MOST_LEVELS:
        raise StepError(f"expected at most {MOST_LEVELS} nested lists", "", (FOR_EACH, DO))
    values = {str(name): value for name, value in block.items() if name != DO}
    _check_values(values, block[DO])
    steps: list[Step] = []
    for row in zip(*values.values(), strict=True):
        before = len(found)
        put_in = _put_in(block[DO], dict(zip(values, row, strict=True)))
        steps += _steps(put_in, lambda index: (*place, DO, index), found)
        if len(found) > before or len(steps) > MOST_STEPS:
            break  # the same is wrong with all others
    return tuple(steps)


def _check_values(values: Mapping[str, Any], items: Any) -> None:
    """Raise where there are no values, or other ones than the steps name."""
    if not values:
        raise StepError("expected at least one list of values", _EACH_EXAMPLE, (FOR_EACH,))
    for name, value in values.items():
        if not isinstance(value, list | tuple) or not value:
            raise StepError("expected a list of values", _EACH_EXAMPLE, (FOR_EACH, name))
    lengths = {name: len(value) for name, value in values.items()}
    if len(set(lengths.values())) > 1:
        text = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        hint = "They go together; for all pairs put one for_each into the other"
        raise StepError(f"expected lists of one length: {text}", hint, (FOR_EACH,))
    named = set(_NAME.findall(str(items)))
    for name in values:
        if name not in named:
            raise StepError(f"no step names ${name}", _EACH_EXAMPLE, (FOR_EACH, name))


def _put_in(item: Any, values: Mapping[str, Any], depth: int = 0) -> Any:
    """Return plain data with values in the place of their names; others stay for an inner list.

    What is too deep to be a step stays as it is, and is refused where it stands.
    """
    if depth > DEEPEST:
        return item
    if isinstance(item, str):
        whole = _NAME.fullmatch(item)
        if whole and whole[1] in values:
            return values[whole[1]]
        return _NAME.sub(lambda match: str(values.get(match[1], match[0])), item)
    if isinstance(item, dict):
        return {key: _put_in(value, values, depth + 1) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return [_put_in(each, values, depth + 1) for each in item]
    return item


# --- blocks


def _block(
    item: Mapping[Any, Any], name: str, path: Path, found: list[Finding]
) -> tuple[Step, ...]:
    """Return the steps of a block of the laboratory.

    Raises:
        StepError: it makes no sense.
    """
    _refuse_keys(item, (name, *_DEFAULTS), path, found)
    place = (*path, name)
    try:
        items = blocks.TABLE[name](item[name])
    except StepError as error:
        found += _findings(error, place)
        return ()
    inside: list[Finding] = []
    steps = _steps(items, lambda _: place, inside)
    found += [Finding(each.expected, each.hint, place) for each in inside]
    return tuple(with_defaults(replace(step, place=place), {TAGS: name}) for step in steps)
