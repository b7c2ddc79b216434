"""What comes of a package here: drafts of what is new, and the use of what is here already.

What a definition refers to is brought in before it, so that it refers to what is here. Three things may become of one:

- it is here, with the same content, and can be used: nothing is made, however often the package comes;
- its base is not here, or is the organisation's own: a draft of the same base, with the number it has, or the next;
- its base is another organisation's: a copy, which begins a base of its own.

Whoever brings it in owns it, unless the package says that they own it or edit it with others: then all roles stay.
Source: `fut.md` 0.5, 0.10-0.11, 4.5; how identities meet is ours.
"""

from collections.abc import Iterable
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.extension import extension_value, extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Forbidden, Gone, Issue, NotFound, RuleBroken, Unprocessable
from kommunalpro.fhir.reference import Reference, own_url
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.business_versions import next_version
from kommunalpro.fut.descent import base_of, copy_of, owned, uuid_of, version_of, versions_here
from kommunalpro.fut.errors import issue, refuse, rule_broken
from kommunalpro.fut.packages.archive import MADE, MATCHED, File
from kommunalpro.fut.packages.beginning import begun
from kommunalpro.fut.packages.links import edits, is_about_somebody, linked, links, title_of
from kommunalpro.fut.packages.matching import alike, content_identifier, find_same

_KINDS = {
    "Questionnaire": "spørgeskema",
    "Basic": "visning eller vejledning",
    "DocumentReference": "dokument",
    "ActivityDefinition": "aktivitet",
    "PlanDefinition": "plan",
    "Library": "regelbibliotek",
    "Organization": "organisation",
}


