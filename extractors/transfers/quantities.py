"""The number of units in a text: "114 Rafale", "a dozen F-16s"; but not "240 mm", "155-millimetre" or "in 2023"."""

import re

# fmt: off
_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)
# fmt: on
_NUMBERS = {word: value for value, word in enumerate(_WORDS, 1)} | {
    "a pair of": 2,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000}
_WORD = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_BEFORE = re.compile(
    r"(?<![\w$€£¥.,-])(?<!\bmk )(?<!\btype )(?<!\bmark )(?<!\bno )(?<!\bmodel )"
    rf"(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|{_WORD}|a(?= (?:{_SCALE})\b))(?: (?P<scale>{_SCALE})\b)? "
    r"(?P<between>(?:(?!\d|and\b|of the\b|to\b|for\b|in\b)[\w'’-]+ ){0,4})$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"^(?:mm|cm|km|kg|tons?|tonnes?|years?|months?|days?|weeks?|hours?|miles?|kilomet\w+|millimet\w+|calib\w+|percent|per|million"
    r"|billion|people|countries|soldiers|troops)\b",
    re.IGNORECASE,
)
_LOOK_BACK = 60


def quantity(text: str, start: int) -> int | None:
    """Return the number of units of the weapon named at ``start``; None if the text gives none."""
    match = _BEFORE.search(text[max(0, start - _LOOK_BACK) : start])
    if match is None or _UNIT.match(match["between"]):
        return None
    number = match["number"].lower()
    value = 1 if number == "a" else _NUMBERS[number] if number in _NUMBERS else int(number.replace(",", ""))
    if "," not in number and match["scale"] is None and 1990 <= value <= 2100:
        return None  # a year
    return value * _SCALES.get((match["scale"] or "").lower(), 1)
