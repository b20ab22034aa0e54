output "service_role_arn" {
  description = "The role that the service runs as."
  value       = aws_iam_role.service.arn
}

output "service_role_name" {
  description = "Its name, for further policies."
  value       = aws_iam_role.service.name
}

output "instance_profile" {
  description = "The instance profile, where `service_ec2` is set."
  value       = one(aws_iam_instance_profile.service[*].name)
}

output "read_role_arns" {
  description = "The roles that the service takes on, one an account: make each with the `account` module."
  value       = [for id in local.accounts : "arn:${local.partition}:iam::${id}:role/${var.name}-read"]
}

output "event_bus_arn" {
  description = "Where the `events` module sends what changes."
  value       = aws_cloudwatch_event_bus.events.arn
}

output "queue_url" {
  description = "The queue for the configuration of the activity source."
  value       = aws_sqs_queue.events.url
}

output "queue_arn" {
  description = "The same queue, as an ARN."
  value       = aws_sqs_queue.events.arn
}

output "dead_letter_queue_url" {
  description = "Where messages lie that could not be read. Something in it is a change that nobody looked at."
  value       = aws_sqs_queue.dead_letters.url
}

output "evidence_bucket" {
  description = "The bucket for `mirror \"s3\"`."
  value       = aws_s3_bucket.evidence.id
}

output "signing_key_arn" {
  description = "The key that signs checkpoints, unless `signing_key_spec` is null."
  value       = one(aws_kms_key.signing[*].arn)
}

output "encryption_key_arn" {
  description = "The key that encrypts queues and bucket."
  value       = aws_kms_key.encryption.arn
}
