# Roles of CloudTrail Responder for Splunk: one that reads, one that changes.

terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_partition" "current" {}

variable "trusted_principal" {
  type        = string
  description = "ARN of the IAM user or role whose credentials the app has."
}

variable "external_id" {
  type        = string
  description = "External ID of the entry on the AWS accounts tab."
}

locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "CloudTrailResponder"
        Effect = "Allow"
        Principal = {
          AWS = var.trusted_principal
        }
        Action = [
          "sts:AssumeRole",
          "sts:SetSourceIdentity",
          "sts:TagSession",
        ]
        Condition = {
          StringEquals = {
            "sts:ExternalId" = var.external_id
          }
        }
      },
    ]
  })
}

variable "change_role_name" {
  type    = string
  default = "CloudTrailResponder"
}

resource "aws_iam_role" "change" {
  name               = var.change_role_name
  description        = "CloudTrail Responder for Splunk: makes and undoes changes"
  assume_role_policy = local.trust
}

output "change_role_arn" {
  value = aws_iam_role.change.arn
}

variable "read_role_name" {
  type    = string
  default = "CloudTrailResponderRead"
}

resource "aws_iam_role" "read" {
  name               = var.read_role_name
  description        = "CloudTrail Responder for Splunk: plans and simulates"
  assume_role_policy = local.trust
}

output "read_role_arn" {
  value = aws_iam_role.read.arn
}

