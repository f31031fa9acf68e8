//! Disks that are small, full or read-only: shell commands in a mount namespace of their own.

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::{Bench, Outcome};

/// What gives a shell its own mounts, where the system allows it: as root of a namespace, or as root.
static MOUNTS: LazyLock<Option<&str>> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let works = |flags: &&str| {
        let mut unshare = Command::new("unshare");
        unshare.args([flags, "mount", "-t", "tmpfs", "none"]).arg(folder.path());
        unshare.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    ["-rm", "-m"].into_iter().find(works)
});

/// Whether tests can mount disks; says so, past the harness, where they must do without.
pub fn can_mount() -> bool {
    if MOUNTS.is_none() {
        let note = "note: no mount namespaces here: disks are tested by limits on files\n";
        std::io::stderr().write_all(note.as_bytes()).unwrap();
    }
    MOUNTS.is_some()
}

impl Bench {
    /// Runs shell commands one after another in the bench's folder, each in a shell of its own and
    /// all with the same mounts where there are any. `clinic` is the program.
    pub fn shell(&self, commands: &[String]) -> Vec<Outcome> {
        let log = TempDir::new_in(self.folder.path()).unwrap();
        let file = |i: usize, what: &str| log.path().join(format!("{i}.{what}"));
        let mut script = String::new();
        for (i, command) in commands.iter().enumerate() {
            fs::write(file(i, "sh"), command).unwrap();
            let [sh, out, err, code] =
                ["sh", "out", "err", "code"].map(|what| file(i, what).display().to_string());
            script += &format!("sh '{sh}' >'{out}' 2>'{err}'; echo $? >'{code}'\n");
        }
        let mut shell = Command::new(if MOUNTS.is_some() { "unshare" } else { "sh" });
        if let Some(flags) = *MOUNTS {
            shell.args([flags, "sh"]);
        }
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_clinic"));
        let path = format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", binary.parent().unwrap().display());
        let status = shell
            .args(["-c", &script])
            .env_clear()
            .env("PATH", path)
            .envs(self.env.iter().cloned())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(File::create(log.path().join("out")).unwrap())
            .stderr(File::create(log.path().join("err")).unwrap())
            .status();
        assert!(status.unwrap().success());
        let text = |i, what| fs::read_to_string(file(i, what)).unwrap();
        let outcome = |i| Outcome {
            code: text(i, "code").trim().parse().ok(),
            out: text(i, "out"),
            err: text(i, "err"),
        };
        (0..commands.len()).map(outcome).collect()
    }
}
