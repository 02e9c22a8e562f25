//! `/etc/resolv.conf`, see resolv.conf(5).

/// How names are asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// Addresses, which may have zones.
    pub servers: Vec<String>,
    pub search: Vec<String>,
    pub ndots: usize,
    /// Milliseconds.
    pub timeout: u64,
    pub attempts: usize,
    pub rotate: bool,
    pub over_tcp: bool,
    pub no_aaaa: bool,
}

const MOST_SERVERS: usize = 3;
const MOST_DOMAINS: usize = 32;

/// Reads the file's text; what it does not say is taken from the host's name and from glibc's defaults.
pub fn read(text: &str, hostname: &str) -> Configuration {
    let mut configuration = Configuration {
        servers: Vec::new(),
        search: hostname.split_once('.').map(|(_, domain)| domain.to_owned()).into_iter().collect(),
        ndots: 1,
        timeout: 5_000,
        attempts: 2,
        rotate: false,
        over_tcp: false,
        no_aaaa: false,
    };
    for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("nameserver") => {
                configuration.servers.extend(words.next().filter(|word| is_address(word)).map(str::to_owned))
            }
            Some("domain") => configuration.search = words.take(1).map(domain).collect(),
            Some("search") => configuration.search = words.take(MOST_DOMAINS).map(domain).collect(),
            Some("options") => words.for_each(|word| configuration.take_option(word)),
            _ => {}
        }
    }
    configuration.servers.truncate(MOST_SERVERS);
    if configuration.servers.is_empty() {
        configuration.servers.push("127.0.0.1".into());
    }
    configuration.search.retain(|domain| !domain.is_empty());
    configuration
}

fn is_address(word: &str) -> bool {
    word.split('%').next().is_some_and(|literal| literal.parse::<std::net::IpAddr>().is_ok())
}

fn domain(word: &str) -> String {
    word.trim_end_matches('.').to_owned()
}

impl Configuration {
    fn take_option(&mut self, word: &str) {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        let number = value.parse::<u64>().ok();
        match (name, number) {
            ("ndots", Some(number)) => self.ndots = number.min(15) as usize,
            ("timeout", Some(number)) => self.timeout = number.clamp(1, 30) * 1_000,
            ("attempts", Some(number)) => self.attempts = number.clamp(1, 5) as usize,
            ("rotate", _) => self.rotate = true,
            ("use-vc", _) => self.over_tcp = true,
            ("no-aaaa", _) => self.no_aaaa = true,
            _ => {}
        }
    }

    /// The full names to ask for, one after the other, when a program asks for `host`.
    pub fn candidates(&self, host: &str) -> Vec<String> {
        if let Some(whole) = host.strip_suffix('.') {
            return vec![whole.to_owned()];
        }
        let mut names: Vec<_> = self.search.iter().map(|domain| format!("{host}.{domain}")).collect();
        let is_likely_whole = host.matches('.').count() >= self.ndots;
        names.insert(if is_likely_whole { 0 } else { names.len() }, host.to_owned());
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_glibc_reads() {
        let text = "# comment\n; another\nnameserver 10.0.0.53\nnameserver fe80::1%eth0 # link\nnameserver nonsense\n\
            nameserver fd00::53\nnameserver 10.0.0.54\ndomain other.example\nsearch a.example. b.example\t.\n\
            options ndots:5 timeout:2 attempts:99 rotate edns0 use-vc no-aaaa\nsortlist x\noptions timeout:x\n";
        let wanted = Configuration {
            servers: ["10.0.0.53", "fe80::1%eth0", "fd00::53"].map(str::to_owned).to_vec(),
            search: ["a.example", "b.example"].map(str::to_owned).to_vec(),
            ndots: 5,
            timeout: 2_000,
            attempts: 5,
            rotate: true,
            over_tcp: true,
            no_aaaa: true,
        };
        assert_eq!(read(text, "node.other"), wanted);
    }

    #[test]
    fn has_defaults() {
        let found = read("", "node1.cluster.example");
        assert_eq!((found.servers, found.search), (vec!["127.0.0.1".to_owned()], vec!["cluster.example".to_owned()]));
        assert_eq!((found.ndots, found.timeout, found.attempts), (1, 5_000, 2));
        assert!(read("search\n", "node1.example").search.is_empty() && read("", "node1").search.is_empty());
    }

    #[test]
    fn dots_decide_what_is_asked_first() {
        let configuration = read("search a b\noptions ndots:2", "");
        assert_eq!(configuration.candidates("x"), ["x.a", "x.b", "x"]);
        assert_eq!(configuration.candidates("x.y"), ["x.y.a", "x.y.b", "x.y"]);
        assert_eq!(configuration.candidates("x.y.z"), ["x.y.z", "x.y.z.a", "x.y.z.b"]);
        assert_eq!(configuration.candidates("x."), ["x"]);
    }
}
