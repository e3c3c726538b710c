"""Write the generated parts of the documentation: the data dictionary and the JSON schema of ``brinkwatch extract``.

Run with ``python docs/generate.py``; ``tests/test_docs.py`` fails while any of them is out of date.
"""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from extractors.records import Signals, Statement, Transfer, WeaponMention
from warehouse.query import Relation, describe
from warehouse.store import Warehouse

HERE = Path(__file__).parent
SCHEMA_ID = "extract.schema.json"


def pages() -> dict[Path, str]:
    """Return every file with generated parts, and what it should hold."""
    schema = extract_schema()
    dictionary, extract = HERE / "data-dictionary.md", HERE / "extract.md"
    return {
        HERE / SCHEMA_ID: json.dumps(schema, indent=2, ensure_ascii=False) + "\n",
        extract: filled(extract, "".join(map(fields_of, schema["$defs"].items()))),
        dictionary: filled(dictionary, "".join(map(relation_table, relations()))),
    }


def filled(page: Path, generated: str) -> str:
    """Return a page with what stands between its two marks replaced."""
    text = page.read_text(encoding="utf-8")
    return re.sub(
        r"(?s)(<!-- generated -->\n).*(<!-- end -->)", lambda marks: f"{marks[1]}\n{generated}{marks[2]}", text
    )


def relations() -> list[Relation]:
    """Return the tables and views of a new warehouse, views first."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Warehouse(Path(folder) / "warehouse.duckdb")
        warehouse.migrate()
        warehouse.publish()
        return sorted(describe(warehouse.path), key=lambda relation: (relation.kind != "view", relation.name))


def relation_table(relation: Relation) -> str:
    """Return one table or view as a section."""
    rows = "".join(f"| `{name}` | {kind} | {cell(comment)} |\n" for name, kind, comment in relation.columns)
    return (
        f"## {relation.name}\n\n*{relation.kind.capitalize()}.* {relation.comment}.\n\n"
        f"| column | type | meaning |\n|---|---|---|\n{rows}\n"
    )


def extract_schema() -> dict[str, Any]:
    """Return the JSON schema of one object that ``brinkwatch extract`` prints."""
    records: tuple[Any, ...] = (Signals, Statement, Transfer, WeaponMention)
    for record in records:
        record.__pydantic_config__ = {"use_attribute_docstrings": True}
    schema = TypeAdapter(Signals).json_schema(mode="serialization")
    article = schema["properties"].pop("article")
    schema["properties"] = {"id": article} | schema["properties"]
    schema["required"] = list(schema["properties"])
    for record in schema["$defs"].values():
        if "properties" in record:
            record["required"] = list(record["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **untitled(schema)}


def untitled(node: Any) -> Any:
    """Return a schema without titles and defaults: pydantic repeats the field's name, and every field is printed."""
    if isinstance(node, list):
        return [untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    named = "properties" in node or "$ref" in node or "type" in node or "anyOf" in node
    return {key: untitled(value) for key, value in node.items() if not (named and key in {"title", "default"})}


def fields_of(definition: tuple[str, dict[str, Any]]) -> str:
    """Return one kind of object, or the values of an enumeration, as a section."""
    name, schema = definition
    head = f"### {name}\n\n{schema.get('description', '')}\n\n"
    if "enum" in schema:
        return head + ", ".join(f"`{value}`" for value in schema["enum"]) + "\n\n"
    rows = "".join(
        f"| `{field}` | {kind_of(about)} | {cell(about.get('description', ''))} |\n"
        for field, about in schema["properties"].items()
    )
    return f"{head}| field | type | meaning |\n|---|---|---|\n{rows}\n"


def kind_of(schema: dict[str, Any]) -> str:
    """Return the type of a field in words."""
    if "anyOf" in schema:
        return " or ".join(map(kind_of, schema["anyOf"]))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "prefixItems" in schema:
        return f"[{', '.join(map(kind_of, schema['prefixItems']))}]"
    return f"list of {kind_of(schema['items'])}" if schema["type"] == "array" else str(schema["type"])


def cell(text: str) -> str:
    """Return text as one cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
