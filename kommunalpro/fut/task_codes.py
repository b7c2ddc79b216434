"""What Tasks are told apart by: which are open, what they are about, and by what they were closed."""

from datetime import timedelta

from kommunalpro.fhir.json import Json

OPEN = "requested,received,accepted,ready,in-progress,on-hold"
"""The states of an open Task, as a search takes them."""

MISSING = "MissingMeasurementResolving"
"""The category of what is missing."""
UNEXPECTED = "UnexpectedMeasurementResolving"
"""The category of what came when nobody had asked."""
FAILURE = "MeasurementForAssessmentFailureInAutoProcessing"
"""The category of what could not be done automatically."""
MISSED_BACK = timedelta(days=28)
"""What was to be answered longer ago is not looked for."""

ANSWERED = "Et svar er kommet."
"""The reason of a Task that an answer has closed, and nobody else: it is closed as long as the answer counts."""


def is_open(task: Json) -> bool:
    """Tell whether somebody is still to see to it."""
    return str(task["status"]) in OPEN.split(",")


def is_closed_by_answer(task: Json) -> bool:
    """Tell whether it was an answer that closed it, and no person."""
    return bool(task["status"] == "completed" and task.get("statusReason", {}).get("text") == ANSWERED)
