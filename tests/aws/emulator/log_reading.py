"""Where moto's CloudWatch Logs reads otherwise than AWS's.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html and API_GetLogEvents.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""
import json
import re

from moto.logs.models import LogGroup, LogStream
from moto.logs.responses import LogsResponse

TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')
JSON_TERM = re.compile(r'\{\s*\$\.([\w.]+)\s*(>=|<=|!=|=|>|<)\s*("?)([^"}]*?)\3\s*\}')
COMPARISONS = {"=": lambda one, other: one == other, "!=": lambda one, other: one != other, ">": lambda one, other: one > other,
               ">=": lambda one, other: one >= other, "<": lambda one, other: one < other, "<=": lambda one, other: one <= other}


class Pattern:
    """A filter pattern: terms that must be there, -terms that must not, ?terms of which one must, or one comparison of a JSON member."""

    def __init__(self, text):
        self.member = JSON_TERM.fullmatch(text.strip()) if text else None
        if text and text.strip()[:1] in ("{", "[") and not self.member:
            raise NotImplementedError(f"the emulator does not know the filter pattern {text}")
        found = [(sign, quoted or plain) for sign, quoted, plain in TERM.findall(text or "")] if not self.member else []
        self.all, self.none, self.any = ([term for sign, term in found if sign == wanted] for wanted in ("", "-", "?"))

    def matches(self, message):
        if self.member:
            return self._member_matches(message)
        return (all(one in message for one in self.all) and not any(one in message for one in self.none)
                and (not self.any or any(one in message for one in self.any)))

    def _member_matches(self, message):
        path, comparison, quote, wanted = self.member.groups()
        try:
            value = json.loads(message)
            for name in path.split("."):
                value = value[name]
            return COMPARISONS[comparison](*((str(value), wanted) if quote else (float(value), float(wanted))))
        except (ValueError, KeyError, TypeError):
            return False


def install():
    original_get, original_filter = LogStream.get_log_events, LogGroup.filter_log_events
    original_response = LogsResponse.filter_log_events

    def get_log_events(stream, start_time, end_time, *more):
        """endTime itself is not included."""
        return original_get(stream, start_time, end_time - 1 if end_time else end_time, *more)

    def filter_in_stream(stream, start_time, end_time, filter_pattern):
        pattern = Pattern(filter_pattern)
        fits = lambda one: (not start_time or one.timestamp >= start_time) and (not end_time or one.timestamp <= end_time)
        return [{**one.to_filter_dict(), "logStreamName": stream.log_stream_name} for one in stream.events if fits(one) and pattern.matches(one.message)]

    def filter_in_group(group, name, streams, start, end, limit, token, pattern, _interleaved):
        """Always interleaved, since 2019."""
        return original_filter(group, name, streams, start, end, limit, token, pattern, True)

    def filter_log_events(response):
        """Knows logStreamNamePrefix."""
        prefix = response._get_param("logStreamNamePrefix")
        group = response.logs_backend.groups.get(response._get_param("logGroupName"))
        if prefix and group:
            names = [name for name in group.streams if name.startswith(prefix)]
            if not names:
                return json.dumps({"events": [], "searchedLogStreams": []})
            response.body = json.dumps({**json.loads(response.body), "logStreamNames": names})
        return json.dumps({key: value for key, value in json.loads(original_response(response)).items() if value is not None})

    LogStream.get_log_events, LogStream.filter_log_events = get_log_events, filter_in_stream
    LogGroup.filter_log_events, LogsResponse.filter_log_events = filter_in_group, filter_log_events
