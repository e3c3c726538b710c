"""Whether everybody can read the report: axe-core's rules on its pages, in a headless Chromium.

    python -m benchmarks.pages SITE axe.min.js

SITE is what ``brinkwatch report`` wrote, axe.min.js is from the npm package axe-core, and ``chromium`` must be on the
path. Of each folder the first few pages are read, as wide as a phone and as a desktop; prints what breaks a rule.
"""

import argparse
import html
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDTHS = (390, 1280)
RUN = """<script src="{axe}"></script><script>
document.querySelectorAll("details").forEach((each) => {{ each.open = true; }});
const wide = document.documentElement.scrollWidth > innerWidth ? ["wider than the window"] : [];
axe.run().then((found) => {{
  const rules = found.violations.map((each) => `${{each.id}}: ${{each.nodes[0].html.slice(0, 120)}}`);
  const answer = document.createElement("pre");
  answer.textContent = JSON.stringify([...rules, ...wide]);
  document.body.replaceChildren(answer);
}});
</script></body>"""
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("axe", type=Path)
    parser.add_argument("--each", type=int, default=5, help="pages of each folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(shutil.copytree(options.site, Path(folder) / "site"))
        chosen = list(pages(site, options.each))
        for page in chosen:
            prepare(page, options.axe.resolve())
        broken = [(page, width, rule) for page in chosen for width in WIDTHS for rule in checked(page, width)]
    for page, width, rule in broken:
        print(f"{page.relative_to(site)} at {width}: {rule}")
    print(f"{len(chosen)} pages at {len(WIDTHS)} widths: {len(broken)} violations")


def pages(site: Path, each: int) -> Iterator[Path]:
    """Yield the pages at the root, and the first of every folder."""
    yield from sorted(site.glob("*.html"))
    for folder in sorted(path for path in site.iterdir() if path.is_dir()):
        yield from sorted(folder.glob("*.html"))[:each]


def prepare(page: Path, axe: Path) -> None:
    """Let the page check itself: what it forbids to load is allowed in this copy."""
    text = POLICY.sub("", page.read_text(encoding="utf-8"))
    page.write_text(text.replace("</body>", RUN.format(axe=axe.as_uri())), encoding="utf-8")


def checked(page: Path, width: int) -> list[str]:
    """Return the rules that the page breaks at a width."""
    command = [
        "chromium",
        "--headless=new",
        "--no-sandbox",
        f"--window-size={width},900",
        "--virtual-time-budget=20000",
    ]
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True)
    found = re.search(r"<pre>(.*?)</pre>", done.stdout, re.DOTALL)
    answer: Any = json.loads(html.unescape(found.group(1))) if found else ["axe-core gave no answer"]
    return list(answer)


if __name__ == "__main__":
    main()
