terraform {
  required_providers {
    local = { source = "hashicorp/local", version = "1.4.0" }
    time  = { source = "hashicorp/time", version = "0.14.2" }
  }
}

variable "greeting" {
  default = "hello"
}

resource "local_file" "plain" {
  filename = "out/plain.txt"
  content  = "${var.greeting}, as approved"
}

resource "local_file" "secret" {
  filename          = "out/secret.txt"
  sensitive_content = "hunter2hunter2"
}

resource "time_static" "begun" {}

resource "time_offset" "later" {
  base_rfc3339 = time_static.begun.rfc3339
  offset_days  = 7
}
