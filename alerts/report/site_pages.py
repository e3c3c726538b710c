"""Which pages a report has, and what each is filled with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.report import charts
from alerts.report.content import (
    Content,
    Row,
    anchor,
    grouped,
    page_address,
    side_of,
    sides,
    speaker_key,
    step_anchor,
)
from alerts.report.figures import holders, latest, matrix, ways, weeks
from alerts.wording.excerpt import clean

MOST_CHARTS = 12
"""Sides that have a chart of their own."""
SHORT = 5
"""Lines of a list on the first page."""
OF_SIDES = 3
"""Charts on the first page: all sides, and those who say most."""
CUT = 300
"""Characters of a sentence that the search page holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of the site."""

    path: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)


def pages(content: Content) -> Iterator[Page]:
    """Yield every page, and the feed of the alerts."""
    yield overview(content)
    yield from lists(content)
    yield from side_pages(content)
    yield from speaker_pages(content)
    yield from weapon_pages(content)
    yield from red_line_pages(content)
    yield from event_pages(content)
    yield Page(path="search.html", template="search.html", values={"entries": list(entries(content))})
    yield Page(path="alerts.xml", template="alerts.xml", values={"alerts": sent(content)[:100]})


def overview(content: Content) -> Page:
    """Return the first page."""
    said, steps = content.lists["statements"], recent_steps(content)
    return Page(
        path="index.html",
        template="index.html",
        values={
            "alerts": latest(content.lists["alerts"]),
            "series": series(content)[:OF_SIDES],
            "steps": steps[:SHORT],
            "reversals": [step for step in steps if step["reversal"]],
            "events": content.lists["events"][:SHORT],
            "speakers": speakers(said)[:SHORT],
            "figures": {
                "statements": len(said),
                "red_lines": len(content.lists["red_lines"]),
                "steps": len(steps),
                "events": len(content.lists["events"]),
                "new_weapons": len(new_weapons(content)),
            },
        },
    )


def lists(content: Content) -> Iterator[Page]:
    """Yield the pages that list things of one sort."""
    yield Page(path="alerts.html", template="alerts.html", values={"days": days_of(content.lists["alerts"])})
    yield Page(path="escalation.html", template="escalation.html", values={"series": series(content)})
    said = content.lists["statements"]
    yield Page(path="addressees.html", template="addressees.html", values={"matrix": matrix(said)})
    yield Page(path="weapons.html", template="weapons.html", values={"new": new_weapons(content)})
    yield Page(path="red-lines.html", template="red-lines.html")
    yield Page(path="speakers.html", template="speakers.html", values={"speakers": speakers(said)})
    yield Page(path="events.html", template="events.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one side said over time, or all of them (``side`` None)."""

    side: str | None
    statements: Sequence[Row]
    weeks: Sequence[Any]
    chart: charts.BarChart | None


def series(content: Content) -> list[Series]:
    """Return what all sides said, and each of them, those first who say most; the first have charts on one scale."""
    said = content.lists["statements"]
    by_side = grouped(({**row, "side": side_of(row)} for row in said), "side")
    ordered = sorted(by_side.items(), key=lambda item: (-len(item[1]), item[0]))
    scale = charts.scale_of([row["first_reported"].date() for row in said], content.since.date(), content.until.date())
    top = charts.tallest([rows for _, rows in ordered], scale)
    alone = [one_series(side, rows, scale, top=top if number < MOST_CHARTS else None)
             for number, (side, rows) in enumerate(ordered)]  # fmt: skip
    return [one_series(None, said, scale, top=charts.tallest([said], scale)), *alone]


def one_series(side: str | None, said: Sequence[Row], scale: charts.Scale, *, top: int | None) -> Series:
    """Return what one side said; a chart only where the scale of one is given."""
    by_week = weeks(said)
    chart = charts.bar_chart(said, by_week, scale, top=top) if top else None
    return Series(side=side, statements=said, weeks=by_week, chart=chart)


def side_pages(content: Content) -> Iterator[Page]:
    """Yield a page on each side: what it said by week, and what it gave, got and used."""
    by_side = {each.side: each for each in series(content)}
    speaking = speakers(content.lists["statements"])
    for side in sides(content.lists):
        steps = [step for step in content.lists["steps"] if side in {step["supplier"], step["recipient"]}]
        yield Page(
            path=page_address("sides", side),
            template="side.html",
            values={
                "side": side,
                "series": by_side.get(side),
                "speakers": [each for each in speaking if each.side == side],
                "steps": newest(steps),
            },
        )


