//! An explanation for people.

use std::io::{self, Write};

use super::ExplainReport;
use crate::model::{
    ApprovedUsed, Explanation, ItemUsed, Judged, LiveUsed, PlanUsed, RecordedFinding, RowUsed,
    Sha256Digest, ToldBy, Value,
};
use crate::report::Style;
use crate::report::diff::Side;
use crate::report::paint::{Label, Paint, Painter};
use crate::report::row;
use crate::report::text::{lines, name};
use crate::report::value_text::inline;

const COLUMNS: usize = 12;
/// Characters of a raw value that are shown.
const RAW: usize = 600;

/// Writes it for people.
///
/// # Errors
/// Only those of `out`.
pub fn text(report: &ExplainReport<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page {
        page: Painter::new(out, style),
    };
    if let Some(status) = report.status() {
        let key = report.recorded.map(|recorded| recorded.finding.to_string());
        let now = report.judged.first();
        let key = key.or_else(|| now.map(|now| now.deviation.finding_key().to_string()));
        page.head("FINDING", &key.unwrap_or_default())?;
        page.head("", status)?;
        if let Some(recorded) = report.recorded {
            page.head("", &format!("last recorded at {}", recorded.at))?;
        }
    }
    for judged in report.judged {
        page.judged(judged)?;
    }
    if report.judged.is_empty() {
        if let Some(recorded) = report.recorded {
            page.recorded(recorded)?;
        } else {
            page.head("DEVIATIONS", "none: nothing of the attribute deviates")?;
        }
    }
    match report.explanation {
        Some(explanation) => page.explanation(explanation),
        None => page.head(
            "COMPARED",
            "with nothing: no approved resource is concerned",
        ),
    }
}

struct Page<'w> {
    page: Painter<'w>,
}

