"""Lexicons: lists of rules and names that an analyst edits, one JSON object per line, validated when loaded.

The fields of a lexicon are those of a frozen dataclass: the annotation says which JSON is accepted, a default makes a
field optional, and ``__post_init__`` may refuse a combination with ValueError. Every problem in a file is reported at
once, as ``file:line: what``, so that one round of corrections is enough.

By hand, not with pydantic: of a standard dataclass it takes unknown fields in silence, reports a union once for each of
its types, and to say what is said here its errors would need as much code again.
"""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from extractors.errors import BrinkwatchError

T = TypeVar("T")

MANY_OPTIONS = 12
JSON_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong on one line (counted from 1) of a lexicon file."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class LexiconError(BrinkwatchError):
    """A lexicon file that cannot be used, with all its problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def by_id(item: Any) -> str:
    """Return the id of an entry, which identifies it in most lexicons."""
    return str(item.id)


def load_jsonl(path: Path, *, build: type[T], key: Callable[[T], str] | None = by_id) -> tuple[T, ...]:
    """Return the entries of a lexicon file in their order, each an instance of the dataclass ``build``.

    ``key`` gives what must be unique in the file (None: nothing need be). Blank lines are skipped.
    Raises LexiconError with every problem of the file: unreadable, not UTF-8, invalid JSON, unknown or missing field,
    wrong type, refused by the dataclass, key used twice.
    """
    problems: list[Problem] = []
    items: list[T] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        try:
            item = parse(line, build=build) if line.strip() else None
        except ValueError as error:
            problems += [Problem(file=path.name, line=number, what=what) for what in str(error).split("\n")]
            continue
        if item is None:
            continue
        name = key(item) if key else str(number)
        if name in seen:
            problems.append(Problem(file=path.name, line=number, what=f"{name!r} is already on line {seen[name]}"))
        seen.setdefault(name, number)
        items.append(item)
    if problems:
        raise LexiconError(tuple(problems))
    return tuple(items)


def entry_lines(path: Path) -> list[int]:
    """Return the line of every entry of a valid file, for problems found when files are compared."""
    return [number for number, line in enumerate(_lines(path), 1) if line.strip()]


def parse(line: str, *, build: type[T]) -> T:
    """Return one line as an instance of the dataclass ``build``; ValueError lists every problem, one per line."""
    try:
        row = json.loads(line, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise ValueError(f"invalid JSON at column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(row, dict):
        raise ValueError("expected a JSON object")
    return from_row(row, build=build)


def from_row(row: dict[str, Any], *, build: type[T]) -> T:
    """Return a row of any format as an instance of ``build``; ValueError lists every problem, one per line."""
    return _build(row, build, prefix="")


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise LexiconError((Problem(file=path.name, line=0, what=f"cannot be read: {error.strerror}"),)) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise LexiconError((Problem(file=path.name, line=line, what="not UTF-8"),)) from error
    return text.split("\n")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a field given twice, of which JSON would silently keep the last one."""
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"field given twice: {', '.join(twice)}")
    return row


@cache
def _schema(build: Any) -> Mapping[str, tuple[Any, Field[Any]]]:
    hints = get_type_hints(build)
    return {field.name: (hints[field.name], field) for field in fields(build) if field.init}


def _build(row: dict[str, Any], build: type[T], *, prefix: str) -> T:
    schema = _schema(cast("Hashable", build))
    wrong = [f"unknown field {prefix + name!r}" for name in row if name not in schema]
    values: dict[str, Any] = {}
    for name, (hint, field) in schema.items():
        if name in row:
            try:
                values[name] = _convert(row[name], hint, where=prefix + name)
            except ValueError as error:
                wrong.append(str(error))
        elif field.default is MISSING and field.default_factory is MISSING:
            wrong.append(f"missing field {prefix + name!r}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return build(**values)


def _convert(value: Any, hint: Any, *, where: str) -> Any:
    """Return JSON as the annotated type: scalars, unions, Literal, Enum, tuple[X, ...], dict[str, X], dataclasses."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _one_of(value, get_args(hint), where=where)
    if origin is Literal:
        return _chosen(value, get_args(hint), where=where)
    if origin is not None:
        return _contained(value, origin, get_args(hint), where=where)
    if issubclass(hint, Enum):
        return hint(_chosen(value, tuple(member.value for member in hint), where=where))
    if isinstance(hint, type) and is_dataclass(hint):
        return _build(_object(value, where=where), hint, prefix=f"{where}.")
    return _scalar(value, hint, where=where)


def _contained(value: Any, origin: Any, inner: tuple[Any, ...], *, where: str) -> Any:
    if origin is dict:
        pairs = _object(value, where=where).items()
        return {name: _convert(item, inner[1], where=f"{where}.{name}") for name, item in pairs}
    if not isinstance(value, list):
        raise ValueError(f"{where!r} must be a list")
    return origin(_convert(item, inner[0], where=f"{where}[{at}]") for at, item in enumerate(value))


def _object(value: Any, *, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where!r} must be an object")
    return value


def _one_of(value: Any, options: tuple[Any, ...], *, where: str) -> Any:
    if value is None and NoneType in options:
        return None
    kinds = [option for option in options if option is not NoneType]
    if len(kinds) == 1:
        return _convert(value, kinds[0], where=where)
    for kind in kinds:
        if isinstance(kind, type) and type(value) is kind:
            return value
    raise ValueError(f"{where!r} must be {' or '.join(JSON_NAMES.get(kind, str(kind)) for kind in options)}")


def _chosen(value: Any, options: tuple[Any, ...], *, where: str) -> Any:
    if value not in options:
        raise ValueError(f"{where!r} must be one of {_some(value, options)}, not {value!r}")
    return value


def _some(value: Any, options: tuple[Any, ...]) -> str:
    """Return the options, or if there are many, those most similar to what was written."""
    names = [str(option) for option in options]
    if len(names) <= MANY_OPTIONS:
        return ", ".join(names)
    near = get_close_matches(str(value), names, cutoff=0) or names[:3]
    return f"{', '.join(near)} and {len(names) - len(near)} others"


def _scalar(value: Any, hint: type[Any], *, where: str) -> Any:
    # bool is an int in Python, but not in JSON
    fits = type(value) is hint or (hint is float and type(value) is int)
    if not fits:
        raise ValueError(f"{where!r} must be {JSON_NAMES.get(hint, hint.__name__)}, not {json.dumps(value)[:40]}")
    if hint is str and not value.strip():
        raise ValueError(f"{where!r} is empty")
    return hint(value)
