//! A MariaDB of the test's own, in a time zone of its own.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sealdiff_testkit::tempfile::TempDir;

use super::own_postgres::{as_nobody, folder_for_servers, free_port};
use super::support::{PASSWORD, Server, run_at};

const PROGRAM: &str = "/usr/sbin/mariadbd";

pub(crate) struct OwnMariaDb {
    folder: TempDir,
    process: Option<Child>,
    options: Vec<String>,
    port: u16,
}

impl OwnMariaDb {
    /// Makes and starts it; `None` where there are no programs.
    pub(crate) async fn start_new(options: &[String]) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let folder = folder_for_servers();
        let mut install = Command::new("mariadb-install-db");
        install
            .args(["--no-defaults", "--auth-root-authentication-method=normal"])
            .arg("--skip-test-db")
            .arg(format!(
                "--datadir={}",
                folder.path().join("data").display()
            ))
            // Each server clears away what it finds of others in a folder for temporary tables.
            .env("TMPDIR", folder.path())
            .current_dir(folder.path());
        as_nobody(&mut install);
        let output = install.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut server = Self {
            folder,
            process: None,
            options: options.to_vec(),
            port: free_port(),
        };
        server.start().await;
        let user = format!(
            "CREATE DATABASE test; CREATE USER admin@'%' IDENTIFIED BY '{PASSWORD}'; \
             GRANT ALL ON *.* TO admin@'%' WITH GRANT OPTION"
        );
        let root = format!(
            "mysql://root@localhost/mysql?ssl-mode=DISABLED&socket={}",
            server.socket()
        );
        run_at(Server::MySql, &root, &user).await.unwrap();
        Some(server)
    }

    pub(crate) fn url(&self, parameters: &str) -> String {
        let port = self.port;
        format!("mariadb://admin:{PASSWORD}@127.0.0.1:{port}/test?{parameters}")
    }

    /// For plain SQL beside the metastore.
    pub(crate) fn admin_url(&self) -> String {
        self.url("ssl-mode=DISABLED").replace("mariadb:", "mysql:")
    }

    /// The path of its socket.
    pub(crate) fn socket(&self) -> String {
        self.folder
            .path()
            .join("socket")
            .to_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn start(&mut self) {
        let log = File::create(self.folder.path().join("log")).unwrap();
        let mut command = Command::new(PROGRAM);
        command
            .args([
                "--no-defaults",
                "--bind-address=127.0.0.1",
                "--innodb-buffer-pool-size=16M",
            ])
            .arg(format!(
                "--datadir={}",
                self.folder.path().join("data").display()
            ))
            .arg(format!(
                "--pid-file={}",
                self.folder.path().join("pid").display()
            ))
            .arg(format!("--socket={}", self.socket()))
            .arg(format!("--port={}", self.port))
            .args(&self.options)
            .env("TMPDIR", self.folder.path())
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(log);
        as_nobody(&mut command);
        self.process = Some(command.spawn().unwrap());
        let root = format!(
            "mysql://root@localhost/mysql?ssl-mode=DISABLED&socket={}",
            self.socket()
        );
        for _ in 0..600 {
            if run_at(Server::MySql, &root, "DO 1").await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!(
            "{}",
            fs::read_to_string(self.folder.path().join("log")).unwrap()
        );
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for OwnMariaDb {
    fn drop(&mut self) {
        self.stop();
    }
}
