//! Days, as a person says them.

use vestibule_protocol::Timestamp;

const DAY: i64 = 24 * 60 * 60;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The day of `moment` (in UTC), seen from `now`.
pub(crate) fn day(moment: Timestamp, now: Timestamp) -> String {
    let (day, today) = (moment.as_secs().div_euclid(DAY), now.as_secs().div_euclid(DAY));
    match today - day {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        _ => {
            let (year, month, day) = civil(day);
            let month = usize::try_from(month - 1)
                .ok()
                .and_then(|month| MONTHS.get(month))
                .unwrap_or(&"");
            format!("{day} {month} {year}")
        }
    }
}

/// Year, month and day of a day counted from 1970-01-01
/// ([Howard Hinnant's `civil_from_days`](https://howardhinnant.github.io/date_algorithms.html#civil_from_days)).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_in_the_gregorian_calendar() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }

    #[test]
    fn near_days_have_names() {
        let now = Timestamp::from_secs(20_778 * DAY + 10);
        assert_eq!(day(Timestamp::from_secs(20_778 * DAY), now), "today");
        assert_eq!(day(Timestamp::from_secs(20_778 * DAY - 1), now), "yesterday");
        assert_eq!(day(Timestamp::from_secs(20_776 * DAY), now), "19 November 2026");
    }
}
