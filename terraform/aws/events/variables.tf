variable "name" {
  description = "The `name` of the installation."
  type        = string
  default     = "driftwarden"
}

variable "event_bus_arn" {
  description = "Where to send what changes (output `event_bus_arn`)."
  type        = string
}

variable "role_arn" {
  description = "A role made by this module in another Region of the account, to be used again. Null: one is made."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}
