"""CloudFront in the emulator: the site in S3, clean URLs, error pages, headers, the cache and invalidations."""
import json
import sys

from edge_client import Connection
from harness import Emulator, refused, run, until

TESTS = []
APP = "app.example.test"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
BEHAVIOR = {"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": CACHING_OPTIMIZED, "AllowedMethods": ["GET", "HEAD"]}
FUNCTION = "function handler(event) { return event.request; }"


def test(function):
    TESTS.append(function)
    return function


def template():
    """The distribution of stacks/frontend.yaml, without what nothing here asks for."""
    config = {
        "Enabled": True, "Aliases": [APP], "DefaultRootObject": "index.html",
        "Origins": [{"Id": "site", "DomainName": {"Fn::GetAtt": ["Bucket", "RegionalDomainName"]}, "S3OriginConfig": {"OriginAccessIdentity": ""}}],
        "DefaultCacheBehavior": {**BEHAVIOR, "ResponseHeadersPolicyId": {"Ref": "Headers"}, "FunctionAssociations": [
            {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["Function", "FunctionMetadata.FunctionARN"]}}]},
        "CacheBehaviors": [{**BEHAVIOR, "PathPattern": "/_app/immutable/*"}],
        "CustomErrorResponses": [{"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html", "ErrorCachingMinTTL": 1}]}
    source = {"StringEquals": {"AWS:SourceArn": {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Site}"}}}
    statements = [
        {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*",
         "Condition": source},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::site/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]
    return json.dumps({"Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "site"}},
        "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {
            "Version": "2012-10-17", "Statement": statements}}},
        "Headers": {"Type": "AWS::CloudFront::ResponseHeadersPolicy", "Properties": {"ResponseHeadersPolicyConfig": {
            "Name": "security", "SecurityHeadersConfig": {"FrameOptions": {"FrameOption": "DENY", "Override": True}, "StrictTransportSecurity": {
                "AccessControlMaxAgeSec": 60, "IncludeSubdomains": True, "Preload": False, "Override": True}}}}},
        "Function": {"Type": "AWS::CloudFront::Function", "Properties": {"Name": "clean", "AutoPublish": True, "FunctionCode": FUNCTION, "FunctionConfig": {
            "Comment": "", "Runtime": "cloudfront-js-2.0"}}},
        "Site": {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}}})


def site(aws):
    """Puts the site up; (distribution id, a function that puts an object)."""
    cf, s3 = aws.client("cloudformation"), aws.client("s3")
    cf.create_stack(StackName="site", TemplateBody=template())
    stack = until(lambda: cf.describe_stacks(StackName="site")["Stacks"][0], lambda one: not one["StackStatus"].endswith("_IN_PROGRESS"))
    assert stack["StackStatus"] == "CREATE_COMPLETE", cf.describe_stack_events(StackName="site")["StackEvents"]
    put = lambda key, body, control="no-cache", kind="text/html": s3.put_object(
        Bucket="site", Key=key, Body=body, CacheControl=control, ContentType=kind, Metadata={"release": "r1"})
    put("404.html", b"not here")
    return cf.describe_stack_resource(StackName="site", LogicalResourceId="Site")["StackResourceDetail"]["PhysicalResourceId"], put


@test
def pages(aws):
    """pages by clean URLs, headers passed through and added, error pages, methods, conditional requests"""
    _id, put = site(aws)
    put("index.html", b"home")
    put("about.html", b"about")
    put("_app/immutable/x.js", b"x", "public, max-age=31536000, immutable", "text/javascript")
    one = Connection(aws, APP)
    assert one.ask("/")[2] == b"home" and one.ask("/about")[2] == b"about"
    status, headers, body = one.ask("/_app/immutable/x.js")
    assert (status, body, headers["Content-Type"], headers["Cache-Control"]) == (200, b"x", "text/javascript", "public, max-age=31536000, immutable")
    assert headers["x-amz-meta-release"] == "r1" and "X-Frame-Options" not in headers
    status, headers, body = one.ask("/missing")
    assert (status, body, headers["X-Cache"]) == (404, b"not here", "Error from cloudfront")
    assert headers["X-Frame-Options"] == "DENY" and headers["Strict-Transport-Security"] == "max-age=60; includeSubDomains"
    assert one.ask("/", "POST", b"x")[0] == 403
    tag = one.ask("/")[1]["ETag"]
    assert one.ask("/", If_None_Match=tag)[0] == 304


@test
def bucket_policy(aws):
    """without a policy for this distribution the bucket refuses it, which looks as if nothing were there"""
    _id, put = site(aws)
    put("index.html", b"home")
    s3, one = aws.client("s3"), Connection(aws, APP)
    s3.delete_bucket_policy(Bucket="site")
    status, _headers, body = one.ask("/")
    assert status == 403 and b"AccessDenied" in body


@test
def forgotten_invalidation(aws):
    """what is cached stays until it expires or an invalidation has completed"""
    distribution, put = site(aws)
    cloudfront, one = aws.client("cloudfront"), Connection(aws, APP)
    put("about.html", b"old", "public, max-age=3600")
    assert one.ask("/about")[1]["X-Cache"] == "Miss from cloudfront"
    put("about.html", b"new", "public, max-age=3600")
    status, headers, body = one.ask("/about")
    assert (body, headers["X-Cache"]) == (b"old", "Hit from cloudfront") and int(headers["Age"]) >= 0
    batch = lambda reference, *paths: {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}
    invalidate = lambda *arguments: cloudfront.create_invalidation(DistributionId=distribution, InvalidationBatch=batch(*arguments))["Invalidation"]
    described = lambda made: cloudfront.get_invalidation(DistributionId=distribution, Id=made["Id"])["Invalidation"]
    until(lambda: described(invalidate("1", "/about")), lambda found: found["Status"] == "Completed")
    assert one.ask("/about")[2] == b"old", "the key is the URI that the function made"
    aws.control("settings", invalidation_s=3)
    made = invalidate("2", "/about*")
    assert made["Status"] == "InProgress" and one.ask("/about")[2] == b"old"
    assert invalidate("2", "/about*")["Id"] == made["Id"]
    with refused("InvalidationBatchAlreadyExists"):
        invalidate("2", "/other")
    with refused("TooManyInvalidationsInProgress"):
        invalidate("3", *[f"/{number}/*" for number in range(15)])
    until(lambda: described(made), lambda found: found["Status"] == "Completed")
    assert one.ask("/about")[2] == b"new"


@test
def expiry(aws):
    """no-cache lives for the policy's least time, one second; errors for theirs"""
    _id, put = site(aws)
    one = Connection(aws, APP)
    put("page.html", b"1")
    assert one.ask("/page")[2] == b"1" and one.ask("/late")[0] == 404
    put("page.html", b"2")
    put("late.html", b"late")
    until(lambda: (one.ask("/page")[2], one.ask("/late")[2]), lambda found: found == (b"2", b"late"))  # the usual life is a day


@test
def deployment(aws):
    """a distribution is in progress for a while after a change, and as long as a test wants"""
    aws.control("settings", distribution_s=0.6)
    distribution, _put = site(aws)
    status = lambda: aws.client("cloudfront").get_distribution(Id=distribution)["Distribution"]["Status"]
    assert status() == "InProgress"
    until(status, lambda found: found == "Deployed")
    aws.control("distribution", id=distribution, status="InProgress")
    assert status() == "InProgress"
    aws.control("distribution", id=distribution, status="")
    assert status() == "Deployed"


if __name__ == "__main__":
    emulator = Emulator()
    code = run(TESTS, emulator)
    sys.exit(emulator.stop() or code)
