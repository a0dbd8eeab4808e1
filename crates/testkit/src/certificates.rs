//! Certificates for servers of a test's own, made by `openssl`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// In a folder: the authorities `ca` and `other`, and of the first a server's certificate for
/// 127.0.0.1 and a client's, each a `.pem` with its `.key`.
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    /// Makes them in `folder`; the client's is for the user `client`.
    #[must_use]
    pub fn make_in(folder: impl Into<PathBuf>, client: &str) -> Self {
        let made = Self {
            folder: folder.into(),
        };
        let key = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        for authority in ["ca", "other"] {
            made.openssl(&format!(
                "{key} -x509 -days 2 -subj /CN={authority} -keyout {authority}.key -out {authority}.pem"
            ));
        }
        fs::write(made.path("extensions"), "subjectAltName = IP:127.0.0.1\n")
            .expect("the folder is the test's own");
        for (name, subject) in [("server", "server"), ("client", client)] {
            made.openssl(&format!(
                "{key} -subj /CN={subject} -keyout {name}.key -out {name}.csr"
            ));
            made.openssl(&format!(
                "x509 -req -days 2 -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
                 -extfile extensions -out {name}.pem"
            ));
        }
        made
    }

    /// The path of one file.
    #[must_use]
    pub fn path(&self, file: &str) -> String {
        let path = self.folder.join(file);
        path.to_str()
            .expect("a test's folder has a plain name")
            .to_owned()
    }

    /// The content of one file, as options take it.
    #[must_use]
    pub fn read(&self, file: &str) -> Option<Vec<u8>> {
        Some(fs::read(self.path(file)).expect("it was made with the others"))
    }

    fn openssl(&self, arguments: &str) {
        let mut command = Command::new("openssl");
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.folder);
        let output = command.output().expect("openssl is installed");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
