"""What counts as new, signal by signal, and what joins a claim that is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from transactions import store_articles, store_signals
from warehouses import new_warehouse

from extractors.records import (
    AlertKind,
    Article,
    Kind,
    News,
    Signals,
    Speech,
    Stage,
    Statement,
    Transfer,
    WeaponMention,
)
from warehouse.novelty.batch import Novelty
from warehouse.novelty.claims import Claim, Held
from warehouse.novelty.preparation import prepare

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LINE = "Delivery of such missiles would mean that we are at war."
SAME_LINE = "The supply of these missiles will mean war with us."
OTHER_LINE = "Any blockade of the strait will be broken by force."


def article(number: int = 1, *, genre: str = "news", hours: int = 0) -> Article:
    return Article(
        id=f"a{number}", identity=f"u{number}", text=f"{LINE} " * 3, genre=genre, published=NOW + timedelta(hours=hours)
    )


def weapon(slug: str = "anvil", *, specific: bool = True) -> WeaponMention:
    return WeaponMention(
        weapon=slug,
        name=slug.title(),
        category="missile",
        specific=specific,
        known=True,
        family=None,
        text=slug,
        start=0,
        end=5,
    )


def transfer(stage: Stage = Stage.PLEDGED, *, recipient: str | None = "XA", supplier: str | None = "XB") -> Transfer:
    return Transfer(weapon="anvil", supplier=supplier, recipient=recipient, stage=stage, start=0, end=20)


def statement(quote: str = LINE, *, kind: Kind = Kind.RED_LINE, side: str = "XA") -> Statement:
    return Statement(
        kind=kind,
        speaker="Ada Minister",
        speaker_id="ada-minister",
        side=side,
        speech=Speech.DIRECT,
        cue="said",
        start=0,
        end=len(quote),
        quote=quote,
    )


def signals(*found: WeaponMention | Transfer | Statement) -> Signals:
    return Signals(
        article="",
        weapons=tuple(each for each in found if isinstance(each, WeaponMention)),
        transfers=tuple(each for each in found if isinstance(each, Transfer)),
        statements=tuple(each for each in found if isinstance(each, Statement)),
    )


def news_of(*batch: tuple[Article, Signals], held: Held | None = None) -> list[News]:
    novelty = Novelty.after(held or Held(), now=NOW, quiet_genres={"opinion", "anniversary"})
    for read, found in batch:
        novelty.assign(prepare(read, found, now=NOW))
    return novelty.claims.news


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        ([weapon()], [AlertKind.NEW_WEAPON]),
        ([weapon(), weapon()], [AlertKind.NEW_WEAPON]),
        ([weapon(specific=False)], []),
        ([transfer()], [AlertKind.NEW_STAGE]),
        ([transfer(), transfer(supplier="XC")], [AlertKind.NEW_STAGE]),
        ([transfer(), transfer(recipient="XC")], [AlertKind.NEW_STAGE] * 2),
        ([transfer(), transfer(Stage.DELIVERED)], [AlertKind.NEW_STAGE] * 2),
        ([transfer(), transfer(recipient=None)], [AlertKind.NEW_STAGE]),
        ([transfer(recipient=None), transfer()], [AlertKind.NEW_STAGE]),
        ([statement()], [AlertKind.NEW_STATEMENT]),
        ([statement(kind=Kind.THREAT)], [AlertKind.NEW_STATEMENT]),
        ([statement(kind=Kind.COMMENTARY)], []),
        ([statement(), statement(SAME_LINE)], [AlertKind.NEW_STATEMENT]),
        ([statement(), statement(SAME_LINE, kind=Kind.THREAT)], [AlertKind.NEW_STATEMENT]),
        ([statement(), statement(OTHER_LINE)], [AlertKind.NEW_STATEMENT] * 2),
        ([statement(), statement(side="XB")], [AlertKind.NEW_STATEMENT] * 2),
        ([statement("He said so.")], []),
    ],
)
def test_each_claim_is_news_once(found: list[WeaponMention | Transfer | Statement], kinds: list[AlertKind]) -> None:
    """Whether two signals come from one article or from two outlets, one claim is news once."""
    assert [item.kind for item in news_of((article(), signals(*found)))] == kinds
    apart = [(article(number), signals(each)) for number, each in enumerate(found)]
    assert [item.kind for item in news_of(*apart)] == kinds


def test_held_claims_are_no_news() -> None:
    """What the warehouse holds already joins it."""
    first = Novelty.after(Held(), now=NOW)
    first.assign(prepare(article(1), signals(weapon(), transfer(), statement()), now=NOW))
    held = Held(claims=first.claims.new, wordings=first.statements.new_wordings)
    later = Novelty.after(held, now=NOW + timedelta(hours=1))
    later.assign(prepare(article(2), signals(weapon(), transfer(), statement(SAME_LINE)), now=NOW))
    assert later.claims.news == []
    assert later.corroborations == 3


@pytest.mark.parametrize("genre", ["opinion", "anniversary"])
def test_opinion_draws_no_red_line_and_silences_none(genre: str) -> None:
    """A statement found in an opinion piece is no claim, so that the report of the real one is still news."""
    batch = (article(1, genre=genre), signals(statement())), (article(2), signals(statement(SAME_LINE)))
    assert [item.article.id for item in news_of(*batch)] == ["a2"]


def test_two_claims_that_turn_out_to_be_one_are_merged() -> None:
    """A wording that matches two held claims makes them one, under the earlier."""
    one = Claim(id="one", kind=AlertKind.NEW_STATEMENT, article="a", first_seen=NOW, why="", side="XA")
    two = Claim(id="two", kind=AlertKind.NEW_STATEMENT, article="b", first_seen=NOW + timedelta(1), why="", side="XA")
    start = Novelty.after(Held(), now=NOW)
    start.assign(prepare(article(1), signals(statement("If missiles are delivered we are at war.")), now=NOW))
    wording = start.statements.new_wordings[0]
    novelty = Novelty.after(Held(claims=[one, two], wordings=[wording.of("one"), wording.of("two")]), now=NOW)
    made = novelty.assign(prepare(article(3), signals(statement(LINE)), now=NOW))
    assert made.statements == ("one",)
    assert novelty.statements.merged == {"two": "one"}
    assert novelty.statements.current("two") == "one"


MEETING = "Any meeting of the two presidents in the capital will have a resolute answer, the ministry said."
AFTERWARDS = "The ministry vowed resolute measures after the presidents met in the capital, and began a fleet exercise."


@pytest.mark.parametrize(
    ("days", "quote", "news"),
    [
        (0, AFTERWARDS, 0),
        (6, AFTERWARDS, 0),
        (8, AFTERWARDS, 1),
        (60, AFTERWARDS, 1),
        (8, MEETING, 0),
        (60, MEETING, 0),
    ],
)
def test_a_claim_does_not_swallow_for_ever_what_its_side_says(days: int, quote: str, news: int) -> None:
    """What is near in time to the last report must after a week be near to one in words as well."""
    yesterday = article(1, hours=-24)
    first = Novelty.after(Held(), now=NOW)
    first.assign(prepare(yesterday, signals(statement(MEETING)), now=NOW))
    begun = {claim.id: NOW - timedelta(days=1 + days) for claim in first.claims.new}
    held = Held(claims=first.claims.new, wordings=first.statements.new_wordings, begun=begun)
    assert len(news_of((article(2), signals(statement(quote))), held=held)) == news


def test_the_warehouse_knows_when_a_claim_was_first_made(tmp_path: Path) -> None:
    """Whatever of it a batch is compared with: reports three days apart go on, but not for more than a week."""
    warehouse = new_warehouse(tmp_path / "w.duckdb")
    news = []
    for day, quote in ((0, MEETING), (3, MEETING), (6, MEETING), (8, AFTERWARDS), (9, MEETING)):
        read = article(day, hours=24 * day)
        store_articles(warehouse, [read], now=NOW)
        saved = store_signals(warehouse, [(read, signals(statement(quote)))], version="1", now=NOW, decide=lambda _: [])
        news.append(saved.news[AlertKind.NEW_STATEMENT])
    assert news == [1, 0, 0, 1, 0]


QUOTES = [
    LINE,
    SAME_LINE,
    OTHER_LINE,
    "We will break by force any blockade of the strait they try.",
    "Sanctions on grain mean famine.",
]


def test_claims_are_the_same_in_any_order_of_arrival() -> None:
    """However five reports arrive, the same ones end up in one claim."""
    partitions = set()
    for order in permutations(range(len(QUOTES))):
        novelty = Novelty.after(Held(), now=NOW)
        made = {
            i: novelty.assign(prepare(article(i, hours=i), signals(statement(QUOTES[i])), now=NOW)).statements[0]
            for i in order
        }
        claims: dict[str, set[int]] = {}
        for i, claim in made.items():
            claims.setdefault(novelty.statements.current(claim or ""), set()).add(i)
        partitions.add(frozenset(map(frozenset, claims.values())))
    assert partitions == {frozenset({frozenset({0, 1}), frozenset({2, 3}), frozenset({4})})}


def test_why_says_what_was_there_before() -> None:
    """The reason names what the warehouse held of the same weapon and recipient, and how much of the same side."""
    found = signals(weapon(), transfer(Stage.REFUSED), transfer(Stage.PLEDGED), statement(), statement(OTHER_LINE))
    assert [item.why for item in news_of((article(), found))] == [
        "first mention of Anvil in this warehouse",
        "first report of Anvil refused to XA; nothing before",
        "first report of Anvil pledged to XA; so far: refused",
        "first red line or threat of XA in this warehouse",
        "the one earlier red line or threat of XA in this warehouse says something else",
    ]


def named(slug: str, category: str, *, family: str | None = None, specific: bool = True) -> WeaponMention:
    return replace(weapon(slug, specific=specific), category=category, family=family)


JET = named("fighter-jet", "fighter", specific=False)
FALCON = named("falcon", "fighter")
MISSILE = named("missile", "missile", specific=False)
LANCE = named("lance", "cruise_missile")
TANKS = [named(slug, "tank", family="lion") for slug in ("lion", "lion-1", "lion-2")]


@pytest.mark.parametrize(
    ("first", "then", "news"),
    [
        (FALCON, JET, 1),
        (JET, FALCON, 2),
        (LANCE, MISSILE, 1),
        (LANCE, JET, 2),
        (TANKS[1], TANKS[0], 1),
        (TANKS[0], TANKS[1], 1),
        (TANKS[1], TANKS[2], 2),
    ],
)
def test_stage_is_not_news_again_under_a_wider_name(first: WeaponMention, then: WeaponMention, news: int) -> None:
    """What is reported of a system is not new of its class or family; a class does not keep its systems from news."""
    moved = [replace(transfer(), weapon=each.weapon) for each in (first, then)]
    found = [signals(each, move) for each, move in zip((first, then), moved, strict=True)]
    told = news_of((article(1), found[0]), (article(2), found[1]))
    assert sum(item.kind is AlertKind.NEW_STAGE for item in told) == news


def test_family_name_beside_a_variant_is_no_second_weapon() -> None:
    """The name all variants share tells nothing where one of them is named, in one article or later."""
    together = news_of((article(1), signals(TANKS[0], TANKS[2])))
    assert [item.weapon and item.weapon.weapon for item in together] == ["lion-2"]
    later = news_of((article(1), signals(TANKS[2])), (article(2), signals(TANKS[0])))
    assert [item.weapon and item.weapon.weapon for item in later] == ["lion-2"]


@pytest.mark.parametrize(
    ("named", "news"), [([0, 1], ["lion"]), ([0, 1, 2], ["lion", "lion-2"]), ([1, 2], ["lion-1", "lion-2"])]
)
def test_first_variant_is_what_the_family_name_meant(named: list[int], news: list[str]) -> None:
    """What was told of Lion is not told again of Lion 1; a second variant is another system."""
    told = news_of(*((article(place), signals(TANKS[place])) for place in named))
    assert [item.weapon and item.weapon.weapon for item in told] == news


@pytest.mark.parametrize(
    ("first", "then", "days", "news"),
    [
        (Stage.DELIVERED, Stage.PLEDGED, 2, 0),
        (Stage.DELIVERED, Stage.PLEDGED, 9, 1),
        (Stage.PLEDGED, Stage.DELIVERED, 2, 1),
        (Stage.DELIVERED, Stage.REFUSED, 2, 1),
        (Stage.USED, Stage.DELIVERED, 2, 1),
    ],
)
def test_earlier_step_right_after_a_later_one_is_its_history(first: Stage, then: Stage, days: int, news: int) -> None:
    """Who reports the pledge the day after the delivery tells how it came; weeks later it is another pledge."""
    before = Novelty.after(Held(), now=NOW)
    before.assign(prepare(article(1), signals(transfer(first)), now=NOW))
    later = Novelty.after(Held(claims=before.claims.new), now=NOW + timedelta(days=days))
    later.assign(prepare(article(2), signals(transfer(then)), now=NOW))
    assert len(later.claims.news) == news


@pytest.mark.parametrize(
    ("supplier", "recipient", "days", "news"),
    [("XA", "XB", 0, 0), ("XA", "XB", 3, 0), ("XA", "XB", 4, 1), ("XC", "XB", 0, 1), ("XA", "XC", 0, 1)],
)
def test_the_same_stage_the_other_way_round_was_misread(supplier: str, recipient: str, days: int, news: int) -> None:
    """XA may pass on to XC what it got from XB; that XB and XA ask each other for one weapon was misread."""
    before = Novelty.after(Held(), now=NOW)
    before.assign(prepare(article(1), signals(transfer(Stage.REQUESTED, supplier="XB", recipient="XA")), now=NOW))
    later = Novelty.after(Held(claims=before.claims.new), now=NOW + timedelta(days=days))
    later.assign(
        prepare(article(2), signals(transfer(Stage.REQUESTED, supplier=supplier, recipient=recipient)), now=NOW)
    )
    assert len(later.claims.news) == news


def test_headline_and_lead_are_one_claim() -> None:
    """A sentence that shares a telling word with the headline above it repeats it, whoever it names."""
    title, lead = (
        "Power threatens to smash secession",
        "Shells and prison await whoever wants secession.",
    )
    read = Article(id="a1", title=title, text=lead, published=NOW)
    one, two = statement(title), replace(statement(lead), start=len(title) + 2, end=len(title) + 2 + len(lead))
    assert len(news_of((read, signals(one, two)))) == 1
    assert len(news_of((article(1), signals(one)), (article(2), signals(replace(two, start=0, speaker_id="bo"))))) == 2


@pytest.mark.parametrize(
    ("title", "condition", "side", "news"),
    [
        ("Atlantis: new words on the carrier visit", None, "XA", 1),
        ("Atlantis: new words if the carrier comes", "if the carrier comes", "XA", 2),
        ("Utopia: new words on the carrier visit", None, "XU", 2),
    ],
)
def test_a_headline_that_does_not_say_what_announces_what_stands_below(
    title: str, condition: str | None, side: str, news: int
) -> None:
    """Also without a word in common, when that is known already, and however the headline is repeated elsewhere."""
    lead = "Its general said any breakaway will be smashed by shells."
    above = replace(statement(title), start=0, end=len(title), condition=condition, consequence=None, side=side)
    start = len(title) + 2
    below = replace(statement(lead), start=start, end=start + len(lead), consequence=None, condition=None, side="XA")
    first, again = (Article(id=name, title=title, text=lead, published=NOW) for name in ("a1", "a2"))
    assert len(news_of((first, signals(above, below)), (again, signals(above, below)))) == news


VAGUE = "Moscow: warning on the carrier visit"
WORDS = "The return of the carrier will be regarded as a declaration of war."
OTHER_WORDS = "Any breakaway will be smashed by shells."


def below(title: str, lead: str, *, severity: int = 2) -> Signals:
    start = len(title) + 2
    said = replace(statement(lead), start=start, end=start + len(lead), severity=severity)
    return signals(statement(title), said) if title else signals(replace(said, start=0, end=len(lead)))


@pytest.mark.parametrize(
    ("reports", "news"),
    [
        ([(VAGUE, ""), ("", WORDS)], [VAGUE]),
        ([("", WORDS), (VAGUE, "")], [WORDS]),
        ([(VAGUE, ""), ("", WORDS), ("", OTHER_WORDS)], [VAGUE, OTHER_WORDS]),
        ([(VAGUE, ""), (VAGUE, OTHER_WORDS)], [VAGUE]),
        ([(VAGUE, OTHER_WORDS), (VAGUE, "")], [OTHER_WORDS]),
        ([(VAGUE, OTHER_WORDS), ("", WORDS)], [OTHER_WORDS, WORDS]),
        ([(VAGUE, ""), ("", WORDS), (VAGUE, OTHER_WORDS)], [VAGUE, OTHER_WORDS]),
    ],
)
def test_vague_words_and_what_they_announce_are_told_once(reports: list[tuple[str, str]], news: list[str]) -> None:
    """Whichever comes first, in one article or two; but what is said first takes the place, and more is news."""
    batch = []
    for number, (title, lead) in enumerate(reports):
        read = Article(id=f"a{number}", title=title, text=lead, published=NOW)
        batch.append((read, below(title, lead) if lead else signals(statement(title))))
    assert [item.statement and item.statement.quote for item in news_of(*batch)] == news


def test_grave_words_are_news_although_vague_ones_announced_them() -> None:
    """And lesser ones are kept with the claim, to be shown in its message."""
    first = (Article(id="a1", title=VAGUE, text="", published=NOW), signals(statement(VAGUE)))
    for severity, news in ((4, 2), (3, 1)):
        later = (Article(id="a2", title="", text=WORDS, published=NOW), below("", WORDS, severity=severity))
        novelty = Novelty.after(Held(), now=NOW)
        for read, found in (first, later):
            novelty.assign(prepare(read, found, now=NOW))
        assert len(novelty.claims.news) == news
        assert list(novelty.statements.worded.values()) == ([WORDS] if news == 1 else [])


def test_statement_of_nobody_named_joins_the_side_that_said_it() -> None:
    """A report that does not say for whom somebody speaks is no claim of its own where the words are known."""
    nobody = replace(statement(SAME_LINE), side=None, speaker_id=None)
    assert len(news_of((article(1), signals(statement())), (article(2), signals(nobody)))) == 1
    assert len(news_of((article(2), signals(nobody)), (article(1), signals(statement())))) == 1


def test_why_names_states_as_a_reader_does() -> None:
    """The reason says Ukraine where the text says Kyiv and the record UA."""
    novelty = Novelty.after(Held(), now=NOW, names={"XA": "Atlantis"})
    moved = replace(transfer(Stage.REFUSED), recipient_text="the port")
    novelty.assign(prepare(article(), signals(moved, statement()), now=NOW))
    assert [item.why for item in novelty.claims.news] == [
        "first report of anvil refused to Atlantis; nothing before",
        "first red line or threat of Atlantis in this warehouse",
    ]


CAPTION = "Troops ride past with an anvil in the capital on May 9. (Ada Lens/AFP via Getty Images)"


@pytest.mark.parametrize(
    ("text", "news"),
    [(CAPTION, 0), (CAPTION.replace("(Ada Lens/AFP via Getty Images)", "(It has five.)"), 2), (f"{CAPTION} anvil", 1)],
)
def test_caption_of_a_picture_is_no_news(text: str, news: int) -> None:
    """What an agency's picture of another day shows is neither a new weapon nor a stage; the text beside it may be."""
    place = text.rindex("anvil")
    shown = replace(weapon(), start=place, end=place + 5)
    moved = replace(transfer(Stage.USED), start=0, end=text.index(".") + 1)
    read = Article(id="a1", text=text, published=NOW)
    assert len(news_of((read, signals(shown, moved)))) == news


