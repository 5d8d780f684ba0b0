"""The edge of the emulator: load balancer rules, weights, targets, CloudFront with its cache, and the metrics of what was answered."""
import concurrent.futures
import datetime
import http.server
import json
import socket
import sys
import threading

from edge_client import Connection
from emulator_world import HOST, World, digest
from harness import Emulator, refused, run, until

TESTS = []
NEVER_S = 1000.0


def test(function):
    TESTS.append(function)
    return function


def answers(connection, number, path="/", **headers):
    """{digest or status: how often} of so many requests."""
    found = {}
    for _ in range(number):
        status, _headers, body = connection.ask(path, **headers)
        key = json.loads(body)["digest"] if status == 200 else status
        found[key] = found.get(key, 0) + 1
    return found


# -- load balancer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html

@test
def application(aws):
    """the built-in application: health, database, JSON with the digest, CORS, keep-alive, a trusted certificate"""
    world = World(aws)
    world.service("a", "ROLLING")
    one = Connection(aws, HOST)
    assert one.ask("/healthz")[0] == 200 and json.loads(one.ask("/readyz")[2]) == {"db": "ok"}
    first = one.sock
    status, headers, body = one.ask("/api/things?x=1", "POST", b"{}", Origin="https://app.example.test")
    assert status == 200 and json.loads(body)["digest"] == digest("a") and json.loads(body)["method"] == "POST"
    assert headers["Access-Control-Allow-Origin"] == "https://app.example.test" and one.sock is first
    preflight = one.ask("/api", "OPTIONS", Origin="https://app.example.test", Access_Control_Request_Method="PUT")
    assert preflight[0] == 204 and "PUT" in preflight[1]["Access-Control-Allow-Methods"]
    assert one.ask("/", "HEAD")[2] == b""
    assert Connection(aws, "other.example.test").ask()[0] == 404
    assert one.sock.getpeercert()["subjectAltName"] == (("DNS", HOST),)


