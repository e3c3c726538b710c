"""Warnings that menace nobody, although they are worded like threats: told from the sentence and from who speaks.

Each rule follows the patterns it reads, most with an example of what they mean. How often each refuses a sentence, and
how often rightly, is in docs/evaluation.md, by the reasons that ``finder`` gives.
"""

import re

_WITHOUT_MEANS = re.compile(
    r"\b(?:(?:central|reserve|national|world) bank|monetary fund|imf|humanitarian|unicef|unhcr|red cross"
    r"|nuclear watchdog|iaea|aid (?:chief|agenc\w+|groups?|official|coordinator)|relief (?:chief|agency)|refugee agency"
    r"|food (?:programme|program|agency)|world health organi[sz]ation|health (?:minist\w+|secretary|chief|officials?)"
    r"|meteorolog\w+|weather \w+|auditors?|ombuds\w+|regulators?|emergency services)\b",
    re.IGNORECASE,
)
"""By name or office: a central bank, an aid agency, a health ministry, a weather service."""
_OF_THE_UN = re.compile(r"\b(?:united nations|un|unrwa|secretary[ -]general)\b|\bu\.n\.", re.IGNORECASE)
"""Whoever speaks for the United Nations."""


def has_no_means(speaker: str, side: str | None) -> bool:
    """Whether a speaker, by name or office, commands neither force nor sanctions, and so can only be concerned.

    Of the United Nations, only its Security Council does.
    """
    if side == "un" and _OF_THE_UN.search(speaker) and "council" not in speaker.casefold():
        return True
    return _WITHOUT_MEANS.search(speaker) is not None


_THING = re.compile(
    r"\b(?:divide|rift|cris[ei]s|war|conflict|tensions?|dispute|row|stand-?off|shortages?|drought|collapse|storm|floods?"
    r"|confrontation|mutiny|uprising|fighting|clash(?:es)?|inflation|deadlock|stalemate|scandal|virus|pandemic"
    r"|disinformation|climate change|slowdown|recession)"
    r"(?: (?:against|between|in|on|over|with) (?:[\w’'-]+ ){0,3}[\w’'-]+)?"
    r"(?: that| which)? (?:also |now |has |had )?threaten(?:s|ed)? (?:to )?",
    re.IGNORECASE,
)
"""A thing as the subject of "threatens": "the rift with Oslo threatens to …"."""


def is_thing(sentence: str) -> bool:
    """Whether what threatens is a thing: "the drought threatens to empty the canal"."""
    return _THING.search(sentence) is not None


_GOOD = re.compile(
    r"\b(?:cooperat\w+|partnerships?|friendship|hold hands|solidarity|stand (?:with|by)|shoulder[ -]to[ -]shoulder"
    r"|bring (?:back|home)|work with|help|support|aid"
    r"|assist\w*|peace|dialogue|talks|rebuild\w*|invest\w*)\b",
    re.IGNORECASE,
)
"""What helps whom it is vowed to, where no condition is put: "support", "peace talks"."""
_OFFERED = re.compile(
    r"\b(?:join|attend|resume|restart|re-?open|return to|hold|begin|boost|expand|deepen|increase|improve"
    r"|normali[sz]e|restore) (?:[\w-]+ ){0,3}"
    r"(?:talks|dialogue|negotiations|summit|cooperation|relations|ties|trade|investments?)\b"
    r"|\b(?:rebuild|reconstruct|invest in)\b|\b(?:release|free) (?:\w+ ){0,3}(?:hostages|prisoners|captives)\b",
    re.IGNORECASE,
)
"""What is given on a condition; mere help may be help for one against another."""
_RELENTS = re.compile(
    r"(?<!\bnot )(?<!\bnever )(?<!n['’]t )\b(?:stop|halt|end|cease|suspend|pause|lift|ease|call off) "
    r"(?:(?:its|their|the|all|any) )?(?:(?!with\b)[\w-]+ )?"
    r"(?:air ?strikes?|strikes?|attacks?|assaults?|bombing|shelling|raids?|offensive|hostilities|war|fighting|invasion"
    r"|blockade|siege|sanctions|embargo|drills?|exercises?|manoeuvres)\b",
    re.IGNORECASE,
)
"""What does harm, and would end."""
_LEADS = 40
"""Code points before what is vowed in which its verb may stand: the reader often leaves it out."""
_RENOUNCED = re.compile(
    r"(?:[\w’']+ )?(?:won['’]t|will not|would not|not) (?:be )?"
    r"(?:enter|join|attack|strike|invade|intervene|fight|go to war|start)\w*",
    re.IGNORECASE,
)
"""Harm that is not to be: "will not attack"."""
_BAD = re.compile(
    r"\b(?:destroy|strik\w+|attack\w*|retaliat\w+|reveng\w+|punish\w*|kill\w*|war|cut|halt|end|stop|clos(?:es|ed|ing|ure)"
    r"|close (?:the|its|all|off|down)|sanction(?:s|ed|ing)?\b(?!-)|against|respon\w+"
    r"|consequences|invad\w*|invasion|nuclear|missiles?"
    r"|bomb\w*|crush\w*|fight\w*|withdraw\w*|withh[oe]ld\w*|suspend\w*|freez\w+|den(?:y|ies)|no|not|without|refus\w*"
    r"|block\w*|quit|leav\w+|review)\b",
    re.IGNORECASE,
)
"""What does not: a consequence with any of these words is none that is good."""


