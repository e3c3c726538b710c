"""Warnings that menace nobody, although they are worded like threats: told from the sentence and from who speaks."""

import re

_PROTECTED = re.compile(
    r"\b(?:warn|urg|advis|caution|tell|told|ask|order)\w* (?:(?P<own>its|their|his|her|our) )?(?:own )?(?:\w+ ){0,2}?"
    r"(?:residents?|citizens?|civilians?|nationals|travell?ers|tourists?|the public|people|inhabitants|motorists"
    r"|consumers|households|voters)\b",
    re.IGNORECASE,
)
_WHERE = 40
"""Code points after those who are warned in which their place is named."""
_WITHOUT_MEANS = re.compile(
    r"\b(?:(?:central|reserve|national|world) bank|monetary fund|imf|humanitarian|unicef|unhcr|red cross"
    r"|nuclear watchdog|iaea|aid (?:chief|agenc\w+|groups?|official|coordinator)|relief (?:chief|agency)|refugee agency"
    r"|food (?:programme|program|agency)|world health organi[sz]ation|health (?:minist\w+|secretary|chief|officials?)"
    r"|meteorolog\w+|weather \w+|auditors?|ombuds\w+|regulators?|emergency services)\b",
    re.IGNORECASE,
)
_CHANTED = re.compile(r"\bchant(?:s|ed|ing)?\b|\b(?:placards?|banners?) (?:read|saying|with)", re.IGNORECASE)
_WAR = re.compile(
    r"(?:(?:a|an|any|the|such a) )?(?:\w+[- ]){0,2}?(?:war|conflict|confrontation|clash|showdown|hostilities)(?: |$)"
    r"(?!crime)",
    re.IGNORECASE,
)
_LAMENT = re.compile(
    r"\b(?:disast\w+|devastat\w+|catastroph\w+|unbearable|unthinkable|unimaginable|tragedy|tragic|suicid\w+|horr\w+|terrible"
    r"|calamit\w+|ruin\w*|cost (?:lives|dear\w*)|no (?:winners?|one)|nobody)\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:divide|rift|cris[ei]s|war|conflict|tensions?|dispute|row|stand-?off|shortages?|drought|collapse|storm|floods?"
    r"|confrontation|mutiny|uprising|fighting|clash(?:es)?|inflation|deadlock|stalemate|scandal|virus|pandemic"
    r"|disinformation|climate change|slowdown|recession)"
    r"(?: that| which)? (?:also |now |has |had )?threaten(?:s|ed)? (?:to )?",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"\b(?:cooperat\w+|partnerships?|friendship|hold hands|solidarity|stand (?:with|by)|work with|help|support|aid"
    r"|assist\w*|peace|dialogue|talks|rebuild\w*|invest\w*)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"\b(?:destroy|strik\w+|attack\w*|retaliat\w+|reveng\w+|punish\w*|kill\w*|war|cut|halt|end|stop|clos(?:es|ed|ing|ure)"
    r"|close (?:the|its|all|off|down)|sanction\w*|against|respon\w+|consequences|invad\w*|invasion|nuclear|missiles?"
    r"|bomb\w*|crush\w*|fight\w*|withdraw\w*|withh[oe]ld\w*|suspend\w*|freez\w+|den(?:y|ies)|no|not|without|refus\w*"
    r"|block\w*|quit|leav\w+|review)\b",
    re.IGNORECASE,
)
_WARNS = r"\b(?:warn|caution|alert)(?:s|ed|ing)?"
_WORD = r"[^\s.;:\"“”]+"
_HARM = (
    r"(?:attacks?|assaults?|strikes?|raids?|invasion|offensive|incursions?|sabotage|aggression|missiles?|plans?|threat)"
)
_MAY_DO = re.compile(
    rf"{_WARNS}(?P<named>(?: {_WORD}){{1,9}}?)(?<! it)(?<! he)(?<! she)(?<! they) (?:may|might|could|plans? to"
    r"|planned to|intend(?:s|ed)? to|(?:is|was|were|are) (?:planning|preparing|poised|about|ready|likely|going)"
    r"(?: to)?)"
    r" (?!not\b|never\b|(?:\w+ly |soon |also )?(?:be|become|pay|face|suffer|regret|lose|burn|cease|disappear|collapse"
    r"|see|bear|receive|get|have|end|find|meet|perish)\b)",
    re.IGNORECASE,
)
"""Whoever is named last before the verb may do something; what it may suffer is no deed of its own."""
_DEED_OF = re.compile(rf"{_WARNS}(?: {_WORD}){{0,6}}? of (?P<named>(?:{_WORD} ){{1,6}}?){_HARM}\b", re.IGNORECASE)
_DEED_BY = re.compile(
    rf"{_WARNS}(?: {_WORD}){{0,6}}? of (?:{_WORD} ){{0,5}}?{_HARM} (?:by|from) (?P<named>(?:{_WORD} ?){{1,3}})",
    re.IGNORECASE,
)
_OWN_ANSWER = re.compile(r"\b(?:we|our|us|i|legitimate targets?|respon\w+|retaliat\w+|consequences?)\b", re.IGNORECASE)
_OWN_DEED = re.compile(r"\b(?:we|our|us|i)\b|\bwill\b", re.IGNORECASE)


def protected(sentence: str) -> tuple[bool, tuple[int, int]] | None:
    """Return whether the people a sentence warns are "its" or "their", and the span in which their place may be named.

    "warned residents of the capital to take shelter", "urged its citizens to leave"; None if it warns no people.
    """
    found = _PROTECTED.search(sentence)
    return (found["own"] is not None, (found.end(), found.end() + _WHERE)) if found else None


def has_no_means(speaker: str) -> bool:
    """Whether a speaker, by name or office, commands neither force nor sanctions, and so can only be concerned."""
    return _WITHOUT_MEANS.search(speaker) is not None


def is_chanted(sentence: str) -> bool:
    """Whether a crowd says it."""
    return _CHANTED.search(sentence) is not None


def is_thing(sentence: str) -> bool:
    """Whether what threatens is a thing: "the drought threatens to empty the canal"."""
    return _THING.search(sentence) is not None


def is_kind(consequence: str | None) -> bool:
    """Whether what is vowed is good for whom it is vowed to: help, cooperation, talks."""
    return bool(consequence and _GOOD.search(consequence) and not _BAD.search(consequence))


def is_lament(condition: str | None, consequence: str | None) -> bool:
    """Whether it says how terrible a war would be, and not what the speaker's side would do."""
    if not condition or not consequence or not _WAR.match(condition):
        return False
    return bool(_LAMENT.search(consequence)) and not _OWN_DEED.search(consequence)


def others_deed(sentence: str) -> tuple[int, int] | None:
    """Return the span whose last name is that of whoever may do the harm of which a sentence warns.

    "warned Ukraine that Russia may attack", "warned of a Russian attack"; None if it warns of none, or says what the
    one who warns would do about it.
    """
    if _OWN_ANSWER.search(sentence):
        return None
    found = next(filter(None, (deed.search(sentence) for deed in (_MAY_DO, _DEED_BY, _DEED_OF))), None)
    return found.span("named") if found else None
