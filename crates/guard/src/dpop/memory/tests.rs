use proptest::prelude::*;
use vestibule_protocol::Timestamp;

use super::super::{ProofId, Spending, SpentProofsError};
use super::ProofMemory;

fn proof(number: u8) -> ProofId {
    ProofId([number; 32])
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn spend(memory: &ProofMemory, number: u8, until: i64, now: i64) -> Option<Spending> {
    match memory.remember(proof(number), at(until), at(now)) {
        Ok(spending) => Some(spending),
        Err(SpentProofsError::Full) => None,
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_proof_is_spent_once_for_as_long_as_it_lives() {
    let memory = ProofMemory::new(10);
    assert_eq!(spend(&memory, 1, 60, 0), Some(Spending::First));
    for now in [0, 30, 59, 60, 61, 1000] {
        assert_eq!(spend(&memory, 1, 60, now), Some(Spending::Again), "at {now}");
    }
}

#[test]
fn no_live_proof_is_dropped_to_make_room() {
    let memory = ProofMemory::new(2);
    assert_eq!(spend(&memory, 1, 60, 0), Some(Spending::First));
    assert_eq!(spend(&memory, 2, 61, 0), Some(Spending::First));
    for number in 3..=200 {
        assert_eq!(spend(&memory, number, 62, 0), None);
    }
    assert_eq!(spend(&memory, 1, 60, 0), Some(Spending::Again));
    assert_eq!(spend(&memory, 2, 61, 0), Some(Spending::Again));
    // The first one's time is over, and there is room for one.
    assert_eq!(spend(&memory, 3, 62, 60), Some(Spending::First));
    assert_eq!(spend(&memory, 4, 62, 60), None);
}

#[test]
fn a_proof_that_was_forgotten_is_not_taken_when_the_clock_goes_back() {
    let memory = ProofMemory::new(10);
    spend(&memory, 1, 60, 0);
    spend(&memory, 2, 160, 100);
    assert_eq!(spend(&memory, 1, 60, 30), Some(Spending::Again));
    assert_eq!(spend(&memory, 3, 90, 30), Some(Spending::First));
}

#[test]
fn what_is_over_leaves_nothing_behind() {
    let memory = ProofMemory::new(100);
    for number in 0..100 {
        spend(&memory, number, 60, 0);
    }
    spend(&memory, 200, 160, 100);
    let used = memory.lock();
    assert_eq!((used.proofs.len(), used.ends.len()), (1, 1));
}

proptest! {
    #[test]
    fn whatever_happens_no_proof_is_first_twice(
        capacity in 1_usize..6,
        steps in prop::collection::vec((0_u8..8, 0_i64..60), 1..60),
    ) {
        let memory = ProofMemory::new(capacity);
        let mut first = std::collections::HashSet::new();
        for (number, now) in steps {
            // One proof always ends at the same time.
            let until = i64::from(number) * 7 + 10;
            if spend(&memory, number, until, now) == Some(Spending::First) {
                prop_assert!(first.insert(number), "{number} was first twice");
            }
        }
    }
}
