//! What the provider reads back, in an attribute that no row compares, of resources that are resources
//! of their own: who approves the one approves what shows of it in the other.

use super::Looking;
use super::attributes::There;
use super::same::same;
use crate::ingest::plan::RefreshedResource;
use crate::model::Value;

/// Type and attribute that show it, the type that owns it, and the field by which an element of a list
/// is known; none where the attribute as a whole is the other's.
const ECHOES: [(&str, &str, &str, &str); 13] = [
    (
        "aws_api_gateway_rest_api",
        "policy",
        "aws_api_gateway_rest_api_policy",
        "",
    ),
    (
        "aws_ec2_managed_prefix_list",
        "entry",
        "aws_ec2_managed_prefix_list_entry",
        "cidr",
    ),
    (
        "aws_elasticache_user_group",
        "user_ids",
        "aws_elasticache_user_group_association",
        "user_id",
    ),
    (
        "aws_elasticsearch_domain",
        "access_policies",
        "aws_elasticsearch_domain_policy",
        "",
    ),
    ("aws_elb", "instances", "aws_elb_attachment", "instance"),
    (
        "aws_instance",
        "ebs_block_device",
        "aws_volume_attachment",
        "volume_id",
    ),
    (
        "aws_instance",
        "network_interface",
        "aws_network_interface_attachment",
        "network_interface_id",
    ),
    (
        "aws_network_interface",
        "attachment",
        "aws_instance",
        "instance",
    ),
    (
        "aws_network_interface",
        "attachment",
        "aws_network_interface_attachment",
        "instance",
    ),
    (
        "aws_network_interface",
        "security_groups",
        "aws_network_interface_sg_attachment",
        "id",
    ),
    (
        "aws_secretsmanager_secret",
        "policy",
        "aws_secretsmanager_secret_policy",
        "",
    ),
    (
        "aws_spot_instance_request",
        "ebs_block_device",
        "aws_volume_attachment",
        "volume_id",
    ),
    (
        "aws_vpn_gateway",
        "vpc_id",
        "aws_vpn_gateway_attachment",
        "",
    ),
];

impl Looking<'_> {
    /// Whether what came to an attribute is what resources of their own, that are there and name this
    /// one, put there.
    pub(super) fn is_echo(
        &self,
        there: There<'_>,
        name: &str,
        (before, now): (&Value, &Value),
    ) -> bool {
        let own = &there.1.type_name;
        let mut echoes = ECHOES
            .iter()
            .filter(|(of, shown, ..)| **of == **own && *shown == name);
        echoes.any(|(_, _, by, field)| {
            let all = self.seen.refresh.resources.values();
            let owners: Vec<&RefreshedResource> = all
                .filter(|one| *one.type_name == **by && is_of(one, there.1))
                .collect();
            match (now, before) {
                _ if owners.is_empty() => false,
                (_, _) if field.is_empty() => true,
                (Value::List(now), before) => {
                    let before = before.as_list().unwrap_or_default();
                    let is_in = |list: &[Value], one| list.iter().any(|own| same(own, one));
                    let mut came = now.iter().filter(|one| !is_in(before, one));
                    let mut went = before.iter().filter(|one| !is_in(now, one));
                    went.next().is_none()
                        && came.all(|one| {
                            let key = one.as_map().map_or(Some(one), |one| one.get(*field));
                            let key = key.and_then(Value::as_str);
                            key.is_some_and(|key| owners.iter().any(|owner| names(owner, key)))
                        })
                }
                (_, _) => false,
            }
        })
    }
}

/// Whether a resource names another one.
fn is_of(one: &RefreshedResource, other: &RefreshedResource) -> bool {
    let called = ["id", "arn"].into_iter();
    let mut called = called.filter_map(|name| other.values.get(name)?.as_str());
    called.any(|id| names(one, id))
}

/// Whether a resource holds a text as one of its values.
fn names(one: &RefreshedResource, text: &str) -> bool {
    let shown = |value: &Value| value.as_str() == Some(text);
    let mapped = one.mapped.iter();
    let mut mapped = mapped.flat_map(|(_, attributes)| attributes.stored.iter());
    one.values.values().any(shown)
        || mapped.any(|value| {
            let value = crate::ingest::json::parse(value.text);
            !text.is_empty() && value.is_ok_and(|value| shown(&value))
        })
}
