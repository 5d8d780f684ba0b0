"""The life of a stack as states: create, update, roll back, continue, delete."""
from . import schedule
from .engine import Operation
from .errors import invalid
from .stack import now

ROLLBACK_REQUESTED = "The following resource(s) failed to {verb}: [{names}]. "


def failed_words(failure, stack, verb):
    names = [name for name in failure.reasons if name in stack.resources]
    if not names:  # an alarm, not a resource
        return next(iter(failure.reasons.values()))
    return ROLLBACK_REQUESTED.format(verb=verb, names=", ".join(names))


def refuse_unless(stack, allowed, words=None):
    """One operation at a time, and only in states that allow it."""
    if stack.status not in allowed:
        raise invalid(words or f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
             "CREATE_FAILED", "UPDATE_FAILED")


def create(stack, target, settings, on_failure="ROLLBACK", token=None, retain_except_on_create=False, done=lambda ok: None):
    """Creates all resources of a stack that is under review. on_failure: ROLLBACK, DELETE or DO_NOTHING."""
    operation = Operation(stack, target, settings, token)
    stack.target, stack.disable_rollback, stack.cancelled = target, on_failure == "DO_NOTHING", False
    stack.begin("CREATE_STACK")
    stack.set_status("CREATE_IN_PROGRESS", "User Initiated")

    def body():
        try:
            operation.apply()
            operation.succeed("CREATE_COMPLETE")
            return done(True)
        except schedule.Cancelled:
            return done(False)
        except schedule.Failure as failure:
            words = failed_words(failure, stack, "create")
        done(False)
        stack.undo = operation.journal
        if on_failure == "DO_NOTHING":
            stack.set_status("CREATE_FAILED", words)
        elif on_failure == "DELETE":
            delete_body(operation, "DELETE_IN_PROGRESS", words + "Delete requested by user.", ())
        else:
            rollback_creation(operation, words + "Rollback requested by user.", retain_except_on_create)

    operation.start(body)


def rollback_creation(operation, words, retain_except_on_create=False):
    """Deletes what a failed creation made: ROLLBACK_COMPLETE, or ROLLBACK_FAILED."""
    stack = operation.stack
    stack.set_status("ROLLBACK_IN_PROGRESS", words)

    def policy_of(resource):
        return "Delete" if retain_except_on_create or resource.deletion_policy == "Snapshot" else resource.deletion_policy

    try:
        operation.remove_all(list(stack.resources.values()), policy_of, rollback=True)
        stack.undo, stack.outputs = None, []
        stack.set_status("ROLLBACK_COMPLETE")
    except schedule.Failure as failure:
        stack.set_status("ROLLBACK_FAILED", failed_words(failure, stack, "delete"))


def update(stack, target, settings, disable_rollback=False, token=None, done=lambda ok: None):
    """Brings a stack to a new target."""
    operation = Operation(stack, target, settings, token)
    stack.disable_rollback, stack.cancelled, stack.updated = disable_rollback, False, now()
    stack.begin("UPDATE_STACK")
    stack.set_status("UPDATE_IN_PROGRESS", "User Initiated")

    def body():
        try:
            operation.apply()
        except schedule.Cancelled:
            done(False)
            return rollback_update(operation, "User Initiated", ())
        except schedule.Failure as failure:
            words = failed_words(failure, stack, "update" if any(
                entry[0] != "create" for entry in operation.journal if entry[1] in failure.reasons) else "create")
            done(False)
            stack.undo = operation.journal
            if disable_rollback:
                return stack.set_status("UPDATE_FAILED", words)
            return rollback_update(operation, words, ())
        clean_up_update(operation)
        done(True)

    operation.start(body)


def clean_up_update(operation):
    """Deletes what the new template no longer has and what was replaced. Failures do not undo the update."""
    stack, wanted = operation.stack, operation.wanted()
    stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    removed = [r for name, r in stack.resources.items() if name not in wanted]
    replaced = {id(r) for r in operation.cleanup}
    try:
        operation.remove_all(removed, lambda r: r.deletion_policy)
    except schedule.Failure:
        pass  # AWS reports DELETE_FAILED of the resource and completes all the same
    for name in [r.logical_id for r in removed]:
        stack.resources.pop(name, None)
    try:
        operation.remove_all([r for r in operation.cleanup if id(r) in replaced], lambda r: r.replace_policy)
    except schedule.Failure:
        pass
    operation.succeed("UPDATE_COMPLETE")


def rollback_update(operation, words, skip):
    """Takes back what the journal says, newest first: UPDATE_ROLLBACK_COMPLETE, or UPDATE_ROLLBACK_FAILED."""
    stack = operation.stack
    stack.cancelled = False
    stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", words)
    new_resources, failed = [], {}
    for entry in reversed(list(operation.journal)):
        if failed:
            break
        take_back(operation, entry, skip, new_resources, failed)
    if failed:
        stack.undo = operation.journal
        return stack.set_status("UPDATE_ROLLBACK_FAILED", ROLLBACK_REQUESTED.format(verb="update", names=", ".join(failed)))
    stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    try:
        operation.remove_all(new_resources, lambda r: "Delete" if r.deletion_policy != "Retain" else "Retain", rollback=True)
    except schedule.Failure:
        pass
    for resource in new_resources:
        operation.forget(resource)
    stack.undo, stack.replaced = None, []
    stack.set_status("UPDATE_ROLLBACK_COMPLETE")


