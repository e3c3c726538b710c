"""How severe a statement is: the same deed in other words is as severe; the deed, rank and certainty decide."""

import json
from pathlib import Path

import pytest

from extractors.lexicon import LexiconError
from extractors.records import Kind
from extractors.statements.statement_severity import Severity, SeverityTable, rank_of

DATA = Path(__file__).parent / "data" / "severity.jsonl"
PAIRS = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def table(seeds: Path) -> SeverityTable:
    return SeverityTable(seeds)


def told(table: SeverityTable, quote: str, *, role: str | None = None, nuclear: bool = False) -> Severity:
    return table.assess(kind=Kind.THREAT, quote=quote, consequence=None, role=role, nuclear=nuclear)


def test_the_pairs_cover_every_deed(seeds: Path) -> None:
    """Sixty pairs, at least five for each line of the table."""
    deeds = [json.loads(line)["id"] for line in (seeds / "severity.jsonl").read_text(encoding="utf-8").splitlines()]
    counted = {deed: sum(pair["deed"] == deed for pair in PAIRS) for deed in deeds}
    assert len(PAIRS) >= 60
    assert min(counted.values()) >= 5


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["one"][:40])
def test_the_same_deed_in_other_words_is_as_loud(pair: dict[str, str], table: SeverityTable) -> None:
    """Both wordings are taken for one deed, whoever says it."""
    for role in (None, "foreign minister", "president"):
        one, other = (
            told(table, pair[side], role=role, nuclear=pair["deed"] == "nuclear-use") for side in ("one", "other")
        )
        assert one == other


def test_a_louder_deed_is_never_less_severe(table: SeverityTable) -> None:
    """From the last line of the table to the first, by the first wording of each deed."""
    firm = {pair["deed"]: pair["one"] for pair in reversed(PAIRS)}
    levels = [told(table, quote).level for quote in firm.values()]
    assert levels == sorted(levels)
    assert levels[0] < levels[-1]


@pytest.mark.parametrize(
    ("role", "rank"),
    [
        ("President of Russia", 2),
        ("prime minister", 2),
        ("Supreme Leader", 2),
        ("vice president", 0),
        ("deputy foreign minister", 1),
        ("press secretary", 1),
        ("adviser to the president", 1),
        ("villager", 0),
    ],
)
def test_rank_is_that_of_the_office(role: str, rank: int) -> None:
    """A deputy or an adviser is no head of state."""
    assert rank_of(role) == rank


def test_rank_raises_and_doubt_lowers(table: SeverityTable) -> None:
    """A head of state counts more than a nobody, and "may" less than "will"; both are given as reasons."""
    plain, high = told(table, "We will respond."), told(table, "We will respond.", role="president")
    firm, hedged = told(table, "We will strike their cities."), told(table, "We may strike their cities.")
    assert plain.level < high.level
    assert firm.level >= hedged.level
    assert "hedged" in hedged.reasons
    assert "said by the head of state or government" in high.reasons


def test_what_is_threatened_counts_before_what_would_provoke_it(table: SeverityTable) -> None:
    """ "If they attack our cities, we will impose sanctions" threatens sanctions."""
    quote = "If they attack our cities, we will impose sanctions."
    found = table.assess(
        kind=Kind.RED_LINE, quote=quote, consequence="we will impose sanctions", role=None, nuclear=False
    )
    assert found.reasons[0] == "sanctions"


def test_commentary_is_always_faint(table: SeverityTable) -> None:
    """Experts may talk of nuclear war: level 1, no rung."""
    found = table.assess(kind=Kind.COMMENTARY, quote="It means nuclear war.", consequence=None, role=None, nuclear=True)
    assert (found.level, found.rung) == (1, None)


def test_a_pattern_that_misses_its_example_is_named(tmp_path: Path, seeds: Path) -> None:
    """An analyst's slip is told with file and line."""
    lines = (seeds / "severity.jsonl").read_text(encoding="utf-8").splitlines()
    broken = json.dumps(json.loads(lines[0]) | {"example": "nothing of the sort"})
    (tmp_path / "severity.jsonl").write_text("\n".join([broken, *lines[1:]]), encoding="utf-8")
    with pytest.raises(LexiconError, match=r"severity\.jsonl:1: the pattern does not match its example"):
        SeverityTable(tmp_path)
