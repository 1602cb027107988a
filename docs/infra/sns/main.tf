# CloudTrail's way to Splunk: trail, bucket, notifications, queues.

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

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

variable "stem" {
  type        = string
  description = "What the names of all resources begin with."
  default     = "cloudtrail-responder"
}

resource "aws_kms_key" "key" {
  description             = "CloudTrail files, and messages about them"
  policy                  = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "Account"
        Effect = "Allow"
        Principal = {
          AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"
        }
        Action = "kms:*"
        Resource = "*"
      },
      {
        Sid = "CloudTrailEncrypts"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action = "kms:GenerateDataKey*"
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = [
              "arn:${data.aws_partition.current.partition}:cloudtrail:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:trail/${var.stem}",
            ]
          }
          StringLike = {
            "kms:EncryptionContext:aws:cloudtrail:arn" = [
              "arn:${data.aws_partition.current.partition}:cloudtrail:*:${data.aws_caller_identity.current.account_id}:trail/*",
            ]
          }
        }
      },
      {
        Sid = "CloudTrailLooksAtTheKey"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action = "kms:DescribeKey"
        Resource = "*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = [
              "arn:${data.aws_partition.current.partition}:cloudtrail:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:trail/${var.stem}",
            ]
          }
        }
      },
      {
        Sid = "S3Sends"
        Effect = "Allow"
        Principal = {
          Service = "s3.amazonaws.com"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey*",
        ]
        Resource = "*"
      },
      {
        Sid = "SnsSends"
        Effect = "Allow"
        Principal = {
          Service = "sns.amazonaws.com"
        }
        Action = [
          "kms:Decrypt",
          "kms:GenerateDataKey*",
        ]
        Resource = "*"
      },
    ]
  })
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = {
    "cloudtrail-responder:pipeline" = var.stem
  }
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "key" {
  name          = "alias/${var.stem}"
  target_key_id = aws_kms_key.key.key_id
}

