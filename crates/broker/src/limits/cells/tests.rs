use std::net::Ipv4Addr;
use std::thread;

use vestibule_protocol::Timestamp;

use super::*;
use crate::ManualClock;

const QUOTA: Quota = Quota {
    burst: 5,
    per: Duration::from_secs(10),
};

fn cells(quota: Quota) -> (Cells, Arc<ManualClock>) {
    let manual = Arc::new(ManualClock::at(Timestamp::from_secs(1_900_000_000)));
    let clock: Arc<dyn Clock> = manual.clone();
    (Cells::new(quota, &clock), manual)
}

fn taken(cells: &Cells, key: &str) -> usize {
    (0..100).filter(|_| cells.take(&key) == Verdict::Go).count()
}

#[test]
fn a_burst_goes_and_then_one_in_each_period() {
    let (cells, clock) = cells(QUOTA);
    assert_eq!(taken(&cells, "a"), 5);
    assert_eq!(cells.take(&"a"), Verdict::Wait(QUOTA.per));
    clock.advance(Duration::from_millis(9_999));
    assert_eq!(cells.take(&"a"), Verdict::Wait(Duration::from_millis(1)));
    clock.advance(Duration::from_millis(1));
    assert_eq!(taken(&cells, "a"), 1);
    assert_eq!(taken(&cells, "b"), 5);
}

#[test]
fn of_many_threads_exactly_a_burst_goes() {
    let (cells, _clock) = cells(Quota {
        burst: 1_000,
        ..QUOTA
    });
    let gone: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..500).filter(|_| cells.take(&7) == Verdict::Go).count()))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(gone, 1_000);
}

#[test]
fn a_million_addresses_take_no_more_memory_than_a_few() {
    let (cells, _clock) = cells(QUOTA);
    let before = resident();
    for address in 0..1_000_000 {
        assert_eq!(cells.take(&Ipv4Addr::from_bits(address)), Verdict::Go);
        assert!(address % 100_000 != 0 || cells.len() <= MOST, "{}", cells.len());
    }
    assert!(cells.len() <= MOST, "{}", cells.len());
    let grown = resident().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes more");
}

#[test]
fn a_cell_in_use_outlives_a_flood_of_others() {
    let (cells, clock) = cells(QUOTA);
    assert_eq!(taken(&cells, "abuser"), 5);
    for address in 0..400_000 {
        cells.take(&Ipv4Addr::from_bits(address));
        if address % 10_000 == 9_999 {
            // Each time that there is room for one more it is taken, so that the cell stays full and young.
            clock.advance(QUOTA.per);
            assert_eq!(taken(&cells, "abuser"), 1, "after {address}");
        }
    }
}

#[test]
fn cells_that_have_drained_are_forgotten() {
    let (cells, clock) = cells(QUOTA);
    for address in 0..10_000 {
        cells.take(&Ipv4Addr::from_bits(address));
    }
    assert_eq!(taken(&cells, "busy"), 5);
    clock.advance(Duration::from_secs(31));
    cells.tidy();
    assert_eq!(cells.len(), 1);
    assert_eq!(taken(&cells, "busy"), 3);
    clock.advance(Duration::from_secs(500));
    cells.tidy();
    assert_eq!(cells.len(), 0);
}

#[test]
fn many_users_behind_one_address_have_many_quotas() {
    let many = times(QUOTA, 1_000);
    assert_eq!((many.burst, many.per), (5_000, Duration::from_millis(10)));
    let tiny = Quota {
        burst: u32::MAX,
        per: Duration::from_nanos(1),
    };
    let most = times(tiny, u32::MAX);
    assert_eq!((most.burst, most.per), (u32::MAX, Duration::from_nanos(1)));
}

/// The memory of this process, in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
