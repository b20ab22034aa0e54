# A role of its own for what changes something: without it the service cannot, whatever its rules say.

locals {
  fixes = length(var.fix_actions) > 0 || var.start_remediations
}

resource "aws_iam_role" "fix" {
  count = local.fixes ? 1 : 0

  name                 = "${var.name}-fix"
  description          = "Lets driftwarden put back what its rules permit"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  max_session_duration = 3600
  tags                 = var.tags
}

data "aws_iam_policy_document" "fix" {
  count = local.fixes ? 1 : 0

  dynamic "statement" {
    for_each = length(var.fix_actions) > 0 ? [var.fix_actions] : []
    content {
      sid       = "PutBack"
      actions   = statement.value
      resources = var.fix_resources
    }
  }

  # What a remediation changes, it changes with the role that it is set up with, not with this one. It is
  # read again before, by the same role.
  dynamic "statement" {
    for_each = var.start_remediations ? [true] : []
    content {
      sid = "StartRemediations"
      actions = [
        "config:DescribeRemediationConfigurations",
        "config:DescribeRemediationExecutionStatus",
        "config:GetResourceConfigHistory",
        "config:SelectResourceConfig",
        "config:StartRemediationExecution",
      ]
      resources = ["*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.remediation_role_arns) > 0 ? [var.remediation_role_arns] : []
    content {
      sid       = "PassRemediationRoles"
      actions   = ["iam:PassRole"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["ssm.amazonaws.com"]
      }
    }
  }

  # Whatever is permitted above: not its own rights, and not what watches it.
  statement {
    sid    = "NeverItself"
    effect = "Deny"
    actions = [
      "iam:AttachRolePolicy",
      "iam:DeleteRolePermissionsBoundary",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:UpdateAssumeRolePolicy",
    ]
    resources = [aws_iam_role.read.arn, aws_iam_role.fix[0].arn, var.service_role_arn]
  }

  statement {
    sid    = "NeverItsWitnesses"
    effect = "Deny"
    actions = [
      "cloudtrail:DeleteTrail",
      "cloudtrail:StopLogging",
      "config:DeleteConfigurationRecorder",
      "config:DeleteDeliveryChannel",
      "config:DeleteRemediationConfiguration",
      "config:PutRemediationConfigurations",
      "config:StopConfigurationRecorder",
      "organizations:*",
      "sts:AssumeRole",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "fix" {
  count = local.fixes ? 1 : 0

  name   = "driftwarden"
  role   = aws_iam_role.fix[0].id
  policy = data.aws_iam_policy_document.fix[0].json
}
