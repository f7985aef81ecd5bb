package io.mimir.storage.service;

import jakarta.annotation.sql.DataSourceDefinition;
import jakarta.ejb.Singleton;

/** Declares the pool of connections that the persistence unit uses. */
@Singleton
@jakarta.annotation.security.DenyAll
@DataSourceDefinition(
    name = "java:app/jdbc/mimir",
    className = "io.mimir.storage.service.MimirDataSource",
    initialPoolSize = 0,
    minPoolSize = 1,
    maxPoolSize = 16,
    properties = {"fish.payara.sql-trace-listeners="})
public class MimirDatabase {}
