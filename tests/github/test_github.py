#!/usr/bin/env python3
"""golive github check and apply beside GitHub's own description of its API."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
GOLIVE = os.environ["GOLIVE"]
TOKEN = "github_pat_11AAAAAAA0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789"
TESTS = []
PLAN = "Upgrade to GitHub Pro or make this repository public to enable this feature."
RULESET = ["ruleset_active", "ruleset_branch", "ruleset_bypass", "reviews", "stale_reviews", "checks", "strict_checks", "force_push",
           "deletion"]
WANTED = RULESET + ["branch_rules", "production", "production_branch", "production_other_branches", "staging", "staging_branch",
                    "staging_other_branches", "workflow_rights", "workflow_reviews", "dependabot_alerts", "secret_scanning",
                    "secret_scanning_push_protection"]


def judges():
    """The pinned Python environment runs this program anew."""
    venv = subprocess.run([ROOT / "scripts/venv", ROOT / "tests/github/requirements.txt"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()
    if os.path.realpath(sys.prefix) != os.path.realpath(venv):
        os.execv(f"{venv}/bin/python", [f"{venv}/bin/python", *sys.argv])


def test(function):
    TESTS.append(function)
    return function


def replaced(*pairs):
    def edit(text):
        for before, after in pairs:
            assert before in text, before
            text = text.replace(before, after)
        return text
    return edit


class World:
    """A project with the complete golive.yaml and its workflows, beside GitHub."""

    description = None

    def __init__(self, edit=lambda text: text, workflows=True):
        import github
        World.description = World.description or github.Description(subprocess.run(
            [ROOT / "scripts/github-openapi"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip())
        self.github = github.GitHub(World.description, TOKEN)
        self.repository = self.github.repository
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="golive-github-"))
        self.env = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": self.github.url, "HOME": str(self.dir), "AWS_EC2_METADATA_DISABLED": "true"}
        (self.dir / "backend").mkdir()
        (self.dir / "frontend").mkdir()
        shutil.copy(ROOT / "examples/glanceflow/frontend/package.json", self.dir / "frontend")
        self.configure(edit)
        subprocess.run(["git", "init", "-q", self.dir], check=True)
        if workflows:
            done = self.golive("generate", "workflows")
            assert done.code == 0, done.text

    def configure(self, edit):
        (self.dir / "golive.yaml").write_text(edit((ROOT / "docs/golive.example.yaml").read_text(encoding="utf-8")), encoding="utf-8")

    def golive(self, *words):
        env = {name: value for name, value in os.environ.items()
               if name not in ("GH_TOKEN", "GITHUB_TOKEN", "GITHUB_API_URL") and not name.startswith("AWS_")}
        done = subprocess.run([GOLIVE, *words], cwd=self.dir, env={**env, **self.env}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        assert TOKEN not in done.stdout + done.stderr, "the token is shown"
        return Done(done)

    def check(self, *flags):
        return self.golive("github", "check", "--format", "json", *flags)

    def apply(self, *flags):
        return self.golive("github", "apply", "--yes", "--format", "json", *flags)

    def own(self):
        return next(ruleset for ruleset in self.repository.rulesets.values() if ruleset["name"] == "golive")

    def close(self):
        self.github.close()
        shutil.rmtree(self.dir)


class Done:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.text = done.stdout + done.stderr

    def json(self):
        return json.loads(self.out)

    def states(self):
        return {setting["setting"]: setting["state"] for setting in self.json()["settings"]}

    def wrong(self):
        return {name: state for name, state in self.states().items() if state != "good"}


@contextlib.contextmanager
def world(**options):
    made = World(**options)
    try:
        yield made
        assert made.github.mistakes == [], made.github.mistakes
    finally:
        made.close()


@contextlib.contextmanager
def set_up(**options):
    """A repository that is as wanted."""
    with world(**options) as made:
        done = made.apply()
        assert done.code == 0, done.text
        made.github.requests.clear()
        yield made


def equal(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


def has(text, *words):
    for word in words:
        assert word in text, f"no {word!r} in: {text}"


# ---- the way it should go


@test
def check_lists_all_that_a_bare_repository_lacks():
    with world() as made:
        done = made.check()
        equal(done.code, 16)
        equal(list(done.states()), WANTED)
        good = {name for name, state in done.states().items() if state == "good"}
        equal(good, {"production_other_branches", "staging_other_branches"})
        equal(done.states()["branch_rules"], "weak")
        equal(made.github.writes(), [])
        text = made.golive("github", "check")
        equal(text.code, 16)
        has(text.text, "acme/glanceflow", "there is no ruleset golive", "backend, frontend, scan, image (by GitHub Actions)",
            "there is no such environment", "[3.1.3]", "19 of 21 settings", "golive github apply")


@test
def apply_makes_it_so_and_changes_nothing_again():
    with world() as made:
        done = made.apply()
        equal((done.code, done.err), (0, ""))
        equal(done.wrong(), {})
        equal(done.json()["written"], ["ruleset golive", "environment production", "environment staging", "actions",
                                       "dependabot alerts", "secret scanning"])
        made.github.requests.clear()
        equal(made.check().code, 0)
        again = made.apply()
        equal((again.code, again.wrong(), made.github.writes()), (0, {}, []))
        equal((again.json()["written"], again.json()["refused"]), ([], []))
        text = made.golive("github", "check")
        equal(text.code, 0)
        has(text.out, "All 21 settings are as golive.yaml wants them.")


@test
def what_is_sent_is_what_the_checklist_asks_for():
    with set_up() as made:
        own, repository = made.own(), made.repository
        rules = {rule["type"]: rule.get("parameters") for rule in own["rules"]}
        equal(own["enforcement"], "active")
        equal(own["bypass_actors"], [])
        equal(own["conditions"]["ref_name"], {"include": ["refs/heads/main"], "exclude": []})
        equal(set(rules), {"pull_request", "required_status_checks", "non_fast_forward", "deletion"})
        equal(rules["pull_request"]["required_approving_review_count"], 1)
        equal(rules["pull_request"]["dismiss_stale_reviews_on_push"], True)
        equal(rules["required_status_checks"]["strict_required_status_checks_policy"], True)
        equal(rules["required_status_checks"]["required_status_checks"],
              [{"context": name, "integration_id": 15368} for name in ("backend", "frontend", "scan", "image")])
        places = {name: [policy["name"] for policy in place["policies"]] for name, place in repository.environments.items()}
        equal(places, {"production": ["main"], "staging": ["develop"]})
        equal(repository.actions, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False})
        equal(repository.alerts, True)


@test
def the_ruleset_can_be_had_as_a_file():
    with set_up() as made:
        file = made.golive("github", "check", "--ruleset")
        equal((file.code, file.err, made.github.requests), (0, "", []))
        own = made.own()
        equal(file.json(), {name: own[name] for name in ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")})


@test
def nothing_is_written_unless_it_was_agreed_to():
    with world() as made:
        done = made.golive("github", "apply", "--dry-run")
        equal(done.code, 0)
        has(done.out, "there is no ruleset golive", "Nothing was changed.")
        done = made.golive("github", "apply")
        equal(done.code, 7)
        has(done.err, "nothing was changed: there is nobody to ask")
        equal(made.apply("--dry-run").code, 0)
        equal(made.github.writes(), [])


# ---- the ledger


def noted(made):
    """The events of golive github apply."""
    lines = made.golive("log", "--kind", "github", "--format", "json").out.splitlines()
    return [json.loads(line) for line in lines]


@test
def what_was_changed_stands_in_the_ledger():
    with world() as made:
        equal(made.golive("github", "apply", "--dry-run").code, 0)
        equal(noted(made), [])
        made.github.fault("repos/enable-vulnerability-alerts", 403, "Resource not accessible by personal access token")
        equal(made.apply().code, 7)
        event, = noted(made)
        equal((event["kind"], event["env"]), ("github.apply", "prod"))
        data = event["data"]
        equal((data["repository"], data["branch"], data["refused"]), ("acme/glanceflow", "main", ["dependabot alerts"]))
        equal({change["setting"] for change in data["changes"]},
              set(WANTED) - {"branch_rules", "dependabot_alerts", "production_other_branches", "staging_other_branches"})
        equal(next(change for change in data["changes"] if change["setting"] == "reviews"),
              {"setting": "reviews", "resource": "ruleset golive", "was": "there is no ruleset golive"})
        made.github.faults.clear()
        made.apply()
        equal([change["setting"] for change in noted(made)[-1]["data"]["changes"]], ["dependabot_alerts"])
        equal(made.apply().code, 0)
        equal(len(noted(made)), 2)
        equal(made.golive("log", "verify").code, 0)


@contextlib.contextmanager
def aws(account):
    """The emulator of tests/aws, in its own Python environment."""
    venv = subprocess.run([ROOT / "scripts/venv", ROOT / "tests/aws/requirements.txt"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    process = subprocess.Popen([f"{venv}/bin/python", "-m", "emulator", "-p", "0"], cwd=ROOT / "tests/aws", stdout=subprocess.PIPE, text=True,
                               env=os.environ | {"MOTO_ACCOUNT_ID": account})
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)


@test
def on_aws_it_is_the_team_s_ledger():
    with world() as made, aws("333333333333") as url:
        made.env.update(AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing")
        bucket = urllib.request.Request(f"{url}/glanceflow-ledger-333333333333-ap-northeast-1", method="PUT",
                                        data=b"<CreateBucketConfiguration><LocationConstraint>ap-northeast-1</LocationConstraint></CreateBucketConfiguration>",
                                        headers={"x-amz-bucket-object-lock-enabled": "true"})
        urllib.request.urlopen(bucket, timeout=30).close()
        equal(made.apply().code, 0)
        lines = made.golive("log", "--env", "prod", "--kind", "github", "--format", "json").out.splitlines()
        equal([json.loads(line)["data"]["repository"] for line in lines], ["acme/glanceflow"])
        equal(noted(made), [])


@test
def a_ledger_that_cannot_be_written_fails_nothing():
    with world() as made:
        (made.dir / ".golive").mkdir(exist_ok=True)
        (made.dir / ".golive/ledger.db").mkdir()
        done = made.apply()
        equal((done.code, done.wrong()), (0, {}))
        has(done.err, "the ledger has no word of these changes")


# ---- what somebody weakened


def rule(made, kind):
    return next(rule for rule in made.own()["rules"] if rule["type"] == kind)


def without(made, kind):
    made.own()["rules"] = [rule for rule in made.own()["rules"] if rule["type"] != kind]


def checks(made):
    return rule(made, "required_status_checks")["parameters"]["required_status_checks"]


WEAKENED = {
    "the ruleset is switched off": (lambda w: w.own().update(enforcement="disabled"), {"ruleset_active", "branch_rules"}),
    "it holds for another branch": (
        lambda w: w.own()["conditions"]["ref_name"].update(include=["refs/heads/old"]), {"ruleset_branch", "branch_rules"}),
    "the branch is excluded": (
        lambda w: w.own()["conditions"]["ref_name"].update(exclude=["refs/heads/ma*"]), {"ruleset_branch", "branch_rules"}),
    "administrators bypass it": (
        lambda w: w.own().update(bypass_actors=[{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]),
        {"ruleset_bypass"}),
    "no review is needed": (
        lambda w: rule(w, "pull_request")["parameters"].update(required_approving_review_count=0), {"reviews"}),
    "reviews outlive a push": (
        lambda w: rule(w, "pull_request")["parameters"].update(dismiss_stale_reviews_on_push=False), {"stale_reviews"}),
    "one may push directly": (lambda w: without(w, "pull_request"), {"reviews", "stale_reviews", "branch_rules"}),
    "a check is missing": (lambda w: checks(w).pop(0), {"checks"}),
    "anybody may report a check": (lambda w: checks(w)[1].pop("integration_id"), {"checks"}),
    "checks may be old": (
        lambda w: rule(w, "required_status_checks")["parameters"].update(strict_required_status_checks_policy=False),
        {"strict_checks"}),
    "no checks": (lambda w: without(w, "required_status_checks"), {"checks", "strict_checks", "branch_rules"}),
    "force pushes": (lambda w: without(w, "non_fast_forward"), {"force_push", "branch_rules"}),
    "deletion": (lambda w: without(w, "deletion"), {"deletion", "branch_rules"}),
    "production is gone": (lambda w: w.repository.environments.pop("production"), {"production", "production_branch"}),
    "any branch deploys": (
        lambda w: w.repository.environments["production"].update(deployment_branch_policy=None, policies=[]), {"production_branch"}),
    "protected branches deploy": (
        lambda w: w.repository.environments["staging"].update(
            deployment_branch_policy={"protected_branches": True, "custom_branch_policies": False}, policies=[]), {"staging_branch"}),
    "a tag of the branch's name deploys": (
        lambda w: w.repository.environments["production"]["policies"][0].update(type="tag"),
        {"production_branch", "production_other_branches"}),
    "another branch deploys": (
        lambda w: w.repository.environments["production"]["policies"].append(
            {"id": 9, "node_id": "E", "name": "hotfix/*", "type": "branch"}), {"production_other_branches"}),
    "workflows may write": (lambda w: w.repository.actions.update(default_workflow_permissions="write"), {"workflow_rights"}),
    "workflows approve": (lambda w: w.repository.actions.update(can_approve_pull_request_reviews=True), {"workflow_reviews"}),
    "no alerts": (lambda w: setattr(w.repository, "alerts", False), {"dependabot_alerts"}),
    "no scanning": (lambda w: w.repository.security.update(secret_scanning={"status": "disabled"}), {"secret_scanning"}),
    "no push protection": (
        lambda w: w.repository.security.update(secret_scanning_push_protection={"status": "disabled"}),
        {"secret_scanning_push_protection"}),
}
LEFT = {"production_other_branches"}


@test
def what_somebody_weakened_is_found_and_put_right():
    with set_up() as made:
        for title, (weaken, wanted) in WEAKENED.items():
            weaken(made)
            done = made.check()
            assert done.code == 16 and set(done.wrong()) == wanted, f"{title}: {done.wrong()}"
            done = made.apply()
            assert set(done.wrong()) == wanted & LEFT, f"{title}, after apply: {done.text}"
            assert done.code == (16 if wanted & LEFT else 0), f"{title}: {done.code} {done.text}"
            policies = made.repository.environments["production"]["policies"]
            policies[:] = [policy for policy in policies if policy["name"] == "main" and policy["type"] == "branch"]
            assert made.check().code == 0, title


@test
def each_part_is_weakened_somewhere():
    seen = set().union(*(wanted for _, wanted in WEAKENED.values()))
    equal(set(WANTED) - seen, {"staging", "staging_other_branches"})  # the same code as production's


# ---- protection of the branch from before there were rulesets


def protected(**changes):
    """As GitHub shows it; all that golive wants."""
    api = "https://api.github.com/repos/acme/glanceflow/branches/main/protection"
    names = ("backend", "frontend", "scan", "image")
    return {
        "url": api, "required_linear_history": {"enabled": False}, "block_creations": {"enabled": False},
        "required_status_checks": {"url": f"{api}/required_status_checks", "contexts_url": f"{api}/required_status_checks/contexts", "strict": True,
                                   "contexts": list(names), "checks": [{"context": name, "app_id": 15368} for name in names]},
        "enforce_admins": {"url": f"{api}/enforce_admins", "enabled": True},
        "required_pull_request_reviews": {"url": f"{api}/required_pull_request_reviews", "dismiss_stale_reviews": True,
                                          "require_code_owner_reviews": False, "required_approving_review_count": 1,
                                          "require_last_push_approval": False},
        "required_conversation_resolution": {"enabled": False}, "allow_force_pushes": {"enabled": False}, "allow_deletions": {"enabled": False},
        **changes}


@contextlib.contextmanager
def classic():
    """All is as wanted, the branch by its classic protection."""
    with set_up() as made:
        made.repository.rulesets.clear()
        made.repository.protection = protected()
        made.github.requests.clear()
        yield made


@test
def classic_protection_of_the_branch_counts():
    with classic() as made:
        done = made.check()
        equal((done.code, done.wrong()), (0, {}))
        equal((made.apply().code, made.github.writes(), made.repository.rulesets), (0, [], {}))
        has(made.golive("github", "check").out, "classic protection of the branch")
        made.repository.protection = None
        equal(set(made.check().wrong()), {*RULESET, "branch_rules"})


CLASSIC_WEAKENED = {
    "administrators bypass it": (lambda p: p["enforce_admins"].update(enabled=False), {"ruleset_bypass"}),
    "somebody needs no pull request": (
        lambda p: p["required_pull_request_reviews"].update(
            bypass_pull_request_allowances={"users": [], "teams": [], "apps": [World.description.example("integration") | {"id": 7}]}),
        {"ruleset_bypass"}),
    "no review is needed": (lambda p: p["required_pull_request_reviews"].update(required_approving_review_count=0), {"reviews"}),
    "reviews outlive a push": (lambda p: p["required_pull_request_reviews"].update(dismiss_stale_reviews=False), {"stale_reviews"}),
    "one may push directly": (lambda p: p.pop("required_pull_request_reviews"), {"reviews", "stale_reviews", "branch_rules"}),
    "a check is missing": (lambda p: p["required_status_checks"]["checks"].pop(), {"checks"}),
    "anybody may report a check": (lambda p: p["required_status_checks"]["checks"][0].update(app_id=None), {"checks"}),
    "checks may be old": (lambda p: p["required_status_checks"].update(strict=False), {"strict_checks"}),
    "no checks": (lambda p: p.pop("required_status_checks"), {"checks", "strict_checks", "branch_rules"}),
    "force pushes": (lambda p: p["allow_force_pushes"].update(enabled=True), {"force_push", "branch_rules"}),
    "deletion": (lambda p: p["allow_deletions"].update(enabled=True), {"deletion", "branch_rules"}),
}


@test
def what_classic_protection_lacks_is_found_and_comes_into_a_ruleset():
    with classic() as made:
        for title, (weaken, wanted) in CLASSIC_WEAKENED.items():
            made.repository.rulesets.clear()
            made.repository.protection = protected(required_linear_history={"enabled": True})
            weaken(made.repository.protection)
            before = json.dumps(made.repository.protection)
            done = made.check()
            assert done.code == 16 and set(done.wrong()) == wanted, f"{title}: {done.wrong()}"
            done = made.apply()
            assert (done.code, done.wrong()) == (0, {}), f"{title}, after apply: {done.text}"
            equal(len(made.repository.rulesets), 1)
            equal(json.dumps(made.repository.protection), before)
            made.repository.protection = None
            assert made.check().code == 0, f"{title}: the ruleset alone"


@test
def classic_protection_that_a_token_may_not_see_is_unknown():
    with classic() as made:
        made.repository.admin = False
        done = made.check()
        equal(done.code, 16)
        equal({name: state for name, state in done.states().items() if name in (*RULESET, "branch_rules")},
              dict.fromkeys((*RULESET, "branch_rules"), "unknown"))
        has(done.text, "administration=read")


# ---- what others made


@test
def rules_of_others_stay():
    """Also in golive's own ruleset, and what holds for all branches holds for this one."""
    others = {"id": 77, "name": "theirs", "target": "branch", "enforcement": "evaluate", "bypass_actors": [],
              "conditions": {"ref_name": {"include": ["~ALL"], "exclude": []}}, "rules": [{"type": "required_linear_history"}]}
    with world() as made:
        made.repository.rulesets[77] = json.loads(json.dumps(others))
        equal(made.apply().code, 0)
        equal(made.repository.rulesets[77], others)
        own = made.own()
        own["rules"].append({"type": "required_signatures"})
        own["conditions"]["ref_name"]["include"].append("refs/heads/release/*")
        pull_request = rule(made, "pull_request")["parameters"]
        pull_request.update(required_approving_review_count=3, require_code_owner_review=True, dismiss_stale_reviews_on_push=False)
        checks(made).append({"context": "licence"})
        equal(made.apply().code, 0)
        has(json.dumps(own), "required_signatures", "refs/heads/release/*", "licence")
        equal(pull_request | rule(made, "pull_request")["parameters"],
              pull_request | {"required_approving_review_count": 3, "require_code_owner_review": True,
                              "dismiss_stale_reviews_on_push": True})


