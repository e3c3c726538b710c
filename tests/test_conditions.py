"""What a limit forbids, and what is no limit: an answer to what has been done, a plan, a date."""

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.conditions import find_limit

DATA = Path(__file__).parent / "data" / "limits.jsonl"
CASES = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["sentence"][:40])
def test_the_act_to_avoid_is_found_where_there_is_one(case: dict[str, Any]) -> None:
    """Each case of the table: the condition as a span of the sentence, or none."""
    span = find_limit(case["sentence"]).condition
    assert (case["sentence"][slice(*span)] if span else None) == case["condition"]


@pytest.mark.parametrize("marks", ["“”", "‘’", '""', "«»"])
def test_quotation_marks_change_no_condition(marks: str) -> None:
    """A quoted verdict leaves its subject the condition, whatever the marks."""
    sentence = f"Minsk said a strike on the plant would {marks[0]}set the border on fire{marks[1]}."
    span = find_limit(sentence).condition
    assert span is not None
    assert sentence[slice(*span)] == "a strike on the plant"


@pytest.mark.parametrize(
    ("sentence", "consequence"),
    [
        ("If they cross the river, we will respond.", "we will respond"),
        ("Iran warns it will retaliate if US attacks", "it will retaliate"),
        ("He warned that any attack on the bridge would mean war.", "would mean war"),
        ("Touch our tankers and yours will never leave the Gulf.", "yours will never leave the Gulf"),
        ("Withdraw or face destruction, the junta tells rebels", "face destruction"),
    ],
)
def test_the_consequence_is_cut_out_too(sentence: str, consequence: str) -> None:
    """What would follow is the main clause, the verdict, or what stands behind "or" and "and"."""
    span = find_limit(sentence).consequence
    assert span is not None
    assert sentence[slice(*span)] == consequence
