"""The reference of search: what can be asked of each type, from the tables that the server reads queries by."""

import inspect

HEAD = """# Search
<!-- Written by `make docs` from the code; change it there. -->

What a client may ask of `/fhir/{type}?…` and by POST of `/fhir/{type}/_search`. Anything else is refused with 400, by
its name.

"""
TABLE = """## Parameters

R4's own and FUT's. Of every type: `_id`, `_lastUpdated`, `_language`, `_profile`, `_security`, `_source` and `_tag`.
Where R4 publishes no definition of a parameter that FUT declares, its path is read from FUT's profiles;
`kommunalpro/fut/search_parameters.py` marks which of them are a guess.

"""


def search_page() -> str:
    """Put it together."""
    from kommunalpro.fhirserver.search import comparing, matching, moved, query, values
    from kommunalpro.fhirserver.search.parameters import by_type
    from kommunalpro.fut.rules import EHealthRules

    rules = EHealthRules()
    chapters = (
        ("What must match", matching),
        ("How a value is compared", comparing),
        ("What of a resource is compared with", values),
        ("How the answer is wanted", query),
        ("Pages", moved),
    )
    parts = [
        HEAD,
        *(f"## {title}\n\n{inspect.cleandoc(module.__doc__ or '')}\n\n" for title, module in chapters),
        TABLE,
    ]
    for type, parameters in sorted(by_type(rules.types, rules.search_parameters).items()):
        if "search" not in rules.interactions(type):
            continue
        rows = [
            f"| `{each.name}` | {each.kind} | {' `and` '.join(f'`{path}`' for path in each.paths)} |"
            for name, each in sorted(parameters.items())
            if not name.startswith("_")
        ]
        parts.append(f"### {type}\n\n| parameter | kind | path |\n|---|---|---|\n" + "\n".join(rows) + "\n\n")
    return "".join(parts).replace(" `and` ", " or ").rstrip() + "\n"
