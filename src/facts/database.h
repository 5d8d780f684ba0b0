/* Room-internal: what is asked of a database. */
#ifndef GL_FACTS_DATABASE_H
#define GL_FACTS_DATABASE_H

/* One question whose rows become those of a table of facts. */
struct gl_database_query {
    const char *table;   /* NULL ends the list */
    const char *columns; /* their types in order: 't' text, 'i' integer, 'd' real */
    const char *sql;     /* with `find`: a printf format with one %s, the name that was found */
    const char *find; /* NULL, or a query for the quoted name that `sql` is about; where it has no
                         row, there is nothing to ask */
    const char *instead; /* what to ask when the first was refused, or NULL */
};

/* PostgreSQL 14 to 18, without superuser, with search_path = pg_catalog. */
extern const struct gl_database_query gl_database_queries[];

#endif
