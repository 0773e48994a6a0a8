//! Reading one table of the configuration, noting every mistake on the way.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::filled::{Filled, SecretPlace};
use super::problems::Notes;

/// What all sections of one file share.
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) notes: Notes,
    /// Every key that anybody asked for, for the test that holds the reference file against the code.
    pub(super) asked: RefCell<BTreeSet<String>>,
    /// What the environment gave for keys that are not in the file.
    pub(super) filled: RefCell<Vec<Filled>>,
    /// Where secrets stand on disk.
    pub(super) secrets: RefCell<Vec<SecretPlace>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            notes: Notes::default(),
            asked: RefCell::default(),
            filled: RefCell::default(),
            secrets: RefCell::default(),
        }
    }

    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }
}

/// One table. A key that is never asked for is unknown, and [`Section::finish`] says so.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    path: String,
    line: Option<usize>,
    table: Option<&'a DeTable<'a>>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Section<'a> {
    pub(super) fn root(source: &'a Source<'a>, table: &'a DeTable<'a>) -> Self {
        Self {
            source,
            path: String::new(),
            line: None,
            table: Some(table),
            asked: RefCell::default(),
        }
    }

    /// The full name of a key in this table.
    pub(super) fn key(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// Whether the table is there.
    pub(super) fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// Whether the key is there, whatever its value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Notes a mistake in the value of `name`, or in the table when the key is missing.
    pub(super) fn note(&self, name: &str, message: impl Into<String>) {
        self.source
            .notes
            .add(self.line_of(name).or(self.line), self.key(name), message);
    }

    /// Notes a mistake in the table as a whole.
    pub(super) fn note_all(&self, message: impl Into<String>) {
        self.source.notes.add(self.line, self.path.clone(), message);
    }

    /// Keeps that an environment variable filled the key; `value` is none for a secret.
    pub(super) fn filled(&self, name: &str, variable: &str, value: Option<&str>) {
        self.source.filled.borrow_mut().push(Filled {
            key: self.key(name),
            variable: variable.to_owned(),
            value: value.map(str::to_owned),
        });
    }

    /// Keeps where a secret stands on disk.
    pub(super) fn found_secret(&self, place: SecretPlace) {
        self.source.secrets.borrow_mut().push(place);
    }

    fn line_of(&self, name: &str) -> Option<usize> {
        self.raw(name).map(|value| self.source.line(&value.span()))
    }

    fn raw(&self, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.and_then(|table| table.get(name))
    }

    fn ask(&self, name: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().insert(name);
        self.source.asked.borrow_mut().insert(name.to_owned());
        self.raw(name)
    }

    fn wrong_type(&self, name: &str, wanted: &str, found: &DeValue<'_>) {
        self.note(name, format!("is {}; write {wanted}", described(found)));
    }

    /// A text, with no blank left in it.
    pub(super) fn text(&self, name: &'static str) -> Option<&'a str> {
        self.raw_text(name).filter(|text| self.is_filled_in(name, text))
    }

    fn is_filled_in(&self, name: &str, text: &str) -> bool {
        let blank = blank_in(text);
        if let Some(blank) = blank {
            self.note(
                name,
                format!("still has a blank in angle brackets, <{blank}>; fill it in"),
            );
        }
        blank.is_none()
    }

    /// A text as it stands.
    pub(super) fn raw_text(&self, name: &'static str) -> Option<&'a str> {
        let value = self.ask(name)?.get_ref();
        let text = value.as_str();
        match text {
            Some("") => self.note(name, "is empty; write a value or leave the key out"),
            Some(_) => return text,
            None => self.wrong_type(name, "a text in quotation marks", value),
        }
        None
    }

    /// A text that must be there.
    pub(super) fn required_text(&self, name: &'static str, example: &str) -> Option<&'a str> {
        if self.ask(name).is_none() {
            self.note(name, format!("is missing; write {name} = \"{example}\""));
            return None;
        }
        self.text(name)
    }

    /// A text that is parsed.
    pub(super) fn parsed<T>(&self, name: &'static str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(name)?;
        self.parse(name, text)
    }

    /// A text that must be there and is parsed.
    pub(super) fn required<T>(&self, name: &'static str, example: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.required_text(name, example)?;
        self.parse(name, text)
    }

    fn parse<T>(&self, name: &str, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        text.parse()
            .inspect_err(|error: &T::Err| self.note(name, format!("\"{text}\" {error}")))
            .ok()
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        let value = self.ask(name)?.get_ref();
        if value.as_bool().is_none() {
            self.wrong_type(name, "true or false", value);
        }
        value.as_bool()
    }

    /// A whole number, more than nothing.
    pub(super) fn number(&self, name: &'static str) -> Option<u32> {
        let value = self.ask(name)?.get_ref();
        let number = value
            .as_integer()
            .and_then(|integer| u32::from_str_radix(integer.as_str(), integer.radix()).ok())
            .filter(|number| *number > 0);
        if number.is_none() {
            self.wrong_type(name, "a whole number from 1 to 4294967295", value);
        }
        number
    }

    /// A span of time, such as `"90s"`, `"10m"`, `"1h"` or `"30d"`.
    pub(super) fn duration(&self, name: &'static str) -> Option<Duration> {
        let duration = self.duration_or_none(name)?;
        if duration.is_zero() {
            self.note(name, "is no time at all; write a span such as \"90s\"");
            return None;
        }
        Some(duration)
    }

    /// A span of time that may be `"0s"`.
    pub(super) fn duration_or_none(&self, name: &'static str) -> Option<Duration> {
        let value = self.ask(name)?.get_ref();
        let Some(text) = value.as_str() else {
            self.wrong_type(
                name,
                "a span of time with its unit, such as \"90s\", \"10m\", \"1h\" or \"30d\"",
                value,
            );
            return None;
        };
        let parsed = humantime::parse_duration(text);
        if parsed.is_err() {
            self.note(
                name,
                format!(
                    "\"{text}\" is not a span of time; write one such as \"90s\", \"10m\", \"1h\" or \"30d\""
                ),
            );
        }
        parsed.ok()
    }

    /// A list of texts; one text alone is a list of one.
    pub(super) fn texts(&self, name: &'static str) -> Option<Vec<&'a str>> {
        let value = self.ask(name)?.get_ref();
        if let Some(text) = value.as_str() {
            return self.is_filled_in(name, text).then(|| vec![text]);
        }
        let texts = value.as_array().and_then(|array| {
            array
                .iter()
                .map(|item| item.get_ref().as_str())
                .collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.wrong_type(name, "a list of texts, such as [\"one\", \"two\"]", value);
        }
        texts.filter(|texts| texts.iter().all(|text| self.is_filled_in(name, text)))
    }

    /// A list of texts that are parsed; the mistakes name the entry.
    pub(super) fn parsed_list<T>(&self, name: &'static str) -> Option<Vec<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let texts = self.texts(name)?;
        let parsed: Vec<T> = texts.iter().filter_map(|text| self.parse(name, text)).collect();
        (parsed.len() == texts.len()).then_some(parsed)
    }

    /// A table below this one; an absent one reads as empty.
    pub(super) fn table(&self, name: &'static str) -> Section<'a> {
        let value = self.ask(name);
        let table = value.and_then(|value| value.get_ref().as_table());
        if let Some(value) = value.filter(|_| table.is_none()) {
            self.wrong_type(name, &format!("a table: [{}]", self.key(name)), value.get_ref());
        }
        self.below(self.key(name), value.map(Spanned::span), table)
    }

    /// The tables of a list: `[[name]]`.
    pub(super) fn tables(&self, name: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.ask(name) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(
                name,
                &format!("a list of tables: [[{}]]", self.key(name)),
                value.get_ref(),
            );
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let path = format!("{}[{index}]", self.key(name));
            match item.get_ref().as_table() {
                Some(table) => sections.push(self.below(path, Some(item.span()), Some(table))),
                None => self.wrong_type(name, &format!("tables: [[{}]]", self.key(name)), item.get_ref()),
            }
        }
        sections
    }

    /// The tables under names of the operator's choice: `[this.<name>]`.
    pub(super) fn named_tables(&self) -> Vec<(&'a str, Section<'a>)> {
        let mut sections = Vec::new();
        for (name, value) in self.table.into_iter().flatten() {
            let path = self.key(name.get_ref());
            match value.get_ref().as_table() {
                Some(table) => {
                    sections.push((
                        name.get_ref().as_ref(),
                        self.below(path, Some(value.span()), Some(table)),
                    ));
                }
                None => self.note(
                    name.get_ref(),
                    format!("is {}; write a table: [{path}]", described(value.get_ref())),
                ),
            }
        }
        sections
    }

    /// Texts under names of the operator's choice.
    pub(super) fn named_texts(&self) -> Vec<(&'a str, &'a str)> {
        let mut texts = Vec::new();
        for (name, value) in self.table.into_iter().flatten() {
            match value.get_ref().as_str() {
                Some(text) => texts.push((name.get_ref().as_ref(), text)),
                None => self.wrong_type(name.get_ref(), "a text in quotation marks", value.get_ref()),
            }
        }
        texts
    }

    fn below(&self, path: String, span: Option<Range<usize>>, table: Option<&'a DeTable<'a>>) -> Section<'a> {
        let line = span.map(|span| self.source.line(&span));
        Section {
            source: self.source,
            path,
            line,
            table,
            asked: RefCell::default(),
        }
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        for (name, _) in self.table.into_iter().flatten() {
            let text: &str = name.get_ref();
            if !asked.contains(text) {
                let nearest = asked
                    .iter()
                    .map(|known| (strsim::damerau_levenshtein(known, text), *known))
                    .min()
                    .filter(|(distance, _)| *distance <= 3);
                let hint = match nearest {
                    Some((_, known)) => format!("did you mean `{known}`?"),
                    None => format!(
                        "known here: {}",
                        asked.iter().copied().collect::<Vec<_>>().join(", ")
                    ),
                };
                let line = Some(self.source.line(&name.span()));
                self.source
                    .notes
                    .add(line, self.key(text), format!("is not a known key; {hint}"));
            }
        }
    }
}

/// What the files in `config/` leave to the operator: `<example.com>`.
fn blank_in(text: &str) -> Option<&str> {
    let (_, behind) = text.split_once('<')?;
    let (blank, _) = behind.split_once('>')?;
    (!blank.is_empty()).then_some(blank)
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
