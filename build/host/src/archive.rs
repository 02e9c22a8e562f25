//! The modules at the end of an executable: their bytes, a table of names, and a footer of fixed size.

use std::fmt;

const MAGIC: &[u8; 8] = b"CALICOJS";
const VERSION: u32 = 1;

/// Bytes of the footer: magic, version, count, then where the modules begin in the file, and where the table does.
pub const FOOTER: usize = 32;

/// One module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// The modules of an executable; the first is the program.
#[derive(Debug)]
pub struct Archive<'a> {
    entries: Vec<Entry<'a>>,
}

/// Why the end of a file that has our magic cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Damaged(&'static str);

impl std::error::Error for Damaged {}

impl fmt::Display for Damaged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the archive is damaged: {}", self.0)
    }
}

/// What the footer says.
#[derive(Debug, PartialEq, Eq)]
pub struct Footer {
    count: u32,
    /// Offset in the file of the first module.
    pub start: u64,
    /// Offset in the file of the table.
    table: u64,
}

/// Reads the last bytes of a file of this size; none if the file has no modules.
pub fn footer(last: &[u8; FOOTER], file_size: u64) -> Result<Option<Footer>, Damaged> {
    if &last[..8] != MAGIC {
        return Ok(None);
    }
    let mut rest = Reader(&last[8..]);
    if rest.u32()? != VERSION {
        return Err(Damaged("another version"));
    }
    let footer = Footer { count: rest.u32()?, start: rest.u64()?, table: rest.u64()? };
    let end = file_size - FOOTER as u64;
    if footer.count == 0 || footer.start > footer.table || footer.table > end {
        return Err(Damaged("the footer points outside of the file"));
    }
    Ok(Some(footer))
}

impl<'a> Archive<'a> {
    /// Reads the table; `tail` is the file from `footer.start` to its end.
    pub fn read(footer: &Footer, tail: &'a [u8]) -> Result<Archive<'a>, Damaged> {
        let table = usize::try_from(footer.table - footer.start).ok().and_then(|at| tail.get(at..));
        let mut table = Reader(table.ok_or(Damaged("no table"))?);
        let mut entries = Vec::new();
        for _ in 0..footer.count {
            let (at, length, name) = (table.u64()?, table.u64()?, table.u16()?);
            let name = std::str::from_utf8(table.take(usize::from(name))?).map_err(|_| Damaged("a name"))?;
            entries.push(Entry { name, bytes: slice(tail, at, length)? });
        }
        Ok(Archive { entries })
    }

    /// The program.
    pub fn main(&self) -> Entry<'a> {
        self.entries[0]
    }

    pub fn find(&self, name: &str) -> Option<Entry<'a>> {
        self.entries.iter().find(|entry| entry.name == name).copied()
    }
}

/// The modules in the form in which they follow an executable of this size.
pub fn build(host_size: u64, modules: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut data, mut table) = (Vec::new(), Vec::new());
    for (name, bytes) in modules {
        table.extend_from_slice(&(data.len() as u64).to_le_bytes());
        table.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        table.extend_from_slice(&(name.len() as u16).to_le_bytes());
        table.extend_from_slice(name.as_bytes());
        data.extend_from_slice(bytes);
    }
    let table_at = host_size + data.len() as u64;
    data.extend_from_slice(&table);
    data.extend_from_slice(MAGIC);
    data.extend_from_slice(&VERSION.to_le_bytes());
    data.extend_from_slice(&(modules.len() as u32).to_le_bytes());
    data.extend_from_slice(&host_size.to_le_bytes());
    data.extend_from_slice(&table_at.to_le_bytes());
    data
}

fn slice(bytes: &[u8], at: u64, length: u64) -> Result<&[u8], Damaged> {
    let range = usize::try_from(at).ok().zip(usize::try_from(length).ok());
    let range = range.and_then(|(at, length)| Some(at..at.checked_add(length)?));
    range.and_then(|range| bytes.get(range)).ok_or(Damaged("a module lies outside of the file"))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damaged("it ends early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Damaged> {
        Ok(self.take(N)?.try_into().unwrap_or([0; N]))
    }

    fn u16(&mut self) -> Result<u16, Damaged> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, Damaged> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, Damaged> {
        self.array().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Modules = Vec<(String, Vec<u8>)>;

    fn read(file: &[u8]) -> Result<Option<Modules>, Damaged> {
        let last = file[file.len() - FOOTER..].try_into().unwrap();
        let Some(found) = footer(last, file.len() as u64)? else { return Ok(None) };
        let archive = Archive::read(&found, &file[found.start as usize..])?;
        Ok(Some(archive.entries.iter().map(|entry| (entry.name.to_owned(), entry.bytes.to_vec())).collect()))
    }

    fn file() -> (Vec<u8>, Modules) {
        let modules = vec![("calico.mjs".to_owned(), vec![1, 2, 3]), ("é.mjs".to_owned(), Vec::new())];
        let mut file = b"host".to_vec();
        file.extend(build(4, &modules));
        (file, modules)
    }

    #[test]
    fn what_was_built_is_read() {
        let (file, modules) = file();
        assert_eq!(read(&file), Ok(Some(modules)));
    }

    #[test]
    fn a_file_without_modules_has_none() {
        assert_eq!(read(&[0; 100]), Ok(None));
    }

    #[test]
    fn no_damage_of_one_byte_makes_it_read_outside() {
        let (file, _) = file();
        for at in 0..file.len() {
            for value in [0, 1, 0x7F, 0x80, 0xFF] {
                let mut damaged = file.clone();
                damaged[at] = value;
                let _ = read(&damaged);
            }
        }
    }

    #[test]
    fn a_module_beyond_the_end_is_damage() {
        let (mut file, _) = file();
        let table = file.len() - FOOTER - (18 + 10) - (18 + 6);
        file[table + 8] = 200;
        assert_eq!(read(&file), Err(Damaged("a module lies outside of the file")));
    }
}