@test
def protection_of_an_environment_that_others_set_stays():
    with world() as made:
        made.repository.teams["releasers"] = 900
        made.repository.environments["production"] = {
            "wait_timer": 30, "prevent_self_review": True, "reviewers": [{"type": "Team", "id": 900}, {"type": "User", "id": 501}],
            "deployment_branch_policy": None, "policies": []}
        equal(made.apply().code, 0)
        place = made.repository.environments["production"]
        equal((place["wait_timer"], place["prevent_self_review"]), (30, True))
        equal(place["reviewers"], [{"type": "Team", "id": 900}, {"type": "User", "id": 501}])
        equal([policy["name"] for policy in place["policies"]], ["main"])


@test
def the_team_breakglass_may_bypass():
    with set_up() as made:
        made.repository.teams["breakglass"] = 31
        actors = [{"actor_id": 31, "actor_type": "Team", "bypass_mode": "always"}]
        made.own()["bypass_actors"] = list(actors)
        equal(made.check().code, 0)
        made.own()["bypass_actors"] = [{"actor_id": 32, "actor_type": "Team", "bypass_mode": "always"}, *actors]
        equal(set(made.check().wrong()), {"ruleset_bypass"})
        equal((made.apply().code, made.own()["bypass_actors"]), (0, actors))


