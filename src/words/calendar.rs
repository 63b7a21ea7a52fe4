//! The names of months and days.

/// The months, January first.
pub const MONTHS: [&str; 12] = [
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

/// The days of the week, Monday first.
pub const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How days are shortened, with their places from Monday.
const SHORT_DAYS: [(&str, i8); 11] = [
    ("mon", 0),
    ("tue", 1),
    ("tues", 1),
    ("wed", 2),
    ("weds", 2),
    ("thu", 3),
    ("thur", 3),
    ("thurs", 3),
    ("fri", 4),
    ("sat", 5),
    ("sun", 6),
];

/// Whether a word is a month's whole name.
pub fn is_month(word: &str) -> bool {
    place(&MONTHS, word).is_some()
}

/// Whether a word is a day's whole name.
pub fn is_weekday(word: &str) -> bool {
    place(&WEEKDAYS, word).is_some()
}

/// Returns the number (from 1) of a month's name or of its first three letters.
pub fn month_of(word: &str) -> Option<i8> {
    let short = |month: &&str| word.len() == 3 && month[..3].eq_ignore_ascii_case(word);
    place(&MONTHS, word).or_else(|| Some(MONTHS.iter().position(short)? as i8)).map(|at| at + 1)
}

/// Returns a day's place in the week (Monday is 0) by its name or a usual short form.
pub fn weekday_of(word: &str) -> Option<i8> {
    let short = || SHORT_DAYS.iter().find(|(day, _)| day.eq_ignore_ascii_case(word)).map(|(_, at)| *at);
    place(&WEEKDAYS, word).or_else(short)
}

/// Returns the name of a month by its number, from 1.
pub fn month_name(number: i8) -> &'static str {
    MONTHS[usize::try_from(number - 1).expect("months are counted from 1")]
}

/// Returns the name of a day by its place in the week, Monday being 0.
pub fn weekday_name(place: i8) -> &'static str {
    WEEKDAYS[usize::try_from(place).expect("days are counted from 0")]
}

fn place(names: &[&str], word: &str) -> Option<i8> {
    names.iter().position(|name| name.eq_ignore_ascii_case(word)).map(|at| at as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_short_forms_are_read() {
        assert_eq!(
            (month_of("september"), month_of("Sep"), month_of("may"), month_of("sept")),
            (Some(9), Some(9), Some(5), None)
        );
        assert_eq!((weekday_of("Sunday"), weekday_of("weds"), weekday_of("sunny")), (Some(6), Some(2), None));
        assert!(is_month("May") && !is_month("jan") && is_weekday("monday") && !is_weekday("mon"));
        for number in 1..=12 {
            assert_eq!(month_of(month_name(number)), Some(number));
        }
        for place in 0..7 {
            assert_eq!(weekday_of(weekday_name(place)), Some(place));
        }
    }
}
