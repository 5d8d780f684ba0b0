"""How the tasks of an image or of a family behave: what POST /golive-test/image sets. Without a rule a task is healthy and serves."""
from dataclasses import dataclass, field, fields

STARTS = ("ok", "pull_error", "no_permission", "no_capacity", "exit")


@dataclass
class Behaviour:
    """One rule. All of it holds at the same time, so a task may be slow and fail."""
    start: str = "ok"  # one of STARTS
    exit_code: int = 1  # of start "exit" and of a task that dies
    healthy: bool = True  # false: no health check ever succeeds
    healthy_after_s: float = 0.0  # the first good health check comes so long after the start
    dies_after_s: float = 0.0  # 0: lives until it is stopped
    error_share: float = 0.0  # share of requests answered with 500, spread evenly
    slow_s: float = 0.0  # every answer takes that long
    # In these three, {image} is the task's image and {loopback} an address of 127/8 that it has for itself.
    forward: str = ""  # HOST:PORT of a process that answers instead; its answers are the health checks' too
    command: list = field(default_factory=list)  # argv of a process that is the task; its end is the task's end
    environment: dict = field(default_factory=dict)  # of that process, beside what the task definition says
    log: list = field(default_factory=list)  # lines that it writes to its log when it starts
    times: int = 0  # only so many tasks behave like this, the later ones are healthy; 0: all

    def __post_init__(self):
        if self.start not in STARTS:
            raise ValueError(f"start is one of {', '.join(STARTS)}, not {self.start!r}")
        self.left = self.times


HEALTHY = Behaviour()
RULES = {}  # digest, image reference or family: Behaviour


def put(key, given):
    """Sets a rule; of unknown words it says which there are."""
    known = [one.name for one in fields(Behaviour)]
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"no behaviour {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    RULES[key] = Behaviour(**given)


def find(image, family):
    """The rule of a task: by family, which is the most particular, by digest, by image reference; HEALTHY without one."""
    for key in (family, image.partition("@")[2], image):
        rule = RULES.get(key) if key else None
        if rule and (rule.left or not rule.times):
            return rule
    return HEALTHY


def take(image, family):
    """The behaviour of a task that starts now; counts it."""
    rule = find(image, family)
    rule.left -= 1 if rule.times else 0
    return rule
