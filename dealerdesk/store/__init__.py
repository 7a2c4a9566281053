"""The durable tables: schema, migrations, engine and change feed."""
