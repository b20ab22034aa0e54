# The way in from outside: security groups, access lists, routes.
# A range of half the internet ("/1") counts as the whole: two of them are the same thing.

rule "sg-open-to-world" {
  description = "A security group admits the whole internet to an administrative port"
  match {
    types      = ["aws_security_group", "aws_default_security_group"]
    attributes = ["/ingress"]
    kinds      = ["changed"]
    verdicts   = ["unauthorised"]
  }
  when = anytrue([
    for r in live : anytrue([
      for range in flatten([try(r.cidr_blocks, []), try(r.ipv6_cidr_blocks, [])]) :
      range != null && (endswith(range, "/0") || endswith(range, "/1"))
    ]) && (try(r.protocol, "tcp") == "-1" || anytrue([
      for port in [22, 23, 3389, 5985, 5986] : r.from_port <= port && r.to_port >= port
    ]))
  ])
  severity = "critical"
  action   = "remediate"
  owner    = "network-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/network/sg-open-to-world"
  controls = ["PCI-DSS 1.3.1", "PCI-DSS 11.5.2", "NIST 800-53 SC-7", "NIST 800-53 CM-6"]
}

rule "sg-database-open-to-world" {
  description = "A security group admits the whole internet to a database port"
  match {
    types      = ["aws_security_group", "aws_default_security_group"]
    attributes = ["/ingress"]
    kinds      = ["changed"]
    verdicts   = ["unauthorised"]
  }
  when = anytrue([
    for r in live : anytrue([
      for range in flatten([try(r.cidr_blocks, []), try(r.ipv6_cidr_blocks, [])]) :
      range != null && (endswith(range, "/0") || endswith(range, "/1"))
    ]) && try(r.protocol, "tcp") != "-1" && anytrue([
      for port in [1433, 1521, 3306, 5432, 6379, 9200, 27017] : r.from_port <= port && r.to_port >= port
    ])
  ])
  severity = "critical"
  action   = "remediate"
  owner    = "network-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/network/sg-open-to-world"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7", "NIST 800-53 CM-6"]
}

rule "sg-ingress-from-world" {
  description = "A security group admits the whole internet to some port"
  match {
    types      = ["aws_security_group", "aws_default_security_group"]
    attributes = ["/ingress"]
    kinds      = ["changed"]
  }
  when = anytrue([
    for r in live : anytrue([
      for range in flatten([try(r.cidr_blocks, []), try(r.ipv6_cidr_blocks, [])]) :
      range != null && (endswith(range, "/0") || endswith(range, "/1"))
    ])
  ])
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/network/sg-open-to-world"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7"]
}

rule "sg-egress-to-world" {
  description = "A security group lets traffic out to the whole internet"
  match {
    types      = ["aws_security_group", "aws_default_security_group"]
    attributes = ["/egress"]
    kinds      = ["changed"]
  }
  when = anytrue([
    for r in live : anytrue([
      for range in flatten([try(r.cidr_blocks, []), try(r.ipv6_cidr_blocks, [])]) :
      range != null && (endswith(range, "/0") || endswith(range, "/1"))
    ])
  ])
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/sg-egress"
  controls = ["PCI-DSS 1.3.2", "NIST 800-53 SC-7"]
}

rule "sg-rules-changed" {
  description = "The rules of a security group are not the approved ones"
  match {
    types      = ["aws_security_group", "aws_default_security_group"]
    attributes = ["/ingress", "/egress"]
    kinds      = ["changed"]
  }
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/sg-rules"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 CM-6"]
}

rule "sg-rule-open-to-world" {
  description = "A rule that nobody approved admits the whole internet to an administrative or database port"
  match {
    types    = ["aws_vpc_security_group_ingress_rule"]
    kinds    = ["unmanaged"]
    verdicts = ["unauthorised"]
  }
  when = anytrue([
    for range in [try(live.cidr_ipv4, ""), try(live.cidr_ipv6, "")] : endswith(range, "/0") || endswith(range, "/1")
  ]) && (live.ip_protocol == "-1" || anytrue([
    for port in [22, 23, 3389, 5985, 5986, 1433, 1521, 3306, 5432, 6379, 9200, 27017] :
    live.from_port <= port && live.to_port >= port
  ]))
  severity = "critical"
  action   = "remediate"
  owner    = "network-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/network/sg-open-to-world"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7", "NIST 800-53 CM-8(3)"]
}

