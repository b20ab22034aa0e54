//! Containers of an ECS task definition.

use std::collections::BTreeMap;

use super::blocks;
use crate::model::{Number, Value};
use crate::normalise::form::FormError;

/// `container_definitions` of `aws_ecs_task_definition`: JSON in the names of the API. Config has
/// the same with capital letters, and with what ECS fills in.
pub fn container_definitions(value: Value) -> Result<Value, FormError> {
    let mut containers: Vec<Value> = blocks(value)?
        .into_iter()
        .map(|container| named(container, true))
        .map(container)
        .collect();
    containers.sort();
    Ok(Value::List(containers))
}

/// Free keys are the user's; they keep their case.
const FREE: [&str; 3] = ["options", "dockerLabels", "driverOpts"];

/// Names begin with a small letter; what is not set is left out.
fn named(value: Value, are_names: bool) -> Value {
    match value {
        Value::Map(fields) => {
            let fields = fields.into_iter().filter_map(|(name, value)| {
                let name = if are_names { small(&name) } else { name };
                let value = named(value, are_names && !FREE.contains(&name.as_str()));
                let is_nothing = match &value {
                    Value::Null | Value::Bool(false) => true,
                    Value::List(list) => list.is_empty(),
                    Value::Map(map) => map.is_empty(),
                    _ => false,
                };
                // `essential` is true unless it says otherwise.
                let counts = !is_nothing || !are_names || name == "essential";
                counts.then_some((name, value))
            });
            Value::Map(fields.collect())
        }
        Value::List(list) => {
            let list = list.into_iter();
            Value::List(list.map(|value| named(value, are_names)).collect())
        }
        other => other,
    }
}

fn small(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// What ECS fills in is taken out again; the order of named things says nothing.
fn container(value: Value) -> Value {
    let Value::Map(mut fields) = value else {
        return value;
    };
    without(&mut fields, "essential", &Value::Bool(true));
    without(&mut fields, "essential", &Value::Null);
    without(&mut fields, "cpu", &number(0));
    for name in ["environment", "secrets", "environmentFiles", "mountPoints"] {
        if let Some(Value::List(list)) = fields.get_mut(name) {
            list.sort();
        }
    }
    if let Some(Value::List(ports)) = fields.get_mut("portMappings") {
        for port in ports.iter_mut() {
            if let Value::Map(port) = port {
                port_mapping(port);
            }
        }
        ports.sort();
    }
    if let Some(Value::Map(check)) = fields.get_mut("healthCheck") {
        for (name, default) in [("interval", 30), ("timeout", 5), ("retries", 3)] {
            without(check, name, &number(default));
        }
    }
    Value::Map(fields)
}

/// A task with a network of its own has each port on the host under its own number; ECS fills that
/// in where it is left out. A 0 is "any".
fn port_mapping(port: &mut BTreeMap<String, Value>) {
    without(port, "protocol", &Value::from("tcp"));
    without(port, "hostPort", &number(0));
    if let Some(own) = port.get("containerPort").cloned() {
        without(port, "hostPort", &own);
    }
}

fn without(fields: &mut BTreeMap<String, Value>, name: &str, default: &Value) {
    if fields.get(name) == Some(default) {
        fields.remove(name);
    }
}

fn number(number: i128) -> Value {
    Value::Number(Number::Int(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::json::parse;

    fn read(text: &str) -> Value {
        container_definitions(parse(text).unwrap()).unwrap()
    }

    #[test]
    fn equal_pairs_and_near_misses() {
        let approved = r#"[{"name":"web","image":"web:1","memory":512,
            "portMappings":[{"containerPort":8080}],
            "environment":[{"name":"B","value":""},{"name":"A","value":"1"}],
            "healthCheck":{"command":["CMD","true"]},
            "logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"g"}}}]"#;
        let live = r#"[{"Name":"web","Image":"web:1","Memory":512,"Cpu":0,"Essential":true,
            "PortMappings":[{"ContainerPort":8080,"HostPort":8080,"Protocol":"tcp"}],
            "Environment":[{"Name":"A","Value":"1"},{"Name":"B","Value":""}],
            "HealthCheck":{"Command":["CMD","true"],"Interval":30,"Timeout":5,"Retries":3},
            "LogConfiguration":{"LogDriver":"awslogs","Options":{"awslogs-group":"g"}},
            "VolumesFrom":[],"Links":null,"Privileged":false,"DockerLabels":{}}]"#;
        assert_eq!(read(approved), read(live));
        for (from, to) in [
            ("web:1", "web:2"),
            ("512", "256"),
            (r#""Essential":true"#, r#""Essential":false"#),
            (r#""Cpu":0"#, r#""Cpu":1"#),
            (r#""HostPort":8080"#, r#""HostPort":80"#),
            (r#""Protocol":"tcp""#, r#""Protocol":"udp""#),
            (r#""Value":"1""#, r#""Value":"2""#),
            (r#""Name":"A""#, r#""Name":"a""#),
            (r#"["CMD","true"]"#, r#"["true","CMD"]"#),
            (r#""Interval":30"#, r#""Interval":31"#),
            (r#""awslogs-group""#, r#""Awslogs-group""#),
            (r#""Privileged":false"#, r#""Privileged":true"#),
            (r#""Name":"web""#, r#""Name":"Web""#),
        ] {
            assert!(live.contains(from), "{from}");
            assert_ne!(
                read(approved),
                read(&live.replace(from, to)),
                "{from} -> {to}"
            );
        }
        assert_eq!(read("null"), read("[]"));
        assert!(container_definitions(parse("7").unwrap()).is_err());
    }
}
