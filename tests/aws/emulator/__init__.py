"""golive's AWS for tests: moto, with a CloudFormation of its own that has real states, and /golive-test/ to disturb it."""
import os

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")  # AWS's own policies, which roles attach
os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "1000000000")  # certificates are issued by their records, not by time
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # 500 machine images for every region, which nothing here starts
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")  # headers for browsers, which do not call AWS here
