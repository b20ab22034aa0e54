//! A deviation for each shipped rule, and a near miss.

/// Rule, a deviation it decides, and one that another rule decides.
pub const TABLE: &[(&str, &str, &str)] = &[
    // network
    (
        "sg-open-to-world",
        r#"changed aws_security_group /ingress live=[{"from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}]"#,
        r#"changed aws_security_group /ingress live=[{"from_port":22,"to_port":22,"cidr_blocks":["10.0.0.0/8"]}]"#,
    ),
    (
        "sg-open-to-world",
        r#"changed aws_security_group /ingress live=[{"protocol":"-1","from_port":0,"to_port":0,"ipv6_cidr_blocks":["::/0"]}]"#,
        r#"changed aws_security_group /ingress live=[{"protocol":"tcp","from_port":0,"to_port":0,"ipv6_cidr_blocks":["::/0"]}]"#,
    ),
    (
        "sg-database-open-to-world",
        r#"changed aws_security_group /ingress live=[{"from_port":5000,"to_port":6000,"cidr_blocks":["128.0.0.0/1"]}]"#,
        r#"changed aws_security_group /ingress live=[{"from_port":5433,"to_port":6000,"cidr_blocks":["128.0.0.0/1"]}]"#,
    ),
    (
        "sg-ingress-from-world",
        r#"changed aws_security_group /ingress live=[{"from_port":443,"to_port":443,"cidr_blocks":["0.0.0.0/0"]}]"#,
        r#"changed aws_security_group /ingress live=[{"from_port":443,"to_port":443,"cidr_blocks":["0.0.0.0/8"]}]"#,
    ),
    (
        "sg-egress-to-world",
        r#"changed aws_security_group /egress live=[{"cidr_blocks":["0.0.0.0/0"]}]"#,
        r#"changed aws_security_group /egress live=[{"cidr_blocks":["10.0.0.0/8"]}]"#,
    ),
    (
        "sg-rules-changed",
        "changed aws_security_group /ingress live=[]",
        "changed aws_security_group /description live=\"x\"",
    ),
    (
        "sg-rule-open-to-world",
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"tcp","from_port":20,"to_port":30,"cidr_ipv4":"0.0.0.0/0"}"#,
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"tcp","from_port":443,"to_port":443,"cidr_ipv4":"0.0.0.0/0"}"#,
    ),
    (
        "sg-rule-open-to-world",
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"-1","cidr_ipv6":"::/0"}"#,
        r#"unmanaged aws_vpc_security_group_ingress_rule live={"ip_protocol":"-1","cidr_ipv4":"10.0.0.0/8"}"#,
    ),
    (
        "sg-rule-unmanaged",
        "unmanaged aws_vpc_security_group_ingress_rule",
        "unmanaged aws_vpc_security_group_ingress_rule verdict=indeterminate",
    ),
    (
        "sg-open-to-world",
        r#"changed aws_default_security_group /ingress live=[{"from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}]"#,
        r#"changed aws_default_network_acl /ingress live=[{"from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}]"#,
    ),
    (
        "sg-rule-opened-to-world",
        r#"changed aws_vpc_security_group_ingress_rule /cidr_ipv4 approved="10.0.0.0/8" live="0.0.0.0/0""#,
        r#"changed aws_vpc_security_group_egress_rule /cidr_ipv4 approved="10.0.0.0/8" live="0.0.0.0/0""#,
    ),
    (
        "sg-rule-opened-to-world",
        r#"changed aws_vpc_security_group_ingress_rule /cidr_ipv6 live="::/0""#,
        r#"changed aws_vpc_security_group_ingress_rule /cidr_ipv6 live=null"#,
    ),
    (
        "sg-rule-changed",
        "missing aws_security_group_rule",
        "missing aws_security_group",
    ),
    (
        "nacl-changed",
        "changed aws_network_acl /ingress",
        "changed aws_network_interface /ingress",
    ),
    (
        "routing-changed",
        "missing aws_route",
        "missing aws_route53_record",
    ),
    (
        "routing-changed",
        "changed aws_ec2_transit_gateway_vpc_attachment /subnet_ids live=[]",
        "changed aws_ec2_transit_gateway_multicast_domain /subnet_ids live=[]",
    ),
    (
        "name-resolution-changed",
        "changed aws_route53_resolver_rule /target_ip live=[]",
        "changed aws_route53_resolver_query_log_config /target_ip live=[]",
    ),
    (
        "subnet-gives-public-addresses",
        "changed aws_subnet /map_public_ip_on_launch live=true",
        "changed aws_subnet /map_public_ip_on_launch live=false",
    ),
    (
        "network-changed",
        "changed aws_vpc /enable_dns_hostnames live=false",
        "unmanaged aws_vpc",
    ),
    ("network-unmanaged", "unmanaged aws_vpc", "missing aws_vpc"),
    // storage
    (
        "s3-public-access-block-weakened",
        "changed aws_s3_bucket_public_access_block /block_public_acls live=false",
        "changed aws_s3_bucket_public_access_block /block_public_acls live=true",
    ),
    (
        "s3-public-access-block-changed",
        "missing aws_s3_bucket_public_access_block",
        "missing aws_s3_bucket_metric",
    ),
    (
        "s3-account-public-access-block-weakened",
        "changed aws_s3_account_public_access_block /block_public_policy live=false",
        "changed aws_s3_account_public_access_block /account_id live=\"1\"",
    ),
    (
        "s3-account-public-access-block-changed",
        "missing aws_s3_account_public_access_block",
        "missing aws_s3_bucket",
    ),
    (
        "s3-policy-public",
        r#"changed aws_s3_bucket_policy /policy live={"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}"#,
        r#"changed aws_s3_bucket_policy /policy live={"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*"}]}"#,
    ),
    (
        "s3-policy-public",
        r#"changed aws_s3_bucket_policy /policy live="{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"*\"]}}}""#,
        r#"changed aws_s3_bucket_policy /policy live="{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"*\"]},\"Condition\":{}}}""#,
    ),
    (
        "s3-policy-changed",
        "missing aws_s3_bucket_policy",
        "missing aws_s3_bucket_notification",
    ),
    (
        "s3-encryption-changed",
        "changed aws_s3_bucket_server_side_encryption_configuration /rule live=[]",
        "changed aws_s3_bucket_server_side_encryption_configuration /rule live=[] verdict=not_applied",
    ),
    (
        "s3-encryption-missing",
        "missing aws_s3_bucket_server_side_encryption_configuration",
        "changed aws_s3_bucket_server_side_encryption_configuration /rule",
    ),
    (
        "s3-versioning-changed",
        "changed aws_s3_bucket_versioning /versioning_configuration/0/status live=\"Suspended\"",
        "changed aws_s3_bucket /versioning live=[]",
    ),
    (
        "s3-logging-changed",
        "missing aws_s3_bucket_logging",
        "missing aws_s3_bucket_metric",
    ),
    (
        "s3-lifecycle-changed",
        "changed aws_s3_bucket_lifecycle_configuration /rule/0/expiration/0/days live=30",
        "changed aws_s3_bucket_metric /rule/0/expiration/0/days live=30",
    ),
    (
        "s3-replication-changed",
        "missing aws_s3_bucket_replication_configuration",
        "missing aws_s3_bucket_cors_configuration",
    ),
    (
        "s3-replication-changed",
        "unmanaged aws_s3_bucket_replication_configuration",
        "unmanaged aws_s3_bucket_website_configuration",
    ),
    (
        "s3-object-lock-changed",
        "changed aws_s3_bucket_object_lock_configuration /rule/0/default_retention/0/days live=1",
        "changed aws_s3_bucket_website_configuration /index_document/0/suffix live=\"x\"",
    ),
    (
        "s3-policy-public-unmanaged",
        r#"unmanaged aws_s3_bucket_policy live={"policy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}}"#,
        r#"unmanaged aws_s3_bucket_policy live={"policy":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject"}]}}"#,
    ),
    (
        "s3-access-list-public",
        r#"unmanaged aws_s3_bucket_acl live={"access_control_policy":{"grants":[{"grantee":"AllUsers","permission":"READ"}]}}"#,
        r#"unmanaged aws_s3_bucket_acl live={"access_control_policy":{"grants":[{"grantee":"LogDelivery","permission":"WRITE"}]}}"#,
    ),
    (
        "s3-access-list-opened",
        r#"changed aws_s3_bucket_acl /acl approved="private" live=[{"grantee":"AuthenticatedUsers","permission":"READ"}]"#,
        r#"changed aws_s3_bucket_acl /acl approved="private" live=[{"grantee":"LogDelivery","permission":"WRITE"}]"#,
    ),
    (
        "s3-access-list-opened",
        r#"changed aws_s3_bucket /acl live="public-read""#,
        r#"changed aws_s3_bucket /acl live="log-delivery-write""#,
    ),
    (
        "s3-access-list-changed",
        "changed aws_s3_bucket_ownership_controls /rule/0/object_ownership live=\"ObjectWriter\"",
        "changed aws_s3_bucket_cors_configuration /rule/0/object_ownership live=\"ObjectWriter\"",
    ),
    (
        "s3-bucket-missing",
        "missing aws_s3_bucket",
        "unmanaged aws_s3_bucket",
    ),
    (
        "s3-bucket-unmanaged",
        "unmanaged aws_s3_bucket",
        "unmanaged aws_s3_object",
    ),
    (
        "s3-bucket-protection-changed",
        r#"changed aws_s3_bucket /server_side_encryption_configuration/0/rule live=[]"#,
        r#"changed aws_s3_bucket /cors_rule/0/max_age_seconds live=1"#,
    ),
    (
        "s3-bucket-protection-changed",
        r#"changed aws_s3_bucket /policy live="{\"Statement\":[]}""#,
        r#"changed aws_s3_bucket_policy /policy live="{\"Statement\":[]}""#,
    ),
    (
        "s3-bucket-changed",
        "changed aws_s3_bucket /force_destroy live=true",
        "changed aws_s3_bucket /tags_all/Team live=\"x\"",
    ),
    // iam
    (
        "iam-privileged-policy-attached",
        "unmanaged aws_iam_role_policy_attachment id=api/arn:aws:iam::aws:policy/AdministratorAccess",
        "unmanaged aws_iam_role_policy_attachment id=api/arn:aws:iam::aws:policy/ReadOnlyAccess",
    ),
    (
        "iam-privileged-policy-attached",
        r#"unmanaged aws_iam_user_policy_attachment live={"policy_arn":"arn:aws:iam::aws:policy/PowerUserAccess"}"#,
        r#"unmanaged aws_iam_user_policy_attachment live={"policy_arn":"arn:aws:iam::1:policy/NoPowerUserAccess"}"#,
    ),
    (
        "iam-privileged-policy-attached",
        "unmanaged aws_iam_group_policy_attachment id=all/arn:aws-cn:iam::aws:policy/IAMFullAccess",
        "unmanaged aws_iam_group_policy_attachment id=all/arn:aws-cn:iam::aws:policy/IAMReadOnlyAccess",
    ),
    (
        "iam-privileged-policy-attached",
        "unmanaged aws_iam_role_policy_attachment id=api/arn:aws-us-gov:iam::aws:policy/AdministratorAccess",
        "unmanaged aws_iam_role_policy_attachment id=api/arn:aws-us-gov:iam::aws:policy/AdministratorAccessNot",
    ),
    (
        "iam-privileged-policy-held",
        r#"changed aws_iam_role /managed_policy_arns approved=[] live=["arn:aws:iam::aws:policy/AdministratorAccess"]"#,
        r#"changed aws_iam_role /managed_policy_arns approved=["arn:aws:iam::aws:policy/AdministratorAccess"] live=[]"#,
    ),
    (
        "iam-privileged-policy-held",
        r#"changed aws_iam_role /managed_policy_arns live=["x","arn:aws-us-gov:iam::aws:policy/PowerUserAccess"]"#,
        r#"changed aws_iam_role /managed_policy_arns live=["x","arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess"]"#,
    ),
    (
        "iam-privileged-policy-held",
        r#"changed aws_iam_role /managed_policy_arns live=["arn:aws-cn:iam::aws:policy/IAMFullAccess"]"#,
        r#"changed aws_iam_role /managed_policy_arns live=["arn:aws-cn:iam::aws:policy/IAMFullAccess"] verdict=out_of_window"#,
    ),
    (
        "iam-privileged-policy-held",
        r#"changed aws_iam_user_policy_attachments_exclusive /policy_arns approved=["a"] live=["a","arn:aws:iam::aws:policy/AdministratorAccess"]"#,
        r#"changed aws_iam_user_policy_attachments_exclusive /policy_arns approved=["arn:aws:iam::aws:policy/AdministratorAccess"] live=["a","arn:aws:iam::aws:policy/AdministratorAccess"]"#,
    ),
    (
        "iam-inline-policy-held-allows-everything",
        r#"changed aws_iam_role /inline_policy approved=[] live=[{"name":"x","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\"}]}"}]"#,
        r#"changed aws_iam_role /inline_policy approved=[] live=[{"name":"x","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\"}]}"}]"#,
    ),
    (
        "iam-inline-policy-held-allows-everything",
        r#"changed aws_iam_role /inline_policy live=[{"name":"x","policy":{"Statement":{"Effect":"Allow","Action":["iam:*"]}}}]"#,
        r#"changed aws_iam_role /inline_policy live=[{"name":"x","policy":{"Statement":{"Effect":"Deny","Action":["iam:*"]}}}]"#,
    ),
    (
        "iam-policies-held-changed",
        r#"changed aws_iam_role /inline_policy approved=[{"name":"x","policy":"{}"}] live=[]"#,
        "changed aws_iam_role /description live=\"temp\"",
    ),
    (
        "iam-policies-held-changed",
        r#"changed aws_iam_policy_attachment /users live=["mallory"]"#,
        r#"changed aws_iam_policy_attachment /name live="mallory""#,
    ),
    (
        "iam-policies-held-changed",
        r#"changed aws_iam_group_policies_exclusive /policy_names live=["door"]"#,
        r#"changed aws_iam_group_policies_exclusive /group_name live="door""#,
    ),
    (
        "iam-inline-policy-unmanaged-allows-everything",
        r#"unmanaged aws_iam_user_policy live={"policy":{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","*"]}]}}"#,
        r#"unmanaged aws_iam_user_policy live={"policy":{"Statement":[{"Effect":"Deny","NotAction":"iam:PassRole"}]}}"#,
    ),
    (
        "iam-policy-attachment-unmanaged",
        "unmanaged aws_iam_group_policy_attachment",
        "unmanaged aws_iam_group_policy_attachment verdict=out_of_window",
    ),
    (
        "iam-policy-attachment-changed",
        "missing aws_iam_role_policy_attachment",
        "unmanaged aws_iam_role_policy_attachment",
    ),
    (
        "iam-trust-changed",
        "changed aws_iam_role /assume_role_policy live={}",
        "changed aws_iam_role /description live=\"temp\"",
    ),
    (
        "iam-policy-allows-everything",
        r#"changed aws_iam_role_policy /policy live={"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"x"}]}"#,
        r#"changed aws_iam_role_policy /policy live={"Statement":[{"Effect":"Allow","Action":["sqs:SendMessage"],"Resource":"*"}]}"#,
    ),
    (
        "iam-policy-allows-everything",
        r#"changed aws_iam_policy /policy live={"Statement":[{"Effect":"Allow","NotAction":["sqs:SendMessage"],"Resource":"*"}]}"#,
        r#"changed aws_iam_policy /policy live={"Statement":[{"Effect":"Deny","NotAction":["sqs:SendMessage"],"Resource":"*"}]}"#,
    ),
    (
        "iam-policy-changed",
        r#"changed aws_iam_policy /policy live={"Statement":{"Effect":"Deny","Action":"*"}}"#,
        r#"changed aws_iam_policy /policy live={"Statement":{"Effect":"Allow","Action":"*"}}"#,
    ),
    (
        "iam-inline-policy-unmanaged",
        r#"unmanaged aws_iam_role_policy live={"policy":"{\"Statement\":[]}"}"#,
        "missing aws_iam_role_policy",
    ),
    (
        "iam-inline-policy-missing",
        "missing aws_iam_group_policy",
        "missing aws_iam_policy",
    ),
    (
        "iam-permissions-boundary-changed",
        "changed aws_iam_role /permissions_boundary live=null",
        "changed aws_iam_group /permissions_boundary live=null",
    ),
    (
        "iam-session-lengthened",
        "changed aws_iam_role /max_session_duration approved=7200 live=43200",
        "changed aws_iam_role /max_session_duration approved=7200 live=3600",
    ),
    (
        "iam-role-unmanaged",
        "unmanaged aws_iam_role",
        "unmanaged aws_iam_group",
    ),
    (
        "iam-role-missing",
        "missing aws_iam_role",
        "missing aws_iam_user",
    ),
    (
        "iam-user-unmanaged",
        "unmanaged aws_iam_access_key",
        "missing aws_iam_access_key",
    ),
    (
        "iam-membership-changed",
        "changed aws_iam_user_group_membership /groups live=[]",
        "changed aws_iam_user_ssh_key /groups live=[]",
    ),
    (
        "iam-identity-changed",
        "changed aws_iam_user /path live=\"/x/\"",
        "changed aws_iam_user /tags_all/Team live=\"x\"",
    ),
    // database
    (
        "db-missing",
        "missing aws_db_instance",
        "missing aws_db_parameter_group",
    ),
    (
        "db-publicly-accessible",
        "changed aws_db_instance /publicly_accessible live=true",
        "changed aws_db_instance /publicly_accessible live=false",
    ),
    (
        "db-protection-weakened",
        "changed aws_db_instance /backup_retention_period live=1",
        "changed aws_db_instance /backup_window live=\"x\"",
    ),
    (
        "db-encryption-changed",
        "changed aws_db_instance /storage_encrypted live=false",
        "changed aws_db_instance /storage_type live=\"gp2\"",
    ),
    (
        "db-network-changed",
        "changed aws_db_instance /vpc_security_group_ids live=[]",
        "changed aws_rds_cluster /vpc_security_group_ids live=[]",
    ),
    (
        "db-changed",
        "changed aws_db_instance /instance_class live=\"x\"",
        "changed aws_db_option_group /instance_class live=\"x\"",
    ),
    (
        "db-unmanaged",
        "unmanaged aws_dynamodb_table",
        "unmanaged aws_dynamodb_tag",
    ),
    // compute
    (
        "ec2-metadata-weakened",
        "changed aws_instance /metadata_options/0/http_tokens live=\"optional\"",
        "changed aws_launch_template /metadata_options/0/http_tokens live=\"optional\"",
    ),
    (
        "ec2-identity-changed",
        "changed aws_instance /ami live=\"ami-1\"",
        "changed aws_instance /instance_type live=\"x\"",
    ),
    (
        "ec2-network-changed",
        "changed aws_instance /vpc_security_group_ids live=[]",
        "changed aws_instance /source_dest_check live=false",
    ),
    (
        "ec2-changed",
        "changed aws_instance /instance_type live=\"x\"",
        "changed aws_instance /ami live=\"x\"",
    ),
    (
        "ec2-missing",
        "missing aws_instance",
        "missing aws_instance verdict=authorised",
    ),
    (
        "ec2-unmanaged",
        "unmanaged aws_instance",
        "unmanaged aws_eip",
    ),
    (
        "ebs-encryption-changed",
        "changed aws_ebs_volume /encrypted live=false",
        "changed aws_ebs_volume /size live=1",
    ),
    (
        "ebs-missing",
        "missing aws_ebs_volume",
        "missing aws_ebs_snapshot",
    ),
    (
        "lambda-code-changed",
        "changed aws_lambda_function /source_code_hash live=\"x\"",
        "changed aws_lambda_function /timeout live=900",
    ),
    (
        "lambda-role-changed",
        "changed aws_lambda_function /role live=\"x\"",
        "changed aws_lambda_function /memory_size live=1",
    ),
    (
        "lambda-changed",
        "changed aws_lambda_function /environment/0/variables/LOG_LEVEL live=\"debug\"",
        "changed aws_lambda_alias /environment/0/variables/LOG_LEVEL live=\"debug\"",
    ),
    (
        "lambda-unmanaged",
        "unmanaged aws_lambda_function",
        "unmanaged aws_lambda_alias",
    ),
    // keys
    (
        "kms-key-missing",
        "missing aws_kms_key",
        "missing aws_kms_alias",
    ),
    (
        "kms-key-disabled",
        "changed aws_kms_key /is_enabled live=false",
        "changed aws_kms_key /is_enabled live=true",
    ),
    (
        "kms-policy-changed",
        "changed aws_kms_key /policy live={}",
        "changed aws_kms_key /description live=\"x\"",
    ),
    (
        "kms-rotation-off",
        "changed aws_kms_key /enable_key_rotation live=false",
        "changed aws_kms_replica_key /enable_key_rotation live=false",
    ),
    (
        "kms-changed",
        "unmanaged aws_kms_grant",
        "unmanaged aws_cloudhsm_v2_hsm",
    ),
    (
        "secret-changed",
        "changed aws_ssm_parameter /value live=1",
        "changed aws_ssm_document /value live=1",
    ),
    // logging
    (
        "cloudtrail-changed",
        "changed aws_cloudtrail /enable_logging live=false",
        "changed aws_cloudtrail /tags_all/Team live=\"x\"",
    ),
    (
        "config-recorder-changed",
        "missing aws_config_configuration_recorder",
        "missing aws_configservice",
    ),
    (
        "flow-log-changed",
        "missing aws_flow_log",
        "missing aws_flow_log verdict=late",
    ),
    (
        "log-retention-shortened",
        "changed aws_cloudwatch_log_group /retention_in_days approved=0 live=7",
        "changed aws_cloudwatch_log_group /retention_in_days approved=7 live=0",
    ),
    (
        "log-group-changed",
        "missing aws_cloudwatch_log_group",
        "missing aws_cloudwatch_log_stream",
    ),
    (
        "alarm-changed",
        "changed aws_cloudwatch_metric_alarm /alarm_actions live=[]",
        "changed aws_cloudwatch_dashboard /alarm_actions live=[]",
    ),
    // messaging
    (
        "messaging-policy-public",
        r#"changed aws_sns_topic_policy /policy live={"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"}}]}"#,
        r#"changed aws_sns_topic_policy /policy live={"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"}}]}"#,
    ),
    (
        "messaging-policy-public-unmanaged",
        r#"unmanaged aws_sqs_queue_policy live={"policy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage"}]}}"#,
        r#"unmanaged aws_sqs_queue_policy live={"policy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sqs:SendMessage"}]}}"#,
    ),
    (
        "messaging-policy-inline-changed",
        r#"changed aws_sqs_queue /policy live={"Statement":[]}"#,
        r#"changed aws_sqs_queue /delay_seconds live=1"#,
    ),
    (
        "messaging-policy-changed",
        "missing aws_sqs_queue_policy",
        "missing aws_sqs_queue_redrive_policy",
    ),
    (
        "messaging-encryption-changed",
        "changed aws_sns_topic /kms_master_key_id live=\"alias/aws/sns\"",
        "changed aws_sns_topic /display_name live=\"x\"",
    ),
    (
        "messaging-retention-changed",
        "changed aws_sqs_queue /message_retention_seconds live=86400",
        "changed aws_sqs_queue /delay_seconds live=1",
    ),
    (
        "messaging-missing",
        "missing aws_sns_topic",
        "changed aws_sns_topic /name",
    ),
    (
        "messaging-unmanaged",
        "unmanaged aws_sns_topic",
        "unmanaged aws_sns_platform_application",
    ),
    // tags
    (
        "data-class-lowered",
        "changed aws_s3_bucket /tags_all/DataClass approved=\"Confidential\" live=\"public\"",
        "changed aws_s3_bucket /tags_all/DataClass approved=\"internal\" live=\"restricted\"",
    ),
    (
        "data-class-lowered",
        "changed aws_s3_bucket /tags_all/DataClass approved=\"internal\" live=null",
        "changed aws_s3_bucket /tags_all/DataClass approved=null live=\"internal\"",
    ),
    (
        "data-class-changed",
        "changed aws_s3_bucket /tags_all/DataClass approved=\"public\" live=\"internal\"",
        "changed aws_s3_bucket /tags_all/DataClasses approved=\"public\" live=\"internal\"",
    ),
    (
        "owner-tag-changed",
        "changed aws_sqs_queue /tags_all/Owner live=\"nobody\"",
        "changed aws_sqs_queue /tags_all/owner live=\"nobody\"",
    ),
    (
        "tag-changed",
        "changed aws_db_instance /tags_all/Team live=\"x\"",
        "changed aws_db_instance /tags_allowed live=\"x\"",
    ),
    // process
    (
        "change-authorised",
        "changed aws_kms_key /policy verdict=authorised",
        "changed aws_kms_key /policy verdict=awaiting_apply",
    ),
    (
        "change-awaiting-apply",
        "missing aws_db_instance verdict=awaiting_apply",
        "missing aws_db_instance verdict=not_applied",
    ),
    (
        "change-late",
        "changed aws_iam_role /assume_role_policy verdict=late",
        "changed aws_iam_role /assume_role_policy verdict=emergency_pending",
    ),
    (
        "change-not-applied",
        "changed aws_lb /name verdict=not_applied",
        "changed aws_lb /name verdict=awaiting_apply",
    ),
    (
        "change-out-of-window",
        "changed aws_lb /name verdict=out_of_window",
        "changed aws_lb /name verdict=late",
    ),
    (
        "change-emergency-pending",
        "changed aws_lb /name verdict=emergency_pending",
        "changed aws_lb /name verdict=unauthorised",
    ),
    (
        "change-unauthorised",
        "changed aws_lb /name",
        "missing aws_lb",
    ),
    ("resource-missing", "missing aws_lb", "unmanaged aws_lb"),
    (
        "resource-unmanaged",
        "unmanaged aws_lb",
        "changed aws_lb /name",
    ),
    (
        "change-indeterminate",
        "changed aws_lb /name verdict=indeterminate",
        "changed aws_lb /name verdict=unauthorised",
    ),
    (
        "plan-unapproved",
        "unapproved_plan terraform_plan",
        "plan_tampered terraform_plan",
    ),
    (
        "plan-tampered",
        "plan_tampered terraform_plan",
        "unapproved_plan terraform_plan",
    ),
    (
        "plan-applied-not-approved",
        "applied_not_approved terraform_plan verdict=indeterminate",
        "changed terraform_plan /x verdict=indeterminate",
    ),
];
