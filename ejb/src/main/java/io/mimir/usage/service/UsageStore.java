package io.mimir.usage.service;

import static jakarta.ejb.TransactionAttributeType.REQUIRES_NEW;
import static jakarta.ejb.TransactionAttributeType.SUPPORTS;

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
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** The table of usage. In SQL, because sums that add up in the database have no entity. */
@Stateless
@PermitAll
public class UsageStore {

  /** A process that has not written for so long has ended. */
  private static final Duration WRITER_FORGOTTEN = Duration.ofDays(7);

  private static final String SUMS =
      UsageColumns.SUMS.stream()
          .map(column -> ", sum(" + column + ")")
          .collect(Collectors.joining());

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
   * Reads sums in the order of {@link UsageCell#ORDER}.
   *
   * @param after the cell that the page before ended with, or null
   * @param limit the most rows
   */
  @TransactionAttribute(SUPPORTS)
  public List<Usage> find(UsageQuery query, UsageCell after, int limit) {
    Set<UsageGroup> groups = UsageGroup.effective(query.groups());
    String columns = String.join(", ", UsageColumns.of(groups));
    List<Object> values = new ArrayList<>();
    StringBuilder sql =
        new StringBuilder("select ")
            .append(columns)
            .append(SUMS)
            .append(" from usage_hours where hour >= ")
            .append(mark(UsageColumns.stored(query.from()), values))
            .append(" and hour < ")
            .append(mark(UsageColumns.stored(query.to()), values));
    if (query.accountId() != null) {
      sql.append(" and account_id = ").append(mark(query.accountId(), values));
    }
    if (after != null) {
      sql.append(" and (").append(following(groups, after, values)).append(')');
    }
    sql.append(" group by ").append(columns);
    sql.append(" order by ").append(columns.replace("hour", "hour desc"));
    Query select = em.createNativeQuery(sql.toString()).setMaxResults(limit);
    for (int i = 0; i < values.size(); i++) {
      select.setParameter(i + 1, values.get(i));
    }
    List<Usage> found = new ArrayList<>();
    for (Object row : select.getResultList()) {
      found.add(UsageColumns.usage(groups, (Object[]) row));
    }
    return found;
  }

  private static String mark(Object value, List<Object> values) {
    values.add(value);
    return "?" + values.size();
  }

  /** What is true of rows that come after a cell: one member is beyond its, those before equal. */
  private static String following(Set<UsageGroup> groups, UsageCell after, List<Object> values) {
    List<String> ways = new ArrayList<>();
    String same = "";
    for (UsageGroup group : groups) {
      String column = UsageColumns.of(group);
      String value = mark(UsageColumns.stored(after, group), values);
      ways.add(same + column + (group == UsageGroup.HOUR ? " < " : " > ") + value);
      same += column + " = " + value + " and ";
    }
    return String.join(" or ", ways);
  }

  /** Input and output tokens of each key since then. */
  @TransactionAttribute(SUPPORTS)
  public Map<String, Long> tokensSince(Instant from) {
    Map<String, Long> tokens = new HashMap<>();
    for (Object row :
        em.createNativeQuery(
                "select key_id, sum(input_tokens + output_tokens) from usage_hours"
                    + " where hour >= ?1 group by key_id")
            .setParameter(1, UsageColumns.stored(from))
            .getResultList()) {
      Object[] columns = (Object[]) row;
      tokens.put(columns[0].toString(), UsageColumns.number(columns[1]));
    }
    return tokens;
  }

  /** Forgets what is older, and the writers that are long gone. */
  public int purge(Instant before) {
    em.createNativeQuery("delete from usage_writers where written_at < ?1")
        .setParameter(1, UsageColumns.stored(Instant.now().minus(WRITER_FORGOTTEN)))
        .executeUpdate();
    return em.createNativeQuery("delete from usage_hours where hour < ?1")
        .setParameter(1, UsageColumns.stored(before))
        .executeUpdate();
  }
}
