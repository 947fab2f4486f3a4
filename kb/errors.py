"""Every error this project raises on purpose, as one small tree.

KbError                   anything we raise on purpose
|-- BadSetting            an environment variable has a value that cannot be used
|-- BadInput              what was brought does not fit: a list of problems
|-- BadQuery              the database does not understand the statement
|   `-- ReadOnly          a read tried to write, or to do what only an administrator may
|-- QueryTimeout          the statement ran longer than it may
|-- QueryTooLarge         the statement needed more memory than it may
|-- StoreConflict         a unique value is already taken
|-- StoreBusy             someone else has the data and could not be asked or waited for
`-- StoreUnavailable      no database answers
    `-- LoginRefused      a database answers and refuses the user or the password

A message names the thing, the value and what to do.
"""

# Names that say what happened; "Error" would add nothing.
# ruff: noqa: N818

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neo4j import exceptions as driver_errors


class KbError(Exception):
    """Anything raised on purpose here; the message is fit to show to the person at the terminal."""


class BadSetting(KbError):
    """One or more environment variables cannot be used; the message has one line for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what was brought. Prints as `where: what, value, remedy`."""

    where: str
    """File and line (`case/claims.yaml:12`), or the argument's name."""
    what: str
    value: object
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}, {self.value!r}, {self.remedy}"


class BadInput(KbError):
    """What was brought does not fit the model; `problems` holds each, the message one line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class BadQuery(KbError):
    """The database does not understand the statement, or a value in it does not fit."""


class ReadOnly(BadQuery):
    """A read tried to write, or to do what only an administrator may; nothing was changed."""


class QueryTimeout(KbError):
    """The statement ran longer than its limit and was ended by us or by the database."""


class QueryTooLarge(KbError):
    """The statement needed more memory than the database gives one transaction."""


class StoreConflict(KbError):
    """A value that must be unique is already taken; the transaction changed nothing."""


class StoreBusy(KbError):
    """Someone else has the data, or kept changing it, for longer than we wait."""


class StoreUnavailable(KbError):
    """No database answers at the address, or it is not the one we need."""


class LoginRefused(StoreUnavailable):
    """A database answers at the address and refuses the user or the password."""


# By `e.code`, which is the same on 5.26, 2026.x and the embedded engine; the GQL status of an error is not.
_BY_CODE: dict[str, type[KbError]] = {
    "Neo.ClientError.Security.Forbidden": ReadOnly,
    "Neo.ClientError.Statement.AccessMode": ReadOnly,
    # LOAD CSV, which the server's settings close.
    "Neo.ClientError.Statement.ExternalResourceFailed": ReadOnly,
    "Neo.ClientError.Schema.ConstraintValidationFailed": StoreConflict,
    "Neo.ClientError.Transaction.TransactionTimedOut": QueryTimeout,
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration": QueryTimeout,
    "Neo.TransientError.Transaction.Terminated": QueryTimeout,
    "Neo.ClientError.Transaction.Terminated": QueryTimeout,
    "Neo.TransientError.General.MemoryPoolOutOfMemoryError": QueryTooLarge,
    "Neo.TransientError.General.TransactionOutOfMemoryError": QueryTooLarge,
    "Neo.ClientError.Database.DatabaseNotFound": StoreUnavailable,
}
# An embedded engine that is ending takes a connection and knows its login no longer: "BEGIN not expected in state".
_BROKEN_OFF = "Neo.ClientError.Request.Invalid"
# These blame the statement. Others do not: a full disk is a client error of the transaction.
_STATEMENT_CODES = ("Neo.ClientError.Statement.", "Neo.ClientError.Procedure.", "Neo.ClientError.Schema.")


def from_driver(error: Exception) -> KbError:
    """The error of ours that a driver's `error` stands for, by class or code; else a plain KbError.

    Raise it `from` the driver's, which keeps the detail.
    """
    message = str(getattr(error, "message", None) or error)
    if isinstance(error, driver_errors.AuthError) and not isinstance(error, driver_errors.Forbidden):
        return LoginRefused(f"user or password refused: {message}; check NEO4J_USER and NEO4J_PASSWORD")
    code = str(getattr(error, "code", "") or "")
    if code in _BY_CODE:
        return _BY_CODE[code](message)
    if isinstance(error, driver_errors.TransientError):
        return StoreBusy(f"{message} ({code}); try again")
    gone = (driver_errors.ServiceUnavailable, driver_errors.SessionExpired, OSError)
    if code == _BROKEN_OFF or isinstance(error, gone):
        return StoreUnavailable(f"no database answers: {message}")
    if code.startswith(_STATEMENT_CODES):
        return BadQuery(message)
    return KbError(f"{message} ({code or type(error).__name__})")
