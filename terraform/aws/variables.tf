variable "name" {
  description = "What every name here begins with. Two installations in one account need two names."
  type        = string
  default     = "driftwarden"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "Use 2 to 31 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "evidence_bucket" {
  description = "Name of the bucket for the second copy of the evidence log. It must not be the one that AWS Config delivers to: Config cannot deliver where a default retention stands, and what delivers should not write evidence."
  type        = string
}

variable "evidence_prefix" {
  description = "The `prefix` of `mirror \"s3\"`, without a slash at its end. Empty where the bucket holds one log alone."
  type        = string
  default     = ""

  validation {
    condition     = !endswith(var.evidence_prefix, "/") && !startswith(var.evidence_prefix, "/")
    error_message = "Leave the slashes at both ends out."
  }
}

variable "service_principals" {
  description = "Who may take on the role that the service runs as: ARNs of roles (EKS, a CI runner), or none where `service_ec2` or `service_oidc` says it."
  type        = list(string)
  default     = []
}

variable "service_ec2" {
  description = "The service runs on an EC2 instance: an instance profile is made, and EC2 may take on the role."
  type        = bool
  default     = false
}

variable "service_oidc" {
  description = "The service runs in Kubernetes with roles for service accounts: the cluster's OIDC provider and the one service account."
  type = object({
    provider_arn    = string
    issuer          = string
    service_account = string
  })
  default = null

  validation {
    condition     = var.service_oidc == null ? true : can(regex("^[^:]+:[^:]+$", var.service_oidc.service_account))
    error_message = "Write service_account as NAMESPACE:NAME."
  }
}

variable "account_ids" {
  description = "The accounts that are watched, each with the role of the `account` module. Empty: this one alone."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "An account id has twelve digits."
  }
}

variable "fix_account_ids" {
  description = "The accounts in which the service may take on the role that puts back, where the `account` module makes one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.fix_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "An account id has twelve digits."
  }
}

variable "organization_id" {
  description = "Accounts of this organisation may send events to the bus. Null: only those in `account_ids` may."
  type        = string
  default     = null
}

variable "signing_key_spec" {
  description = "Kind of the key that signs checkpoints: `ECC_NIST_EDWARDS25519` where provider and Region know it, else `ECC_NIST_P256`. Null: no key; the log is signed by a key file."
  type        = string
  default     = "ECC_NIST_P256"

  validation {
    condition     = var.signing_key_spec == null ? true : contains(["ECC_NIST_EDWARDS25519", "ECC_NIST_P256"], var.signing_key_spec)
    error_message = "Choose ECC_NIST_EDWARDS25519 or ECC_NIST_P256."
  }
}

variable "key_administrators" {
  description = "ARNs of those who may administer the keys. Their rights do not include to sign. Empty: whoever IAM lets in this account."
  type        = list(string)
  default     = []
}

variable "queue_retries" {
  description = "So often a message is delivered before it goes to the dead-letter queue."
  type        = number
  default     = 10
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
