# Keys and secrets.

rule "kms-key-missing" {
  description = "An approved key does not exist, so what it encrypted cannot be read"
  match {
    types = ["aws_kms_key"]
    kinds = ["missing"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "key-custodians"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/keys/missing"
  controls = ["NIST 800-53 SC-12", "SOC2 CC7.4"]
}

rule "kms-key-disabled" {
  description = "A key was switched off"
  match {
    types      = ["aws_kms_key"]
    attributes = ["/is_enabled"]
    kinds      = ["changed"]
  }
  when = live != true
  severity = "critical"
  action   = "alert"
  owner    = "key-custodians"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/keys/disabled"
  controls = ["NIST 800-53 SC-12", "SOC2 CC7.4"]
}

rule "kms-policy-changed" {
  description = "Somebody other than approved may use or manage a key"
  match {
    types      = ["aws_kms_key", "aws_kms_key_policy"]
    attributes = ["/policy"]
    kinds      = ["changed"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "key-custodians"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/keys/policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 SC-12", "NIST 800-53 AC-3"]
}

rule "kms-rotation-off" {
  description = "A key is no longer rotated as approved"
  match {
    types      = ["aws_kms_key"]
    attributes = ["/enable_key_rotation", "/rotation_period_in_days"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "key-custodians"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/keys/rotation"
  controls = ["PCI-DSS 3.7.4", "NIST 800-53 SC-12"]
}

rule "kms-changed" {
  description = "A key, an alias or a grant is not as approved"
  match {
    types = ["aws_kms_*"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "key-custodians"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/keys/changed"
  controls = ["NIST 800-53 SC-12", "NIST 800-53 CM-6"]
}

rule "secret-changed" {
  description = "A secret or a parameter is not the approved one"
  match {
    types = ["aws_secretsmanager_*", "aws_ssm_parameter"]
  }
  severity = "high"
  action   = "alert"
  owner    = "key-custodians"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/keys/secret"
  controls = ["PCI-DSS 8.6.3", "NIST 800-53 SC-12"]
}
