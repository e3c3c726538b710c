"""Writing the site: templates filled, hostile text made harmless, one folder replaced by another."""

import json
import shutil
import uuid
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from alerts.report.charts import SENSES, SHAPES
from alerts.report.content import Content, anchor, grouped, page_name, places, speaker_key, step_anchor
from alerts.report.site_pages import Page, pages
from alerts.wording.excerpt import clean, excerpt, gaps
from alerts.wording.headline import category_text
from alerts.wording.render import SEVERITY_WORDS, moment, safe_link, severity_dots
from extractors.errors import BrinkwatchError

STYLE, SCRIPT, MARKER = "style.css", "search.js", ".brinkwatch-report"
"""The stylesheet, the script of the search page, and the file by which a folder is known to be a report."""
LONGEST = 600
"""Characters of a sentence that a page shows."""


class ReportFolderError(BrinkwatchError):
    """A folder that a report must not, or cannot, replace."""


def write_site(content: Content, folder: Path, *, made_of: str = "") -> list[Path]:
    """Write the site into ``folder``, which is new, empty or an earlier report; return its files.

    It is made beside the folder and takes its place at the end, so that nobody meets half of it. ``made_of`` is
    what it is made of, as ``site_made_of`` tells later. Raises ReportFolderError for a folder of something
    else, and where nothing can be written.
    """
    if folder.exists() and not _is_ours(folder):
        raise ReportFolderError(f"{folder} holds other files; name a new or an empty folder for the report")
    try:
        return _replaced(folder, content, made_of)
    except OSError as error:
        raise ReportFolderError(f"{folder} cannot be written: {error.strerror}") from error


def site_made_of(folder: Path) -> str:
    """Return what the report in a folder was made of; empty where there is none, or nobody said."""
    marker = folder / MARKER
    return marker.read_text(encoding="utf-8") if marker.is_file() else ""


def _is_ours(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARKER).exists() or not any(folder.iterdir()))


def _replaced(folder: Path, content: Content, made_of: str) -> list[Path]:
    draft, former = (folder.with_name(f".{folder.name}.{what}") for what in ("draft", "former"))
    shutil.rmtree(draft, ignore_errors=True)
    for path, text in files(content):
        target = draft / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (draft / MARKER).write_text(made_of, encoding="utf-8")
    shutil.rmtree(former, ignore_errors=True)
    if folder.exists():
        folder.rename(former)
    draft.rename(folder)
    shutil.rmtree(former, ignore_errors=True)
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MARKER)


def files(content: Content) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file of the site."""
    environment = environment_for(content)
    yield MARKER, ""
    yield STYLE, source(environment, STYLE)
    for page in pages(content):
        yield page.path, filled(environment, page)


def filled(environment: Environment, page: Page) -> str:
    """Return the text of a page; ``root`` leads from it to the root of the site."""
    root = "../" * page.path.count("/")
    return environment.get_template(page.template).render(path=page.path, root=root, **page.values)


def environment_for(content: Content) -> Environment:
    """Return what fills the templates; every value is cleaned and escaped, and a name nobody gave is an error."""
    environment = Environment(
        loader=PackageLoader("alerts.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "address": safe_link,
        "when": moment,
        "stamp": datetime.isoformat,
        "words": lambda text: text.replace("_", " "),
        "category": category_text,
        "cut": cut,
        "marked": marked,
        "dots": severity_dots,
        "page_name": page_name,
        "as_uuid": lambda text: uuid.uuid5(uuid.NAMESPACE_URL, f"brinkwatch:{text}"),
        "json": for_script,
    }
    script = source(environment, SCRIPT)
    environment.globals |= {
        "content": content,
        "places": places(content.lists),
        "weapon_names": {row["weapon"]: row["name"] for row in content.lists["weapons"]},
        "reports": grouped(content.lists["reports"], "claim"),
        "named": lambda actor: content.names.get(actor, actor) if actor else "unknown",
        "speaker_key": speaker_key,
        "anchor": anchor,
        "step_anchor": step_anchor,
        "severities": SEVERITY_WORDS,
        "shapes": SHAPES,
        "senses": SENSES,
        "script": Markup(script),  # noqa: S704 - of this package
        "script_hash": b64encode(sha256(script.encode()).digest()).decode(),
    }
    return environment


def source(environment: Environment, name: str) -> str:
    """Return a file of the package as it is."""
    assert environment.loader
    return environment.loader.get_source(environment, name)[0]


def harmless(value: Any) -> Any:
    """Return text without characters that are not seen; markup of the templates stays as it is."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def cut(text: str) -> str:
    """Return a sentence, cut at a word where it is longer than a page has room for."""
    return excerpt(text, (0, len(text)), (), limit=LONGEST)[0]


def marked(text: str, marks: Sequence[Sequence[int]]) -> Markup:
    """Return a sentence as markup, with its key words marked."""
    shown, spans = excerpt(text, (0, len(text)), [(start, end) for start, end in marks])
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if key else escape(piece) for piece, key in gaps(shown, spans)
    )


def for_script(entries: Iterable[Mapping[str, Any]]) -> Markup:
    """Return data as JSON that ends no script and starts none, whatever text is in it."""
    packed = json.dumps(list(entries), ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        packed = packed.replace(char, f"\\u{ord(char):04x}")
    return Markup(packed)  # noqa: S704 - escaped above
