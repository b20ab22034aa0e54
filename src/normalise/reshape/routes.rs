//! Routes of a route table.

use std::collections::BTreeMap;

use super::{blocks, get};
use crate::model::Value;
use crate::normalise::cidr;
use crate::normalise::form::{FormError, Side};

/// Live names with those of `route` in `aws_route_table`.
const FIELDS: [(&str, &str); 13] = [
    ("destinationCidrBlock", "cidr_block"),
    ("destinationIpv6CidrBlock", "ipv6_cidr_block"),
    ("destinationPrefixListId", "destination_prefix_list_id"),
    ("carrierGatewayId", "carrier_gateway_id"),
    ("coreNetworkArn", "core_network_arn"),
    ("egressOnlyInternetGatewayId", "egress_only_gateway_id"),
    ("gatewayId", "gateway_id"),
    ("instanceId", "instance_id"),
    ("localGatewayId", "local_gateway_id"),
    ("natGatewayId", "nat_gateway_id"),
    ("networkInterfaceId", "network_interface_id"),
    ("transitGatewayId", "transit_gateway_id"),
    ("vpcPeeringConnectionId", "vpc_peering_connection_id"),
];

/// `route` of `aws_route_table`, sorted, without what is not set. Routes that AWS makes are left
/// out: to the VPC itself, from a virtual private gateway, and those of gateway endpoints.
pub fn routes(value: Value, side: Side<'_>) -> Result<Value, FormError> {
    let mut routes = Vec::new();
    for route in blocks(value)? {
        let fields = match side {
            Side::Approved => match &route {
                Value::Map(fields) => fields.clone(),
                _ => return Err(FormError::Shape("a list of routes")),
            },
            Side::Live { .. } => match live_route(&route) {
                Some(fields) => fields,
                None => continue,
            },
        };
        let fields = fields
            .into_iter()
            .filter_map(|(name, value)| field(name, value));
        let fields: BTreeMap<String, Value> = fields.collect();
        let is_local = fields.get("gateway_id").and_then(Value::as_str) == Some("local");
        if !fields.is_empty() && !is_local {
            routes.push(Value::Map(fields));
        }
    }
    routes.sort();
    routes.dedup();
    Ok(Value::List(routes))
}

fn field(name: String, value: Value) -> Option<(String, Value)> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    let text = match name.as_str() {
        "cidr_block" | "ipv6_cidr_block" => cidr::canonical(text),
        _ => text.to_owned(),
    };
    Some((name, Value::String(text)))
}

fn live_route(route: &Value) -> Option<BTreeMap<String, Value>> {
    let mut fields: BTreeMap<String, Value> = FIELDS
        .iter()
        .map(|(live, name)| ((*name).to_owned(), get(route, live)))
        .filter(|(_, value)| !value.is_null())
        .collect();
    if get(route, "origin").as_str() == Some("EnableVgwRoutePropagation") {
        return None;
    }
    let gateway = fields.get("gateway_id").and_then(Value::as_str);
    if gateway.is_some_and(|gateway| gateway.starts_with("vpce-")) {
        if fields.contains_key("destination_prefix_list_id") {
            return None;
        }
        let endpoint = fields.remove("gateway_id").unwrap_or_default();
        fields.insert("vpc_endpoint_id".to_owned(), endpoint);
    }
    Some(fields)
}
