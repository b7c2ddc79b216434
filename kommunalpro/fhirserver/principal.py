"""Who acts, for whom, about whom: values that every call carries."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

UserType = Literal["PRACTITIONER", "PATIENT", "SYSTEM"]


@dataclass(frozen=True, slots=True)
class Context:
    """For whom, in which team, about whom, in which course of care: absolute FHIR URLs. None means not chosen."""

    organization: str | None = None
    care_team: str | None = None
    patient: str | None = None
    episode_of_care: str | None = None

    @property
    def patient_id(self) -> str:
        """The id of the patient; empty: none is chosen."""
        return (self.patient or "").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Principal:
    """The acting user, what they may do, and the context they do it in.

    `user` is the absolute URL of a Practitioner or Patient, or a system's name; `privileges` are FUT's
    (`CarePlan.read`, `$submit-measurement` ...). Never holds a CPR number.
    """

    user: str
    user_type: UserType
    name: str = ""
    privileges: frozenset[str] = frozenset()
    context: Context = field(default_factory=Context)
    system_tags: frozenset[str] = frozenset()

    def within(self, **context: Any) -> Self:
        """Give the same user in a context changed as named (`patient=`, `episode_of_care=` ...)."""
        return replace(self, context=replace(self.context, **context))
