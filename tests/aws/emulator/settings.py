"""What a test may turn: delays, page size, faults. One instance per emulator, changed through /golive-test/."""
import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """The next time `logical_id` of `stack` is created, updated or deleted, it fails for `reason`."""
    stack: str
    logical_id: str
    operation: str  # CREATE, UPDATE, DELETE, ROLLBACK (an update being taken back), ANY; CREATE_END, UPDATE_END: after the delay
    reason: str
    times: int = 1  # 0: always


@dataclass
class Settings:
    change_set_s: float = 0.0  # how long a change set stays in CREATE_IN_PROGRESS
    drift_s: float = 0.0  # how long a drift detection takes
    resource_s: float = 0.0  # how long every resource stays in *_IN_PROGRESS
    type_s: dict = field(default_factory=dict)  # the same, for a resource type
    slow_s: dict = field(default_factory=dict)  # the same, for (stack, logical id, operation or ANY)
    frozen: set = field(default_factory=set)  # (stack, logical id, operation or ANY) that do not finish until released
    faults: list = field(default_factory=list)
    invalidation_s: float = 0.0  # how long an invalidation is in progress
    page_size: int = 100  # items in one page of a listing
    minute_s: float = 60.0  # seconds that a minute takes: of MonitoringTimeInMinutes, of bake times, of a hook's time-out
    stage_s: dict = field(default_factory=dict)  # how long a stage of a service deployment lasts at least, by its name; PENDING, ROLLBACK too
    task_start_s: float = 0.0  # from PROVISIONING to RUNNING
    task_stop_s: float = 0.0  # from DEACTIVATING to STOPPED
    health_check_s: float = 0.0  # from RUNNING to the first health check
    distribution_s: float = 0.0  # how long a CloudFront distribution is InProgress
    snapshot_s: float = 0.0  # how long a manual RDS snapshot is being created
    scan_s: float = 0.0  # how long ECR's scan of an image is IN_PROGRESS
    check_images: bool = False  # whether a task of an image that ECR's repository does not have cannot start
    grace_s: float = 10.0  # how long a process behind a task may take until its first good health check
    runner_s: float = 0.0  # how long an operation of App Runner is in progress at least
    runner_rollback_s: float = 0.0  # how long it takes one back
    retry_s: float = 0.02  # until a task that failed is started again; twice as long each time, a second at most

    def __post_init__(self):
        self.changed = threading.Condition()  # wakes operations that wait for a release

    def delay_s(self, stack, logical_id, operation, resource_type):
        """Seconds this resource stays in progress, or None while it is frozen. operation: CREATE, UPDATE or DELETE."""
        keys = [(stack, logical_id, word) for word in (operation, "ANY")]
        if any(key in self.frozen for key in keys):
            return None
        slow = next((self.slow_s[key] for key in keys if key in self.slow_s), None)
        return slow if slow is not None else self.type_s.get(resource_type, self.resource_s)

    def take_fault(self, stack, logical_id, operation):
        """The reason for which this operation must fail now, or None. Counts the fault down."""
        with self.changed:
            for fault in self.faults:
                if fault.stack == stack and fault.logical_id == logical_id and fault.operation in (operation, "ANY"):
                    fault.times -= 1
                    if fault.times == 0:
                        self.faults.remove(fault)
                    return fault.reason
        return None
