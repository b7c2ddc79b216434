"""What FUT's checklist of conformance asks, item by item, in our words; each is held by tests that name its number.

Source: `fut.md` §9.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """An item: what it is about, what holds. `remark`: what cannot be seen over HTTP, or is read so by us."""

    subject: str
    holds: str
    remark: str = ""


ITEMS: dict[int, Item] = {
    1: Item(
        "Making a questionnaire",
        "It says its owner, its type and its version, and gets an identifier, a base and the environment of that.",
    ),
    2: Item(
        "The life of a questionnaire",
        "Published, it has an approvalDate and changes no more but for useContext and retirement. Drafts are deleted.",
    ),
    3: Item(
        "Invariants of a questionnaire",
        "Decimal steps of a slider, how often an item may come, and what is under copyright fit the item's type.",
        "They are asked when it is published: a draft may be half written.",
    ),
    4: Item(
        "Versions",
        "A clone is a draft with its predecessor and a higher number, one at a time in a base, and made by an owner.",
    ),
    5: Item("Programmes", "`useContext` names a programme that there is: `kpro` is one."),
    6: Item("Publishing a plan", "A plan becomes active when all activities and questionnaires in it are."),
    7: Item("Making an activity", "It says its sharing policy, its topic and its code."),
    8: Item(
        "Opening a course of care",
        "One planned course of care comes with its diagnosis and the law it rests on, for a living citizen, within the "
        "treatment area of a solution that is named; all else is refused, and nothing of it is there.",
    ),
    9: Item("What is made by operations alone", "Neither an EpisodeOfCare nor a CarePlan is posted by itself."),
    10: Item(
        "Beginning a course of care", "It begins when the citizen has agreed (PITEOC), and its history says when."
    ),
    11: Item(
        "Applying a plan",
        "POST makes a draft CarePlan with draft ServiceRequests that carry what the activities say; GET stores "
        "nothing; only an active plan is applied.",
    ),
    12: Item(
        "Activating a plan",
        "CarePlan and ServiceRequests become active together or not at all; at most 100 entries, and no batch.",
    ),
    13: Item(
        "Regimes", "Each time of the guide's matrix is taken, and each other refused, on an active ServiceRequest."
    ),
    14: Item(
        "What is asked when",
        "`$get-patient-procedures` gives a row for each slot, on the Danish clock, with what has come in and what was "
        "invalidated; ad hoc and extra rows have no times.",
    ),
    15: Item(
        "Sending in",
        "What fits plan, questionnaire, citizen, course of care, time and system tag is stored with the Provenance of "
        "the submission; all else is refused whole, with FUT's code.",
    ),
    16: Item("Reuse", "An earlier measurement counts again where that is allowed, young and good enough, and once."),
    17: Item(
        "The traffic light",
        "A response is found red, yellow or green by its questions' rules, with the rule that was met for each; a Task "
        "of that priority asks for the assessment, also where there is no rule.",
    ),
    18: Item(
        "The light and the citizen", "A citizen sees it while a consent lets them, which they do not give themselves."
    ),
    19: Item(
        "Views for citizens",
        "A View is approved by staff, for the citizen and the response that are named.",
        "A View is nobody's data, and is read by whoever may read Views: what is the citizen's own is which View is "
        "approved for which response.",
    ),
    20: Item(
        "Context",
        "A search carries each dimension of the token's context; what belongs to a course of care is read within it; "
        "`$is-context-allowed` tells who may choose one.",
    ),
    21: Item("Privileges", "Each interaction and operation takes its own privilege; a Task also that of its category."),
    22: Item(
        "What does not come",
        "A missing measurement opens a Task with its slot, a late one closes it; a CommunicationRequest silences a "
        "reminder.",
        "The worker's clock is moved on, not the server's.",
    ),
    23: Item(
        "Validity",
        "A measurement is invalidated, and that is taken back, by `$set-measurement-validity`; beside it FUT has only "
        "its PATCH of a response to entered-in-error.",
    ),
    24: Item(
        "Finding measurements",
        "`$search-measurements-bundle-limit` takes one end and a count up to 100, and gives a Bundle for each "
        "submission, in order of when it is about.",
    ),
    25: Item(
        "National documents",
        "A QFDD becomes a valid Questionnaire that can be asked.",
        "QFDD comes in by `kommunalpro import-questionnaire`. The operations on documents (upload of QFDD, to QFDD, to "
        "and from QRD) are not offered: what they would refuse cannot be seen, only that they say so.",
    ),
    26: Item(
        "The log",
        "One AuditEvent for each request and citizen that it touched, with who, what and the trace id, and no number.",
        "A request that shows nobody's data leaves none.",
    ),
    27: Item(
        "Care teams",
        "`$update-care-teams` keeps the history and goes down to sub-plans; `$suggest-care-teams` finds the active "
        "teams of a place that see to all conditions of a plan.",
    ),
    28: Item(
        "Citizens",
        "Home address, official name and number are the register's; `$createPatient` gives the same citizen each time.",
    ),
    29: Item(
        "Of every resource",
        "An unknown search parameter is refused, as is a change of what one has not seen the last version of; a patch "
        "is a JSON Patch.",
    ),
}
