//! Applies the migrations of a directory with sqlx itself and prints the versions it applied, so
//! that golive can be compared with the original. The database's URL is read from DATABASE_URL.
use std::{env, error::Error, path::Path};

use sqlx::{migrate::Migrator, PgPool, Row};

async fn versions(pool: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    let table = sqlx::query("select to_regclass('_sqlx_migrations') is not null as there")
        .fetch_one(pool)
        .await?;
    if !table.get::<bool, _>("there") {
        return Ok(Vec::new());
    }
    let rows = sqlx::query("select version from _sqlx_migrations order by version")
        .fetch_all(pool)
        .await?;
    Ok(rows.iter().map(|row| row.get("version")).collect())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = env::args().nth(1).ok_or("usage: sqlx-check DIRECTORY")?;
    let pool = PgPool::connect(&env::var("DATABASE_URL")?).await?;
    let before = versions(&pool).await?;
    let migrator = Migrator::new(Path::new(&dir)).await?;
    migrator.run(&pool).await?;
    for version in versions(&pool).await? {
        if !before.contains(&version) {
            println!("applied {version}");
        }
    }
    Ok(())
}