rule "sg-rule-unmanaged" {
  description = "A security group holds a rule that nobody approved"
  match {
    types    = [
      "aws_security_group_rule",
      "aws_vpc_security_group_ingress_rule",
      "aws_vpc_security_group_egress_rule",
    ]
    kinds    = ["unmanaged"]
    verdicts = ["unauthorised"]
  }
  severity = "high"
  action   = "remediate"
  owner    = "network-platform"
  sla      = "1h"
  runbook  = "https://runbooks.example.com/network/sg-rules"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7", "NIST 800-53 CM-8(3)"]
}

# The rule's ports are no part of what changed, so it cannot say whether they matter.
rule "sg-rule-opened-to-world" {
  description = "An approved rule of a security group admits the whole internet now"
  match {
    types      = ["aws_vpc_security_group_ingress_rule"]
    attributes = ["/cidr_ipv4", "/cidr_ipv6"]
    kinds      = ["changed"]
    verdicts   = ["unauthorised"]
  }
  when = live != null && (endswith(live, "/0") || endswith(live, "/1"))
  severity = "critical"
  action   = "alert"
  owner    = "network-platform"
  sla      = "15m"
  runbook  = "https://runbooks.example.com/network/sg-open-to-world"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7", "NIST 800-53 CM-6"]
}

rule "sg-rule-changed" {
  description = "An approved rule of a security group was changed or removed"
  match {
    types = [
      "aws_security_group_rule",
      "aws_vpc_security_group_ingress_rule",
      "aws_vpc_security_group_egress_rule",
    ]
  }
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/sg-rules"
  controls = ["PCI-DSS 11.5.2", "NIST 800-53 CM-6"]
}

rule "nacl-changed" {
  description = "A network access list is not the approved one"
  match {
    types = [
      "aws_network_acl",
      "aws_network_acl_rule",
      "aws_network_acl_association",
      "aws_default_network_acl",
    ]
  }
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/nacl"
  controls = ["PCI-DSS 11.5.2", "CIS-AWS@7.0.0:6.2", "NIST 800-53 SC-7"]
}

rule "routing-changed" {
  description = "A route, a gateway or a connection between networks is not the approved one"
  match {
    types = [
      "aws_route",
      "aws_route_table",
      "aws_route_table_association",
      "aws_default_route_table",
      "aws_main_route_table_association",
      "aws_vpn_gateway_route_propagation",
      "aws_internet_gateway",
      "aws_internet_gateway_attachment",
      "aws_nat_gateway",
      "aws_vpc_peering_connection",
      "aws_vpn_connection",
      "aws_ec2_transit_gateway_route_table",
      "aws_ec2_transit_gateway_vpc_attachment",
    ]
  }
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/routing"
  controls = ["NIST 800-53 AC-4", "NIST 800-53 CM-6", "SOC2 CC7.1"]
}

rule "name-resolution-changed" {
  description = "Names of a domain are asked of other servers than approved"
  match {
    types = ["aws_route53_resolver_rule", "aws_route53_resolver_rule_association"]
  }
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/name-resolution"
  controls = ["NIST 800-53 SC-20", "NIST 800-53 SC-21", "NIST 800-53 CM-6"]
}

rule "subnet-gives-public-addresses" {
  description = "Instances in a subnet get public addresses"
  match {
    types      = ["aws_subnet"]
    attributes = ["/map_public_ip_on_launch"]
    kinds      = ["changed"]
  }
  when = live == true
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/subnet-public"
  controls = ["PCI-DSS 1.3.1", "NIST 800-53 SC-7"]
}

rule "network-changed" {
  description = "A network or a subnet is not the approved one"
  match {
    types = ["aws_vpc", "aws_vpc_*", "aws_subnet"]
  }
  severity = "medium"
  action   = "alert"
  owner    = "network-platform"
  sla      = "1d"
  runbook  = "https://runbooks.example.com/network/vpc"
  controls = ["NIST 800-53 CM-6", "SOC2 CC7.1"]
}

rule "network-unmanaged" {
  description = "A network or a subnet that nobody approved"
  match {
    types = ["aws_vpc", "aws_subnet"]
    kinds = ["unmanaged"]
  }
  severity = "high"
  action   = "alert"
  owner    = "network-platform"
  sla      = "4h"
  runbook  = "https://runbooks.example.com/network/vpc-unmanaged"
  controls = ["NIST 800-53 CM-8(3)", "SOC2 CC7.1"]
}
