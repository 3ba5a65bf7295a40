//! The register's SQLite database: one file per table.
