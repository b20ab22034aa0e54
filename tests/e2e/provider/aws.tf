terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "region" {
  default = "eu-west-1"
}

locals {
  tags = { Application = "ledger" }
  open = [443, 8443]
}

provider "aws" {
  region                      = var.region
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_requesting_account_id  = false
  default_tags {
    tags = local.tags
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.7.0.0/16"
}

resource "aws_security_group" "inline" {
  name        = "ledger-front"
  description = "Front door"
  vpc_id      = aws_vpc.main.id

  dynamic "ingress" {
    for_each = local.open
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["198.51.100.0/24"]
    }
  }
}

resource "aws_security_group" "apart" {
  name        = "ledger-db"
  description = "Rules of its own"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "db" {
  security_group_id            = aws_security_group.apart.id
  referenced_security_group_id = aws_security_group.inline.id
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_instance" "app" {
  ami                    = "ami-12c6146b"
  instance_type          = "t3.small"
  user_data              = "#!/bin/sh\necho ledger\n"
  vpc_security_group_ids = [aws_security_group.inline.id]
  subnet_id              = aws_subnet.a.id
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.7.1.0/24"
}

resource "aws_s3_bucket" "ledger" {
  bucket = "bank-example-ledger"
}

resource "aws_s3_bucket_versioning" "ledger" {
  bucket = aws_s3_bucket.ledger.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "ledger" {
  bucket                  = aws_s3_bucket.ledger.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_iam_role" "app" {
  name = "ledger-app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_dynamodb_table" "locks" {
  name         = "ledger-locks"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  lifecycle {
    ignore_changes = [tags["Owner"]]
  }
}

resource "aws_ssm_parameter" "secret" {
  name  = "/ledger/secret"
  type  = "SecureString"
  value = "hunter2hunter2"
}

resource "aws_sqs_queue" "work" {
  name                      = "ledger-work"
  message_retention_seconds = 86400
}
