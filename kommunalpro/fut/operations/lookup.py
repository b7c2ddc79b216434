"""`CodeSystem/$lookup`: what a code means.

Supported: `code` with `system`, or `coding`; `version`, `displayLanguage`, `property` (any number; without it all) →
`name`, `version`, `display`, each `designation`, and as `property` the definition, the code system's own properties,
and `parent` and `child`. `lang.da` is the designations in Danish. A code without a name has the code itself as its
display, which R4 demands. What is known is what is stored here, else FUT's own code systems, the codes and names of
FSIII (by KL's URL or by its OID), and the codes that refusals here bear.
Not supported: `date` (501). A code system that is not here is 404, and so is a code that it has not, or that is not
in the part of it that is here; which of them is told.

Source: R4 operation-codesystem-lookup.html; `fut.md` 6 (terminology).
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import BadRequest, NotFound
from kommunalpro.fhir.parameters import parameters as make_parameters
from kommunalpro.fhir.parameters import value, values
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.at_hand import terminology
from kommunalpro.fut.concepts import Concept, System, speaks
from kommunalpro.fut.operations.arguments import element

_LANGUAGE = "lang."


def lookup(session: Session, parameters: Json, target: str | None) -> Json:
    """Give what is said of a code.

    Raises:
        NotFound: nothing here says anything of it.
    """
    coding = _asked(parameters)
    canonical = f"{coding['system']}|{coding['version']}" if coding.get("version") else str(coding["system"])
    system = terminology(session).system(canonical)
    if system is None:
        raise NotFound("Kodesystemet findes ikke her.", diagnostics=f"No CodeSystem {mask_cpr(canonical)} is here")
    found = system.concept(coding["code"])
    if found is None:
        part = "" if system.is_whole else "; it is here only in part"
        raise NotFound(
            "Koden findes ikke i kodesystemet, som det er her.",
            diagnostics=f"CodeSystem {mask_cpr(canonical)} has no code {mask_cpr(coding['code'])}{part}",
        )
    asked = list(values(parameters, "property"))
    name = next(system.resource[each] for each in ("name", "title", "url") if each in system.resource)
    return make_parameters(
        {"name": "name", "valueString": name},
        *([{"name": "version", "valueString": system.version}] if system.version else []),
        {"name": "display", "valueString": found.display_in(value(parameters, "displayLanguage")) or found.code},
        *_designations(found, asked),
        *_properties(system, found, asked),
    )


def _asked(parameters: Json) -> Json:
    code, system, coding = value(parameters, "code"), value(parameters, "system"), element(parameters, "coding")
    version = value(parameters, "version")
    found = coding if coding is not None else {"code": code, "system": system}
    if (code is None) == (coding is None) or (system and coding is not None) or not _is_whole(found):
        raise BadRequest(
            "Angiv koden med sit kodesystem.", diagnostics="code with system, or a coding with both; not both"
        )
    return {**found, "version": version} if version else found


def _is_whole(coding: Json) -> bool:
    return bool(coding.get("code") and coding.get("system"))


def _designations(concept: Concept, asked: list[str]) -> Iterator[Json]:
    languages = [each.removeprefix(_LANGUAGE) for each in asked if each.startswith(_LANGUAGE)]
    is_all = not asked or "designation" in asked
    for each in concept.designations:
        if is_all or any(speaks(each.get("language", ""), language) for language in languages):
            kinds = (("language", "valueCode"), ("use", "valueCoding"), ("value", "valueString"))
            parts = [{"name": name, kind: each[name]} for name, kind in kinds if name in each]
            yield {"name": "designation", "part": parts}


def _properties(system: System, concept: Concept, asked: list[str]) -> Iterator[Json]:
    """Give the properties that are asked for: what R4 has of every code, and what the system says of its own."""
    for code, kind, content, description in _all_properties(system, concept):
        if not asked or code in asked:
            told = [{"name": "description", "valueString": description}] if description else []
            parts = [{"name": "code", "valueCode": code}, {"name": "value", kind: content}, *told]
            yield {"name": "property", "part": parts}


def _all_properties(system: System, concept: Concept) -> Iterator[tuple[str, str, Any, str | None]]:
    if "definition" in concept.said:
        yield "definition", "valueString", concept.said["definition"], None
    above = system.concept(concept.parent) if concept.parent else None
    if above:
        yield "parent", "valueCode", above.code, above.display
    for child in concept.said.get("concept", ()):
        yield "child", "valueCode", child["code"], child.get("display")
    for each in concept.said.get("property", ()):
        kind = next(name for name in each if name.startswith("value"))
        yield each["code"], kind, each[kind], None
