# What changed, from all accounts and Regions: the bus takes it in, the queue keeps it until the
# evidence of it lasts.

resource "aws_cloudwatch_event_bus" "events" {
  name = "${var.name}-events"
  tags = var.tags
}

data "aws_iam_policy_document" "bus" {
  statement {
    sid       = "AccountsSendTheirEvents"
    actions   = ["events:PutEvents"]
    resources = [aws_cloudwatch_event_bus.events.arn]

    principals {
      type        = "AWS"
      identifiers = var.organization_id == null ? [for id in local.accounts : "arn:${local.partition}:iam::${id}:root"] : ["*"]
    }

    dynamic "condition" {
      for_each = var.organization_id == null ? [] : [var.organization_id]
      content {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_cloudwatch_event_bus_policy" "events" {
  event_bus_name = aws_cloudwatch_event_bus.events.name
  policy         = data.aws_iam_policy_document.bus.json
}

resource "aws_cloudwatch_event_rule" "events" {
  name           = "${var.name}-events"
  description    = "Everything that the accounts send goes to driftwarden"
  event_bus_name = aws_cloudwatch_event_bus.events.name
  event_pattern = jsonencode({
    source      = [{ prefix = "aws." }]
    detail-type = ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail", "Config Configuration Item Change"]
  })
  tags = var.tags
}

resource "aws_cloudwatch_event_target" "events" {
  event_bus_name = aws_cloudwatch_event_bus.events.name
  rule           = aws_cloudwatch_event_rule.events.name
  arn            = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_sqs_queue" "events" {
  name                       = "${var.name}-events"
  message_retention_seconds  = 14 * 24 * 3600
  visibility_timeout_seconds = 300
  receive_wait_time_seconds  = 20
  kms_master_key_id          = aws_kms_key.encryption.arn
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.queue_retries
  })
}

# Not a bin: what lies here is a change that nobody looked at. `driftwarden` tells when it is not empty.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 14 * 24 * 3600
  kms_master_key_id         = aws_kms_key.encryption.arn
  tags                      = var.tags
}

data "aws_iam_policy_document" "queue" {
  for_each = {
    events       = aws_sqs_queue.events.arn
    dead_letters = aws_sqs_queue.dead_letters.arn
  }

  statement {
    sid       = "EventBridgeDelivers"
    actions   = ["sqs:SendMessage"]
    resources = [each.value]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.events.arn]
    }
  }

  statement {
    sid       = "OnlyEncrypted"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.url
  policy    = data.aws_iam_policy_document.queue["events"].json
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy    = data.aws_iam_policy_document.queue["dead_letters"].json
}
