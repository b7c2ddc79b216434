"""Settings that hold everywhere; what differs stands in demo, test and production."""

from csp.constants import NONE, SELF

from kommunalpro.config.environment import PROJECT, VAR, read_own_environment

ENVIRONMENT = read_own_environment()

# --- What Kommunal PRO itself reads
FHIR_BASE_URL = ENVIRONMENT.fhir_base_url
KEYS_DIRECTORY = ENVIRONMENT.keys
EXPORTS_DIRECTORY = ENVIRONMENT.exports
EXPORT_HOURS = ENVIRONMENT.export_hours
REMINDER_DAYS = ENVIRONMENT.reminder_days
REMINDER_HOUR = ENVIRONMENT.reminder_hour
REQUEST_LIMIT = ENVIRONMENT.request_limit
REQUEST_SECONDS = ENVIRONMENT.request_seconds
STATEMENT_SECONDS = ENVIRONMENT.statement_seconds
WAITING = ENVIRONMENT.waiting
RATE_LIMIT = ENVIRONMENT.rate_limit
DRAIN_SECONDS = ENVIRONMENT.drain_seconds
METRICS_FROM = ENVIRONMENT.metrics_from
BEHIND_PROXY = ENVIRONMENT.behind_proxy
TOKEN_ISSUER = ENVIRONMENT.token_issuer
TOKEN_ISSUERS = ENVIRONMENT.token_issuers
TOKEN_AUDIENCE = ENVIRONMENT.token_audience
ISSUER_SECONDS = ENVIRONMENT.issuer_seconds
ISSUER_PAUSE_SECONDS = ENVIRONMENT.issuer_pause_seconds
OPENID_CLIENTS = ENVIRONMENT.openid_clients
BUNDLES = ENVIRONMENT.bundles
STRICT = ENVIRONMENT.strict
NATIONAL_OWNERS = ENVIRONMENT.national_owners
SERVICES = ENVIRONMENT.services
SERVICE_SECONDS = ENVIRONMENT.service_seconds
SIGN_IN = ENVIRONMENT.sign_in
CLOCK_FILE = ENVIRONMENT.clock_file
DEMO = False
"""Whether demo login, demo tokens and the OpenID provider exist at all."""

# --- Django
DEBUG = False
SECRET_KEY = ENVIRONMENT.secret_key or ""
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
ROOT_URLCONF = "kommunalpro.config.urls"
WSGI_APPLICATION = "kommunalpro.config.wsgi.application"
DATABASES = {"default": ENVIRONMENT.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "kommunalpro.fhirserver",
    "kommunalpro.identity",
    "kommunalpro.care",
    "kommunalpro.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "kommunalpro.web.shared.privacy.keep_nothing",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "kommunalpro.config.middleware.whole",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kommunalpro.config.middleware.infrastructure",
    "kommunalpro.web.shared.doors.Doors",
    "kommunalpro.web.shared.stamps.Stamps",
    "kommunalpro.web.shared.errors.Failures",
]
WEB = PROJECT / "kommunalpro" / "web"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [WEB / room / "templates" for room in ("shared", "citizen", "staff", "administration", "kam")],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "kommunalpro.web.shared.jinja.environment",
            "context_processors": ["kommunalpro.web.shared.jinja.site"],
        },
    }
]

# --- Language and time
LANGUAGE_CODE = "da"
LANGUAGES = [("da", "Dansk"), ("en", "English")]
LOCALE_PATHS = [WEB / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True

# --- Static files: our own, and what scripts/build_static.py builds from npm
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [directory for directory in (WEB / "static", WEB / "static-built") if directory.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Sessions, forms, browsers
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kommunalpro.web.shared.errors.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.request_limit
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Questionnaires carry their images inside them, so they come to the page as data.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Logs: JSON on stdout; a CPR number never leaves by this door
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "kommunalpro.config.log.JsonFormatter"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
    "root": {"handlers": ["stdout"], "level": ENVIRONMENT.log_level},
    # Django's own handlers are taken away: they would write the same line unmasked. So are those of the HTTP server.
    "loggers": {
        name: {"handlers": [], "propagate": True} for name in ("django", "django.server", "_granian", "granian.access")
    }
    # At DEBUG the library of the demo's OpenID provider writes the tokens that it gives.
    | {"authlib": {"level": "INFO"}},
}
