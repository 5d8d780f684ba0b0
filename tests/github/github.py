"""GitHub's REST API on loopback, made from GitHub's own description of it (scripts/github-openapi).

The description decides which requests exist, which parameters and bodies they take (anything else is answered 422 and noted as a
mistake of the client) and what an answer looks like (an answer of this program that does not fit is noted too). The handful of
resources that golive uses is kept in a Repository."""
import fnmatch
import http.server
import json
import re
import threading
import time
import urllib.parse

from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

URI = "urn:github"
ACTIONS_APP = 15368


class Description:
    """The paths and schemas of the API."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.tree = json.load(file)
        self.registry = Registry().with_resource(URI, Resource(contents=self.tree, specification=DRAFT4))
        self.routes = sorted((self.route(path, item) for path, item in self.tree["paths"].items()), key=lambda route: route[:2])

    def resolve(self, item):
        while isinstance(item, dict) and "$ref" in item:
            at = self.tree
            for part in item["$ref"].split("/")[1:]:
                at = at[part]
            item = at
        return item

    def route(self, path, item):
        """The fewer parameters, the earlier, then the longer; a parameter may have slashes only where the description says so."""
        wide = {parameter["name"] for operation in item.values() if isinstance(operation, dict)
                for parameter in map(self.resolve, operation.get("parameters", [])) if parameter.get("x-multi-segment")}
        parts = re.split(r"\{(\w+)\}", path)
        pattern = "".join(re.escape(part) if index % 2 == 0 else f"(?P<{part}>{'.+' if part in wide else '[^/]+'})"
                          for index, part in enumerate(parts))
        return len(parts), -path.count("/"), re.compile(pattern), item

    def find(self, method, path):
        for _, _, pattern, item in self.routes:
            match = pattern.fullmatch(path)
            if match and method.lower() in item:
                return item[method.lower()], {name: urllib.parse.unquote(text) for name, text in match.groupdict().items()}
        return None, {}

    def closed(self, schema, seen=()):
        """The schema with its references in place, and without members that it does not name: GitHub ignores those, so a
        misspelt one would change nothing."""
        if "$ref" in schema:
            return {} if schema["$ref"] in seen else self.closed(self.resolve(schema), (*seen, schema["$ref"]))
        made = dict(schema)
        if "properties" in schema:
            made["properties"] = {name: self.closed(part, seen) for name, part in schema["properties"].items()}
            made.setdefault("additionalProperties", False)
        if "items" in schema:
            made["items"] = self.closed(schema["items"], seen)
        for word in ("oneOf", "anyOf"):
            if word in schema:
                made[word] = [self.closed(part, seen) for part in schema[word]]
        return made

    def problems(self, schema, value, writes):
        validator = (OAS30WriteValidator if writes else OAS30ReadValidator)
        schema = self.closed(schema) if writes else self.placed(schema)
        found = validator(schema, registry=self.registry, format_checker=oas30_format_checker).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in found]

    @staticmethod
    def placed(schema):
        return {"$ref": URI + schema["$ref"]} if "$ref" in schema else json.loads(json.dumps(schema).replace('"#/', f'"{URI}#/'))

    def example(self, name):
        return json.loads(json.dumps(self.tree["components"]["examples"][name]["value"]))


class Answer(Exception):
    """An answer as such: raised from wherever it is known."""

    def __init__(self, status, body=None, **headers):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers


def refuse(status, message, **headers):
    raise Answer(status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}, **headers)


class Repository:
    """acme/glanceflow. Operations are methods named as the description names them (repos/get: repos_get)."""

    def __init__(self, description):
        self.description = description
        self.name = "acme/glanceflow"
        self.private = False
        self.admin = True
        self.security = {name: {"status": "disabled"} for name in ("secret_scanning", "secret_scanning_push_protection")}
        self.alerts = False
        self.actions = {"default_workflow_permissions": "write", "can_approve_pull_request_reviews": True}
        self.rulesets = {}
        self.protection = None  # classic protection of main, as GitHub shows it
        self.environments = {}
        self.users = {"ysato": 501, "rtanaka": 502, "asuzuki": 503}
        self.teams = {}
        self.next_id = 1000

    def new_id(self):
        self.next_id += 1
        return self.next_id

    # ---- the repository

    def repos_get(self, _path, _query, _body):
        body = self.description.example("full-repository-default-response")
        for member in ("template_repository", "parent", "source", "security_and_analysis"):
            body.pop(member, None)  # GitHub's example has too little in the first three to fit its own schema
        body.update(language="Rust", full_name=self.name, name=self.name.split("/")[1], private=self.private,
                    visibility="private" if self.private else "public")
        if self.admin:
            body["security_and_analysis"] = self.security
        return 200, body

    def repos_update(self, path, query, body):
        for name, value in body["security_and_analysis"].items():
            if self.private:
                refuse(422, "Secret scanning is not available for this repository.")
            self.security[name] = value
        return self.repos_get(path, query, None)

    def repos_check_vulnerability_alerts(self, _path, _query, _body):
        return (204, None) if self.alerts else refuse(404, "Vulnerability alerts are disabled.")

    def repos_enable_vulnerability_alerts(self, _path, _query, _body):
        self.alerts = True
        return 204, None

    def actions_get_github_actions_default_workflow_permissions_repository(self, _path, _query, _body):
        if not self.admin:
            refuse(403, "Resource not accessible by personal access token",
                   **{"X-Accepted-GitHub-Permissions": "administration=read"})
        return 200, self.actions

    def actions_set_github_actions_default_workflow_permissions_repository(self, _path, _query, body):
        self.actions.update(body)
        return 204, None

    # ---- rulesets

    def shown(self, ruleset, whole=True):
        shown = {**ruleset, "source_type": "Repository", "source": self.name}
        if not self.admin:
            shown.pop("bypass_actors", None)
        return shown if whole else {name: shown[name] for name in ("id", "name", "target", "source_type", "source", "enforcement")}

    def repos_get_repo_rulesets(self, _path, _query, _body):
        return 200, [self.shown(ruleset, whole=False) for ruleset in self.rulesets.values()]

    def ruleset(self, path):
        return self.rulesets.get(int(path["ruleset_id"])) or refuse(404, "Not Found")

    def repos_get_repo_ruleset(self, path, _query, _body):
        return 200, self.shown(self.ruleset(path))

    def check_ruleset(self, body, own=None):
        if any(other["name"] == body.get("name") and other is not own for other in self.rulesets.values()):
            refuse(422, "Validation Failed")
        types = [rule["type"] for rule in body.get("rules", [])]
        if len(types) != len(set(types)):
            refuse(422, "Invalid rules")

    def repos_create_repo_ruleset(self, _path, _query, body):
        self.check_ruleset(body)
        ruleset = {"id": self.new_id(), "target": "branch", "bypass_actors": [], "rules": [], **body}
        self.rulesets[ruleset["id"]] = ruleset
        return 201, self.shown(ruleset)

    def repos_update_repo_ruleset(self, path, _query, body):
        ruleset = self.ruleset(path)
        self.check_ruleset(body, ruleset)
        ruleset.update(body)
        return 200, self.shown(ruleset)

    def repos_get_branch_rules(self, path, _query, _body):
        ref, rules = f"refs/heads/{path['branch']}", []

        def fits(pattern):
            return pattern == "~ALL" or (pattern == "~DEFAULT_BRANCH" and ref == "refs/heads/main") or fnmatch.fnmatch(ref, pattern)
        for ruleset in self.rulesets.values():
            names = ruleset["conditions"]["ref_name"]
            inside = any(map(fits, names["include"]))
            outside = any(map(fits, names["exclude"]))
            if ruleset["enforcement"] == "active" and inside and not outside:
                rules += [{**rule, "ruleset_source_type": "Repository", "ruleset_source": self.name, "ruleset_id": ruleset["id"]}
                          for rule in ruleset["rules"]]
        return 200, rules

    def repos_get_branch_protection(self, path, _query, _body):
        if not self.admin:
            refuse(403, "Resource not accessible by personal access token", **{"X-Accepted-GitHub-Permissions": "administration=read"})
        if path["branch"] != "main" or not self.protection:
            refuse(404, "Branch not protected")
        return 200, self.protection

    # ---- environments

    def environment(self, path):
        return self.environments.get(path["environment_name"]) or refuse(404, "Not Found")

    def user(self, login):
        return {**self.description.example("simple-user"), "login": login, "id": self.users[login]}

    def team(self, number):
        """GitHub's example has less than its own schema wants."""
        team = self.description.example("team-full")
        team["organization"].setdefault("archived_at", None)
        return {"type": "organization", **team, "parent": None, "id": number}

    def reviewer(self, entry):
        if entry["type"] == "Team":
            team = {key: value for key, value in self.team(entry["id"]).items() if key != "organization"}
            return {"type": "Team", "reviewer": team}
        return {"type": "User", "reviewer": self.user(next(login for login, number in self.users.items() if number == entry["id"]))}

    def repos_get_environment(self, path, _query, _body):
        environment, name = self.environment(path), path["environment_name"]
        body = {**self.description.example("environment"), "name": name, "protection_rules": [],
                "deployment_branch_policy": environment["deployment_branch_policy"]}
        rules = body["protection_rules"]
        if environment["wait_timer"]:
            rules.append({"id": 1, "node_id": "A", "type": "wait_timer", "wait_timer": environment["wait_timer"]})
        if environment["reviewers"]:
            rules.append({"id": 2, "node_id": "B", "type": "required_reviewers",
                          "prevent_self_review": environment["prevent_self_review"],
                          "reviewers": [self.reviewer(entry) for entry in environment["reviewers"]]})
        if environment["deployment_branch_policy"]:
            rules.append({"id": 3, "node_id": "C", "type": "branch_policy"})
        return 200, body

    def repos_create_or_update_environment(self, path, query, body):
        body = body or {}
        policy, reviewers = body.get("deployment_branch_policy"), body.get("reviewers") or []
        if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
            refuse(422, "Validation Failed")
        if body.get("prevent_self_review") and not reviewers:
            refuse(422, "Failed to create or update the environment protection rule. Required reviewers must have at least one "
                        "reviewer to set prevent_self_review.")
        if self.private and (reviewers or body.get("wait_timer")):
            refuse(422, "Failed to create the environment protection rule. Please ensure the billing plan supports the required "
                        "reviewers protection rule.")
        known = set(self.users.values()) | set(self.teams.values())
        if any(entry["id"] not in known for entry in reviewers):
            refuse(422, "Validation Failed")
        policies = self.environments.get(path["environment_name"], {}).get("policies", [])
        self.environments[path["environment_name"]] = {
            "wait_timer": body.get("wait_timer", 0), "prevent_self_review": body.get("prevent_self_review", False),
            "reviewers": reviewers, "deployment_branch_policy": policy,
            "policies": policies if policy and policy["custom_branch_policies"] else []}
        return self.repos_get_environment(path, query, None)

    def policies(self, path):
        environment = self.environment(path)
        if not (environment["deployment_branch_policy"] or {}).get("custom_branch_policies"):
            refuse(404, "Not Found")
        return environment["policies"]

    def repos_list_deployment_branch_policies(self, path, _query, _body):
        return 200, {"total_count": len(self.policies(path)), "branch_policies": self.policies(path)}

    def repos_create_deployment_branch_policy(self, path, _query, body):
        policy = {"id": self.new_id(), "node_id": "D", "type": "branch", **body}
        if any((policy["name"], policy["type"]) == (other["name"], other["type"]) for other in self.policies(path)):
            raise Answer(303)
        self.policies(path).append(policy)
        return 200, policy

    # ---- accounts

    def users_get_by_username(self, path, _query, _body):
        login = path["username"]
        if login not in self.users:
            refuse(404, "Not Found")
        return 200, {**self.description.example("public-user-default-response"), "user_view_type": "public", "login": login,
                     "id": self.users[login]}

    def apps_get_by_slug(self, path, _query, _body):
        if path["app_slug"] != "github-actions":
            refuse(404, "Not Found")
        return 200, {**self.description.example("integration"), "id": ACTIONS_APP, "slug": "github-actions", "name": "GitHub Actions"}

    def teams_get_by_name(self, path, _query, _body):
        if path["team_slug"] not in self.teams:
            refuse(404, "Not Found")
        return 200, {**self.team(self.teams[path["team_slug"]]), "slug": path["team_slug"]}


