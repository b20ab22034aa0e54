# A role of its own for what changes something: without it the service cannot, whatever its rules say.

resource "aws_iam_role" "fix" {
  count = length(var.fix_actions) > 0 ? 1 : 0

  name                 = "${var.name}-fix"
  description          = "Lets driftwarden put back what its rules permit"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  max_session_duration = 3600
  tags                 = var.tags
}

data "aws_iam_policy_document" "fix" {
  count = length(var.fix_actions) > 0 ? 1 : 0

  statement {
    sid       = "PutBack"
    actions   = var.fix_actions
    resources = var.fix_resources
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
      "config:StopConfigurationRecorder",
      "organizations:*",
      "sts:AssumeRole",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "fix" {
  count = length(var.fix_actions) > 0 ? 1 : 0

  name   = "driftwarden"
  role   = aws_iam_role.fix[0].id
  policy = data.aws_iam_policy_document.fix[0].json
}
