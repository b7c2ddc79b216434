"""The reference of search: what can be asked of each type, from the tables that the server reads queries by."""

from collections.abc import Iterable, Mapping
from typing import Any

HEAD = r"""# Search
<!-- Written by `make docs` from the code; change it there. -->

What a client may ask of `/fhir/{type}?…` and by POST of `/fhir/{type}/_search`. Anything else is refused with 400, by
its name; also with `Prefer: handling=lenient`, which R4 lets a server follow or not: a search that leaves out what it
does not know finds more than was asked for. A search finds what its caller may see; how to ask, step by step:
[how-to](../how-to/use-the-fhir-api.md).

## What must match

Parameters are joined by *and*, values parted by a comma by *or*. A comma, `|`, `$` or backslash that belongs to the
value has a backslash before it (`name=Sår\, ben`). A parameter takes at most 200 values and a search 50 conditions;
more is refused (`too-costly`).

| kind | value | modifiers |
|---|---|---|
| string | how the text, or a part of a name or an address, begins | `:exact` the whole, as written; `:contains` |
| phonetic | a name, or words of it that follow each other, by how they sound in Danish | |
| token | `code`, `system\|code`, `system\|` (any code of it), `\|code` (without a system) | `:not`, `:in`, `:not-in` |
| reference | `id`, `Type/id`, a URL, or a canonical's `url\|version` | `:Type`; `:identifier` with a token |
| uri | the whole, as written | |
| date | prefix, and a date or time: a vaguer one is a longer interval | |
| number | prefix and number; `5.0` is 4.95 to 5.05 | |
| quantity | prefix and `number`, `number\|system\|code` or `number\|\|code` | |
| composite | two values parted by `$`; `system\|` for a code, but not before a quantity | |

- A string is found in whatever case and without accents: `rene` finds René. Å, Æ and Ø are letters of their own.
- `phonetic` (R4's string parameter of that name) finds whole words that sound alike in Danish: `Kristian` finds
  Christian, `Moeller` Møller, `Povl Hovgaard` Poul Hougaard; of a name, from one of its first hundred words on. It
  finds more than is meant, for vowels count at the beginning alone (Kirsten too):
  `kommunalpro/fhirserver/search/sounds.py` has the rules.
- A token is found as it is written, capitals and all. R4 (search.html#token) would rather find too much; but nobody
  here knows which codes differ by case alone, and a condition of a write must not take one identifier for another.
- A parameter without a value (`name=`) is passed over, as R4 has it; not in a condition of a write.
- `:missing=true` or `false` goes with every parameter but `_id`, `_lastUpdated` and what a search says of itself
  (`consentOverride`, `reason`). It tells whether there is something to search by: what has words alone (the `text` of a
  CodeableConcept, the `display` of a Reference), and an Identifier without a value, counts as missing. Nor does
  `system|` find the latter.
- After `:Type` stands an id or an address; that of another type is refused (400).
- Of a number the first 34 digits count.
- `:in` and `:not-in` take the `url` (or `url|version`) of a ValueSet whose codes `$expand` tells, FUT's own among them,
  of at most 1000 codes. Of others it is said what is missing (400).
- A bare id finds whatever type the reference may be to.
- By an address with a version (`…/_history/n`) what refers to that version is found, and what refers to none; not what
  refers to another. By a canonical with a business version (`…|1.0`) what has that one. AuditEvents, which name a
  version of everything, are found by all.

## Prefixes

Before a date, a number or a quantity. What is searched for and what is stored are both intervals. A quantity with a
comparator reaches as far as it says: `<100` does not hold 100, so `ge100` does not find it and `eb100` does.

| prefix | finds what |
|---|---|
| `eq`, or none | lies within the interval searched for |
| `ne` | does not |
| `gt`, `lt` | reaches beyond its end, begins before it |
| `ge`, `le` | as `gt` or `eq`, as `lt` or `eq` |
| `sa`, `eb` | begins after it, ends before it |
| `ap` | is near: of a number, ten per cent to both sides; of a date, it has a moment in common (no days are added) |

## Chains and `_has`

`subject:Patient.family=Jensen` finds what refers to such a one, `_has:Observation:patient:code=…` what such a one
refers to. Both go one link far, and through what the caller may see. A chain through a reference that may be to several
types goes through all of them that have the parameter; `subject:Patient.…` picks one. Where it may be to anything
(`subject` of a QuestionnaireResponse or a Task, `target` of a Provenance) one must be picked: `subject.family` is 400.

A reference is followed to what it is the address of, and so is a canonical that is an address, as FUT's are
(`fut.md` §0.3). Any other canonical is followed to the definition that has it as its `url`: with a version (`url|1.0`)
to exactly the one that has this version, without one to the active one that was written last, of those that the caller
may see (R4 references.html#canonical leaves the choice to the server). So it is in a chain, `_has` and what comes
along. Where a definition was written over in a new version, a search goes by the new one alone; what comes along by the
old version's canonical comes as it was, though it was deleted since, as long as its `url` is what it was. Of several
that were published by one canonical, the first comes along.

What is searched is what things are now. Where something that a chain, `_has` or `_revinclude` found refers to another
version, or is referred to in another one, the answer holds an OperationOutcome (`search.mode` `outcome`) with a warning
that names the parameter (R4 search.html#versions). What refers to it is looked through as far as the first thousand
that name other versions of a hundred things found: where the caller may see none of those, there is no warning.

## How the answer is wanted

- `_sort`: any parameter but composites, `phonetic` and those without a path (below); `_lastUpdated`, `_id`; several
  parted by commas; with `-` in front descending. Æ, Ø and Å are the last letters, in this order; `aa` is two letters.
  Without `_sort`, what was changed last comes first.
- `_count`: matches a page. 20 unless told, at most 1000 (more is taken as 1000). Of large
  resources fewer come: a page holds 8 MB of matches, or one match.
- `_total`: `accurate` is counted, which may take long; `estimate` is told up to 1000; `none` never. Without it the
  total is told when the first page holds everything.
- `_summary`: `true`, `text`, `data`, `false`, or `count` for the number alone. `_elements`: elements of the top level,
  parted by commas; what a type must have comes too. A part of a resource is tagged SUBSETTED and cannot be stored.
- `_include` and `_revinclude`: `Type:parameter` or `Type:parameter:Target`; with `:iterate` also along with what came
  along. `_include=*`: whatever they refer to. At most 5000 come along with a page, of 20 MB together. What is referred
  to in a version (`…/_history/n`, `…|1.0`) comes in that version, though it was deleted since, and not at all where
  there is none. What came along in another version than that of now brings nothing along by what it referred to then.

## Pages

Follow the `next` links as they are until there is none; they hold for the same caller and the same query. Everything
that matched throughout comes once, however much is written meanwhile. What was changed after the first page keeps the
place that it had then; what is new stands where it was made, so it comes or lies behind the reader.

Four things end it early, each with 400:

- so much was written since the first page that the order cannot be kept (more than 5000 of the resources that
  match, however often each): begin anew (`too-costly`);
- more than 5000 resources, or more than 20 MB, would come along with a page (`too-costly`): ask for the same link with
  a smaller `_count`;
- `_page` is a place in one search: with other parameters than it was made for (`_count` apart) it is refused;
- a search by CPR number has one page, for no link that we make holds such a number: narrow it, or ask for a larger
  `_count`.

"""
TABLE = """## Parameters

R4's own and FUT's. Of every type: `_id`, `_lastUpdated`, `_language`, `_profile`, `_security`, `_source` and `_tag`.
Where R4 publishes no definition of a parameter that FUT declares, its path is read from FUT's profiles;
`kommunalpro/fut/search_parameters.py` marks which of them are a guess. A composite's path is the element that both of
its values are in. One without a path stands for a chain (`as …`), or is what a search says of itself.

*at FUT*: the service that has the type declares it; where several have it, those that are named. On a strict server
(`KOMMUNALPRO_STRICT`) these alone are taken, in `_sort`, at the end of a chain and in `_has` too; and of what may come
along, what is declared, as it is written. `kommunalpro/fut/searches.py` says what is a guess there. What FUT declares
and is not done here is named.

"""


