"""The reference of what editors write beside a questionnaire: View and ActionGuidance, as JSON Schemas and as pages."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

WRITTEN = "<!-- Written by `make docs` from kommunalpro/pro; change it there. -->"
VIEW = """# The content of a View

A View says how a questionnaire's answers are read: topics, scores, bands, acute rules. FUT leaves the format open (a
Basic with a contained Binary, `fut.md` 2.4); ours is `application/vnd.kommunalpro.view+json`. What its parts do:
[What the PRO engine does](engine.md). An example: `definitions/hverdagen-med-kronisk-sygdom/view.json`.

What a schema cannot say is checked too: names that are used once, scores that are there, bands that cover the scale
without gap or overlap and only get better in the direction that is declared, and whether it fits the questionnaire.

## Whose it may be

A `local` View or guidance holds in the organisation that owns it, a `national` one in all. Each organisation publishes
local ones. National ones are published by the organisations that `KOMMUNALPRO_NATIONAL_OWNERS` names
([settings](settings.md)), and by whom they let edit theirs; by nobody where it names none (`KPRO_NATIONAL_OWNER`). So
it is on the embedded server, at every door of it. Drafts are not asked: they hold nowhere. What is national already
stays in force, and can be retired.

Of several that are in use in the same place, the newest decides. The pages take a draft into use first and then retire
the one whose place it takes: one always decides, and where both are left in use, both pages say which.

## A new version keeps its lights, or somebody signs that it has none

A View is of one version of a questionnaire: the next has none until it gets its own. Without a View its topics are *not
assessed*, and never green. So a Questionnaire is not published (`KPRO_LIGHTS_MISSING`) when the version before it had a
View that was active once, it has no active View itself that reaches as far, and nobody has signed that it is *uden
trafiklys* in an extension of ours. A national View reaches everywhere, and only a national one stands for it. A local
View reaches its organisation: where the version before had none but the local one of the questionnaire's owner, that
or a national one stands for it; those of other organisations neither help nor bind. The extension is
`http://kommunalpro.dk/fhir/StructureDefinition/questionnaire-without-lights`:

| Part | Must be there | What it is |
|---|---|---|
| `who` | yes | `valueReference` to who decided it: who writes it, nobody else (`KPRO_WITHOUT_LIGHTS_SIGNATURE`) |
| `when` | yes | `valueDateTime` with minutes and time zone, not in the future |

The server adds none itself. It is of one version: `$create-clone` leaves it out, and a published questionnaire keeps
it. Another with the right to edit may publish what is signed. The version before is the one `ehealth-predecessor` names
by its identifier; without that, the one published last of the same `ehealth-base`. Copies are asked as versions are. If
the version before is on another server, nobody is asked: whether it had lights, nobody here knows.
"""
GUIDANCE = """# The content of ActionGuidance

ActionGuidance says what staff can do, by topic and light: pieces of advice, and local offers. FUT leaves the format
open (`fut.md` 2.5); ours is `application/vnd.kommunalpro.guidance+json`. When a piece applies, and in which order they
come: [What the PRO engine does](engine.md). An example: `definitions/hverdagen-med-kronisk-sygdom/guidance.json`.
"""
VERSIONS = """
`schemaVersion` says which of these it is written by. A version is never changed once it has been used, and every one
there has been stays readable for ever.
"""


def content_pages() -> dict[str, str]:
    """Give all pages and schemas by the name of their file."""
    from kommunalpro.pro.guidance_schema import GUIDANCE_SCHEMAS
    from kommunalpro.pro.view_schema import VIEW_SCHEMAS

    pages: dict[str, str] = {}
    for name, head, schemas in (("view", VIEW, VIEW_SCHEMAS), ("guidance", GUIDANCE, GUIDANCE_SCHEMAS)):
        sections = [_section(name, version, schema) for version, schema in schemas.items()]
        title, _, text = head.partition("\n")
        pages[f"{name}-content.md"] = "\n".join((title, WRITTEN, text.rstrip(), VERSIONS, *sections)).rstrip() + "\n"
        for version, schema in schemas.items():
            pages[f"{name}-content-{version}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return pages


def _section(name: str, version: int, schema: Mapping[str, Any]) -> str:
    rows = "\n".join(f"| {' | '.join(row)} |" for row in _rows(schema, ""))
    return f"""## schemaVersion {version}

{schema["title"]}. The schema: [{name}-content-{version}.schema.json]({name}-content-{version}.schema.json).

| Place | Must be there | What it may be | What it is |
|---|---|---|---|
{rows}
"""


def _rows(schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, str, str, str]]:
    for name, part in schema["properties"].items():
        here = f"{place}.{name}".removeprefix(".")
        must = "yes" if name in schema.get("required", ()) else ""
        said = part.get("description") or part.get("items", {}).get("description", "")
        yield f"`{here}`", must, _kind(part), said.replace("|", r"\|")
        yield from _inside(part, here)


def _inside(part: Mapping[str, Any], here: str) -> Iterator[tuple[str, str, str, str]]:
    """Give the rows of what is inside: of an object its parts, of a list what each of its members may be."""
    if _is_text(part):
        return
    if "properties" in part:
        yield from _rows(part, here)
    for each in (part.get("items", {}), *part.get("items", {}).get("oneOf", ())):
        if "properties" in each:
            yield from _rows(each, f"{here}[]")


def _is_text(part: Mapping[str, Any]) -> bool:
    return set(part.get("properties", ())) == {"da", "en"}


def _kind(part: Mapping[str, Any]) -> str:
    if _is_text(part):
        return "text, `{da, en}`"
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join(f"`{each}`" for each in part["enum"])
    if part.get("type") == "array":
        return f"list of {_kind(part['items'])}"
    if "oneOf" in part or "anyOf" in part:
        kinds = (_kind(each) for each in part.get("oneOf", part.get("anyOf", ())) if "type" in each)
        return " or ".join(kinds) or "object"
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    bounds = [f"{word} {part[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in part]
    return " ".join((" or ".join(kinds), *bounds))
