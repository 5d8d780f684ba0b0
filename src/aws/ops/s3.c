/* s3: the operations golive asks for. */
#include "aws/service.h"

/* Version 14 crashes on these initializers. */
/* clang-format off */

static const struct gl_aws_operation operations[] = {
    {.name = "CreateBucket",
     .kind = GL_AWS_WRITE,
     .method = "PUT",
     .uri = "/",
     .input = "Bucket CreateBucketConfiguration! "
              "ObjectLockEnabledForBucket@x-amz-bucket-object-lock-enabled "
              "ObjectOwnership@x-amz-object-ownership",
     .output = "Location@Location",
     .root = "CreateBucketConfiguration"},
    {.name = "HeadBucket",
     .kind = GL_AWS_READ,
     .action = "s3:ListBucket",
     .method = "HEAD",
     .uri = "/",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "BucketArn@x-amz-bucket-arn BucketLocationType@x-amz-bucket-location-type "
               "BucketLocationName@x-amz-bucket-location-name BucketRegion@x-amz-bucket-region "
               "AccessPointAlias@x-amz-access-point-alias"},
    {.name = "DeleteBucket",
     .kind = GL_AWS_WRITE,
     .method = "DELETE",
     .uri = "/",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner"},
    {.name = "ListBuckets",
     .kind = GL_AWS_READ,
     .action = "s3:ListAllMyBuckets",
     .method = "GET",
     .uri = "/",
     .input = "MaxBuckets?max-buckets ContinuationToken?continuation-token Prefix?prefix",
     .page = {.input = "ContinuationToken", .output = "ContinuationToken", .result = "Buckets"}},
    {.name = "GetBucketLocation",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/?location",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner"},
    {.name = "GetBucketVersioning",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/?versioning",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner"},
    {.name = "GetBucketEncryption",
     .kind = GL_AWS_READ,
     .action = "s3:GetEncryptionConfiguration",
     .method = "GET",
     .uri = "/?encryption",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "ServerSideEncryptionConfiguration!"},
    {.name = "GetPublicAccessBlock",
     .kind = GL_AWS_READ,
     .action = "s3:GetBucketPublicAccessBlock",
     .method = "GET",
     .uri = "/?publicAccessBlock",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "PublicAccessBlockConfiguration!"},
    {.name = "GetBucketPolicy",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/?policy",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "Policy!"},
    {.name = "GetBucketTagging",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/?tagging",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner"},
    {.name = "GetBucketLifecycleConfiguration",
     .kind = GL_AWS_READ,
     .action = "s3:GetLifecycleConfiguration",
     .method = "GET",
     .uri = "/?lifecycle",
     .input = "Bucket ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "TransitionDefaultMinimumObjectSize@x-amz-transition-default-minimum-object-size"},
    {.name = "PutObject",
     .kind = GL_AWS_WRITE,
     .method = "PUT",
     .uri = "/{Key+}",
     .input = "Body! Bucket CacheControl@Cache-Control ContentDisposition@Content-Disposition "
              "ContentEncoding@Content-Encoding ContentLanguage@Content-Language "
              "ContentMD5@Content-MD5 ContentType@Content-Type IfMatch@If-Match "
              "IfNoneMatch@If-None-Match Key Metadata@x-amz-meta-* "
              "ObjectLockMode@x-amz-object-lock-mode "
              "ObjectLockRetainUntilDate@x-amz-object-lock-retain-until-date Tagging@x-amz-tagging "
              "ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "ETag@ETag VersionId@x-amz-version-id"},
    {.name = "CopyObject",
     .kind = GL_AWS_WRITE,
     .action = "s3:PutObject",
     .method = "PUT",
     .uri = "/{Key+}",
     .input = "Bucket CacheControl@Cache-Control ContentType@Content-Type "
              "CopySource@x-amz-copy-source Key MetadataDirective@x-amz-metadata-directive "
              "ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "CopyObjectResult! VersionId@x-amz-version-id"},
    {.name = "GetObject",
     .kind = GL_AWS_READ,
     .method = "GET",
     .uri = "/{Key+}",
     .input = "Bucket IfMatch@If-Match IfNoneMatch@If-None-Match Key Range@Range "
              "VersionId?versionId ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "Body! LastModified@Last-Modified ContentLength@Content-Length ETag@ETag "
               "VersionId@x-amz-version-id CacheControl@Cache-Control ContentType@Content-Type "
               "Metadata@x-amz-meta-*"},
    {.name = "HeadObject",
     .kind = GL_AWS_READ,
     .action = "s3:GetObject",
     .method = "HEAD",
     .uri = "/{Key+}",
     .input = "Bucket IfMatch@If-Match IfNoneMatch@If-None-Match Key VersionId?versionId "
              "ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .output = "DeleteMarker@x-amz-delete-marker LastModified@Last-Modified "
               "ContentLength@Content-Length ETag@ETag VersionId@x-amz-version-id "
               "CacheControl@Cache-Control ContentEncoding@Content-Encoding "
               "ContentType@Content-Type Metadata@x-amz-meta-*"},
    {.name = "DeleteObject",
     .kind = GL_AWS_WRITE,
     .method = "DELETE",
     .uri = "/{Key+}",
     .input = "Bucket Key VersionId?versionId ExpectedBucketOwner@x-amz-expected-bucket-owner "
              "IfMatch@If-Match",
     .output = "DeleteMarker@x-amz-delete-marker VersionId@x-amz-version-id"},
    {.name = "DeleteObjects",
     .kind = GL_AWS_WRITE,
     .action = "s3:DeleteObject",
     .method = "POST",
     .uri = "/?delete",
     .input = "Bucket Delete! BypassGovernanceRetention@x-amz-bypass-governance-retention "
              "ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .root = "Delete",
     .md5 = true},
    {.name = "ListObjectsV2",
     .kind = GL_AWS_READ,
     .action = "s3:ListBucket",
     .method = "GET",
     .uri = "/?list-type=2",
     .input = "Bucket Delimiter?delimiter MaxKeys?max-keys Prefix?prefix "
              "ContinuationToken?continuation-token StartAfter?start-after "
              "ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .page = {.input = "ContinuationToken",
              .output = "NextContinuationToken",
              .result = "Contents CommonPrefixes",
              .more = "IsTruncated"}},
    {.name = "ListObjectVersions",
     .kind = GL_AWS_READ,
     .action = "s3:ListBucketVersions",
     .method = "GET",
     .uri = "/?versions",
     .input = "Bucket Delimiter?delimiter KeyMarker?key-marker MaxKeys?max-keys Prefix?prefix "
              "VersionIdMarker?version-id-marker ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .page = {.input = "KeyMarker VersionIdMarker",
              .output = "NextKeyMarker NextVersionIdMarker",
              .result = "Versions DeleteMarkers CommonPrefixes",
              .more = "IsTruncated"}},
    {.name = "ListMultipartUploads",
     .kind = GL_AWS_READ,
     .action = "s3:ListBucketMultipartUploads",
     .method = "GET",
     .uri = "/?uploads",
     .input = "Bucket KeyMarker?key-marker MaxUploads?max-uploads Prefix?prefix "
              "UploadIdMarker?upload-id-marker ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .page = {.input = "KeyMarker UploadIdMarker",
              .output = "NextKeyMarker NextUploadIdMarker",
              .result = "Uploads CommonPrefixes",
              .more = "IsTruncated"}},
    {.name = "AbortMultipartUpload",
     .kind = GL_AWS_WRITE,
     .method = "DELETE",
     .uri = "/{Key+}",
     .input = "Bucket Key UploadId?uploadId ExpectedBucketOwner@x-amz-expected-bucket-owner"},
    {.name = "PutBucketVersioning",
     .kind = GL_AWS_WRITE,
     .method = "PUT",
     .uri = "/?versioning",
     .input = "Bucket VersioningConfiguration! ExpectedBucketOwner@x-amz-expected-bucket-owner",
     .root = "VersioningConfiguration",
     .md5 = true},
};

const struct gl_aws_service gl_aws_s3 = {
    .name = "s3",
    .signing_name = "s3",
    .protocol = GL_AWS_REST_XML,
    .xmlns = "http://s3.amazonaws.com/doc/2006-03-01/",
    .operations = operations,
    .operation_count = GL_COUNT(operations),
    .input = {
        .lists = "Tags/Tag",
        .flat_lists = "Object=Objects",
        .strings = "MfaDelete=MFADelete",
    },
    .output = {
        .lists = "Buckets/Bucket TagSet/Tag",
        .flat_lists = "ChecksumAlgorithm CommonPrefixes Contents Deleted EncryptionType "
                      "Error=Errors ListObjectVersions.DeleteMarker=DeleteMarkers "
                      "NoncurrentVersionTransition=NoncurrentVersionTransitions Rule=Rules "
                      "Tag=Tags Transition=Transitions Upload=Uploads Version=Versions",
        .booleans = "AccessPointAlias BlockPublicAcls BlockPublicPolicy BucketKeyEnabled "
                    "DeleteMarker ExpiredObjectDeleteMarker IgnorePublicAcls IsLatest "
                    "IsRestoreInProgress IsTruncated RestrictPublicBuckets",
        .integers = "ContentLength Days DaysAfterInitiation KeyCount MaxKeys MaxUploads "
                    "NewerNoncurrentVersions NoncurrentDays ObjectSizeGreaterThan "
                    "ObjectSizeLessThan Size",
        .strings = "MfaDelete=MFADelete Upload.ChecksumAlgorithm",
        .structs = "Filter.Tag",
    },
};
