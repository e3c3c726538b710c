"""A message as Slack would show it, drawn in the terminal from the very blocks that would be sent."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

Block = Mapping[str, Any]


def as_in_slack(payload: Block, *, channel: str, thread: str = "") -> Panel:
    """Return the message of ``payload``; ``thread`` names the message it replies to."""
    above = [Text(f"↳ replied in the thread of: {thread}", style="dim")] if thread else []
    body = Group(*above, *(_drawn(block) for block in payload["blocks"]))
    return Panel(body, title=Text(f"{channel}  Brinkwatch APP"), title_align="left", border_style="dim", padding=(0, 1))


def _drawn(block: Block) -> RenderableType:
    kind = block["type"]
    if kind == "header":
        return Text(block["text"]["text"], style="bold")
    if kind == "divider":
        return Text("─" * 20, style="dim")
    if kind == "context":
        return Text("  ".join(_words(element) for element in block["elements"]), style="dim")
    return Group(*(_section(element) for element in block["elements"]))


def _section(element: Block) -> RenderableType:
    text = Text()
    for part in _parts(element):
        text.append(_words(part), style="bold" if part.get("style", {}).get("bold") else "")
    return Padding(text, (0, 0, 0, 2)) if element["type"] == "rich_text_quote" else text


def _parts(element: Block) -> Iterable[Block]:
    """Yield the runs of text of a section, a quotation, or a list with its bullets."""
    for part in element["elements"]:
        if "elements" in part:
            yield {"type": "text", "text": "• "}
            yield from part["elements"]
            yield {"type": "text", "text": "\n"}
        else:
            yield part


def _words(part: Block) -> str:
    if part["type"] == "mrkdwn":  # a date, which Slack shows in each reader's zone
        label, _, rest = str(part["text"]).partition("<!date^")
        return label + rest.partition("|")[2].rstrip(">")
    return str(part.get("text") or part.get("fallback") or part.get("user_id") or "")
