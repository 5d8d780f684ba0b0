"""The headers of a CloudFront response headers policy, from what the stack says.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
"""


def _true(value):
    return str(value).lower() == "true"


def _transport(given):
    words = [f"max-age={given['AccessControlMaxAgeSec']}"]
    words += ["includeSubDomains"] if _true(given.get("IncludeSubdomains")) else []
    return "; ".join(words + (["preload"] if _true(given.get("Preload")) else []))


SECURITY = {  # member of SecurityHeadersConfig: (header, its value)
    "StrictTransportSecurity": ("Strict-Transport-Security", _transport),
    "ContentTypeOptions": ("X-Content-Type-Options", lambda given: "nosniff"),
    "FrameOptions": ("X-Frame-Options", lambda given: given["FrameOption"]),
    "ReferrerPolicy": ("Referrer-Policy", lambda given: given["ReferrerPolicy"]),
    "ContentSecurityPolicy": ("Content-Security-Policy", lambda given: given["ContentSecurityPolicy"]),
}


def apply(answer, policy_id, stored):
    """Adds the policy's headers; one that is there already stays unless the policy overrides."""
    for (_region, kind, found), properties in list(stored.items()):
        if kind != "AWS::CloudFront::ResponseHeadersPolicy" or found != policy_id:
            continue
        config = properties["ResponseHeadersPolicyConfig"]
        for member, given in config.get("SecurityHeadersConfig", {}).items():
            name, value = SECURITY[member]
            if answer.header(name) is None or _true(given.get("Override")):
                answer.set(name, value(given))
        for one in config.get("CustomHeadersConfig", {}).get("Items", []):
            if answer.header(one["Header"]) is None or _true(one.get("Override")):
                answer.set(one["Header"], one["Value"])
