package io.mimir.chat.web;

import static jakarta.ws.rs.core.MediaType.APPLICATION_JSON;

import io.mimir.chat.service.Chat;
import io.mimir.llm.Provider;
import io.mimir.security.web.Caller;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.util.List;

/** What the active keys can reach. */
@Path("models")
@RequestScoped
@Produces(APPLICATION_JSON)
public class ModelsResource {

  @EJB Chat chat;
  @Inject Caller caller;

  /** What a client sees of a model. */
  public record ModelView(String id, Provider provider, String label, int keyCount) {}

  @GET
  public List<ModelView> list() {
    return chat.models(caller.identity()).stream()
        .map(m -> new ModelView(m.id(), m.provider(), m.label(), m.keyCount()))
        .toList();
  }
}
