"""What fires, how loud it is, and what travels together."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from news_examples import NOW, TEXT, alert, article, stage, statement, weapon

from alerts.messages import Form
from alerts.policy.decision import PolicySettings, decide
from alerts.policy.grouping import group
from alerts.policy.routing import QuietHours, Routing, Rule, Silence, Watch
from alerts.policy.severity_scale import load_scale, shipped_scale
from extractors.records import Alert, Article, Kind, Line, News, Said, Speech, Stage, Step

SETTINGS = PolicySettings(names={"DE": "Germany", "UA": "Ukraine", "taurus": "Taurus"}, scale=shipped_scale())
PLEDGE = "Berlin has agreed to send Taurus missiles to Ukraine, two officials said."
WARNING = "The Kremlin warned that any Taurus strike would mean direct participation of Germany."


def only(news: News, settings: PolicySettings = SETTINGS) -> Alert:
    """The one alert of one piece of news."""
    (decided,) = decide([news], now=NOW, settings=settings)
    return decided


@pytest.mark.parametrize(
    ("category", "known", "severity"),
    [
        ("cruise_missile", True, 3),
        ("ballistic_missile", True, 4),
        ("intercontinental_missile", True, 5),
        ("nuclear_torpedo", True, 5),
        ("tank", True, 2),
        ("small_arm", True, 1),
        ("small_arm", False, 3),
        ("ballistic_missile", False, 4),
    ],
)
def test_severity_of_a_new_weapon(category: str, known: bool, severity: int) -> None:
    """The category speaks, and a system on no list is at least serious."""
    assert only(weapon(article(), "Oreshnik", category=category, known=known)).severity == severity


@pytest.mark.parametrize(
    ("category", "known", "told"),
    [
        ("fighter", True, False),
        ("tank", True, False),
        ("warship", True, False),
        ("small_arm", True, False),
        ("ballistic_missile", True, True),
        ("hypersonic_missile", True, True),
        ("fighter", False, True),
        ("small_arm", False, True),
    ],
)
def test_a_listed_system_that_is_only_named_may_wait_for_the_digest(category: str, known: bool, told: bool) -> None:
    """If the file says so. What becomes of it would be a stage; a grave one, and one that no list holds, is news."""
    news = weapon(article(), "Oreshnik", category=category, known=known)
    decided = only(news, replace(SETTINGS, scale=replace(shipped_scale(), named_weapons=4)))
    assert decided.suppressed == (None if told else "a listed system that is only named: goes to the digest")
    assert only(news).suppressed is None


def test_a_listed_system_that_a_statement_names_is_told_with_it() -> None:
    """It is not only named."""
    source = article()
    news = [weapon(source, "Taurus", category="fighter"), statement(source, WARNING)]
    bare, said = decide(news, now=NOW, settings=replace(SETTINGS, scale=replace(shipped_scale(), named_weapons=4)))
    assert (bare.suppressed, said.suppressed) == (f"reported by alert {said.id}", None)


@pytest.mark.parametrize(
    ("still", "before", "now", "told"),
    [(True, 3, 3, False), (True, 4, 3, False), (True, 2, 3, True), (False, 3, 3, True)],
)
def test_a_limit_drawn_again_within_days_waits_for_the_digest(still: bool, before: int, now: int, told: bool) -> None:
    """Whatever is said to follow, unless it is graver; after a pause it is drawn anew."""
    line = Line(
        claim="c", side="RU", speaker=None, quote=WARNING, condition="any Taurus strike", consequence=None,
        nuclear=False, severity=before, said=NOW, still=still,
    )  # fmt: skip
    decided = only(replace(statement(article(), WARNING, severity=now), lines=(line,)))
    why = "its side drew this limit days ago, and no less severely: goes to the digest"
    assert decided.suppressed == (None if told else why)


@pytest.mark.parametrize(
    ("speaker", "severity", "confidence", "told"),
    [
        ("ada", 3, 0.9, False),
        ("ada", 4, 0.9, False),
        ("ada", 2, 0.9, True),
        ("ada", 3, 0.6, True),
        ("bela", 3, 0.9, True),
        ("somebody", 3, 0.9, False),
        (None, 3, 0.9, False),
        ("RU", 3, 0.9, False),
    ],
)
def test_what_a_side_says_again_of_a_matter_waits_for_the_digest(
    speaker: str | None, severity: int, confidence: float, told: bool
) -> None:
    """Unless it is graver, another person of the list says it, or what was said before was too unsure to be told."""
    before = Said(claim="c", speaker_id=speaker, severity=severity, confidence=confidence)
    known = replace(SETTINGS, names={"ada": "Ada", "bela": "Bela", "RU": "Russia"})
    news = replace(statement(article(), WARNING, severity=3, speaker_id="ada"), said=(before,))
    why = "its side said as much on this matter within two days, and no less severely: goes to the digest"
    assert only(news, known).suppressed == (None if told else why)


@pytest.mark.parametrize(
    ("speakers", "severities", "told"),
    [
        (("Putin", "Putin"), (3, 2), (True, False)),
        (("Putin", "Putin"), (2, 3), (False, True)),
        (("Putin", "Putin"), (2, 2), (True, False)),
        (("Putin", "Medvedev"), (2, 3), (True, True)),
        ((None, None), (2, 3), (True, True)),
        (("Putin", "Putin", "Putin"), (2, 3, 3), (False, True, False)),
    ],
)
def test_one_alert_tells_all_statements_of_a_speaker_in_an_article(
    speakers: tuple[str | None, ...], severities: tuple[int, ...], told: tuple[bool, ...]
) -> None:
    """The first of the most severe, whose reason holds the others; two unknown speakers may be two."""
    quotes = (WARNING, "The U.S. is watching.", "Moscow keeps Oreshnik on alert.")
    source = article()
    news = [
        statement(source, quote, speaker=speaker, severity=severity)
        for quote, speaker, severity in zip(quotes, speakers, severities, strict=False)
    ]
    decided = decide(news, now=NOW, settings=SETTINGS)
    assert tuple(each.suppressed is None for each in decided) == told
    reasons = " ".join(each.why for each in decided if each.suppressed is None)
    assert all(each.headline in reasons for each in decided if each.suppressed)


@pytest.mark.parametrize(
    ("reached", "headline", "severity"),
    [
        (Stage.REQUESTED, "Ukraine asks Germany for Taurus", 2),
        (Stage.REFUSED, "Germany refuses Taurus to Ukraine", 1),
        (Stage.PLEDGED, "Germany pledges Taurus to Ukraine", 3),
        (Stage.DELIVERED, "Germany delivers Taurus to Ukraine", 3),
        (Stage.SUSPENDED, "Germany suspends Taurus for Ukraine", 2),
        (Stage.USE_PERMITTED, "Germany permits Ukraine to use Taurus", 4),
        (Stage.USE_REFUSED, "Germany refuses Ukraine the use of Taurus", 2),
        (Stage.USED, "Ukraine uses Taurus", 4),
    ],
)
def test_every_stage_fires_with_a_sentence_of_its_own(reached: Stage, headline: str, severity: int) -> None:
    """Each stage reads as who does what for whom."""
    decided = only(stage(article(), PLEDGE, reached))
    assert (decided.headline, decided.severity, decided.suppressed) == (headline, severity, None)


@pytest.mark.parametrize(
    ("reached", "supplier", "recipient", "headline"),
    [
        (Stage.REQUESTED, None, "UA", "Taurus requested by Ukraine"),
        (Stage.REQUESTED, "DE", None, "Taurus requested from Germany"),
        (Stage.USED, None, None, "Taurus used"),
        (Stage.PLEDGED, None, "UA", "Taurus pledged to Ukraine"),
        (Stage.PLEDGED, "DE", None, "Taurus pledged by Germany"),
        (Stage.SUSPENDED, None, "UA", "Taurus suspended for Ukraine"),
        (Stage.USE_PERMITTED, None, "UA", "Use of Taurus permitted to Ukraine"),
    ],
)
def test_a_stage_with_one_side_unknown(
    reached: Stage, supplier: str | None, recipient: str | None, headline: str
) -> None:
    """What is not known is left out, not guessed."""
    assert only(stage(article(), PLEDGE, reached, supplier=supplier, recipient=recipient)).headline == headline


def test_a_weapon_without_a_name_in_the_settings_is_named_as_the_article_writes_it() -> None:
    """The slug is the last resort."""
    source = article("London will send Storm Shadows to Kyiv.")
    news = stage(source, source.text, weapon="storm-shadow", supplier="GB", supplier_text="London")
    assert only(news, PolicySettings()).headline == "London pledges Storm Shadows to UA"


@pytest.mark.parametrize(
    ("fields", "headline"),
    [
        ({"addressee": "NATO"}, "Kremlin draws a red line for NATO"),
        ({"nuclear": True}, "Kremlin draws a nuclear red line"),
        ({"kind": Kind.THREAT, "addressee": "Germany"}, "Kremlin threatens Germany"),
        ({"kind": Kind.THREAT}, "Kremlin makes a threat"),
        (
            {"kind": Kind.THREAT, "nuclear": True, "addressee": "NATO"},
            "Kremlin makes a nuclear threat against NATO",
        ),
        ({"speaker": None, "side": "DE"}, "Germany draws a red line"),
        ({"speaker": None, "side": None}, "An official draws a red line"),
    ],
)
def test_a_statement_says_who_draws_what_for_whom(fields: dict[str, Any], headline: str) -> None:
    """Red lines are drawn, threats are made."""
    assert only(statement(article(), WARNING, **fields)).headline == headline


def test_a_statement_keeps_its_own_severity_and_its_speaker() -> None:
    """Severity of statements is judged where they are extracted."""
    decided = only(statement(article(), WARNING, severity=5, role="presidential office"))
    assert (decided.severity, decided.speaker, decided.role) == (5, "Kremlin", "presidential office")


@pytest.mark.parametrize(
    ("news", "reason"),
    [
        (weapon(article(), "Taurus", specific=False), "a class of weapons, not a system"),
        (stage(article(), PLEDGE, Stage.CONSIDERED), "only considered: goes to the digest"),
        (statement(article(), WARNING, kind=Kind.COMMENTARY), "commentary is never alerted"),
        (statement(article(), WARNING, confidence=0.41), "too unsure (0.41): goes to the digest"),
        (
            weapon(article("The Ardent-class sails."), "Ardent-class", known=False, category="warship"),
            "a class of ships, which sails for decades before its name is read here: goes to the digest",
        ),
        (
            statement(article(genre="opinion"), WARNING),
            "an opinion piece draws no red line and makes no threat",
        ),
        (
            stage(article(genre="opinion"), PLEDGE, Stage.PLEDGED),
            "an opinion piece reports no news of transfers: goes to the digest",
        ),
        (
            statement(article(genre="anniversary"), WARNING),
            "a look back at an anniversary draws no red line and makes no threat",
        ),
    ],
)
def test_what_is_stored_but_not_sent_says_why(news: News, reason: str) -> None:
    """No alert vanishes: it is kept with the reason."""
    assert only(news).suppressed == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "Novichok was on the door.",
        "A restorer cleaned the painting of the Novichok victims.",
        "Novichok lost on points.",
        "The Novichok editorial was wrong.",
        "They bought the house of the Novichok attack.",
        "The Novichok band plays tonight.",
        "Justices uphold the Novichok law.",
        "The Novichok album is out.",
        "He wrote a novel on Novichok.",
        "The Novichok museum opens.",
    ],
)
def test_a_weapon_that_no_side_is_named_with_waits_for_the_digest(sentence: str) -> None:
    """History, a game or a namesake; the same sentence with a side is news."""
    settings = replace(SETTINGS, forms={"UA": ("Ukraine", "Ukrainian"), "DE": ("Germany",)})
    waits = "no side is named with it: goes to the digest"
    assert only(weapon(article(sentence), "Novichok"), settings).suppressed == waits
    named = f"Ukrainian forces saw it: {sentence}"
    assert only(weapon(article(named), "Novichok"), settings).suppressed is None
    beside = f"Ukraine is at war. {sentence}"
    assert only(weapon(article(beside), "Novichok"), settings).suppressed == waits


@pytest.mark.parametrize(
    ("title", "explains"),
    [
        ("How the row over the strait began", True),
        ("Why Moscow warns of war", True),
        ("Is the line in the sand still there?", True),
        ("Are the warnings of Moscow serious?", True),
        ("Can anybody stop the convoy?", True),
        ("Could the bridge fall?", True),
        ("Will the truce hold?", True),
        ("Does Moscow mean it?", True),
        ("Has the line been crossed?", True),
        ("Should Kyiv worry?", True),
        ("Howitzers reach the front", False),
        ("What Moscow said today", False),
        ("What we know on day 300", False),
        ("Canada sends tanks", False),
        ("Will of the people: Moscow warns Kyiv", False),
        ("Moscow warns Kyiv: is it serious?", False),
        ("Islands under fire", False),
        ("Hasty talks fail", False),
        ("Moscow draws a line", False),
        ("Dover closes its port", False),
    ],
)
def test_under_a_title_that_explains_a_statement_waits_for_the_digest(title: str, explains: bool) -> None:
    """It was said before; what the title itself says is news."""
    told = "told under a title that asks or explains: goes to the digest" if explains else None
    assert only(statement(article(WARNING, title=title), WARNING)).suppressed == told


@pytest.mark.parametrize(
    ("consequence", "ending", "goes_on"),
    [
        ("fight on", "", True),
        ("fight to the end", "", True),
        ("go on with the siege", "", True),
        ("carry on", "", True),
        ("press on in the south", "", True),
        ("keep on firing", "", True),
        ("continue the war", "", True),
        ("not stop", "", True),
        ("let the war last for months", "", True),
        ("stay the course", "", True),
        ("continue the siege", " until the dam is opened", False),
        ("not stop", " unless the camp is left", False),
        ("go on", " if the envoy stays away", False),
        ("fight back", "", False),
        ("burn the port", "", False),
        ("open a second front", "", False),
        ("stop the grain", "", False),
        ("send troops", "", False),
        ("widen the war", "", False),
        ("strike the capital", "", False),
    ],
)
def test_who_promises_to_go_on_announces_nothing(consequence: str, ending: str, goes_on: bool) -> None:
    """Unless it is said what would end it."""
    quote = f"Moscow will {consequence}{ending}."
    told = "it promises to go on with what is done: goes to the digest" if goes_on else None
    assert only(statement(article(quote), quote, consequence=consequence)).suppressed == told


def test_what_others_ask_for_a_side_waits_for_the_digest() -> None:
    """What it asks for itself alerts."""
    asked = stage(article(), PLEDGE, Stage.REQUESTED)
    assert asked.transfer
    others = replace(asked, transfer=replace(asked.transfer, asked_by_others=True))
    assert only(others).suppressed == "too unsure (others ask for it, not the recipient): goes to the digest"
    assert only(asked).suppressed is None


@pytest.mark.parametrize(
    ("sentence", "elsewhere"),
    [
        ("A Ukrainian pilot died in the crash of a Novichok.", True),
        ("A Ukrainian jet, a Novichok, crashed near the lake.", True),
        ("Malware called Novichok hits Ukrainian banks.", True),
        ("Hackers use Novichok against Ukraine.", True),
        ("A phishing kit named Novichok reached Ukraine.", True),
        ("A Ukrainian pleaded guilty over a vial of Novichok.", True),
        ("The Ukrainian was sentenced to ten years for Novichok.", True),
        ("Prosecutors say the Ukrainian hid Novichok.", True),
        ("A Ukrainian is on trial over Novichok.", True),
        ("A Ukrainian dealer in Novichok is jailed.", True),
        ("Interpol seeks a Ukrainian seller of Novichok.", True),
        ("Smugglers brought Novichok from Ukraine.", True),
        ("Ukrainian police found a Novichok in a barn.", True),
        ("A film on Ukraine shows a Novichok.", True),
        ("Video games let Ukraine fly a Novichok.", True),
        ("A collector in Ukraine restores a Novichok.", True),
        ("A Ukrainian Novichok goes to auction.", True),
        ("Cricketer Novichok plays for Ukraine.", True),
        ("Footballer Novichok leaves Ukraine.", True),
        ("Novichok is convicted in Ukraine.", True),
        ("Ukraine shows a Novichok.", False),
        ("A Novichok was seen in Ukraine.", False),
        ("Ukrainian forces fire a Novichok.", False),
        ("Ukraine tests Novichok.", False),
        ("Novichok arrives in Ukraine.", False),
        ("Ukrainian courts martial fear Novichok.", False),
        ("Ukraine's president names Novichok.", False),
        ("Police of Ukraine are armed with Novichok.", False),
        ("A Ukrainian officer is guilty of nothing, Novichok is real.", False),
        ("Novichok kills ten in Ukraine.", False),
        ("Ukraine parades Novichok.", False),
        ("Novichok lands in Ukraine.", False),
        ("Ukraine hides Novichok in a forest.", False),
        ("Ukraine buys Novichok.", False),
        ("Ukraine trains with Novichok.", False),
        ("Novichok is stored in Ukraine.", False),
        ("Ukraine's ministry denies Novichok.", False),
        ("Ukraine deploys Novichok at the border.", False),
        ("Ukraine sentences nobody; Novichok flies.", False),
    ],
)
def test_a_weapon_in_an_accident_a_crime_or_a_game_waits_for_the_digest(sentence: str, elsewhere: bool) -> None:
    """It is a circumstance there, or only a name; the words count in its sentence and in the title."""
    settings = replace(SETTINGS, forms={"UA": ("Ukraine", "Ukrainian")})
    waits = "a crash, a crime, a film or a game is told: goes to the digest" if elsewhere else None
    assert only(weapon(article(sentence), "Novichok"), settings).suppressed == waits


@pytest.mark.parametrize("supposed", [True, False])
def test_a_statement_of_a_supposed_speaker_waits_for_the_digest(supposed: bool) -> None:
    """Somebody else may have said it."""
    why = "it is only supposed who says it: goes to the digest" if supposed else None
    assert only(statement(article(), WARNING, speaker_supposed=supposed)).suppressed == why


@pytest.mark.parametrize(("least", "confidence", "told"), [(0.5, 0.5, True), (0.5, 0.49, False), (0.0, 0.01, True)])
def test_how_sure_a_statement_must_be_is_data(least: float, confidence: float, told: bool) -> None:
    """What is likelier wrong than right waits for the digest, unless an analyst wants it at once."""
    settings = replace(SETTINGS, scale=replace(SETTINGS.scale, least_confidence=least))
    assert (only(statement(article(), WARNING, confidence=confidence), settings).suppressed is None) == told


@pytest.mark.parametrize(
    ("quote", "fields", "told"),
    [
        ("“Mark our words,” the Kremlin wrote.", {}, False),
        ("“We mean it,” the Kremlin said on Monday.", {}, False),
        ("“This is no bluff,” the Kremlin wrote.", {}, False),
        ("“Nobody should doubt it,” it said.", {}, False),
        ("“They have been warned,” the Kremlin said.", {}, False),
        ("“Our patience has ended.”", {}, False),
        ("“We repeat it for the last time,” it said.", {}, False),
        ("“History will judge them,” it wrote.", {}, False),
        ("“You know what we mean,” it added.", {}, False),
        ("“So be it,” the Kremlin said.", {}, False),
        ("“If a ship sails, mark our words.”", {"condition": "If a ship sails"}, True),
        ("“We will sink it,” the Kremlin said.", {"consequence": "sink it"}, True),
        ("“Any shot means war.”", {"condition": "Any shot", "consequence": "means war"}, True),
        ("The Kremlin warned over the strait.", {"speech": Speech.INDIRECT}, True),
        ("The Kremlin issued a “final” warning.", {"speech": Speech.MIXED}, True),
        ("“You will answer for it,” it said.", {"consequence": "answer for it"}, True),
        ("“Not one tank more.”", {"condition": "one tank more"}, True),
        ("“The port will burn.”", {"consequence": "The port will burn"}, True),
        ("The Kremlin draws a red line.", {"speech": Speech.INDIRECT}, True),
        ("Kremlin threatens the island", {"speech": Speech.INDIRECT}, True),
    ],
)
def test_a_quotation_without_an_act_or_a_harm_waits_for_the_digest(
    quote: str, fields: dict[str, Any], told: bool
) -> None:
    """It belongs to words that stand elsewhere; a headline without them may announce them."""
    known: dict[str, Any] = {"speech": Speech.DIRECT, "condition": None, "consequence": None} | fields
    decided = only(statement(article(quote), quote, **known))
    assert decided.suppressed == (
        None if told else "a quotation that names neither an act nor a harm: goes to the digest"
    )


@pytest.mark.parametrize(
    ("confidence", "severity", "told"),
    [(0.69, 3, False), (0.7, 3, True), (0.59, 4, False), (0.6, 4, True), (0.7, 5, True), (0.99, 1, True)],
)
def test_a_severe_statement_need_not_be_as_sure(confidence: float, severity: int, told: bool) -> None:
    """Missing it costs more than a false alarm."""
    settings = replace(SETTINGS, scale=shipped_scale())
    decided = only(statement(article(), WARNING, confidence=confidence, severity=severity), settings)
    assert (decided.suppressed is None) == told


def test_who_asks_for_less_certainty_gets_less_for_severe_ones_too() -> None:
    """A file that only lowers the first of the two does not ask more of the grave."""
    scale = replace(shipped_scale(), least_confidence=0.3)
    assert (scale.surely_said(2), scale.surely_said(5)) == (0.3, 0.3)


@pytest.mark.parametrize(("confidence", "told"), [(0.89, False), (0.9, True), (1.0, True)])
def test_a_stage_that_is_unsure_waits_for_the_digest(confidence: float, told: bool) -> None:
    """How sure it must be is data."""
    decided = only(stage(article(), PLEDGE, confidence=confidence))
    assert decided.suppressed == (None if told else "too unsure (0.89): goes to the digest")


@pytest.mark.parametrize(
    ("reached", "before", "told"),
    [
        (Stage.PLEDGED, (Stage.USED,), False),
        (Stage.PLEDGED, (Stage.REQUESTED, Stage.DELIVERED), False),
        (Stage.REQUESTED, (Stage.DELIVERED,), False),
        (Stage.PLEDGED, (Stage.REQUESTED,), True),
        (Stage.PLEDGED, (Stage.DELIVERED, Stage.SUSPENDED), True),
        (Stage.DELIVERED, (Stage.USED,), True),
        (Stage.REFUSED, (Stage.USED,), True),
        (Stage.PLEDGED, (), True),
    ],
)
def test_more_of_what_is_there_already_waits_for_the_digest(
    reached: Stage, before: tuple[Stage, ...], told: bool
) -> None:
    """A pledge behind a delivery is another package; one that ends a halt is news."""
    steps = tuple(
        Step(claim=None, stage=each, supplier="DE", since=NOW - timedelta(days=30 - day))
        for day, each in enumerate(before)
    )
    assert (only(replace(stage(article(), PLEDGE, reached), steps=steps)).suppressed is None) == told


def test_an_opinion_piece_may_still_bring_a_weapon() -> None:
    """Only what is said is doubtful in an opinion piece, not that a system exists."""
    assert only(weapon(article(genre="opinion"), "Taurus")).suppressed is None


@pytest.mark.parametrize("subject", ["taurus", "DE", "UA", "stage:pledged", "feed-1"])
def test_muted_subjects_are_kept_back(subject: str) -> None:
    """A weapon, a side, a claim or a feed can be muted."""
    settings = PolicySettings(routing=Routing(silences=(Silence(ids=(subject,)),)))
    decided = only(stage(article(feed="feed-1"), PLEDGE), settings)
    assert decided.suppressed == f"muted: {subject}"
    assert decided.decision == (f"muted: {subject}",)


def test_what_is_routed_is_as_loud_as_what_it_tells_for() -> None:
    """A notable statement that tells of a new nuclear weapon passes a rule for the gravest, and quiet hours."""
    source = article()
    rule = Rule(name="gravest", severity=5, channel="C0123456789")
    routing = Routing(rules=(rule,), quiet_hours=QuietHours(start="00:00", end="23:59"))
    news = [weapon(source, "Taurus", category="nuclear_weapon"), statement(source, WARNING, severity=2)]
    _, told = decide(news, now=NOW, settings=PolicySettings(routing=routing))
    assert (told.severity, told.channel, told.not_before) == (5, "C0123456789", None)


def test_what_a_rule_never_sends_tells_nothing_for_others() -> None:
    """Otherwise nobody would report a new weapon, because somebody does not want to hear of threats."""
    source = article()
    routing = Routing(rules=(Rule(name="no talk", kinds=("red_line",), send="never"),))
    news = [weapon(source, "Taurus"), statement(source, WARNING)]
    bare, said = decide(news, now=NOW, settings=replace(SETTINGS, routing=routing))
    assert (bare.suppressed, said.suppressed) == (None, "rule 'no talk': is never sent")


def test_a_watch_list_is_heeded_once() -> None:
    """Though the rules are asked twice."""
    watch = Watch(name="cruise", weapons=("taurus",), boost=1)
    decided = only(weapon(article(), "Taurus"), PolicySettings(routing=Routing(watch=(watch,))))
    assert (decided.severity, decided.decision[0]) == (4, "on the watch list 'cruise': severity +1")


@pytest.mark.parametrize(
    ("news", "theatre", "inside"),
    [
        (statement(article(), WARNING, addressee="Germany"), "DE", True),
        (statement(article(), WARNING, addressee="Germany"), "RU", True),
        (statement(article(), WARNING), "DE", False),
        (stage(article(), PLEDGE), "UA", True),
        (weapon(article(), "Oreshnik"), "UA", False),
    ],
)
def test_an_alert_is_in_the_theatre_of_its_sides_and_of_whom_it_is_aimed_at(
    news: News, theatre: str, inside: bool
) -> None:
    """A bare weapon belongs to none by itself."""
    routing = Routing(theatres={"here": (theatre,)}, rules=(Rule(name="r", theatres=("here",), send="digest"),))
    assert (only(news, replace(SETTINGS, routing=routing)).suppressed is not None) is inside


def test_a_bare_weapon_is_in_the_theatre_of_its_article() -> None:
    """What else the article brings says where it is."""
    source = article()
    routing = Routing(theatres={"here": ("RU",)}, rules=(Rule(name="r", theatres=("here",), channel="C0123456789"),))
    bare, _ = decide(
        [weapon(source, "Oreshnik"), statement(source, WARNING)], now=NOW, settings=PolicySettings(routing=routing)
    )
    assert bare.channel == "C0123456789"


def test_a_statement_tells_that_the_weapon_in_it_is_new() -> None:
    """One sentence, one alert: the bare mention is absorbed, its news and its severity are not lost."""
    source = article()
    first, second = decide(
        [weapon(source, "Taurus", category="nuclear_weapon"), statement(source, WARNING)], now=NOW, settings=SETTINGS
    )
    assert first.suppressed == f"reported by alert {second.id}"
    assert second.why == "First red line of the Kremlin on this. Also: taurus was never seen before."
    assert second.severity == 5


def test_a_name_is_the_same_with_a_hyphen() -> None:
    """The headline has Taurus II, the text below Taurus-II: it is the weapon the headline speaks of."""
    source = article()
    bare = weapon(source, "Taurus")
    assert bare.weapon
    elsewhere = replace(bare, weapon=replace(bare.weapon, text="Tau-rus", start=9_000, end=9_007))
    first, second = decide([elsewhere, statement(source, WARNING)], now=NOW, settings=SETTINGS)
    assert first.suppressed == f"reported by alert {second.id}"


def test_a_weapon_elsewhere_in_the_article_keeps_its_own_alert() -> None:
    """Inhibition needs the statement or stage to be about the weapon."""
    source = article()
    decided = decide([weapon(source, "Oreshnik"), statement(source, WARNING)], now=NOW, settings=SETTINGS)
    assert [told.suppressed for told in decided] == [None, None]


def test_what_is_only_considered_waits_for_the_digest() -> None:
    """Of today's articles; of the backlog it is stored only, and a mute keeps it out."""
    news = stage(article(), PLEDGE, Stage.CONSIDERED)
    assert only(news).not_before == NOW.replace(day=22, hour=8)
    assert only(replace(news, article=article(backlog=True))).not_before is None
    muted = PolicySettings(routing=Routing(silences=(Silence(sides=("DE",)),)))
    assert (only(news, muted).suppressed, only(news, muted).not_before) == ("muted: sides=DE", None)


