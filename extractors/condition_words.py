"""The words in which limits are drawn, as patterns for ``conditions``.

Lists are plain words; a phrase is joined by "_" where words of a list are meant to stand apart.
"""

import re


def _one_of(words: str) -> str:
    """Return a pattern for one of several words or phrases."""
    return "(?:" + "|".join(word.replace("_", " ") for word in words.split()) + ")"


def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


SAID = _one_of(
    """
    said says saying warned warns warning told tells stated added adds declared declares stressed insisted threatened
    threatens vowed vows argued claimed claims announced reiterated wrote writes noted cautioned promised replied
    answered posted tweeted repeated explained remarked affirmed maintained
    """
)
WILL = _one_of(
    """
    will would shall could may might can must won't wouldn't cannot can't 'll 'd (?:is|are|was|were)_(?:going_)?to
    """
)
_NEVER = r"(?:(?:will|would|shall|can|could|must) (?:not|never|no longer)|won't|wouldn't|cannot|can't)"
_HOW = "(?: not| never)?(?: " + _one_of("also only then now immediately automatically inevitably certainly") + ")?"
_WILL = rf"\b{WILL}{_HOW} [\"']?"
_INSTANT = "(?:on )?the " + _one_of("day moment minute second instant")

# -- conditional clauses -------------------------------------------------------------------------------------------
TIMED = _pattern(rf"as soon as|once|when(?:ever)?|{_INSTANT}")
OPENS = _pattern(
    r"\b(?:if|unless|in case|in (?:the )?event(?: of| that)?|in the case of|in response to (?=any|further)|provided"
    rf"|as long as|so long as|until|{TIMED.pattern})\b"
)
IDLE = _pattern(
    r"\b(?:(?:even|as|what|sure|clear|unclear|know|see|wonder\w*|decid\w+|ask\w*) if"
    r"|if (?:necessary|needed|required|need be|possible|not\b|only|ordered|asked|so desired|it (?:wishes|wants))"
    r"|once (?:again|more|and|a|every)\b"
    r"|(?:as|so) long as (?:it takes|necessary|needed|possible|\w+ (?:lives?|exists?|am|are)\b))"
)
"""Conditional words that open no condition: "if necessary", "asked if", "once again"."""
NEGATED = _pattern(r"\b(?:no|not|never|nobody|none|nothing|\w+n't|refus\w+|cannot)\b")
HAPPENED = _pattern(
    rf"(?:{TIMED.pattern})(?: that)? (?:[\w'-]+ ){{1,4}}?"
    r"(?:was|were|had|did|came|went|took|made|began|met|won|left|fell|(?<!is )(?<!are )(?<!be )\w+ed)\b"
)
"""A date in the past: "when the order came", "once the troops had left"."""
POINTS_BACK = _pattern(
    r"(?:if|when|once|should) (?:it|this|that|they|you|so)\b(?: (?:do|does|did|happens?|happened|occur(?:s|red)?))?"
    r"(?: (?:so|that|this))?(?=[ ,;.\"']*(?:$|(?-i:[A-Z])|[,;.]))"
)
"""A condition that only points back: "if it happened", "if they do so"."""
_OWNED = _one_of("an? the one another such this these those its his her their our")
SHOULD = re.compile(
    rf"(?:^|[\"',:;-] ?|\b(?:that|but|and) )\"?(?P<open>[Ss]hould (?:even |so much as )?{_OWNED} )"
    r"|(?<!how )(?<!why )(?<!what )(?<!when )\b"
    r"(?P<bare>should (?:any\w*|either|they|it|he|she|we|you|[A-Z]\w*) )"
    r"|\b(?:will|would|won't|wouldn't|to) "
    rf"(?:(?!\b{_one_of('that which who and but or it he she they we you this why how')}\b)[^,;:.\"]){{3,80}}?"
    r"\b(?P<late>should (?!be|have|not|also)\w)"
)
"""Inverted conditions: "should they attack", "will not stand idle should armed bands appear"."""
MODAL = re.compile(
    r"\b(?:will|would|shall|won't|wouldn't|must|may|might|could|can|cannot|(?:is|are) (?:going to|ready)|\w+'ll|then"
    r"|why|be prepared|ha(?:s|ve) the right|reserves? the right|becomes?|there (?:is|are)|(?:we|you|they) are|it is)\b"
)