@test
def a_change_made_meanwhile_is_not_undone():
    """Between reading and writing somebody adds a rule: GitHub replaces rulesets as a whole."""
    with set_up() as made:
        made.repository.actions["default_workflow_permissions"] = "write"
        without(made, "deletion")
        seen = []
        read = made.repository.repos_get_repo_ruleset

        def later(path, query, body):
            seen.append(path)
            if len(seen) == 2:
                made.own()["rules"].append({"type": "required_signatures"})
            return read(path, query, body)
        made.repository.repos_get_repo_ruleset = later
        equal(made.apply().code, 0)
        has(json.dumps(made.own()["rules"]), "required_signatures", "deletion")


# ---- approval on GitHub


def on_github(*more):
    return replaced(("approval: {mode: golive_signature}", "approval: {mode: github_environment}"), *more)


REVIEWERS = ["production_reviewers", "production_other_reviewers", "production_self_review"]


@test
def approvers_become_reviewers():
    with world(edit=on_github()) as made:
        wrong = made.check().wrong()
        assert set(REVIEWERS) - set(wrong) == {"production_other_reviewers"}, wrong
        done = made.apply()
        equal((done.code, done.wrong()), (0, {}))
        place = made.repository.environments["production"]
        equal(place["prevent_self_review"], True)
        equal(sorted(entry["id"] for entry in place["reviewers"]), [502, 503])
        made.github.requests.clear()
        equal((made.apply().code, made.github.writes()), (0, []))
        place["reviewers"].append({"type": "User", "id": 501})
        place["prevent_self_review"] = False
        equal(made.check().wrong(), {"production_other_reviewers": "weak", "production_self_review": "differs"})
        equal(made.apply().wrong(), {"production_other_reviewers": "weak"})


