"""Sentences that contain their date: what was said or shown months before the article is history, not news."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta

LONG_AGO = timedelta(days=30)
"""A sentence dated further back than this was not news when the article appeared."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b"
_DATE = rf"(?:{_MONTH} {_DAY}|{_DAY.replace('day', 'first_day')} {_MONTH.replace('month', 'first_month')})"
_WITH_YEAR = re.compile(rf"\b{_DATE},? (?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)
_OF_SPEECH = re.compile(
    rf"\b(?:said|warned|told \w+|announced|declared|vowed|stated|wrote|tweeted|threatened) on {_DATE}(?!,? \d{{4}})",
    re.IGNORECASE,
)
_WHOLE_MONTH = re.compile(rf"\b(?:in|during|since|back in) (?:early |mid-|late )?{_MONTH}(?!,? ?\d)", re.IGNORECASE)
_PRESENT = re.compile(r"\b(?:today|yesterday|now|this (?:week|month)|\w+day)\b", re.IGNORECASE)


def is_history(sentence: str, *, published: datetime | None) -> bool:
    """Return whether ``sentence`` has dates, all of them long before the article was ``published``.

    A date without a year counts if it says when somebody spoke; the last such day before the article is meant.
    """
    if published is None or _PRESENT.search(sentence):
        return False
    days = list(_days(sentence, published))
    return bool(days) and max(days) < published - LONG_AGO


def is_of_an_earlier_month(words: str, *, published: datetime | None) -> bool:
    """Return whether ``words`` name months ("in June") that were over long before the article was ``published``.

    A month that was still to come in that year may be the next one, and proves nothing.
    """
    if published is None or _PRESENT.search(words):
        return False
    ends = [_last_day(_month(found), published) for found in _WHOLE_MONTH.finditer(words)]
    return bool(ends) and max(ends) < published - LONG_AGO


def sentence_at(document: str, start: int, end: int) -> str:
    """Return the sentence around ``document[start:end]``, by full stops and line ends, 400 characters either way."""
    before, after = document[max(0, start - 400) : start], document[end : end + 400]
    left = max(before.rfind("\n"), before.rfind(". ")) + 1
    rights = [at for mark in ("\n", ". ") if (at := after.find(mark)) >= 0]
    return before[left:] + document[start:end] + after[: min(rights, default=len(after))]


def _days(sentence: str, published: datetime) -> Iterator[datetime]:
    for found in _WITH_YEAR.finditer(sentence):
        yield from _day(found, int(found["year"]), published)
    for found in _OF_SPEECH.finditer(sentence):
        this_year = list(_day(found, published.year, published))
        yield from this_year if this_year and this_year[0] <= published else _day(found, published.year - 1, published)


def _day(found: re.Match[str], year: int, published: datetime) -> Iterator[datetime]:
    """Yield the day, if there is such a day."""
    try:
        yield published.replace(year=year, month=_month(found), day=int(found["day"] or found["first_day"]))
    except ValueError:
        return


def _month(found: re.Match[str]) -> int:
    named = found.groupdict()
    return _MONTHS.index((named["month"] or named["first_month"]).casefold()[:3]) + 1


def _last_day(month: int, published: datetime) -> datetime:
    """Return the last day of a month in the year in which the article was published."""
    return published.replace(month=month, day=monthrange(published.year, month)[1])