# -- what an act would be or bring ---------------------------------------------------------------------------------
GRAVE = _one_of(
    r"""
    war\b red[_-]lines? lines?\b mistake error provocati unaccept intolerab inadmissib escalat participat involvement
    threat catastroph disaster suicid end\b aggression cross game[_-]changer risk violation hostil stage\b phase\b
    danger turning_point point_of_no_return conflict collapse confrontation clash grave consequence unforgivable folly
    fatal out_of_the_question off[_-]limits playing_with_fire casus_belli party_to madness irreversible attack_on act_of
    declaration_of cause_of very_bad
    """
)
_SEEN = _one_of("regarded considered treated seen viewed deemed read taken interpreted looked_(?:up)?on understood")
JUDGED = _pattern(
    rf"(?:{_WILL}(?:be|become|remain|represent|constitute|equal|amount to|come (?:\w+,? ){{0,2}}close to)"
    r"|\b[\"']?(?:is|are|was|were|becomes|became|remains|remained|represents|constitutes|equals|amounts to))"
    rf"[ :]+(?:(?!{SAID}\b|already\b|not\b)[^,.;:]){{0,60}}?{GRAVE}"
    r"|\b(?:means?|meant|spells?) [\"']?(?:\w+ ){0,4}?(?:war\b|end\b|escalat|conflict|disaster|suicid|death)"
    rf"|{_WILL}be {_SEEN}\b"
    rf"|\b{_NEVER} [\"']?(?:be (?:tolerated|allowed|permitted|accepted|put up with)|stand)\b"
    r"|\b(?:crosse[sd]|(?:has|have|would|will) cross(?:ed)?) [^,.;]{0,30}\blines?\b"
    r"|(?<=\w )(?:an? )?[\"'](?:an? )?(?:unacceptable|intolerable|act of war|red line|declaration of war|colossal risk"
    r"|(?:grave|huge|big|serious|fatal) (?:mistake|error)|playing with fire)\b"
)
"""X would be a red line, means war, will be seen as aggression, will not be tolerated."""
CAUSES = _pattern(
    _WILL
    + _one_of(
        r"""
        mean lead_to trigger provoke constitute result_in spark cause prompt entail escalate represent amount_to
        undermine endanger spell set_off set_in_motion unleash ignite carry
        have_(?:\w+_){0,4}(?:consequences|repercussions|impact)
        """
    )
    + r"\b"
)
"""X would lead to a clash."""
BRINGS = _pattern(
    _WILL
    + _one_of(
        """
        draw bring cross risk make render require force threaten open expose oblige compel leave put drag invite
        start_an? destroy end close push plunge mark be_met be_answered meet change come_at cost turn lead become set
        """
    )
    + r"\b"
)
"""X will be met with force; said of persons these verbs say nothing."""
SUFFERS = _pattern(rf"\b(?:{WILL}|must|should) (?!(?:not )?be (?:able|safe|allowed)\b)")
"""Whoever does X will regret it."""
TARGET = _pattern(
    rf"(?:{_WILL}(?:be|become)(?= (?:an? |our )?targets?\b)|(?:{_WILL}(?:be|become)|\b(?:are|is))"
    r"(?= (?:\w+ ){0,3}[\"']?(?:legitimate|lawful|military|fair) (?:\w+ )?(?:targets?|objectives?)\b))"
)
UNANSWERED = _pattern(rf"{_WILL}(?:be|go|remain|stay|pass) (?:left )?(?:un\w+|without)\b")

