//! A PostgreSQL of the test's own: any password, certificate and outage will do.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sealdiff_testkit::tempfile::TempDir;

use super::support::PASSWORD;

/// Who runs servers for root: they refuse to be root's.
const NOBODY: u32 = 65_534;

pub(crate) struct OwnPostgres {
    folder: TempDir,
    programs: PathBuf,
    pub(crate) port: u16,
}

impl OwnPostgres {
    /// Makes and starts it, with settings of `postgresql.conf`; `None` where there are no programs.
    pub(crate) fn start_new(settings: &str) -> Option<Self> {
        let programs = newest_programs()?;
        let folder = folder_for_servers();
        let server = Self {
            folder,
            programs,
            port: free_port(),
        };
        let password = server.folder.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        give_away(&password);
        let password = password.to_str().unwrap().to_owned();
        server.run(
            "initdb",
            &[
                "-U",
                "admin",
                "-A",
                "scram-sha-256",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C",
            ],
            &["--pwfile", &password],
        );
        let conf = server.data().join("postgresql.conf");
        let text = format!("{}\n{settings}\n", fs::read_to_string(&conf).unwrap());
        fs::write(&conf, text).unwrap();
        server.start();
        Some(server)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn url(&self, parameters: &str) -> String {
        let port = self.port;
        format!("postgres://admin:{PASSWORD}@127.0.0.1:{port}/postgres?{parameters}")
    }

    pub(crate) fn start(&self) {
        let log = self.folder.path().join("log").to_str().unwrap().to_owned();
        let folder = self.folder.path().to_str().unwrap();
        let options = format!("-p {} -k {folder} -c listen_addresses=127.0.0.1", self.port);
        self.run("pg_ctl", &["-w", "-l", &log, "-o", &options], &["start"]);
    }

    pub(crate) fn stop(&self) {
        self.run("pg_ctl", &["-w", "-m", "fast"], &["stop"]);
    }

    fn run(&self, program: &str, options: &[&str], last: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.data()).args(options).args(last);
        // Not a pipe: the server that pg_ctl starts would keep it open.
        let output = self.folder.path().join("output");
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&output)
            .unwrap();
        command.stderr(file.try_clone().unwrap()).stdout(file);
        as_nobody(&mut command);
        let status = command.current_dir(self.folder.path()).status().unwrap();
        assert!(
            status.success(),
            "{program}: {}",
            fs::read_to_string(output).unwrap()
        );
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        let mut command = Command::new(self.programs.join("pg_ctl"));
        command
            .arg("-D")
            .arg(self.data())
            .args(["-m", "immediate", "stop"]);
        as_nobody(&mut command);
        // Already stopped is as good.
        command.current_dir("/").output().ok();
    }
}

fn newest_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    programs.filter(|bin| bin.join("initdb").exists()).max()
}

pub(crate) fn folder_for_servers() -> TempDir {
    let folder = sealdiff_testkit::tempfile::tempdir().unwrap();
    give_away(folder.path());
    folder
}

/// To whoever runs the servers of this test.
pub(crate) fn give_away(path: &Path) {
    if fs::metadata(path).unwrap().uid() == 0 {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn as_nobody(command: &mut Command) {
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
}

/// A port of the loopback that nobody listens at.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
