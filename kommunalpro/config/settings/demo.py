"""The demo on this machine: SQLite in var/, demo login, loopback only."""

from kommunalpro.config.environment import ConfigurationError
from kommunalpro.config.settings.base import *
from kommunalpro.config.settings.base import ENVIRONMENT, KEYS_DIRECTORY
from kommunalpro.identity.keys import read_demo_secret

if not ENVIRONMENT.demo:
    raise ConfigurationError(["KOMMUNALPRO_DEMO: is False, so the demo settings may not be used."])

DEMO = True
SECRET_KEY = read_demo_secret(KEYS_DIRECTORY)
