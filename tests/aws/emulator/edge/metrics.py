"""GetMetricData and GetMetricStatistics: percentiles, metric math, and AWS/ApplicationELB from what the edge counted.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""
import datetime
import math
import re

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue, ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from . import counts, expression

ZONE = datetime.timezone.utc


def percentile(values, share):
    """The value below which that share in percent of all values lies, between two neighbours in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


STATISTICS = {"Sum": sum, "Average": lambda values: sum(values) / len(values), "Minimum": min, "Maximum": max,
              "SampleCount": lambda values: float(len(values))}


def statistic(name, values):
    """A statistic of at least one value."""
    if name in STATISTICS:
        return STATISTICS[name](values)
    found = re.fullmatch(r"p(\d{1,3}(?:\.\d+)?)", name)
    if not found or float(found.group(1)) > 100:
        raise InvalidParameterValue(f"The value {name} for parameter Stat is not supported.")
    return percentile(values, float(found.group(1)))


def seconds(moment):
    """Unix time of a datetime, or of its text; without a zone it is UTC."""
    if isinstance(moment, str):
        moment = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).timestamp()


class Series:
    """The samples of one metric, whoever wrote them."""

    def __init__(self, backend, namespace, name, given, unit=None):
        self.wanted = frozenset((one["Name"], one["Value"]) for one in given or [])
        self.name, self.is_gauge = name, namespace == counts.NAMESPACE and name in counts.GAUGES
        self.pairs = counts.samples(name, self.wanted) if namespace in (counts.NAMESPACE, counts.RUNNER) else []
        for one in backend.metric_data:
            same = one.namespace == namespace and one.name == name and (not unit or one.unit == unit)
            if same and frozenset((dimension.name, dimension.value) for dimension in one.dimensions) == self.wanted:
                self.pairs += self._of(one)

    @staticmethod
    def _of(datum):
        moment = seconds(datum.timestamp)
        if hasattr(datum, "sample_count"):  # given as statistics: the extremes, and the mean for the others
            inner = max(0, int(datum.sample_count) - 2)
            rest = (datum.sum - datum.min - datum.max) / inner if inner else 0
            return [(moment, value) for value in [datum.min, datum.max][:int(datum.sample_count)] + [rest] * inner]
        return [(moment, float(datum.value))]

    def periods(self, begin, end, period):
        """{start of a period: values in it}, periods being multiples of their length as at CloudWatch."""
        first, found = int(begin // period * period), {}
        if self.is_gauge:
            for start in range(first, math.ceil(end), period):
                values = counts.gauge(self.name, self.wanted, max(start, begin), min(start + period, end))
                if values:
                    found[start] = values
        for moment, value in self.pairs:
            if begin <= moment < end:
                found.setdefault(int(moment // period * period), []).append(value)
        return found


def _limits(start_time, end_time):
    begin, end = seconds(start_time), seconds(end_time)
    if begin >= end:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    return begin, end


def _points(backend, query, begin, end):
    given = query["MetricStat"]
    metric, period = given["Metric"], int(given["Period"])
    series = Series(backend, metric["Namespace"], metric["MetricName"], metric.get("Dimensions"), given.get("Unit"))
    return {start: statistic(given["Stat"], values) for start, values in series.periods(begin, end, period).items()}


def _math(query, known):
    try:
        return expression.evaluate(query["Expression"], known)
    except (expression.Unknown, SyntaxError) as error:
        raise ValidationError(f"Error in expression '{query['Id']}': {error}") from error


def get_metric_data(backend, queries, start_time, end_time, scan_by="TimestampDescending"):
    """In place of moto's: results in the order of the queries, expressions over any earlier or later ones."""
    begin, end = _limits(start_time, end_time)
    known = {one["Id"]: _points(backend, one, begin, end) for one in queries if "MetricStat" in one}
    for one in queries:
        if "Expression" in one:
            known[one["Id"]] = _math(one, {name: points for name, points in known.items() if name != one["Id"]})
    found = []
    for one in queries:
        if str(one.get("ReturnData", True)).lower() == "true":
            moments = sorted(known[one["Id"]], reverse=scan_by != "TimestampAscending")
            name = one["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in one else one["Id"]
            found.append({"id": one["Id"], "label": one.get("Label") or name, "status_code": "Complete",
                          "timestamps": [datetime.datetime.fromtimestamp(moment, ZONE) for moment in moments],
                          "values": [float(known[one["Id"]][moment]) for moment in moments]})
    return found


def get_metric_statistics(response):
    """In place of moto's, which has no ExtendedStatistics."""
    plain, extended = response._get_param("Statistics", []), response._get_param("ExtendedStatistics", [])
    if not plain and not extended:
        raise InvalidParameterCombination("Must specify either Statistics or ExtendedStatistics")
    begin, end = _limits(response._get_param("StartTime"), response._get_param("EndTime"))
    name, unit = response._get_param("MetricName"), response._get_param("Unit")
    series = Series(response.cloudwatch_backend, response._get_param("Namespace"), name, response._get_param("Dimensions", []), unit)
    points = []
    for start, values in sorted(series.periods(begin, end, response._get_int_param("Period")).items()):
        point = {one: statistic(one, values) for one in plain}
        point.update({"Timestamp": datetime.datetime.fromtimestamp(start, ZONE), "Unit": unit or ("Seconds" if name == "TargetResponseTime" else "Count")})
        if extended:
            point["ExtendedStatistics"] = {one: statistic(one, values) for one in extended}
        points.append(point)
    return ActionResult({"Label": name, "Datapoints": points})


def install():
    CloudWatchBackend.get_metric_data = get_metric_data
    CloudWatchResponse.get_metric_statistics = get_metric_statistics