class GitHub(http.server.ThreadingHTTPServer):
    """The API; `mistakes` must be empty in the end."""

    daemon_threads = True

    def __init__(self, description, token):
        super().__init__(("127.0.0.1", 0), Handler)
        self.description, self.token = description, token
        self.repository = Repository(description)
        self.mistakes, self.requests, self.faults = [], [], {}
        self.page_size = 100
        self.link = None  # takes the place of the address of the next page
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def writes(self):
        return [(method, name) for method, name, _, _ in self.requests if method != "GET"]

    def sent(self, name):
        return [body for _, operation, _, body in self.requests if operation == name]

    def fault(self, name, status, message, times=1000, **headers):
        """The next answers to an operation: in words, or as they are."""
        if isinstance(message, str) and not message.startswith("<"):
            message = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
        self.faults[name] = [(status, message, headers)] * times

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format, *args):
        pass

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)
        parts = urllib.parse.urlsplit(self.path)
        self.operation = None
        try:
            status, body, headers = self.operate(parts, text)
        except Answer as answer:
            status, body, headers = answer.status, answer.body, answer.headers
        self.send(status, body, headers)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = answer

    def mistake(self, words):
        self.server.mistakes.append(f"{self.command} {self.path}: {words}")

    # ---- the request

    def operate(self, parts, text):
        description, server = self.server.description, self.server
        operation, path = description.find(self.command, parts.path)
        if not operation:
            self.mistake("no such operation")
            refuse(404, "Not Found")
        self.operation, name = operation, operation["operationId"]
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        body = json.loads(text) if text else None
        server.requests.append((self.command, name, self.path, body))
        self.check_headers(text)
        if server.faults.get(name):
            return server.faults[name].pop()
        problems = self.check_parameters(operation, path, query) + self.check_body(operation, text, body)
        if problems:
            self.mistake("; ".join(problems))
            refuse(422, "Validation Failed: " + "; ".join(problems))
        if "repo" in path and f"{path['owner']}/{path['repo']}" != server.repository.name:
            refuse(404, "Not Found")
        status, answer = getattr(server.repository, re.sub(r"[/-]", "_", name))(path, query, body)
        return status, *self.page(answer, query, parts)

    def check_headers(self, text):
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            refuse(401, "Bad credentials")
        if self.headers.get("Accept") != "application/vnd.github+json" or self.headers.get("X-GitHub-Api-Version") != "2022-11-28":
            self.mistake("without the headers that GitHub recommends")
        if not (self.headers.get("User-Agent") or "").startswith("golive/"):
            self.mistake("GitHub refuses requests without a User-Agent")
        if text and self.headers.get("Content-Type") != "application/json":
            self.mistake("a body without its type")
        if self.command == "PUT" and self.headers.get("Content-Length") is None:
            self.mistake("PUT without Content-Length")

    def check_parameters(self, operation, path, query):
        known = {(parameter["in"], parameter["name"]): parameter["schema"]
                 for parameter in map(self.server.description.resolve, operation.get("parameters", []))}
        given = [("path", name, text) for name, text in path.items()] + [("query", name, text) for name, text in query.items()]
        found = []
        for place, name, text in given:
            schema = known.get((place, name))
            if not schema:
                found.append(f"no parameter {name}")
                continue
            kind = self.server.description.resolve(schema).get("type")
            value = int(text) if kind == "integer" and text.isdigit() else {"true": True, "false": False}.get(text, text) \
                if kind == "boolean" else text
            found += [f"{name}{problem}" for problem in self.server.description.problems(schema, value, writes=True)]
        return found

    def check_body(self, operation, text, body):
        wanted = operation.get("requestBody")
        if not wanted:
            return ["a body where none is taken"] if text else []
        if not text:
            return ["no body"] if wanted.get("required") else []
        return self.server.description.problems(wanted["content"]["application/json"]["schema"], body, writes=True)

    # ---- the answer

    def page(self, answer, query, parts):
        """Lists come in pages: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api"""
        items = answer if isinstance(answer, list) else (answer or {}).get("branch_policies")
        if items is None or self.command != "GET":
            return answer, {}
        size, number = min(int(query.get("per_page", 30)), self.server.page_size), int(query.get("page", 1))
        part = items[(number - 1) * size:number * size]
        following = urllib.parse.urlencode({**query, "page": number + 1})
        address = self.server.link or f"{self.server.url}{parts.path}?{following}"
        first = f'<{self.server.url}{parts.path}?page=1>; rel="first"'
        headers = {"Link": f'{first}, <{address}>; rel="next"'} if number * size < len(items) else {"Link": first}
        return (part if isinstance(answer, list) else {**answer, "branch_policies": part}), headers

    def check_answer(self, status, body):
        responses = (self.operation or {}).get("responses", {})
        if str(status) not in responses:
            if status < 400:
                self.mistake(f"this server answers {status}, which GitHub does not")
            return
        content = self.server.description.resolve(responses[str(status)]).get("content", {}).get("application/json")
        problems = self.server.description.problems(content["schema"], body, writes=False) if content and body is not None else []
        if problems or (not content and status < 400 and body is not None):
            self.mistake(f"this server's answer {status} is not one of GitHub's: {problems}")

    def send(self, status, body, headers):
        if isinstance(body, (dict, list)) or body is None:
            self.check_answer(status, body)
        text = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", "X-RateLimit-Remaining": "4999",
                            "X-RateLimit-Reset": str(int(time.time()) + 3600), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
