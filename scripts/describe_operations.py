"""The reference of the $operations: where each is offered, what it takes and what it does not do, from its module."""

import inspect
from collections.abc import Iterator
from typing import Any

HEAD = """# Operations
<!-- Written by `make docs` from kommunalpro/fut/operations; change it there. -->

The `$operations` of FUT's services that are offered under `/fhir`, one heading each. They are called with a body of
`Parameters`; where one parameter is a resource it may be sent bare. GET, where it is offered, changes nothing, and
takes in its query what is no resource and no complex value. What an operation does not take, or not so often or not as
that type, is refused with 400, all of it at once; what is not supported is refused by name with 501, or as is said
here. Errors are an OperationOutcome with FUT's codes. Elsewhere: `$validate` and `$meta` in [FHIR](fhir.md), `$export`
of everything in [export](../how-to/export.md), and of a plan in [how to move one](../how-to/move-a-plan.md). Step by
step, with a token: [how-to](../how-to/use-the-fhir-api.md).

A privilege stands in the token. Of several, one is enough; *also takes* is asked for besides. A system needs none.
"""
_PLACES = {"system": "", "type": "/{type}", "instance": "/{type}/{{id}}"}
_LEADS = ("Supported:", "Not supported:", "Also takes:")


def operations_page() -> str:
    """Put it together."""
    from kommunalpro.fut.operations import OPERATIONS

    return (
        "\n\n".join((HEAD.rstrip(), *(_section(name, offered) for name, offered in sorted(OPERATIONS.items())))) + "\n"
    )


def _section(name: str, offered: tuple[Any, ...]) -> str:
    said = inspect.getdoc(inspect.getmodule(offered[0].run)) or ""
    title, *paragraphs = said.split("\n\n")
    what = title.partition(": ")[2]
    table = "\n".join(("| called by | privilege |", "|---|---|", *_rows(offered)))
    told = [part for each in paragraphs if not each.startswith("Source:") for part in _parts(each)]
    bare = "".join(f"`{each}` may be sent bare." for each in {each.body for each in offered if each.body})
    addresses = ", ".join(f"<{each}>" for each in dict.fromkeys(each.definition for each in offered) if each)
    defined = f"Defined by {addresses}." if addresses else ""
    parts = (f"## {name}", what[:1].upper() + what[1:], table, *told, bare, defined)
    return "\n\n".join(part for part in parts if part)


def _rows(offered: tuple[Any, ...]) -> Iterator[str]:
    from kommunalpro.fhirserver.access import Request
    from kommunalpro.fut.privileges import accepted

    for each in offered:
        privileges = sorted(accepted(Request("operation", each.type, name=each.name)))
        place = _PLACES[each.level].format(type=each.type)
        methods = "POST, GET" if each.on_get else "POST"
        yield f"| {methods} `/fhir{place}/{each.name}` | {' or '.join(f'`{one}`' for one in privileges)} |"


def _parts(paragraph: str) -> Iterator[str]:
    """Give a paragraph, or each of the things that it begins a line with, its first word in bold."""
    lines: list[str] = []
    for line in paragraph.splitlines():
        lead = next((each for each in _LEADS if line.startswith(each)), None)
        if lead and lines:
            yield "\n".join(lines)
            lines = []
        lines.append(f"**{lead[:-1]}:**{line.removeprefix(lead)}" if lead else line)
    yield "\n".join(lines)
