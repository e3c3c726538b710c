"""A first look, escalation over time, one weapon, one speaker, and how far to trust it.

Open it with ``marimo edit docs/notebooks/desk.py``; ``python docs/notebooks/desk.py`` only runs it. It reads the
published snapshot, so it disturbs no cycle; run its first cell again to see what a later cycle published.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Brinkwatch: the desk's notebook")

with app.setup:
    from datetime import date

    import altair as alt
    import marimo as mo

    from flows.settings import load_settings
    from warehouse.query import query

    WAREHOUSE = load_settings().warehouse

    def ask(sql, **parameters):
        """Return the rows of a query on the snapshot as dicts, days and instants as text."""
        found = query(WAREHOUSE, sql, parameters=parameters)
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
        return [{name: v.isoformat() if isinstance(v, date) else v for name, v in row.items()} for row in rows]

    def chart(rows):
        """Return a chart of rows, still without marks."""
        return alt.Chart(alt.Data(values=rows)).properties(width=640, height=220)

    def choice(label, rows):
        """Return a menu of the names in rows, which leads to their ids; the first is chosen."""
        options = {row["name"]: row["id"] for row in rows}
        return mo.ui.dropdown(options, value=next(iter(options), None), label=label)


@app.cell
def _():
    mo.md(f"""
    # The desk's notebook

    Reads `{WAREHOUSE}` as it was last published. Change any query: `ask("SELECT …")` returns rows, and the
    data dictionary says what each column means; so does `brinkwatch sql` without a query.
    """)


@app.cell
def _():
    counts = ask("""
        SELECT
            (SELECT count(*) FROM articles) AS articles,
            (SELECT count(*) FROM utterances) AS statements,
            (SELECT count(*) FROM red_line_ledger) AS red_lines,
            (SELECT count(*) FROM weapon_timeline) AS steps_of_weapons,
            (SELECT count(*) FROM new_weapons) AS weapons
    """)
    alerts = ask("""
        SELECT decided_at, severity, headline, outlet, url
        FROM alerts
        WHERE suppressed IS NULL
        ORDER BY decided_at DESC, severity DESC
        LIMIT 50
    """)
    mo.vstack([mo.md("## First look"), mo.ui.table(counts), mo.md("The latest alerts:"), mo.ui.table(alerts)])
    return alerts, counts


@app.cell
def _():
    speaking = ask("SELECT side FROM utterances WHERE side IS NOT NULL GROUP BY side ORDER BY count(*) DESC, side")
    sides = [row["side"] for row in speaking]
    chosen_sides = mo.ui.multiselect(sides, value=sides[:5], label="Sides")
    mo.vstack([mo.md("## Escalation over time"), chosen_sides])
    return (chosen_sides,)


@app.cell
def _(chosen_sides):
    weeks = ask(
        """
        SELECT
            date_trunc('week', first_reported)::DATE AS week, side, count(*) AS statements,
            max(severity) AS severity, avg(severity) AS mean_severity
        FROM utterances
        WHERE list_contains($sides, side)
        GROUP BY ALL
        ORDER BY week, side
        """,
        sides=chosen_sides.value,
    )
    bars = (
        chart(weeks).mark_bar().encode(x="week:T", y="statements:Q", color="side:N", tooltip=["side:N", "statements:Q"])
    )
    tone = (
        chart(weeks)
        .mark_line(point=True)
        .encode(x="week:T", y=alt.Y("mean_severity:Q", scale=alt.Scale(domain=[1, 5])), color="side:N")
    )
    mo.vstack([bars, mo.md("How severe they were on average, 1 to 5:"), tone])
    return (weeks,)


@app.cell
def _():
    weapons = ask("""
        SELECT weapon AS id, any_value(name) AS name FROM weapon_timeline
        GROUP BY weapon ORDER BY count(*) DESC, weapon
    """)
    weapon = choice("Weapon", weapons)
    mo.vstack([mo.md("## One weapon"), weapon])
    return weapon, weapons


@app.cell
def _(weapon):
    steps = ask(
        """
        SELECT
            since, stage, coalesce(supplier, '?') || ' → ' || coalesce(recipient, '?') AS way, reversal, outlets,
            sentence, url
        FROM weapon_timeline
        WHERE weapon = $weapon AND NOT background
        ORDER BY since
        """,
        weapon=weapon.value,
    )
    lines = ask(
        """
        SELECT first_said, speaker, condition, consequence, crossed_by, crossed_at
        FROM red_line_ledger
        WHERE list_contains(weapons, $weapon)
        ORDER BY first_said
        """,
        weapon=weapon.value,
    )
    path = (
        chart(steps)
        .mark_point(size=90, filled=True)
        .encode(x="since:T", y="way:N", color="stage:N", shape="reversal:N", tooltip=["stage:N", "sentence:N"])
    )
    mo.vstack([path, mo.ui.table(steps), mo.md("Red lines that name it:"), mo.ui.table(lines)])
    return lines, steps


@app.cell
def _():
    speakers = ask("""
        SELECT speaker AS id, speaker AS name FROM utterances WHERE speaker IS NOT NULL
        GROUP BY speaker ORDER BY count(*) DESC, speaker
    """)
    speaker = choice("Speaker", speakers)
    mo.vstack([mo.md("## One speaker"), speaker])
    return speaker, speakers


@app.cell
def _(speaker):
    said = ask(
        """
        SELECT first_reported, kind, severity, quote, articles, independent_outlets, origin_outlet, origin_url
        FROM utterances
        WHERE speaker = $speaker
        ORDER BY first_reported
        """,
        speaker=speaker.value,
    )
    points = chart(said).mark_circle(size=90).encode(
        x="first_reported:T", y=alt.Y("severity:Q", scale=alt.Scale(domain=[0, 5])), color="kind:N",
        size="articles:Q", tooltip=["quote:N"],
    )  # fmt: skip
    mo.vstack([points, mo.ui.table(said)])
    return (said,)


@app.cell
def _():
    held = ask("""
        SELECT coalesce(suppressed, 'sent') AS why, count(*) AS alerts FROM alerts GROUP BY ALL ORDER BY alerts DESC
    """)
    sure = ask("""
        SELECT floor(confidence * 10) / 10 AS confidence, kind, count(*) AS statements
        FROM statements GROUP BY ALL ORDER BY ALL
    """)
    corrected = ask("""
        SELECT kind, count(*) AS corrections FROM corrections WHERE undone_at IS NULL GROUP BY ALL ORDER BY ALL
    """)
    owners = ask("""
        SELECT coalesce(ownership, 'unknown') AS ownership, count(*) AS articles,
            median(epoch(seen - published) / 60) AS minutes_until_seen
        FROM articles GROUP BY ALL ORDER BY articles DESC
    """)
    certainty = chart(sure).mark_bar().encode(x="confidence:O", y="statements:Q", color="kind:N")
    mo.vstack([
        mo.md("## Quality\n\nHow sure the reader was of each statement; the evaluation says how often that is right."),
        certainty,
        mo.md("What became of alerts, what analysts corrected, and whose outlets are read:"),
        mo.ui.table(held),
        mo.ui.table(corrected),
        mo.ui.table(owners),
    ])  # fmt: skip
    return corrected, held, owners, sure


if __name__ == "__main__":
    app.run()
