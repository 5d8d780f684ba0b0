"""What moto 5.2.1 takes and forgets, kept on moto's own objects, so that its describe calls tell it to every caller.

moto's serializer shows any attribute of a model object that has the name of a member of the answer. So keeping an argument
is setting an attribute. Each function here says what it keeps; close_gaps() puts all in place.
"""
import functools
import json
import pathlib

from botocore import xform_name
from moto.acm.models import CertBundle
from moto.acm.responses import AWSCertificateManagerResponse
from moto.backup.models import BackupBackend
from moto.cloudfront import models as cloudfront
from moto.core import utils
from moto.core.loaders import Loader, moto_root
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.rds.models import RDSBackend
from moto.route53 import models as route53
from moto.route53.models import route53_backends

from . import bucket_policy
from .stack import ACCOUNT

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"  # what AWS added after the pinned botocore, as botocore's extras
RDS_KEPT = {  # argument of CreateDBInstance and ModifyDBInstance: attribute that DescribeDBInstances shows
    "enable_performance_insights": "performance_insights_enabled", "monitoring_interval": "monitoring_interval",
    "monitoring_role_arn": "monitoring_role_arn", "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period", "database_insights_mode": "database_insights_mode",
    "engine_lifecycle_support": "engine_lifecycle_support", "network_type": "network_type", "dedicated_log_volume": "dedicated_log_volume",
}
ECS_KEPT = ("deploymentConfiguration", "healthCheckGracePeriodSeconds", "enableExecuteCommand", "availabilityZoneRebalancing",
            "capacityProviderStrategy", "enableECSManagedTags", "placementConstraints", "placementStrategy", "serviceConnectConfiguration")
BEHAVIOR_KEPT = ("FunctionAssociations", "LambdaFunctionAssociations")


def after(owner, name):
    """Decorates a function that is called with the result and the arguments of owner.name whenever that was called."""
    def decorate(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def both(self, *arguments, **named):
            result = original(self, *arguments, **named)
            return function(self, result, *arguments, **named) or result
        setattr(owner, name, both)
        return function
    return decorate


def around(owner, name):
    """Decorates a function that is called instead of owner.name, with the original as first argument."""
    def decorate(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def instead(self, *arguments, **named):
            return function(functools.partial(original, self), self, *arguments, **named)
        setattr(owner, name, instead)
        return function
    return decorate


def keep_database_settings():
    """RDS: Performance Insights, enhanced monitoring, extended support."""
    def keep(_backend, database, *arguments, **named):
        given = named.get("db_kwargs") or arguments[-1]
        for argument, attribute in RDS_KEPT.items():
            if given.get(argument) is not None:
                setattr(database, attribute, given[argument])

    after(RDSBackend, "create_db_instance")(keep)
    after(RDSBackend, "modify_db_instance")(keep)


def keep_service_settings():
    """ECS: how a service is deployed, its grace period, ECS Exec, rebalancing of zones. moto's update keeps everything itself."""
    @after(EC2ContainerServiceResponse, "create_service")
    def _(response, answer):
        service = answer.result["service"]
        for name in ECS_KEPT:
            if response._get_param(name) is not None:
                setattr(service, xform_name(name), response._get_param(name))


def keep_distribution_settings():
    """CloudFront: functions of a behaviour, access control and S3 settings of an origin."""
    @after(cloudfront.DefaultCacheBehaviour, "__init__")
    def _(behavior, _result, config):
        for name in BEHAVIOR_KEPT:
            if config.get(name):
                setattr(behavior, xform_name(name), config[name])

    @after(cloudfront.Origin, "__init__")
    def _(origin, _result, config):
        for name in ("OriginAccessControlId", "VpcOriginConfig", "S3OriginConfig"):
            if name in config:
                setattr(origin, xform_name(name), config[name])


def name_distributions_as_aws_does():
    """CloudFront: ids begin with E, domain names with d; patterns of parameters count on it."""
    @after(cloudfront.Distribution, "__init__")
    def _(distribution, *_arguments, **_named):
        distribution.distribution_id = distribution.id = "E" + distribution.id[1:]
        distribution.arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{distribution.id}"  # moto's has a colon too few
        distribution.domain_name = "d" + distribution.domain_name[1:]


def name_zones_as_aws_does():
    """Route 53: ids of zones begin with Z; moto takes any letter."""
    original = route53.create_route53_zone_id
    route53.create_route53_zone_id = lambda *arguments, **named: "Z" + original(*arguments, **named)[1:]


def records():
    """(name, type, value) of every record in Route 53."""
    for zone in list(route53_backends[ACCOUNT]["aws"].zones.values()):
        for record in list(zone.rrsets):
            for value in record.records:
                text = value["Value"] if isinstance(value, dict) else value
                yield record.name.rstrip("."), record.type, text.rstrip(".")


def issue_certificates_when_validated():
    """ACM: a certificate is issued when its validation records are in Route 53 and not before; the key algorithm that was asked."""
    @after(AWSCertificateManagerResponse, "request_certificate")
    def _(response, answer):
        if isinstance(answer, str):
            bundle = response.acm_backend._certificates[json.loads(answer)["CertificateArn"]]
            bundle.asked = {"KeyAlgorithm": response._get_param("KeyAlgorithm")}
            bundle.cert_options.setdefault("Export", "DISABLED")  # or else ListCertificates breaks

    @after(CertBundle, "describe")
    def _(bundle, answer):
        found = answer["Certificate"]
        if getattr(bundle, "asked", {}).get("KeyAlgorithm"):
            found["KeyAlgorithm"] = bundle.asked["KeyAlgorithm"]

    @after(CertBundle, "check")
    def _(bundle, _result):
        if bundle.status == "PENDING_VALIDATION":
            have = set(records())
            options = bundle.describe()["Certificate"].get("DomainValidationOptions", [])
            wanted = [one["ResourceRecord"] for one in options if "ResourceRecord" in one]
            if wanted and all((one["Name"].rstrip("."), one["Type"], one["Value"].rstrip(".")) in have for one in wanted):
                bundle.status = "ISSUED"


def free_names_of_deleted_backup_plans():
    """AWS Backup: a plan that is deleted does not keep its name; moto keeps it for lists with the deleted ones."""
    original = BackupBackend.create_backup_plan

    def create(self, *arguments, **named):
        gone = {name: plan for name, plan in self.plans.items() if plan.deletion_date}
        for name in gone:
            del self.plans[name]
        try:
            return original(self, *arguments, **named)
        finally:
            self.plans.update(gone)

    BackupBackend.create_backup_plan = create


def load_models_once():
    """moto makes a loader for every service, each of which lists all of botocore's directories: half a second in all. This one knows MODELS too."""
    @functools.cache
    def loader():
        found = Loader(extra_search_paths=[moto_root, str(MODELS)])
        found._extras_types = ["moto", "sdk"]
        return found

    utils.create_loader = loader


def close_gaps():
    load_models_once()
    keep_database_settings()
    keep_service_settings()
    keep_distribution_settings()
    name_distributions_as_aws_does()
    name_zones_as_aws_does()
    issue_certificates_when_validated()
    free_names_of_deleted_backup_plans()
    bucket_policy.mend()
