//! Sockets that never block.

use super::failure::Failure;
use crate::errno;
use std::io::{self, ErrorKind, Read, Write};
use std::mem::{size_of, zeroed};
use std::net::IpAddr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Where to connect to.
pub enum Address {
    Ip {
        ip: IpAddr,
        scope: u32,
        port: u16,
    },
    /// A path, or a NUL and an abstract name.
    Unix(Vec<u8>),
}

/// Connections that the kernel holds until they are taken.
const BACKLOG: i32 = 64;

/// A non-blocking socket of any kind.
pub struct Socket(OwnedFd);

impl Socket {
    /// Opens a socket and begins to connect it; a datagram socket then is connected.
    pub fn to(address: &Address, kind: i32) -> io::Result<Self> {
        let fd = unsafe { libc::socket(address.domain(), kind | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let socket = Socket(unsafe { OwnedFd::from_raw_fd(fd) });
        socket.connect(address)?;
        Ok(socket)
    }

    /// Takes connections at an address; with IPv6's unspecified address also those of IPv4.
    pub fn listening(address: &Address) -> io::Result<Self> {
        let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        let fd = unsafe { libc::socket(address.domain(), kind, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let socket = Socket(unsafe { OwnedFd::from_raw_fd(fd) });
        socket.switch_on(libc::SOL_SOCKET, libc::SO_REUSEADDR);
        let (storage, length) = encode(address)?;
        if unsafe { libc::bind(socket.fd(), (&raw const storage).cast(), length) } != 0
            || unsafe { libc::listen(socket.fd(), BACKLOG) } != 0
        {
            return Err(io::Error::last_os_error());
        }
        Ok(socket)
    }

    /// The next connection that waits to be taken.
    pub fn accept(&self) -> io::Result<Self> {
        let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        match unsafe { libc::accept4(self.fd(), std::ptr::null_mut(), std::ptr::null_mut(), flags) } {
            fd if fd >= 0 => Ok(Socket(unsafe { OwnedFd::from_raw_fd(fd) })),
            _ => Err(io::Error::last_os_error()),
        }
    }

    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    fn connect(&self, address: &Address) -> io::Result<()> {
        let (storage, length) = encode(address)?;
        match unsafe { libc::connect(self.fd(), (&raw const storage).cast(), length) } {
            0 => Ok(()),
            _ => match io::Error::last_os_error() {
                error if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(()),
                error => Err(error),
            },
        }
    }

    /// How connecting has ended.
    pub fn outcome(&self) -> io::Result<()> {
        let mut number = 0_i32;
        let mut length = size_of::<i32>() as u32;
        let into = (&raw mut number).cast();
        match unsafe { libc::getsockopt(self.fd(), libc::SOL_SOCKET, libc::SO_ERROR, into, &mut length) } {
            0 if number == 0 => Ok(()),
            0 => Err(io::Error::from_raw_os_error(number)),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Sends small writes at once.
    /// The other side learns that nothing more will come.
    pub fn end_of_sending(&self) {
        unsafe { libc::shutdown(self.fd(), libc::SHUT_WR) };
    }

    pub fn without_delay(&self) {
        self.switch_on(libc::IPPROTO_TCP, libc::TCP_NODELAY);
    }

    fn switch_on(&self, level: i32, option: i32) {
        let on = 1_i32;
        let length = size_of::<i32>() as u32;
        unsafe { libc::setsockopt(self.fd(), level, option, (&raw const on).cast(), length) };
    }

    /// The address that this side has.
    pub fn own_ip(&self) -> io::Result<IpAddr> {
        Ok(self.own_address()?.0)
    }

    /// The address and port that this side has.
    pub fn own_address(&self) -> io::Result<(IpAddr, u16)> {
        let mut storage: libc::sockaddr_in6 = unsafe { zeroed() };
        let mut length = size_of::<libc::sockaddr_in6>() as u32;
        if unsafe { libc::getsockname(self.fd(), (&raw mut storage).cast(), &mut length) } != 0 {
            return Err(io::Error::last_os_error());
        }
        if i32::from(storage.sin6_family) == libc::AF_INET6 {
            return Ok((IpAddr::from(storage.sin6_addr.s6_addr), u16::from_be(storage.sin6_port)));
        }
        let short: &libc::sockaddr_in = unsafe { &*(&raw const storage).cast() };
        Ok((IpAddr::from(short.sin_addr.s_addr.to_ne_bytes()), u16::from_be(short.sin_port)))
    }
}

impl Address {
    pub fn new(ip: IpAddr, port: u16) -> Self {
        Address::Ip { ip, scope: 0, port }
    }

    /// Reads an IP literal, for IPv6 also with a zone.
    pub fn read(text: &str, port: u16) -> Option<Self> {
        let (literal, zone) = text.split_once('%').map_or((text, None), |(literal, zone)| (literal, Some(zone)));
        let ip = literal.parse().ok()?;
        let scope = match zone {
            None => 0,
            Some(zone) => zone.parse().ok().or_else(|| index_of(zone))?,
        };
        Some(Address::Ip { ip, scope, port })
    }

    fn domain(&self) -> i32 {
        match self {
            Address::Ip { ip: IpAddr::V4(_), .. } => libc::AF_INET,
            Address::Ip { ip: IpAddr::V6(_), .. } => libc::AF_INET6,
            Address::Unix(_) => libc::AF_UNIX,
        }
    }

    /// As messages call it.
    pub fn text(&self) -> String {
        match self {
            Address::Ip { ip, port, .. } => format!("{ip}:{port}"),
            Address::Unix(path) => String::from_utf8_lossy(path).replace('\0', "@"),
        }
    }
}

fn index_of(interface: &str) -> Option<u32> {
    let name = std::ffi::CString::new(interface).ok()?;
    Some(unsafe { libc::if_nametoindex(name.as_ptr()) }).filter(|index| *index != 0)
}

fn encode(address: &Address) -> io::Result<(libc::sockaddr_storage, libc::socklen_t)> {
    let mut storage: libc::sockaddr_storage = unsafe { zeroed() };
    let length = match address {
        Address::Ip { ip: IpAddr::V4(ip), port, .. } => {
            let to: &mut libc::sockaddr_in = unsafe { &mut *(&raw mut storage).cast() };
            to.sin_family = libc::AF_INET as u16;
            to.sin_port = port.to_be();
            to.sin_addr.s_addr = u32::from_ne_bytes(ip.octets());
            size_of::<libc::sockaddr_in>()
        }
        Address::Ip { ip: IpAddr::V6(ip), scope, port } => {
            let to: &mut libc::sockaddr_in6 = unsafe { &mut *(&raw mut storage).cast() };
            to.sin6_family = libc::AF_INET6 as u16;
            to.sin6_port = port.to_be();
            to.sin6_addr.s6_addr = ip.octets();
            to.sin6_scope_id = *scope;
            size_of::<libc::sockaddr_in6>()
        }
        Address::Unix(path) => {
            let to: &mut libc::sockaddr_un = unsafe { &mut *(&raw mut storage).cast() };
            to.sun_family = libc::AF_UNIX as u16;
            // A path is followed by a NUL, an abstract name is not.
            let most = to.sun_path.len() - usize::from(path.first() != Some(&0));
            if path.is_empty() || path.len() > most {
                let errno = if path.is_empty() { libc::EINVAL } else { libc::ENAMETOOLONG };
                return Err(io::Error::from_raw_os_error(errno));
            }
            for (to, from) in to.sun_path.iter_mut().zip(path) {
                *to = *from as libc::c_char;
            }
            size_of::<libc::sa_family_t>() + path.len() + usize::from(path.first() != Some(&0))
        }
    };
    Ok((storage, length as libc::socklen_t))
}

impl Read for &Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let (start, length) = (into.as_mut_ptr(), into.len());
        repeat(|| unsafe { libc::recv(self.fd(), start.cast(), length, 0) })
    }
}

impl Write for &Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A closed connection is an error here, not a signal.
        repeat(|| unsafe { libc::send(self.fd(), bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL) })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The count that a call returns, repeated when a signal interrupts it.
fn repeat(call: impl Fn() -> isize) -> io::Result<usize> {
    loop {
        if let Ok(count) = usize::try_from(call()) {
            return Ok(count);
        }
        let error = io::Error::last_os_error();
        if error.kind() != ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// An error of the kernel, in the form of Node's: `connect ECONNREFUSED 10.0.0.1:2379`.
pub fn failure_of(error: &io::Error, call: &str, at: &str) -> Failure {
    let code = error.raw_os_error().map_or("EIO".into(), errno::name);
    let at = if at.is_empty() { String::new() } else { format!(" {at}") };
    let message = format!("{call} {code}{at}");
    Failure::new(code, message)
}