def test_what_was_left_to_a_digest_is_a_message_once_it_is_asked_for() -> None:
    """Like any other; only then is it handed to those who group."""
    (message,) = group([alert(1, suppressed="rule 'small arms': goes to the digest")], digest_above=30)
    assert (message.form, len(message.alerts)) == (Form.STORY, 1)


def test_a_suppressed_stage_absorbs_nothing() -> None:
    """Otherwise nobody would report a new weapon that is merely under consideration."""
    source = article()
    first, _ = decide([weapon(source, "Taurus"), stage(source, PLEDGE, Stage.CONSIDERED)], now=NOW, settings=SETTINGS)
    assert first.suppressed is None


def test_alerts_come_in_the_order_of_the_news() -> None:
    """Also when the news of two articles is mixed."""
    one, two = article(id="a1"), article(id="a2")
    news = [weapon(one, "Taurus"), weapon(two, "Oreshnik"), statement(one, WARNING), stage(two, PLEDGE)]
    decided = decide(news, now=NOW, settings=SETTINGS)
    assert [each.claim for each in decided] == [each.claim for each in news]


def test_another_article_absorbs_nothing() -> None:
    """Inhibition stays within one article."""
    first, _ = decide([weapon(article(id="a2"), "Taurus"), statement(article(), WARNING)], now=NOW, settings=SETTINGS)
    assert first.suppressed is None