resource "aws_s3_bucket" "bucket" {
  bucket = "${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}"
  tags   = {
    "cloudtrail-responder:pipeline" = var.stem
  }
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "bucket" {
  bucket                  = aws_s3_bucket.bucket.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "bucket" {
  bucket = aws_s3_bucket.bucket.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "bucket" {
  bucket = aws_s3_bucket.bucket.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.key.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "bucket" {
  bucket = aws_s3_bucket.bucket.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "bucket" {
  bucket     = aws_s3_bucket.bucket.id
  depends_on = [
    aws_s3_bucket_versioning.bucket,
  ]
  rule {
    id     = "cloudtrail-responder"
    status = "Enabled"
    filter {
      prefix = "AWSLogs/"
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
    expiration {
      days = 365
    }
  }
}

resource "aws_sns_topic" "topic" {
  name              = var.stem
  tags              = {
    "cloudtrail-responder:pipeline" = var.stem
  }
  kms_master_key_id = aws_kms_key.key.arn
}

resource "aws_sns_topic_policy" "topic" {
  arn    = aws_sns_topic.topic.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "Publish"
        Effect = "Allow"
        Principal = {
          Service = "s3.amazonaws.com"
        }
        Action = "sns:Publish"
        Resource = "arn:${data.aws_partition.current.partition}:sns:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}"
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:s3:::${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}"
          }
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

resource "aws_sqs_queue" "dead_letter_queue" {
  name                       = "${var.stem}-dead-letter"
  visibility_timeout_seconds = 300
  message_retention_seconds  = 1209600
  receive_wait_time_seconds  = 20
  tags                       = {
    "cloudtrail-responder:pipeline" = var.stem
  }
  kms_master_key_id          = aws_kms_key.key.arn
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letter_queue" {
  queue_url            = aws_sqs_queue.dead_letter_queue.url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns = [
      "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}",
    ]
  })
  depends_on           = [
    aws_sqs_queue.queue,
  ]
}

resource "aws_sqs_queue" "queue" {
  name                       = var.stem
  visibility_timeout_seconds = 300
  message_retention_seconds  = 604800
  receive_wait_time_seconds  = 20
  tags                       = {
    "cloudtrail-responder:pipeline" = var.stem
  }
  kms_master_key_id          = aws_kms_key.key.arn
}

resource "aws_sqs_queue_redrive_policy" "queue" {
  queue_url      = aws_sqs_queue.queue.url
  redrive_policy = jsonencode({
    deadLetterTargetArn = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}-dead-letter"
    maxReceiveCount = 5
  })
  depends_on     = [
    aws_sqs_queue.dead_letter_queue,
  ]
}

resource "aws_sqs_queue_policy" "queue" {
  queue_url = aws_sqs_queue.queue.url
  policy    = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "Send"
        Effect = "Allow"
        Principal = {
          Service = "sns.amazonaws.com"
        }
        Action = "sqs:SendMessage"
        Resource = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}"
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:sns:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}"
          }
        }
      },
      {
        Sid = "DenyWithoutTls"
        Effect = "Deny"
        Principal = {
          AWS = "*"
        }
        Action = "sqs:*"
        Resource = "arn:${data.aws_partition.current.partition}:sqs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}"
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "queue" {
  topic_arn            = aws_sns_topic.topic.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.queue.arn
  raw_message_delivery = false
  depends_on           = [
    aws_sqs_queue_policy.queue,
  ]
}

resource "aws_s3_bucket_policy" "bucket" {
  bucket     = aws_s3_bucket.bucket.id
  policy     = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid = "CloudTrailAclCheck"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action = "s3:GetBucketAcl"
        Resource = "arn:${data.aws_partition.current.partition}:s3:::${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = [
              "arn:${data.aws_partition.current.partition}:cloudtrail:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:trail/${var.stem}",
            ]
          }
        }
      },
      {
        Sid = "CloudTrailWrite"
        Effect = "Allow"
        Principal = {
          Service = "cloudtrail.amazonaws.com"
        }
        Action = "s3:PutObject"
        Resource = [
          "arn:${data.aws_partition.current.partition}:s3:::${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}/AWSLogs/${data.aws_caller_identity.current.account_id}/*",
        ]
        Condition = {
          StringEquals = {
            "s3:x-amz-acl" = "bucket-owner-full-control"
            "aws:SourceArn" = [
              "arn:${data.aws_partition.current.partition}:cloudtrail:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:trail/${var.stem}",
            ]
          }
        }
      },
      {
        Sid = "DenyWithoutTls"
        Effect = "Deny"
        Principal = {
          AWS = "*"
        }
        Action = "s3:*"
        Resource = [
          "arn:${data.aws_partition.current.partition}:s3:::${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}",
          "arn:${data.aws_partition.current.partition}:s3:::${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}/*",
        ]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })
  depends_on = [
    aws_s3_bucket_public_access_block.bucket,
  ]
}

resource "aws_s3_bucket_notification" "bucket" {
  bucket     = aws_s3_bucket.bucket.id
  depends_on = [
    aws_sns_topic_policy.topic,
  ]
  topic {
    id            = "cloudtrail-responder"
    topic_arn     = "arn:${data.aws_partition.current.partition}:sns:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:${var.stem}"
    events        = [
      "s3:ObjectCreated:*",
    ]
    filter_prefix = "AWSLogs/"
    filter_suffix = ".json.gz"
  }
}

resource "aws_cloudtrail" "trail" {
  name                          = var.stem
  enable_logging                = true
  tags                          = {
    "cloudtrail-responder:pipeline" = var.stem
  }
  s3_bucket_name                = "${var.stem}-${data.aws_caller_identity.current.account_id}-${data.aws_region.current.id}"
  is_multi_region_trail         = true
  include_global_service_events = true
  is_organization_trail         = false
  enable_log_file_validation    = true
  kms_key_id                    = aws_kms_key.key.arn
  depends_on                    = [
    aws_s3_bucket_policy.bucket,
  ]
  advanced_event_selector {
    name = "Management events"
    field_selector {
      field  = "eventCategory"
      equals = [
        "Management",
      ]
    }
  }
}

output "queue_url" {
  value = aws_sqs_queue.queue.url
}

output "bucket" {
  value = aws_s3_bucket.bucket.id
}
