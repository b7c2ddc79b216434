"""A file of units from FK Organisation, the municipalities' joint organisation register."""

from kommunalpro.integrations.fk_organisation.reading import Fault, FkFile, FkUnit, NotThisFile, Overview

__all__ = ["Fault", "FkFile", "FkUnit", "NotThisFile", "Overview"]