@pytest.mark.parametrize(
    ("fields", "backlog"),
    [
        ({}, False),
        ({"published": NOW - timedelta(hours=72)}, False),
        ({"published": NOW - timedelta(hours=73)}, True),
        ({"published": None}, False),
        ({"published": None, "backlog": True}, True),
        ({"backlog": True}, True),
    ],
)
def test_backlog(fields: dict[str, Any], backlog: bool) -> None:
    """Older than 72 hours, or from a first fetch; a missing date alone is no sign of age."""
    assert only(weapon(article(**fields), "Taurus")).backlog is backlog


def test_the_sentence_of_a_weapon_is_the_one_that_names_it() -> None:
    """Abbreviations do not end it."""
    source = article("Nothing here. The U.S. has seen Oreshnik fly. It is over.")
    decided = only(weapon(source, "Oreshnik"))
    assert decided.sentence == "The U.S. has seen Oreshnik fly."
    assert [decided.sentence[a:b] for a, b in decided.marks] == ["Oreshnik"]


def test_the_consequence_of_a_red_line_is_marked() -> None:
    """It is what a reader looks for first."""
    decided = only(statement(article(), WARNING, consequence="direct participation of Germany"))
    assert [decided.sentence[a:b] for a, b in decided.marks] == ["direct participation of Germany"]


