"""Threats that only promise that something will follow, which every outlet puts in words of its own. Pure."""

from dataclasses import replace
from datetime import timedelta

from warehouse.novelty.statement_similarity import (
    ANNOUNCED,
    STATES,
    Wording,
    content_words,
    information,
    one_voice,
    other_states,
    same_speaker,
)

BARE = content_words(
    "revenge retaliate retaliation respond response reaction answer punish punishment action actions measures steps"
    " consequences price pay decisive harsh tough strong firm severe necessary resolute take"
    " escalate escalation widen intervene join options possibilities table open front possible"
)
"""What a threat may promise without saying what will be done."""

FORCE = BARE | content_words("force military armed intervention attack strike invade deploy troops war recourse fight")
"""What a threat of force may promise without saying where or with what."""

SAME_DAY = timedelta(days=1)
LEAST_SHARED = 1.0
"""What a bare threat and another one must share with their titles, or two limits in what they forbid."""

STATES_OF_A_DEED = 2
"""Whom a warning is for, and with whom they must not do it."""

LEAST_OF_A_DEED = 0.6
"""What they must share of the deed itself: two common words, as in "supply weapons", or one that is rarer."""

MOST_BESIDE = 2
"""Most words beside bare ones in what a bare threat promises: mostly a name."""


MOST_BESIDE_FORCE = 1.0
"""What may stand beside the words of force in what such a threat promises."""


def is_bare(wording: Wording) -> bool:
    """Return whether a threat says no more than that something will follow: revenge, "decisive action"."""
    return not wording.condition and _promises_little(wording)


def _promises_little(wording: Wording) -> bool:
    return bool(wording.consequence & BARE) and len(wording.consequence - BARE) <= MOST_BESIDE


def same_limit(one: Wording, other: Wording) -> bool:
    """Return whether one voice forbids one act twice in a day, and says only once, or never, what would follow."""
    alike = same_speaker(one, other) and one.nuclear == other.nuclear and not (one.misread or other.misread)
    if not alike or abs(one.said_at - other.said_at) > SAME_DAY:
        return False
    shared = information(one.condition & other.condition)
    least = min(information(one.condition), information(other.condition))
    return shared >= max(LEAST_SHARED, least / 2) and (_promises_little(one) or _promises_little(other))


def same_warning(one: Wording, other: Wording) -> bool:
    """Return whether one side warns twice in a day of no more than consequences, over one deed between the same states.

    Its president, its ministry and a headline put what is forbidden in words of their own: "if it sends weapons",
    "going through with the deal". Whom they warn and whom the deed is for tell that it is one deed.
    """
    alike = one.side == other.side and one.nuclear == other.nuclear and not (one.misread or other.misread)
    if not alike or not (one.condition and other.condition) or abs(one.said_at - other.said_at) > SAME_DAY:
        return False
    states = other_states(one) & other_states(other)
    deeds = (one.content & other.content) - STATES - BARE
    one_deed = len(states) >= STATES_OF_A_DEED and information(deeds) >= LEAST_OF_A_DEED
    return one_deed and _promises_little(one) and _promises_little(other)


def same_menace(one: Wording, other: Wording) -> bool:
    """Return whether one side menaces another twice within days with no more than force, over one matter.

    An ultimatum is told for a week, each time with other words for what is asked ("restore order", "if he is not
    reinstated") and for what would follow ("all measures", "military action"). The states and the matter tell it; of
    one speaker on one day, the matter alone where one report names no state.
    """
    if not _alike(one, other) or one.weapons or other.weapons:
        return False
    states, others = _states_about(one), _states_about(other)
    one_voice_that_day = same_speaker(one, other) and abs(one.said_at - other.said_at) <= SAME_DAY
    if not (states & others or (one_voice_that_day and not (states and others))):
        return False
    matter = _matter(one, other) - STATES - FORCE
    menaces = all(_promises_force(each, matter) for each in (one, other))
    return menaces and information(matter) >= LEAST_SHARED


def same_promise(one: Wording, other: Wording) -> bool:
    """Return whether one voice promises one deed twice within days, on a deed of one state or over one matter."""
    if not _alike(one, other) or not one_voice(one, other):
        return False
    deed = one.consequence & other.consequence
    least = min(information(one.consequence), information(other.consequence))
    if information(deed) < max(LEAST_SHARED, least / 2):
        return False
    if one.condition and other.condition:
        met = one.condition & other.condition
        return bool(met & STATES) or information(met) >= LEAST_SHARED
    return information(_matter(one, other) - deed - BARE) >= LEAST_SHARED


def same_matter(one: Wording, other: Wording) -> bool:
    """Return whether one side speaks twice in a day of a matter and a state, or one voice within days of a matter.

    Whether it says the same is open: the two are claims of their own. Two limits on acts with nothing in common are two
    matters, whatever their articles share, and so are words on different weapons.
    """
    limits = one.condition and other.condition
    apart = limits and information((one.condition & other.condition) - STATES) < LEAST_OF_A_DEED
    armed = one.weapons | other.weapons
    if not _alike(one, other) or apart or (armed and one.weapons.isdisjoint(other.weapons)):
        return False
    states, others = _states_about(one), _states_about(other)
    voice = same_speaker(one, other)
    about = states & others or (voice and not (states and others))
    near = voice or abs(one.said_at - other.said_at) <= SAME_DAY
    return bool(about) and near and information(_matter(one, other) - STATES - FORCE) >= LEAST_SHARED


def _alike(one: Wording, other: Wording) -> bool:
    misread = one.misread or other.misread
    near = abs(one.said_at - other.said_at) <= ANNOUNCED
    return near and one.side == other.side and one.nuclear == other.nuclear and not misread


def _matter(one: Wording, other: Wording) -> frozenset[str]:
    """Return what both say, or one says under a title of the other: titles alone share "live" and "at a glance"."""
    return (one.content & (other.content | other.topic)) | (one.topic & other.content)


def _states_about(wording: Wording) -> frozenset[str]:
    return other_states(wording) | other_states(replace(wording, content=wording.topic))


def _promises_force(wording: Wording, matter: frozenset[str]) -> bool:
    """Whether it names no deed beyond force over ``matter``; a bare threat names not even that."""
    if not wording.consequence:
        return not wording.condition and bool(wording.content & FORCE)
    return bool(wording.consequence & FORCE) and information(wording.consequence - FORCE - matter) <= MOST_BESIDE_FORCE


def same_vow(one: Wording, other: Wording) -> bool:
    """Return whether one person, or a group and its leader, made both threats within days, one without a deed.

    Who says that there will be revenge, and that the guilty will be punished, has said one thing. A bare threat is also
    one that says what will be done, if it was made on the same day and their articles are on one topic.
    """
    if not same_speaker(one, other) or one.misread or other.misread:
        return False
    alike = one.nuclear == other.nuclear and not (one.condition or other.condition)
    apart_in_time = abs(one.said_at - other.said_at)
    states, others = other_states(one), other_states(other)
    if not alike or apart_in_time > ANNOUNCED or (states and others and states.isdisjoint(others)):
        return False
    if is_bare(one) and is_bare(other):
        return True
    one_topic = information((one.content | one.topic) & (other.content | other.topic)) >= LEAST_SHARED
    return (is_bare(one) or is_bare(other)) and apart_in_time <= SAME_DAY and one_topic
