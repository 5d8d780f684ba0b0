"""CloudWatch's metric math, as far as alarms and gates of golive use it: numbers, ids, + - * /, comparisons, and FUNCTIONS.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""
import ast
import operator

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: lambda one, other: one / other if other else None,
             ast.Pow: operator.pow, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Eq: operator.eq,
             ast.NotEq: operator.ne}


class Unknown(Exception):
    """A part of an expression that the emulator does not know."""


def _both(kind, one, other):
    return None if one is None or other is None else OPERATORS[type(kind)](one, other)


class Moment:
    """An expression at one moment. series: {id: {moment: value}}."""

    def __init__(self, series, moment):
        self.series, self.moment = series, moment

    def value(self, node):
        name = "_" + type(node).__name__.lower()
        if not hasattr(self, name):
            raise Unknown(f"no {type(node).__name__} in expressions of the emulator")
        return getattr(self, name)(node)

    def _expression(self, node):
        return self.value(node.body)

    def _constant(self, node):
        return node.value

    def _name(self, node):
        if node.id not in self.series:
            raise Unknown(f"no metric {node.id}")
        return self.series[node.id].get(self.moment)

    def _unaryop(self, node):
        value = self.value(node.operand)
        return None if value is None else not value if isinstance(node.op, ast.Not) else -value

    def _binop(self, node):
        return _both(node.op, self.value(node.left), self.value(node.right))

    def _compare(self, node):
        found = _both(node.ops[0], self.value(node.left), self.value(node.comparators[0]))
        return None if found is None else float(found)

    def _boolop(self, node):
        values = [bool(self.value(one)) for one in node.values]
        return float(all(values) if isinstance(node.op, ast.And) else any(values))

    def _list(self, node):
        return [self.value(one) for one in node.elts]

    def _call(self, node):
        function = FUNCTIONS.get(node.func.id.upper())
        if function is None:
            raise Unknown(f"no function {node.func.id} in the emulator; there are {', '.join(FUNCTIONS)}")
        return function(self, *node.args)


def _if(moment, condition, then, otherwise):
    return moment.value(then) if moment.value(condition) else moment.value(otherwise)


def _fill(moment, metric, filling):
    value = moment.value(metric)
    return moment.value(filling) if value is None else value


def _over(reduce):
    def function(moment, *nodes):
        values = [moment.series[name].get(moment.moment) for name in moment.series] if not nodes else []
        for node in nodes:
            found = moment.value(node)
            values += found if isinstance(found, list) else [found]
        values = [one for one in values if one is not None]
        return reduce(values) if values else None
    return function


FUNCTIONS = {"IF": _if, "FILL": _fill, "SUM": _over(sum), "MIN": _over(min), "MAX": _over(max), "AVG": _over(lambda values: sum(values) / len(values)),
             "ABS": _over(lambda values: abs(values[0])), "METRICS": lambda moment: [moment.series[name].get(moment.moment) for name in moment.series]}


def evaluate(text, series):
    """{moment: value} of an expression over series, at every moment that one of them has."""
    tree = ast.parse(text.replace("&&", " and ").replace("||", " or ").strip(), mode="eval")
    found = {moment: Moment(series, moment).value(tree) for moment in {one for values in series.values() for one in values}}
    return {moment: float(value) for moment, value in found.items() if value is not None}