@test
def an_approver_without_account_is_told():
    with world(edit=on_github()) as made:
        del made.repository.users["rtanaka"]
        done = made.apply()
        equal(done.code, 7)
        has(done.out, "GitHub has no account rtanaka", "people[].github")
        made.configure(on_github(("github: rtanaka, ", "")))
        done = made.check()
        equal(done.code, 3)
        has(done.err, "tanaka is to approve releases on GitHub, but has no account there")


# ---- what GitHub refuses


@test
def a_wrong_token_is_told_once():
    with world() as made:
        made.env["GITHUB_TOKEN"] = "ghp_wrong0123456789"
        done = made.golive("github", "check")
        equal((done.code, done.out), (7, ""))
        has(done.err, "GitHub answered 401", "Bad credentials", "GITHUB_TOKEN", "expired")
        assert "ghp_wrong" not in done.text
        equal(len(made.github.requests), 1)


@test
def no_token_is_told():
    with world() as made:
        made.env["GITHUB_TOKEN"] = ""
        done = made.golive("github", "check")
        equal(done.code, 7)
        has(done.err, "there is no token for GitHub", "GITHUB_TOKEN", "Administration")
        made.env["GITHUB_TOKEN"] = "two lines\nX-Injected: 1"
        done = made.golive("github", "check")
        equal(done.code, 3)
        assert "Injected" not in done.text
        equal(made.github.requests, [])


