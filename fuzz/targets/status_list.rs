//! Status lists: no bytes blow up, and none has a status beyond its end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_jose::StatusList;

fuzz_target!(|input: (&str, u32)| {
    let (text, index) = input;
    if let Ok(list) = StatusList::decode(text) {
        let bits = list.as_bytes().len().saturating_mul(8);
        let within = usize::try_from(index).is_ok_and(|index| index < bits);
        assert_eq!(list.get(index).is_some(), within);
        let again = StatusList::decode(&list.encode()).expect("what was written");
        assert_eq!(again.as_bytes(), list.as_bytes());
    }
});
