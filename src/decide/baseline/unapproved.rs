//! Resources that the state or a plan names and nothing approves.

use super::bind::bind;
use super::resource::{Workbench, pending};
use super::{ApprovedResource, NO_PLAN, Rare, StateDifference, Unapproved, text_at};
use crate::ingest::plan::{PlannedResource, PlannedType};
use crate::ingest::state::StateResource;
use crate::ingest::stored::Stored;
use crate::model::{Sha256Digest, TypeName, Value};

impl Workbench<'_> {
    /// Terraform manages a resource that no approved plan contains.
    pub(super) fn only_in_state(
        &mut self,
        address: Box<str>,
        resource: StateResource,
        named_by: Option<Sha256Digest>,
    ) {
        let (type_name, provider_id) = match &resource {
            StateResource::Mapped(index, attributes) => {
                let Some(table) = self.catalogue.resource(*index) else {
                    return;
                };
                let id = text_at(&attributes.stored, table.id_slot);
                (table.table.type_name.clone(), id)
            }
            StateResource::Unmapped(name, _) => (TypeName::from(&**name), None),
        };
        self.approved.state_differences.push(StateDifference {
            workspace: self.workspace,
            plan: named_by.or_else(|| self.shown_by_state()),
            address: address.clone(),
            type_name,
            attribute: None,
            approved: Value::Null,
            in_state: Value::Null,
            provider_id,
        });
        self.known_to_state(address, resource, Unapproved::InState);
    }

    /// Puts a resource where live items find it, so that they are not called unmanaged one by one.
    pub(super) fn known_to_state(
        &mut self,
        address: Box<str>,
        resource: StateResource,
        how: Unapproved,
    ) {
        if let StateResource::Mapped(index, attributes) = resource {
            let rare = Rare {
                unapproved: Some(how),
                ..Rare::default()
            };
            self.approved.resources.push(ApprovedResource {
                workspace: self.workspace,
                plan: NO_PLAN,
                address,
                resource: Some(index),
                provider: 0,
                stored: attributes.stored,
                rare: Some(Box::new(rare)),
            });
        }
    }

    /// Only plans without standing contain the resource. The state tells what it is called where
    /// they could not know that.
    pub(super) fn unapproved(
        &mut self,
        address: Box<str>,
        versions: Vec<(Sha256Digest, PlannedResource)>,
        in_state: Option<StateResource>,
        how: Unapproved,
    ) {
        let in_state = match in_state {
            Some(StateResource::Mapped(_, attributes)) => Some(attributes.stored),
            Some(StateResource::Unmapped(..)) | None => None,
        };
        let mut stored = Stored::default();
        let mut resource = None;
        let mut rare = Rare {
            unapproved: Some(how),
            ..Rare::default()
        };
        for (digest, version) in versions {
            resource = match version.kind {
                PlannedType::Mapped(index) => Some(index),
                PlannedType::Unmapped(_) => resource,
            };
            let before = version.before.map(|before| before.stored);
            let table = resource.and_then(|index| self.catalogue.resource(index));
            // What cannot be read stays unknown: nothing is compared with it.
            let mut unread = Vec::new();
            let after = bind(
                version.after,
                in_state.as_ref(),
                table,
                self.redactor,
                &mut unread,
            );
            if !after.is_empty() {
                stored = after.clone();
            }
            rare.pending
                .push(pending(digest, version.action, after, before, false));
        }
        self.approved.resources.push(ApprovedResource {
            workspace: self.workspace,
            plan: NO_PLAN,
            address,
            resource,
            provider: 0,
            stored,
            rare: Some(Box::new(rare)),
        });
    }
}