@test
def the_token_of_gh_is_used():
    with set_up() as made:
        bin_dir = made.dir / "bin"
        bin_dir.mkdir()
        (bin_dir / "gh").write_text(f'#!/bin/sh\n[ "$*" = "auth token --hostname 127.0.0.1" ] && echo {TOKEN}\n', encoding="utf-8")
        (bin_dir / "gh").chmod(0o755)
        made.env.update(GITHUB_TOKEN="", PATH=f"{bin_dir}:{os.environ['PATH']}")
        equal(made.check().code, 0)
        (bin_dir / "gh").write_text("#!/bin/sh\necho not logged in >&2\nexit 1\n", encoding="utf-8")
        done = made.check()
        equal(done.code, 7)
        has(done.err, "there is no token for GitHub")


@test
def a_missing_repository_is_told():
    with world() as made:
        made.repository.name = "acme/another"
        done = made.golive("github", "check")
        equal(done.code, 8)
        has(done.err, "GitHub answered 404", "acme/glanceflow", "app.repo", "may not")
        made.github.fault("repos/get", 301, {"message": "Moved Permanently", "url": "x", "documentation_url": "y"}, Location="/repositories/1")
        done = made.golive("github", "check")
        equal(done.code, 8)
        has(done.err, "another name now")


@test
def what_a_token_may_not_see_is_unknown():
    with set_up() as made:
        made.repository.admin = False
        done = made.check()
        equal(done.code, 16)
        equal(done.wrong(), dict.fromkeys(("ruleset_bypass", "workflow_rights", "workflow_reviews", "secret_scanning",
                                           "secret_scanning_push_protection"), "unknown"))
        has(done.out, "the right administration=read")
        has(done.err, "5 are not known")
        text = made.golive("github", "check")
        has(text.out, "Not read: actions: GitHub answered 403", "administration=read")


