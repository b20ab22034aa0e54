# One key signs and one encrypts: whoever administers either needs no right on the other, and the
# signing key's policy names the one role that may sign.

data "aws_iam_policy_document" "signing_key" {
  count = var.signing_key_spec == null ? 0 : 1

  statement {
    sid       = "Administer"
    actions   = local.administer
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = local.administrators
    }
  }

  statement {
    sid       = "Sign"
    actions   = ["kms:Sign"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.service.arn]
    }
  }

  # Verifying needs no secret: whoever may read in this account may fetch the public key.
  statement {
    sid       = "Verify"
    actions   = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Verify"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }
}

locals {
  administrators = length(var.key_administrators) > 0 ? var.key_administrators : [local.root]
  administer = [
    "kms:CancelKeyDeletion",
    "kms:Describe*",
    "kms:DisableKey",
    "kms:EnableKey*",
    "kms:Get*",
    "kms:List*",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:UpdateKeyDescription",
  ]
}

resource "aws_kms_key" "signing" {
  count = var.signing_key_spec == null ? 0 : 1

  description              = "Signs the checkpoints of the ${var.name} evidence log"
  customer_master_key_spec = var.signing_key_spec
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 30
  policy                   = data.aws_iam_policy_document.signing_key[0].json
  tags                     = var.tags
}

resource "aws_kms_alias" "signing" {
  count = var.signing_key_spec == null ? 0 : 1

  name          = "alias/${var.name}-signing"
  target_key_id = aws_kms_key.signing[0].key_id
}

data "aws_iam_policy_document" "encryption_key" {
  statement {
    sid       = "Administer"
    actions   = local.administer
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = local.administrators
    }
  }

  statement {
    sid       = "Use"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.service.arn]
    }
  }

  # EventBridge encrypts what it puts into the queue.
  statement {
    sid       = "DeliverEvents"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_kms_key" "encryption" {
  description             = "Encrypts the events and the evidence of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.encryption_key.json
  tags                    = var.tags
}

resource "aws_kms_alias" "encryption" {
  name          = "alias/${var.name}-encryption"
  target_key_id = aws_kms_key.encryption.key_id
}
