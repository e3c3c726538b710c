"""Dates of real feeds: the instant, how sure it is, or unknown with a reason; never a guess."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.sources.parsing import dates

NOW = datetime(2026, 11, 21, tzinfo=UTC)

READ = [
    ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21", "exact"),
    ("Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21", "exact"),
    ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05", "exact"),
    ("Sun, 01 Feb 2004 11:02:03 MSK", "2004-02-01T08:02:03", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 EEST", "2024-06-12T07:00:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 EET", "2024-06-12T08:00:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 BST", "2024-06-12T09:00:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 UTC+3", "2024-06-12T07:00:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 -0500", "2024-06-12T15:00:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 +200", "2024-06-12T08:00:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 +0530 IST", "2024-06-12T04:30:00", "exact"),
    ("Wed, 12 Jun 2024 10:00:00 Etc/GMT", "2024-06-12T10:00:00", "exact"),
    ("Mon, 26 January 2004 16:31:00 ET", "2004-01-26T21:31:00", "exact"),
    ("Mon, 26 July 2004 16:31:00 ET", "2004-07-26T20:31:00", "exact"),
    ("Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06", "exact"),
    ("Wed Jun 29 2016 15:07:41 GMT+0900 (Korea Standard Time)", "2016-06-29T06:07:41", "exact"),
    ("July 5, 2024 at 3:04 p.m. EDT", "2024-07-05T19:04:00", "exact"),
    ("Tue, 12 Nov 2024 9:33 AM +0300", "2024-11-12T06:33:00", "exact"),
    ("12 Nov. 2024 12:15 am GMT", "2024-11-12T00:15:00", "exact"),
    ("2024-06-12T10:00:00Z", "2024-06-12T10:00:00", "exact"),
    ("2024-06-12T10:00:00.123456789+03:00", "2024-06-12T07:00:00.123456", "exact"),
    ("20240612T100000+0300", "2024-06-12T07:00:00", "exact"),
    ("2024-06-12 10:00:00 UTC", "2024-06-12T10:00:00", "exact"),
    ("2024-06-12T10:00:00 Europe/Kyiv", "2024-06-12T07:00:00", "exact"),
    ("2004-július-13T9:15-05:00", "2004-07-13T14:15:00", "exact"),
    ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00", "exact"),
    ("mar. 3 mars 2024 10:00 +0100", "2024-03-03T09:00:00", "exact"),
    ("mar, 29 set 2020 08:38:15 +0200", "2020-09-29T06:38:15", "exact"),
    ("mar., 29 septembre 2020 08:38:15 +0200", "2020-09-29T06:38:15", "exact"),
    ("mar, 29 sep 2020 08:38:15 +0200", "2020-09-29T06:38:15", "exact"),
    ("mar., 29 sept. 2020, 08:38 +0300", "2020-09-29T05:38:00", "exact"),
    ("Mar 29 septembrie 2020 08:38 +0300", "2020-09-29T05:38:00", "exact"),
    ("mar 3 mar 2020 10:00 +0100", "2020-03-03T09:00:00", "exact"),
    ("martes, 3 de marzo de 2020 10:00 +0100", "2020-03-03T09:00:00", "exact"),
    ("marți, 3 martie 2020 10:00 +0200", "2020-03-03T08:00:00", "exact"),
    ("martedì 3 marzo 2020 10:00 +0100", "2020-03-03T09:00:00", "exact"),
    ("lun, 2 mar 2020 10:00 +0100", "2020-03-02T09:00:00", "exact"),
    ("3 mar 2020 10:00 +0100", "2020-03-03T09:00:00", "exact"),
    ("Mar 3, 2024 10:00 CET", "2024-03-03T09:00:00", "exact"),
    ("12 июня 2024 10:00 MSK", "2024-06-12T07:00:00", "exact"),
    ("Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00", "exact"),
    ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59", "exact"),
    ("1718186400", "2024-06-12T10:00:00", "exact"),
    ("1718186400000", "2024-06-12T10:00:00", "exact"),
    ("2016/6/29 15:07:41", "2016-06-29T15:07:41", "zone_assumed"),
    ("20240612100000", "2024-06-12T10:00:00", "zone_assumed"),
    ("2004-07-08 23:56:58.0", "2004-07-08T23:56:58", "zone_assumed"),
    ("2004년 05월 28일  01:31:15", "2004-05-28T01:31:15", "zone_assumed"),
    ("2004-05-25 오후 11:23:17", "2004-05-25T23:23:17", "zone_assumed"),
    ("13/04/2024 10:00", "2024-04-13T10:00:00", "zone_assumed"),
    ("13.04.2024 10:00", "2024-04-13T10:00:00", "zone_assumed"),
    ("Tuesday, November 12, 2024 - 09:33", "2024-11-12T09:33:00", "zone_assumed"),
    ("Tuesday, 12-Nov-24 09:33:00 GMT", "2024-11-12T09:33:00", "exact"),
    ("mar, 26/11/2024 09:33 +0100", "2024-11-26T08:33:00", "exact"),
    ("mar 2024-11-12 09:33:00 +0100", "2024-11-12T08:33:00", "exact"),
    ("mardi 12 novembre 2024 à 09h33 CET", "2024-11-12T08:33:00", "exact"),
    ("di 12 mrt 2024 09:33 +0100", "2024-03-12T08:33:00", "exact"),
    ("tirsdag 12. marts 2024 09:33 +0100", "2024-03-12T08:33:00", "exact"),
    ("wt, 15 paź 2024 09:33 +0200", "2024-10-15T07:33:00", "exact"),
    ("Sal, 12 Kas 2024 09:33:00 +0300", "2024-11-12T06:33:00", "exact"),
    ("12. listopadu 2024 09:33 +0100", "2024-11-12T08:33:00", "exact"),
    ("12-Nov-2024", "2024-11-12T00:00:00", "day"),
    ("5th July 2024", "2024-07-05T00:00:00", "day"),
    ("2003-12-31", "2003-12-31T00:00:00", "day"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "instant", "confidence"), READ)
def test_formats_of_real_feeds_are_read(raw: str, instant: str, confidence: str) -> None:
    """The instant in UTC, and whether the zone was given."""
    reading = dates.read(raw, now=NOW)
    assert (reading.instant, reading.confidence) == (datetime.fromisoformat(instant).replace(tzinfo=UTC), confidence)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("yesterday", "unknown word or zone: yesterday"),
        ("12 Jun 2024 10:00 XYZ", "unknown word or zone: xyz"),
        ("12 Jun 2024 10:00 IST", "unknown word or zone: ist"),
        ("12 Jun 2024 10:00 Etc/GMT+3", "unknown word or zone: etc"),
        ("03/04/2024 10:00", "day or month first?"),
        ("31 Jun 2024 10:00 GMT", "day is out of range"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "before 1990"),
        ("0001-01-01T00:00:00Z", "before 1990"),
        ("Fri, 12 Jun 2124 10:00:00 GMT", "in the future"),
        ("Sat, 21 Nov 2026 01:30:00 GMT", "in the future"),
        ("12 listopada 2024 10:00 GMT", "unknown word or zone: listopada"),
        ("mar 03/04/2024 10:00 GMT", "day or month first?"),
        ("2024", "no whole date"),
        ("12:30", "no whole date"),
        ("guid-20240612-77", "unknown word or zone"),
        ("12 Jun 2024 25:00 GMT", "hour must be in"),
    ],
)
def test_what_is_not_sure_is_unknown(raw: str, reason: str) -> None:
    """No instant, a reason, and the raw string kept."""
    reading = dates.read(raw, now=NOW)
    assert (reading.instant, reading.confidence, reading.raw) == (None, "none", raw)
    assert reason in str(reading.reason)


def test_an_empty_date_is_unknown_without_a_reason() -> None:
    """There was nothing to read."""
    assert dates.read(None, now=NOW) == dates.Reading(None, "none", None)
    assert dates.read("  ", now=NOW).reason is None


@pytest.mark.parametrize(
    ("country", "instant"),
    [("IN", "04:30"), ("IL", "08:00"), ("IE", "09:00")],
)
def test_the_country_of_the_outlet_settles_what_a_zone_name_means(country: str, instant: str) -> None:
    """IST is India, Israel or Ireland; without a country it is unknown."""
    reading = dates.read("Wed, 12 Jun 2024 10:00:00 IST", now=NOW, country=country)
    assert reading.instant is not None
    assert reading.instant.strftime("%H:%M") == instant


@pytest.mark.parametrize(
    ("country", "instant"),
    [
        ("CN", "2026-11-20T16:30"), ("JP", "2026-11-20T15:30"), ("UA", "2026-11-20T22:30"), ("IN", "2026-11-20T19:00"),
        ("DE", "2026-11-20T23:30"), ("BR", None), ("", None), ("US", None), ("??", None),
    ],
)  # fmt: skip
def test_a_clock_without_a_zone_is_the_countrys_where_there_is_one(country: str, instant: str | None) -> None:
    """An outlet in Beijing is not in the future; of a country with several zones, or of none, nothing is assumed."""
    reading = dates.read("2026-11-21 00:30:00", now=NOW, country=country)
    expected = datetime.fromisoformat(instant or "2026-11-21T00:30").replace(tzinfo=UTC)
    assert (reading.instant, reading.confidence) == (expected, "zone_assumed")


def test_a_clock_that_cannot_be_the_countrys_is_taken_as_utc() -> None:
    """An outlet in Lima whose feed gives UTC is not five hours ahead."""
    reading = dates.read("2026-11-21 00:30:00", now=NOW, country="PE")
    assert (reading.instant, reading.confidence) == (datetime(2026, 11, 21, 0, 30, tzinfo=UTC), "zone_assumed")


@given(st.text(max_size=60) | st.from_regex(r"[0-9:/. +\-TZapm,]{1,40}", fullmatch=True))
def test_no_text_raises(raw: str) -> None:
    """Any text is a reading, and a known instant lies between 1990 and now."""
    reading = dates.read(raw, now=NOW)
    assert reading.instant is None or dates.EARLIEST <= reading.instant <= NOW + dates.SKEW


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2026, 11, 1)), st.integers(-12 * 60, 14 * 60))
def test_what_the_standards_prescribe_is_read_exactly(moment: datetime, minutes: int) -> None:
    """RFC 822 and RFC 3339 come back to the second, in any zone."""
    sign, rest = ("-" if minutes < 0 else "+"), divmod(abs(minutes), 60)
    local = moment.replace(microsecond=0)
    expected = local.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    for raw in (
        f"{local:%a, %d %b %Y %H:%M:%S} {sign}{rest[0]:02d}{rest[1]:02d}",
        f"{local:%Y-%m-%dT%H:%M:%S}{sign}{rest[0]:02d}:{rest[1]:02d}",
    ):
        reading = dates.read(raw, now=NOW)
        assert (reading.instant, reading.confidence) == (expected, "exact")


RFC_822 = st.from_regex(
    r"(?:(?:Mon|Sat), )?[0-3][0-9] (?:Jan|Feb|Sep|Foo) (?:19|20)[0-9][0-9] "
    r"[0-2][0-9]:[0-6][0-9]:[0-6][0-9] (?:GMT|Z|[+-][01][0-9][0-6][0-9])",
    fullmatch=True,
)
RFC_3339 = st.from_regex(
    r"(?:19|20)[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](?:\.[0-9]{1,7})?(?:Z|[+-][01][0-9]:?[0-6][0-9])",
    fullmatch=True,
)


@given(st.one_of(RFC_822, RFC_3339))
def test_usual_dates_are_read_quickly_and_the_same(raw: str) -> None:
    """The shortcut for what the standards ask for reads what the long way reads, and refuses what it refuses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_usual", lambda _text: None)
        expected = dates.read(raw, now=datetime(2090, 1, 1, tzinfo=UTC))
    found = dates.read(raw, now=datetime(2090, 1, 1, tzinfo=UTC))
    assert (found.instant, found.confidence) == (expected.instant, expected.confidence)
