# Buckets and everything that protects what is in them.

rule "s3-public-access-block-weakened" {
  description = "A bucket's public access block was switched off, in whole or in part"
  match {
    types      = ["aws_s3_bucket_public_access_block"]
    attributes = [
      "/block_public_acls",
      "/block_public_policy",
      "/ignore_public_acls",
      "/restrict_public_buckets",
    ]
    kinds      = ["changed"]
    verdicts   = ["unauthorised"]
  }
  when = live != true
  severity = "critical"
  action   = "remediate"
  owner    = "storage-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/storage/public-access-block"
  controls = ["CIS-AWS@7.0.0:3.1.4", "NIST 800-53 AC-3", "NIST 800-53 CM-6"]
}

rule "s3-public-access-block-changed" {
  description = "A bucket's public access block is gone or is not the approved one"
  match {
    types = ["aws_s3_bucket_public_access_block"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/storage/public-access-block"
  controls = ["CIS-AWS@7.0.0:3.1.4", "NIST 800-53 AC-3", "NIST 800-53 CM-6"]
}

rule "s3-account-public-access-block-weakened" {
  description = "An account's public access block was switched off, in whole or in part"
  match {
    types      = ["aws_s3_account_public_access_block"]
    attributes = [
      "/block_public_acls",
      "/block_public_policy",
      "/ignore_public_acls",
      "/restrict_public_buckets",
    ]
    kinds      = ["changed"]
    verdicts   = ["unauthorised"]
  }
  when = live != true
  severity = "critical"
  action   = "remediate"
  owner    = "storage-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/storage/account-public-access-block"
  controls = ["CIS-AWS@7.0.0:3.1.4", "NIST 800-53 AC-3", "NIST 800-53 CM-6"]
}

rule "s3-account-public-access-block-changed" {
  description = "An account's public access block is gone or is not the approved one"
  match {
    types = ["aws_s3_account_public_access_block"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/storage/account-public-access-block"
  controls = ["CIS-AWS@7.0.0:3.1.4", "NIST 800-53 AC-3"]
}

rule "s3-policy-public" {
  description = "A bucket policy admits everybody"
  match {
    types      = ["aws_s3_bucket_policy", "aws_s3_bucket"]
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
  owner    = "storage-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/storage/bucket-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3", "SOC2 CC6.3"]
}

rule "s3-policy-public-unmanaged" {
  description = "A bucket policy that nobody approved admits everybody"
  match {
    types = ["aws_s3_bucket_policy"]
    kinds = ["unmanaged"]
  }
  when = anytrue([
    for s in flatten([try(jsondecode(live.policy), live.policy).Statement]) : s.Effect == "Allow" && anytrue([
      for who in flatten([try(s.Principal.AWS, null), try(s.Principal, null)]) : who == "*"
    ]) && !can(s.Condition)
  ])
  severity = "critical"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/storage/bucket-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3", "SOC2 CC6.3"]
}

rule "s3-policy-changed" {
  description = "A bucket policy is gone or is not the approved one"
  match {
    types = ["aws_s3_bucket_policy"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/bucket-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3"]
}

rule "s3-encryption-changed" {
  description = "A bucket's encryption is not the approved one"
  match {
    types    = ["aws_s3_bucket_server_side_encryption_configuration"]
    kinds    = ["changed"]
    verdicts = ["unauthorised"]
  }
  severity = "high"
  action   = "remediate"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/encryption"
  controls = ["PCI-DSS 3.5.1", "NIST 800-53 SC-28"]
}

rule "s3-encryption-missing" {
  description = "A bucket's encryption configuration is gone or not as approved"
  match {
    types = ["aws_s3_bucket_server_side_encryption_configuration"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/encryption"
  controls = ["PCI-DSS 3.5.1", "NIST 800-53 SC-28"]
}

rule "s3-versioning-changed" {
  description = "A bucket no longer keeps versions as approved"
  match {
    types = ["aws_s3_bucket_versioning"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/versioning"
  controls = ["NIST 800-53 CP-9", "NIST 800-53 AU-9"]
}

rule "s3-logging-changed" {
  description = "A bucket's access log is off or goes elsewhere"
  match {
    types = ["aws_s3_bucket_logging"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/logging"
  controls = ["PCI-DSS 10.2.1.2", "NIST 800-53 AU-12"]
}

rule "s3-lifecycle-changed" {
  description = "A bucket keeps or removes data otherwise than approved"
  match {
    types = ["aws_s3_bucket_lifecycle_configuration"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/storage/lifecycle"
  controls = ["PCI-DSS 10.5.1", "NIST 800-53 AU-11"]
}

rule "s3-replication-changed" {
  description = "A bucket is copied elsewhere than approved, or no longer"
  match {
    types = ["aws_s3_bucket_replication_configuration"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/replication"
  controls = ["NIST 800-53 CP-9", "NIST 800-53 AC-4"]
}

rule "s3-object-lock-changed" {
  description = "What keeps a bucket's objects from being deleted is not the approved one"
  match {
    types = ["aws_s3_bucket_object_lock_configuration"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/object-lock"
  controls = ["PCI-DSS 10.3.2", "NIST 800-53 AU-9", "NIST 800-53 CP-9"]
}

rule "s3-access-list-public" {
  description = "A bucket's access list admits everybody, or everybody with an AWS account"
  match {
    types = ["aws_s3_bucket_acl"]
    kinds = ["unmanaged"]
  }
  when = anytrue([
    for grant in live.access_control_policy.grants :
    contains(["AllUsers", "AuthenticatedUsers"], grant.grantee)
  ])
  severity = "critical"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/storage/access-list"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3", "SOC2 CC6.3"]
}

rule "s3-access-list-opened" {
  description = "A bucket's approved access list admits everybody now, or everybody with an AWS account"
  match {
    types      = ["aws_s3_bucket", "aws_s3_bucket_acl"]
    attributes = ["/acl", "/grant", "/access_control_policy"]
    kinds      = ["changed"]
  }
  when = anytrue([
    for grant in flatten([try(live.grants, live)]) : grant != null && contains(
      ["AllUsers", "AuthenticatedUsers", "public-read", "public-read-write", "authenticated-read"],
      try(grant.grantee, grant)
    )
  ])
  severity = "critical"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/storage/access-list"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3", "SOC2 CC6.3"]
}

rule "s3-access-list-changed" {
  description = "A bucket's access list or the ownership of its objects is not the approved one"
  match {
    types = ["aws_s3_bucket_acl", "aws_s3_bucket_ownership_controls"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/access-list"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3"]
}

rule "s3-bucket-missing" {
  description = "An approved bucket does not exist"
  match {
    types = ["aws_s3_bucket"]
    kinds = ["missing"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/storage/bucket-missing"
  controls = ["NIST 800-53 CP-9", "SOC2 CC7.4"]
}

rule "s3-bucket-unmanaged" {
  description = "A bucket that nobody approved"
  match {
    types = ["aws_s3_bucket"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/bucket-unmanaged"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC6.8"]
}

# What is a resource of its own elsewhere: as grave where the bucket itself shows it.
rule "s3-bucket-protection-changed" {
  description = "What protects a bucket, or says what becomes of its data, is not the approved one"
  match {
    types      = ["aws_s3_bucket"]
    attributes = [
      "/acl",
      "/grant",
      "/lifecycle_rule",
      "/logging",
      "/object_lock_configuration",
      "/object_lock_enabled",
      "/policy",
      "/replication_configuration",
      "/server_side_encryption_configuration",
      "/versioning",
    ]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/storage/bucket-changed"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 AC-3", "NIST 800-53 CM-6"]
}

rule "s3-bucket-changed" {
  description = "A bucket is not as approved"
  match {
    types = ["aws_s3_bucket", "aws_s3_bucket_*"]
    kinds = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "storage-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/storage/bucket-changed"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 CM-6"]
}
