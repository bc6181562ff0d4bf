//! Times of day at the site, from a moment and the site's offset: never the browser's zone or clock (ux.md U22, U23).

use crate::domain::{Moment, Span};
use crate::view::live::Site;
use chrono::{DateTime, Datelike, Timelike, Utc};

fn local(moment: Moment, site: &Site) -> DateTime<Utc> {
    (moment + Span::secs(i64::from(site.utc_offset_s))).to_utc()
}

/// `14:32`
pub fn hm(moment: Moment, site: &Site) -> String {
    let t = local(moment, site);
    format!("{:02}:{:02}", t.hour(), t.minute())
}

/// `14:32:08`
pub fn hms(moment: Moment, site: &Site) -> String {
    let t = local(moment, site);
    format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second())
}

/// `21:15 today`, `21:15 tomorrow`, `Sat 5 Dec, 21:15`
pub fn hm_with_day(moment: Moment, now: Moment, site: &Site) -> String {
    let days = (local(moment, site).date_naive() - local(now, site).date_naive()).num_days();
    match days {
        0 => format!("{} today", hm(moment, site)),
        1 => format!("{} tomorrow", hm(moment, site)),
        _ => hm_near(moment, now, site),
    }
}

/// No finer than it is known: of what is known by the day only, its day.
pub fn near(moment: Moment, grain: Span, now: Moment, site: &Site) -> String {
    if grain >= Span::days(1) { day_near(moment, now, site) } else { hm_near(moment, now, site) }
}

/// `Sat 21 Nov`, with its year where that is not this one.
fn day_near(moment: Moment, now: Moment, site: &Site) -> String {
    let year = local(moment, site).year();
    let year = if year == local(now, site).year() { String::new() } else { format!(" {year}") };
    format!("{}{year}", day(moment, site))
}

/// `Sat 21 Nov`
pub fn day(moment: Moment, site: &Site) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let t = local(moment, site);
    let month = MONTHS.get(t.month0() as usize).copied().unwrap_or_default();
    format!("{} {} {month}", t.weekday(), t.day())
}

/// `14:32` where it is the same day as `now` at the site, else `Fri 20 Nov, 14:32`, with its year where that is another.
pub fn hm_near(moment: Moment, now: Moment, site: &Site) -> String {
    if local(moment, site).date_naive() == local(now, site).date_naive() {
        hm(moment, site)
    } else {
        format!("{}, {}", day_near(moment, now, site), hm(moment, site))
    }
}

/// Seconds since the site's midnight.
pub fn second_of_day(moment: Moment, site: &Site) -> i64 {
    i64::from(local(moment, site).num_seconds_from_midnight())
}

/// A time of the site's day that holds `moment`, as the site's clock shows it: `2026-11-20T14:32:08`.
pub fn on_the_day(moment: Moment, second: i64, site: &Site) -> String {
    let date = local(moment, site).date_naive();
    format!("{date}T{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

/// The place a zone is named after, as people say it: `Asia/Manila` is Manila.
pub fn place(site: &Site) -> String {
    site.zone.rsplit('/').next().unwrap_or(&site.zone).replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_sites() {
        let manila = Site { zone: "Asia/Manila".into(), utc_offset_s: 8 * 3600 };
        let at = Moment::parse("2026-11-20T22:32:08Z").unwrap_or_default();
        assert_eq!((hm(at, &manila), hms(at, &manila)), ("06:32".into(), "06:32:08".into()));
        assert_eq!((day(at, &manila), place(&manila)), ("Sat 21 Nov".into(), "Manila".into()));
        assert_eq!(hm_near(at, at + Span::hours(23), &manila), "Sat 21 Nov, 06:32");
        assert_eq!(hm_near(at, at + Span::hours(2), &manila), "06:32");
        assert_eq!(hm_near(at, at + Span::days(60), &manila), "Sat 21 Nov 2026, 06:32");
        assert_eq!(near(at + Span::days(400), Span::days(1), at, &manila), "Sun 26 Dec 2027");
        let gone = |hours| hm_with_day(at + Span::hours(hours), at, &manila);
        assert_eq!([gone(1), gone(18), gone(50)], ["07:32 today", "00:32 tomorrow", "Mon 23 Nov, 08:32"]);
    }
}
