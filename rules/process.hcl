# How a change came about, whatever was changed. The topical rules go before the rules for verdicts
# that leave something to be done. Of the verdicts `authorised`, `awaiting_apply` and `late` only the
# rules here speak, because a rule that names no verdicts does not speak of them.

rule "change-authorised" {
  description = "Done as approved: kept on record"
  match {
    verdicts = ["authorised"]
  }
  severity = "info"
  action   = "record"
  owner    = "change-management"
  sla      = "30d"
  runbook  = "https://runbooks.example.com/process/authorised"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-3"]
}

rule "change-awaiting-apply" {
  description = "Approved and not yet carried out; its window is not over"
  match {
    verdicts = ["awaiting_apply"]
  }
  severity = "info"
  action   = "record"
  owner    = "change-management"
  sla      = "30d"
  runbook  = "https://runbooks.example.com/process/awaiting-apply"
  controls = ["NIST 800-53 CM-3", "SOC2 CC8.1"]
}

rule "change-late" {
  description = "An emergency change, properly approved after the fact"
  match {
    verdicts = ["late"]
  }
  severity = "medium"
  action   = "record"
  owner    = "change-management"
  sla      = "5d"
  runbook  = "https://runbooks.example.com/process/late"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-3"]
}

rule "change-not-applied" {
  description = "Approved, but not carried out when its window ended"
  match {
    verdicts = ["not_applied"]
  }
  severity = "low"
  action   = "alert"
  owner    = "change-management"
  sla      = "2d"
  runbook  = "https://runbooks.example.com/process/not-applied"
  controls = ["NIST 800-53 CM-3", "SOC2 CC8.1"]
}

rule "change-out-of-window" {
  description = "Approved, but carried out outside its window"
  match {
    verdicts = ["out_of_window"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "change-management"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/process/out-of-window"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-3(1)"]
}

rule "change-emergency-pending" {
  description = "An emergency change whose full approval is still to come"
  match {
    verdicts = ["emergency_pending"]
  }
  severity = "high"
  action   = "alert"
  owner    = "change-management"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/process/emergency"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-3(1)", "SOC2 CC8.1"]
}

rule "change-unauthorised" {
  description = "A change that no change record covers"
  match {
    kinds    = ["changed"]
    verdicts = ["unauthorised"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "change-management"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/process/unauthorised"
  controls = ["PCI-DSS 6.5.1", "PCI-DSS 11.5.2", "NIST 800-53 CM-3"]
}

rule "resource-missing" {
  description = "An approved resource was removed without a change record"
  match {
    kinds    = ["missing"]
    verdicts = ["unauthorised"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "change-management"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/process/missing"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-8(3)"]
}

rule "resource-unmanaged" {
  description = "A resource that nobody approved"
  match {
    kinds    = ["unmanaged"]
    verdicts = ["unauthorised"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "change-management"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/process/unmanaged"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-8(3)"]
}

rule "change-indeterminate" {
  description = "Whether the change was authorised cannot be decided"
  match {
    verdicts = ["indeterminate"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "change-management"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/process/indeterminate"
  controls = ["NIST 800-53 CM-3", "NIST 800-53 AU-6"]
}

rule "plan-unapproved" {
  description = "A workspace rests on a plan that nobody approved"
  match {
    kinds    = ["unapproved_plan"]
    verdicts = [
      "authorised",
      "awaiting_apply",
      "not_applied",
      "out_of_window",
      "late",
      "emergency_pending",
      "unauthorised",
      "indeterminate",
    ]
  }
  severity = "medium"
  action   = "alert"
  owner    = "change-management"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/process/unapproved-plan"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-3", "SOC2 CC8.1"]
}

rule "plan-tampered" {
  description = "A plan file is not the one that was approved"
  match {
    kinds    = ["plan_tampered"]
    verdicts = [
      "authorised",
      "awaiting_apply",
      "not_applied",
      "out_of_window",
      "late",
      "emergency_pending",
      "unauthorised",
      "indeterminate",
    ]
  }
  severity = "critical"
  action   = "alert"
  owner    = "change-management"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/process/plan-tampered"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 SI-7", "SOC2 CC8.1"]
}

rule "plan-applied-not-approved" {
  description = "What was carried out differs from the approved plan"
  match {
    kinds    = ["applied_not_approved"]
    verdicts = [
      "authorised",
      "awaiting_apply",
      "not_applied",
      "out_of_window",
      "late",
      "emergency_pending",
      "unauthorised",
      "indeterminate",
    ]
  }
  severity = "high"
  action   = "alert"
  owner    = "change-management"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/process/applied-not-approved"
  controls = ["PCI-DSS 6.5.1", "NIST 800-53 CM-3(2)", "SOC2 CC8.1"]
}
