package io.mimir.usage.web;

import io.mimir.security.service.AccessTokenNames;
import io.mimir.security.service.AccountNames;
import io.mimir.security.service.Identity;
import io.mimir.security.web.Caller;
import io.mimir.usage.UsageCell;
import io.mimir.usage.UsageGroup;
import io.mimir.usage.service.KeyNames;
import io.mimir.usage.service.Usages;
import io.mimir.web.Texts;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The names of what usage is grouped by, for the caller of this request. */
@RequestScoped
public class UsageLabels {

  private static final List<UsageGroup> OF_ALL =
      List.of(
          UsageGroup.HOUR,
          UsageGroup.KEY,
          UsageGroup.TOKEN,
          UsageGroup.MODEL,
          UsageGroup.CLIENT,
          UsageGroup.ACCOUNT);

  /** Whose keys are used is no business of people who see their own usage only. */
  private static final List<UsageGroup> OF_OWN =
      List.of(UsageGroup.HOUR, UsageGroup.TOKEN, UsageGroup.MODEL, UsageGroup.CLIENT);

  @EJB KeyNames keyNames;
  @EJB AccessTokenNames tokenNames;
  @EJB AccountNames accountNames;
  @Inject Caller caller;

  private final Map<UsageGroup, Map<String, String>> names = new EnumMap<>(UsageGroup.class);

  /** Returns whose usage is shown. */
  Identity caller() {
    return caller.identity();
  }

  boolean seesAll() {
    return Usages.seesAll(caller.identity());
  }

  /** Returns the groups that the page offers. */
  List<UsageGroup> groups() {
    return seesAll() ? OF_ALL : OF_OWN;
  }

  /** Returns the name of a cell's member: of any group but the hour. */
  String name(UsageGroup group, UsageCell cell) {
    String id = cell.text(group);
    return id == null
        ? Texts.of("usage." + group.wire() + ".none")
        : names.computeIfAbsent(group, this::all).getOrDefault(id, id);
  }

  private Map<String, String> all(UsageGroup group) {
    return switch (group) {
      case KEY -> keyNames.all();
      case TOKEN -> seesAll() ? tokenNames.all() : tokenNames.of(caller.identity().accountId());
      case ACCOUNT -> accountNames.all();
      default -> Map.of();
    };
  }
}
