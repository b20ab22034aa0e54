# Machines, their disks, and functions.

rule "ec2-metadata-weakened" {
  description = "An instance answers metadata requests without a session token"
  match {
    types      = ["aws_instance"]
    attributes = ["/metadata_options"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/compute/metadata"
  controls = ["CIS-AWS@7.0.0:6.7", "NIST 800-53 CM-6"]
}

rule "ec2-identity-changed" {
  description = "An instance runs another image or start script, or as another identity, than approved"
  match {
    types      = ["aws_instance"]
    attributes = ["/ami", "/user_data", "/iam_instance_profile"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/compute/identity"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 SI-7"]
}

rule "ec2-network-changed" {
  description = "An instance is reachable from elsewhere than approved"
  match {
    types      = ["aws_instance"]
    attributes = ["/vpc_security_group_ids", "/subnet_id", "/associate_public_ip_address"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/compute/network"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7"]
}

rule "ec2-changed" {
  description = "An instance is not as approved"
  match {
    types = ["aws_instance"]
    kinds = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/compute/changed"
  controls = ["NIST 800-53 CM-6", "SOC2 CC7.1"]
}

rule "ec2-missing" {
  description = "An approved instance does not exist"
  match {
    types = ["aws_instance"]
    kinds = ["missing"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/compute/missing"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC7.4"]
}

rule "ec2-unmanaged" {
  description = "An instance that nobody approved"
  match {
    types = ["aws_instance"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/compute/unmanaged"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC6.8"]
}

rule "ebs-encryption-changed" {
  description = "A volume's encryption is not the approved one"
  match {
    types      = ["aws_ebs_volume"]
    attributes = ["/encrypted", "/kms_key_id"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/compute/volume-encryption"
  controls = ["PCI-DSS 3.5.1", "NIST 800-53 SC-28"]
}

rule "ebs-missing" {
  description = "An approved volume does not exist"
  match {
    types = ["aws_ebs_volume"]
    kinds = ["missing"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/compute/volume-missing"
  controls = ["NIST 800-53 CP-9", "SOC2 CC7.4"]
}

rule "lambda-code-changed" {
  description = "A function runs other code than approved"
  match {
    types      = ["aws_lambda_function"]
    attributes = ["/source_code_hash", "/image_uri", "/layers", "/handler", "/runtime"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/compute/function-code"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 SI-7", "SOC2 CC8.1"]
}

rule "lambda-role-changed" {
  description = "A function runs as another identity than approved"
  match {
    types      = ["aws_lambda_function"]
    attributes = ["/role"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/compute/function-role"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6"]
}

rule "lambda-changed" {
  description = "A function is not as approved"
  match {
    types = ["aws_lambda_function"]
    kinds = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/compute/function-changed"
  controls = ["NIST 800-53 CM-6", "SOC2 CC8.1"]
}

rule "lambda-unmanaged" {
  description = "A function that nobody approved"
  match {
    types = ["aws_lambda_function"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "compute-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/compute/function-unmanaged"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC6.8"]
}