def search_page() -> str:
    """Put it together."""
    from kommunalpro.fhirserver.search.parameters import by_type
    from kommunalpro.fut.rules import EHealthRules
    from kommunalpro.fut.searches import declared
    from kommunalpro.fut.services import SERVICES

    rules = EHealthRules()
    parts = [HEAD, TABLE]
    for type, parameters in sorted(by_type(rules.types, rules.search_parameters).items()):
        if "search" not in rules.interactions(type):
            continue
        at_fut = {row.name: searches for row in SERVICES[type] if (searches := declared(row.name, type))}
        rows = [
            f"| `{each.name}` | {each.kind} | {_where(name, at_fut)} | {_leads(each)} |"
            for name, each in sorted(parameters.items())
            if not name.startswith("_")
        ]
        head = f"### {type}\n\n| parameter | kind | at FUT | path |\n|---|---|---|---|\n"
        parts.append(head + "\n".join(rows) + "\n\n")
        for service, searches in at_fut.items():
            parts.append(_at_fut(service, type, searches, by_type(rules.types, rules.search_parameters)))
    return "".join(parts).rstrip() + "\n"


def _where(name: str, at_fut: Mapping[str, Any]) -> str:
    """Say whether FUT declares a parameter; of what several services have, at which of them."""
    found = [service for service, searches in at_fut.items() if name in searches.parameters]
    return "yes" if found and len(at_fut) == 1 else ", ".join(found)


def _at_fut(service: str, type: str, searches: Any, known: Mapping[str, Mapping[str, Any]]) -> str:
    """Say what else FUT declares of a type: what every type has here, what comes along, and what is not done."""
    every = {"_has", "_id", "_lastUpdated", *known[type]}
    links = {f"{of}:{name}" for of, many in known.items() for name, each in many.items() if each.kind == "reference"}
    along = sorted(searches.includes & {"*", *(each for each in links if each.startswith(f"{type}:"))})
    special = (each for each in searches.parameters & every if each.startswith("_"))
    missing = sorted((searches.parameters - every) | (searches.includes - {"*"} - links))
    said = [
        f"FUT's {service} service also takes {_named(special)}.",
        f"Along comes {_named(along)}." if along else "Nothing comes along that it refers to.",
        f"Not done: {_named(missing)}." if missing else "",
    ]
    return " ".join(each for each in said if each) + "\n\n"


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(names))


def _leads(parameter: Any) -> str:
    """Say where a parameter leads, or what else it is."""
    if parameter.means:
        return f"as `{parameter.means}`"
    return " or ".join(_place(path) for path in parameter.paths) or parameter.documentation


def _place(path: str) -> str:
    return f"`{path}`" if path else "the resource"
