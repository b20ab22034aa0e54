# What watches everything else.

rule "cloudtrail-changed" {
  description = "The record of who did what is off, gone or not as approved"
  match {
    types = ["aws_cloudtrail", "aws_cloudtrail_*"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "security-operations"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/logging/cloudtrail"
  controls = ["PCI-DSS 10.2.1.2", "PCI-DSS 10.7.2", "CIS-AWS@7.0.0:4.1", "NIST 800-53 AU-12"]
}

rule "config-recorder-changed" {
  description = "The record of live state is off, gone or not as approved"
  match {
    types = ["aws_config_*"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "security-operations"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/logging/config"
  controls = ["PCI-DSS 10.7.2", "NIST 800-53 CM-8(3)", "NIST 800-53 SI-4"]
}

rule "flow-log-changed" {
  description = "The record of network traffic is off, gone or not as approved"
  match {
    types = ["aws_flow_log"]
  }
  severity = "high"
  action   = "alert"
  owner    = "security-operations"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/logging/flow-log"
  controls = ["NIST 800-53 AU-12", "NIST 800-53 SI-4"]
}

rule "log-retention-shortened" {
  description = "Logs are kept for a shorter time than approved"
  match {
    types      = ["aws_cloudwatch_log_group"]
    attributes = ["/retention_in_days"]
    kinds      = ["changed"]
  }
  when = live != 0 && (approved == 0 || live < approved)
  severity = "high"
  action   = "alert"
  owner    = "security-operations"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/logging/retention"
  controls = ["PCI-DSS 10.5.1", "NIST 800-53 AU-11"]
}

rule "log-group-changed" {
  description = "A log group is gone or not as approved"
  match {
    types = ["aws_cloudwatch_log_group"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "security-operations"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/logging/log-group"
  controls = ["PCI-DSS 10.3.2", "NIST 800-53 AU-9"]
}

rule "alarm-changed" {
  description = "An alarm is gone, silenced or not as approved"
  match {
    types = ["aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"]
  }
  severity = "high"
  action   = "alert"
  owner    = "security-operations"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/logging/alarm"
  controls = ["PCI-DSS 10.4.1.1", "NIST 800-53 SI-4(5)"]
}
