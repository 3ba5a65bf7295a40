//! Whoever signs a register in anew ends what the accounts before may do: with the manager's rights,
//! which are at hand then and never again.

use counterfoil_domain::RegisterId;
use counterfoil_firestore::FirestoreRemote;
use counterfoil_firestore::members::Ended;
use counterfoil_store::table::sync_state::Connected;
use counterfoil_sync::{Code, RemoteError};

use super::{Former, Keep};
use crate::dto::{StillMember, StillWhy};

/// Ends the memberships of the accounts that this register had before: how many there were, and
/// those that stay. Nothing is held up by one that stays: it is tried again at the next sign-in.
///
/// A membership that does not name the register as it is now stays. It may be that of the till this
/// one was copied from, which goes on with it.
pub(crate) async fn end_former(
    keep: &Keep,
    cloud: &FirestoreRemote,
    to: &Connected,
    register: RegisterId,
) -> (u32, Vec<StillMember>) {
    let (mut ended, mut gone, mut still) = (0, Vec::new(), Vec::new());
    // One deadline is enough for a cloud that does not answer.
    let mut silent: Option<String> = None;
    for former in keep.former() {
        let why = if former.project != to.project || former.store_id != to.store_id {
            Err((StillWhy::OtherStore, None))
        } else if let Some(said) = &silent {
            Err((StillWhy::Unreachable, Some(said.clone())))
        } else {
            outcome(cloud.end_register(&former.uid, register).await)
        };
        match why {
            Ok(removed) => {
                ended += u32::from(removed);
                gone.push(former);
            }
            Err((why, said)) => {
                if why == StillWhy::Unreachable {
                    silent.clone_from(&said);
                }
                still.push(told(former, why, said));
            }
        }
    }
    keep.strike_former(&gone);
    (ended, still)
}

/// Whether a membership was removed, or why it stays.
fn outcome(answer: Result<Ended, RemoteError>) -> Result<bool, (StillWhy, Option<String>)> {
    match answer {
        Ok(Ended::Removed) => Ok(true),
        Ok(Ended::WasNone) => Ok(false),
        Ok(Ended::OfAnother) => Err((StillWhy::OtherRegister, None)),
        Err(error) => {
            let why = match error.code {
                Code::PermissionDenied | Code::Unauthenticated => StillWhy::NotAllowed,
                _ => StillWhy::Unreachable,
            };
            Err((why, Some(error.message)))
        }
    }
}

fn told(former: Former, why: StillWhy, said: Option<String>) -> StillMember {
    tracing::warn!(
        project = %former.project, store_id = %former.store_id, uid = %former.uid, ?why, said,
        "an account that this register had before may be a member still"
    );
    StillMember {
        project: former.project,
        store_id: former.store_id,
        uid: former.uid,
        why,
        said,
    }
}
