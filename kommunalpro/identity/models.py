"""Who can log in, and who has, at a program that asked our OpenID provider."""

from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import models

if TYPE_CHECKING:
    from kommunalpro.identity.provider.clients import Client

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


class SignIn(models.Model):
    """Somebody has signed in at a program, by the demo's OpenID provider. Holds digests, never a code or a token.

    Authlib reads it as a code and as a refresh token, so it has the methods that Authlib asks both for.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid4, editable=False, help_text="What its refresh tokens begin with"
    )
    sid = models.CharField(max_length=40, unique=True, help_text="What its ID tokens call it")
    client_id = models.CharField(max_length=100)
    person = models.CharField(max_length=60, help_text="Login.key of who it is")
    redirect_uri = models.CharField(max_length=2000)
    scope = models.CharField(max_length=400)
    nonce = models.CharField(max_length=400, blank=True)
    code_challenge = models.CharField(
        max_length=128, blank=True, help_text="PKCE, S256; blank: the program has a secret"
    )
    code_digest = models.CharField(max_length=64, unique=True)
    refresh_digest = models.CharField(max_length=64, blank=True, help_text="Of the one that counts; blank: none yet")
    chosen_at = models.DateTimeField(help_text="When the person was chosen, at this program or another")
    begun_at = models.DateTimeField(help_text="When the code was given")
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, help_text="Logged out, or a code or token was used twice")

    code_challenge_method = "S256"

    class Meta:
        verbose_name = "sign-in"

    def __str__(self) -> str:
        return f"{self.person} at {self.client_id}"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.chosen_at.timestamp())

    def get_acr(self) -> None:
        """Nobody has proved anything."""

    def get_amr(self) -> None:
        """Nobody has proved anything."""

    def check_client(self, client: "Client") -> bool:
        return self.client_id == client.client_id


class Elsewhere(models.Model):
    """Somebody has signed in here, at the national infrastructure's identity provider.

    The refresh token is encrypted with SECRET_KEY. Never holds a CPR number.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False, help_text="What the session remembers")
    user = models.URLField(max_length=400, help_text="Absolute URL of the Practitioner or Patient, as it is here")
    user_type = models.CharField(max_length=12, choices=USER_TYPES)
    refresh_token = models.TextField(help_text="The one that counts, encrypted")
    begun_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "sign-in elsewhere"
        verbose_name_plural = "sign-ins elsewhere"

    def __str__(self) -> str:
        return f"{self.user_type} {self.id}"