def test_alert_ids_depend_on_the_claim_alone() -> None:
    """The same claim read twice, at another time, is the same alert."""
    ids = {
        decide([weapon(article(id=which), "Taurus")], now=NOW + timedelta(days=days), settings=SETTINGS)[0].id
        for days, which in enumerate(("a1", "a2"))
    }
    assert len(ids) == 1


def test_revisions_of_one_article_are_one_story() -> None:
    """The story follows the article's identity, not its text."""
    one, two = article(id="r1"), article(TEXT + " More.", id="r2")
    assert only(weapon(one, "Taurus")).story == only(weapon(two, "Oreshnik")).story


@given(text=st.text(st.characters(), min_size=1), start=st.integers(0, 50), size=st.integers(0, 400))
def test_no_text_breaks_the_policy(text: str, start: int, size: int) -> None:
    """Lone surrogates, control characters and spans that fit nothing yield an alert all the same."""
    source = Article(id="x", text=text, title=text, source=text, seen=NOW)
    news = statement(article(), WARNING, start=start, end=start + size, speaker=text, consequence=text, role=text)
    decided = only(News(kind=news.kind, claim="c", article=source, why=text, statement=news.statement))
    assert len(decided.sentence) <= 300
    shown = decided.headline + decided.why + decided.sentence + decided.title
    assert shown.isprintable()
    assert all(0 <= a < b <= len(decided.sentence) for a, b in decided.marks)