def is_kind(sentence: str, condition: str | None, consequence: str | None) -> bool:
    """Whether what is vowed is good for whom it is vowed to: help, cooperation, talks; or that no harm will be done."""
    if not consequence:
        return False
    good = not _BAD.search(consequence)
    if condition is None:
        return bool(_RENOUNCED.match(consequence) or (good and _GOOD.search(consequence)))
    vowed = _before(sentence, consequence)[-_LEADS:] + consequence
    return bool(_RELENTS.search(vowed) or (good and _OFFERED.search(vowed)))


_OURS = r"[Ww]e|[Oo]ur|us|I|[Rr]espon\w+|[Rr]etaliat\w+|[Cc]onsequences?"
"""What the speaker's side would do; "us" and not "US"."""
_WARNS = r"\b(?:warn|caution|alert)(?:s|ed|ing)?"
_WORD = r"[^\s.;:\"“”]+"
"""A word with what is attached to it, of the same sentence and the same quotation."""
_HARM = (
    r"(?:attacks?|assaults?|strikes?|raids?|invasion|offensive|incursions?|sabotage|aggression|missiles?|plans?|threat)"
)
"""What somebody else may do, as a noun."""
_MAY_DO = re.compile(
    rf"{_WARNS}(?P<named>(?: {_WORD}){{1,9}}?)(?<! it)(?<! he)(?<! she)(?<! they) (?:may|might|could|plans? to"
    r"|planned to|intend(?:s|ed)? to|(?:is|was|were|are) (?:planning|preparing|poised|about|ready|likely|going)"
    r"(?: to)?)"
    r" (?!not\b|never\b|(?:\w+ly |soon |also )?(?:be|become|pay|face|suffer|regret|lose|burn|cease|disappear|collapse"
    r"|see|bear|receive|get|have|end|find|meet|perish)\b)",
    re.IGNORECASE,
)
"""Whoever is named last before the verb may do something; what it may suffer is no deed of its own."""
_DEED_BY = re.compile(
    rf"{_WARNS}(?: {_WORD}){{0,6}}? of (?:{_WORD} ){{0,5}}?{_HARM} (?:by|from) (?P<named>(?:{_WORD} ?){{1,3}})",
    re.IGNORECASE,
)
"""Whoever is named behind it: "warned of sabotage by Oslo"."""
_DEED_OF = re.compile(rf"{_WARNS}(?: {_WORD}){{0,6}}? of (?P<named>(?:{_WORD} ){{1,6}}?){_HARM}\b", re.IGNORECASE)
"""Whoever is named before the harm: "warned of a Russian attack"."""
_WILL_DO = re.compile(
    rf"(?P<named>(?:{_WORD} ){{1,3}}?)(?<!\bit )(?<!\bhe )(?<!\band )(?<!\bshe )(?<!\bthey )"
    r"(?<!\bthat )(?<!\bwho )(?<!\bwhich )[\"“'‘]?(?:will|would|(?:is|are) (?:going|ready|prepared) to"
    r"|(?:want|seek|plan)s? to|may|might|could)"
    r" [\"“'‘]?(?:not stop|(?:\w+ly |soon |also |next |then )?(?:attack|strike|invade|target|kill|eliminate|assassinate"
    r"|launch|use|bomb|shell|fire|hit|seize|occupy|annex|arrest|move on|go after|try|attempt|resort|come for))\b",
    re.IGNORECASE,
)
"""Whoever will do it in the words of the one who warns: "Oslo will attack, says Bergen"."""
_SUPPOSED = re.compile(r"\b(?:if|unless|should|whether|until|before|when|any|were)\b", re.IGNORECASE)
"""Before a deed: the speaker names what would bring an answer, and not what is to come."""
_OWN_ANSWER = re.compile(r"\b(?:we|our|us|i|legitimate targets?|respon\w+|retaliat\w+|consequences?)\b", re.IGNORECASE)
"""The side that warns has a part in it, or calls its target one."""
_OF_ITSELF = re.compile(rf"\b(?:{_OURS}|legitimate targets?)\b")
"""The same, with "us" told from "US", and of a response only what is its own."""


