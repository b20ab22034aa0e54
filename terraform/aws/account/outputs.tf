output "read_role_arn" {
  description = "The role that reads."
  value       = aws_iam_role.read.arn
}

output "fix_role_arn" {
  description = "The role that puts back; null without `fix_actions` and `start_remediations`."
  value       = one(aws_iam_role.fix[*].arn)
}