def test_alerts_of_one_story_are_one_message() -> None:
    """Gravest first within the message; stories in the order they were found."""
    told = [alert(1, severity=2), alert(2), alert(3, story="story-1", severity=5)]
    messages = group(told, digest_above=30)
    assert [[each.id[-1] for each in message.alerts] for message in messages] == [["3", "1"], ["2"]]


def test_backlog_is_one_summary() -> None:
    """However many articles a first fetch brings."""
    told = [alert(number, backlog=True) for number in range(50)] + [alert(99)]
    messages = group(told, digest_above=30)
    assert [(message.form, len(message.alerts)) for message in messages] == [(Form.SUMMARY, 50), (Form.STORY, 1)]


def test_articles_asked_for_in_full_are_told_though_they_are_backlog() -> None:
    """A newcomer sees the alerts of the seed documents."""
    told = [alert(1, backlog=True), alert(2, backlog=True)]
    messages = group(told, digest_above=30, in_full={"article-1"})
    assert [(message.form, len(message.alerts)) for message in messages] == [(Form.STORY, 1), (Form.SUMMARY, 1)]


@pytest.mark.parametrize(("count", "forms"), [(30, {Form.STORY}), (31, {Form.DIGEST})])
def test_a_flood_becomes_one_digest(count: int, forms: set[Form]) -> None:
    """Above the limit, not at it."""
    messages = group([alert(number) for number in range(count)], digest_above=30)
    assert {message.form for message in messages} == forms
    assert sum(len(message.alerts) for message in messages) == count


