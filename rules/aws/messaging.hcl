# Topics and queues.

rule "messaging-policy-public" {
  description = "A topic or a queue admits everybody"
  match {
    types      = ["aws_sns_topic", "aws_sns_topic_policy", "aws_sqs_queue", "aws_sqs_queue_policy"]
    attributes = ["/policy"]
    kinds      = ["changed"]
  }
  when = anytrue([
    for s in flatten([try(jsondecode(live), live).Statement]) : s.Effect == "Allow" && anytrue([
      for who in flatten([try(s.Principal.AWS, null), try(s.Principal, null)]) : who == "*"
    ]) && !can(s.Condition)
  ])
  severity = "critical"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/messaging/policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3"]
}

rule "messaging-policy-public-unmanaged" {
  description = "A policy of a topic or a queue that nobody approved admits everybody"
  match {
    types = ["aws_sns_topic_policy", "aws_sqs_queue_policy"]
    kinds = ["unmanaged"]
  }
  when = anytrue([
    for s in flatten([try(jsondecode(live.policy), live.policy).Statement]) : s.Effect == "Allow" && anytrue([
      for who in flatten([try(s.Principal.AWS, null), try(s.Principal, null)]) : who == "*"
    ]) && !can(s.Condition)
  ])
  severity = "critical"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/messaging/policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3"]
}

rule "messaging-policy-inline-changed" {
  description = "The policy that a topic or a queue shows is not the approved one"
  match {
    types      = ["aws_sns_topic", "aws_sqs_queue"]
    attributes = ["/policy"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/messaging/policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3"]
}

rule "messaging-policy-changed" {
  description = "The policy of a topic or a queue is gone or is not the approved one"
  match {
    types = ["aws_sns_topic_policy", "aws_sqs_queue_policy"]
  }
  severity = "high"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/messaging/policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3"]
}

rule "messaging-encryption-changed" {
  description = "The encryption of a topic or a queue is not the approved one"
  match {
    types      = ["aws_sns_topic", "aws_sqs_queue"]
    attributes = ["/kms_master_key_id", "/sqs_managed_sse_enabled"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/messaging/encryption"
  controls = ["PCI-DSS 3.5.1", "NIST 800-53 SC-28"]
}

rule "messaging-retention-changed" {
  description = "A queue gives up on messages otherwise than approved"
  match {
    types      = ["aws_sqs_queue"]
    attributes = ["/message_retention_seconds", "/redrive_policy", "/visibility_timeout_seconds"]
    kinds      = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/messaging/retention"
  controls = ["NIST 800-53 CM-6", "SOC2 CC7.1"]
}

rule "messaging-missing" {
  description = "An approved topic, queue or subscription does not exist"
  match {
    types = ["aws_sns_topic", "aws_sns_topic_subscription", "aws_sqs_queue"]
    kinds = ["missing"]
  }
  severity = "high"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/messaging/missing"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC7.4"]
}

rule "messaging-unmanaged" {
  description = "A topic, a queue or a subscription that nobody approved"
  match {
    types = ["aws_sns_topic", "aws_sns_topic_subscription", "aws_sqs_queue"]
    kinds = ["unmanaged"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "messaging-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/messaging/unmanaged"
  controls = ["NIST 800-53 CM-8(3)", "NIST 800-53 AC-4"]
}
