//! From the id of a finding to the id by which a provider imports it.

use super::super::Lists;
use crate::model::{FixWay, TypeName};

fn import(type_name: &str, id: &str) -> Option<(String, String, String)> {
    let lists = Lists::reviewed().unwrap();
    let importing = lists.importing(&TypeName::from(type_name))?;
    let own = importing.of(type_name, id)?;
    Some((own.type_name.to_owned(), own.id, own.within))
}

#[track_caller]
fn assert_import(type_name: &str, id: &str, wanted: (&str, &str, &str)) {
    let (as_type, id, within) = import(type_name, id).unwrap();
    assert_eq!((&*as_type, &*id, &*within), wanted);
}

const INGRESS: &str = "aws_vpc_security_group_ingress_rule";

#[test]
fn a_rule_is_imported_by_what_it_admits() {
    for (name, wanted) in [
        ("tcp/22-22/0.0.0.0/0", "tcp_22_22_0.0.0.0/0"),
        ("udp/1-65535/2001:db8::/48", "udp_1_65535_2001:db8::/48"),
        ("icmp/-1--1/10.0.0.0/8", "icmp_-1_-1_10.0.0.0/8"),
        ("-1/0-0/self", "-1_0_0_self"),
        ("tcp/80-80/sg-2", "tcp_80_80_sg-2"),
        ("tcp/80-80/999988887777/sg-2", "tcp_80_80_999988887777/sg-2"),
        ("tcp/80-80/pl-1", "tcp_80_80_pl-1"),
    ] {
        let wanted = format!("sg-1_ingress_{wanted}");
        let wanted = ("aws_security_group_rule", &*wanted, "sg-1");
        assert_import(INGRESS, &format!("sg-1/ingress/{name}"), wanted);
    }
    assert_import(
        "aws_vpc_security_group_egress_rule",
        "sg-1/egress/tcp/443-443/10.0.0.0/8",
        (
            "aws_security_group_rule",
            "sg-1_egress_tcp_443_443_10.0.0.0/8",
            "sg-1",
        ),
    );
}

#[test]
fn what_is_not_known_for_certain_is_not_imported() {
    for id in [
        // Its ports are not in the item.
        "sg-1/ingress/50/0-0/10.0.0.0/8",
        "sg-1/egress/tcp/22-22/0.0.0.0/0",
        "sg-1/ingress/tcp/22-22/",
        "sg-1/ingress/tcp/22/0.0.0.0/0",
        "sg-0123456789abcdef0",
        "(secret 12345678)",
        "",
    ] {
        assert_eq!(import(INGRESS, id), None, "{id}");
    }
    assert_eq!(import("aws_security_group_rule", "sgrule-1"), None);
    assert_eq!(import("aws_iam_role", "app"), None);
}

#[test]
fn an_attachment_is_imported_by_owner_and_policy() {
    let policy = "arn:aws:iam::aws:policy/job-function/Billing";
    for owner in ["role", "user", "group"] {
        let type_name = format!("aws_iam_{owner}_policy_attachment");
        let id = format!("app/{policy}");
        assert_import(&type_name, &id, (&type_name, &id, "app"));
        assert_eq!(import(&type_name, "app"), None);
    }
}

/// Every type that is taken away can be, but for the one by which nothing live is called.
#[test]
fn every_grant_has_a_way_to_be_found() {
    let lists = Lists::reviewed().unwrap();
    let rows = lists.rows().into_iter();
    let rows = rows.filter(|(way, ..)| *way == FixWay::TakeAway);
    let without: Vec<&str> = rows
        .map(|(_, name, _)| name)
        .filter(|name| lists.importing(&TypeName::from(*name)).is_none())
        .collect();
    assert_eq!(without, ["aws_security_group_rule"]);
}

#[test]
fn a_row_that_cannot_be_used_is_refused() {
    let row = |import: &str| {
        Lists::check_of(&format!(
            "[[take_away]]\ntype = \"aws_x\"\nwhy = \"a link\"\nimport = {{ {import} }}\n"
        ))
    };
    assert!(row(r#"from = "{a}/{b}", id = "{b}_{a}", within = "a""#).is_ok());
    for wrong in [
        r#"from = "{a}/{b}", id = "{c}", within = "a""#,
        r#"from = "{a}/{b}", id = "{a}", within = "c""#,
        r#"from = "{a}/{b}", id = "{a}", within = "a", only = { c = ["x"] }"#,
        r#"from = "{a}{b}", id = "{a}", within = "a""#,
        r#"from = "{a", id = "{a}", within = "a""#,
    ] {
        assert!(row(wrong).is_err(), "{wrong}");
    }
}
