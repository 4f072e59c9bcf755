//! The memory that bodies may take on their way to S3, over all uploads of a store.
//!
//! Memory is counted in slots of one part, [`PART`] = 6 MiB. Every upload has one slot of its own,
//! so that none can ever be stuck behind the others, and all uploads of a store share [`SHARED`] =
//! 2 more, taken by whoever needs one first. A slot is held by the part that is being filled and by
//! each part that is being sent, and given back when the part is sent. So `n` uploads at once hold
//! at most
//!
//! > (n + 2) × 6 MiB: 18 MiB for one table, 36 MiB for four, 48 MiB for six
//!
//! and an upload that has all three slots can gather [`WHOLE`] = 16 MiB for a single `PutObject`,
//! while one that finds the shared slots taken sends its parts one after the other.
//!
//! S3 takes 10,000 parts (user guide, "Multipart upload limits"), the last of at least one byte and
//! every other of at least 5 MiB: an object may have 58 GiB. All parts but the last have the same
//! size, which some servers that speak the protocol insist on.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Size of a part, in bytes.
pub(super) const PART: usize = 6 * 1024 * 1024;
/// Largest body that is sent with one `PutObject`, in bytes.
pub(super) const WHOLE: usize = 16 * 1024 * 1024;
/// Slots that all uploads of a store share.
const SHARED: usize = 2;

/// The slots that all uploads of a store share.
#[derive(Debug, Clone)]
pub(super) struct Memory(Arc<Semaphore>);

impl Default for Memory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(SHARED)))
    }
}

impl Memory {
    /// The slots of one upload: its own, and what it can get of the shared ones.
    pub fn for_upload(&self) -> Slots {
        Slots {
            own: Arc::new(Semaphore::new(1)),
            shared: Arc::clone(&self.0),
        }
    }
}

/// The slots that one upload can take.
#[derive(Debug)]
pub(super) struct Slots {
    own: Arc<Semaphore>,
    shared: Arc<Semaphore>,
}

/// The right to keep one part in memory, until it is dropped.
pub(super) type Slot = OwnedSemaphorePermit;

impl Slots {
    /// A slot, if one is free now.
    pub fn try_take(&self) -> Option<Slot> {
        [&self.own, &self.shared]
            .into_iter()
            .find_map(|slots| Arc::clone(slots).try_acquire_owned().ok())
    }

    /// A slot, as soon as one is free. Whoever waits must have all of its parts on their way: its
    /// own slot is then among those that come back.
    pub async fn take(&self) -> Slot {
        let taken = tokio::select! {
            biased;
            slot = Arc::clone(&self.own).acquire_owned() => slot,
            slot = Arc::clone(&self.shared).acquire_owned() => slot,
        };
        taken.expect("nobody closes these semaphores")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_always_has_a_slot_and_never_more_than_are_left() {
        let memory = Memory::default();
        let (first, second) = (memory.for_upload(), memory.for_upload());
        let all: Vec<_> = std::iter::from_fn(|| first.try_take()).collect();
        assert_eq!(all.len(), 1 + SHARED);
        assert!(all.len() * PART >= WHOLE, "a whole body fits");
        let own = second.try_take();
        assert!(own.is_some());
        assert!(second.try_take().is_none());
        drop(all);
        assert!(second.try_take().is_some());
    }
}
