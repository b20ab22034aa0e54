# Databases: their data outlives every mistake in their configuration.

rule "db-missing" {
  description = "An approved database does not exist"
  match {
    types = ["aws_db_instance", "aws_rds_cluster", "aws_dynamodb_table"]
    kinds = ["missing"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "data-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/database/missing"
  controls = ["NIST 800-53 CP-9", "SOC2 CC7.4"]
}

rule "db-publicly-accessible" {
  description = "A database has a public address"
  match {
    types      = ["aws_db_instance"]
    attributes = ["/publicly_accessible"]
    kinds      = ["changed"]
  }
  when = live != false
  severity = "critical"
  action   = "alert"
  owner    = "data-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/database/public"
  controls = ["CIS-AWS@7.0.0:3.2.3", "PCI-DSS 1.3.1", "NIST 800-53 SC-7"]
}

rule "db-protection-weakened" {
  description = "A database's protection against loss is not the approved one"
  match {
    types      = ["aws_db_instance"]
    attributes = ["/deletion_protection", "/backup_retention_period", "/multi_az"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "data-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/database/protection"
  controls = ["NIST 800-53 CP-9", "SOC2 CC7.5"]
}

rule "db-encryption-changed" {
  description = "A database's encryption or the trust in its certificate is not the approved one"
  match {
    types      = ["aws_db_instance"]
    attributes = ["/storage_encrypted", "/kms_key_id", "/ca_cert_identifier"]
    kinds      = ["changed"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "data-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/database/encryption"
  controls = ["CIS-AWS@7.0.0:3.2.1", "PCI-DSS 3.5.1", "NIST 800-53 SC-28"]
}

rule "db-network-changed" {
  description = "A database is reachable from elsewhere than approved"
  match {
    types      = ["aws_db_instance"]
    attributes = ["/vpc_security_group_ids", "/db_subnet_group_name"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "data-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/database/network"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7"]
}

rule "db-changed" {
  description = "A database is not as approved"
  match {
    types = ["aws_db_instance", "aws_rds_cluster", "aws_dynamodb_table"]
    kinds = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "data-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/database/changed"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 CM-6"]
}

rule "db-unmanaged" {
  description = "A database that nobody approved"
  match {
    types = ["aws_db_instance", "aws_rds_cluster", "aws_dynamodb_table"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "data-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/database/unmanaged"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC6.8"]
}
