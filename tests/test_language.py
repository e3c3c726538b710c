"""The language of a text."""

import json
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from flows.sources.parsing import language
from flows.sources.parsing.language import language_of

DATA = Path(__file__).parent / "data"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Putin warns NATO that supplying Tomahawk missiles to Ukraine would be a new stage of escalation", "en"),
        ("Tomahawk missiles", "en"),
        ("", "en"),
        ("Россия предупреждает", "ru"),
        ("Президент России заявил, что поставки ракет большой дальности станут новым этапом эскалации", "ru"),
        ("Le président russe a averti que la livraison de missiles serait une nouvelle étape de l'escalade", "fr"),
        ("Der russische Präsident warnte, die Lieferung von Raketen wäre eine neue Stufe der Eskalation", "de"),
        ("El presidente ruso advirtió que la entrega de misiles sería una nueva etapa de la escalada", "es"),
        ("북한은 미사일 발사를 경고했다", "ko"),
    ],
)  # fmt: skip
def test_the_language_is_told_where_there_is_enough_to_tell(text: str, code: str) -> None:
    """Short texts are what the feed says they are, unless their alphabet gives them away."""
    assert language_of(text) == code


ENGLISH = (
    "Zelensky says talks could resume after Geneva while new drones hit Kharkiv",
    "Moscow warns against their deployment until treaty expires, minister told Interfax",
    "Who would pay? Allies split into camps before budget summit, diplomats said",
)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_headlines_do_not_load_the_detector(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its 70 MB and half a second are spent on texts whose function words are not English."""
    monkeypatch.delattr(language, "_identifier")
    assert language_of(text, expected="fr") == "en"


def test_the_detector_with_its_model_in_files_is_the_librarys() -> None:
    """Mapping the model changes no probability."""
    texts = [json.loads(line)["text"] for line in (DATA / "languages.jsonl").read_text("utf-8").splitlines()]
    own = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    assert len(texts) >= 30
    assert [language._identifier().classify(text) for text in texts] == [own.classify(text) for text in texts]
