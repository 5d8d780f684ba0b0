/* cloudfront: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "CreateInvalidation",
     .kind = GL_AWS_WRITE,
     .method = "POST",
     .uri = "/2020-05-31/distribution/{DistributionId}/invalidation",
     .input = "DistributionId InvalidationBatch!",
     .output = "Location@Location Invalidation!",
     .root = "InvalidationBatch"},
    {.name = "GetInvalidation",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/distribution/{DistributionId}/invalidation/{Id}",
     .input = "DistributionId Id",
     .output = "Invalidation!"},
    {.name = "ListInvalidations",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/distribution/{DistributionId}/invalidation",
     .input = "DistributionId Marker?Marker MaxItems?MaxItems",
     .output = "InvalidationList!",
     .page = {.input = "Marker",
              .output = "InvalidationList.NextMarker",
              .result = "InvalidationList.Items",
              .more = "InvalidationList.IsTruncated"}},
    {.name = "ListDistributions",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/distribution",
     .input = "Marker?Marker MaxItems?MaxItems",
     .output = "DistributionList!",
     .page = {.input = "Marker",
              .output = "DistributionList.NextMarker",
              .result = "DistributionList.Items",
              .more = "DistributionList.IsTruncated"}},
    {.name = "GetDistribution",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/distribution/{Id}",
     .input = "Id",
     .output = "Distribution! ETag@ETag"},
    {.name = "GetDistributionConfig",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/distribution/{Id}/config",
     .input = "Id",
     .output = "DistributionConfig! ETag@ETag"},
    {.name = "GetResponseHeadersPolicy",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/response-headers-policy/{Id}",
     .input = "Id",
     .output = "ResponseHeadersPolicy! ETag@ETag"},
    {.name = "DescribeFunction",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/2020-05-31/function/{Name}/describe",
     .input = "Name Stage?Stage",
     .output = "FunctionSummary! ETag@ETag"},
};

const struct gl_aws_service gl_aws_cloudfront = {
    .name = "cloudfront",
    .signing_name = "cloudfront",
    .protocol = GL_AWS_REST_XML,
    .xmlns = "http://cloudfront.amazonaws.com/doc/2020-05-31/",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .lists = "Items/Path",
    },
    .output = {
        .lists = "AccessControlAllowHeaders.Items/Header AccessControlAllowOrigins.Items/Origin "
                 "AccessControlExposeHeaders.Items/Header ActiveTrustedKeyGroups.Items/KeyGroup "
                 "ActiveTrustedSigners.Items/Signer AliasICPRecordals/AliasICPRecordal "
                 "Aliases.Items/CNAME CacheBehaviors.Items/CacheBehavior "
                 "CustomErrorResponses.Items/CustomErrorResponse "
                 "CustomHeaders.Items/OriginCustomHeader "
                 "CustomHeadersConfig.Items/ResponseHeadersPolicyCustomHeader "
                 "FunctionAssociations.Items/FunctionAssociation GeoRestriction.Items/Location "
                 "Headers.Items/Name Items/Method KeyPairIds.Items/KeyPairId "
                 "KeyValueStoreAssociations.Items/KeyValueStoreAssociation "
                 "LambdaFunctionAssociations.Items/LambdaFunctionAssociation "
                 "ListDistributions.Items/DistributionSummary "
                 "ListInvalidations.Items/InvalidationSummary Members.Items/OriginGroupMember "
                 "OriginGroups.Items/OriginGroup OriginSslProtocols.Items/SslProtocol "
                 "Origins.Items/Origin ParameterDefinitions Paths.Items/Path "
                 "QueryStringCacheKeys.Items/Name "
                 "RemoveHeadersConfig.Items/ResponseHeadersPolicyRemoveHeader "
                 "StatusCodes.Items/StatusCode TrustedKeyGroups.Items/KeyGroup "
                 "TrustedSigners.Items/AwsAccountNumber WhitelistedNames.Items/Name",
        .booleans = "AccessControlAllowCredentials AdvertiseTrustStoreCaNames "
                    "CloudFrontDefaultCertificate Compress Enabled IgnoreCertificateExpiry "
                    "IncludeBody IncludeCookies IncludeSubdomains IsIPV6Enabled IsTruncated "
                    "ModeBlock OriginOverride Override Preload Protection QueryString Required "
                    "SmoothStreaming Staging",
        .integers = "AccessControlMaxAgeSec ConnectionAttempts ConnectionTimeout DefaultTTL "
                    "ErrorCachingMinTTL ErrorCode HTTPPort HTTPSPort "
                    "InProgressInvalidationBatches Items.StatusCode MaxItems MaxTTL MinTTL "
                    "OriginKeepaliveTimeout OriginReadTimeout Quantity ResponseCompletionTimeout",
        .reals = "SamplingRate",
    },
};