@test
def what_a_token_may_not_write_is_told_and_the_rest_is_done():
    with world() as made:
        made.github.fault("repos/create-repo-ruleset", 403, "Resource not accessible by personal access token",
                          **{"X-Accepted-GitHub-Permissions": "administration=write"})
        done = made.apply()
        equal(done.code, 7)
        refused = done.json()["refused"]
        equal([entry["resource"] for entry in refused], ["ruleset golive"])
        has(refused[0]["hint"], "administration=write")
        has(done.err, "GitHub refused 1 of 6 changes")
        equal(set(done.wrong()), set(RULESET) | {"branch_rules"})


@test
def a_change_without_effect_is_told():
    """An organisation may decide it for all its repositories."""
    with world() as made:
        made.repository.actions_set_github_actions_default_workflow_permissions_repository = lambda *_: (204, None)
        done = made.apply()
        equal((done.code, done.wrong()), (16, {"workflow_rights": "differs", "workflow_reviews": "differs"}))
        has(done.err, "a policy of the organisation decides it")


@test
def single_sign_on_is_told():
    with world() as made:
        made.github.fault("repos/get", 403, {"message": "Resource protected by organization SAML enforcement."},
                          **{"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=A1B2"})
        done = made.check()
        equal(done.code, 7)
        has(done.err, "single sign-on")
        assert "A1B2" not in done.text


