# Who may do what.

rule "iam-privileged-policy-attached" {
  description = "A policy that gives power over everything was attached by hand"
  match {
    types    = [
      "aws_iam_role_policy_attachment",
      "aws_iam_user_policy_attachment",
      "aws_iam_group_policy_attachment",
    ]
    kinds    = ["unmanaged"]
    verdicts = ["unauthorised"]
  }
  when = anytrue([
    for text in [resource.provider_id, resource.address, try(live.policy_arn, null)] : text != null && anytrue([
      for name in ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"] :
      endswith(text, ":policy/${name}")
    ])
  ])
  severity = "critical"
  action   = "remediate"
  owner    = "identity-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/iam/privileged-policy"
  controls = ["PCI-DSS 7.2.2", "PCI-DSS 10.2.1.5", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-policy-attachment-unmanaged" {
  description = "A policy was attached that nobody approved"
  match {
    types    = [
      "aws_iam_role_policy_attachment",
      "aws_iam_user_policy_attachment",
      "aws_iam_group_policy_attachment",
    ]
    kinds    = ["unmanaged"]
    verdicts = ["unauthorised"]
  }
  severity = "high"
  action   = "remediate"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/policy-attachment"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-policy-attachment-changed" {
  description = "An approved attachment of a policy was changed or removed"
  match {
    types = [
      "aws_iam_role_policy_attachment",
      "aws_iam_user_policy_attachment",
      "aws_iam_group_policy_attachment",
    ]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/iam/policy-attachment"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6"]
}

# The same acts as a source shows them that sees no attachment of its own, but what an identity holds: a
# refresh by Terraform, or a role whose policies are written inline. Nothing that only an attachment may
# be fixed by is asked for here: an identity is never taken apart by a fix.

rule "iam-privileged-policy-held" {
  description = "An identity holds a policy that gives power over everything, and nobody approved that"
  match {
    types      = [
      "aws_iam_role",
      "aws_iam_role_policy_attachments_exclusive",
      "aws_iam_user_policy_attachments_exclusive",
      "aws_iam_group_policy_attachments_exclusive",
    ]
    attributes = ["/managed_policy_arns", "/policy_arns"]
    kinds      = ["changed"]
    verdicts   = ["unauthorised"]
  }
  when = anytrue([
    for arn in flatten([live]) : arn != null && !contains(flatten([approved]), arn) && anytrue([
      for name in ["AdministratorAccess", "IAMFullAccess", "PowerUserAccess"] :
      endswith(arn, ":policy/${name}")
    ])
  ])
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/iam/privileged-policy"
  controls = ["PCI-DSS 7.2.2", "PCI-DSS 10.2.1.5", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-inline-policy-held-allows-everything" {
  description = "An inline policy of a role allows every action, or every action of a service"
  match {
    types      = ["aws_iam_role"]
    attributes = ["/inline_policy"]
    kinds      = ["changed"]
  }
  when = anytrue([
    for own in flatten([live]) : own != null && anytrue([
      for s in flatten([try(jsondecode(try(own.policy, own)), try(own.policy, own)).Statement]) :
      s.Effect == "Allow" && (can(s.NotAction) || anytrue([
        for action in flatten([try(s.Action, [])]) : action == "*" || endswith(action, ":*")
      ]))
    ])
  ])
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/iam/policy-document"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-policies-held-changed" {
  description = "The policies that an identity holds are not the approved ones"
  match {
    types      = [
      "aws_iam_role",
      "aws_iam_policy_attachment",
      "aws_iam_role_policy_attachments_exclusive",
      "aws_iam_user_policy_attachments_exclusive",
      "aws_iam_group_policy_attachments_exclusive",
      "aws_iam_role_policies_exclusive",
      "aws_iam_user_policies_exclusive",
      "aws_iam_group_policies_exclusive",
    ]
    attributes = [
      "/managed_policy_arns",
      "/inline_policy",
      "/policy_arns",
      "/policy_names",
      "/roles",
      "/users",
      "/groups",
    ]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/policy-attachment"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-trust-changed" {
  description = "Somebody other than approved may take on a role"
  match {
    types      = ["aws_iam_role"]
    attributes = ["/assume_role_policy"]
    kinds      = ["changed"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/iam/trust-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-3", "SOC2 CC6.3"]
}

rule "iam-policy-allows-everything" {
  description = "A policy allows every action, or every action of a service"
  match {
    types      = [
      "aws_iam_policy",
      "aws_iam_role_policy",
      "aws_iam_user_policy",
      "aws_iam_group_policy",
    ]
    attributes = ["/policy"]
    kinds      = ["changed"]
  }
  when = anytrue([
    for s in flatten([try(jsondecode(live), live).Statement]) : s.Effect == "Allow" && (can(s.NotAction) || anytrue([
      for action in flatten([try(s.Action, [])]) : action == "*" || endswith(action, ":*")
    ]))
  ])
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/iam/policy-document"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-policy-changed" {
  description = "A policy is not the approved one"
  match {
    types      = [
      "aws_iam_policy",
      "aws_iam_role_policy",
      "aws_iam_user_policy",
      "aws_iam_group_policy",
    ]
    attributes = ["/policy"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/policy-document"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6"]
}

rule "iam-inline-policy-unmanaged-allows-everything" {
  description = "An inline policy that nobody approved allows every action, or every action of a service"
  match {
    types = ["aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]
    kinds = ["unmanaged"]
  }
  when = anytrue([
    for s in flatten([try(jsondecode(live.policy), live.policy).Statement]) : s.Effect == "Allow" && (can(s.NotAction) || anytrue([
      for action in flatten([try(s.Action, [])]) : action == "*" || endswith(action, ":*")
    ]))
  ])
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/iam/inline-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6", "SOC2 CC6.3"]
}

rule "iam-inline-policy-unmanaged" {
  description = "An inline policy that nobody approved"
  match {
    types = ["aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/inline-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6"]
}

rule "iam-inline-policy-missing" {
  description = "An approved inline policy was taken away"
  match {
    types = ["aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]
    kinds = ["missing"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/iam/inline-policy"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6"]
}

rule "iam-permissions-boundary-changed" {
  description = "The outer limit of what an identity may do is not the approved one"
  match {
    types      = ["aws_iam_role", "aws_iam_user"]
    attributes = ["/permissions_boundary"]
    kinds      = ["changed"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/permissions-boundary"
  controls = ["PCI-DSS 7.2.2", "NIST 800-53 AC-6"]
}

rule "iam-session-lengthened" {
  description = "Sessions of a role may last longer than approved"
  match {
    types      = ["aws_iam_role"]
    attributes = ["/max_session_duration"]
    kinds      = ["changed"]
  }
  when = live > approved
  severity = "medium"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/iam/session"
  controls = ["NIST 800-53 AC-2", "NIST 800-53 CM-6"]
}

rule "iam-role-unmanaged" {
  description = "A role that nobody approved"
  match {
    types = ["aws_iam_role"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/role-unmanaged"
  controls = ["PCI-DSS 7.2.4", "NIST 800-53 AC-2", "SOC2 CC6.2"]
}

rule "iam-role-missing" {
  description = "An approved role does not exist"
  match {
    types = ["aws_iam_role"]
    kinds = ["missing"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/iam/role-missing"
  controls = ["NIST 800-53 AC-2", "SOC2 CC7.4"]
}

rule "iam-user-unmanaged" {
  description = "A user or a key that nobody approved"
  match {
    types = ["aws_iam_user", "aws_iam_access_key", "aws_iam_user_login_profile"]
    kinds = ["unmanaged"]
  }
  severity = "critical"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "30m"
  runbook  = "https://runbooks.example.com/iam/user-unmanaged"
  controls = ["PCI-DSS 10.2.1.5", "PCI-DSS 8.6.3", "NIST 800-53 AC-2", "SOC2 CC6.2"]
}

rule "iam-membership-changed" {
  description = "A user belongs to other groups than approved"
  match {
    types = ["aws_iam_user_group_membership", "aws_iam_group_membership"]
  }
  severity = "high"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/iam/membership"
  controls = ["PCI-DSS 7.2.4", "NIST 800-53 AC-2"]
}

rule "iam-identity-changed" {
  description = "A user, group, role or policy is not as approved"
  match {
    types = ["aws_iam_*"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "identity-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/iam/identity"
  controls = ["PCI-DSS 10.2.1.5", "NIST 800-53 AC-2"]
}
