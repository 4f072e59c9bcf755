//! The memory that bodies may take on their way to S3, over all uploads of a store.
//!
//! Memory is counted in slots of one part, [`PART`] = 6 MiB. Every upload has one slot of its own,
//! so that it can never be stuck behind the others, and all uploads of a store share [`SHARED`] = 2
//! more, taken by whichever needs one first. A slot is held by the part being filled and by each
//! part being sent, and is given back when the part has been sent. So `n` concurrent uploads hold
//! at most
//!
//! > (n + 2) × 6 MiB: 18 MiB for one table, 36 MiB for four, 48 MiB for six
//!
//! and an upload that gets all three slots can gather [`WHOLE`] = 16 MiB for a single `PutObject`,
//! while one that finds the shared slots taken sends its parts one after another.
//!
//! S3 accepts 10,000 parts (user guide, "Multipart upload limits"), the last of at least one byte
//! and every other of at least 5 MiB, so an object may have 58 GiB. All parts but the last have the
//! same size, which some servers that speak the protocol insist on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Size of a part, in bytes.
pub(super) const PART: usize = 6 * 1024 * 1024;
/// Largest body that is sent with one `PutObject`, in bytes.
pub(super) const WHOLE: usize = 16 * 1024 * 1024;
/// Slots that all uploads of a store share.
const SHARED: usize = 2;

/// The slots that all uploads of a store share.
#[derive(Debug, Clone)]
pub(super) struct Memory(Arc<Pool>);

impl Default for Memory {
    fn default() -> Self {
        Self(Pool::of(SHARED))
    }
}

impl Memory {
    /// The slots of one upload: its own, and whatever it can get of the shared ones.
    pub fn for_upload(&self) -> Slots {
        Slots {
            own: Pool::of(1),
            shared: Arc::clone(&self.0),
        }
    }
}

/// Slots, and the buffers of parts that have been sent. The buffers are reused because an allocator
/// would keep more of them than are in use, as parts are filled and sent on different threads.
#[derive(Debug)]
struct Pool {
    free: Arc<Semaphore>,
    size: usize,
    spare: Mutex<Vec<BytesMut>>,
}

impl Pool {
    fn of(size: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(size)),
            size,
            spare: Mutex::default(),
        })
    }

    fn slot(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Slot {
        let pool = Arc::clone(self);
        Slot {
            pool,
            _permit: permit,
        }
    }

    fn try_take(self: &Arc<Self>) -> Option<Slot> {
        let permit = Arc::clone(&self.free).try_acquire_owned();
        permit.ok().map(|permit| self.slot(permit))
    }

    async fn take(self: &Arc<Self>) -> Slot {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        self.slot(permit.expect("nobody closes this semaphore"))
    }

    fn spare(&self) -> MutexGuard<'_, Vec<BytesMut>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slots that one upload can take.
#[derive(Debug)]
pub(super) struct Slots {
    own: Arc<Pool>,
    shared: Arc<Pool>,
}

/// The right to keep one part in memory until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Slot {
    /// An empty buffer for one part.
    pub fn buffer(&self) -> BytesMut {
        let spare = self.pool.spare().pop();
        spare.unwrap_or_else(|| BytesMut::with_capacity(PART))
    }

    /// Gives the slot back. The buffer of its part goes to whoever takes the slot next, unless the part
    /// is still in use.
    pub fn give_back(self, part: Bytes) {
        if let Ok(mut buffer) = part.try_into_mut() {
            buffer.clear();
            self.pool.spare().push(buffer);
        }
    }
}

impl Slots {
    /// Returns a slot, if one is free now.
    pub fn try_take(&self) -> Option<Slot> {
        self.own.try_take().or_else(|| self.shared.try_take())
    }

    /// Returns a slot, as soon as one is free. The caller must not be holding a slot for a part
    /// that it has not sent yet: its own slot is then among those that will be given back.
    pub async fn take(&self) -> Slot {
        tokio::select! {
            biased;
            slot = self.own.take() => slot,
            slot = self.shared.take() => slot,
        }
    }
}

impl Drop for Slots {
    /// Frees the shared buffers, unless another upload is using them.
    fn drop(&mut self) {
        if self.shared.free.available_permits() == self.shared.size {
            self.shared.spare().clear();
        }
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

    #[test]
    fn the_buffer_of_a_part_that_was_sent_is_that_of_the_next_one() {
        let memory = Memory::default();
        let slots = memory.for_upload();
        let slot = slots.try_take().expect("its own");
        let mut buffer = slot.buffer();
        buffer.extend_from_slice(b"a part");
        let place = buffer.as_ptr();
        slot.give_back(buffer.freeze());

        let slot = slots.try_take().expect("its own");
        let buffer = slot.buffer();
        assert!(buffer.is_empty());
        assert_eq!(buffer.as_ptr(), place);
        let part = buffer.freeze();
        let looked_at = part.clone();
        slot.give_back(part);
        let slot = slots.try_take().expect("its own");
        assert_ne!(slot.buffer().as_ptr(), looked_at.as_ptr());
    }

    #[test]
    fn shared_buffers_go_with_the_last_upload() {
        let memory = Memory::default();
        let (first, second) = (memory.for_upload(), memory.for_upload());
        let all: Vec<_> = std::iter::from_fn(|| first.try_take()).collect();
        let buffers: Vec<_> = all.iter().map(Slot::buffer).collect();
        for (slot, buffer) in all.into_iter().zip(buffers) {
            slot.give_back(buffer.freeze());
        }
        assert_eq!(memory.0.spare().len(), SHARED);
        let busy = [second.try_take(), second.try_take()];
        drop(first);
        assert_eq!(memory.0.spare().len(), SHARED, "the second one uses them");
        drop(busy);
        drop(second);
        assert!(memory.0.spare().is_empty());
    }
}
