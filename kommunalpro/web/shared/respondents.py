"""Who has answered, in words: nothing is said of citizens who answer for themselves, for that is how it is meant."""

from django.utils.translation import gettext as _

from kommunalpro.care.respondents import Kind, Respondent


def by_words(kind: Kind) -> str:
    """Say for a row who has answered; empty: the citizen."""
    return {
        "citizen": "",
        "relative": _("besvaret af en pårørende"),
        "professional": _("besvaret af en medarbejder"),
        "other": _("besvaret af en anden"),
    }[kind]


def who_words(respondent: Respondent) -> str:
    """Name who has answered, and what they are; empty: the citizen."""
    if respondent.kind == "citizen":
        return ""
    if not respondent.name:
        return {"relative": _("en pårørende"), "professional": _("en medarbejder")}.get(respondent.kind, _("en anden"))
    one = _("%(name)s (pårørende)") if respondent.kind == "relative" else _("%(name)s (medarbejder)")
    return one % {"name": respondent.name}
