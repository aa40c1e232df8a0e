"""``mesode check``: validate a case and print what it amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.cli.console import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mesode.case.plan import Plan, StepPlan

_SHOWN = 40  # steps of a protocol that are listed
_LONGEST_BLOCK = 50  # steps that are looked at for repetition
#: Units of durations: name, length [s], and from how long on it is taken [s].
_UNITS = (
    ("days", 86_400.0, 172_800.0),
    ("h", 3600.0, 3600.0),
    ("min", 60.0, 120.0),
    ("s", 1.0, 0.0),
)

HELP = "validate a case and print the plan: areas, loading, capacity, C-rates, size"
EXAMPLES = """\
  mesode check sio.yaml
  mesode check sio.yaml --set "protocol.0=Lithiate at C/5 until 10 mV"
  mesode check sio.yaml --assumed              with all values that were not measured
  mesode check binder.yaml                     a study: every case; number, time, disk"""


def execute(args: argparse.Namespace) -> int:
    """Print the plan of a case, or what a study amounts to.

    Raises:
        InputError: every problem of the file.
        GeometryError: the particles cannot be packed as asked.
    """
    from mesode.case.plan import make_plan
    from mesode.cli.check_study import check_study
    from mesode.config.consistency import unused_materials
    from mesode.config.idle_keys import idle_warnings
    from mesode.config.load import load_case
    from mesode.study.expand import is_study

    if is_study(args.file):
        return check_study(args)
    case = load_case(args.file, args.overrides)
    plan, remarks = make_plan(case), (*unused_materials(case), *idle_warnings(case))
    for line in plan_lines(plan, remarks, assumed=args.assumed):
        say(line)
    say(f"{args.file}: valid. Next: mesode run {args.file}")
    return 0


def plan_lines(plan: Plan, remarks: Sequence[str] = (), *, assumed: bool = False) -> list[str]:
    """Return the plan as text, with more to warn of than the plan knows.

    ``assumed``: with each of the values that nobody measured, not only their number.
    """
    rows = plan.rows()
    width = max(len(name) for name, _ in rows)
    lines = [plan.title or "(no title)", ""]
    lines += [f"{name.ljust(width)}  {value}" for name, value in rows]
    lines += ["", "protocol"]
    steps = protocol_lines(plan.steps)
    lines += steps[:_SHOWN]
    if len(steps) > _SHOWN:
        lines.append(f"  ... {len(plan.steps)} steps in all")
    lines += [f"  in all {_time(plan.steps)}"] if len(plan.steps) > 1 else []
    if plan.assumed:
        more = ":" if assumed else "; --assumed lists them"
        lines += ["", f"{len(plan.assumed)} values are assumed, not measured{more}"]
        lines += [f"  - {text}" for text in plan.assumed if assumed]
    if plan.notes:
        lines += ["", *(f"note: {text}" for text in plan.notes)]
    warnings = (*remarks, *plan.warnings)
    if warnings:
        lines += ["", *(f"warning: {text}" for text in warnings)]
    return [*lines, ""]


def protocol_lines(steps: Sequence[StepPlan]) -> list[str]:
    """Return numbered steps as lines; blocks that repeat themselves stand once."""
    lines, first = [], 0
    texts = [f"{step.text}{_rate(step)}" for step in steps]
    while first < len(steps):
        length, times = _block(texts, first)
        last = first + length * times
        indent = "  "
        if times > 1:
            lines.append(f"  {first + 1}. to {last}.: {_times(steps[first:last], times)}")
            indent = "    "
        for k in range(first, first + length):
            time = f"; {_time(steps[k : k + 1])}" if times == 1 else ""
            lines.append(f"{indent}{k + 1}. {texts[k]}{time}")
        first = last
    return lines


def _times(steps: Sequence[StepPlan], times: int) -> str:
    """Return how often a block is repeated, how often that is expected to be, how long it takes."""
    length = len(steps) // times
    done = sum(not step.left_out for step in steps[::length])
    number = f"{times} times" if done == times else f"at most {times} times, expected {done}"
    return f"{number}; {_time(steps)}"


def _time(steps: Sequence[StepPlan]) -> str:
    """Return about how long some steps take, or what of that is known."""
    known = [step.time for step in steps if step.time is not None]
    total = sum(known)
    if not known:
        return "time not known"
    name, length, _ = next((unit for unit in _UNITS if total >= unit[2]), _UNITS[-1])
    rest = " and what is not known" if len(known) < len(steps) else ""
    return f"about {total / length:.3g} {name}{rest}"


def _block(steps: Sequence[str], first: int) -> tuple[int, int]:
    """Return length and number of the repetitions that begin at a step, of the longest run."""
    best = (1, 1)
    for length in range(1, min(_LONGEST_BLOCK, (len(steps) - first) // 2) + 1):
        block, times = steps[first : first + length], 1
        while steps[first + length * times : first + length * (times + 1)] == block:
            times += 1
        if times > 1 and length * times > best[0] * best[1]:
            best = (length, times)
    return best


def _rate(step: StepPlan) -> str:
    if step.current is None or step.c_rate is None:
        return ""
    return f"  ({step.current:+.4g} A/m^2, {step.c_rate:.3g} C)"