# -- who or what acts ----------------------------------------------------------------------------------------------
_ACT = (
    _one_of(
        r"""
        (?:counter)?attack strike aggression assault raid shelling bombing blockade embargo seizure sale purchase use
        launch deliver(?:y|ies) suppl(?:y|ies) transfer shipment breach attempt move step act threat presence appearance
        arrival independence death killing shot missile drone mistake entry closure overflight harm damage sabotage
        withdrawal visit plan war failure refusal capture adventure offensive sanction tariff exercise deal sending
        giving supplying \w{4,}(?:tion|sion|ment|ance)
        """
    )
    + r"(?:e?s)?\b"
)
_NO_GERUND = _one_of("king bring beijing during according morning evening nothing everything shipping")
IS_ACT = _pattern(rf"\b{_ACT}|^[\"']?(?!{_NO_GERUND}\b)\w{{3,}}ing\b")
AGAIN = _pattern(r"^(?:another|(?:the )?next) (?!time)")
PLACED = _pattern(
    r"\b(?:of|on|in|to|for|by|from|into|against|over|with|without|outside|near|beyond|across|\w{3,}ing)\b"
)
"""A subject of more words than a name."""
OWN = _pattern(
    r"\b(?:responses?|repl(?:y|ies)|answers?|retaliat\w+|revenge|reactions?|counter(?!attack)\w+|punishment"
    r"|consequences|vengeance|wrath|threats?|nobody|no one|nothing)\b"
    r"|^[\"']?(?:(?:the|our|its|their|his) )?(?:\w+ )?"
    r"(?:army|navy|forces|troops|military|strikes|campaign|operations?|measures)$"
)
"""What a threatening side says of itself: its answer, its army."""
_MOVERS = _one_of(
    """
    troops soldiers contingents? peacekeepers personnel convoys? aircraft planes jets ships? vessels? drones?
    specialists instructors
    """
)
_LEAVE = _one_of("consent permission approval authori[sz]ation clearance agreement signature")
GENERIC = _pattern(
    r"(?:^|[\"' ])(?:(?:anyone|anybody|whoever|everyone|everybody|any|every|each)\b"
    r"|(?:all )?those (?:[\w-]+ ){0,3}?who\b"
    rf"|(?:another|an?|next|the next|new|further|fresh) (?:[\w-]+ ){{0,2}}?{_ACT}"
    r"|(?:(?:not|just|even|so much as) (?:one|an?)|one more|a single)\b"
    rf"|{_MOVERS}\b[^,]{{0,40}}? (?:in|on|over|inside|off|near) (?:our|its|their) "
    rf"|such\b|of this (?:kind|size|scale|sort)\b|without (?:[\w']+ ){{1,3}}?{_LEAVE}\b)"
    r"|^(?:attacks|strikes|attempts|violations|provocations|shelling|incursions)\b"
)
"""Acts and actors that are yet to come: "any attack", "whoever supplies", "those who sell"."""
DEED = _pattern(
    r"^[\"']?(?:the|this|that|these|those|its|his|their|last \w+|[\w ]+'s?) (?:\w+ ){0,3}"
    r"(?:attacks?|strikes?|killings?|assassination|murders?|bombings?|raids?|shelling|crimes?|massacre|assault)\b"
)
"""What has been done already, whose answer is announced: "the killing of the general", "Iran's attack"."""
DONE = _pattern(
    r"\bwho (?:\w+ly )?"
    r"(?:have|has|had|was|were|did|took|sold|sent|gave|made|came|went|fought|shot|bought|led|held|\w+ed)\b"
)
INTRUDES = _pattern(
    rf"\b{_MOVERS}\b[^,]{{0,60}}? (?:on|in|over|inside|near|off)\b|\b(?:that|which|who|any|every|entering)\b"
)
"""What becomes a target by where it goes or what it does."""
_TRESPASSES = _one_of(
    """
    violat enter approach cross attack threaten refus fail help host support supply suppli join def(?:y|i) ignor
    harbou?r shelter interfer trespass break breach collaborat assist stray allow
    """
)
TRESPASS = _pattern(
    r"\b(?:[a-z-]+s|aircraft) (?:(?:that|which|who) (?:(?:dare|attempt)s? to |tr(?:y|ies) to )?"
    rf"{_TRESPASSES}\w*(?<!ed)|entering|approaching|violating|crossing)\b"
)
HARMS = _pattern(
    "\\b"
    + _one_of("shoot fire sink strike attack hit destroy bomb kill cut_off punish sanction seize target expel")
    + "\\w*\\b"
)