resource "aws_iam_policy" "read_1" {
  name        = "${var.read_role_name}-1"
  description = "CloudTrail Responder for Splunk: plans and simulates"
  policy      = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "AccessAnalyzerReadAnalyzer"
        Effect = "Allow"
        Action = [
          "access-analyzer:GetAnalyzer",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:access-analyzer:*:*:analyzer/*"
      },
      {
        Sid = "AccessAnalyzerReadAnalyzerArchiveRule"
        Effect = "Allow"
        Action = [
          "access-analyzer:GetArchiveRule",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:access-analyzer:*:*:analyzer/*/archive-rule/*"
      },
      {
        Sid = "BackupReadBackupVault"
        Effect = "Allow"
        Action = [
          "backup:DescribeBackupVault",
          "backup:GetBackupVaultAccessPolicy",
          "backup:ListTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:backup:*:*:backup-vault:*"
      },
      {
        Sid = "BedrockRead"
        Effect = "Allow"
        Action = [
          "bedrock:GetModelInvocationLoggingConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid = "CloudfrontRead"
        Effect = "Allow"
        Action = [
          "cloudfront:ListDistributions",
        ]
        Resource = "*"
      },
      {
        Sid = "CloudtrailRead"
        Effect = "Allow"
        Action = [
          "cloudtrail:DescribeTrails",
          "cloudtrail:LookupEvents",
        ]
        Resource = "*"
      },
      {
        Sid = "CloudtrailReadEventdatastore"
        Effect = "Allow"
        Action = [
          "cloudtrail:GetEventDataStore",
          "cloudtrail:ListTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cloudtrail:*:*:eventdatastore/*"
      },
      {
        Sid = "CloudtrailReadTrail"
        Effect = "Allow"
        Action = [
          "cloudtrail:GetEventSelectors",
          "cloudtrail:GetInsightSelectors",
          "cloudtrail:GetTrailStatus",
          "cloudtrail:ListTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cloudtrail:*:*:trail/*"
      },
      {
        Sid = "CloudwatchRead"
        Effect = "Allow"
        Action = [
          "cloudwatch:GetMetricStatistics",
        ]
        Resource = "*"
      },
      {
        Sid = "CloudwatchReadAlarm"
        Effect = "Allow"
        Action = [
          "cloudwatch:DescribeAlarms",
          "cloudwatch:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cloudwatch:*:*:alarm:*"
      },
      {
        Sid = "ConfigRead"
        Effect = "Allow"
        Action = [
          "config:DescribeDeliveryChannels",
        ]
        Resource = "*"
      },
      {
        Sid = "ConfigReadConfigurationRecorder"
        Effect = "Allow"
        Action = [
          "config:DescribeConfigurationRecorderStatus",
          "config:DescribeConfigurationRecorders",
          "config:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:config:*:*:configuration-recorder/*"
      },
      {
        Sid = "DynamodbReadTable"
        Effect = "Allow"
        Action = [
          "dynamodb:DescribeTable",
          "dynamodb:GetResourcePolicy",
          "dynamodb:ListTagsOfResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:*:*:table/*"
      },
      {
        Sid = "Ec2Read"
        Effect = "Allow"
        Action = [
          "ec2:DescribeFlowLogs",
          "ec2:DescribeIamInstanceProfileAssociations",
          "ec2:DescribeImages",
          "ec2:DescribeInstances",
          "ec2:DescribeManagedPrefixLists",
          "ec2:DescribeNetworkAcls",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroupRules",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSnapshots",
          "ec2:DescribeVpcs",
          "ec2:GetEbsEncryptionByDefault",
          "ec2:GetImageBlockPublicAccessState",
          "ec2:GetSerialConsoleAccessStatus",
          "ec2:GetSnapshotBlockPublicAccessState",
        ]
        Resource = "*"
      },
      {
        Sid = "Ec2ReadInstance"
        Effect = "Allow"
        Action = [
          "ec2:DescribeInstanceAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:instance/*"
      },
      {
        Sid = "Ec2ReadPrefixList"
        Effect = "Allow"
        Action = [
          "ec2:GetManagedPrefixListAssociations",
          "ec2:GetManagedPrefixListEntries",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:prefix-list/*"
      },
      {
        Sid = "Ec2ReadImage"
        Effect = "Allow"
        Action = [
          "ec2:DescribeImageAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*::image/*"
      },
      {
        Sid = "Ec2ReadSnapshot"
        Effect = "Allow"
        Action = [
          "ec2:DescribeSnapshotAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*::snapshot/*"
      },
      {
        Sid = "EcrReadRepository"
        Effect = "Allow"
        Action = [
          "ecr:DescribeRepositories",
          "ecr:GetRepositoryPolicy",
          "ecr:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ecr:*:*:repository/*"
      },
      {
        Sid = "EksReadAccessEntry"
        Effect = "Allow"
        Action = [
          "eks:DescribeAccessEntry",
          "eks:ListAssociatedAccessPolicies",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:eks:*:*:access-entry/*"
      },
      {
        Sid = "EksReadCluster"
        Effect = "Allow"
        Action = [
          "eks:DescribeCluster",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:eks:*:*:cluster/*"
      },
      {
        Sid = "EventsReadRule"
        Effect = "Allow"
        Action = [
          "events:DescribeRule",
          "events:ListTagsForResource",
          "events:ListTargetsByRule",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:events:*:*:rule/*"
      },
      {
        Sid = "GuarddutyRead"
        Effect = "Allow"
        Action = [
          "guardduty:ListDetectors",
        ]
        Resource = "*"
      },
      {
        Sid = "GuarddutyReadDetector"
        Effect = "Allow"
        Action = [
          "guardduty:GetDetector",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:guardduty:*:*:detector/*"
      },
      {
        Sid = "GuarddutyReadDetectorFilter"
        Effect = "Allow"
        Action = [
          "guardduty:GetFilter",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:guardduty:*:*:detector/*/filter/*"
      },
      {
        Sid = "GuarddutyReadDetectorIpset"
        Effect = "Allow"
        Action = [
          "guardduty:GetIPSet",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:guardduty:*:*:detector/*/ipset/*"
      },
      {
        Sid = "IamRead"
        Effect = "Allow"
        Action = [
          "iam:GetAccountPasswordPolicy",
        ]
        Resource = "*"
      },
      {
        Sid = "IamReadGroup"
        Effect = "Allow"
        Action = [
          "iam:GetGroup",
          "iam:GetGroupPolicy",
          "iam:ListAttachedGroupPolicies",
          "iam:ListGroupPolicies",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:group/*"
      },
      {
        Sid = "IamReadInstanceProfile"
        Effect = "Allow"
        Action = [
          "iam:GetInstanceProfile",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:instance-profile/*"
      },
      {
        Sid = "IamReadOidcProvider"
        Effect = "Allow"
        Action = [
          "iam:GetOpenIDConnectProvider",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:oidc-provider/*"
      },
      {
        Sid = "IamReadPolicy"
        Effect = "Allow"
        Action = [
          "iam:GetPolicy",
          "iam:GetPolicyVersion",
          "iam:ListEntitiesForPolicy",
          "iam:ListPolicyVersions",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:policy/*"
      },
      {
        Sid = "IamReadRole"
        Effect = "Allow"
        Action = [
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
          "iam:SimulatePrincipalPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
      },
      {
        Sid = "IamReadSamlProvider"
        Effect = "Allow"
        Action = [
          "iam:GetSAMLProvider",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:saml-provider/*"
      },
      {
        Sid = "IamReadUser"
        Effect = "Allow"
        Action = [
          "iam:GetAccessKeyLastUsed",
          "iam:GetLoginProfile",
          "iam:GetUser",
          "iam:GetUserPolicy",
          "iam:ListAccessKeys",
          "iam:ListAttachedUserPolicies",
          "iam:ListGroupsForUser",
          "iam:ListSSHPublicKeys",
          "iam:ListServiceSpecificCredentials",
          "iam:ListSigningCertificates",
          "iam:ListUserPolicies",
          "iam:SimulatePrincipalPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:user/*"
      },
      {
        Sid = "KmsReadKey"
        Effect = "Allow"
        Action = [
          "kms:DescribeKey",
          "kms:GetKeyPolicy",
          "kms:ListGrants",
          "kms:ListResourceTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "change_has_read_1" {
  role       = aws_iam_role.change.name
  policy_arn = aws_iam_policy.read_1.arn
}

resource "aws_iam_role_policy_attachment" "read_has_read_1" {
  role       = aws_iam_role.read.name
  policy_arn = aws_iam_policy.read_1.arn
}

resource "aws_iam_policy" "read_2" {
  name        = "${var.read_role_name}-2"
  description = "CloudTrail Responder for Splunk: plans and simulates"
  policy      = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "LambdaRead"
        Effect = "Allow"
        Action = [
          "lambda:ListEventSourceMappings",
        ]
        Resource = "*"
      },
      {
        Sid = "LambdaReadFunction"
        Effect = "Allow"
        Action = [
          "lambda:GetAlias",
          "lambda:GetFunctionConcurrency",
          "lambda:GetFunctionConfiguration",
          "lambda:GetFunctionUrlConfig",
          "lambda:GetPolicy",
          "lambda:ListTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:lambda:*:*:function:*"
      },
      {
        Sid = "LightsailRead"
        Effect = "Allow"
        Action = [
          "lightsail:GetInstance",
          "lightsail:GetInstancePortStates",
        ]
        Resource = "*"
      },
      {
        Sid = "LogsRead"
        Effect = "Allow"
        Action = [
          "logs:DescribeLogGroups",
        ]
        Resource = "*"
      },
      {
        Sid = "LogsReadLogGroup"
        Effect = "Allow"
        Action = [
          "logs:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:logs:*:*:log-group:*"
      },
      {
        Sid = "RdsReadClusterSnapshot"
        Effect = "Allow"
        Action = [
          "rds:DescribeDBClusterSnapshotAttributes",
          "rds:DescribeDBClusterSnapshots",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:cluster-snapshot:*"
      },
      {
        Sid = "RdsReadCluster"
        Effect = "Allow"
        Action = [
          "rds:DescribeDBClusters",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:cluster:*"
      },
      {
        Sid = "RdsReadDb"
        Effect = "Allow"
        Action = [
          "rds:DescribeDBInstances",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:db:*"
      },
      {
        Sid = "RdsReadSnapshot"
        Effect = "Allow"
        Action = [
          "rds:DescribeDBSnapshotAttributes",
          "rds:DescribeDBSnapshots",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:snapshot:*"
      },
      {
        Sid = "RedshiftRead"
        Effect = "Allow"
        Action = [
          "redshift:DescribeClusterSnapshots",
        ]
        Resource = "*"
      },
      {
        Sid = "RedshiftReadCluster"
        Effect = "Allow"
        Action = [
          "redshift:DescribeClusters",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:redshift:*:*:cluster:*"
      },
      {
        Sid = "RolesanywhereRead"
        Effect = "Allow"
        Action = [
          "rolesanywhere:ListTagsForResource",
        ]
        Resource = "*"
      },
      {
        Sid = "RolesanywhereReadProfile"
        Effect = "Allow"
        Action = [
          "rolesanywhere:GetProfile",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rolesanywhere:*:*:profile/*"
      },
      {
        Sid = "RolesanywhereReadTrustAnchor"
        Effect = "Allow"
        Action = [
          "rolesanywhere:GetTrustAnchor",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rolesanywhere:*:*:trust-anchor/*"
      },
      {
        Sid = "Route53ResolverRead"
        Effect = "Allow"
        Action = [
          "route53resolver:ListResolverQueryLogConfigAssociations",
        ]
        Resource = "*"
      },
      {
        Sid = "Route53ResolverReadResolverQueryLogConfig"
        Effect = "Allow"
        Action = [
          "route53resolver:GetResolverQueryLogConfig",
          "route53resolver:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:route53resolver:*:*:resolver-query-log-config/*"
      },
      {
        Sid = "S3Read"
        Effect = "Allow"
        Action = [
          "s3:GetAccessPoint",
          "s3:GetAccountPublicAccessBlock",
          "s3:ListAllMyBuckets",
        ]
        Resource = "*"
      },
      {
        Sid = "S3ReadAccesspoint"
        Effect = "Allow"
        Action = [
          "s3:GetAccessPointPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:s3:*:*:accesspoint/*"
      },
      {
        Sid = "S3ReadEach"
        Effect = "Allow"
        Action = [
          "s3:GetBucketAcl",
          "s3:GetBucketLocation",
          "s3:GetBucketObjectLockConfiguration",
          "s3:GetBucketPolicy",
          "s3:GetBucketPolicyStatus",
          "s3:GetBucketPublicAccessBlock",
          "s3:GetBucketTagging",
          "s3:GetBucketVersioning",
          "s3:GetBucketWebsite",
          "s3:GetEncryptionConfiguration",
          "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:s3:::*"
      },
      {
        Sid = "SecretsmanagerReadSecret"
        Effect = "Allow"
        Action = [
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetResourcePolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:secretsmanager:*:*:secret:*"
      },
      {
        Sid = "SecurityhubReadHubDefault"
        Effect = "Allow"
        Action = [
          "securityhub:DescribeHub",
          "securityhub:DescribeStandards",
          "securityhub:GetEnabledStandards",
          "securityhub:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:securityhub:*:*:hub/default"
      },
      {
        Sid = "SnsReadEach"
        Effect = "Allow"
        Action = [
          "sns:GetTopicAttributes",
          "sns:ListTagsForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:sns:*:*:*"
      },
      {
        Sid = "SqsReadEach"
        Effect = "Allow"
        Action = [
          "sqs:GetQueueAttributes",
          "sqs:GetQueueUrl",
          "sqs:ListQueueTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:sqs:*:*:*"
      },
      {
        Sid = "TagRead"
        Effect = "Allow"
        Action = [
          "tag:GetResources",
        ]
        Resource = "*"
      },
      {
        Sid = "Wafv2ReadApps"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:amplify:*:*:apps/*"
      },
      {
        Sid = "Wafv2ReadRestapisStages"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:apigateway:*::/restapis/*/stages/*"
      },
      {
        Sid = "Wafv2ReadService"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:apprunner:*:*:service/*/*"
      },
      {
        Sid = "Wafv2ReadApis"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:appsync:*:*:apis/*"
      },
      {
        Sid = "Wafv2ReadUserpool"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cognito-idp:*:*:userpool/*"
      },
      {
        Sid = "Wafv2ReadVerifiedAccessInstance"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:verified-access-instance/*"
      },
      {
        Sid = "Wafv2ReadLoadbalancerApp"
        Effect = "Allow"
        Action = [
          "wafv2:GetWebACLForResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:elasticloadbalancing:*:*:loadbalancer/app/*/*"
      },
      {
        Sid = "WorkspacesRead"
        Effect = "Allow"
        Action = [
          "workspaces:DescribeTags",
          "workspaces:DescribeWorkspaceImages",
        ]
        Resource = "*"
      },
      {
        Sid = "WorkspacesReadWorkspaceimage"
        Effect = "Allow"
        Action = [
          "workspaces:DescribeWorkspaceImagePermissions",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:workspaces:*:*:workspaceimage/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "change_has_read_2" {
  role       = aws_iam_role.change.name
  policy_arn = aws_iam_policy.read_2.arn
}

resource "aws_iam_role_policy_attachment" "read_has_read_2" {
  role       = aws_iam_role.read.name
  policy_arn = aws_iam_policy.read_2.arn
}

resource "aws_iam_policy" "change_1" {
  name        = "${var.change_role_name}-1"
  description = "CloudTrail Responder for Splunk: makes and undoes changes"
  policy      = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "AccessAnalyzerChangeAnalyzer"
        Effect = "Allow"
        Action = [
          "access-analyzer:CreateAnalyzer",
          "access-analyzer:DeleteAnalyzer",
          "access-analyzer:TagResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:access-analyzer:*:*:analyzer/*"
      },
      {
        Sid = "AccessAnalyzerChangeAnalyzerArchiveRule"
        Effect = "Allow"
        Action = [
          "access-analyzer:CreateArchiveRule",
          "access-analyzer:DeleteArchiveRule",
          "access-analyzer:UpdateArchiveRule",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:access-analyzer:*:*:analyzer/*/archive-rule/*"
      },
      {
        Sid = "ApigatewayChangeRestapisStages"
        Effect = "Allow"
        Action = [
          "apigateway:SetWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:apigateway:*::/restapis/*/stages/*"
      },
      {
        Sid = "BackupChangeBackupVault"
        Effect = "Allow"
        Action = [
          "backup:DeleteBackupVaultAccessPolicy",
          "backup:DeleteBackupVaultLockConfiguration",
          "backup:PutBackupVaultAccessPolicy",
          "backup:PutBackupVaultLockConfiguration",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:backup:*:*:backup-vault:*"
      },
      {
        Sid = "BedrockChange"
        Effect = "Allow"
        Action = [
          "bedrock:DeleteModelInvocationLoggingConfiguration",
          "bedrock:PutModelInvocationLoggingConfiguration",
        ]
        Resource = "*"
      },
      {
        Sid = "CloudtrailChangeEventdatastore"
        Effect = "Allow"
        Action = [
          "cloudtrail:DeleteEventDataStore",
          "cloudtrail:RestoreEventDataStore",
          "cloudtrail:StartEventDataStoreIngestion",
          "cloudtrail:StopEventDataStoreIngestion",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cloudtrail:*:*:eventdatastore/*"
      },
      {
        Sid = "CloudtrailChangeTrail"
        Effect = "Allow"
        Action = [
          "cloudtrail:AddTags",
          "cloudtrail:CreateTrail",
          "cloudtrail:DeleteTrail",
          "cloudtrail:PutEventSelectors",
          "cloudtrail:PutInsightSelectors",
          "cloudtrail:StartLogging",
          "cloudtrail:StopLogging",
          "cloudtrail:UpdateTrail",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cloudtrail:*:*:trail/*"
      },
      {
        Sid = "CloudwatchChangeAlarm"
        Effect = "Allow"
        Action = [
          "cloudwatch:DisableAlarmActions",
          "cloudwatch:EnableAlarmActions",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cloudwatch:*:*:alarm:*"
      },
      {
        Sid = "ConfigChange"
        Effect = "Allow"
        Action = [
          "config:DeleteDeliveryChannel",
          "config:PutDeliveryChannel",
        ]
        Resource = "*"
      },
      {
        Sid = "ConfigChangeConfigurationRecorder"
        Effect = "Allow"
        Action = [
          "config:DeleteConfigurationRecorder",
          "config:PutConfigurationRecorder",
          "config:StartConfigurationRecorder",
          "config:StopConfigurationRecorder",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:config:*:*:configuration-recorder/*"
      },
      {
        Sid = "DynamodbChangeTable"
        Effect = "Allow"
        Action = [
          "dynamodb:DeleteResourcePolicy",
          "dynamodb:PutResourcePolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:dynamodb:*:*:table/*"
      },
      {
        Sid = "Ec2Change"
        Effect = "Allow"
        Action = [
          "ec2:DisableEbsEncryptionByDefault",
          "ec2:DisableImageBlockPublicAccess",
          "ec2:DisableSerialConsoleAccess",
          "ec2:DisableSnapshotBlockPublicAccess",
          "ec2:EnableEbsEncryptionByDefault",
          "ec2:EnableImageBlockPublicAccess",
          "ec2:EnableSerialConsoleAccess",
          "ec2:EnableSnapshotBlockPublicAccess",
        ]
        Resource = "*"
      },
      {
        Sid = "Ec2ChangeInstance"
        Effect = "Allow"
        Action = [
          "ec2:AssociateIamInstanceProfile",
          "ec2:CreateSnapshots",
          "ec2:DisassociateIamInstanceProfile",
          "ec2:ModifyInstanceMetadataOptions",
          "ec2:ModifyNetworkInterfaceAttribute",
          "ec2:ReplaceIamInstanceProfileAssociation",
          "ec2:StartInstances",
          "ec2:StopInstances",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:instance/*"
      },
      {
        Sid = "Ec2ChangeNetworkAcl"
        Effect = "Allow"
        Action = [
          "ec2:CreateNetworkAclEntry",
          "ec2:DeleteNetworkAclEntry",
          "ec2:ReplaceNetworkAclEntry",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:network-acl/*"
      },
      {
        Sid = "Ec2ChangeNetworkInterface"
        Effect = "Allow"
        Action = [
          "ec2:CreateFlowLogs",
          "ec2:ModifyNetworkInterfaceAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:network-interface/*"
      },
      {
        Sid = "Ec2ChangePrefixList"
        Effect = "Allow"
        Action = [
          "ec2:ModifyManagedPrefixList",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:prefix-list/*"
      },
      {
        Sid = "Ec2ChangeSecurityGroupRule"
        Effect = "Allow"
        Action = [
          "ec2:AuthorizeSecurityGroupIngress",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:security-group-rule/*"
      },
      {
        Sid = "Ec2ChangeSecurityGroupRuleWhenAuthorizeSecurityGroupIngress"
        Effect = "Allow"
        Action = [
          "ec2:CreateTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:security-group-rule/*"
        Condition = {
          StringEquals = {
            "ec2:CreateAction" = "AuthorizeSecurityGroupIngress"
          }
        }
      },
      {
        Sid = "Ec2ChangeSecurityGroup"
        Effect = "Allow"
        Action = [
          "ec2:AuthorizeSecurityGroupEgress",
          "ec2:AuthorizeSecurityGroupIngress",
          "ec2:CreateSecurityGroup",
          "ec2:DeleteSecurityGroup",
          "ec2:ModifyNetworkInterfaceAttribute",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:RevokeSecurityGroupIngress",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:security-group/*"
      },
      {
        Sid = "Ec2ChangeSecurityGroupWhenCreateSecurityGroup"
        Effect = "Allow"
        Action = [
          "ec2:CreateTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:security-group/*"
        Condition = {
          StringEquals = {
            "ec2:CreateAction" = "CreateSecurityGroup"
          }
        }
      },
      {
        Sid = "Ec2ChangeSubnet"
        Effect = "Allow"
        Action = [
          "ec2:CreateFlowLogs",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:subnet/*"
      },
      {
        Sid = "Ec2ChangeTransitGatewayAttachment"
        Effect = "Allow"
        Action = [
          "ec2:CreateFlowLogs",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:transit-gateway-attachment/*"
      },
      {
        Sid = "Ec2ChangeTransitGateway"
        Effect = "Allow"
        Action = [
          "ec2:CreateFlowLogs",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:transit-gateway/*"
      },
      {
        Sid = "Ec2ChangeVolume"
        Effect = "Allow"
        Action = [
          "ec2:CreateSnapshots",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:volume/*"
      },
      {
        Sid = "Ec2ChangeVpcFlowLog"
        Effect = "Allow"
        Action = [
          "ec2:CreateFlowLogs",
          "ec2:DeleteFlowLogs",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:vpc-flow-log/*"
      },
      {
        Sid = "Ec2ChangeVpc"
        Effect = "Allow"
        Action = [
          "ec2:CreateFlowLogs",
          "ec2:CreateSecurityGroup",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:vpc/*"
      },
      {
        Sid = "Ec2ChangeImage"
        Effect = "Allow"
        Action = [
          "ec2:ModifyImageAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*::image/*"
      },
      {
        Sid = "Ec2ChangeSnapshot"
        Effect = "Allow"
        Action = [
          "ec2:CreateSnapshots",
          "ec2:ModifySnapshotAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*::snapshot/*"
      },
      {
        Sid = "Ec2ChangeSnapshotWhenCreateSnapshots"
        Effect = "Allow"
        Action = [
          "ec2:CreateTags",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*::snapshot/*"
        Condition = {
          StringEquals = {
            "ec2:CreateAction" = "CreateSnapshots"
          }
        }
      },
      {
        Sid = "EcrChangeRepository"
        Effect = "Allow"
        Action = [
          "ecr:DeleteRepositoryPolicy",
          "ecr:SetRepositoryPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ecr:*:*:repository/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "change_has_change_1" {
  role       = aws_iam_role.change.name
  policy_arn = aws_iam_policy.change_1.arn
}

resource "aws_iam_policy" "change_2" {
  name        = "${var.change_role_name}-2"
  description = "CloudTrail Responder for Splunk: makes and undoes changes"
  policy      = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "EksChangeAccessEntry"
        Effect = "Allow"
        Action = [
          "eks:AssociateAccessPolicy",
          "eks:DeleteAccessEntry",
          "eks:DisassociateAccessPolicy",
          "eks:TagResource",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:eks:*:*:access-entry/*"
      },
      {
        Sid = "EksChangeCluster"
        Effect = "Allow"
        Action = [
          "eks:CreateAccessEntry",
          "eks:UpdateClusterConfig",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:eks:*:*:cluster/*"
      },
      {
        Sid = "ElasticloadbalancingChange"
        Effect = "Allow"
        Action = [
          "elasticloadbalancing:SetWebACL",
        ]
        Resource = "*"
      },
      {
        Sid = "EventsChangeRule"
        Effect = "Allow"
        Action = [
          "events:DisableRule",
          "events:EnableRule",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:events:*:*:rule/*"
      },
      {
        Sid = "GuarddutyChange"
        Effect = "Allow"
        Action = [
          "guardduty:CreateDetector",
        ]
        Resource = "*"
      },
      {
        Sid = "GuarddutyChangeDetector"
        Effect = "Allow"
        Action = [
          "guardduty:DeleteDetector",
          "guardduty:UpdateDetector",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:guardduty:*:*:detector/*"
      },
      {
        Sid = "GuarddutyChangeDetectorFilter"
        Effect = "Allow"
        Action = [
          "guardduty:UpdateFilter",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:guardduty:*:*:detector/*/filter/*"
      },
      {
        Sid = "GuarddutyChangeDetectorIpset"
        Effect = "Allow"
        Action = [
          "guardduty:UpdateIPSet",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:guardduty:*:*:detector/*/ipset/*"
      },
      {
        Sid = "IamChange"
        Effect = "Allow"
        Action = [
          "iam:DeleteAccountPasswordPolicy",
          "iam:UpdateAccountPasswordPolicy",
        ]
        Resource = "*"
      },
      {
        Sid = "IamChangeGroup"
        Effect = "Allow"
        Action = [
          "iam:AddUserToGroup",
          "iam:AttachGroupPolicy",
          "iam:DeleteGroupPolicy",
          "iam:DetachGroupPolicy",
          "iam:PutGroupPolicy",
          "iam:RemoveUserFromGroup",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:group/*"
      },
      {
        Sid = "IamChangeOidcProvider"
        Effect = "Allow"
        Action = [
          "iam:AddClientIDToOpenIDConnectProvider",
          "iam:RemoveClientIDFromOpenIDConnectProvider",
          "iam:UpdateOpenIDConnectProviderThumbprint",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:oidc-provider/*"
      },
      {
        Sid = "IamChangePolicy"
        Effect = "Allow"
        Action = [
          "iam:SetDefaultPolicyVersion",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:policy/*"
      },
      {
        Sid = "IamChangeRole"
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy",
          "iam:DeleteRolePermissionsBoundary",
          "iam:DeleteRolePolicy",
          "iam:DetachRolePolicy",
          "iam:PassRole",
          "iam:PutRolePermissionsBoundary",
          "iam:PutRolePolicy",
          "iam:UpdateAssumeRolePolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
      },
      {
        Sid = "IamChangeRoleWhenBedrockAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "bedrock.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleWhenCloudtrailAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "cloudtrail.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleWhenConfigAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "config.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleWhenEc2AmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringEquals = {
            "iam:PassedToService" = [
              "ec2.amazonaws.com",
              "ec2.amazonaws.com.cn",
            ]
          }
        }
      },
      {
        Sid = "IamChangeRoleWhenS3AmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "s3.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleWhenVpcflowlogsAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:PassRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "vpc-flow-logs.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleAwsServiceRoleAccessAnalyzerAmazonawsComWhenAccessanalyzerAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:CreateServiceLinkedRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/aws-service-role/access-analyzer.amazonaws.com/*"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = "access-analyzer.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleAwsServiceRoleGuarddutyAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:DeleteRolePolicy",
          "iam:PutRolePolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/aws-service-role/guardduty.amazonaws.com/*"
      },
      {
        Sid = "IamChangeRoleAwsServiceRoleGuarddutyAmazonawsComWhenGuarddutyAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:CreateServiceLinkedRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/aws-service-role/guardduty.amazonaws.com/*"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = "guardduty.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeRoleAwsServiceRoleSecurityhubAmazonawsComWhenSecurityhubAmazonawsCom"
        Effect = "Allow"
        Action = [
          "iam:CreateServiceLinkedRole",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/aws-service-role/securityhub.amazonaws.com/*"
        Condition = {
          StringEquals = {
            "iam:AWSServiceName" = "securityhub.amazonaws.com"
          }
        }
      },
      {
        Sid = "IamChangeSamlProvider"
        Effect = "Allow"
        Action = [
          "iam:UpdateSAMLProvider",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:saml-provider/*"
      },
      {
        Sid = "IamChangeUser"
        Effect = "Allow"
        Action = [
          "iam:AttachUserPolicy",
          "iam:DeleteLoginProfile",
          "iam:DeleteUserPermissionsBoundary",
          "iam:DeleteUserPolicy",
          "iam:DetachUserPolicy",
          "iam:PutUserPermissionsBoundary",
          "iam:PutUserPolicy",
          "iam:UpdateAccessKey",
          "iam:UpdateSSHPublicKey",
          "iam:UpdateServiceSpecificCredential",
          "iam:UpdateSigningCertificate",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:user/*"
      },
      {
        Sid = "KmsChangeKey"
        Effect = "Allow"
        Action = [
          "kms:CancelKeyDeletion",
          "kms:CreateGrant",
          "kms:DisableKey",
          "kms:EnableKey",
          "kms:PutKeyPolicy",
          "kms:RevokeGrant",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
      },
      {
        Sid = "LambdaChangeEventSourceMapping"
        Effect = "Allow"
        Action = [
          "lambda:UpdateEventSourceMapping",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:lambda:*:*:event-source-mapping:*"
      },
      {
        Sid = "LambdaChangeFunction"
        Effect = "Allow"
        Action = [
          "lambda:AddPermission",
          "lambda:DeleteFunctionConcurrency",
          "lambda:PutFunctionConcurrency",
          "lambda:RemovePermission",
          "lambda:UpdateAlias",
          "lambda:UpdateFunctionUrlConfig",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:lambda:*:*:function:*"
      },
      {
        Sid = "LightsailChangeInstance"
        Effect = "Allow"
        Action = [
          "lightsail:CloseInstancePublicPorts",
          "lightsail:OpenInstancePublicPorts",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:lightsail:*:*:Instance/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "change_has_change_2" {
  role       = aws_iam_role.change.name
  policy_arn = aws_iam_policy.change_2.arn
}

resource "aws_iam_policy" "change_3" {
  name        = "${var.change_role_name}-3"
  description = "CloudTrail Responder for Splunk: makes and undoes changes"
  policy      = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "LogsChange"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery",
          "logs:DeleteLogDelivery",
        ]
        Resource = "*"
      },
      {
        Sid = "LogsChangeLogGroup"
        Effect = "Allow"
        Action = [
          "logs:DeleteRetentionPolicy",
          "logs:PutRetentionPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:logs:*:*:log-group:*"
      },
      {
        Sid = "RdsChangeClusterSnapshot"
        Effect = "Allow"
        Action = [
          "rds:ModifyDBClusterSnapshotAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:cluster-snapshot:*"
      },
      {
        Sid = "RdsChangeCluster"
        Effect = "Allow"
        Action = [
          "rds:ModifyDBCluster",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:cluster:*"
      },
      {
        Sid = "RdsChangeDb"
        Effect = "Allow"
        Action = [
          "rds:ModifyDBInstance",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:db:*"
      },
      {
        Sid = "RdsChangeSnapshot"
        Effect = "Allow"
        Action = [
          "rds:ModifyDBSnapshotAttribute",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rds:*:*:snapshot:*"
      },
      {
        Sid = "RedshiftChangeCluster"
        Effect = "Allow"
        Action = [
          "redshift:ModifyCluster",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:redshift:*:*:cluster:*"
      },
      {
        Sid = "RedshiftChangeSnapshot"
        Effect = "Allow"
        Action = [
          "redshift:AuthorizeSnapshotAccess",
          "redshift:RevokeSnapshotAccess",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:redshift:*:*:snapshot:*/*"
      },
      {
        Sid = "RolesanywhereChangeProfile"
        Effect = "Allow"
        Action = [
          "rolesanywhere:DisableProfile",
          "rolesanywhere:EnableProfile",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rolesanywhere:*:*:profile/*"
      },
      {
        Sid = "RolesanywhereChangeTrustAnchor"
        Effect = "Allow"
        Action = [
          "rolesanywhere:DisableTrustAnchor",
          "rolesanywhere:EnableTrustAnchor",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:rolesanywhere:*:*:trust-anchor/*"
      },
      {
        Sid = "Route53ResolverChangeResolverQueryLogConfig"
        Effect = "Allow"
        Action = [
          "route53resolver:AssociateResolverQueryLogConfig",
          "route53resolver:DisassociateResolverQueryLogConfig",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:route53resolver:*:*:resolver-query-log-config/*"
      },
      {
        Sid = "S3Change"
        Effect = "Allow"
        Action = [
          "s3:PutAccountPublicAccessBlock",
        ]
        Resource = "*"
      },
      {
        Sid = "S3ChangeAccesspoint"
        Effect = "Allow"
        Action = [
          "s3:DeleteAccessPointPolicy",
          "s3:PutAccessPointPolicy",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:s3:*:*:accesspoint/*"
      },
      {
        Sid = "S3ChangeEach"
        Effect = "Allow"
        Action = [
          "s3:DeleteBucketPolicy",
          "s3:PutBucketAcl",
          "s3:PutBucketObjectLockConfiguration",
          "s3:PutBucketPolicy",
          "s3:PutBucketPublicAccessBlock",
          "s3:PutBucketVersioning",
          "s3:PutEncryptionConfiguration",
          "s3:PutLifecycleConfiguration",
          "s3:PutReplicationConfiguration",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:s3:::*"
      },
      {
        Sid = "SecretsmanagerChangeSecret"
        Effect = "Allow"
        Action = [
          "secretsmanager:DeleteResourcePolicy",
          "secretsmanager:PutResourcePolicy",
          "secretsmanager:RestoreSecret",
          "secretsmanager:RotateSecret",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:secretsmanager:*:*:secret:*"
      },
      {
        Sid = "SecurityhubChangeHubDefault"
        Effect = "Allow"
        Action = [
          "securityhub:BatchDisableStandards",
          "securityhub:BatchEnableStandards",
          "securityhub:DisableSecurityHub",
          "securityhub:EnableSecurityHub",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:securityhub:*:*:hub/default"
      },
      {
        Sid = "SnsChangeEach"
        Effect = "Allow"
        Action = [
          "sns:SetTopicAttributes",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:sns:*:*:*"
      },
      {
        Sid = "SqsChangeEach"
        Effect = "Allow"
        Action = [
          "sqs:SetQueueAttributes",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:sqs:*:*:*"
      },
      {
        Sid = "Wafv2ChangeApps"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:amplify:*:*:apps/*"
      },
      {
        Sid = "Wafv2ChangeRestapisStages"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:apigateway:*::/restapis/*/stages/*"
      },
      {
        Sid = "Wafv2ChangeService"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:apprunner:*:*:service/*/*"
      },
      {
        Sid = "Wafv2ChangeApis"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:appsync:*:*:apis/*"
      },
      {
        Sid = "Wafv2ChangeUserpool"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:cognito-idp:*:*:userpool/*"
      },
      {
        Sid = "Wafv2ChangeVerifiedAccessInstance"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:ec2:*:*:verified-access-instance/*"
      },
      {
        Sid = "Wafv2ChangeLoadbalancerApp"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
          "wafv2:DisassociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:elasticloadbalancing:*:*:loadbalancer/app/*/*"
      },
      {
        Sid = "Wafv2ChangeWebacl"
        Effect = "Allow"
        Action = [
          "wafv2:AssociateWebACL",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:wafv2:*:*:*/webacl/*/*"
      },
      {
        Sid = "WorkspacesChangeWorkspaceimage"
        Effect = "Allow"
        Action = [
          "workspaces:UpdateWorkspaceImagePermission",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:workspaces:*:*:workspaceimage/*"
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "change_has_change_3" {
  role       = aws_iam_role.change.name
  policy_arn = aws_iam_policy.change_3.arn
}