def test_suppressed_alerts_are_in_no_message() -> None:
    """Suppressed is suppressed on every route."""
    assert group([alert(1, suppressed="muted: DE")], digest_above=30) == []


def test_every_category_with_a_severity_is_in_the_lexicon(seeds: Path) -> None:
    """A category renamed there would quietly become a 2 here."""
    lines = (seeds / "weapons.jsonl").read_text(encoding="utf-8").splitlines()
    categories = {json.loads(line)["category"] for line in lines if line.strip()}
    assert set(load_scale(seeds, categories=categories).weapons) <= categories


def test_word_of_a_whole_class_is_news_only_when_the_class_is_grave() -> None:
    """Ballistic missiles for a state are, tanks are not."""
    source = article("Iran sent ballistic missiles and tanks to Russia.")
    told = [
        replace(stage(source, source.text), weapon=weapon(source, text, category=category, specific=False).weapon)
        for text, category in (("ballistic missiles", "ballistic_missile"), ("tanks", "tank"))
    ]
    assert [only(news).suppressed for news in told] == [None, "a class of weapons, not a system"]


def test_a_later_stage_tells_the_earlier_ones() -> None:
    """An article that reports a delivery tells the request and the pledge as history; a refusal stands by itself."""
    source = article()
    reached = (Stage.REQUESTED, Stage.PLEDGED, Stage.USE_REFUSED, Stage.DELIVERED)
    decided = decide([stage(source, PLEDGE, each) for each in reached], now=NOW, settings=SETTINGS)
    told = f"reported by alert {decided[3].id}"
    assert [each.suppressed for each in decided] == [told, told, None, None]
    assert decided[3].why.count("Also: taurus for Ukraine was never pledged before") == 2


def test_stages_of_other_recipients_are_told_for_themselves() -> None:
    """A delivery to one says nothing of a pledge to another."""
    source = article()
    news = [stage(source, PLEDGE, recipient="PL"), stage(source, PLEDGE, Stage.DELIVERED)]
    assert [each.suppressed for each in decide(news, now=NOW, settings=SETTINGS)] == [None, None]


def test_a_quotation_that_a_key_phrase_opens_is_closed() -> None:
    """Half a quotation in bold looks wrong."""
    source = article("He warned it would mean “direct participation” of Germany.")
    decided = only(statement(source, source.text, consequence="would mean “direct participation"))
    assert [decided.sentence[a:b] for a, b in decided.marks] == ["would mean “direct participation”"]