@test
def a_plan_without_it_is_told():
    with world(edit=on_github()) as made:
        made.repository.private = True
        for name in ("repos/get-repo-rulesets", "repos/get-branch-rules", "repos/create-repo-ruleset"):
            made.github.fault(name, 403, PLAN)
        done = made.check()
        equal(done.code, 16)
        equal({name for name, state in done.states().items() if state == "unavailable"}, set(RULESET) | {"branch_rules"})
        assert "secret_scanning" not in done.states(), "a licence of its own is not asked for"
        has(done.out, "make the repository public", "docs/github.md")
        done = made.apply()
        equal(done.code, 7)
        equal([entry["resource"] for entry in done.json()["refused"]], ["environment production"])
        has(done.json()["refused"][0]["message"], "billing plan")
        equal([policy["name"] for policy in made.repository.environments["production"]["policies"]], ["main"])
        equal(made.repository.environments["production"]["reviewers"], [])
        equal(done.json()["written"], ["environment staging", "actions", "dependabot alerts"])


@test
def a_limit_of_requests_is_waited_for():
    with set_up() as made:
        made.github.fault("repos/get", 403, "You have exceeded a secondary rate limit.", times=1, Retry_After="1")
        begun = time.monotonic()
        equal(made.check().code, 0)
        assert time.monotonic() - begun >= 1, "did not wait"
        made.github.fault("repos/get-branch-rules", 429, "Too many requests", times=1, **{
            "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1)})
        equal(made.check().code, 0)
        made.github.fault("repos/get-branch-rules", 403, "API rate limit exceeded", **{
            "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 1800)})
        done = made.check()
        equal(done.code, 5)
        has(done.err, "limit of requests", "29 min")


@test
def a_server_that_fails_for_a_moment_is_asked_again():
    with set_up() as made:
        made.github.fault("repos/get-environment", 502, "<html>Bad Gateway</html>", times=2)
        equal(made.check().code, 0)
        made.own()["enforcement"] = "disabled"
        made.github.requests.clear()
        made.github.fault("repos/update-repo-ruleset", 500, "Server Error", times=1)
        done = made.apply()
        equal(done.code, 11)
        equal(len(made.github.writes()), 1)  # what writes is not sent again unasked
        equal(made.apply().code, 0)


@test
def what_is_not_github_is_told():
    with world() as made:
        made.github.fault("repos/get", 200, "<html>Welcome to our proxy</html>")
        done = made.check()
        equal(done.code, 15)
        has(done.err, "not GitHub's API")
        made.github.mistakes.clear()
        made.env["GITHUB_API_URL"] = "http://127.0.0.1:1"
        begun = time.monotonic()
        done = made.check()
        equal(done.code, 11)
        has(done.err, "GitHub cannot be reached")
        assert time.monotonic() - begun < 20
        made.env["GITHUB_API_URL"] = "http://example.com"
        equal(made.check().code, 3)


@test
def the_token_is_not_shown_whatever_github_says():
    with world() as made:
        made.github.fault("repos/get", 403, f"You sent {TOKEN}")
        has(made.golive("github", "check").err, "You sent ***")  # World.golive() looks for the token itself
        made.check()
        made.github.faults.clear()
        made.github.fault("repos/get-branch-rules", 403, f"You sent {TOKEN}")
        has(made.golive("github", "check").out, "You sent ***")
        has(made.check().out, "You sent ***")
        made.github.fault("repos/create-repo-ruleset", 422, f"{TOKEN} is wrong")
        has(made.apply().out, "*** is wrong")
        has(made.golive("github", "apply", "--yes", "--verbose").text, "*** is wrong")


# ---- lists in pages


def crowd(made, count):
    for number in range(count):
        made.repository.rulesets[number + 1] = {
            "id": number + 1, "name": f"other {number}", "target": "branch", "enforcement": "active", "bypass_actors": [],
            "conditions": {"ref_name": {"include": ["refs/heads/old"], "exclude": []}}, "rules": []}


@test
def lists_are_read_to_their_end():
    with world() as made:
        crowd(made, 230)
        equal(made.apply().code, 0)
        made.github.requests.clear()
        equal(made.apply().code, 0)
        equal(made.github.writes(), [])
        equal(sum(name == "repos/get-repo-rulesets" for _, name, _, _ in made.github.requests), 3)
        for number in range(230):
            del made.repository.rulesets[number + 1]
        made.github.page_size = 2
        made.repository.environments["production"]["policies"][:0] = [
            {"id": number, "node_id": "E", "name": f"hotfix/{number}", "type": "branch"} for number in range(5)]
        equal(made.check().wrong(), {"production_other_branches": "weak"})


@test
def the_token_goes_nowhere_else():
    import github
    with world() as made:
        other = github.GitHub(World.description, TOKEN)
        crowd(made, 130)
        made.github.link = f"{other.url}/repos/acme/glanceflow/rulesets?page=2"
        made.check()
        equal(other.requests, [])
        other.close()


@test
def a_list_without_end_is_given_up():
    with world() as made:
        crowd(made, 130)
        made.github.link = f"{made.github.url}/repos/acme/glanceflow/rulesets?page=1"
        made.github.page_size = 1
        done = made.check()
        equal(done.code, 15)
        has(done.err, "the list does not end")


# ---- where it is from


@test
def the_remote_origin_names_the_repository():
    with world(edit=replaced(("  repo: acme/glanceflow ", "  # repo: acme/glanceflow "))) as made:
        done = made.check()
        equal(done.code, 3)
        has(done.err, "no app.repo", "Set app.repo: owner/name")
        git = ["git", "-C", str(made.dir), "remote"]
        subprocess.run([*git, "add", "origin", "git@github.com:acme/glanceflow.git"], check=True)
        equal(made.check().json()["repository"], "acme/glanceflow")
        subprocess.run([*git, "set-url", "origin", "ssh://git@127.0.0.1:2222/acme/glanceflow.git"], check=True)
        equal(made.check().json()["repository"], "acme/glanceflow")  # the host of GITHUB_API_URL
        subprocess.run([*git, "set-url", "origin", "https://me:s3cretword@gitlab.com/acme/glanceflow.git"], check=True)
        made.github.requests.clear()
        done = made.check()
        equal((done.code, made.github.requests), (3, []))
        has(done.err, "gitlab.com")
        assert "s3cretword" not in done.text


@test
def a_check_that_no_job_makes_is_refused():
    with world(edit=replaced(("required_checks: [backend, frontend, scan, image]", "required_checks: [backend, lint]"))) as made:
        done = made.apply()
        equal(done.code, 3)
        has(done.err, "ci.required_checks has lint", "no pull request could ever be merged")
        equal(made.github.requests, [])
        own = made.dir / ".github/workflows/own.yaml"
        own.write_text("on: [push, pull_request]\njobs:\n  x:\n    name: lint\n    runs-on: ubuntu-24.04\n    steps: []\n", encoding="utf-8")
        equal(made.apply().code, 0)
        equal([check["context"] for check in checks(made)], ["backend", "lint"])
    with world(workflows=False) as made:
        done = made.apply()
        equal(done.code, 3)
        has(done.err, "no workflow here runs for pull requests to main", "golive generate workflows")


# ---- the judge


@test
def the_judge_notices_what_does_not_fit():
    import urllib.error
    import urllib.request
    made = World()
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28",
               "User-Agent": "golive/test", "Content-Type": "application/json"}
    base = "/repos/acme/glanceflow"
    wrong = [
        ("GET", f"{base}/rulesetz", None),
        ("GET", f"{base}/rulesets?per_pagina=3", None),
        ("GET", f"{base}/rulesets/first", None),
        ("POST", f"{base}/rulesets", {"enforcement": "active"}),
        ("POST", f"{base}/rulesets", {"name": "x", "enforcement": "aktiv"}),
        ("POST", f"{base}/rulesets", {"name": "x", "enforcement": "active", "rules": [{"type": "deletions"}]}),
        ("POST", f"{base}/rulesets", {"name": "x", "enforcement": "active", "rules": [
            {"type": "pull_request", "parameters": {"required_approving_review_count": 1}}]}),
        ("PUT", f"{base}/environments/production", {"reviewer": []}),
        ("PUT", f"{base}/actions/permissions/workflow", {"default_workflow_permissions": "none"}),
    ]
    try:
        for method, path, body in wrong:
            made.github.mistakes.clear()
            request = urllib.request.Request(made.github.url + path, method=method, headers=headers,
                                             data=None if body is None else json.dumps(body).encode())
            try:
                urllib.request.urlopen(request).close()
                status = 200
            except urllib.error.HTTPError as error:
                status = error.code
                error.close()
            assert status in (404, 422) and made.github.mistakes, f"{method} {path} {body}: {status}"
        made.github.mistakes.clear()
        made.repository.actions = {"default_workflow_permissions": "read"}
        made.check()
        assert any("is not one of GitHub's" in mistake for mistake in made.github.mistakes), made.github.mistakes
    finally:
        made.close()


def main():
    judges()
    wanted = os.environ.get("TESTS", "").split()
    tests = [function for function in TESTS if not wanted or function.__name__ in wanted]
    failed = 0
    for number, function in enumerate(tests, 1):
        title = function.__name__.replace("_", " ")
        try:
            function()
            print("ok", number, "-", title, flush=True)
        except Exception:
            failed += 1
            print("not ok", number, "-", title, flush=True)
            for line in traceback.format_exc().splitlines():
                print("#", line, flush=True)
    print(f"1..{len(tests)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
