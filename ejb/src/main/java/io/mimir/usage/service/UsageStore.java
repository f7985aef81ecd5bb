package io.mimir.usage.service;

import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

import io.mimir.time.InstantConverter;
import io.mimir.usage.Usage;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.UsageQuery;
import jakarta.annotation.Resource;
import jakarta.annotation.security.PermitAll;
import jakarta.ejb.EJBException;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The table of usage. In SQL, because sums that add up in the database have no entity. */
@Stateless
@PermitAll
public class UsageStore {

  /** A process that has not written for so long has ended. */
  private static final Duration WRITER_FORGOTTEN = Duration.ofDays(7);

  private static final String SUMS =
      "sum(requests), sum(errors), sum(input_tokens), sum(output_tokens), sum(latency_ms)";

  private final InstantConverter times = new InstantConverter();

  @PersistenceContext EntityManager em;

  @Resource(lookup = "java:app/jdbc/mimir")
  DataSource pool;

  /**
   * Adds a batch to what is there, whole or not at all. The same batch of the same writer counts
   * once, however often it is sent: when a commit is not answered, nobody knows what became of it.
   *
   * @param number higher than that of the writer's batch before
   */
  @TransactionAttribute(REQUIRES_NEW)
  public void add(String writer, long number, List<Usage> batch) {
    try (Connection connection = pool.getConnection()) {
      UsageBatches.add(connection, writer, number, batch);
    } catch (SQLException e) {
      throw new EJBException("A batch of usage was not written", e);
    }
  }

  /**
   * In the order of {@link UsageCell#ORDER}.
   *
   * @param after the cell that the page before ended with, or null
   * @param limit the most rows
   */
  @TransactionAttribute(SUPPORTS)
  public List<Usage> find(UsageQuery query, UsageCell after, int limit) {
    String columns = columns(query.group());
    StringBuilder sql =
        new StringBuilder("select ")
            .append(columns)
            .append(", ")
            .append(SUMS)
            .append(" from usage_hours where hour >= ?1 and hour < ?2");
    if (after != null) {
      sql.append(" and (").append(following(query.group())).append(')');
    }
    sql.append(" group by ").append(columns);
    sql.append(" order by ").append(columns.replace("hour", "hour desc"));
    Query select =
        em.createNativeQuery(sql.toString())
            .setParameter(1, times.convertToDatabaseColumn(query.from()))
            .setParameter(2, times.convertToDatabaseColumn(query.to()))
            .setMaxResults(limit);
    if (after != null) {
      place(select, query.group(), after);
    }
    List<Usage> found = new ArrayList<>();
    for (Object row : select.getResultList()) {
      found.add(usage(query.group(), (Object[]) row));
    }
    return found;
  }

  private static String columns(UsageGroup group) {
    return switch (group) {
      case NONE -> "hour, key_id, token_id, model";
      case HOUR -> "hour";
      case KEY -> "key_id";
      case TOKEN -> "token_id";
      case MODEL -> "model";
    };
  }

  /** What is true of rows that come after the cell of {@link #place}. */
  private static String following(UsageGroup group) {
    return switch (group) {
      case NONE ->
          "hour < ?3 or (hour = ?3 and (key_id > ?4 or (key_id = ?4 and"
              + " (token_id > ?5 or (token_id = ?5 and model > ?6)))))";
      case HOUR -> "hour < ?3";
      case KEY -> "key_id > ?3";
      case TOKEN -> "token_id > ?3";
      case MODEL -> "model > ?3";
    };
  }

  private void place(Query select, UsageGroup group, UsageCell after) {
    switch (group) {
      case NONE ->
          select
              .setParameter(3, times.convertToDatabaseColumn(after.hour()))
              .setParameter(4, UsageBatches.stored(after.keyId()))
              .setParameter(5, UsageBatches.stored(after.tokenId()))
              .setParameter(6, UsageBatches.stored(after.model()));
      case HOUR -> select.setParameter(3, times.convertToDatabaseColumn(after.hour()));
      case KEY -> select.setParameter(3, UsageBatches.stored(after.keyId()));
      case TOKEN -> select.setParameter(3, UsageBatches.stored(after.tokenId()));
      case MODEL -> select.setParameter(3, UsageBatches.stored(after.model()));
    }
  }

  private Usage usage(UsageGroup group, Object[] row) {
    int sums = row.length - 5;
    UsageCell cell =
        switch (group) {
          case NONE ->
              new UsageCell(
                  times.convertToEntityAttribute(row[0]), text(row[1]), text(row[2]), text(row[3]));
          case HOUR -> new UsageCell(times.convertToEntityAttribute(row[0]), null, null, null);
          case KEY -> new UsageCell(null, text(row[0]), null, null);
          case TOKEN -> new UsageCell(null, null, text(row[0]), null);
          case MODEL -> new UsageCell(null, null, null, text(row[0]));
        };
    return new Usage(
        cell,
        number(row[sums]),
        number(row[sums + 1]),
        number(row[sums + 2]),
        number(row[sums + 3]),
        number(row[sums + 4]));
  }

  /** Input and output tokens of each key since then. */
  @TransactionAttribute(SUPPORTS)
  public Map<String, Long> tokensSince(Instant from) {
    Map<String, Long> tokens = new HashMap<>();
    for (Object row :
        em.createNativeQuery(
                "select key_id, sum(input_tokens + output_tokens) from usage_hours"
                    + " where hour >= ?1 group by key_id")
            .setParameter(1, times.convertToDatabaseColumn(from))
            .getResultList()) {
      Object[] columns = (Object[]) row;
      tokens.put(columns[0].toString(), number(columns[1]));
    }
    return tokens;
  }

  /** Forgets what is older, and the writers that are long gone. */
  public int purge(Instant before) {
    em.createNativeQuery("delete from usage_writers where written_at < ?1")
        .setParameter(1, times.convertToDatabaseColumn(Instant.now().minus(WRITER_FORGOTTEN)))
        .executeUpdate();
    return em.createNativeQuery("delete from usage_hours where hour < ?1")
        .setParameter(1, times.convertToDatabaseColumn(before))
        .executeUpdate();
  }

  private static String text(Object stored) {
    return stored == null || stored.toString().isEmpty() ? null : stored.toString();
  }

  private static long number(Object stored) {
    return stored == null ? 0 : ((Number) stored).longValue();
  }
}
