#!/usr/bin/env python
"""Django's own commands, with the settings that the environment asks for."""

import os
import sys

from django.core.management import execute_from_command_line

from kommunalpro.config.environment import ConfigurationError, choose_settings

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", choose_settings(os.environ))
    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as wrong:
        sys.exit(str(wrong))
