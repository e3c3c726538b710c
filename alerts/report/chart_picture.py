"""A bar chart as a picture in PNG, for places that show no SVG: the same drawing, from the same geometry."""

from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from alerts.report.charts import LEFT, RIGHT, WIDTH, BarChart, Box, Tick
from alerts.wording.render import severity_text

SCALE = 3
"""Pixels for each unit of the drawing: sharp on a phone."""
HEAD = 36
"""Room above the drawing for what it shows, and what the colours mean."""
_GROUND, _TEXT, _LINE, _FRAME = "#ffffff", "#1c1e21", "#d8dad5", "#555b63"
_SEVERITIES = {1: "#9aa1ab", 2: "#b39a2c", 3: "#d2691e", 4: "#b93a0b", 5: "#7a0c2e"}
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def picture(chart: BarChart, caption: str) -> bytes:
    """Return the drawing under its caption as PNG; the caption is of this program, in Latin letters."""
    image = Image.new("RGB", (WIDTH * SCALE, round((chart.height + HEAD) * SCALE)), _GROUND)
    pen = _Pen(ImageDraw.Draw(image))
    pen.text(LEFT, -20, caption, anchor="ls", size=9)
    pen.legend()
    pen.scale(chart.counts)
    pen.scale(chart.severities)
    for bar in chart.bars:
        pen.block(bar.x, bar.y, bar.width, bar.height, _SEVERITIES[bar.severity])
    for box in chart.boxes:
        pen.box(box)
    for tick in chart.days:
        pen.text(tick.at, chart.height - 3, tick.label, anchor=_ANCHORS[tick.anchor])
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Pen:
    """Draws in units of the drawing."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self.draw = draw

    def at(self, x: float, y: float) -> tuple[float, float]:
        return x * SCALE, (y + HEAD) * SCALE

    def text(self, x: float, y: float, words: str, *, anchor: str, size: float = 8) -> None:
        font = ImageFont.load_default(size=size * SCALE)
        self.draw.text(self.at(x, y), words, fill=_TEXT, font=font, anchor=anchor)

    def line(self, x0: float, y0: float, x1: float, y1: float, colour: str, *, width: int = 1) -> None:
        self.draw.line([self.at(x0, y0), self.at(x1, y1)], fill=colour, width=width)

    def block(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.draw.rectangle([self.at(x, y), self.at(x + width, y + height)], fill=colour)

    def legend(self) -> None:
        for place, (severity, colour) in enumerate(_SEVERITIES.items()):
            x = LEFT + place * 66
            self.block(x, -11, 7, 7, colour)
            self.text(x + 10, -4, severity_text(severity), anchor="ls")

    def scale(self, ticks: Iterable[Tick]) -> None:
        for tick in ticks:
            self.line(LEFT, tick.at, WIDTH - RIGHT, tick.at, _LINE, width=2)
            self.text(LEFT - 5, tick.at + 3, tick.label, anchor="rs")

    def box(self, box: Box) -> None:
        self.line(box.x, box.least, box.x, box.greatest, _FRAME, width=3)
        self.block(box.x - 5, box.upper - 2, 10, box.lower - box.upper + 4, "#b9bec5")
        x, y = self.at(box.x, box.middle)
        radius = 2.6 * SCALE
        self.draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=_TEXT)
