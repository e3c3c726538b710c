"""Verbs by which a report says that something was said: the lists that every pattern begins with.

A pattern adds what only it may take: to find who is the subject of "draws a line" is another matter than to cut a
sentence behind "he asked".
"""

import re

ANNOUNCE = r"threaten|warn|vow|promis|pledg|caution|swear|swore|tell|told|say|said|declar|announc|insist|proclaim"
"""Stems of what announces, menaces or says, in any of its forms; "proclaim" is no "claim"."""
SAID = (
    r"said|says|told|warn(?:ed|s)|added|wrote|tweeted|posted|vow(?:ed|s)|declare[ds]|insist(?:ed|s)|stressed|pledged"
    r"|promised|threatened"
)
"""What stands beside the words themselves: "…, said the minister"."""
CUE = re.compile(rf"\b(?:{ANNOUNCE}|stress|add|wr[oi]te|tweet|state|call)\w*\b", re.IGNORECASE)
"""A word of reporting, in any form."""
