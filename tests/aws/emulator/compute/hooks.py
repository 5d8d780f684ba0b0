"""PAUSE lifecycle hooks: a deployment waits at a stage until somebody continues it, rolls it back, or its time is over.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/continue-service-deployment.html
"""
import datetime
import uuid

from moto.core.utils import utcnow

from .interrupt import Interrupt

STAGES = ("RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT", "PRE_PRODUCTION_TRAFFIC_SHIFT",
          "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT")
NOT_PAUSED = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
DAY_MINUTES = 1440


class Refused(Exception):
    """A hook that ECS, or this emulator, does not take."""


def check(configuration):
    """Raises Refused for hooks that cannot be."""
    for hook in configuration.get("lifecycleHooks") or []:
        stages = hook.get("lifecycleStages") or []
        if hook.get("targetType", "AWS_LAMBDA") != "PAUSE":
            raise Refused("The emulator runs no Lambda functions, so it takes no lifecycle hook but PAUSE.")
        wrong = [one for one in stages if one not in STAGES or one in NOT_PAUSED]
        if wrong or not stages:
            raise Refused(f"PAUSE lifecycle hooks cannot be configured at the stage {', '.join(wrong) or '(none)'}.")


class Hook:
    """One hook that a deployment has reached."""

    def __init__(self, given, minute_s):
        limits = given.get("timeoutConfiguration") or {}
        self.id, self.status, self.answer = str(uuid.uuid4()), "AWAITING_ACTION", None
        self.timeout_action, minutes = limits.get("action", "ROLLBACK"), limits.get("timeoutInMinutes", DAY_MINUTES)
        self.seconds = minutes * minute_s
        self.expires = utcnow() + datetime.timedelta(seconds=self.seconds)

    def describe(self):
        return {"hookId": self.id, "targetType": "PAUSE", "status": self.status, "expiresAt": self.expires, "timeoutAction": self.timeout_action}


def run(deployment, stage):
    """Waits at every hook of a stage, one after the other. For the deployment's process."""
    for given in deployment.configuration.get("lifecycleHooks") or []:
        if stage not in given["lifecycleStages"]:
            continue
        hook = Hook(given, deployment.service.settings.minute_s)
        deployment.hooks = [*deployment.hooks, hook]
        answered = yield from deployment.wait(lambda hook=hook: hook.answer, hook.seconds)
        if not answered:
            hook.status, hook.answer = "TIMED_OUT", hook.timeout_action
        else:
            hook.status = "SUCCEEDED" if hook.answer == "CONTINUE" else "FAILED"
        if hook.answer == "ROLLBACK":
            how = "was rolled back" if answered else "timed out"
            raise Interrupt(f"Service deployment rolled back because a lifecycle hook {how} at {stage}.", True)