def others_deed(sentence: str) -> tuple[int, int] | None:
    """Return the span whose last name is that of whoever may do the harm of which a sentence warns.

    "warned Ukraine that Russia may attack", "warned of a Russian attack", "Russia will attack, says Kyiv"; None if it
    warns of none, or says what the one who warns would do about it.
    """
    found = None
    if not _OWN_ANSWER.search(sentence):
        found = next(filter(None, (deed.search(sentence) for deed in (_MAY_DO, _DEED_BY, _DEED_OF))), None)
    if found is None and not _OF_ITSELF.search(sentence):
        found = _WILL_DO.search(sentence)
        found = found if found and not _SUPPOSED.search(sentence, 0, found.end()) else None
    return found.span("named") if found else None


_FORESEEN = re.compile(
    r"\b(?:pos(?:e|es|ed|ing)|represent(?:s|ed|ing)?) (?:a |an |the )?[\"“'‘]?(?:\w+ ){0,3}(?:risk|danger|threat)s?\b"
    r"|\bwarn(?:s|ed|ing)? (?:[\w’'-]+ ){0,4}?(?:of|about) (?:a |an |the )?[\"“'‘]?(?:\w+ )?[\"“'‘]?(?:risk|danger)s?\b"
    r"|\bwarn(?:s|ed|ing)? (?:[\w’'-]+ ){0,3}?of (?:a |an )?[\"“'‘]?(?:long|prolonged|protracted|lengthy|drawn-out"
    r"|difficult|hard|costly)[\"”'’]? (?:[\w-]+ )?(?:war|conflict|fight|campaign|operation|battle|winter)\b"
    r"|\bpredict(?:s|ed|ing)?\b|\b(?:could|can) (?:fore)?see (?!to\b|no\b)",
    re.IGNORECASE,
)
"""A danger that is named as one: "poses a risk", "warned of a long war"."""
_ANSWER = re.compile(rf"\b(?:{_OURS}|[Ww]ill|[Ii]f|[Ss]hould|[Uu]nless|were to)\b")
"""That, or what brings the danger about."""
_SEEN = re.compile(
    r"\b(?:see|fear)(?:s|ing|ed|n)? (?:a |an |the )?(?:\w+ ){0,2}?(?:risk|danger|threat)s? (?:of|that)\b"
    r"|\brisks? (?:destroying|undermining|alienating|damaging|becoming|jeopardi[sz]ing|isolating)\b",
    re.IGNORECASE,
)
"""The same in the words of whoever fears it, or as what something risks: "risks isolating"."""
_LOST = (
    r"\bif\b[^.;]{1,60}?(?:n['’]t (?:\w+ )?(?:win|defeat\w*|stop\w*|beat\w*|decimated)"
    r"|\b(?:los(?:e|es|t)|falls?|collapses?|wins?|prevails?|succeeds?|(?:is|are) defeated"
    r"|not (?:\w+ )?(?:win|defeat\w*|stop\w*|beat\w*|decimated)))\b"
)
"""That a war is not won: "if we lose", "if Oslo is not defeated"."""
_FOLLOWS = r"\b(?:(?:will|would) attack|next|come for|move on|go further|not stop)\b"
"""What would come of that: "Bergen would be next"."""
_NEXT = re.compile(rf"{_LOST}[^.;]{{1,80}}?{_FOLLOWS}|{_FOLLOWS}[^.;]{{0,60}}?{_LOST}", re.IGNORECASE)
"""Who would follow if a war were lost."""


def is_foreseen(sentence: str) -> bool:
    """Whether it is a risk, or something that may come about, and not what the speaker's side would do."""
    if _NEXT.search(sentence) or (_SEEN.search(sentence) and not _OWN_ANSWER.search(sentence)):
        return True
    return _FORESEEN.search(sentence) is not None and _ANSWER.search(sentence) is None