def take_back(operation, entry, skip, new_resources, failed):
    """Undoes one entry of the journal and removes it from there; records a failure instead."""
    kind, logical_id, old, new = entry
    stack = operation.stack
    if kind in ("create", "replace") and new.physical_id:
        new_resources.append(new)
    if kind == "create" and not new.physical_id:
        operation.forget(new)
    if kind == "keep":
        stack.resources[logical_id] = old
    elif kind == "replace":
        back = old.clone()
        stack.resources[logical_id] = back
        operation.mark(back, "UPDATE_COMPLETE")
    elif kind == "update":
        back = old.clone()
        stack.resources[logical_id] = back
        if logical_id in skip:
            operation.mark(back, "UPDATE_COMPLETE", "Resource was skipped in the rollback as requested")
        elif not revert(operation, new, back):
            stack.resources[logical_id] = new
            operation.mark(new, "UPDATE_FAILED", back.reason)
            failed[logical_id] = back.reason
            return
    operation.journal.remove(entry)


def revert(operation, new, back):
    """Updates one resource back to what it was; false when that fails."""
    def begin():
        operation.mark(back, "UPDATE_IN_PROGRESS")
        operation.update_in_place(new, back, "ROLLBACK", back.properties, operation.stack.target)

    def fail(error):
        from .context import reason_of
        back.reason = reason_of(error)
        return back.reason

    step = schedule.Step(back.logical_id, set(), begin, lambda: operation.mark(back, "UPDATE_COMPLETE"), fail, None, None,
                         "UPDATE", back.type)
    try:
        schedule.run([step], operation.stack, operation.settings)
        return True
    except schedule.Failure:
        return False


def continue_rollback(stack, settings, skip, role, token=None):
    """ContinueUpdateRollback."""
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not continue rollback.")
    unknown = [name for name in skip if name not in stack.resources or stack.resources[name].status != "UPDATE_FAILED"]
    if unknown:
        raise invalid(f"Resources to skip [{', '.join(unknown)}] are not in UPDATE_FAILED state")
    operation = Operation(stack, stack.target, settings, token)
    stack.begin("CONTINUE_ROLLBACK")
    operation.start(lambda: rollback_update(operation, "User Initiated", skip))


def rollback_stack(stack, settings, token=None):
    """RollbackStack: takes back a failed creation or update that was left as it was."""
    if stack.status not in ("CREATE_FAILED", "UPDATE_FAILED"):
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    operation = Operation(stack, stack.target, settings, token)
    stack.begin("ROLLBACK")
    if stack.status == "CREATE_FAILED":
        operation.start(lambda: rollback_creation(operation, "User Initiated"))
    else:
        operation.start(lambda: rollback_update(operation, "User Initiated", ()))


def cancel_update(stack, settings):
    """CancelUpdateStack: only while an update runs."""
    if stack.status != "UPDATE_IN_PROGRESS":
        raise invalid(f"CancelUpdateStack cannot be called from current stack status {stack.status}")
    with settings.changed:
        stack.cancelled = True
        settings.changed.notify_all()


def delete(stack, settings, retain, principal, token=None):
    """DeleteStack. Deleting while the stack is created stops the creation first."""
    if stack.termination_protection:
        raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    if retain and stack.status != "DELETE_FAILED":
        raise invalid(f"Invalid operation on stack [{stack.id}]. RetainResources can be specified only when the stack is in DELETE_FAILED state")
    busy = stack.status.endswith("_IN_PROGRESS") and stack.status not in ("CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS")
    if stack.status == "DELETE_IN_PROGRESS":
        return
    if busy:
        raise invalid(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")
    running = stack.operation
    with settings.changed:
        stack.cancelled = True
        settings.changed.notify_all()
    stack.begin("DELETE_STACK")
    stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
    stack.target.principal = principal

    def body():
        if running:
            running.join()
        stack.cancelled = False
        if stack.status != "DELETE_IN_PROGRESS":  # the creation ended at the very moment of the deletion
            stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
        delete_body(Operation(stack, stack.target, settings, token), None, None, retain)

    Operation(stack, stack.target, settings, token).start(body)


def delete_body(operation, status, words, retain):
    stack = operation.stack
    if status:
        stack.set_status(status, words)
    try:
        operation.remove_all(list(stack.resources.values()),
                             lambda r: "Retain" if r.logical_id in retain else r.deletion_policy)
    except schedule.Failure as failure:
        return stack.set_status("DELETE_FAILED", ROLLBACK_REQUESTED.format(verb="delete", names=", ".join(failure.reasons)))
    stack.deleted, stack.outputs = now(), []
    stack.set_status("DELETE_COMPLETE")
