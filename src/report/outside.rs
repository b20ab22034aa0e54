//! How far the places outside this machine are, in lines.

use super::escape::escape;
use super::units::{counted, duration};
use crate::model::{OutsideStanding, PlaceStanding};

/// One line about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceLine {
    pub label: &'static str,
    pub text: String,
    /// Whether it lacks nothing.
    pub is_well: bool,
}

/// A line for each place, the mirror first.
pub fn lines(standing: &OutsideStanding) -> Vec<PlaceLine> {
    let mirror = standing.mirror.iter().map(|own| line("MIRROR", own));
    let witnesses = standing.witnesses.iter().map(|own| line("WITNESS", own));
    let timestamps = standing.timestamps.iter().map(|own| line("TIME", own));
    mirror.chain(witnesses).chain(timestamps).collect()
}

fn line(label: &'static str, standing: &PlaceStanding) -> PlaceLine {
    let is_well = standing.entries_behind == 0 && standing.problem.is_none();
    let mut text = match standing.tree_size {
        Some(size) if standing.entries_behind == 0 => {
            format!("{} has all {}", standing.place, counted(size, "record"))
        }
        Some(_) => format!("{} is {} behind", standing.place, how_far(standing)),
        None => format!(
            "{} has none that we know of: {} behind",
            standing.place,
            how_far(standing)
        ),
    };
    if let Some(problem) = &standing.problem {
        text.push_str(&format!("; {}", escape(problem)));
    }
    PlaceLine {
        label,
        text,
        is_well,
    }
}

fn how_far(standing: &PlaceStanding) -> String {
    let records = counted(standing.entries_behind, "record");
    format!("{records}, {}", duration(standing.seconds_behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Age;

    fn place(covered: Option<u64>, problem: Option<&str>) -> PlaceStanding {
        let since = jiff::Timestamp::from_second(0).unwrap();
        let now = jiff::Timestamp::from_second(750).unwrap();
        let mut place = PlaceStanding::at("s3://b/p", covered, 40, Some(Age { since, now }));
        place.problem = problem.map(str::to_owned);
        place
    }

    #[test]
    fn each_place_says_how_far_it_is() {
        let standing = OutsideStanding {
            tree_size: 40,
            mirror: Some(place(Some(40), None)),
            witnesses: vec![
                place(Some(37), Some("it cannot be reached: no answer in time")),
                place(None, None),
            ],
            timestamps: None,
        };
        let lines: Vec<String> = lines(&standing)
            .iter()
            .map(|line| format!("{} {} {}", line.is_well, line.label, line.text))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        true MIRROR s3://b/p has all 40 records
        false WITNESS s3://b/p is 3 records, 12m30s behind; it cannot be reached: no answer in time
        false WITNESS s3://b/p has none that we know of: 40 records, 12m30s behind
        ");
    }
}
