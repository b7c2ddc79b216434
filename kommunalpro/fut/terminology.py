"""Which codes a value set has, and whether it has one.

Pure: where a CodeSystem or ValueSet is found by its address is handed in. It answers only what follows from what it is
given. A value set that has part of a code system that is not here, or picks codes by a filter that is not understood,
is not told in part, and no code is said to be outside it: that is refused by the name of what is missing.

Source: R4 valueset.html (compose, expansion).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias

from kommunalpro.fhir.cpr_in_text import mask_cpr
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Unprocessable
from kommunalpro.fhirserver.protocols import Find
from kommunalpro.fut.concepts import Concept, System, is_understood, read_system, tree

Key: TypeAlias = tuple[str, str]
"""System and code."""

OF_FUT = "http://ehealth.sundhed.dk/"
DEEPEST = 20
"""How deep value sets may name each other: ours."""
MOST_PARTS = 500
"""Code systems and value sets that one value set may be put together of: ours."""
_NARROWS = ("concept", "filter", "valueSet")
_OF_AN_ENTRY = ("code", "display", "designation", "abstract", "inactive")
_IS_A = ("concept", "is-a")
"""The one filter that FUT's value sets pick by: a code, and all that is a kind of it."""
_SHORTENS = frozenset({"filter", "offset", "count"})


class CannotTell(Unprocessable):
    """The answer rests on something that is not here, or is not done here; the issue names it."""

    code = "not-supported"


