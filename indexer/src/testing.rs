//! A private Postgres for tests: one cluster for all tests of a process that run at the same time, a fresh database
//! for each, nothing left when the last is dropped.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, bail};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
static CLUSTERS: AtomicU32 = AtomicU32::new(0);
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Cluster {
    dir: PathBuf,
    url: String,
}

impl Cluster {
    fn script() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/postgres")
    }

    fn start() -> anyhow::Result<Self> {
        // The cluster before this one may still be stopping.
        let number = CLUSTERS.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("lottery-test-{}-{number}", std::process::id()));
        let started =
            Command::new(Self::script()).arg("start").arg(&dir).output().context("scripts/postgres")?;
        if !started.status.success() {
            bail!("scripts/postgres start: {}", String::from_utf8_lossy(&started.stderr));
        }
        Ok(Cluster { dir, url: String::from_utf8_lossy(&started.stdout).trim().to_string() })
    }

    fn shared() -> anyhow::Result<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(cluster) = shared.upgrade() {
            return Ok(cluster);
        }
        let cluster = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&cluster);
        Ok(cluster)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = Command::new(Self::script()).arg("remove").arg(&self.dir).output();
    }
}

/// A database of its own, migrated.
pub struct PrivatePostgres {
    /// Also of use to other processes.
    pub url: String,
    pub pool: PgPool,
    // Last: the pool closes before the cluster stops.
    _cluster: Arc<Cluster>,
}

impl PrivatePostgres {
    /// Starts the cluster if no other test has, and makes a database in it.
    pub async fn start() -> anyhow::Result<Self> {
        let cluster = tokio::task::spawn_blocking(Cluster::shared).await??;
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let mut admin = PgConnection::connect(&cluster.url).await?;
        // The name is made above.
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await?;
        let server = cluster.url.rsplit_once('/').context("the URL names no database")?.0;
        let url = format!("{server}/{name}");
        let pool = PgPool::connect(&url).await?;
        crate::migrate(&pool).await?;
        Ok(PrivatePostgres { url, pool, _cluster: cluster })
    }
}
