"""Production: no demo login, TLS, and a start that is refused when a secret is missing or weak."""

from kommunalpro.config.environment import ConfigurationError
from kommunalpro.config.settings.base import *
from kommunalpro.config.settings.base import ENVIRONMENT

if ENVIRONMENT.demo or not ENVIRONMENT.secret_key:
    raise ConfigurationError(["KOMMUNALPRO_DEMO: say False; production never starts with demo login."])

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [
    f"https://*{host}" if host.startswith(".") else f"https://{host}" for host in ENVIRONMENT.allowed_hosts
]
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if ENVIRONMENT.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
