# Once in each Region of each account: what changes there goes to the bus of the installation. Needs a
# trail that logs management events; without one EventBridge has nothing to send.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "send" {
  count = var.role_arn == null ? 1 : 0

  name               = "${var.name}-send-events"
  description        = "Lets EventBridge send events to driftwarden's bus"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

data "aws_iam_policy_document" "send" {
  statement {
    actions   = ["events:PutEvents"]
    resources = [var.event_bus_arn]
  }
}

resource "aws_iam_role_policy" "send" {
  count = var.role_arn == null ? 1 : 0

  name   = "driftwarden"
  role   = aws_iam_role.send[0].id
  policy = data.aws_iam_policy_document.send.json
}

locals {
  role = var.role_arn == null ? aws_iam_role.send[0].arn : var.role_arn
}

# Reads are left out; an event that does not say what it is is sent.
resource "aws_cloudwatch_event_rule" "calls" {
  name        = "${var.name}-calls"
  description = "Calls that change something, as CloudTrail saw them"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = [{ prefix = "aws." }]
    detail-type = ["AWS API Call via CloudTrail", "AWS Console Sign In via CloudTrail"]
    detail      = { readOnly = [false, { exists = false }] }
  })
}

resource "aws_cloudwatch_event_rule" "items" {
  name        = "${var.name}-items"
  description = "Configuration items that AWS Config recorded anew"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.config"]
    detail-type = ["Config Configuration Item Change"]
  })
}

resource "aws_cloudwatch_event_target" "send" {
  for_each = {
    calls = aws_cloudwatch_event_rule.calls.name
    items = aws_cloudwatch_event_rule.items.name
  }

  rule     = each.value
  arn      = var.event_bus_arn
  role_arn = local.role
}
