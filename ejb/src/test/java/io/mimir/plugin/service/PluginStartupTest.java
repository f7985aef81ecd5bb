package io.mimir.plugin.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mimir.lifecycle.service.Started;
import io.mimir.plugin.kit.manifest.Manifest;
import io.mimir.plugin.kit.manifest.ManifestException;
import io.mimir.plugin.service.builtin.Builtins;
import jakarta.ejb.EJBException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class PluginStartupTest {

  private final List<String> deeds = new ArrayList<>();

  private PluginStartup startup(int failures) {
    PluginStartup startup = new PluginStartup();
    startup.builtins =
        new Builtins() {
          @Override
          public Collection<Manifest> manifests() {
            return List.of(named("one"), named("two"));
          }
        };
    startup.loader =
        new PluginLoader() {
          private int left = failures;

          @Override
          public void keep(Manifest builtin) {
            deeds.add(builtin.name());
            if (left-- > 0) {
              throw new EJBException("There already is a row of this name");
            }
          }

          @Override
          public void load() {
            deeds.add("load");
          }
        };
    return startup;
  }

  private static Manifest named(String name) {
    String text =
        "{\"mimir_plugin\":1,\"abi\":1,\"name\":\"%s\",\"version\":\"1.0.0\",\"type\":\"ai\",\"actions\":[{\"name\":\"a\"}]}"
            .formatted(name);
    try {
      return Manifest.read(text.getBytes(StandardCharsets.UTF_8));
    } catch (ManifestException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAnotherServerHasListedFirstIsLookedAtAgain() {
    startup(1).begin(new Started());

    assertThat(deeds).containsExactly("one", "one", "two", "load");
  }

  @Test
  void aDatabaseThatTakesNothingStopsTheStart() {
    assertThatThrownBy(() -> startup(2).begin(new Started())).isInstanceOf(EJBException.class);
    assertThat(deeds).containsExactly("one", "one");
  }
}
