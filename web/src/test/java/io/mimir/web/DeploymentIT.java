package io.mimir.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mimir.web.Wire.Answer;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.importer.ZipImporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The WAR that ships, deployed to a stock Payara Micro without our launcher and its flags, as a
 * company with servers of its own would do it.
 */
@ExtendWith(ArquillianExtension.class)
class DeploymentIT {

  private static final Path DATA = Path.of(System.getProperty("arquillian.data"));

  @ArquillianResource URL base;

  @Deployment(testable = false)
  static WebArchive war() throws IOException {
    forgetTheLastRun();
    return ShrinkWrap.create(ZipImporter.class, "ROOT.war")
        .importFrom(new File("target/mimir.war"))
        .as(WebArchive.class);
  }

  private static void forgetTheLastRun() throws IOException {
    if (Files.isDirectory(DATA)) {
      try (Stream<Path> all = Files.walk(DATA)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Test
  void isReadyAndAsksWhoComes() throws Exception {
    Wire anyone = Wire.anonymous(base.toURI());

    assertThat(anyone.get("/health/ready").status()).isEqualTo(200);
    assertThat(anyone.get("/api/v1/settings/api-keys").status()).isEqualTo(401);
    assertThat(anyone.get("/login").http().body()).contains("signin");
  }

  @Test
  void isSetUpAndKeepsAKey() throws Exception {
    Wire anyone = Wire.anonymous(base.toURI());
    String token =
        URI.create(Files.readString(DATA.resolve("setup-link")).strip()).getFragment().substring(6);
    Answer made =
        anyone.post(
            "/api/v1/setup",
            "{\"token\":\"%s\",\"username\":\"ada\",\"password\":\"correct horse battery\"}"
                .formatted(token));
    assertThat(made.status()).as(made.http().body()).isEqualTo(201);

    Wire ada = anyone.as("ada", "correct horse battery");
    Answer stored =
        ada.post(
            "/api/v1/settings/api-keys",
            "{\"provider\":\"openai\",\"name\":\"First\",\"key_value\":\"sk-stock-0123456789\"}");

    assertThat(stored.status()).as(stored.http().body()).isEqualTo(201);
    assertThat(ada.get("/api/v1/settings/api-keys").http().body())
        .contains("First")
        .doesNotContain("sk-stock-0123456789");
  }
}
