// A small application like the example, for CDK: network, load-balanced service, database, site, firewall, alarms. No account is asked.
const cdk = require("aws-cdk-lib");
const { aws_ec2: ec2, aws_ecs: ecs, aws_ecs_patterns: patterns, aws_rds: rds, aws_s3: s3, aws_cloudfront: cloudfront } = cdk;
const { aws_cloudfront_origins: origins, aws_wafv2: wafv2, aws_cloudwatch: cloudwatch, aws_secretsmanager: secrets } = cdk;

const app = new cdk.App();

class Network extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id);
    this.vpc = new ec2.Vpc(this, "Vpc", {
      maxAzs: 2,
      natGateways: 2,
      subnetConfiguration: [
        { name: "public", subnetType: ec2.SubnetType.PUBLIC },
        { name: "private", subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: "database", subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
      flowLogs: { all: {} },
      gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
  }
}

class Data extends cdk.Stack {
  constructor(scope, id, vpc) {
    super(scope, id);
    this.database = new rds.DatabaseInstance(this, "Database", {
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.VER_16 }),
      instanceType: ec2.InstanceType.of(ec2.InstanceClass.M7G, ec2.InstanceSize.LARGE),
      multiAz: true,
      storageEncrypted: true,
      deletionProtection: true,
    });
  }
}

class Service extends cdk.Stack {
  constructor(scope, id, vpc) {
    super(scope, id);
    const cluster = new ecs.Cluster(this, "Cluster", { vpc });
    const jwt = new secrets.Secret(this, "Jwt");
    const service = new patterns.ApplicationLoadBalancedFargateService(this, "Service", {
      cluster,
      desiredCount: 2,
      taskImageOptions: { image: ecs.ContainerImage.fromRegistry("example"), secrets: { JWT: ecs.Secret.fromSecretsManager(jwt) } },
      circuitBreaker: { rollback: true },
    });
    service.service.autoScaleTaskCount({ maxCapacity: 8 }).scaleOnCpuUtilization("Cpu", { targetUtilizationPercent: 60 });
    new cloudwatch.Alarm(this, "Errors", {
      metric: service.loadBalancer.metrics.httpCodeTarget(cdk.aws_elasticloadbalancingv2.HttpCodeTarget.TARGET_5XX_COUNT),
      threshold: 5,
      evaluationPeriods: 1,
    });
    new wafv2.CfnWebACL(this, "Acl", {
      scope: "REGIONAL",
      defaultAction: { allow: {} },
      visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: "acl", sampledRequestsEnabled: true },
    });
  }
}

class Site extends cdk.Stack {
  constructor(scope, id) {
    super(scope, id);
    const bucket = new s3.Bucket(this, "Bucket", { blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true });
    new cloudfront.Distribution(this, "Distribution", {
      defaultBehavior: { origin: origins.S3BucketOrigin.withOriginAccessControl(bucket) },
    });
  }
}

const network = new Network(app, "Network");
new Data(app, "Data", network.vpc);
new Service(app, "Service", network.vpc);
new Site(app, "Site");