impl Page<'_> {
    fn head(&mut self, text: &str, body: &str) -> io::Result<()> {
        self.at(0, text, Paint::Bold, body)
    }

    fn part(&mut self, text: &str, body: &str) -> io::Result<()> {
        self.at(2, text, Paint::Dim, body)
    }

    fn at(&mut self, indent: usize, text: &str, paint: Paint, body: &str) -> io::Result<()> {
        let label = Label {
            indent,
            text,
            columns: COLUMNS,
            paint,
            body: Paint::Plain,
        };
        self.page.labelled(label, body)
    }

    fn judged(&mut self, judged: &Judged) -> io::Result<()> {
        let (deviation, ruling) = (&judged.deviation, &judged.ruling);
        let mut what = format!("{} {}", name(deviation), deviation.kind.as_str());
        if let Some(attribute) = &deviation.attribute {
            what.push_str(&format!(" {attribute}"));
        }
        self.head("DEVIATION", &what)?;
        self.part("id", &deviation.id().to_string())?;
        self.part("verdict", judged.judgement.verdict.as_str())?;
        for reason in &judged.judgement.reasons {
            self.part("because", reason)?;
        }
        let rule = ruling.rule.as_ref();
        let rule = rule.map_or_else(
            || "none matched, the default holds".to_owned(),
            |rule| rule.to_string(),
        );
        let rule = format!("{rule}: {}, {}", ruling.severity, ruling.action);
        self.part("rule", &rule)?;
        for line in lines(deviation) {
            let side = match line.side {
                Side::Approved => "approved",
                Side::Live => "live",
                Side::Both => "",
            };
            self.part(side, &line.text)?;
        }
        for note in row::notes(judged) {
            self.part("note", note)?;
        }
        Ok(())
    }

    fn recorded(&mut self, recorded: &RecordedFinding) -> io::Result<()> {
        let address = recorded.address.as_ref();
        let mut what = address.map_or_else(String::new, |address| format!("{address} "));
        what.push_str(recorded.kind.as_str());
        if let Some(attribute) = &recorded.attribute {
            what.push_str(&format!(" {attribute}"));
        }
        self.head("WAS", &what)
    }

    fn explanation(&mut self, own: &Explanation) -> io::Result<()> {
        self.page.blank()?;
        self.head("RESOURCE", own.address.as_str())?;
        let mut place = format!("{}, workspace {}", own.type_name, own.workspace);
        if let Some(source) = &own.source {
            place.push_str(&format!(
                ", {}:{}:{}",
                source.file, source.line, source.column
            ));
        }
        self.head("", &place)?;
        if let Some(table) = &own.table {
            self.head(
                "TABLE",
                &format!("{} for {}", table.file, table.config_type),
            )?;
            for (at, key) in table.keys.iter().enumerate() {
                self.part(if at == 0 { "found by" } else { "or by" }, key)?;
            }
        }
        for item in &own.items {
            self.item(item)?;
        }
        for row in &own.rows {
            self.page.blank()?;
            self.row(row)?;
        }
        for remark in &own.remarks {
            self.head("NOTE", remark)?;
        }
        Ok(())
    }

    fn item(&mut self, item: &ItemUsed) -> io::Result<()> {
        let at = item.captured_at;
        let at = at.map_or_else(|| "at an unknown time".to_owned(), |at| format!("of {at}"));
        let counts = if item.counts {
            ""
        } else {
            "; a newer one counts"
        };
        let mut place = String::new();
        if !item.account.is_empty() {
            place.push_str(&format!(", account {}", item.account));
        }
        if !item.region.is_empty() {
            place.push_str(&format!(", {}", item.region));
        }
        let text = format!(
            "{} {at} in {}{place}: {}{counts}",
            item.id, item.file, item.says
        );
        let word = match item.told_by {
            ToldBy::AwsConfig => "ITEM",
            ToldBy::TerraformRefresh => "REFRESH",
            ToldBy::Provider => "READ",
        };
        self.head(word, &text)
    }

    fn row(&mut self, row: &RowUsed) -> io::Result<()> {
        let word = if row.is_row { "ROW" } else { "ATTRIBUTE" };
        self.head(word, row.attribute.as_str())?;
        match row.told_by {
            ToldBy::AwsConfig => self.part("live path", &row.live_paths.join(" | "))?,
            ToldBy::TerraformRefresh => self.part("told by", "a refresh by Terraform")?,
            ToldBy::Provider => self.part("told by", "its own provider, which was asked now")?,
        }
        self.part("form", &row.form)?;
        for (live, approved) in &row.words {
            self.part("word", &format!("live `{live}` means `{approved}`"))?;
        }
        for note in &row.notes {
            self.part("", note)?;
        }
        match &row.live {
            Some(live) => self.live(live)?,
            None => self.part("live", "nothing")?,
        }
        for side in &row.approved {
            self.approved(side)?;
        }
        self.part("outcome", &row.outcome)
    }

    fn live(&mut self, live: &LiveUsed) -> io::Result<()> {
        match &live.path {
            None => self.part("live", "the item has none of the paths")?,
            Some(path) => {
                let file = format!("{path} of {} in {}", live.item, live.file);
                self.part("live", &file)?;
                self.values(live.raw.as_deref(), live.canonical.as_ref(), live.digest)?;
            }
        }
        match &live.problem {
            Some(problem) => self.part("problem", problem),
            None => Ok(()),
        }
    }

    fn approved(&mut self, side: &ApprovedUsed) -> io::Result<()> {
        let plan = side.plan.as_ref();
        let plan = plan.map_or_else(
            || "what was there before the baseline's plan".to_owned(),
            plan_words,
        );
        let plan = match (&side.state, &side.plan) {
            (Some(state), Some(_)) => {
                format!("{state}, because the value was unknown in {plan}")
            }
            (Some(state), None) => state.clone(),
            (None, _) => plan,
        };
        self.part(side.role, &plan)?;
        self.values(side.raw.as_deref(), side.canonical.as_ref(), side.digest)?;
        for step in &side.considered {
            let held = if step.held { "held" } else { "did not hold" };
            let text = format!("{} {held}: {}", step.equivalence, step.why);
            self.at(4, "considered", Paint::Dim, &text)?;
        }
        let places: Vec<&str> = side.differs_at.iter().map(|at| at.as_str()).collect();
        let places = match places.is_empty() {
            true => String::new(),
            false => format!(" at {}", places.join(", ")),
        };
        self.at(4, "so", Paint::Dim, &format!("{}{places}", side.outcome))
    }

    fn values(
        &mut self,
        raw: Option<&str>,
        canonical: Option<&Value>,
        digest: Option<Sha256Digest>,
    ) -> io::Result<()> {
        if let Some(digest) = digest {
            let digest: String = digest.to_string().chars().take(12).collect();
            return self.at(4, "digest", Paint::Dim, &format!("{digest} of a secret"));
        }
        if let Some(raw) = raw {
            let shown: String = raw.chars().take(RAW).collect();
            let more = if shown.len() < raw.len() { "…" } else { "" };
            self.at(4, "raw", Paint::Dim, &format!("{shown}{more}"))?;
        }
        match canonical {
            Some(value) => self.at(4, "canonical", Paint::Dim, &inline(value)),
            None => Ok(()),
        }
    }
}

fn plan_words(plan: &PlanUsed) -> String {
    let digest: String = plan.sha256.to_string().chars().take(12).collect();
    let file = plan.file.as_deref().unwrap_or("a plan");
    match &plan.change {
        Some(change) => format!("{file} (digest {digest}, {change})"),
        None => format!("{file} (digest {digest})"),
    }
}
