"""What can go wrong in this room; every error carries a message for the person who can mend it."""

from datetime import datetime


class StorageError(Exception):
    """Base of all errors of this room."""


class DatabaseBusy(StorageError):
    """The database stayed locked by another process for longer than we wait."""


class SchemaTooNew(StorageError):
    """The database was made by a newer version of Vuistregel."""


class SchemaTooOld(StorageError):
    """The database must be upgraded first (``vuistregel db upgrade``)."""


class KeyProblem(StorageError):
    """A key is missing, malformed, or is not the one that the data was sealed with."""


class SealBroken(StorageError):
    """A sealed value does not open: damaged, or moved from another row or column."""


class NotAllowed(StorageError):
    """This person may not do this; the same answer whether or not the thing exists."""


class NotNow(StorageError):
    """The step does not fit the state of the report, draft or round."""


class TooMany(StorageError):
    """A limit is reached. ``until`` says when the next one may come."""

    def __init__(self, until: datetime) -> None:
        super().__init__("limit reached")
        self.until = until


class RosterProblem(StorageError):
    """A roster file cannot be imported. ``problems`` names every bad line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
