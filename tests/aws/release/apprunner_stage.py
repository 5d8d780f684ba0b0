"""An environment whose backend runs on App Runner."""
from support import Environment, Tool, until  # noqa: F401

FAILED = ("FAILED", "ROLLBACK_SUCCEEDED", "ROLLBACK_FAILED")


class Runner(Environment):
    """As Environment; what AWS has is a service of App Runner."""

    stacks = ("bootstrap", "service-apprunner", "data", "frontend")

    def __init__(self, aws, **more):
        more = {"backend__platform": "app_runner", "backend__app_runner_existing_customer": "true", "backend__arch": "X86_64", **more}
        super().__init__(aws, "rolling", **more)

    def artifact(self, number, arch="X86_64", **behaviour):
        return super().artifact(number, arch, **behaviour)

    def tool(self, *more, url=None):
        """more: settings beside the environment's; url: what stands in front of AWS."""
        edge = {"GOLIVE_EDGE_ENDPOINT": f"{self.edge['host']}:{self.edge['port']}", "GOLIVE_EDGE_CA": self.edge["ca_file"]}
        edge |= {"AWS_ENDPOINT_URL": url} if url else {}
        kept = [one for one in self.settings if one.partition("=")[0] not in [other.partition("=")[0] for other in more]]
        self.tools.append(Tool(self.project, edge, self.env, *kept, *more))
        return self.tools[-1]

    @property
    def runner(self):
        return self.aws.client("apprunner")

    @property
    def name(self):
        return f"glanceflow-{self.env}-backend"

    def service(self):
        """As DescribeService shows it; None before the first release."""
        found = next((one for one in self.runner.list_services()["ServiceSummaryList"] if one["ServiceName"] == self.name), None)
        return found and self.runner.describe_service(ServiceArn=found["ServiceArn"])["Service"]

    def operations(self):
        """[(type, status)], newest first."""
        arn, listed, more = self.service()["ServiceArn"], [], {}
        while more is not None:
            page = self.runner.list_operations(ServiceArn=arn, **more)
            listed += page["OperationSummaryList"]
            more = {"NextToken": page["NextToken"]} if "NextToken" in page else None
        return [(one["Type"], one["Status"]) for one in listed]

    def image(self):
        return self.service()["SourceConfiguration"]["ImageRepository"]

    def variables(self):
        return self.image()["ImageConfiguration"]["RuntimeEnvironmentVariables"]

    def serving(self):
        """The digest that really answers."""
        target = {"resolve": f"{self.service()['ServiceUrl']}:443:{self.edge['host']}:{self.edge['port']}", "ca_file": self.edge["ca_file"],
                  "base_url": f"https://{self.service()['ServiceUrl']}"}
        status, body = self.request(target)
        return body if status == 200 else status

    def serves(self, artifact):
        return artifact["digest"] in str(self.serving()) and self.image()["ImageIdentifier"].endswith("@" + artifact["digest"])

    def update(self, **variables):
        """Somebody else's UpdateService: the same image with other variables; its operation."""
        source = self.service()["SourceConfiguration"]
        source["ImageRepository"]["ImageConfiguration"]["RuntimeEnvironmentVariables"].update(variables)
        return self.runner.update_service(ServiceArn=self.service()["ServiceArn"], SourceConfiguration=source)["OperationId"]
