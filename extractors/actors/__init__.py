"""Who is named: people in office, organs, armed forces, groups and states, from the lexicons an analyst edits.

Uses ``text`` and the lexicons; ``statements``, ``transfers`` and the components import it.
"""
