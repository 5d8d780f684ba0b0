"""The one exception that becomes an AWS error answer."""


class AwsError(Exception):
    """An error as AWS sends it: a code, words for people, and the HTTP status."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def invalid(message):
    """ValidationError, CloudFormation's answer to nearly everything it refuses."""
    return AwsError("ValidationError", message)
