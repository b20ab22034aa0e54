# The role that the service itself runs as. It reads the cloud only through the roles of the `account`
# module, so that one list of accounts says what it can see.

data "aws_iam_policy_document" "service_trust" {
  dynamic "statement" {
    for_each = length(var.service_principals) > 0 ? [1] : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = var.service_principals
      }
    }
  }

  dynamic "statement" {
    for_each = var.service_ec2 ? [1] : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "Service"
        identifiers = ["ec2.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.service_oidc == null ? [] : [var.service_oidc]
    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]
      principals {
        type        = "Federated"
        identifiers = [statement.value.provider_arn]
      }
      condition {
        test     = "StringEquals"
        variable = "${trimprefix(statement.value.issuer, "https://")}:sub"
        values   = ["system:serviceaccount:${statement.value.service_account}"]
      }
      condition {
        test     = "StringEquals"
        variable = "${trimprefix(statement.value.issuer, "https://")}:aud"
        values   = ["sts.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "service" {
  name               = "${var.name}-service"
  description        = "What driftwarden runs as"
  assume_role_policy = data.aws_iam_policy_document.service_trust.json
  tags               = var.tags

  lifecycle {
    precondition {
      condition     = length(var.service_principals) > 0 || var.service_ec2 || var.service_oidc != null
      error_message = "Nobody could take on the role: set service_principals, service_ec2 or service_oidc."
    }
  }
}

resource "aws_iam_instance_profile" "service" {
  count = var.service_ec2 ? 1 : 0
  name  = "${var.name}-service"
  role  = aws_iam_role.service.name
  tags  = var.tags
}

data "aws_iam_policy_document" "service" {
  statement {
    sid       = "TakeOnTheRolesThatRead"
    actions   = ["sts:AssumeRole"]
    resources = [for id in local.accounts : "arn:${local.partition}:iam::${id}:role/${var.name}-read"]
  }

  # Without it the service changes nothing, whatever roles there are.
  dynamic "statement" {
    for_each = length(var.fix_account_ids) > 0 ? [var.fix_account_ids] : []
    content {
      sid       = "TakeOnTheRolesThatFix"
      actions   = ["sts:AssumeRole"]
      resources = [for id in statement.value : "arn:${local.partition}:iam::${id}:role/${var.name}-fix"]
    }
  }

  statement {
    sid = "TakeEventsFromTheQueue"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.events.arn]
  }

  statement {
    sid       = "CountWhatCouldNotBeRead"
    actions   = ["sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.dead_letters.arn]
  }

  statement {
    sid       = "SeeTheEvidenceBucket"
    actions   = ["s3:GetBucketObjectLockConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.evidence.arn]
  }

  statement {
    sid = "AddEvidence"
    actions = [
      "s3:GetObject",
      "s3:GetObjectRetention",
      "s3:PutObject",
      "s3:PutObjectRetention",
    ]
    resources = ["${local.evidence}/*"]
  }

  # Delete markers on the partial tiles, which every commit replaces. No version of an object can be
  # deleted by anybody.
  statement {
    sid       = "PutPartialTilesAway"
    actions   = ["s3:DeleteObject"]
    resources = ["${local.evidence}/tile/*"]
  }

  statement {
    sid       = "UseTheEncryptionKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.encryption.arn]
  }

  dynamic "statement" {
    for_each = aws_kms_key.signing
    content {
      sid       = "SignCheckpoints"
      actions   = ["kms:GetPublicKey", "kms:Sign"]
      resources = [statement.value.arn]
    }
  }
}

resource "aws_iam_role_policy" "service" {
  name   = "driftwarden"
  role   = aws_iam_role.service.id
  policy = data.aws_iam_policy_document.service.json
}
