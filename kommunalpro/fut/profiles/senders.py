"""Who sends a message is who writes it: a citizen as themselves; a professional too, or as the team that they act in.

Why, and by which name: `authors.py`. An installation's own systems write for anybody who is here (`mentions.py`), and
they alone as a Device, which is called what its maker likes. Who notes something in it is whoever writes, too.

Whoever changes a message that another has sent, or nobody, says how far it has come with them, and lets all else be:
the sender, the words, when it was sent, and what it is about. That is that it came (of what is in progress: completed;
when it was received, which nobody says ahead of time), and how they have handled it (the code of its administrative
status, whichever it is: not read, read, done, opened again). That it was never sent, or is wrong, they do not say. One
that nobody has sent is claimed by nobody.

Source: the guide's page of ehealth-administrative-status ("how a message recipient has handled a message").
Ours: the guide says of which types a sender is (`fut.md` 1C), and not who.
"""

from collections.abc import Iterator
from typing import Any

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.datetime import parse_interval
from kommunalpro.fhir.extension import extensions
from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import Issue
from kommunalpro.fhirserver.session import Session
from kommunalpro.fut.errors import issue
from kommunalpro.fut.profiles.authors import Author, author, is_by, names, note_problems, writes_for_others
from kommunalpro.fut.profiles.lights import FASTEST_CLOCK

_BARE = {"url": ehealth.ADMINISTRATIVE_STATUS, "valueCoding": {"system": ehealth.ADMINISTRATIVE_STATUS_CODES}}
_SENDER, _TEAM = "Communication.sender", "Communication.extension["
_OF_WHO_GETS_IT = frozenset({"id", "meta", "received", "sender", "status"})
"""What others change than whoever has sent it, as far as is said here; what is said of the sender, by itself."""
_CAME = ("in-progress", "completed")
_ANOTHERS = "Det har en anden skrevet. Skriv din egen besked i stedet."


def sender_problems(communication: Json, previous: Json | None, session: Session) -> Iterator[Issue]:
    """Give each sender that is new, or newly named, and neither who writes nor their team, each by their own name.

    And where it is not theirs: that whoever has sent it does not stay, or is made to say something else.
    """
    if writes_for_others(session):
        return
    yield from _ahead_of_time(communication, previous or {}, session)
    before, now = (list(_senders(each or {}, session)) for each in (previous, communication))
    if previous is None or (before and all(_writes(each, session) for each in before)):
        for each in now:
            if not _writes(each, session):
                who = "whoever writes" if each.path == _SENDER else "the team in the token"
                yield _issue(f"who sends is {who}, by their own name", each.path)
        yield from note_problems(communication, previous or {}, session)
        return
    new = [each for each in now if not any(_is(each, old, session) for old in before)]
    yield from (_issue("whoever has sent it stays", each.path) for each in new)
    if not new and not all(any(_is(each, old, session) for each in now) for old in before):
        yield _issue("whoever has sent it stays", _SENDER)
    yield from _changes(communication, previous)


def _changes(communication: Json, previous: Json) -> Iterator[Issue]:
    """Give what was changed by whoever has not sent it, and says no more than that it came, or was read."""
    for name in sorted({*communication, *previous} - _OF_WHO_GETS_IT):
        if _fixed(communication, name) != _fixed(previous, name):
            yield _issue("who has sent it says so", f"Communication.{name}", _ANOTHERS)
    if communication["status"] != previous["status"] and (previous["status"], communication["status"]) != _CAME:
        yield _issue("who gets it says that it came, no more", "Communication.status", _ANOTHERS)
    before = [_handled(each) for each in extensions(previous, ehealth.ADMINISTRATIVE_STATUS)]
    for each in extensions(communication, ehealth.ADMINISTRATIVE_STATUS):
        if _handled(each) not in (*before, _BARE):
            yield _issue("who gets it changes the code alone", "Communication.extension", _ANOTHERS)


def _ahead_of_time(communication: Json, previous: Json, session: Session) -> Iterator[Issue]:
    received, latest = communication.get("received"), session.now + FASTEST_CLOCK
    if received and received != previous.get("received") and parse_interval(received).start > latest:
        text = "En besked kan ikke være modtaget i fremtiden."
        yield _issue("it was received already", "Communication.received", text)


def _handled(status: Json) -> Json:
    """Give an administrative status without its code."""
    coding = {name: each for name, each in status.get("valueCoding", {}).items() if name != "code"}
    return {**status, "valueCoding": coding}


def _fixed(communication: Json, name: str) -> Any:
    """Give an element without what may be changed of it, how far it has come, and without a team that sends."""
    value = communication.get(name)
    if name != "extension":
        return value
    free = (ehealth.ADMINISTRATIVE_STATUS, ehealth.SENDER_CARE_TEAM)
    return [each for each in value or () if each.get("url") not in free]


def _senders(communication: Json, session: Session) -> Iterator[Author]:
    """Give whoever sends it: a person or a Device, and a team."""
    if "sender" in communication:
        yield author(_SENDER, communication["sender"], communication, session)
    for number, each in enumerate(communication.get("extension", ())):
        if each.get("url") == ehealth.SENDER_CARE_TEAM:
            yield author(f"{_TEAM}{number}]", each.get("valueReference", {}), communication, session)


def _writes(sender: Author, session: Session) -> bool:
    """Tell whether it is who writes, or their team, by their own name, and nothing else is said of them."""
    by = session.principal
    team = by.context.care_team if by.user_type == "PRACTITIONER" else None
    own = team if sender.path.startswith(_TEAM) else by.user
    return is_by(sender, own, session)


def _is(sender: Author, old: Author, session: Session) -> bool:
    """Tell whether it is who sent it before, called as then or by their own name."""
    if (sender.url, sender.beside) != (old.url, old.beside):
        return False
    return sender.called == old.called or bool(sender.url and sender.called in names(sender.url, session))


def _issue(detail: str, path: str, text: str = "Afsenderen er den, der skriver: dig selv eller dit team.") -> Issue:
    return issue("GENERAL_VALIDATION_ERROR", detail, path, text)