_ADVISED = re.compile(
    r"\b(?:should|ought to) (?!(?:always |also |well |not )?(?:expect|know|be (?:aware|prepared|ready for|afraid"
    r"|careful|on notice)|beware|fear|prepare|think|remember|understand|brace|worry|stop|cease|end)\b)"
    r"(?:[\w-]+ ){0,4}[\"“'‘]?$"
    r"|\bcall(?:s|ed|ing)? (?:on|upon|for (?-i:[A-Z])) ?[^.;:]{1,60} to [\"“'‘]?$",
    re.IGNORECASE,
)
"""Before what is to be done: somebody else's task."""
_TASK = re.compile(
    r"\W*(?:(?:it|they|he|she|we) )?(?:should|ought to) (?:be|have|re\w+|impose|consider|send)\b", re.IGNORECASE
)
"""What is threatened, worded as a task: "they should impose sanctions"."""


def is_advice(sentence: str, condition: str | None, consequence: str | None) -> bool:
    """Whether what would be done is advised to others."""
    advised = _ADVISED.search(_before(sentence, consequence)) or _TASK.match(consequence or "")
    return bool(condition and advised)


_PLEA = re.compile(
    r"\b(?:(?<!we )call(?:s|ed|ing)? (?:on|upon)|urg(?:e|es|ed|ing)|appeal(?:s|ed|ing)? to|implor\w+|plead\w*"
    r"|beg(?:s|ged)?)\b"
    r"|\bwarn(?:s|ed|ing)? [\w’'-]+(?: [\w’'-]+){0,3} to [\"“'‘]?(?:uphold|obey|observe|abide|comply|adhere|minimi[sz]e"
    r"|protect|spare|avoid|respect|honou?r|(?:act|behave|show|exercise|use|keep|remain) (?:with )?(?:restraint|caution"
    r"|wisdom|calm|patient|patience|\w+ly))\b",
    re.IGNORECASE,
)
"""A request, also one that is worded as a warning: "warned Oslo to show restraint"."""
_MENACE = re.compile(
    r"\b(?:threat\w*|vow\w*|promis\w+|pledg\w+|or|otherwise|failure|before|unless|if|until|red lines?"
    r"|consequences?|price|regret|unacceptable|not (?:be )?(?:accept|tolerat|allow)\w*)\b"
    r"|\bwarn\w* (?:that|against|of)\b|\bwarn\w* (?:[\w’'-]+ ){1,4}not to\b",
    re.IGNORECASE,
)
"""Words that make more of a request: "or else", "unless", "will not be tolerated"."""


def is_plea(sentence: str, consequence: str | None) -> bool:
    """Whether it asks or exhorts, and says nothing of what would follow."""
    told = _before(sentence, consequence) + consequence if consequence else sentence
    return _PLEA.search(told) is not None and _MENACE.search(sentence) is None


_DENIED = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed)? (?:claims?|reports?|accusations?)|disput(?:es|ed))\b[^.;:]{0,40}?"
    r"\b(?:threaten\w*|threats?|warn(?:ed|ing)|plan(?:s|ned|ning)?|intend\w*|order(?:ed|ing))\b",
    re.IGNORECASE,
)
"""Somebody denies it: "denied planning an attack"."""
_UNREAL = re.compile(
    r"\bif\b[^.;]{0,80}?\bhad\b[^.;]{0,120}?\bwould(?: never)? have\b|\bwould(?: never)? have\b[^.;]{0,120}?\bif\b"
    r"[^.;]{0,80}?\bhad\b",
    re.IGNORECASE,
)
"""It would have been done: "would have struck if Oslo had …"."""
_UNDER_WAY = re.compile(
    r"\W*(?:is|are|was|were|has been|have been) (?:already |now |still )?"
    r"(?!prepar|plan|go|consider|mull|weigh|threaten|com|aim|intend|hold|keep|tak|draw|near|clos|end|run)\w+ing\b",
    re.IGNORECASE,
)
"""It is being done, and not only prepared: "are shelling the port"."""


def is_unreal(sentence: str, condition: str | None, consequence: str | None) -> bool:
    """Whether it is denied, or would have been done, or is done already."""
    done = condition is None and consequence is not None and _UNDER_WAY.match(consequence)
    return bool(_DENIED.search(sentence) or _UNREAL.search(sentence) or done)


def _before(sentence: str, part: str | None) -> str:
    """Return the sentence up to ``part`` of it; nothing if there is none."""
    return sentence.partition(part)[0] if part else ""