@dataclass(slots=True)
class Terminology:
    """Answers for one request; what it has found it keeps, for lists are known by the resource that has them."""

    _find: Find
    _found: dict[tuple[str, str], Json | None] = field(default_factory=dict)
    _systems: dict[str, System | None] = field(default_factory=dict)
    _expanded: dict[str, Mapping[Key, Concept]] = field(default_factory=dict)
    _members: dict[tuple[str, str, str], Concept | CannotTell | None] = field(default_factory=dict)
    _lists: dict[int, dict[Key, Concept]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def find(self, type: str, canonical: str) -> Json | None:
        """Give a resource, the same one each time; None: it is not here."""
        if (type, canonical) not in self._found:
            self._found[type, canonical] = self._find(type, canonical)
        return self._found[type, canonical]

    def system(self, canonical: str) -> System | None:
        """Give a code system; None: it is not here. One that says more of another's codes is none itself."""
        if canonical not in self._systems:
            found = self.find("CodeSystem", canonical)
            is_one = found is not None and found.get("content") != "supplement"
            self._systems[canonical] = read_system(found) if found is not None and is_one else None
        return self._systems[canonical]

    def concept(self, canonical: str, code: str) -> Concept | None:
        """Give a code of a code system; None: it has none such.

        Raises:
            CannotTell: the system is not here, or only in part, and nothing here has the code.
        """
        return concept_in(self._read({"system": canonical}), code)

    # --- All that a value set has
    def expand(self, value_set: Json) -> Mapping[Key, Concept]:
        """Give every code of a value set, in order.

        Raises:
            CannotTell: names what it has and is not here.
        """
        listed = self._listed(value_set)
        if listed is not None:
            return listed
        compose = _composed(value_set)
        found: dict[Key, Concept] = {}
        for include in compose.get("include", ()):
            for key, concept in self._included(include, own=_is_own(value_set)).items():
                found.setdefault(key, concept)
        for exclude in compose.get("exclude", ()):
            for key in self._excluded(exclude, found, own=_is_own(value_set)):
                found.pop(key, None)
        if compose.get("inactive") is False:
            found = {key: each for key, each in found.items() if not each.is_inactive}
        return found

    def _included(self, include: Json, *, own: bool) -> Mapping[Key, Concept]:
        """Give what one include has: of a system the codes that it names, else all; and of those what others have."""
        imported = self._imported_together(include, own=own)
        if "system" not in include:
            return imported or {}
        if "concept" in include:
            found = self._named(include)
        else:
            found = {(each.system, each.code): each for each in self._picked(include)}
        return found if imported is None else {key: each for key, each in found.items() if key in imported}

    def _imported_together(self, include: Json, *, own: bool) -> Mapping[Key, Concept] | None:
        """Give what the value sets have that an include names; None: it names none."""
        if "valueSet" not in include:
            return None
        sets = [self._imported(url) for url in include["valueSet"]]
        either = {key: each for one in reversed(sets) for key, each in one.items()}
        if not own and any(one.keys() != either.keys() for one in sets):
            raise _ambiguous(include)
        return {key: either[key] for one in sets for key in one}

    def _excluded(self, exclude: Json, found: Mapping[Key, Concept], *, own: bool) -> list[Key]:
        """Give which of these an exclude takes away; a system that is not here is taken away whole all the same."""
        if "system" in exclude and exclude.keys().isdisjoint(_NARROWS):
            return [key for key in found if key[0] == exclude["system"]]
        return list(self._included(exclude, own=own))

    def _imported(self, url: str) -> Mapping[Key, Concept]:
        if url not in self._expanded:
            with self._opened(url) as value_set:
                self._expanded[url] = self.expand(value_set)
        return self._expanded[url]

    def _picked(self, include: Json) -> Iterator[Concept]:
        """Give the codes of a whole system that its filters leave."""
        system = self._read(include)
        if not system.is_whole:
            raise _in_part(system)
        return (each for each in system.concepts.values() if _is_picked(include, system, each))

    def _read(self, include: Json) -> System:
        canonical = _canonical(include)
        system = self.system(canonical)
        if system is None:
            raise _not_here("CodeSystem", canonical)
        _refuse_filters(include, system)
        return system

    def _named(self, include: Json) -> dict[Key, Concept]:
        """Give the codes that a value set lists one by one, which says that they are codes where the system cannot.

        One that its system has not, which is here with all that it has, is none.
        """
        if id(include) not in self._lists:
            if not all(map(is_understood, include["concept"])):
                raise _beyond("a listed concept")
            canonical = _canonical(include)
            system = self.system(canonical)
            codes = include["concept"]
            if system and system.is_whole:
                codes = [each for each in codes if system.concept(each["code"])]
            concepts = (self._as_chosen(canonical, chosen) for chosen in codes)
            self._lists[id(include)] = {(each.system, each.code): each for each in concepts}
        return self._lists[id(include)]

    def _as_chosen(self, canonical: str, chosen: Json) -> Concept:
        system = self.system(canonical)
        known = system.concept(chosen["code"]) if system else None
        url, _, version = canonical.partition("|")
        if known is None:
            return Concept(url, chosen["code"], version, chosen=chosen)
        return Concept(url, known.code, known.version, known.said, known.parent, known.language, chosen)

    def _listed(self, value_set: Json) -> dict[Key, Concept] | None:
        """Give the codes of a value set that was stored with all of them, as a questionnaire takes them; else None."""
        expansion = value_set.get("expansion")
        if expansion is None:
            return None
        if id(value_set) in self._lists:
            return self._lists[id(value_set)]
        entries = [each for each, _ in tree(expansion.get("contains", ()), "contains") if "code" in each]
        is_short = any(each.get("name") in _SHORTENS for each in expansion.get("parameter", ()))
        if is_short or expansion.get("total", 0) > len(entries) or ("compose" in value_set and not entries):
            return None
        if not all(map(is_understood, (value_set, expansion, *entries))):
            raise _beyond(f"the expansion of {_name(value_set)}")
        _refuse_many(len({each.get("system") for each in entries}), value_set)
        found = {}
        for each in entries:
            kept = {name: each[name] for name in _OF_AN_ENTRY if name in each}
            concept = self._as_chosen(_canonical({"system": "", **each}), kept)
            found[concept.system, concept.code] = concept
        self._lists[id(value_set)] = found
        return found

    # --- Whether a value set has one code
    def member(self, value_set: Json, system: str, code: str) -> Concept | None:
        """Give a code as a value set has it; None: it has it not. Asks for no more than this code rests on.

        Raises:
            CannotTell: nothing that is here has it, and something that is not may.
        """
        listed = self._listed(value_set)
        if listed is not None:
            return listed.get((system, code))
        compose = _composed(value_set)
        own = _is_own(value_set)
        found = first([partial(self._in, each, system, code, own=own) for each in compose.get("include", ())])
        if found is None or (compose.get("inactive") is False and found.is_inactive):
            return None
        is_excluded = any(self._excludes(each, system, code, own=own) for each in compose.get("exclude", ()))
        return None if is_excluded else found

    def _excludes(self, exclude: Json, system: str, code: str, *, own: bool) -> bool:
        if exclude.get("system") == system and exclude.keys().isdisjoint(_NARROWS):
            return True
        return self._in(exclude, system, code, own=own) is not None

    def _in(self, include: Json, system: str, code: str, *, own: bool) -> Concept | None:
        if include.get("system", system) != system:
            return None
        if "valueSet" in include:
            found = self._in_imported(include, system, code, own=own)
            if found is None or "system" not in include:
                return found
        if "concept" in include:
            return self._named(include).get((system, self._spelt(include, code)))
        named = self._read(include)
        found = concept_in(named, code)
        if found is None or _is_picked(include, named, found):
            return found
        if not named.is_whole:
            raise _in_part(named)
        return None

    def _in_imported(self, include: Json, system: str, code: str, *, own: bool) -> Concept | None:
        asked = [partial(self._imported_member, url, system, code) for url in include["valueSet"]]
        if own or len(asked) == 1:
            return first(asked)
        found = [each() for each in asked]
        if any(found) and not all(found):
            raise _ambiguous(include)
        return found[0]

    def _imported_member(self, url: str, system: str, code: str) -> Concept | None:
        """Give a code as a value set has it that another names: asked once, however often it is named."""
        key = url, system, code
        if key not in self._members:
            try:
                with self._opened(url) as value_set:
                    self._members[key] = self.member(value_set, system, code)
            except CannotTell as unknown:
                self._members[key] = unknown
        found = self._members[key]
        if isinstance(found, CannotTell):
            raise found
        return found

    def _spelt(self, include: Json, code: str) -> str:
        """Give a code as its system spells it, where case makes no difference there."""
        system = self.system(_canonical(include))
        known = system.concept(code) if system else None
        return known.code if known else code

    @contextmanager
    def _opened(self, url: str) -> Iterator[Json]:
        """Give a value set that another names, for as long as it is looked into.

        Raises:
            CannotTell: it is not here, or names itself by way of others.
        """
        found = self.find("ValueSet", url)
        if found is None:
            raise _not_here("ValueSet", url)
        if url in self._open or len(self._open) >= DEEPEST:
            raise CannotTell(
                "Værdisættene henviser til hinanden i ring eller i for mange led.",
                diagnostics=f"ValueSet {url} names itself, or is named {len(self._open)} steps down",
            )
        self._open.append(url)
        try:
            yield found
        finally:
            self._open.pop()


def first(asked: Iterable[Callable[[], Concept | None]]) -> Concept | None:
    """Give what the first has that has it; None: none has it.

    Raises:
        CannotTell: none is known to have it, and of one it is not known.
    """
    doubt: CannotTell | None = None
    for each in asked:
        try:
            if found := each():
                return found
        except CannotTell as unknown:
            doubt = doubt or unknown
    if doubt:
        raise doubt
    return None


def concept_in(system: System, code: str) -> Concept | None:
    """Give a code of a code system; None: it has none such.

    Raises:
        CannotTell: the system is here only in part, and the code is not in that part.
    """
    found = system.concept(code)
    if found is None and not system.is_whole:
        raise _in_part(system, f", and code {mask_cpr(code)} is not in that part")
    return found


def _composed(value_set: Json) -> Json:
    """Give how a value set is put together.

    Raises:
        CannotTell: it does not say it, or says more than can be read.
    """
    compose: Json = value_set.get("compose", {})
    if not compose:
        raise CannotTell(
            "Værdisættet siger ikke selv, hvilke koder det har.",
            diagnostics=f"{_name(value_set)} has no compose, nor an expansion with all its codes",
        )
    parts = (*compose.get("include", ()), *compose.get("exclude", ()))
    if not all(map(is_understood, (value_set, compose, *parts))):
        raise _beyond(_name(value_set))
    _refuse_many(sum(1 + len(each.get("valueSet", ())) for each in parts), value_set)
    return compose


def _refuse_many(parts: int, value_set: Json) -> None:
    """Refuse what would have to be looked for in more places than anybody waits for."""
    if parts > MOST_PARTS:
        raise CannotTell(
            "Værdisættet er sat sammen af for mange dele.",
            diagnostics=f"{_name(value_set)} is put together of more than {MOST_PARTS} parts",
            code="too-costly",
        )


def _is_own(value_set: Json) -> bool:
    """Tell whether a value set is FUT's: several in one include are meant as any of them, as its guide uses them."""
    return str(value_set.get("url", "")).startswith(OF_FUT)


def _ambiguous(include: Json) -> CannotTell:
    """Make the refusal of several value sets in one include that do not agree.

    R4 defines the element as the union of them, and its rules of composition select what is in all of them.
    """
    return CannotTell(
        "Værdisættet nævner flere værdisæt på én gang, og det er uklart, om koden skal være i dem alle.",
        diagnostics=f"R4 says both union and intersection of {', '.join(include['valueSet'])} in one include",
    )


def _refuse_filters(include: Json, system: System) -> None:
    for each in include.get("filter", ()):
        if not (system.is_of_kinds and is_understood(each) and (each["property"], each["op"]) == _IS_A):
            raise CannotTell(
                "Værdisættet vælger koder ved et filter, som ikke understøttes.",
                diagnostics=f"Filter on {include['system']}: {each['property']} {each['op']} {each['value']}",
            )


def _is_picked(include: Json, system: System, concept: Concept) -> bool:
    """Tell whether a code is of every kind that the filters name, which are understood."""
    return all(system.is_within(concept.code, each["value"]) for each in include.get("filter", ()))


def _not_here(type: str, canonical: str) -> CannotTell:
    text = "Kodesystemet findes ikke her." if type == "CodeSystem" else "Værdisættet findes ikke her."
    return CannotTell(text, diagnostics=f"{type} {mask_cpr(canonical)} is not here")


def _in_part(system: System, what: str = "") -> CannotTell:
    name = system.resource.get("url", "without a url")
    return CannotTell("Kodesystemet er her kun i uddrag.", diagnostics=f"CodeSystem {name} is here only in part{what}")


def _beyond(what: str) -> CannotTell:
    return CannotTell(
        "Værdisættet følger regler, der ikke kendes her.", diagnostics=f"{what} has rules that are not known here"
    )


def _name(value_set: Json) -> str:
    return f"ValueSet {value_set.get('url', 'without a url')}"


def _canonical(include: Json) -> str:
    return f"{include['system']}|{include['version']}" if "version" in include else str(include["system"])
