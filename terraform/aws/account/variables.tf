variable "name" {
  description = "The `name` of the installation."
  type        = string
  default     = "driftwarden"
}

variable "service_role_arn" {
  description = "The role that the service runs as (output `service_role_arn`). It alone may take on the roles made here."
  type        = string

  validation {
    condition     = can(regex("^arn:[^:]+:iam::[0-9]{12}:role/.+$", var.service_role_arn))
    error_message = "This is no ARN of a role."
  }
}

variable "external_id" {
  description = "A word that whoever takes on the roles must know, as in the configuration. Null: none is asked for."
  type        = string
  default     = null
}

variable "fix_actions" {
  description = "What the service may put right in this account: a list of actions. Empty (the default), and without `start_remediations`: there is no role for fixes."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for action in var.fix_actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))])
    error_message = "Name each action in full, such as s3:PutBucketPublicAccessBlock: no `*`."
  }
}

variable "fix_resources" {
  description = "The resources that may be fixed, as ARNs or patterns of them."
  type        = list(string)
  default     = ["*"]
}

variable "start_remediations" {
  description = "Whether the service may start remediations of AWS Config that are set up in this account, as `config_remediation` names them."
  type        = bool
  default     = false
}

variable "remediation_role_arns" {
  description = "Roles that remediations are set up with, where AWS asks whoever starts one for the right to pass them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.remediation_role_arns : can(regex("^arn:[^:]+:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "Name each role by its ARN, without a `*`."
  }
}

variable "permissions_boundary" {
  description = "ARN of a permissions boundary for both roles, where the organisation asks for one."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
