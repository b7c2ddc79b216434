"""Who can log in."""

from django.db import models

USER_TYPES = [("PRACTITIONER", "PRACTITIONER"), ("PATIENT", "PATIENT")]


class Login(models.Model):
    """One login: a short name → the Practitioner or Patient it is. The demo's persons are these.

    Holds no CPR number: who a citizen is stands in their Patient resource.
    """

    key = models.SlugField(max_length=60, unique=True, help_text="What the person is chosen by: asta, nancy")
    user_type = models.CharField(max_length=12, choices=USER_TYPES)
    user_url = models.URLField(max_length=400, help_text="Absolute URL of the Practitioner or Patient")
    name = models.CharField(max_length=200, help_text="Display name")
    description = models.CharField(max_length=300, blank=True, help_text="Danish: who this is, in one line")
    is_demo = models.BooleanField(default=False, help_text="May be chosen from a list without any proof, in the demo")
    position = models.PositiveSmallIntegerField(default=0, help_text="Place in the demo's list")

    class Meta:
        ordering = ("position", "key")
        constraints = (
            models.CheckConstraint(
                name="identity_login_user_type_known",
                condition=models.Q(user_type__in=[code for code, _ in USER_TYPES]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} ({self.user_type})"