@pytest.mark.parametrize(
    ("text", "news"),
    [
        ("An anvil of the northern army fires flares in the valley of Ostrow on Thursday.", 0),
        ("The anvil sails through the strait during a routine transit.", 0),
        ("Two anvil launchers are seen during a rehearsal of the parade.", 0),
        ("The anvil fires flares during a joint drill of three northern armies at", 0),
        ("The anvil fires flares during the first of two three-day military drills at", 0),
        ("An anvil fired flares over the valley of Ostrow on Thursday.", 1),
        ("The anvil flies ten times as fast as sound.", 1),
        ("The anvil fires in all weathers, the ministry said on Thursday.", 1),
        ("Anvil fires on town; minister speaks on Thursday.", 1),
    ],
)
def test_what_a_picture_shows_is_no_news(text: str, news: int) -> None:
    """Told in the present tense, with a day or an occasion; a title and what was said are news."""
    place = text.casefold().index("anvil")
    title = text if text.startswith("Anvil") else "Title"
    read = Article(id="a1", title=title, text=text, published=NOW)
    offset = 0 if text.startswith("Anvil") else len(title) + 2
    shown = replace(weapon(), start=offset + place, end=offset + place + 5)
    assert len(news_of((read, signals(shown)))) == news


@pytest.mark.parametrize(
    ("text", "news"),
    [
        ("On May 9, 2017 the anvil was shown for the first time.", 0),
        ("On May 9, 2017 the anvil was shown. It has arrived.", 0),
        ("The anvil was shown. On May 9, 2017 it arrived.", 2),
    ],
)
def test_what_a_sentence_dates_long_ago_is_no_news(text: str, news: int) -> None:
    """Neither a weapon, nor a stage, nor words; they stay to be told when somebody tells them of now."""
    place = text.index("anvil")
    shown, moved = replace(weapon(), start=place, end=place + 5), replace(transfer(Stage.USED), end=place + 9)
    read = Article(id="a1", text=text, published=NOW)
    assert len(news_of((read, signals(shown, moved)))) == news
    old = statement("The minister said on October 29 that any strike will be answered with war.")
    assert news_of((Article(id="a2", text=old.quote, published=NOW), signals(old))) == []


