package io.mimir.plugin.web;

import io.mimir.plugin.kit.RefusalReason;
import io.mimir.plugin.service.PluginRegistry;
import io.mimir.plugin.service.Plugins;
import io.mimir.web.Json;
import io.mimir.web.Problems;
import io.mimir.web.Sentences;
import io.mimir.web.Texts;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.EJB;
import jakarta.faces.view.ViewScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.primefaces.PrimeFaces;

/**
 * Backs {@code settings/plugins.xhtml}: the list and what a row can do. Uploads, configurations and
 * trials are done by plugins.js, through the API.
 */
@Named
@ViewScoped
public class PluginsBacking implements Serializable {

  private static final long serialVersionUID = 1L;

  @EJB transient Plugins plugins;
  @Inject PluginRegistry registry;
  @Inject Problems problems;

  private transient List<PluginRow> all;
  private transient PluginRow chosen;

  /** Those that came with the server, or those that were uploaded. */
  public record Group(String kind, List<PluginRow> plugins) {}

  @PostConstruct
  void load() {
    all =
        problems.attempt(
            () -> plugins.all().stream().map(each -> PluginRow.of(each, registry)).toList());
  }

  /** Reads the list again. */
  public void refresh() {
    load();
  }

  /** The words for the script, as the text of a JSON object. */
  public String getTexts() {
    return Json.text(Texts.below("plugin."));
  }

  /** What to do about each reason, as the text of a JSON object. */
  public String getFixes() {
    return Json.text(
        Arrays.stream(RefusalReason.values())
            .collect(
                Collectors.toMap(RefusalReason::name, reason -> Sentences.said(reason.fix()))));
  }

  public List<Group> getGroups() {
    if (all == null) {
      return List.of();
    }
    Map<Boolean, List<PluginRow>> parts =
        all.stream().collect(Collectors.partitioningBy(PluginRow::builtin));
    return Stream.of(new Group("custom", parts.get(false)), new Group("builtin", parts.get(true)))
        .filter(group -> !group.plugins().isEmpty())
        .toList();
  }

  public boolean isBroken() {
    return all == null;
  }

  /** Whether nothing was uploaded yet. */
  public boolean isNothingYet() {
    return all != null && all.stream().allMatch(PluginRow::builtin);
  }

  /** Whether the list will look different soon. */
  public boolean isMoving() {
    return all != null && all.stream().anyMatch(PluginRow::isMoving);
  }

  public PluginRow getChosen() {
    return chosen;
  }

  /** Enables a disabled plugin and the other way round. */
  public void toggle(PluginRow plugin) {
    if (problems.attemptAloud(() -> plugins.change(plugin.id(), !plugin.enabled(), null)) != null) {
      problems.done(
          plugin.enabled() ? "plugins.disabled" : "plugins.enabled", plugin.displayName());
    }
    load();
  }

  /** Starts it anew; running calls end on the old one. */
  public void reload(PluginRow plugin) {
    if (problems.attemptAloud(() -> plugins.reload(plugin.id())) != null) {
      problems.done("plugins.reloaded", plugin.displayName());
    }
    load();
  }

  /** Before a question about one plugin is asked. */
  public void choose(PluginRow plugin) {
    chosen = plugin;
  }

  /** Trusts exactly this file. */
  public void trust() {
    if (answered(() -> plugins.pin(chosen.id(), chosen.getTrustableSha256()))) {
      problems.done("plugins.trusted", chosen.displayName());
    }
    load();
  }

  public void delete() {
    if (answered(
        () -> {
          plugins.delete(chosen.id(), false);
          return true;
        })) {
      problems.done("plugins.deleted", chosen.displayName());
    }
    load();
  }

  private boolean answered(Callable<Object> deed) {
    boolean good = problems.attempt(deed) != null;
    PrimeFaces.current().ajax().addCallbackParam("done", good);
    return good;
  }
}
