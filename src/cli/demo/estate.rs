//! The bundled estate, file by file; fixtures/demo says how it is made and what its stories are.

macro_rules! bundled {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../../fixtures/demo/estate/", $path)))),*]
    };
}

/// Every file: its path below the estate, its bytes. The configuration comes last, because a folder
/// that has it is whole.
pub const FILES: &[(&str, &[u8])] = bundled![
    "changes/CHG0030952.json",
    "changes/CHG0030967.json",
    "changes/CHG0030988.json",
    "changes/CHG0031007.json",
    "changes/CHG0031011.json",
    "changes/CHG0031033.json",
    "changes/CHG0031042.json",
    "changes/CHG0031046.json",
    "changes/CHG0031050.json",
    "changes/CHG0031055.json",
    "changes/CHG0031058.json",
    "changes/CHG0031061.yaml",
    "live/111122223333_Config_eu-central-1_ConfigSnapshot_20261104T060012Z.json",
    "live/111122223333_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json",
    "live/444455556666_Config_eu-central-1_ConfigSnapshot_20261104T060012Z.json.gz",
    "live/444455556666_Config_eu-west-1_ConfigSnapshot_20261104T060012Z.json",
    "people.json",
    "plans/edge/CHG0031055.json",
    "plans/edge/CHG0031058.json",
    "plans/edge/baseline.json",
    "plans/keys/CHG0031061.json",
    "plans/keys/baseline.json",
    "plans/legacy/baseline.json",
    "plans/payments/CHG0031042.json",
    "plans/payments/baseline.json",
    "plans/platform/CHG0031050.json",
    "plans/platform/baseline.json",
    "plans/recovery/CHG0031046.json",
    "plans/recovery/baseline.json",
    "plans/reporting/baseline.json",
    "states/edge.json",
    "states/keys.tfstate",
    "states/payments.json",
    "states/platform.tfstate",
    "states/recovery.json",
    "terraform/edge/main.tf",
    "terraform/keys/main.tf",
    "terraform/legacy/main.tf",
    "terraform/payments/compute.tf",
    "terraform/payments/data.tf",
    "terraform/payments/iam.tf",
    "terraform/payments/main.tf",
    "terraform/payments/modules/bucket/main.tf",
    "terraform/payments/network.tf",
    "terraform/platform/iam.tf",
    "terraform/platform/main.tf",
    "terraform/recovery/main.tf",
    "terraform/reporting/main.tf",
    "trail/111122223333_CloudTrail_20261104T0600Z.json",
    "trail/444455556666_CloudTrail_20261104T0600Z.json",
    "driftwarden.hcl",
];