@pytest.mark.parametrize(
    ("text", "condition", "stages"),
    [
        ("Any delivery of the anvil will mean war.", "Any delivery of the anvil", 0),
        ("If the anvil comes we fight. The anvil has come.", "If the anvil comes", 1),
        ("The anvil has come, and if it stays we fight.", "if it stays", 1),
        ("The anvil has come.", None, 1),
    ],
)
def test_what_moves_only_in_the_condition_of_a_red_line_has_not_moved(
    text: str, condition: str | None, stages: int
) -> None:
    """It is no stage, and stays to be told when it has."""
    said = replace(statement(text), condition=condition)
    places = [at for at in range(len(text)) if text.startswith("anvil", at)]
    named = [replace(weapon(), start=at, end=at + 5) for at in places]
    moved = replace(transfer(), end=len(text))
    told = news_of((Article(id="a1", text=text, published=NOW), signals(*named, moved, said)))
    assert sum(item.kind is AlertKind.NEW_STAGE for item in told) == stages


def test_a_stage_told_as_past_is_never_news_and_hides_none() -> None:
    """It joins the claim that is held; what only the past was told of is still news when it is told as news."""
    past = replace(transfer(), background=True)
    assert news_of((article(1), signals(weapon(), past)), (article(2), signals(past)))[1:] == []
    (item,) = news_of((article(1), signals(past)), (article(2), signals(transfer())))
    assert (item.kind, item.article.id) == (AlertKind.NEW_STAGE, "a2")
    novelty = Novelty.after(Held(), now=NOW)
    told = novelty.assign(prepare(article(1), signals(transfer()), now=NOW))
    assert novelty.assign(prepare(article(2), signals(past), now=NOW)).transfers == told.transfers


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("“By arming the island we have done our duty”", False),
        ("'Anvils for the island: a lesson learned'", False),
        ("‘The ministers’ gift of Anvils’", True),
        ("Minister: “We send Anvils to the island”", True),
        ("“Anvils” for the “island”", True),
        ("Anvils for the island", True),
    ],
)
def test_a_title_that_is_a_quotation_brings_no_transfer(title: str, told: bool) -> None:
    """So are essays and interviews headed; below it, or with somebody who says it, it is news."""
    headed = replace(article(), title=title)
    made = replace(transfer(), end=len(title))
    assert bool(news_of((headed, signals(made)))) == told
    assert news_of((headed, signals(replace(transfer(), start=len(title) + 2, end=len(title) + 20))))


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Fact check: Is the island sending anvils?", False),
        ("Did the navy fire an anvil at the port?", False),
        ("Who gave the rebels their anvils?", False),
        ("Will anvils be delivered to the coast before winter?", False),
        ("Why has the island refused anvils to the coast?", False),
        ("Anvils for the coast: what has been promised?", False),
        ("“Have we sent them anvils?”", False),
        ("(Were anvils used at the ford?)", False),
        ("Anvils delivered, but to whom? ", False),
        ("Has the coast asked for anvils, as the minister says?", False),
        ("The island sends anvils.", True),
        ("Who fired the anvil is known: the navy used it at the port.", True),
        ("“Why not?” the minister said, and promised anvils to the coast.", True),
        ("Asked “Will you send anvils?”, she said the first had been delivered.", True),
        ("The island refuses anvils, the minister told the questioner", True),
        ("What the coast asked for, it got: anvils.", True),
        ("Where anvils were used, nothing stands.", True),
        ("Anvils used at the ford (but were they?), the army says", True),
        ("She asked whether anvils would come; the island delivered them.", True),
        ("However it delivers anvils, the island is late.", True),
    ],
)
def test_what_is_only_asked_has_not_happened(sentence: str, told: bool) -> None:
    """Whether it is a title or not; a question inside what is told asks nothing of it."""
    read = Article(id="a1", text=sentence, published=NOW)
    assert bool(news_of((read, signals(replace(transfer(), end=len(sentence)))))) == told
    headed = Article(id="a2", title=sentence.strip(), text="It rained.", published=NOW)
    assert bool(news_of((headed, signals(replace(transfer(), end=len(sentence.strip())))))) == told


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("How anvils will be used at the ford", False),
        ("How the coast got its anvils", False),
        ("Why the island hesitates to send anvils", False),
        ("Why anvils for the coast are late", False),
        ("how the navy fired its first anvil", False),
        ("Anvils used at the ford", True),
        ("The island shows how it sends anvils", True),
        ("Minister: why we send anvils", True),
        ("Howitzers and anvils for the coast", True),
        ("Whyalla sends anvils to the coast", True),
    ],
)
def test_a_title_that_explains_brings_no_transfer(title: str, told: bool) -> None:
    """It takes for known what it tells; the text below it may tell news."""
    read = Article(id="a1", title=title, text="The island sends anvils.", published=NOW)
    assert bool(news_of((read, signals(replace(transfer(), end=len(title)))))) == told
    below = replace(transfer(), start=len(title) + 2, end=len(read.document))
    assert news_of((read, signals(below)))


def test_what_is_recalled_makes_no_claim() -> None:
    """It was news when it was said."""
    said = statement("Ada, who threatened to close the strait with long missiles, met the envoys.", kind=Kind.THREAT)
    said = replace(said, consequence="close the strait")
    assert news_of((replace(article(), text=said.quote), signals(said))) == []
