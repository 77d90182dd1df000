"""Errors that the framework raises. `http_status_code` is what the HTTP layer answers with."""


class ValidationError(Exception):
    http_status_code = 417


class SiteNotSpecifiedError(Exception):
    pass


class IncorrectSitePath(Exception):
    http_status_code = 404


class SiteExistsError(ValidationError):
    pass


class AppNotInstalledError(ValidationError):
    pass


class AuthenticationError(Exception):
    http_status_code = 401


class SessionExpired(Exception):
    http_status_code = 401


class PermissionError(Exception):
    http_status_code = 403


class DoesNotExistError(ValidationError):
    http_status_code = 404


class PageDoesNotExistError(ValidationError):
    http_status_code = 404


class NameError(Exception):
    http_status_code = 409


class OutgoingEmailError(Exception):
    http_status_code = 501


class SessionStopped(Exception):
    http_status_code = 503


class UnsupportedMediaType(Exception):
    http_status_code = 415


class RequestToken(Exception):
    http_status_code = 200


class Redirect(Exception):
    http_status_code = 301

    def __init__(self, http_status_code: int = 301):
        super().__init__()
        self.http_status_code = http_status_code


class CSRFTokenError(Exception):
    http_status_code = 400


class TooManyRequestsError(Exception):
    http_status_code = 429


class RateLimitExceededError(TooManyRequestsError):
    pass


class ImproperDBConfigurationError(Exception):
    pass


class DuplicateEntryError(NameError):
    pass


class BadDocumentError(ValidationError, ValueError):
    """What is given is no document: it names no DocType, or a table is no list of rows."""


class DataError(ValidationError):
    pass


class UnknownDomainError(Exception):
    pass


class MappingMismatchError(ValidationError):
    pass


class InvalidStatusError(ValidationError):
    pass


class MandatoryError(ValidationError):
    pass


class NonNegativeError(ValidationError):
    pass


class InvalidSignatureError(ValidationError):
    pass


class InvalidEmailAddressError(ValidationError):
    pass


class InvalidNameError(ValidationError):
    pass


class InvalidPhoneNumberError(ValidationError):
    pass


class InvalidDateFormat(ValidationError):
    pass


class TemplateNotFoundError(ValidationError):
    pass


class UniqueValidationError(ValidationError):
    pass


class DocumentAlreadyRestored(ValidationError):
    """A deleted document was put back before."""


class AppNotFoundError(ValidationError):
    pass


class IncompatibleApp(ValidationError):
    pass


class InvalidDates(ValidationError):
    pass


class DataTooLongException(ValidationError):
    pass


class FileAlreadyAttachedException(Exception):
    pass


class DocumentLockedError(ValidationError):
    pass


class CircularLinkingError(ValidationError):
    pass


class SecurityException(Exception):
    http_status_code = 417


class InvalidColumnName(ValidationError):
    pass


class InvalidAuthorizationHeader(AuthenticationError):
    pass


class InvalidAuthorizationPrefix(AuthenticationError):
    pass


class InvalidAuthorizationToken(AuthenticationError):
    pass


class InvalidDatabaseFile(ValidationError):
    pass


class ExecutableNotFound(FileNotFoundError):
    pass


class InvalidRoundingMethod(FileNotFoundError):
    pass


class InvalidRemoteException(Exception):
    pass


class LinkExpired(ValidationError):
    http_status_code = 410


class InvalidKeyError(ValidationError):
    http_status_code = 401


class CommandFailedError(Exception):
    def __init__(self, message: str, out: str = "", err: str = ""):
        super().__init__(message)
        self.out = out
        self.err = err


class TimestampMismatchError(ValidationError):
    pass


class EmptyTableError(ValidationError):
    pass


class LinkExistsError(ValidationError):
    pass


class DocstatusTransitionError(ValidationError):
    pass


class CannotChangeConstantError(ValidationError):
    pass


class CannotCreateStandardDoctypeError(ValidationError):
    pass


class UpdateAfterSubmitError(ValidationError):
    pass


class LinkValidationError(ValidationError):
    pass


class CancelledLinkError(LinkValidationError):
    pass


class CharacterLengthExceededError(ValidationError):
    pass


class ImplicitCommitError(ValidationError):
    pass


class RetryBackgroundJobError(Exception):
    pass


class BulkImportError(ValidationError):
    pass


class UploadFailedError(ValidationError):
    pass


class MaxFileSizeReachedError(ValidationError):
    pass


class AttachmentLimitReached(ValidationError):
    pass


class FileTypeNotAllowed(ValidationError):
    pass


class PrintFormatError(ValidationError):
    pass


class PasswordExpired(AuthenticationError):
    pass


class UserLocked(AuthenticationError):
    pass


class QueryTimeoutError(Exception):
    pass


class QueryDeadlockError(Exception):
    pass


class InReadOnlyMode(ValidationError):
    http_status_code = 503


class WorkflowPermissionError(ValidationError):
    pass


class WorkflowTransitionError(ValidationError):
    pass


class WorkflowStateError(ValidationError):
    pass


class InvalidQueryError(ValidationError):
    pass


class UnpermittedQueryError(ValidationError):
    pass
