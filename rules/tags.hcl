# Tags, on whatever resource they are.

rule "data-class-lowered" {
  description = "A resource was put into a lower class of data than approved, or into none"
  match {
    attributes = ["/tags_all/DataClass"]
    kinds      = ["changed"]
  }
  when = (
    lookup({ public = 0, internal = 1, confidential = 2, restricted = 3 }, lower(coalesce(live, "public")), 0)
    <
    lookup({ public = 0, internal = 1, confidential = 2, restricted = 3 }, lower(coalesce(approved, "public")), 3)
  )
  severity = "high"
  action   = "alert"
  owner    = "data-governance"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/tags/data-class"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 AC-16"]
}

rule "data-class-changed" {
  description = "A resource is in another class of data than approved"
  match {
    attributes = ["/tags_all/DataClass"]
    kinds      = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "data-governance"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/tags/data-class"
  controls = ["NIST 800-53 AC-16", "NIST 800-53 CM-6"]
}

rule "owner-tag-changed" {
  description = "A resource names another owner or cost centre than approved"
  match {
    attributes = ["/tags_all/Owner"]
    kinds      = ["changed"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "data-governance"
  sla      = "2d"
  runbook  = "https://runbooks.example.com/tags/owner"
  controls = ["NIST 800-53 CM-8", "NIST 800-53 CM-6"]
}

rule "tag-changed" {
  description = "A tag is not the approved one"
  match {
    attributes = ["/tags_all", "/tags"]
    kinds      = ["changed"]
  }
  severity = "low"
  action   = "alert"
  owner    = "data-governance"
  sla      = "5d"
  runbook  = "https://runbooks.example.com/tags/changed"
  controls = ["NIST 800-53 CM-8", "NIST 800-53 CM-6"]
}