def speaker_pages(content: Content) -> Iterator[Page]:
    """Yield a page on each speaker."""
    for speaker in speakers(content.lists["statements"]):
        yield Page(
            path=page_address("speakers", speaker.key),
            template="speaker.html",
            values={"speaker": speaker},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Somebody who said something in the period."""

    key: str
    name: str
    role: str | None
    side: str
    statements: Sequence[Row]
    weeks: Sequence[Any]

    @property
    def severity(self) -> int:
        """The greatest of what they said."""
        return max(int(row["severity"]) for row in self.statements)


def speakers(statements: Sequence[Row]) -> list[Speaker]:
    """Return who said something, those first who say most."""
    said = grouped(({**row, "key": key} for row in statements if (key := speaker_key(row))), "key")
    found = [
        Speaker(
            key=key,
            name=rows[-1]["speaker"],
            role=next((row["role"] for row in reversed(rows) if row["role"]), None),
            side=side_of(rows[-1]),
            statements=rows,
            weeks=weeks(rows),
        )
        for key, rows in said.items()
    ]
    return sorted(found, key=lambda each: (-len(each.statements), -each.severity, each.key))


def weapon_pages(content: Content) -> Iterator[Page]:
    """Yield a page on each weapon."""
    steps, mentions = grouped(content.lists["steps"], "weapon"), grouped(content.lists["mentions"], "weapon")
    for weapon in content.lists["weapons"]:
        way = steps.get(weapon["weapon"], [])
        yield Page(
            path=page_address("weapons", weapon["weapon"]),
            template="weapon.html",
            values={
                "weapon": weapon,
                "ways": ways(way),
                "chart": charts.timeline(way) if way else None,
                "holders": holders(way),
                "lines": [line for line in content.lists["red_lines"] if weapon["weapon"] in (line["weapons"] or ())],
                "mentions": mentions.get(weapon["weapon"], []),
                "facts": content.facts.get(weapon["weapon"], {}),
            },
        )


def red_line_pages(content: Content) -> Iterator[Page]:
    """Yield a page on each red line: how it was drawn, and what became of it."""
    history = grouped(content.lists["history"], "red_line")
    for line in content.lists["red_lines"]:
        told = history.get(line["red_line"], [])
        followed = [each for each in told if each["event"] == "followed"]
        yield Page(
            path=page_address("red-lines", line["red_line"]),
            template="red-line.html",
            values={
                "line": line,
                "history": [each for each in told if each["event"] != "followed"],
                "followed": followed,
                "more": followed[0]["times"] - len(followed) if followed else 0,
            },
        )


def event_pages(content: Content) -> Iterator[Page]:
    """Yield a page on each event: what was found in its articles, and the articles by ownership of their outlets."""
    articles, found = grouped(content.lists["event_articles"], "event"), grouped(content.lists["findings"], "event")
    for event in content.lists["events"]:
        listed = articles.get(event["event"], [])
        yield Page(
            path=page_address("events", event["event"]),
            template="event.html",
            values={
                "event": event,
                "articles": listed,
                "owners": grouped(listed, "ownership"),
                "findings": found.get(event["event"], []),
            },
        )


def recent_steps(content: Content) -> list[Row]:
    """Return the steps of weapons that were first reported in the period and as news, the latest first."""
    return newest(
        [
            step
            for step in content.lists["steps"]
            if content.since <= step["since"] <= content.until and not step["background"]
        ]
    )


def newest(steps: Sequence[Row]) -> list[Row]:
    """Return steps, the latest first."""
    return sorted(steps, key=lambda step: (step["since"], step["weapon"], step["step"]), reverse=True)


def new_weapons(content: Content) -> list[Row]:
    """Return the named systems first sighted in the period, the latest first."""
    new = [
        weapon
        for weapon in content.lists["weapons"]
        if weapon["specific"] and weapon["first_sighted"] and weapon["first_sighted"] >= content.since
    ]
    return sorted(new, key=lambda weapon: weapon["first_sighted"], reverse=True)


def days_of(alerts: Sequence[Row]) -> dict[Any, list[Row]]:
    """Return alerts by the day on which they were decided, the latest first."""
    return grouped(({**alert, "day": alert["decided_at"].date()} for alert in alerts), "day")


def sent(content: Content) -> list[Row]:
    """Return the alerts that were sent or are to be, the latest first."""
    return [alert for alert in content.lists["alerts"] if not alert["suppressed"] and not alert["false_alarm"]]


def entries(content: Content) -> Iterator[dict[str, str]]:
    """Yield what the search page finds: its sort, name, words, address and day."""
    for line in content.lists["statements"]:
        address = f"{page_address('sides', side_of(line))}#{anchor(line)}"
        who = line["speaker"] or content.names.get(side_of(line), side_of(line))
        yield entry(line["kind"].replace("_", " "), who, line["quote"], address, line["first_reported"])
    for step in content.lists["steps"]:
        address = f"{page_address('weapons', step['weapon'])}#{step_anchor(step)}"
        stage = step["stage"].replace("_", " ")
        yield entry(stage, step["name"] or step["weapon"], step["sentence"], address, step["since"])
    for weapon in content.lists["weapons"]:
        yield entry("weapon", weapon["name"], "", page_address("weapons", weapon["weapon"]), weapon["last_named"])
    for speaker in speakers(content.lists["statements"]):
        yield entry("speaker", speaker.name, speaker.role or "", page_address("speakers", speaker.key), None)
    for event in content.lists["events"]:
        yield entry("event", event["title"], "", page_address("events", event["event"]), event["first_reported"])


def entry(sort: str, name: str, words: str, address: str, day: datetime | None) -> dict[str, str]:
    """Return one thing that can be found."""
    return {
        "sort": sort,
        "name": clean(name),
        "words": clean(words)[:CUT],
        "to": address,
        "day": f"{day:%Y-%m-%d}" if day else "",
    }
