"""Damage to texts and files, the same for the same seed."""

from __future__ import annotations

import json
import re

WORDS = (
    *("null", "[]", "{}", "-1", "1e999", '"x"', "yes", "*a", "&a", "!x", "0", "nan", ".inf"),
    *("1e-400 um", "{a: 1}", "[[1,2],[3]]", "\u00b2", "\u0663", '"\\0"', "~", "<<", "? ", "- "),
    *("|", ">", "% um", "um", "1/0", "9" * 25, "\t", "mA", '"\\ud800"', "\u202e", "1 um um", "3"),
    *("for", "until", "or", "at", "1e30", "True", "- repeat: 5", "x" * 20_000, "[" * 60, "C/0"),
)
_TOKEN = re.compile(r"[A-Za-z0-9_./]+")
_PIECES = (b"null", b"[]", b"{}", b"-1", b"1e999", b'"x"', b"\x00", b"\xff", b"\n", b",", b"999999")
_WHOLE = (b"", b"null", b"[]", b"{}", b"5", b'"x"', b"[[[", b'{"a":', b"\xef\xbb\xbf")
_VALUES = (None, 5, "x", [], {}, [1], {"a": 1}, 1e308, -1, True, [None], [{}])


def mutated_text(text, rng):
    """Return a YAML text with one to three words, lines or values changed."""
    for _ in range(rng.randint(1, 3)):
        tokens = [match.span() for match in _TOKEN.finditer(text)]
        a, b = rng.choice(tokens)
        lines = text.split("\n")
        row = rng.randrange(len(lines))
        match rng.randrange(6):
            case 0:
                text = text[:a] + rng.choice(WORDS) + text[b:]
            case 1:
                text = text[:a] + text[b:]
            case 2:
                place = rng.randrange(len(text))
                text = text[:place] + rng.choice(WORDS) + text[place:]
            case 3:
                lines.insert(row, rng.choice(lines))
                text = "\n".join(lines)
            case 4:
                c, d = rng.choice(tokens)
                text = text[:a] + text[c:d] + text[b:]
            case _:
                lines[row] = f"{lines[row].partition(':')[0]}: {rng.choice(WORDS)}"
                text = "\n".join(lines)
    return text


def mutated_bytes(content, rng):
    """Return a file cut off, altered, or of something else; JSON with a value of another kind."""
    data = bytearray(content)
    first, last = sorted(rng.randrange(len(data)) for _ in range(2))
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(data[:first])
    if kind == 1:
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        return bytes(data)
    if kind == 2:
        return bytes(data[:first] + rng.choice(_PIECES) + data[first:])
    if kind == 3:
        return bytes(data[:first] + data[last:])
    if kind == 4:
        return rng.choice(_WHOLE)
    return _other_value(content, rng)


def _other_value(content, rng):
    try:
        parts = json.loads(content)
    except ValueError:
        return content[::-1]
    parts[rng.choice(list(parts))] = rng.choice(_VALUES)
    return json.dumps(parts).encode()
