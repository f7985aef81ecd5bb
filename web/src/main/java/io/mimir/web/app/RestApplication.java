package io.mimir.web.app;

import io.mimir.audit.web.AuditResource;
import io.mimir.backup.web.BackupResource;
import io.mimir.chat.web.ChatResource;
import io.mimir.chat.web.ModelsResource;
import io.mimir.chat.web.QuietEnd;
import io.mimir.credential.web.ApiKeysResource;
import io.mimir.llm.web.ProvidersResource;
import io.mimir.pipeline.web.PaletteResource;
import io.mimir.pipeline.web.PipelinesResource;
import io.mimir.pipeline.web.RunsResource;
import io.mimir.pipeline.web.TriggersResource;
import io.mimir.plugin.web.PluginsResource;
import io.mimir.plugin.web.PublishersResource;
import io.mimir.security.web.AccessTokensResource;
import io.mimir.security.web.AccountResource;
import io.mimir.security.web.SessionResource;
import io.mimir.security.web.SetupResource;
import io.mimir.security.web.UsersResource;
import io.mimir.usage.web.UsageResource;
import io.mimir.web.JsonBody;
import io.mimir.web.ProblemMapper;
import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;
import java.util.Set;

/** The API of the console. */
@ApplicationPath("/api/v1")
public class RestApplication extends Application {

  /**
   * Jersey holds the first 8 KiB of an answer back to count them, and with them the events of a
   * stream, flushed or not: {@link JsonBody} counts its own. The server's own JSON providers are as
   * good a match as ours, and which one Jersey takes is a matter of luck (both were seen): they are
   * switched off.
   */
  @Override
  public Map<String, Object> getProperties() {
    return Map.of(
        "jersey.config.server.contentLength.buffer",
        0,
        // Names the one JSON feature that may register itself: none of the server's is called so.
        "jersey.config.jsonFeature",
        "mimir",
        // An absolute Location would be made of the Host header, which is the client's own word.
        "jersey.config.server.headers.location.relative.resolution.disabled",
        true,
        // A description of the API that nobody asked for, and that is not ours.
        "jersey.config.server.wadl.disableWadl",
        true,
        "jersey.config.server.disableJsonBinding",
        true,
        "jersey.config.server.disableJsonProcessing",
        true,
        "jersey.config.server.disableMoxyJson",
        true);
  }

  /**
   * Named one by one: left to itself, the server takes the clients of the providers for resources
   * of ours.
   */
  @Override
  public Set<Class<?>> getClasses() {
    return Set.of(
        AuditResource.class,
        BackupResource.class,
        ChatResource.class,
        ModelsResource.class,
        PaletteResource.class,
        PipelinesResource.class,
        RunsResource.class,
        TriggersResource.class,
        ProvidersResource.class,
        QuietEnd.class,
        ApiKeysResource.class,
        AccountResource.class,
        SessionResource.class,
        SetupResource.class,
        PluginsResource.class,
        PublishersResource.class,
        RouteNames.class,
        AccessTokensResource.class,
        StatusResource.class,
        UsageResource.class,
        UsersResource.class,
        JsonBody.class,
        ProblemMapper.class);
  }
}
