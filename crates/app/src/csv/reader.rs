//! Records and fields: the grammar of RFC 4180, with the line that each record begins on.

/// A record with the line it begins on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) line: u32,
    pub(super) fields: Vec<String>,
}

/// A fault of the file itself, not of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The line, from 1.
    pub(super) line: u32,
    /// Which field of the record, from 1.
    pub(super) field: u32,
    /// What is wrong.
    pub(super) reason: &'static str,
}

/// Reads all records; blank lines are passed over. A malformed record is reported and reading goes
/// on with the next line.
pub(super) fn records(text: &str) -> impl Iterator<Item = Result<Record, Malformed>> + '_ {
    let mut reader = Reader {
        rest: text.strip_prefix('\u{feff}').unwrap_or(text),
        line: 1,
    };
    std::iter::from_fn(move || reader.next_record())
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
}

impl Reader<'_> {
    fn next_record(&mut self) -> Option<Result<Record, Malformed>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if !self.end_of_line() {
                break;
            }
        }
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            match self.field() {
                Ok(field) => fields.push(field),
                Err((at, reason)) => {
                    self.skip_line();
                    let field = u32::try_from(fields.len() + 1).unwrap_or(u32::MAX);
                    return Some(Err(Malformed {
                        line: at,
                        field,
                        reason,
                    }));
                }
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else {
                self.end_of_line();
                return Some(Ok(Record { line, fields }));
            }
        }
    }

    /// Takes one line end, if one is next.
    fn end_of_line(&mut self) -> bool {
        for end in ["\r\n", "\n", "\r"] {
            if let Some(rest) = self.rest.strip_prefix(end) {
                self.rest = rest;
                self.line += 1;
                return true;
            }
        }
        false
    }

    fn skip_line(&mut self) {
        let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
        self.end_of_line();
    }

    fn field(&mut self) -> Result<String, (u32, &'static str)> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            if field.contains('"') {
                return Err((
                    self.line,
                    "a quotation mark inside a field that is not quoted",
                ));
            }
            self.rest = rest;
            return Ok(field.to_owned());
        };
        let began = self.line;
        let mut text = String::new();
        let mut rest = quoted;
        loop {
            let Some(end) = rest.find('"') else {
                return Err((began, "a quoted field that is never closed"));
            };
            text.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            match rest.strip_prefix('"') {
                Some(after) => {
                    text.push('"');
                    rest = after;
                }
                None => break,
            }
        }
        if !(rest.is_empty() || rest.starts_with([',', '\n', '\r'])) {
            return Err((began, "text after the closing quotation mark"));
        }
        let breaks = text.matches('\n').count() + text.replace("\r\n", "").matches('\r').count();
        self.line += u32::try_from(breaks).unwrap_or(0);
        self.rest = rest;
        Ok(text)
    }
}

/// Writes a field so that [`records`] reads the same text.
pub(super) fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) || field.trim() != field {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Record, Malformed>> {
        records(text).collect()
    }

    fn record(line: u32, fields: &[&str]) -> Result<Record, Malformed> {
        Ok(Record {
            line,
            fields: fields.iter().map(|&f| f.to_owned()).collect(),
        })
    }

    #[test]
    fn quoted_fields_may_hold_commas_quotes_and_line_ends() {
        let text = "\u{feff}a,b\r\n\"x, y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",z\n\nlast,";
        assert_eq!(
            read(text),
            [
                record(1, &["a", "b"]),
                record(2, &["x, y", "say \"hi\""]),
                record(3, &["two\nlines", "z"]),
                record(6, &["last", ""]),
            ]
        );
    }

    #[test]
    fn a_malformed_record_is_named_by_line_and_field_and_reading_goes_on() {
        let got = read("a,b\nx\"y,1\n\"closed\"late,2\nfine,3\nrest,\"never closed\nx,4\n");
        let fault = |line, field, reason| {
            Err(Malformed {
                line,
                field,
                reason,
            })
        };
        assert_eq!(
            got,
            [
                record(1, &["a", "b"]),
                fault(2, 1, "a quotation mark inside a field that is not quoted"),
                fault(3, 1, "text after the closing quotation mark"),
                record(4, &["fine", "3"]),
                fault(5, 2, "a quoted field that is never closed"),
                record(6, &["x", "4"]),
            ]
        );
    }

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["plain", "a,b", "say \"hi\"", "two\nlines", " spaced ", ""] {
            let line = format!("{},end\n", quoted(text));
            assert_eq!(read(&line), [record(1, &[text, "end"])]);
        }
    }
}
