/* route53: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "ListHostedZones",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/hostedzone",
     .input = "Marker?marker MaxItems?maxitems DelegationSetId?delegationsetid "
              "HostedZoneType?hostedzonetype",
     .page = {.input = "Marker",
              .output = "NextMarker",
              .result = "HostedZones",
              .more = "IsTruncated"}},
    {.name = "ListHostedZonesByName",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/hostedzonesbyname",
     .input = "DNSName?dnsname HostedZoneId?hostedzoneid MaxItems?maxitems"},
    {.name = "GetHostedZone",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/hostedzone/{Id}",
     .input = "Id"},
    {.name = "ListResourceRecordSets",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/hostedzone/{Id}/rrset",
     .input = "HostedZoneId=Id StartRecordName?name StartRecordType?type "
              "StartRecordIdentifier?identifier MaxItems?maxitems",
     .page = {.input = "StartRecordName StartRecordType StartRecordIdentifier",
              .output = "NextRecordName NextRecordType NextRecordIdentifier",
              .result = "ResourceRecordSets",
              .more = "IsTruncated"}},
    {.name = "ChangeResourceRecordSets",
     .kind = GL_AWS_WRITE,
     .method = "POST",
     .uri = "/2013-04-01/hostedzone/{Id}/rrset/",
     .input = "HostedZoneId=Id ChangeBatch",
     .root = "ChangeResourceRecordSetsRequest"},
    {.name = "GetChange",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/change/{Id}",
     .input = "Id"},
    {.name = "ListHealthChecks",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/healthcheck",
     .input = "Marker?marker MaxItems?maxitems",
     .page = {.input = "Marker",
              .output = "NextMarker",
              .result = "HealthChecks",
              .more = "IsTruncated"}},
    {.name = "GetHealthCheck",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/healthcheck/{HealthCheckId}",
     .input = "HealthCheckId"},
    {.name = "GetHealthCheckStatus",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/healthcheck/{HealthCheckId}/status",
     .input = "HealthCheckId"},
    {.name = "GetDNSSEC",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2013-04-01/hostedzone/{Id}/dnssec",
     .input = "HostedZoneId=Id"},
};

const struct gl_aws_service gl_aws_route53 = {
    .name = "route53",
    .signing_name = "route53",
    .protocol = GL_AWS_REST_XML,
    .xmlns = "https://route53.amazonaws.com/doc/2013-04-01/",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .lists = "Changes/Change ResourceRecords/ResourceRecord",
    },
    .output = {
        .lists = "ChildHealthChecks/ChildHealthCheck Dimensions/Dimension "
                 "HealthCheckObservations/HealthCheckObservation HealthChecks/HealthCheck "
                 "HostedZones/HostedZone KeySigningKeys NameServers/NameServer Regions/Region "
                 "ResourceRecordSets/ResourceRecordSet ResourceRecords/ResourceRecord VPCs/VPC",
        .booleans = "Disabled EnableSNI EvaluateTargetHealth Inverted IsTruncated MeasureLatency "
                    "MultiValueAnswer PrivateZone",
        .integers = "Bias DigestAlgorithmType EvaluationPeriods FailureThreshold Flag "
                    "HealthCheckVersion HealthThreshold KeyTag Period Port RequestInterval "
                    "ResourceRecordSetCount SigningAlgorithmType TTL Weight",
        .reals = "Threshold",
    },
};