# -- "as", "or", "and", "against" ----------------------------------------------------------------------------------
REGARDS = _pattern(
    rf"\b(?P<will>{WILL}{_HOW} )?(?:regard(?:s|ed)?|treat(?:s|ed)?|consider(?:s|ed)?|sees?|view(?:s|ed)?|interprets?"
    r"|deems?|look(?:s|ed)? (?:up)?on|call(?:s|ed)?|describe[sd]?|declare[sd]?) (?P<act>(?!by )[^,;:]{3,140}?) "
    r"(?:as\b|to be\b|(?=[\"']?(?:an?|the|our) (?:\w+ )?(?:red line|act of|declaration of)))"
)
OR_ELSE = re.compile(
    r"\bor (?:else )?(?:(?:face|risk|be|suffer|expect|lose|pay)\b|[\"']?(?:all )?hell\b"
    r"|(?:it|they|we|you|he|she|the \w+|its \w+|their \w+|[a-z]+s) "
    r"(?:will|would|are|is|blow|burn|fall|get|die|face)\b|(?:we|they|you|it)'ll\b)"
)
DEMANDED = re.compile(r"\b(?:to|must|should|either)\b")
_ORDERS = _one_of(
    """
    [Tt]ouch [Aa]ttack [Bb]omb [Ss]trike [Hh]it [Cc]ross [Ll]end [Gg]o [Cc]ome [Ss]hoot [Kk]ill [Hh]arm [Ss]end [Tt]ry
    [Ss]et [Ff]ire [Ll]ay [Ll]et [Ii]nvade [Ee]nter [Ss]upply [Gg]ive [Hh]elp [Tt]est
    """
)
STEP = re.compile(
    r"(?:^|[:,\"'-] ?|\bthat )(?P<act>(?:"
    r"(?:just |even )?(?:[Oo]ne|[Aa]nother|[Aa]ny|[Tt]he next|[Tt]he slightest|[Jj]ust one) "
    r"(?!day|week|hour|of|official)\w"
    rf"|(?:[Ll]anding|[Ss]etting|[Tt]ouching) |{_ORDERS} (?!by\b)\w)[^.;]{{1,120}}?)"
    r"(?P<then>,? and (?:then )?(?=(?:[\w'-]+ ){1,9}?(?:will|would|become|are|face|risk)\b|\w+'ll\b"
    r"|(?:lose|pay|burn|die|face|regret|suffer)\b))"
)
"""'One more shot and we will answer', 'Touch our ships and you become a target'."""
MEANS = _pattern(r" by (?P<act>\w{3,}ing [^,.;]+)")
"""'Berlin would become a party to the war by sending missiles': the act stands behind what it would be."""
AGAINST = _pattern(
    r"\b(?:warn|caution)\w* (?:(?!that\b)[\w'.,-]+ ){0,6}?"
    r"(?:against|not to|to stop|not(?= [a-z]+ ))\b"
    rf"|\bwarn\w* (?:[\w.-]+ ){{0,3}}?over\b(?!.*\b(?:{WILL}|is|are|was)\b)"
    rf"|\b{_NEVER} (?:tolerate|accept|allow|permit|let)\b"
    r"|(?-i:(?:^|[:\"'] ?)(?:Do not|Don't|Never|Hands off)(?= [a-z]))"
)
LEANS = _pattern(r"\b(?:otherwise|in (?:this|that|which) case|if so)\b")
_NO_ACT = _one_of("other more time way case of notice means moment longer day price cost doubt circumstances")
ANY = _pattern(
    rf"\bany (?!{_NO_ACT}\b)[a-z]"
    r"|\b(?:pay|price|punish\w*|respond|response|retaliat\w+|answer|react|consequences|regret|strikes?|vow\w*)\b"
    r"(?:[^.;]{0,40}? (?:for|to|after))? "
    r"(?P<next>(?:another|further|(?:the )?next|every|each|a (?:fresh|new)) (?!other|day|time|step|way)[a-z])"
    r"|(?:^|: ?|[\"'])(?P<no>no [a-z][^,.;]{2,40}), no [a-z]"
)
LINE = _pattern(
    r"\bred[ -]lines?\b[\"']? ?(?:(?:is|are|was|were)(?: clear)?[,:]?(?: which is)? that "
    r"|(?:on|over|at|against|around|concerning) )(?=[\w\"'])"
)

# -- where clauses begin and end -----------------------------------------------------------------------------------
CLAUSE_START = re.compile(
    rf"\bthat\b,?|\b{SAID}\b(?: (?:on |last )?[A-Z]\w+day)?[,:]?|[:;]|(?:(?<=\s)|^)[\"']| - | – | — "
)
CLAUSE_END = re.compile(
    r"[;:]|[!?](?=[\"'\s]|$)|\"(?=,? |$)|,? [-–—] "
    r"|(?<![A-Z])(?<!Gen)(?<!Col)(?<!Mr)(?<!Dr)(?<!St)\.(?=[\"']?\s+[\"'A-Z]|[\"']?\s*$)"
    rf"|,[\"']* (?:(?:as|after|while|amid|adding|according|but|and {SAID})\b|[^,]{{1,60}}? {SAID}\b|{SAID}\b)"
    r"|(?<=\w) (?:as|amid|after|while|following) (?=[A-Za-z'])"
)
ASIDE = re.compile(rf", [^,\"]{{0,80}}\b{SAID}\b[^,\"]{{0,60}}, $")
"""'Recognition, he said, would …': who says it stands inside what is said."""
_FRAMES = _one_of("but and so for in on at under after as asked speaking during meanwhile however earlier turning")
FRAME = _pattern(rf"(?:{_FRAMES}\b[^,]{{0,80}}, (?:too, )?)+")
LEADER = _pattern(rf"\b(?:that|and|but|because|so|{SAID})$")
POINTERS = frozenset({"this", "that", "it", "them", "which", "this step", "that step", "such a step", "such a move"})