@test
def weights_and_preview(aws):
    """weights share requests, the preview header reaches the new version, only healthy targets get requests"""
    world = World(aws)
    world.service("a")
    aws.control("settings", stage_s={"POST_TEST_TRAFFIC_SHIFT": NEVER_S, "BAKE_TIME": NEVER_S}, minute_s=NEVER_S)
    world.update("b", settle=False, deploymentConfiguration={
        "strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1}})
    world.at("POST_TEST_TRAFFIC_SHIFT")
    one = Connection(aws, HOST)
    assert answers(one, 20) == {digest("a"): 20} and answers(one, 20, x_golive_preview="1") == {digest("b"): 20}
    aws.control("settings", stage_s={})
    world.ecs.stop_service_deployment(serviceDeploymentArn=world.deployment()["serviceDeploymentArn"])
    world.over()
    world.update("b", settle=False)
    until(lambda: world.weights(world.production), lambda now: now == (90, 10))
    assert answers(one, 100) == {digest("a"): 90, digest("b"): 10}
    assert sum(aws.control("requests", method="GET")["tasks"].values()) == 140


@test
def load(aws):
    """no request is lost while traffic moves to a new version"""
    world = World(aws)
    world.service("a", desired=3)
    stop, wrong, right = threading.Event(), [], []

    def client():
        one = Connection(aws, HOST)
        while not stop.is_set():
            status, _headers, body = one.ask("/")
            (right if status == 200 else wrong).append(json.loads(body)["digest"] if status == 200 else status)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        clients = [pool.submit(client) for _ in range(3)]
        try:
            for letter in "bcd":
                assert world.update(letter)["status"] == "SUCCESSFUL"
        finally:
            stop.set()
        for one in clients:
            one.result()
    assert not wrong and len(right) > 20 and digest("a") in right, (wrong, len(right))


@test
def balancer_errors(aws):
    """503 without targets, other rules and actions, and headers that a listener adds"""
    world = World(aws)
    one = Connection(aws, HOST)
    status, headers, body = one.ask()
    assert status == 503 and b"503 Service Temporarily Unavailable" in body and headers["Content-Type"] == "text/html"
    world.service("a", "ROLLING")
    redirect = [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Path": "/new/#{path}"}}]
    conditions = [{"Field": "host-header", "HostHeaderConfig": {"Values": ["api.*"]}}, {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}]
    world.elb.create_rule(ListenerArn=world.listener, Priority=10, Conditions=conditions, Actions=redirect)
    status, headers, _body = one.ask("/old/x?y=1")
    assert status == 301 and headers["Location"] == f"https://{HOST}:443/new/old/x?y=1"
    world.elb.modify_listener_attributes(ListenerArn=world.listener, Attributes=[
        {"Key": "routing.http.response.strict_transport_security.header_value", "Value": "max-age=1"}])
    assert one.ask()[1]["Strict-Transport-Security"] == "max-age=1"


@test
def errors_and_slowness(aws):
    """a share of errors, and slow answers, as the image behaves; seen in the metrics with their percentiles"""
    world = World(aws)
    world.behaves("a", error_share=0.25)
    world.service("a", "ROLLING")
    one = Connection(aws, HOST)
    assert answers(one, 40) == {500: 10, digest("a"): 30}
    world.behaves("b", slow_s=0.5, times=1)
    assert world.update("b", desiredCount=4)["status"] == "SUCCESSFUL"
    answers(one, 40)
    points = metrics(aws, world, {"requests": ("RequestCount", "Sum"), "errors": ("HTTPCode_Target_5XX_Count", "Sum"), "p50": ("TargetResponseTime", "p50"),
                                  "p95": ("TargetResponseTime", "p95"), "p99.5": ("TargetResponseTime", "p99.5")})
    assert points["requests"] == 80 and points["errors"] == 10, points
    assert points["p50"] < 0.5 <= points["p95"] and points["p99.5"] >= points["p95"], points


def metrics(aws, world, wanted, group=None, expression=None):
    """{name: the sum of a metric's points, or the largest of a percentile} over all of today, in one period."""
    now = datetime.datetime.now(datetime.timezone.utc)
    dimensions = [{"Name": "LoadBalancer", "Value": world.balancer.partition("loadbalancer/")[2]}]
    dimensions += [{"Name": "TargetGroup", "Value": "targetgroup/" + group.partition("targetgroup/")[2]}] if group else []
    queries = [{"Id": f"m{number}", "MetricStat": {"Stat": stat, "Period": 86400, "Metric": {
        "Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions}}} for number, (metric, stat) in enumerate(wanted.values())]
    queries += [{"Id": "e", "Expression": expression}] if expression else []
    answer = aws.client("cloudwatch").get_metric_data(MetricDataQueries=queries, StartTime=now - datetime.timedelta(hours=1),
                                                      EndTime=now + datetime.timedelta(hours=1))
    return {name: sum(one["Values"]) for name, one in zip([*wanted, "expression"], answer["MetricDataResults"])}


@test
def target_groups_and_health(aws):
    """metrics by target group, of unhealthy targets, of errors of the balancer, by metric math, and by GetMetricStatistics"""
    world = World(aws)
    one = Connection(aws, HOST)
    answers(one, 3)
    world.service("a")
    answers(one, 6)
    of_group = metrics(aws, world, {"n": ("RequestCount", "Sum"), "bad": ("UnHealthyHostCount", "Maximum"), "good": ("HealthyHostCount", "Maximum")}, world.blue)
    assert of_group == {"n": 6, "bad": 0, "good": 2}, of_group
    wanted = {"n": ("RequestCount", "Sum"), "elb": ("HTTPCode_ELB_5XX_Count", "Sum"), "target": ("HTTPCode_Target_5XX_Count", "Sum")}
    whole = metrics(aws, world, wanted, expression="IF(FILL(m0, 0) > 5, 100 * (FILL(m1, 0) + FILL(m2, 0)) / m0, 0)")
    assert whole["n"] == 9 and whole["elb"] == 3 and round(whole["expression"], 6) == round(300 / 9, 6), whole
    world.behaves("b", healthy=False)
    world.update("b", settle=False)
    until(lambda: metrics(aws, world, {"bad": ("UnHealthyHostCount", "Maximum")}, world.green)["bad"], lambda number: number >= 1)
    now = datetime.datetime.now(datetime.timezone.utc)
    dimension = {"Name": "LoadBalancer", "Value": world.balancer.partition("loadbalancer/")[2]}
    asked = dict(Namespace="AWS/ApplicationELB", MetricName="TargetResponseTime", StartTime=now - datetime.timedelta(hours=1),
                 EndTime=now + datetime.timedelta(hours=1), Period=86400, Dimensions=[dimension])
    points = aws.client("cloudwatch").get_metric_statistics(**asked, ExtendedStatistics=["p95", "p50"])["Datapoints"]
    assert points[0]["ExtendedStatistics"]["p95"] >= points[0]["ExtendedStatistics"]["p50"] > 0 and "Sum" not in points[0]
    assert aws.client("cloudwatch").get_metric_statistics(**asked, Statistics=["SampleCount"])["Datapoints"][0]["SampleCount"] == 6
    with refused("ValidationError", "no metric x"):
        metrics(aws, world, wanted, expression="x + 1")


@test
def own_metrics(aws):
    """metrics that somebody puts come back, with percentiles too"""
    watch, now = aws.client("cloudwatch"), datetime.datetime.now(datetime.timezone.utc)
    watch.put_metric_data(Namespace="shop", MetricData=[{"MetricName": "wait", "Values": [1, 2, 3, 4, 5], "Timestamp": now}])
    query = lambda stat: {"Id": stat.lower(), "MetricStat": {"Stat": stat, "Period": 60, "Metric": {"Namespace": "shop", "MetricName": "wait"}}}
    found = watch.get_metric_data(MetricDataQueries=[query("p50"), query("Maximum"), query("SampleCount")], StartTime=now - datetime.timedelta(hours=1),
                                  EndTime=now + datetime.timedelta(hours=1))["MetricDataResults"]
    assert [one["Values"] for one in found] == [[3], [5], [5]] and [one["Id"] for one in found] == ["p50", "maximum", "samplecount"]


class Behind(http.server.BaseHTTPRequestHandler):
    """A process behind a task."""
    status = 200

    def do_GET(self):
        body = f"{self.headers['Host']} {self.headers['X-Forwarded-Proto']} {self.path}".encode()
        self.send_response(Behind.status if self.path == "/readyz" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


SLOW_SERVER = """
import http.server, os, sys, time
time.sleep(0.5)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        word = os.environ["WORD"].encode()
        self.send_header("Content-Length", str(len(word)))
        self.end_headers()
        self.wfile.write(word)
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""


@test
def program_behind(aws):
    """programs as a service's tasks, each at an address of its own: they may take a while to start, answer requests, and end with their task"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    world = World(aws)
    world.behaves("a", command=[sys.executable, "-c", SLOW_SERVER, "{loopback}", str(port)], forward=f"{{loopback}}:{port}",
                  environment={"WORD": "{loopback} {image}"})
    assert world.service("a", "ROLLING", desired=2, **{"deploymentCircuitBreaker": {"enable": True, "rollback": True}})["status"] == "SUCCESSFUL"
    said = {Connection(aws, HOST).ask("/")[2].decode() for _ in range(4)}
    addresses = {one.split()[0] for one in said}
    assert len(addresses) == 2 and all(one.startswith("127.") for one in addresses), said
    assert {one.split()[1] for one in said} == {f"registry/backend@{digest('a')}"}, said
    world.ecs.update_service(cluster="shop", service="backend", desiredCount=0)
    ended = until(lambda: world.tasks("STOPPED"), lambda listed: len(listed) == 2 and all(one["lastStatus"] == "STOPPED" for one in listed))
    assert [one["containers"][0]["exitCode"] for one in ended] == [143, 143]


@test
def forwarding(aws):
    """a task that is a real process: its answers, its health checks, 502 when it is gone"""
    world, server = World(aws), http.server.ThreadingHTTPServer(("127.0.0.1", 0), Behind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.behaves("a", forward=f"127.0.0.1:{server.server_port}")
    world.service("a", "ROLLING", desired=1)
    one = Connection(aws, HOST)
    assert one.ask("/x?y=1")[2] == f"{HOST} https /x?y=1".encode()
    Behind.status = 503
    until(lambda: world.tasks("STOPPED"), lambda listed: listed and listed[0]["stoppedReason"].startswith("Task failed ELB health checks"))
    Behind.status = 200
    until(lambda: world.health(world.blue), lambda listed: listed == ["healthy"])
    server.shutdown()
    server.server_close()
    assert one.ask("/")[0] in (502, 503)
    wanted = {"connection": ("TargetConnectionErrorCount", "Sum"), "elb": ("HTTPCode_ELB_5XX_Count", "Sum")}
    assert metrics(aws, world, wanted)["elb"] >= 1


if __name__ == "__main__":
    emulator = Emulator()
    code = run(TESTS, emulator)
    sys.exit(emulator.stop() or code)
