"""What moto and botocore work out again for every request, reset or service though it never differs: worked out once. No answer changes."""
import functools
import gc
import os
import uuid
from datetime import datetime

import xmltodict
from botocore.loaders import JSONFileLoader, json
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto import backends
from moto.acm.models import CertBundle
from moto.core import responses, utils
from moto.core.base_backend import AccountSpecificBackend
from moto.iam import models as iam_models
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.kms import models as kms_models
from moto.moto_server import werkzeug_app
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.settings import load_iam_aws_managed_policies

from . import xml
from .moto_calls import SESSION


def collect_seldom():
    """Models, classes and code live as long as the process: nothing is gained by looking through them for garbage again and again."""
    gc.freeze()
    gc.set_threshold(50000, 20, 50)


def read_models_as_plain_dictionaries():
    """Python's own keep their order too, and are read in half the time of botocore's OrderedDict."""
    def load(_loader, path, open_method):
        if not os.path.isfile(path):
            return None
        with open_method(path, "rb") as file:
            return json.loads(file.read())

    JSONFileLoader._load_file = load


def know_regions_once():
    """moto reads the model of a service for each new backend, only to learn in which regions there is one."""
    @functools.cache
    def regions(service):
        return [region for partition in SESSION.get_available_partitions() for region in SESSION.get_available_regions(service, partition_name=partition)]

    AccountSpecificBackend.get_session = classmethod(lambda _owner: SESSION)
    AccountSpecificBackend._generate_regions = lambda _backend, service: list(regions(service))


def list_modules_once():
    """moto lists its own directory for every request."""
    modules = frozenset(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules


def list_methods_once():
    """moto looks through the members of a class for every request."""
    for module in (utils, responses):
        module.method_names_from_class = functools.cache(utils.method_names_from_class)


def read_managed_policies_once():
    """AWS's own policies, more than a thousand, which moto parses and writes again at every reset."""
    @functools.cache
    def listed():
        return [(name, {**data, "Document": json.dumps(data.get("Document"))}) for name, data in json.loads(iam_models.aws_managed_policies_data).items()]

    def made(backend):
        def policy(name, data):
            return AWSManagedPolicy(name, account_id=backend.account_id, region=backend.region_name, default_version_id=data.get("DefaultVersionId"),
                                    path=data.get("Path"), document=data["Document"], create_date=datetime.fromisoformat(data["CreateDate"]),
                                    update_date=datetime.fromisoformat(data["UpdateDate"]))
        wanted = load_iam_aws_managed_policies() and backend.region_name == "aws"  # nobody asks in the partitions of China and the like
        return [policy(name, data) for name, data in listed()] if wanted else []

    IAMBackend._init_aws_policies = made


def write_xml_quickly():
    """moto writes through xmltodict, which looks at every letter of every name."""
    xmltodict.unparse = xml.unparse


def name_requests_simply():
    """Ids of requests: moto chooses their 52 letters one by one."""
    def name(headers):
        found = uuid.uuid4().hex.upper() + uuid.uuid4().hex[:20].upper()
        headers["x-amzn-requestid"] = found
        return found

    responses.gen_amzn_requestid_long = name


def find_hosts_once():
    """moto tries some hundred patterns on the same few names of hosts."""
    DomainDispatcherApplication.get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


def make_keys_once():
    """RSA keys that nobody can ask for: moto makes one for every symmetric key of KMS and for every certificate of ACM, and checks the latter anew."""
    make_key, make_certificate = kms_models.generate_private_key, CertBundle.generate_cert.__func__
    of_symmetric_keys = functools.cache(make_key)
    of_certificates = functools.cache(rsa.generate_private_key)

    def certificate(owner, *arguments, **named):  # moto's lock is held
        rsa.generate_private_key, original = of_certificates, rsa.generate_private_key
        try:
            return make_certificate(owner, *arguments, **named)
        finally:
            rsa.generate_private_key = original

    read = functools.cache(lambda text: serialization.load_pem_private_key(text, password=None))
    check = CertBundle.validate_pk
    CertBundle.generate_cert = classmethod(certificate)
    CertBundle.validate_pk = lambda bundle: read(bundle.key) if bundle.type == "AMAZON_ISSUED" else check(bundle)
    kms_models.generate_private_key = lambda spec: (of_symmetric_keys if spec == "SYMMETRIC_DEFAULT" else make_key)(spec)


def create_backend_app(service):
    """moto's application of a service without Flask's checks for its own developers; a mistake of moto reaches the caller as before."""
    application = werkzeug_app.create_backend_app(service)
    application.debug, application.config["PROPAGATE_EXCEPTIONS"] = False, True
    return application


def work_out_once():
    read_models_as_plain_dictionaries()
    know_regions_once()
    list_modules_once()
    list_methods_once()
    read_managed_policies_once()
    write_xml_quickly()
    name_requests_simply()
    find_hosts_once()
    make_keys_once()
