output "role_arn" {
  description = "The role that sends, for this module's other Regions in the same account."
  value       = local.role
}
