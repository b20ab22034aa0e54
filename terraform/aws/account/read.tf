# Reads what AWS Config recorded and what CloudTrail knows. It cannot read what is in a bucket, a table,
# a queue or a secret.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [var.service_role_arn]
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]
      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "read" {
  name                 = "${var.name}-read"
  description          = "Lets driftwarden read what AWS Config and CloudTrail recorded"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  max_session_duration = 3600
  tags                 = var.tags
}

data "aws_iam_policy_document" "read" {
  # None of these can be narrowed to a resource, but for the aggregator's.
  statement {
    sid = "ReadConfig"
    actions = [
      "config:BatchGetAggregateResourceConfig",
      "config:BatchGetResourceConfig",
      "config:DescribeConfigurationAggregators",
      "config:DescribeConfigurationAggregatorSourcesStatus",
      "config:DescribeConfigurationRecorders",
      "config:DescribeConfigurationRecorderStatus",
      "config:DescribeDeliveryChannels",
      "config:DescribeDeliveryChannelStatus",
      "config:GetAggregateResourceConfig",
      "config:GetResourceConfigHistory",
      "config:ListAggregateDiscoveredResources",
      "config:ListDiscoveredResources",
      "config:SelectAggregateResourceConfig",
      "config:SelectResourceConfig",
    ]
    resources = ["*"]
  }

  statement {
    sid = "ReadActivity"
    actions = [
      "cloudtrail:DescribeTrails",
      "cloudtrail:GetTrailStatus",
      "cloudtrail:LookupEvents",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "read" {
  name   = "driftwarden"
  role   = aws_iam_role.read.id
  policy = data.aws_iam_policy_document.read.json
}
