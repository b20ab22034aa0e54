data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  accounts  = length(var.account_ids) > 0 ? var.account_ids : [local.account]
  root      = "arn:${local.partition}:iam::${local.account}:root"
}