class Arrival:
    """One package on its way in, as the user.

    `made`, `here` and `matched` are resources as they are stored; `problems` all that keeps the package out, and
    `refusals` what the user may not make, by type.
    """

    def __init__(self, session: Session, files: Iterable[File]) -> None:
        """Take the files of a package."""
        self._session = session
        self._files = {each.key: each.resource for each in files}
        self._addresses: dict[str, str] = {}
        self._alikes: dict[str, list[dict[str, Any]]] = {}
        self._told: set[str] = set()
        self.made: list[dict[str, Any]] = []
        self.here: list[dict[str, Any]] = []
        self.matched: list[dict[str, Any]] = []
        self.problems: list[Issue] = []
        self.refusals: dict[str, tuple[Issue, ...]] = {}

    def bring_in(self) -> None:
        """Make what is new. What was made is only whole when there are no problems and no refusals.

        Raises:
            RuleBroken: it is no package of plans, or it is about somebody.
        """
        refuse(_unfit(self._files.values()))
        order = self._order()
        bases = {f"{_type(key)}|{base}" for key in order if (base := base_of(self._files[key]))}
        # Always in this order, so that two who bring in the same do not wait for each other.
        for each in sorted(bases):
            self._session.take_turns(each)
        for key in order:
            self._bring(key)

    def refuse(self) -> None:
        """Tell all that keeps the package out, if anything does.

        Raises:
            Forbidden: there is something that the user may not make.
            RuleBroken: there are problems.
        """
        if self.refusals:
            raise Forbidden(issues=[each for issues in self.refusals.values() for each in issues])
        refuse(self.problems)

    def _order(self) -> list[str]:
        """Give the keys, what is referred to before what refers to it."""
        brought = dict.fromkeys(key for key in self._files if _type(key) in MADE)
        needs = {key: [each.key for each in links(self._files[key]) if each.key in brought] for key in brought}
        try:
            return list(TopologicalSorter(needs).static_order())
        except CycleError:
            text = "To planer i pakken er dele af hinanden."
            raise RuleBroken(issues=[issue("KPRO_PACKAGE", "the plans contain each other", text=text)]) from None

    def _bring(self, key: str) -> None:
        packaged = self._files[key]
        draft = linked(self._owned(begun(packaged, self._is_there)), self._address)
        if there := find_same(self._session, packaged, draft):
            self.here.append(there)
            self._addresses[key] = own_url(self._session.server.base_url, there)
            return
        try:
            stored = self._session.create(self._identified(draft))
        except Forbidden as wrong:
            text = f"Du har ikke adgang til at lave: {_KINDS[_type(key)]}."
            self.refusals[_type(key)] = tuple(replace(each, text=text) for each in wrong.issues)
        except Unprocessable as wrong:
            self.problems += [_problem(packaged, each) for each in wrong.issues]
        else:
            self.made.append(stored)
            self._addresses[key] = own_url(self._session.server.base_url, stored)

    def _owned(self, draft: dict[str, Any]) -> dict[str, Any]:
        """Give a draft its owner: who brings it in, unless the package gives them a role in it."""
        organization = self._session.principal.context.organization
        roles = [extension_value(each, "reference") for each in extensions(draft, ehealth.MODIFIER_ROLE)]
        is_owned = draft["resourceType"] != "DocumentReference" or roles
        if organization is None or not is_owned or any(self._is(each, organization) for each in roles):
            return draft
        return owned(draft, organization)

    def _is(self, role: Any, organization: str) -> bool:
        reference = Reference.parse(role.get("reference", "")) if isinstance(role, dict) else None
        if reference is None:
            return False
        here = [own_url(self._session.server.base_url, each) for each in self._alike(reference.key)]
        return (here or [reference.url]) == [organization]

    def _alike(self, key: str) -> list[dict[str, Any]]:
        if key not in self._alikes:
            self._alikes[key] = alike(self._session, self._files[key]) if key in self._files else []
        return self._alikes[key]

    def _address(self, reference: Reference) -> str:
        """Give where here something is that a package refers to; what is nowhere is told, once."""
        key, base = reference.key, self._session.server.base_url
        if key in self._addresses:
            return self._addresses[key]
        if reference.type in MATCHED and key in self._files:
            found = self._alike(key)
            if len(found) == 1:
                self.matched += found
                self._addresses[key] = own_url(base, found[0])
                return self._addresses[key]
            several = "Flere her kan være" if found else "Her findes ikke"
            self._tell(key, "KPRO_PACKAGE_UNMATCHED", f"{several} {_named(self._files[key])}.")
        elif key not in self._files:
            if self._is_here(reference):
                return str(replace(reference, base=base))
            text = f"Pakken mangler noget, den henviser til: {_KINDS[reference.type]} ({key})."
            self._tell(key, "KPRO_PACKAGE_REFERENCE", text)
        return str(reference)

    def _is_there(self, reference: Reference) -> bool:
        return reference.key in self._files or self._is_here(reference)

    def _is_here(self, reference: Reference) -> bool:
        if reference.base not in (None, self._session.server.base_url):
            return False
        try:
            self._session.read(reference.type, reference.id)
        except (NotFound, Gone):
            return False
        return True

    def _tell(self, key: str, name: str, text: str) -> None:
        if key not in self._told:
            self._told.add(key)
            self.problems.append(issue(name, key, text=text))

    def _identified(self, draft: dict[str, Any]) -> dict[str, Any]:
        """Give what is to be made its place among what its base has here."""
        if draft["resourceType"] == "DocumentReference":
            return {**draft, "identifier": [*draft.get("identifier", ()), content_identifier(draft)]}
        base = base_of(draft)
        others = versions_here(self._session, draft["resourceType"], base) if base else []
        if not others:
            return draft
        if not any(edits(self._session, each) for each in others):
            return copy_of(draft, None)
        taken = [str(each.get("version", "")) for each in others]
        version = str(draft.get("version", ""))
        number = next_version(version, taken, "minor-version") if version in taken else version
        if number is None:
            raise rule_broken("KPRO_CLONE_VERSION", "", f"{draft['resourceType']}.version")
        is_known = uuid_of(draft) in {uuid_of(each) for each in others}
        return version_of(draft, number) if is_known else {**draft, "version": number}


def _unfit(resources: Iterable[Json]) -> list[Issue]:
    """Give what keeps a package from being looked at: it has no plan, or is about somebody."""
    every = list(resources)
    about = [f"{each['resourceType']}/{each['id']}" for each in every if is_about_somebody(each)]
    problems = [issue("KPRO_PACKAGE_ABOUT_SOMEBODY", each) for each in about]
    if not any(each["resourceType"] == "PlanDefinition" for each in every):
        problems.append(issue("KPRO_PACKAGE", "no PlanDefinition", text="Der er ingen plan i pakken."))
    return problems


def _problem(packaged: Json, wrong: Issue) -> Issue:
    """Say of what in a package something is wrong, and what by FHIR's names: whoever made the package mends it."""
    element = ": ".join(filter(None, (wrong.expression, wrong.diagnostics)))
    title = mask_cpr(title_of(packaged))[:200]
    return replace(
        wrong,
        text=f"{_named(packaged)}: {wrong.text}" + (f" ({element})" if element else ""),
        diagnostics=f"”{title}” ({packaged['resourceType']}): {element or wrong.text}",
    )


def _named(resource: Json) -> str:
    return f"”{mask_cpr(title_of(resource))[:200]}” ({_KINDS[resource['resourceType']]})"


def _type(key: str) -> str:
    return key.partition("/")[0]
